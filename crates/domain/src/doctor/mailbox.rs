//! One mailbox: its head, its places, and that each document's tree, place and bodies tell the same.

use super::{examine::Seen, letters};
use crate::{
    Env, Result,
    db::vars,
    mailbox::{keys, store},
};
use model::admin::Finding;
use std::collections::BTreeMap;
use surrealdb::types::{RecordId, SurrealValue};
use sync::mailbox::Rev;
use uuid::Uuid;

/// Mailboxes that are listed in one go, and places that are read in one go.
const PAGE: i64 = 500;
const WINDOW: u64 = 500;
/// How often a mailbox is looked at again that changed meanwhile.
const TRIES: usize = 5;

const MAILBOXES: &str = "SELECT VALUE record::id(id) FROM mailbox ORDER BY id ASC LIMIT $limit START $start";
const STATE: &str = "
    SELECT seq, tidied, live, dead, type::record('account', $mailbox).exists() AS is_owned,
        (SELECT count() FROM document:[$mailbox]..[$mailbox, $last] GROUP ALL)[0].count ?? 0 AS documents,
        (SELECT count() FROM document_change:[$mailbox]..[$mailbox, $last] GROUP ALL)[0].count ?? 0 AS places
    FROM ONLY type::record('mailbox', $mailbox)";
const PLACES: &str = "
    SELECT record::id(id)[1] AS seq, doc, deleted, leaves FROM document_change:[$mailbox, $from]..[$mailbox, $to]";
const WINNERS: &str = "SELECT record::id(id)[1] AS doc, winner, deleted FROM $ids WHERE id != NONE";

#[derive(Clone, Debug, PartialEq, SurrealValue)]
struct State {
    seq: u64,
    tidied: u64,
    live: u64,
    dead: u64,
    is_owned: bool,
    documents: u64,
    places: u64,
}

#[derive(SurrealValue)]
struct Place {
    seq: u64,
    doc: String,
    deleted: bool,
    leaves: Vec<String>,
}

#[derive(SurrealValue)]
struct Winner {
    doc: String,
    winner: String,
    deleted: bool,
}

/// What is wrong with a mailbox, and how many documents it has.
#[derive(Default)]
struct Notes {
    documents: u64,
    findings: Vec<String>,
}

/// Looks at every mailbox.
pub async fn look_at_all(env: &Env, seen: &mut Seen) -> Result<()> {
    let mut start = 0;
    loop {
        let ids: Vec<Uuid> = env.db.list(MAILBOXES, vars! { limit: PAGE, start: start }).await?;
        for id in &ids {
            match settled(env, *id).await? {
                Some(notes) => take(*id, notes, seen),
                None => seen.restless += 1,
            }
        }
        start += PAGE;
        if (ids.len() as i64) < PAGE {
            return Ok(());
        }
    }
}

fn take(id: Uuid, notes: Notes, seen: &mut Seen) {
    seen.diagnosis.mailboxes += 1;
    seen.diagnosis.documents += notes.documents;
    for what in notes.findings {
        seen.tell(Finding {
            check: "mailbox".into(),
            conversation: None,
            what: format!("The mailbox {id}: {what}"),
        });
    }
}

async fn state(env: &Env, id: Uuid) -> Result<Option<State>> {
    env.db.find(STATE, vars! { mailbox: id, last: Uuid::max() }).await
}

/// One mailbox, as it is at one moment; nothing when it does not hold still.
async fn settled(env: &Env, id: Uuid) -> Result<Option<Notes>> {
    for _ in 0..TRIES {
        let before = state(env, id).await?;
        let notes = match &before {
            Some(state) => look(env, id, state).await?,
            None => return Ok(Some(Notes::default())),
        };
        if notes.findings.is_empty() || state(env, id).await? == before {
            return Ok(Some(notes));
        }
    }
    Ok(None)
}

async fn look(env: &Env, id: Uuid, state: &State) -> Result<Notes> {
    let mut notes = Notes::default();
    let (mut live, mut dead, mut from) = (0, 0, 0);
    while from <= state.seq {
        let to = from.saturating_add(WINDOW);
        let binds = vars! { mailbox: id, from: from, to: to.min(state.seq.saturating_add(1)) };
        let places: Vec<Place> = env.db.list(PLACES, binds).await?;
        dead += places.iter().filter(|place| place.deleted).count() as u64;
        live += places.iter().filter(|place| !place.deleted).count() as u64;
        look_at_places(env, id, &places, &mut notes).await?;
        from = to;
    }
    notes.documents = live + dead;
    for (what, is, said) in [
        ("documents that are not deleted", live, state.live),
        ("deleted documents", dead, state.dead),
        (
            "documents with a place up to its head",
            notes.documents,
            state.documents,
        ),
        ("places up to its head", notes.documents, state.places),
    ] {
        if is != said {
            notes
                .findings
                .push(format!("There are {is} {what}, but it has {said}."));
        }
    }
    notes.findings.extend(letters::look(env, id, state.seq).await?);
    // Databases of the laboratory have ids of another version than accounts.
    if !state.is_owned && id.get_version_num() == 7 {
        notes.findings.push("It belongs to nobody.".into());
    }
    Ok(notes)
}

