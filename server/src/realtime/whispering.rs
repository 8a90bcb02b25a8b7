//! What this process tells others on the same database of who is there and who types, and what it hears of them.

use super::hub::Hub;
use domain::{
    Env, Result,
    whispers::{self, Here, Whisper},
};
use futures::{Stream, StreamExt};
use model::{AccountId, ConversationId, Timestamp};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use uuid::Uuid;

/// How often to look whether there is something to say or something lapsed; so often others are told at most.
const EVERY: Duration = Duration::from_secs(5);
/// How often to say who is there though nothing changed, well within [`whispers::LAPSES`].
const SAY_AGAIN: Duration = Duration::from_secs(20);
/// How often others are told that the same person types in the same place.
const TYPING_EVERY: Duration = Duration::from_secs(3);
const LISTEN_AGAIN: Duration = Duration::from_secs(2);

/// What is told between processes; nothing, where there is only one.
pub enum Whispering {
    /// This process is the only one.
    Alone,
    /// There may be others.
    AmongOthers(Others),
}

/// The others.
pub struct Others {
    /// What this process is called.
    process: Uuid,
    /// Who is here changed since it was last said.
    is_news: AtomicBool,
    /// Who is there with each of the others, and when they said so.
    elsewhere: Mutex<HashMap<Uuid, (BTreeSet<AccountId>, Timestamp)>>,
    typed: Mutex<HashMap<(ConversationId, AccountId), Instant>>,
}

impl Whispering {
    /// Alone, or among others.
    pub fn new(env: &Env, among_others: bool) -> Self {
        if !among_others {
            return Self::Alone;
        }
        Self::AmongOthers(Others {
            process: env.new_id(),
            is_news: AtomicBool::new(true),
            elsewhere: Mutex::default(),
            typed: Mutex::default(),
        })
    }

    /// Who is here changed.
    pub fn note(&self) {
        if let Self::AmongOthers(others) = self {
            others.is_news.store(true, Ordering::Relaxed);
        }
    }

    /// Whether somebody is there with another process.
    pub fn is_elsewhere(&self, account: AccountId) -> bool {
        match self {
            Self::Alone => false,
            Self::AmongOthers(others) => others.lock().values().any(|(people, _)| people.contains(&account)),
        }
    }

    /// Tells the others that somebody types, now and then.
    ///
    /// # Errors
    /// Only when the database can't be asked.
    pub async fn typing(&self, env: &Env, conversation: ConversationId, account: AccountId) -> Result<()> {
        let Self::AmongOthers(others) = self else {
            return Ok(());
        };
        if others.may_say_typing(conversation, account) {
            whispers::say_typing(env, others.process, conversation, account).await?;
        }
        Ok(())
    }

    /// Tells and hears, for ever.
    pub async fn keep(&self, hub: &Hub) {
        let Self::AmongOthers(others) = self else {
            return;
        };
        loop {
            let outcome = match whispers::listen(hub.env()).await {
                Ok(heard) => others.follow(hub, heard).await,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "lost what other processes say; listening again");
            }
            sleep(LISTEN_AGAIN).await;
        }
    }

    /// Tells the others that nobody is here any more.
    pub async fn say_goodbye(&self, env: &Env) {
        if let Self::AmongOthers(others) = self
            && let Err(error) = whispers::say_goodbye(env, others.process).await
        {
            tracing::warn!(%error, "could not say that this process ends");
        }
    }
}

impl Others {
    async fn follow(&self, hub: &Hub, mut heard: impl Stream<Item = Whisper> + Unpin) -> Result<()> {
        for here in whispers::all_here(hub.env()).await? {
            self.hear(hub, here);
        }
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said = None;
        loop {
            tokio::select! {
                whisper = heard.next() => match whisper {
                    None | Some(Whisper::Lost) => return Ok(()),
                    Some(Whisper::Here(here)) => self.hear(hub, here),
                    Some(Whisper::Typing { process, conversation, account }) => {
                        if process != self.process {
                            // Who is no longer in it types in vain.
                            let _ = hub.presence().tell_typing(hub, account, conversation).await;
                        }
                    }
                },
                _ = ticks.tick() => {
                    let due = said.is_none_or(|at: Instant| at.elapsed() >= SAY_AGAIN);
                    if self.is_news.swap(false, Ordering::Relaxed) || due {
                        whispers::say_here(hub.env(), self.process, &hub.everybody()).await?;
                        said = Some(Instant::now());
                    }
                    if due {
                        whispers::sweep(hub.env()).await?;
                    }
                    self.lapse(hub);
                }
            }
        }
    }

