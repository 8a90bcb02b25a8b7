//! From wake-ups to frames. One task per process listens to the database's changes and feeds the hub.

use super::{
    frames::Batch,
    hub::Hub,
    usher::{Errand, Usher},
};
use domain::{
    Result,
    changes::{self, Change},
    conversations::{self, Audience, Stored, Written},
    mailbox::{self, Arrived},
};
use futures::{FutureExt, Stream, StreamExt};
use model::{AccountId, ConversationId, Message, Timestamp, realtime::ServerFrame};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// How often to look without being woken: live queries are hints, and hints can be lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How much further back each look goes than the last one, for clocks of other processes that differ.
const OVERLAP: chrono::TimeDelta = chrono::TimeDelta::seconds(30);
/// How long to wait before listening again after the database hung up.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// Messages read at once.
const BATCH: u64 = 200;
/// Wake-ups that are taken together, so that a log that grew often is read once.
const BURST: usize = 512;
/// Conversations whose heads are remembered; beyond, all are forgotten and read anew.
const REMEMBERED: usize = 50_000;

/// Feeds the hub until told to stop.
pub async fn follow(hub: Hub, stop: CancellationToken) {
    let mut feed = Feed::new(hub);
    while !stop.is_cancelled() {
        let outcome = match changes::watch(feed.hub.env()).await {
            Ok(changes) => {
                feed.hub.audiences().follow(true);
                stop.run_until_cancelled(feed.follow(changes)).await.unwrap_or(Ok(()))
            }
            Err(error) => Err(error),
        };
        feed.hub.audiences().follow(false);
        if let Err(error) = outcome {
            tracing::warn!(%error, "lost the database's changes; listening again");
        }
        stop.run_until_cancelled(sleep(LISTEN_AGAIN)).await;
    }
}

struct Feed {
    hub: Hub,
    usher: Usher,
    /// Messages older than this were there before anybody could listen.
    since: Timestamp,
    looked_at: Timestamp,
    heads: HashMap<ConversationId, Passed>,
    /// The write of the newest letter that was told of, by mailbox.
    letters: HashMap<AccountId, u64>,
}

/// How much of a conversation was passed on.
#[derive(Clone, Copy)]
struct Passed {
    /// The last message.
    seq: u64,
    /// The last change; nothing as long as nobody said how far they have come.
    rev: Option<u64>,
}

/// What is to be passed on of a conversation.
#[derive(Default)]
struct News {
    /// Its messages, as this process wrote them.
    written: Vec<Arc<Written>>,
    /// How far it has come, as far as that is known.
    seq: u64,
    rev: u64,
    /// The first message of which a wake-up told.
    first: Option<u64>,
}

impl Feed {
    fn new(hub: Hub) -> Self {
        let now = hub.env().now();
        Self {
            usher: Usher::new(hub.clone()),
            hub,
            since: now,
            looked_at: now,
            heads: HashMap::new(),
            letters: HashMap::new(),
        }
    }