async fn look_at_places(env: &Env, id: Uuid, places: &[Place], notes: &mut Notes) -> Result<()> {
    let names = || places.iter().map(|place| place.doc.as_str());
    let stored = store::documents(env, id, names().collect()).await?;
    let ids: Vec<RecordId> = names().map(|doc| keys::document(id, doc)).collect();
    let winners: Vec<Winner> = env.db.list(WINNERS, vars! { ids: ids }).await?;
    let winners: BTreeMap<&str, &Winner> = winners.iter().map(|row| (row.doc.as_str(), row)).collect();
    let held = stored.iter().flat_map(|(doc, stored)| {
        stored
            .tree
            .revs()
            .filter(|rev| stored.tree.has_body(rev))
            .map(move |rev| (doc.as_str(), rev))
    });
    let held: Vec<(&str, &Rev)> = held.collect();
    let bodies = store::stubs(env, id, held.clone()).await?;
    for (doc, rev) in held {
        if !bodies.contains_key(&(doc.to_owned(), rev.clone())) {
            notes
                .findings
                .push(format!("{doc}: the revision {rev} has lost its body."));
        }
    }
    for place in places {
        let doc = &place.doc;
        let (Some(stored), Some(winner)) = (stored.get(doc), winners.get(doc.as_str())) else {
            notes.findings.push(format!("{doc}: it has a place, but is not there."));
            continue;
        };
        if stored.seq != place.seq {
            notes.findings.push(format!(
                "{doc}: its last change is {}, but it stands at {}.",
                stored.seq, place.seq
            ));
        }
        let leaves: Vec<String> = stored.tree.leaves().into_iter().map(Rev::to_string).collect();
        let is_deleted = stored.tree.is_deleted();
        if leaves != place.leaves || is_deleted != place.deleted {
            notes
                .findings
                .push(format!("{doc}: its place does not tell of its leaves."));
        }
        if leaves.first() != Some(&winner.winner) || winner.deleted != is_deleted {
            notes
                .findings
                .push(format!("{doc}: another revision than {} wins.", winner.winner));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{
        db::vars,
        doctor::examine,
        fixtures,
        mailbox::testing::{Owner, order, put},
    };

    /// What is damaged; `$m` is Ada's mailbox.
    const DAMAGES: &[&str] = &[
        "UPDATE type::record('mailbox', $m) SET seq -= 1",
        "UPDATE type::record('mailbox', $m) SET live += 1",
        "UPDATE type::record('mailbox', $m) SET live -= 1, dead += 1",
        "DELETE type::record('document_change', [$m, 1])",
        "UPDATE type::record('document_change', [$m, 1]) SET doc = 'elsewhere'",
        "UPDATE type::record('document_change', [$m, 1]) SET leaves = ['1-x']",
        "UPDATE type::record('document_change', [$m, 1]) SET deleted = true",
        "UPDATE document SET seq += 1 WHERE record::id(id)[0] = $m",
        "UPDATE document SET winner = '9-x' WHERE record::id(id)[0] = $m",
        "UPDATE document SET tree = '1:x' WHERE record::id(id)[0] = $m",
        "DELETE document WHERE record::id(id)[0] = $m AND record::id(id)[1] < 'm'",
        "DELETE document_body WHERE record::id(id)[0] = $m AND record::id(id)[1] < 'm'",
        "DELETE type::record('account', $m)",
    ];

    #[tokio::test]
    async fn every_broken_promise_of_a_mailbox_is_found_and_a_whole_one_is_well() {
        for damage in [None].into_iter().chain(DAMAGES.iter().copied().map(Some)) {
            let (env, _) = fixtures::env().await;
            let (ada, _) = Owner::two(&env).await;
            put(&env, &ada.mailbox, order(&env, &["grace"], "Notes")).await;
            if let Some(damage) = damage {
                env.db.read(damage, vars! { m: ada.mailbox.id() }).await.expect(damage);
            }
            let diagnosis = examine(&env).await.expect("looks");
            let found = diagnosis
                .findings
                .iter()
                .filter(|finding| finding.check == "mailbox")
                .count();
            assert_eq!(found > 0, damage.is_some(), "{damage:?}: {:?}", diagnosis.findings);
            assert_eq!(diagnosis.mailboxes, 2);
        }
    }
}
