//! What is unread, counted by reading everything, and compared with what people are told.

use super::{conversation::Person, examine::Notes, log::Kept};
use crate::{Actor, Env, Error, Result, conversations::get_conversation, db::vars};
use model::{Account, AccountId, Code, Role, SessionId, Timestamp, limits};
use std::collections::{HashMap, HashSet};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

const BLOCKED: &str = "
    SELECT account, (SELECT VALUE record::id(id)[1] FROM block:[$parent.account]..[$parent.account, $last]) AS blocked FROM $people";

#[derive(SurrealValue)]
struct Blocker {
    account: Uuid,
}

#[derive(SurrealValue)]
struct Block {
    account: Uuid,
    blocked: Vec<Uuid>,
}

/// What one member should be told.
struct Count {
    account: Uuid,
    /// Unread are messages after it.
    after: u64,
    blocked: HashSet<Uuid>,
    unread: u64,
    mentions: u64,
}

/// What all members should be told.
pub struct Counts(Vec<Count>);

impl Counts {
    /// Begins at nothing.
    pub async fn of(env: &Env, people: &[Person]) -> Result<Self> {
        let blockers = people.iter().map(|person| Blocker {
            account: person.account,
        });
        let blockers: Vec<Blocker> = blockers.collect();
        let binds = vars! { people: blockers, last: Uuid::max() };
        let blocks: Vec<Block> = env.db.list(BLOCKED, binds).await?;
        let mut blocked: HashMap<Uuid, HashSet<Uuid>> = blocks
            .into_iter()
            .map(|block| (block.account, block.blocked.into_iter().collect()))
            .collect();
        let count = |person: &Person| Count {
            account: person.account,
            after: person.read_seq.max(person.floor()),
            blocked: blocked.remove(&person.account).unwrap_or_default(),
            unread: 0,
            mentions: 0,
        };
        Ok(Self(people.iter().map(count).collect()))
    }

    /// Looks at the next message of the log, for everybody: unread are, of the first thousand after their marker, those of
    /// others, whom they do not block, that are not deleted and no events.
    pub fn count(&mut self, message: &Kept) {
        if message.deleted || message.event {
            return;
        }
        for count in &mut self.0 {
            let counted = count.after + 1..count.after + 1 + limits::UNREAD_MAX;
            if counted.contains(&message.seq)
                && message.author != count.account
                && !count.blocked.contains(&message.author)
            {
                count.unread += 1;
                count.mentions += u64::from(message.mentions.contains(&count.account));
            }
        }
    }

    /// Asks what everybody is told: the same that stands in their lists.
    pub async fn compare(self, env: &Env, id: Uuid, notes: &mut Notes) -> Result<()> {
        for count in self.0 {
            let told = match get_conversation(env, &somebody(env.now(), count.account), id.into()).await {
                Ok(conversation) => (conversation.unread, conversation.mentions),
                // They left meanwhile; then the whole conversation is looked at again.
                Err(Error::Rejected(rejection)) if rejection.code == Code::NotFound => (0, 0),
                Err(error) => return Err(error),
            };
            if told != (count.unread, count.mentions) {
                let what = format!(
                    "{} is told of {} unread and {} mentions, but the log has {} and {}.",
                    count.account, told.0, told.1, count.unread, count.mentions
                );
                notes.find("unread", id, what);
            }
        }
        Ok(())
    }
}

/// Somebody who asks for their own; nothing but the id is looked at.
fn somebody(now: Timestamp, id: Uuid) -> Actor {
    Actor {
        account: Account {
            id: AccountId(id),
            username: String::new(),
            display_name: String::new(),
            email: None,
            role: Role::User,
            created_at: now,
            disabled_at: None,
            preferences: None,
        },
        session: SessionId(Uuid::nil()),
    }
}