    /// Follows the changes until the database hangs up.
    async fn follow(&mut self, mut changes: impl Stream<Item = Change> + Unpin) -> Result<()> {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                change = changes.next() => {
                    let mut next = change;
                    let mut news = BTreeMap::new();
                    for _ in 0..BURST {
                        match next {
                            None | Some(Change::Lost) => return Ok(()),
                            Some(change) => self.take(change, &mut news).await?,
                        }
                        match changes.next().now_or_never() {
                            Some(more) => next = more,
                            None => break,
                        }
                    }
                    for (conversation, news) in news {
                        self.pass_on(conversation, news).await?;
                    }
                }
                _ = looks.tick() => self.look().await?,
            }
        }
    }

    async fn take(&mut self, change: Change, news: &mut BTreeMap<ConversationId, News>) -> Result<()> {
        match change {
            Change::Log { conversation, seq, rev } => {
                let news = news.entry(conversation).or_default();
                (news.seq, news.rev) = (news.seq.max(seq), news.rev.max(rev));
                news.first = Some(news.first.map_or(seq, |first| first.min(seq)));
            }
            Change::Written(written) => news.entry(written.conversation).or_default().written.push(written),
            Change::Kept {
                conversation,
                account,
                read_seq,
                version,
            } => self.keep(conversation, account, read_seq, version).await?,
            Change::Members {
                conversation,
                account,
                came,
            } => {
                self.hub.audiences().forget(conversation);
                self.usher.send(Errand::show(conversation, account, !came));
                self.hub.presence().changed([conversation]);
            }
            Change::Blocks { by, of } => {
                self.usher.send(Errand::Blocks { by });
                if let Some(conversation) = conversations::direct_of(self.hub.env(), by, of).await? {
                    self.hub.audiences().forget(conversation);
                    for account in [by, of] {
                        self.usher.send(Errand::show(conversation, account, false));
                    }
                }
                self.hub.presence().parted([by, of]);
            }
            Change::Mailbox(arrived) => self.tell_of_letter(&arrived),
            Change::Account(account) => {
                let conversations = self.hub.audiences().forget_with(account);
                self.hub.presence().changed(conversations);
            }
            Change::SessionEnded(session) => self.hub.end_session(session),
            Change::Lost => {}
        }
        Ok(())
    }

    /// Something was written into a mailbox: wakes who waits for it here, and tells its owner's listeners when it is a letter
    /// that they were not told of.
    fn tell_of_letter(&mut self, arrived: &Arrived) {
        mailbox::ring(self.hub.env(), arrived);
        let Some((letter, seq)) = &arrived.letter else {
            return;
        };
        // Of a mailbox that is seen for the first time, an older letter is no news. Behind one may come its receipt.
        let is_fresh = arrived.seq <= seq + 1;
        let told = self
            .letters
            .entry(arrived.account)
            .or_insert(if is_fresh { 0 } else { *seq });
        if *seq > *told {
            *told = *seq;
            let id = letter.clone();
            self.hub.send(&[arrived.account], &ServerFrame::Letter { id });
        }
    }

    /// A membership changed: its marker, or how its member keeps the conversation.
    async fn keep(&self, conversation: ConversationId, account: AccountId, seq: u64, version: u64) -> Result<()> {
        let noted = self.hub.audiences().note(conversation, account, seq, version);
        if noted.kept {
            self.usher.send(Errand::show(conversation, account, true));
        }
        if noted.read {
            let audience = self.hub.audience(conversation).await?;
            let tells = audience.is_intimate() && audience.listener(account).is_some_and(|one| one.tells);
            let told = |one: &&conversations::Listener| one.account == account || (tells && one.tells);
            let told: Vec<AccountId> = audience.listeners.iter().filter(told).map(|one| one.account).collect();
            let frame = ServerFrame::Read {
                conversation,
                user: account,
                seq,
            };
            self.hub.send(&told, &frame);
        }
        Ok(())
    }

    /// Looks for logs that grew without a wake-up.
    async fn look(&mut self) -> Result<()> {
        let now = self.hub.env().now();
        let from = self.looked_at.plus(-OVERLAP).max(self.since);
        for head in conversations::grown_since(self.hub.env(), from).await? {
            let news = News {
                seq: head.last_seq,
                rev: head.rev,
                ..News::default()
            };
            self.pass_on(head.conversation(), news).await?;
        }
        for arrived in mailbox::grown_since(self.hub.env(), from).await? {
            self.tell_of_letter(&arrived);
        }
        self.looked_at = now;
        if self.letters.len() > REMEMBERED {
            self.letters.clear();
        }
        if self.heads.len() > REMEMBERED {
            self.heads.clear();
            self.since = now.plus(-OVERLAP);
        }
        Ok(())
    }

    /// Hands what is new in a conversation to the members who listen.
    async fn pass_on(&mut self, conversation: ConversationId, news: News) -> Result<()> {
        let mut passed = match self.heads.get(&conversation) {
            Some(passed) => *passed,
            None => self.begin(conversation, &news).await?,
        };
        if passed.seq == 0 && (news.seq > 0 || !news.written.is_empty()) {
            self.introduce(conversation).await?;
        }
        let mut told = Vec::new();
        let mut is_whole = true;
        for written in &news.written {
            is_whole &= !written.messages.is_empty();
            for message in &written.messages {
                if message.seq() == passed.seq + 1 {
                    passed.seq += 1;
                    told.push(message.clone());
                } else {
                    is_whole &= message.seq() <= passed.seq;
                }
            }
        }
        self.tell(conversation, &told, |message| ServerFrame::Message { message })
            .await?;
        // What this process is about to tell is not read.
        let is_told = news.seq <= passed.seq || conversations::is_writing(self.hub.env(), conversation);
        if !is_whole || !is_told {
            passed.seq = self.read_log(conversation, passed.seq).await?;
        }
        if news.rev > 0 {
            // Of a conversation in which nothing was passed on yet, the change that woke us is the newest.
            let held = passed.rev.unwrap_or(news.rev - 1);
            passed.rev = Some(self.read_changes(conversation, &mut passed.seq, held, news.rev).await?);
        } else if news.seq > 0 {
            passed.rev.get_or_insert(0);
        }
        self.heads.insert(conversation, passed);
        Ok(())
    }

    /// Reads the log from here on, and hands it over. Returns where it ends.
    async fn read_log(&self, conversation: ConversationId, mut seq: u64) -> Result<u64> {
        loop {
            let stored = conversations::log_after(self.hub.env(), conversation, seq, BATCH).await?;
            self.tell(conversation, &stored, |message| ServerFrame::Message { message })
                .await?;
            seq = stored.last().map_or(seq, Stored::seq);
            if (stored.len() as u64) < BATCH {
                return Ok(seq);
            }
        }
    }

    /// Reads the changes from `held` on, and hands them over. Returns which is the last, at least `newest`.
    async fn read_changes(
        &self,
        conversation: ConversationId,
        seq: &mut u64,
        mut held: u64,
        newest: u64,
    ) -> Result<u64> {
        while held < newest {
            let stored = conversations::changes_after(self.hub.env(), conversation, held, BATCH).await?;
            // Who does not have a message yet can't take its change, and would then get the message as it was before.
            if stored.iter().any(|message| message.seq() > *seq) {
                *seq = self.read_log(conversation, *seq).await?;
            }
            self.tell(conversation, &stored, |message| ServerFrame::MessageChanged { message })
                .await?;
            // A message that was changed again meanwhile is told as it is now, under its newest number.
            held = stored
                .last()
                .map_or(newest, Stored::rev)
                .max(held.saturating_add(BATCH).min(newest));
        }
        Ok(held)
    }

    /// Where to begin in a conversation that nothing was passed on of yet: at what was written since this feed began. A
    /// message passed on twice does no harm, since clients know their messages by `seq`; one left out is a hole they fill.
    async fn begin(&self, conversation: ConversationId, news: &News) -> Result<Passed> {
        let written = news.written.iter().flat_map(|written| &written.messages).next();
        if let Some(first) = written.map(Stored::seq).into_iter().chain(news.first).min() {
            return Ok(Passed {
                seq: first.saturating_sub(1),
                rev: None,
            });
        }
        let newest = conversations::newest(self.hub.env(), conversation, BATCH).await?;
        let newest: Vec<Message> = newest.iter().map(Stored::plainly).collect();
        let known = newest
            .iter()
            .rev()
            .find(|message| message.sent_at < self.since)
            .map(|message| message.seq);
        let before = || newest.first().map_or(0, |oldest| oldest.seq.saturating_sub(1));
        Ok(Passed {
            seq: known.unwrap_or_else(before),
            rev: None,
        })
    }

    /// The first message of a direct conversation is preceded by the conversation itself, as each of the two sees it; to a
    /// group one comes by joining.
    async fn introduce(&self, conversation: ConversationId) -> Result<()> {
        let audience = self.hub.audience(conversation).await?;
        if audience.direct {
            for listener in &audience.listeners {
                self.usher
                    .run(Errand::show(conversation, listener.account, false))
                    .await?;
            }
        }
        Ok(())
    }

    /// Tells the members who listen of messages, each as they may see them. What looks the same to all is encoded once.
    async fn tell(
        &self,
        conversation: ConversationId,
        stored: &[Stored],
        frame: impl Fn(Message) -> ServerFrame,
    ) -> Result<()> {
        let Some(lowest) = stored.iter().map(Stored::seq).min() else {
            return Ok(());
        };
        let audience: Arc<Audience> = self.hub.audience(conversation).await?;
        let seats = self.hub.seats_of(audience.listeners.iter().map(|one| one.account));
        let mut common = None;
        let mut own: Option<(usize, Batch)> = None;
        for (at, seat) in seats {
            let viewer = &audience.listeners[at];
            let special = |message: &Stored| message.is_special_to(viewer.account, viewer.floor);
            if lowest > viewer.floor && !stored.iter().any(special) {
                let plain = || Batch::of(&stored.iter().map(|one| frame(one.plainly())).collect::<Vec<_>>());
                seat.hand(common.get_or_insert_with(plain));
                continue;
            }
            // The listeners of one person come one after the other.
            let batch = match own.take() {
                Some((whose, batch)) if whose == at => batch,
                _ => {
                    let seen = stored.iter().filter(|message| message.seq() > viewer.floor);
                    let frames: Vec<_> = seen
                        .map(|one| frame(one.seen_by(viewer.account, viewer.floor)))
                        .collect();
                    Batch::of(&frames)
                }
            };
            seat.hand(&batch);
            own = Some((at, batch));
        }
        Ok(())
    }
}
