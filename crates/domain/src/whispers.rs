//! What is worth telling at the moment and nothing later: who is there, and who types.
//!
//! An embedded database has one process, which knows all that by itself and writes nothing. Several processes on one
//! database tell each other by rows that lapse: one for each process that says who is there with it, and one for whoever
//! types in a conversation. Each is written every few seconds at most, whatever people do.

use crate::{Env, Result, changes::live, db::vars};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, StreamExt, stream};
use model::{AccountId, ConversationId};
use surrealdb::types::{Action, SurrealValue};
use uuid::Uuid;

/// For how long what a process said of who is there is believed.
pub const LAPSES: TimeDelta = TimeDelta::seconds(60);

const HERE: &str = "UPSERT type::record('here', $process) SET people = $people, at = $now; RETURN true;";
const LEAVE: &str = "DELETE type::record('here', $process); RETURN true;";
const OTHERS: &str = "SELECT record::id(id) AS process, people, at FROM here WHERE at > $since";
const TYPING: &str = "
    UPSERT type::record('typing', [$conversation, $me])
        SET conversation = $conversation, account = $me, process = $process, at = $now;
    RETURN true;";
const SWEEP: &str = "DELETE here WHERE at < $since; DELETE typing WHERE at < $since; RETURN true;";
const WATCH_HERE: &str = "LIVE SELECT record::id(id) AS process, people, at FROM here";
const WATCH_TYPING: &str = "LIVE SELECT conversation, account, process FROM typing";

/// Something another process said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whisper {
    /// Who is there with it.
    Here(Here),
    /// Somebody types.
    Typing {
        /// With which process.
        process: Uuid,
        /// Where.
        conversation: ConversationId,
        /// Who.
        account: AccountId,
    },
    /// The database hung up; listen anew.
    Lost,
}

/// Who is there with one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// The process.
    pub process: Uuid,
    /// They; nobody when it left.
    pub people: Vec<AccountId>,
    /// When it said so.
    pub at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct HereRow {
    process: Uuid,
    people: Vec<Uuid>,
    at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct TypingRow {
    conversation: Uuid,
    account: Uuid,
    process: Uuid,
}

impl From<HereRow> for Here {
    fn from(row: HereRow) -> Self {
        Self {
            process: row.process,
            people: row.people.into_iter().map(AccountId).collect(),
            at: row.at,
        }
    }
}

/// Says who is there with this process.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn say_here(env: &Env, process: Uuid, people: &[AccountId]) -> Result<()> {
    let people: Vec<Uuid> = people.iter().map(|account| account.uuid()).collect();
    let binds = vars! { process: process, people: people, now: env.now().datetime() };
    env.db.transact::<bool>(HERE, binds).await?;
    Ok(())
}

/// Says that this process ends.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn say_goodbye(env: &Env, process: Uuid) -> Result<()> {
    env.db.transact::<bool>(LEAVE, vars! { process: process }).await?;
    Ok(())
}

/// Says that somebody types.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn say_typing(env: &Env, process: Uuid, conversation: ConversationId, account: AccountId) -> Result<()> {
    let binds = vars! {
        process: process,
        conversation: conversation.uuid(),
        me: account.uuid(),
        now: env.now().datetime(),
    };
    env.db.transact::<bool>(TYPING, binds).await?;
    Ok(())
}

/// Who is there with each process, by what was said lately.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn all_here(env: &Env) -> Result<Vec<Here>> {
    let since = env.now().plus(-LAPSES).datetime();
    let rows: Vec<HereRow> = env.db.list(OTHERS, vars! { since: since }).await?;
    Ok(rows.into_iter().map(Here::from).collect())
}

/// Clears away what has lapsed.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn sweep(env: &Env) -> Result<()> {
    let since = env.now().plus(-LAPSES).datetime();
    env.db.transact::<bool>(SWEEP, vars! { since: since }).await?;
    Ok(())
}

/// Listens from now on. The stream ends with [`Whisper::Lost`].
///
/// # Errors
/// Only when the database can't be asked.
pub async fn listen(env: &Env) -> Result<impl Stream<Item = Whisper> + Send + Unpin + use<>> {
    let here = live::<HereRow>(env, WATCH_HERE).await?.map(|(action, row)| {
        let mut here = Here::from(row);
        if action == Action::Delete {
            here.people.clear();
        }
        Whisper::Here(here)
    });
    let typing = live::<TypingRow>(env, WATCH_TYPING)
        .await?
        .filter_map(|(action, row)| async move {
            (action != Action::Delete).then(|| Whisper::Typing {
                process: row.process,
                conversation: row.conversation.into(),
                account: row.account.into(),
            })
        });
    let lost = || stream::once(async { Whisper::Lost });
    Ok(stream::select_all([
        here.chain(lost()).boxed(),
        typing.chain(lost()).boxed(),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[tokio::test]
    async fn what_a_process_says_is_heard_and_lapses() {
        let (env, clock) = fixtures::env().await;
        let (process, ada) = (env.new_id(), AccountId(env.new_id()));
        let mut heard = listen(&env).await.expect("listens");
        say_here(&env, process, &[ada]).await.expect("says");
        let Some(Whisper::Here(here)) = heard.next().await else {
            panic!("nothing was heard");
        };
        assert_eq!((here.process, here.people.as_slice()), (process, &[ada][..]));
        let conversation = ConversationId(env.new_id());
        say_typing(&env, process, conversation, ada).await.expect("says");
        let typing = Whisper::Typing {
            process,
            conversation,
            account: ada,
        };
        assert_eq!(heard.next().await, Some(typing));
        assert_eq!(all_here(&env).await.expect("asks").len(), 1);
        clock.advance_s(61);
        assert!(all_here(&env).await.expect("asks").is_empty());
        sweep(&env).await.expect("sweeps");
        let Some(Whisper::Here(here)) = heard.next().await else {
            panic!("nothing was heard");
        };
        assert!(here.people.is_empty(), "who has lapsed is gone");
    }
}
