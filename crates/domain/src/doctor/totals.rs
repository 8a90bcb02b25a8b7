//! How much there is in all: what belongs to no conversation is seen by being too much.

use super::examine::Seen;
use crate::{Env, Result, db::vars};
use model::admin::Finding;
use surrealdb::types::SurrealValue;

const COUNT: &str = "
    RETURN {
        messages: (SELECT count() FROM message GROUP ALL)[0].count ?? 0,
        memberships: (SELECT count() FROM membership GROUP ALL)[0].count ?? 0,
        changes: (SELECT count() FROM message_change GROUP ALL)[0].count ?? 0,
        pairs: (SELECT count() FROM direct GROUP ALL)[0].count ?? 0,
        sent: (SELECT count() FROM sent GROUP ALL)[0].count ?? 0,
    };";

/// Rows of the tables.
#[derive(Debug, PartialEq, Eq, SurrealValue)]
pub struct Totals {
    messages: u64,
    memberships: u64,
    changes: u64,
    pairs: u64,
    sent: u64,
}

/// Counts the rows.
pub async fn count(env: &Env) -> Result<Totals> {
    let totals: Option<Totals> = env.db.find(COUNT, vars! {}).await?;
    totals.ok_or_else(|| crate::Error::Broken {
        doing: "counting rows",
        source: "the database said nothing".into(),
    })
}

/// Compares them with what was seen in the conversations.
pub fn compare(totals: &Totals, seen: &mut Seen) {
    let diagnosis = &seen.diagnosis;
    let sums = [
        ("messages", totals.messages, diagnosis.messages),
        ("memberships", totals.memberships, diagnosis.memberships),
        ("changes of messages", totals.changes, seen.changes),
        ("pairs", totals.pairs, seen.pairs),
        ("names of sent messages", totals.sent, seen.sent),
    ];
    for (what, there, belong) in sums.into_iter().filter(|(_, there, belong)| there > belong) {
        seen.tell(Finding {
            check: "stray".into(),
            conversation: None,
            what: format!("There are {there} {what}, but only {belong} belong to a conversation."),
        });
    }
}