    /// Notes who is there with another process, and tells who came and went.
    fn hear(&self, hub: &Hub, here: Here) {
        if here.process == self.process {
            return;
        }
        let people: BTreeSet<AccountId> = here.people.into_iter().collect();
        let before = if people.is_empty() {
            self.lock().remove(&here.process)
        } else {
            let at = hub.env().now();
            self.lock().insert(here.process, (people.clone(), at))
        };
        let before = before.map(|(people, _)| people).unwrap_or_default();
        let differ: Vec<AccountId> = people.symmetric_difference(&before).copied().collect();
        hub.presence().elsewhere(hub, differ);
    }

    /// Forgets what others said long ago: they are no more.
    fn lapse(&self, hub: &Hub) {
        let since = hub.env().now().plus(-whispers::LAPSES);
        let mut gone = Vec::new();
        self.lock().retain(|_, (people, at)| {
            let lives = *at >= since;
            if !lives {
                gone.extend(people.iter().copied());
            }
            lives
        });
        hub.presence().elsewhere(hub, gone);
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        typed.retain(|_, at| at.elapsed() < TYPING_EVERY);
    }

    fn may_say_typing(&self, conversation: ConversationId, account: AccountId) -> bool {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        let last = typed.get(&(conversation, account));
        if last.is_some_and(|at| at.elapsed() < TYPING_EVERY) {
            return false;
        }
        typed.insert((conversation, account), Instant::now());
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, (BTreeSet<AccountId>, Timestamp)>> {
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::{listen, presence::Presence};
    use axum::extract::ws::Utf8Bytes;
    use domain::{Actor, conversations, fixtures};
    use model::{
        SessionId,
        command::OpenConversation,
        samples::{ADA, GRACE},
    };
    use tokio::{sync::mpsc::Receiver, time::timeout};
    use tokio_util::sync::CancellationToken;

    /// One of several processes on a database.
    async fn process(env: &Env, stop: &CancellationToken) -> Hub {
        let hub = Hub::with(env.clone(), Presence::with(true, Whispering::new(env, true)));
        tokio::spawn(listen(hub.clone(), stop.clone()));
        // A process tells once that it is there: then it listens.
        let said = async {
            while whispers::all_here(env).await.expect("asks").is_empty() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(20), said).await.expect("listens");
        hub
    }

    async fn next(frames: &mut Receiver<Utf8Bytes>, kind: &str) -> serde_json::Value {
        loop {
            let text = timeout(Duration::from_secs(20), frames.recv())
                .await
                .expect("in time")
                .expect("a frame");
            let frame: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    async fn opened(env: &Env) -> (Actor, Actor, ConversationId) {
        let ada = fixtures::actor(env, ADA).await;
        let grace = fixtures::actor(env, GRACE).await;
        let opened = conversations::open_conversation(env, &ada, OpenConversation::direct("grace")).await;
        (ada, grace, opened.expect("opens").conversation.id)
    }

    #[tokio::test]
    async fn two_processes_on_one_database_tell_each_other_who_is_there_and_who_types() {
        let (env, _) = fixtures::env().await;
        let (ada, grace, id) = opened(&env).await;
        let stop = CancellationToken::new();
        let (here, there) = (process(&env, &stop).await, process(&env, &stop).await);
        let mut hers = here.join(ada.id(), ada.session);
        let seat = here.seats_of([ada.id()])[0].1.clone();
        here.presence().watch(&here, &seat, vec![id]).await.expect("watches");
        assert_eq!(next(&mut hers.frames, "presence").await["state"], "offline");
        let graces = there.join(grace.id(), SessionId(env.new_id()));
        let came = next(&mut hers.frames, "presence").await;
        assert_eq!(
            (&came["state"], &came["user"]),
            (&"online".into(), &serde_json::json!(grace.id()))
        );
        there.presence().typing(&there, grace.id(), id).await.expect("types");
        assert_eq!(
            next(&mut hers.frames, "typing").await["conversation"],
            serde_json::json!(id)
        );
        drop(graces);
        assert_eq!(next(&mut hers.frames, "presence").await["state"], "offline");
        stop.cancel();
    }

    #[tokio::test]
    async fn who_types_is_told_to_others_now_and_then_and_a_process_alone_writes_nothing() {
        let (env, _) = fixtures::env().await;
        let (ada, _, id) = opened(&env).await;
        let Whispering::AmongOthers(others) = Whispering::new(&env, true) else {
            panic!("there are others");
        };
        assert!(others.may_say_typing(id, ada.id()));
        assert!(!others.may_say_typing(id, ada.id()));
        let hub = Hub::new(env.clone());
        let mut heard = whispers::listen(&env).await.expect("listens");
        hub.presence().typing(&hub, ada.id(), id).await.expect("types");
        let silence = timeout(Duration::from_millis(200), heard.next()).await;
        assert!(silence.is_err(), "{silence:?}");
    }
}
