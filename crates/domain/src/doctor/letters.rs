//! The lists of one mailbox: that they tell what the documents say.

use crate::{
    Env, Result,
    db::vars,
    mailbox::{
        catalogue::{Catalogue, Entry, Place},
        catalogue_rows::{self, LetterRow},
        fill_catalogue::{Gathered, gather},
        keys,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::{RecordId, SurrealValue};
use uuid::Uuid;

/// Places of the list of changes that are read in one go.
const WINDOW: u64 = 500;

const LETTERS: &str = "SELECT id, sent_at, thread, words FROM $ids WHERE id != NONE";
const THREADS: &str = "SELECT VALUE id FROM $ids WHERE id != NONE";
const TOTALS: &str = "
    RETURN {
        letters: (SELECT count() FROM letter:[$mailbox]..[$mailbox, $last] GROUP ALL)[0].count ?? 0,
        threads: (SELECT count() FROM letter_thread:[$mailbox]..[$mailbox, $last] GROUP ALL)[0].count ?? 0,
        sheets: (SELECT count() FROM letter_sheet:[$mailbox]..[$mailbox, $last] GROUP ALL)[0].count ?? 0,
    };";

#[derive(SurrealValue)]
struct Totals {
    letters: u64,
    threads: u64,
    sheets: u64,
}

/// What is wrong with the lists of a mailbox that has come so far. A mailbox without any gets them when they are first needed.
pub async fn look(env: &Env, mailbox: Uuid, seq: u64) -> Result<Vec<String>> {
    let Some(catalogue) = catalogue_rows::catalogues(env, &[mailbox]).await?.remove(&mailbox) else {
        return Ok(Vec::new());
    };
    let mut findings = Vec::new();
    let mut gathered = Gathered::default();
    let mut from = 1;
    while from <= seq {
        let to = from.saturating_add(WINDOW);
        let letters = gather(env, mailbox, from..to.min(seq + 1), &mut gathered).await?;
        let (letters, threads): (Vec<_>, Vec<_>) = letters.into_iter().unzip();
        let threads = threads.iter().map(|row| row.id().clone()).collect();
        look_at_letters(env, letters, threads, &mut findings).await?;
        from = to;
    }
    look_at_sheets(env, mailbox, &catalogue, &gathered, &mut findings).await?;
    let binds = vars! { mailbox: mailbox, last: keys::LAST };
    let totals: Option<Totals> = env.db.find(TOTALS, binds).await?;
    let totals = totals.map_or_else(Vec::new, |totals| vec![totals.letters, totals.threads, totals.sheets]);
    let letters = gathered.places.len() as u64;
    if totals != [letters, letters, catalogue.sheets.len() as u64] {
        findings.push("There are rows of letters, threads or sheets that belong to none.".into());
    }
    for (what, is, said) in [
        ("drafts", gathered.drafts, catalogue.drafts),
        ("orders that wait", gathered.outbox(), catalogue.outbox),
    ] {
        if is != said {
            findings.push(format!("There are {is} {what}, but its lists say {said}."));
        }
    }
    Ok(findings)
}

async fn look_at_letters(
    env: &Env,
    expected: Vec<LetterRow>,
    threads: Vec<RecordId>,
    findings: &mut Vec<String>,
) -> Result<()> {
    let ids: Vec<RecordId> = expected.iter().map(|row| row.id.clone()).collect();
    let there: Vec<LetterRow> = env.db.list(LETTERS, vars! { ids: ids }).await?;
    let in_threads: Vec<RecordId> = env.db.list(THREADS, vars! { ids: threads.clone() }).await?;
    let there: BTreeMap<String, LetterRow> = there.into_iter().map(|row| (format!("{:?}", row.id), row)).collect();
    let wrong = expected.iter().filter(|row| {
        let found = there.get(&format!("{:?}", row.id));
        !found.is_some_and(|found| found == *row)
    });
    let wrong = wrong.count();
    if wrong > 0 {
        findings.push(format!(
            "Of {wrong} letters, the lists have other words, another day, or nothing."
        ));
    }
    if in_threads.len() != threads.len() {
        findings.push("There are letters that are not in their thread.".into());
    }
    Ok(())
}

async fn look_at_sheets(
    env: &Env,
    mailbox: Uuid,
    catalogue: &Catalogue,
    gathered: &Gathered,
    findings: &mut Vec<String>,
) -> Result<()> {
    let wanted: BTreeSet<(Uuid, u64)> = catalogue.sheets.iter().map(|sheet| (mailbox, sheet.n)).collect();
    let sheets = catalogue_rows::sheets(env, wanted)
        .await?
        .remove(&mailbox)
        .unwrap_or_default();
    let ordered = catalogue.sheets.iter().filter_map(|sheet| sheets.get(&sheet.n));
    let is_told = ordered
        .clone()
        .zip(&catalogue.sheets)
        .all(|(entries, sheet)| sheet.tells(entries));
    let entries: Vec<&Entry> = ordered.flatten().collect();
    let expected = gathered.entries();
    if !is_told || entries.len() as u64 != catalogue.letters() {
        findings.push("Its catalogue does not tell what is on its sheets.".into());
    }
    if !entries.iter().copied().eq(&expected) {
        let places: BTreeSet<Place> = entries.iter().map(|entry| entry.place).collect();
        let missing = expected.iter().filter(|entry| !places.contains(&entry.place)).count();
        findings.push(format!(
            "Its lists do not tell how its letters stand; {missing} are not listed."
        ));
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
    use serde_json::json;

    /// What is damaged; `$m` is Ada's mailbox.
    const DAMAGES: &[&str] = &[
        "UPDATE type::record('letter_catalogue', $m) SET drafts += 1",
        "UPDATE type::record('letter_catalogue', $m) SET outbox += 1",
        "UPDATE type::record('letter_catalogue', $m) SET sheets = string::replace(sheets, '\"sent\":1', '\"sent\":2')",
        "UPDATE type::record('letter_catalogue', $m) SET sheets = '[]'",
        "UPDATE letter_sheet SET letters = string::replace(letters, 'false', 'true') WHERE record::id(id)[0] = $m",
        "DELETE letter_sheet WHERE record::id(id)[0] = $m",
        "UPDATE letter SET words = '' WHERE record::id(id)[0] = $m",
        "UPDATE letter SET sent_at += 1 WHERE record::id(id)[0] = $m",
        "UPDATE letter SET thread = '' WHERE record::id(id)[0] = $m",
        "DELETE letter WHERE record::id(id)[0] = $m",
        "DELETE letter_thread WHERE record::id(id)[0] = $m",
        "CREATE type::record('letter', [$m, rand::uuid()]) SET sent_at = 1, thread = '', words = ''",
        "CREATE type::record('letter_thread', [$m, '', rand::uuid()])",
        "CREATE type::record('letter_sheet', [$m, 9]) SET letters = '[]'",
    ];

    #[tokio::test]
    async fn every_list_that_says_something_else_than_the_documents_is_found() {
        for damage in [None].into_iter().chain(DAMAGES.iter().copied().map(Some)) {
            let (env, _) = fixtures::env().await;
            let (ada, _) = Owner::two(&env).await;
            put(&env, &ada.mailbox, order(&env, &["grace"], "Notes")).await;
            let draft = json!({
                "_id": format!("d:{}", env.new_id()), "type": "draft", "to": [], "subject": "", "body": "",
                "updated_at": env.now(),
            });
            put(&env, &ada.mailbox, draft).await;
            if let Some(damage) = damage {
                env.db.read(damage, vars! { m: ada.mailbox.id() }).await.expect(damage);
            }
            let findings = examine(&env).await.expect("looks").findings;
            assert_eq!(!findings.is_empty(), damage.is_some(), "{damage:?}: {findings:?}");
        }
    }
}
