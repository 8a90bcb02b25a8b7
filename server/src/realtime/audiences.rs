//! To whom conversations are told, remembered for as long as somebody follows the database's changes.

use domain::{Env, Result, conversations, conversations::Audience};
use model::{AccountId, ConversationId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Audiences that are remembered; beyond, all are forgotten and read anew.
const ROOM: usize = 20_000;

/// What is remembered.
#[derive(Default)]
pub struct Audiences(Mutex<State>);

#[derive(Default)]
struct State {
    known: HashMap<ConversationId, Arc<Audience>>,
    /// How often something was forgotten: what was read before that may be old.
    turn: u64,
    /// Whether somebody forgets what changes. Until then nothing is remembered.
    followed: bool,
}

/// What a change of a membership was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The read marker moved.
    pub read: bool,
    /// How the member keeps the conversation changed.
    pub kept: bool,
}

impl Audiences {
    /// To whom a conversation is told.
    pub async fn of(&self, env: &Env, conversation: ConversationId) -> Result<Arc<Audience>> {
        let turn = {
            let state = self.lock();
            if let Some(known) = state.known.get(&conversation) {
                return Ok(Arc::clone(known));
            }
            state.turn
        };
        let audience = Arc::new(conversations::audience(env, conversation).await?);
        let mut state = self.lock();
        if state.followed && state.turn == turn {
            if state.known.len() >= ROOM {
                state.known.clear();
            }
            state.known.insert(conversation, Arc::clone(&audience));
        }
        Ok(audience)
    }

    /// Begins anew; from now on somebody follows the changes, or nobody does.
    pub fn follow(&self, followed: bool) {
        let mut state = self.lock();
        state.known.clear();
        state.turn += 1;
        state.followed = followed;
    }

    /// Forgets one.
    pub fn forget(&self, conversation: ConversationId) {
        let mut state = self.lock();
        state.known.remove(&conversation);
        state.turn += 1;
    }

    /// Forgets all that somebody is in, and names them.
    pub fn forget_with(&self, account: AccountId) -> Vec<ConversationId> {
        let mut state = self.lock();
        state.turn += 1;
        let with = |(conversation, audience): (&ConversationId, &Arc<Audience>)| {
            audience.listener(account).map(|_| *conversation)
        };
        let found: Vec<ConversationId> = state.known.iter().filter_map(with).collect();
        for conversation in &found {
            state.known.remove(conversation);
        }
        found
    }

    /// Notes a membership as it is now. Of one that was not known, anything may have changed.
    pub fn note(&self, conversation: ConversationId, account: AccountId, read_seq: u64, version: u64) -> Noted {
        let mut state = self.lock();
        let known = state.known.get_mut(&conversation).map(Arc::make_mut);
        let Some(listener) = known.and_then(|audience| audience.listener_mut(account)) else {
            return Noted {
                read: true,
                kept: version > 0,
            };
        };
        let noted = Noted {
            read: read_seq > listener.read_seq,
            kept: version != listener.version,
        };
        listener.read_seq = read_seq;
        if noted.kept {
            state.known.remove(&conversation);
            state.turn += 1;
        }
        noted
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
