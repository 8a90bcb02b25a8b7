//! One conversation: its head, its members and their markers.

use super::{examine::Notes, log, unread};
use crate::{Env, Result, db::vars};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

const STATE: &str = "
    SELECT kind, last_seq, rev ?? 0 AS rev, members,
        (SELECT VALUE seq FROM ONLY type::record('message_index', $conversation)) ?? 0 AS indexed,
        (SELECT VALUE record::id(id)[1] FROM message_reword:[$conversation]..[$conversation, $last]) AS reworded,
        (SELECT account, role, read_seq, joined_seq ?? 0 AS joined, cleared_seq ?? 0 AS cleared, archived_seq ?? 0 AS archived,
            conversation AS place, record::id(id) AS ids
            FROM membership:[$conversation]..[$conversation, $last]) AS people
    FROM ONLY type::record('conversation', $conversation)";
const PAIR: &str = "SELECT VALUE conversation FROM ONLY type::record('direct', [$a, $b])";

/// What a conversation is like at one moment.
#[derive(Clone, Debug, PartialEq, SurrealValue)]
pub struct State {
    kind: String,
    pub last_seq: u64,
    pub rev: u64,
    members: Option<u64>,
    /// How far the words are noted.
    pub indexed: u64,
    /// Messages whose words are not noted again yet.
    pub reworded: Vec<u64>,
    pub people: Vec<Person>,
}

/// Somebody in it.
#[derive(Clone, Debug, PartialEq, SurrealValue)]
pub struct Person {
    pub account: Uuid,
    role: Option<String>,
    pub read_seq: u64,
    joined: u64,
    cleared: u64,
    archived: u64,
    place: Uuid,
    ids: (Uuid, Uuid),
}

impl Person {
    /// They see what comes after it.
    pub fn floor(&self) -> u64 {
        self.joined.max(self.cleared)
    }
}

/// What a conversation is like; nothing when there is none.
pub async fn state(env: &Env, id: Uuid) -> Result<Option<State>> {
    env.db.find(STATE, vars! { conversation: id, last: Uuid::max() }).await
}

/// Looks at one conversation, and says what is wrong.
pub async fn look(env: &Env, id: Uuid, state: &State) -> Result<Notes> {
    let mut notes = Notes {
        memberships: state.people.len() as u64,
        ..Notes::default()
    };
    look_at_people(id, state, &mut notes);
    if state.kind == "direct" {
        look_at_pair(env, id, state, &mut notes).await?;
    }
    let mut counts = unread::Counts::of(env, &state.people).await?;
    log::look(env, id, state, &mut counts, &mut notes).await?;
    counts.compare(env, id, &mut notes).await?;
    Ok(notes)
}

fn look_at_people(id: Uuid, state: &State, notes: &mut Notes) {
    let there = state.people.len() as u64;
    if state.kind == "group" {
        if state.members != Some(there) {
            let said = state.members.unwrap_or_default();
            notes.find("members", id, format!("{there} people are in it, but it says {said}."));
        }
        if !state
            .people
            .iter()
            .any(|person| person.role.as_deref() == Some("owner"))
        {
            notes.find("owner", id, "Nobody owns it.");
        }
    } else if there > 2 {
        notes.find("pair", id, format!("It is a direct one, but {there} people are in it."));
    }
    if state.indexed > state.last_seq {
        notes.find(
            "words",
            id,
            format!(
                "Words are noted up to {}, but there are only {}.",
                state.indexed, state.last_seq
            ),
        );
    }
    for person in &state.people {
        let who = person.account;
        if person.ids != (id, who) || person.place != id {
            notes.find(
                "membership",
                id,
                format!("The membership of {who} does not say what its id says."),
            );
        }
        for (name, seq) in [
            ("has read", person.read_seq),
            ("joined", person.joined),
            ("deleted it for themselves", person.cleared),
            ("archived it", person.archived),
        ] {
            if seq > state.last_seq {
                let what = format!("{who} {name} at message {seq}, but there are only {}.", state.last_seq);
                notes.find("marker", id, what);
            }
        }
    }
}

/// Two people have one conversation, and find it by both their ids.
async fn look_at_pair(env: &Env, id: Uuid, state: &State, notes: &mut Notes) -> Result<()> {
    let [one, other] = state.people.as_slice() else {
        return Ok(());
    };
    notes.pairs += 1;
    let (a, b) = (one.account.min(other.account), one.account.max(other.account));
    let found: Option<Uuid> = env.db.find(PAIR, vars! { a: a, b: b }).await?;
    if found != Some(id) {
        notes.find("pair", id, format!("{a} and {b} do not find it by their ids."));
    }
    Ok(())
}
