//! Who is there, and who types: told to those who want to know and may. Nothing of it is kept: while one process serves
//! everybody, nothing is written; see [`domain::whispers`] for what several processes tell each other.
//!
//! One watches conversations, and hears of the people in them: of those who let it be seen, to those who let themselves be
//! seen, in conversations of few, and never across a block.

use super::{
    hub::{Hub, Seat},
    whispering::Whispering,
};
use domain::{Env, Result, conversations};
use model::{
    AccountId, Code, ConversationId, Rejection, limits,
    realtime::{PresenceState, ServerFrame},
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Who leaves is there for so long: a page that is loaded anew is no absence.
const LINGERS: Duration = Duration::from_secs(5);

/// Who is there, and who wants to know.
pub struct Presence {
    is_on: bool,
    state: Mutex<State>,
    /// Somebody's watch has to be looked at anew.
    work: Notify,
    whispering: Whispering,
}

#[derive(Default)]
struct State {
    /// Who left a moment ago, and when.
    leaving: HashMap<AccountId, Instant>,
    watches: HashMap<u64, Watch>,
    by_conversation: HashMap<ConversationId, HashSet<u64>>,
    by_person: HashMap<AccountId, HashSet<u64>>,
    stale: BTreeSet<u64>,
}

/// What one listener watches.
struct Watch {
    seat: Arc<Seat>,
    conversations: Vec<ConversationId>,
    /// Of whom they are told, and whether they believe them to be there.
    told: HashMap<AccountId, bool>,
}

impl Presence {
    /// Nobody is there yet.
    pub fn new(env: &Env, is_on: bool) -> Self {
        Self::with(is_on, Whispering::new(env, is_on && env.db.is_shared()))
    }

    pub(super) fn with(is_on: bool, whispering: Whispering) -> Self {
        Self {
            is_on,
            state: Mutex::default(),
            work: Notify::new(),
            whispering,
        }
    }

    /// What other processes are told, and tell.
    pub const fn whispering(&self) -> &Whispering {
        &self.whispering
    }

    /// Whether somebody is there, on any device, with any process.
    fn is_there(&self, hub: &Hub, state: &State, account: AccountId) -> bool {
        state.leaving.contains_key(&account) || hub.anybody(&[account]) || self.whispering.is_elsewhere(account)
    }

    /// Somebody took their first seat.
    pub fn came(&self, hub: &Hub, account: AccountId) {
        if self.is_on {
            self.whispering.note();
            let mut state = self.lock();
            state.leaving.remove(&account);
            self.tell(hub, &mut state, account);
        }
    }

    /// Somebody gave their last seat up.
    pub fn went(&self, account: AccountId) {
        if self.is_on {
            self.whispering.note();
            self.lock().leaving.insert(account, Instant::now());
        }
    }

    /// Tells those who watch somebody whether they are there, where that is new to them.
    fn tell(&self, hub: &Hub, state: &mut State, account: AccountId) {
        let Some(watching) = state.by_person.get(&account).cloned() else {
            return;
        };
        let there = self.is_there(hub, state, account);
        for number in watching {
            if let Some(watch) = state.watches.get_mut(&number)
                && let Some(told) = watch.told.get_mut(&account)
                && std::mem::replace(told, there) != there
            {
                watch.seat.say(&frame(account, there));
            }
        }
    }

    /// Tells what became of these people elsewhere.
    pub fn elsewhere(&self, hub: &Hub, people: impl IntoIterator<Item = AccountId>) {
        let mut state = self.lock();
        for account in people {
            self.tell(hub, &mut state, account);
        }
    }

    /// A listener's seat was given up.
    pub fn forget_seat(&self, number: u64) {
        if self.is_on {
            self.lock().forget(number);
        }
    }

    /// From now on a listener watches these conversations, instead of those before.
    ///
    /// # Errors
    /// `invalid` when they are too many.
    pub async fn watch(&self, hub: &Hub, seat: &Arc<Seat>, watched: Vec<ConversationId>) -> Result<()> {
        if watched.len() > limits::WATCH_MAX {
            let why = format!("At most {} conversations can be watched.", limits::WATCH_MAX);
            return Err(Rejection::field("conversations", why).into());
        }
        if !self.is_on {
            return Ok(());
        }
        {
            let mut state = self.lock();
            let before = state.forget(seat.number);
            for conversation in &watched {
                state
                    .by_conversation
                    .entry(*conversation)
                    .or_default()
                    .insert(seat.number);
            }
            let mut told = HashMap::new();
            if let Some(before) = before {
                for account in before.told.keys() {
                    state.by_person.entry(*account).or_default().insert(seat.number);
                }
                told = before.told;
            }
            let watch = Watch {
                seat: Arc::clone(seat),
                conversations: watched,
                told,
            };
            state.watches.insert(seat.number, watch);
        }
        self.refresh(hub, seat.number).await
    }

    /// Who is in these conversations, or what they let be seen, changed.
    pub fn changed(&self, conversations: impl IntoIterator<Item = ConversationId>) {
        let mut state = self.lock();
        let State {
            by_conversation, stale, ..
        } = &mut *state;
        for conversation in conversations {
            stale.extend(by_conversation.get(&conversation).into_iter().flatten());
        }
        self.work.notify_one();
    }

    /// Between these people there is a block, or no longer.
    pub fn parted(&self, people: [AccountId; 2]) {
        let mut state = self.lock();
        let theirs = |watch: &&Watch| people.contains(&watch.seat.account);
        let stale: Vec<u64> = state
            .watches
            .values()
            .filter(theirs)
            .map(|watch| watch.seat.number)
            .collect();
        state.stale.extend(stale);
        self.work.notify_one();
    }

    /// Looks anew at whom a listener may be told of, and tells what is new.
    async fn refresh(&self, hub: &Hub, number: u64) -> Result<()> {
        let (me, conversations) = match self.lock().watches.get(&number) {
            Some(watch) => (watch.seat.account, watch.conversations.clone()),
            None => return Ok(()),
        };
        let people = visible(hub, me, &conversations).await?;
        let mut state = self.lock();
        let now: HashMap<AccountId, bool> = people
            .into_iter()
            .map(|account| (account, self.is_there(hub, &state, account)))
            .collect();
        let Some(watch) = state.watches.get_mut(&number) else {
            return Ok(());
        };
        // Another watch was set meanwhile, and looks for itself.
        if watch.conversations != conversations {
            return Ok(());
        }
        let before = std::mem::replace(&mut watch.told, now.clone());
        let seat = Arc::clone(&watch.seat);
        for (account, there) in &now {
            if before.get(account) != Some(there) {
                seat.say(&frame(*account, *there));
            }
            state.by_person.entry(*account).or_default().insert(number);
        }
        for (account, there) in before {
            if !now.contains_key(&account) {
                state.unlink(account, number);
                if there {
                    seat.say(&frame(account, false));
                }
            }
        }
        Ok(())
    }

    /// Does what is due, for ever.
    pub async fn keep(&self, hub: &Hub) {
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = self.work.notified() => {}
                _ = ticks.tick() => self.let_go(hub),
            }
            let stale = std::mem::take(&mut self.lock().stale);
            for number in stale {
                if let Err(error) = self.refresh(hub, number).await {
                    tracing::warn!(%error, "could not find out who may be told of whom");
                }
            }
        }
    }

    /// Those who left a while ago are gone.
    fn let_go(&self, hub: &Hub) {
        let mut state = self.lock();
        let gone = |(account, since): (&AccountId, &Instant)| (since.elapsed() >= LINGERS).then_some(*account);
        let gone: Vec<AccountId> = state.leaving.iter().filter_map(gone).collect();
        for account in gone {
            state.leaving.remove(&account);
            self.tell(hub, &mut state, account);
        }
    }

    /// Somebody types: the others hear of it, where they and whoever types let themselves be seen.
    ///
    /// # Errors
    /// `not_found` when they are not in the conversation.
    pub async fn typing(&self, hub: &Hub, account: AccountId, conversation: ConversationId) -> Result<()> {
        if self.tell_typing(hub, account, conversation).await? {
            self.whispering.typing(hub.env(), conversation, account).await?;
        }
        Ok(())
    }

    /// Tells the listeners of this process that somebody types; whether that is anybody's to know.
    pub(super) async fn tell_typing(
        &self,
        hub: &Hub,
        account: AccountId,
        conversation: ConversationId,
    ) -> Result<bool> {
        let audience = hub.audience(conversation).await?;
        let mine = audience.listener(account).ok_or(Code::NotFound)?;
        if !(self.is_on && mine.shows && audience.is_intimate()) {
            return Ok(false);
        }
        let others = audience
            .listeners
            .iter()
            .filter(|one| one.shows && one.account != account)
            .map(|one| one.account);
        let frame = ServerFrame::Typing {
            conversation,
            user: account,
        };
        hub.send(&others.collect::<Vec<_>>(), &frame);
        Ok(true)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, number: u64) -> Option<Watch> {
        self.stale.remove(&number);
        let watch = self.watches.remove(&number)?;
        for account in watch.told.keys() {
            self.unlink(*account, number);
        }
        for conversation in &watch.conversations {
            if let Some(watching) = self.by_conversation.get_mut(conversation) {
                watching.remove(&number);
                if watching.is_empty() {
                    self.by_conversation.remove(conversation);
                }
            }
        }
        Some(watch)
    }

    fn unlink(&mut self, account: AccountId, number: u64) {
        if let Some(watching) = self.by_person.get_mut(&account) {
            watching.remove(&number);
            if watching.is_empty() {
                self.by_person.remove(&account);
            }
        }
    }
}

const fn frame(user: AccountId, there: bool) -> ServerFrame {
    ServerFrame::Presence {
        user,
        state: if there {
            PresenceState::Online
        } else {
            PresenceState::Offline
        },
    }
}

/// Of whom somebody may be told in these conversations.
async fn visible(hub: &Hub, me: AccountId, conversations: &[ConversationId]) -> Result<BTreeSet<AccountId>> {
    let mut people = BTreeSet::new();
    for conversation in conversations {
        let audience = hub.audience(*conversation).await?;
        if audience.is_intimate() && audience.listener(me).is_some_and(|mine| mine.shows) {
            let others = audience.listeners.iter().filter(|one| one.shows && one.account != me);
            people.extend(others.map(|one| one.account));
        }
    }
    if !people.is_empty() {
        for apart in conversations::blocks_between(hub.env(), me).await? {
            people.remove(&apart);
        }
    }
    Ok(people)
}
