//! Where somebody may look.

use crate::{Env, Result, accounts::people, db::vars};
use chrono::{DateTime, Utc};
use model::{AccountId, Code, ConversationId};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// What a statement selects of a membership to make a [`Place`].
macro_rules! place_fields {
    () => {
        "conversation, math::max([joined_seq ?? 0, cleared_seq ?? 0]) AS floor,
        (SELECT kind, title, last_seq, updated_at FROM ONLY type::record('conversation', $parent.conversation)) AS about,
        (SELECT VALUE seq FROM ONLY type::record('message_index', $parent.conversation)) ?? 0 AS indexed"
    };
}

pub const ALL: &str = concat!("SELECT ", place_fields!(), " FROM membership WHERE account = $me");
const ONE: &str = concat!(
    "SELECT ",
    place_fields!(),
    " FROM ONLY type::record('membership', [$conversation, $me])"
);
/// The other one of conversations of two.
const OTHERS: &str = "
    SELECT c, (SELECT VALUE account FROM membership:[$parent.c]..[$parent.c, $last] WHERE account != $me)[0] AS other
    FROM $conversations";
const BLOCKED: &str = "SELECT VALUE record::id(id)[1] FROM block:[$me]..[$me, $last]";

/// A conversation that somebody is in, as far as a search needs it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Place {
    conversation: Uuid,
    /// They see what comes after it.
    pub floor: u64,
    about: About,
    /// How far its log is indexed.
    pub indexed: u64,
}

#[derive(Clone, Debug, SurrealValue)]
struct About {
    kind: String,
    title: Option<String>,
    last_seq: u64,
    updated_at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct Two {
    c: Uuid,
}

#[derive(SurrealValue)]
struct Other {
    c: Uuid,
    other: Option<Uuid>,
}

impl Place {
    pub const fn conversation(&self) -> Uuid {
        self.conversation
    }

    pub const fn last_seq(&self) -> u64 {
        self.about.last_seq
    }

    /// Nothing in it is newer.
    pub const fn updated_at(&self) -> DateTime<Utc> {
        self.about.updated_at
    }
}

/// Everywhere that somebody may look, or in one conversation; where something was written last comes first.
///
/// # Errors
/// `not_found` when they are not in that conversation.
pub async fn places(env: &Env, me: AccountId, only: Option<ConversationId>) -> Result<Vec<Place>> {
    let mut places: Vec<Place> = match only {
        None => env.db.list(ALL, vars! { me: me.uuid() }).await?,
        Some(id) => {
            let binds = vars! { me: me.uuid(), conversation: id.uuid() };
            let place: Option<Place> = env.db.find(ONE, binds).await?;
            vec![place.ok_or(Code::NotFound)?]
        }
    };
    places.retain(|place| place.about.last_seq > place.floor);
    places.sort_by_key(|place| std::cmp::Reverse((place.about.updated_at, place.conversation)));
    Ok(places)
}

/// What these conversations are called.
pub async fn titles(env: &Env, me: AccountId, places: &[&Place]) -> Result<Vec<String>> {
    let two = places.iter().filter(|place| place.about.kind == "direct");
    let two: Vec<Two> = two.map(|place| Two { c: place.conversation }).collect();
    let binds = vars! { me: me.uuid(), last: Uuid::max(), conversations: two };
    let others: Vec<Other> = env.db.list(OTHERS, binds).await?;
    let people = people(env, others.iter().filter_map(|other| other.other).collect()).await?;
    let title = |place: &&Place| {
        let other = others.iter().find(|other| other.c == place.conversation);
        let person = other
            .and_then(|other| other.other)
            .and_then(|id| people.get(&id.into()));
        let group = place.about.title.clone().filter(|_| place.about.kind == "group");
        let name = group.or_else(|| person.map(|person| person.display_name.clone()));
        name.unwrap_or_else(|| "Somebody who left".into())
    };
    Ok(places.iter().map(title).collect())
}

/// Whom somebody blocks.
pub async fn blocked(env: &Env, me: AccountId) -> Result<Vec<Uuid>> {
    env.db.list(BLOCKED, vars! { me: me.uuid(), last: Uuid::max() }).await
}
