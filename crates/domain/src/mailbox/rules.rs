//! Whether a document may be as it is: its size anywhere, and what its owner may write where letters are.

use super::{Mailbox, Rules, attached::Settled, fault::Fault, store};
use crate::{Env, Result};
use model::{
    limits,
    mailbox::{Before, Blob, Kind, Proposal, check_write},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use sync::mailbox::{Incoming, is_sealed};

/// Whether this may be written.
///
/// # Errors
/// The outer one only when the database can't be asked.
pub async fn check(
    env: &Env,
    mailbox: &Mailbox,
    incoming: &Incoming,
    settled: &Settled,
    before: Before,
) -> Result<Result<(), Fault>> {
    if size(&incoming.body) > limits::DOCUMENT_MAX_BYTES {
        return Ok(Err(Fault::DocumentTooLarge(incoming.id.clone().into())));
    }
    if mailbox.rules() == Rules::Free {
        return Ok(Ok(()));
    }
    let hashes = match Kind::of(&incoming.id) {
        Some(Kind::Attachment) => hashes(env, mailbox, &incoming.id, settled).await?,
        _ => HashMap::new(),
    };
    let nothing = String::new();
    let blobs: Vec<Blob<'_>> = settled
        .stubs
        .iter()
        .map(|(name, stub)| Blob {
            name,
            sha256: hashes.get(&stub.digest).unwrap_or(&nothing),
            bytes: usize::try_from(stub.length).unwrap_or(usize::MAX),
        })
        .collect();
    let sealed = matches!(Kind::of(&incoming.id), Some(Kind::Letter | Kind::Receipt))
        && is_sealed(
            &env.mailbox_site.secret,
            mailbox.id().into(),
            &incoming.id,
            &incoming.body,
        );
    let proposal = Proposal {
        id: &incoming.id,
        deleted: incoming.deleted,
        body: &incoming.body,
        blobs: &blobs,
        before,
        sealed,
    };
    Ok(check_write(&proposal).map_err(Fault::Forbidden))
}

/// How long the body is as text.
fn size(body: &serde_json::Map<String, Value>) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, body) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

/// The SHA-256 of a file's bytes, by the digest that the protocol has of them.
async fn hashes(env: &Env, mailbox: &Mailbox, id: &str, settled: &Settled) -> Result<HashMap<String, String>> {
    let missing = settled
        .stubs
        .values()
        .map(|stub| &stub.digest)
        .filter(|digest| !settled.bytes.contains_key(*digest));
    let missing: BTreeSet<(String, String)> = missing.map(|digest| (id.to_owned(), digest.clone())).collect();
    let kept = store::attachments(env, mailbox.id(), missing).await?;
    let kept = kept.iter().map(|((_, digest), bytes)| (digest, bytes));
    let hex = |bytes: &Vec<u8>| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(settled
        .bytes
        .iter()
        .chain(kept)
        .map(|(digest, bytes)| (digest.clone(), hex(bytes)))
        .collect())
}
