//! Take somebody's name out of the letters that others have, before their account goes. A letter never changes but for this:
//! each copy gets one more revision, in which the person is nobody, and devices take it over when they replicate.

use super::{
    commit::{Guards, commit},
    head::find_head,
    list_changes::documents_in,
    pending::Pending,
    store,
};
use crate::{Env, Result};
use model::{
    AccountId, Code, Person, limits,
    mailbox::{Document, Kind, Letter},
};
use std::collections::{BTreeMap, BTreeSet};
use sync::mailbox::{Decision, Incoming, Mode, seal, write};
use uuid::Uuid;

/// Places of the list of changes that are looked at together.
const WINDOW: u64 = 100;
/// How often a window is begun anew because somebody else was first.
const ROUNDS: usize = 100;

/// Makes somebody nobody in all letters that they sent or got, wherever there is a copy but in their own mailbox, which is
/// about to be deleted. Returns how far that had come; nothing when there is none.
///
/// # Errors
/// `busy` when others do not stop writing; and when the database can't be asked.
pub(crate) async fn forget_person(env: &Env, account: Uuid) -> Result<Option<u64>> {
    let Some(head) = find_head(env, account).await? else {
        return Ok(None);
    };
    let mut from = 1;
    while from <= head.seq {
        let to = from.saturating_add(WINDOW);
        let ids = documents_in(env, account, from, to).await?;
        let letters: Vec<String> = ids
            .into_iter()
            .filter(|id| Kind::of(id) == Some(Kind::Letter))
            .collect();
        if !letters.is_empty() {
            forget_in(env, account, &letters).await?;
        }
        from = to;
    }
    Ok(Some(head.seq))
}

async fn forget_in(env: &Env, account: Uuid, letters: &[String]) -> Result<()> {
    for _ in 0..ROUNDS {
        let held = others(env, account, letters).await?;
        let _turns = env.mailboxes.of_all(held.keys().copied()).await;
        let mut boxes = Vec::new();
        for (owner, ids) in held {
            let Some(head) = find_head(env, owner).await? else {
                continue;
            };
            let mut pending = Pending::read(env, owner, head, ids.iter().map(String::as_str).collect()).await?;
            forget_in_mailbox(env, account, &mut pending, &ids).await?;
            boxes.push(pending);
        }
        if !boxes.iter().any(Pending::is_changed) || commit(env, boxes, Guards::default()).await? {
            return Ok(());
        }
    }
    Err(Code::Busy.into())
}

/// Who else has copies of these letters, and of which.
async fn others(env: &Env, account: Uuid, letters: &[String]) -> Result<BTreeMap<Uuid, BTreeSet<String>>> {
    let stored = store::documents(env, account, letters.iter().map(String::as_str).collect()).await?;
    let winners = stored
        .iter()
        .filter_map(|(id, stored)| Some((id.as_str(), stored.tree.winner()?)));
    let bodies = store::bodies(env, account, winners.collect()).await?;
    let mut held: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for ((id, _), body) in bodies {
        let Some(Document::Letter(letter)) = Document::from_body(&body.fields) else {
            continue;
        };
        let people = letter.to.iter().chain([&letter.from]).map(|person| person.id.uuid());
        for person in people.filter(|person| *person != account && !person.is_nil()) {
            held.entry(person).or_default().insert(id.clone());
        }
    }
    Ok(held)
}

async fn forget_in_mailbox(env: &Env, account: Uuid, pending: &mut Pending, ids: &BTreeSet<String>) -> Result<()> {
    for id in ids {
        let tree = pending.tree(id);
        let Some(winner) = tree.winner().filter(|winner| !tree.is_tombstone(winner)) else {
            continue;
        };
        let mut found = store::bodies(env, pending.mailbox(), vec![(id.as_str(), winner)]).await?;
        let Some(body) = found.remove(&(id.clone(), winner.clone())) else {
            continue;
        };
        let Some(Document::Letter(letter)) = Document::from_body(&body.fields) else {
            continue;
        };
        let nameless = without(letter.clone(), account.into());
        if nameless == letter {
            continue;
        }
        let mut incoming = Incoming {
            id: id.clone(),
            rev: Some(winner.clone()),
            body: Document::Letter(nameless).to_body(),
            ..Incoming::default()
        };
        let secret = &env.mailbox_site.secret;
        seal(secret, pending.mailbox().into(), id, &mut incoming.body);
        if let Decision::Store(mut decided) = write(&tree, &incoming, Mode::Edit, limits::REVISIONS_MAX) {
            // The name is in what was there before: it goes at once, and not when the mailbox is compacted.
            decided.forget.extend(decided.tree.compact());
            let body = store::Body {
                fields: incoming.body,
                stubs: body.stubs,
            };
            pending.take(id, *decided, body, BTreeMap::new());
        }
    }
    Ok(())
}

fn without(letter: Letter, account: AccountId) -> Letter {
    let nobody = |person: Person| match person.id == account {
        true => Person {
            id: AccountId(Uuid::nil()),
            username: String::new(),
            display_name: "Somebody who left".into(),
        },
        false => person,
    };
    Letter {
        from: nobody(letter.from),
        to: letter.to.into_iter().map(nobody).collect(),
        ..letter
    }
}
