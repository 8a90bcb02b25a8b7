//! From wake-ups to frames. One task per process listens to the database's changes and feeds the hub.

use super::hub::Hub;
use domain::{
    Result,
    changes::{self, Change},
    conversations,
};
use futures::{FutureExt, Stream, StreamExt};
use model::{AccountId, ConversationId, Timestamp, realtime::ServerFrame};
use std::{
    collections::{BTreeSet, HashMap},
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
/// Conversations whose head and members are remembered; beyond, all are forgotten and read anew.
const REMEMBERED: usize = 50_000;

/// Feeds the hub until told to stop.
pub async fn listen(hub: Hub, stop: CancellationToken) {
    let mut feed = Feed::new(hub);
    while !stop.is_cancelled() {
        let outcome = match changes::watch(feed.hub.env()).await {
            Ok(changes) => stop.run_until_cancelled(feed.follow(changes)).await.unwrap_or(Ok(())),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "lost the database's changes; listening again");
        }
        stop.run_until_cancelled(sleep(LISTEN_AGAIN)).await;
    }
}

struct Feed {
    hub: Hub,
    /// Messages older than this were there before anybody could listen.
    since: Timestamp,
    looked_at: Timestamp,
    /// The last message passed on, by conversation.
    heads: HashMap<ConversationId, u64>,
    members: HashMap<ConversationId, Arc<[AccountId]>>,
}

impl Feed {
    fn new(hub: Hub) -> Self {
        let now = hub.env().now();
        Self {
            hub,
            since: now,
            looked_at: now,
            heads: HashMap::new(),
            members: HashMap::new(),
        }
    }

    /// Follows the changes until the database hangs up.
    async fn follow(&mut self, mut changes: impl Stream<Item = Change> + Unpin) -> Result<()> {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                change = changes.next() => {
                    let Some(change) = change else { return Ok(()) };
                    // Wake-ups come in bursts; a log that grew ten times is read once.
                    let mut grown = BTreeSet::new();
                    let mut next = Some(change);
                    while let Some(change) = next {
                        if change == Change::Lost {
                            return Ok(());
                        }
                        self.take(change, &mut grown).await?;
                        next = changes.next().now_or_never().flatten();
                    }
                    for conversation in grown {
                        self.pass_on(conversation).await?;
                    }
                }
                _ = looks.tick() => self.look().await?,
            }
        }
    }

    async fn take(&mut self, change: Change, grown: &mut BTreeSet<ConversationId>) -> Result<()> {
        match change {
            Change::Log(conversation) => {
                grown.insert(conversation);
            }
            Change::Read {
                conversation,
                account,
                seq,
            } => {
                let members = self.members(conversation).await?;
                self.hub.send(
                    &members,
                    &ServerFrame::Read {
                        conversation,
                        user: account,
                        seq,
                    },
                );
            }
            Change::Members(conversation) => {
                self.members.remove(&conversation);
            }
            Change::SessionEnded(session) => self.hub.end_session(session),
            Change::Lost => {}
        }
        Ok(())
    }

    /// Looks for logs that grew without a wake-up.
    async fn look(&mut self) -> Result<()> {
        let now = self.hub.env().now();
        let from = self.looked_at.plus(-OVERLAP).max(self.since);
        for head in conversations::grown_since(self.hub.env(), from).await? {
            let conversation = head.conversation();
            if self.heads.get(&conversation).is_none_or(|known| *known < head.last_seq) {
                self.pass_on(conversation).await?;
            }
        }
        self.looked_at = now;
        if self.heads.len() > REMEMBERED {
            self.heads.clear();
            self.members.clear();
            self.since = now.plus(-OVERLAP);
        }
        Ok(())
    }

    /// Reads what is new in a log and hands it to the members who listen.
    async fn pass_on(&mut self, conversation: ConversationId) -> Result<()> {
        let members = self.members(conversation).await?;
        let env = self.hub.env().clone();
        let mut head = match self.heads.get(&conversation) {
            Some(head) => *head,
            None => self.first_head(conversation).await?,
        };
        loop {
            let stored = conversations::log_after(&env, conversation, head, BATCH).await?;
            let messages: Vec<_> = stored.iter().map(conversations::Stored::plainly).collect();
            let Some(last) = messages.last() else { break };
            let (read, newest) = (messages.len(), last.seq);
            if head == 0 {
                self.introduce(conversation, &members).await?;
            }
            for message in messages {
                self.hub.send(&members, &ServerFrame::Message { message });
            }
            head = newest;
            if (read as u64) < BATCH {
                break;
            }
        }
        self.heads.insert(conversation, head);
        Ok(())
    }

    /// Where to begin in a log that nothing was passed on of yet: at what was written since this feed began. A message
    /// passed on twice does no harm, since clients know their messages by `seq`; one left out is a hole they fill.
    async fn first_head(&self, conversation: ConversationId) -> Result<u64> {
        let newest = conversations::newest(self.hub.env(), conversation, BATCH).await?;
        let newest: Vec<_> = newest.iter().map(conversations::Stored::plainly).collect();
        let known = newest
            .iter()
            .rev()
            .find(|message| message.sent_at < self.since)
            .map(|message| message.seq);
        Ok(known.unwrap_or_else(|| newest.first().map_or(0, |oldest| oldest.seq.saturating_sub(1))))
    }

    /// The first message of a conversation is preceded by the conversation itself, as each member sees it.
    async fn introduce(&self, conversation: ConversationId, members: &[AccountId]) -> Result<()> {
        for member in members {
            if !self.hub.anybody(&[*member]) {
                continue;
            }
            if let Some(conversation) = conversations::view_of(self.hub.env(), *member, conversation).await? {
                self.hub.send(&[*member], &ServerFrame::Conversation { conversation });
            }
        }
        Ok(())
    }

    async fn members(&mut self, conversation: ConversationId) -> Result<Arc<[AccountId]>> {
        if let Some(members) = self.members.get(&conversation) {
            return Ok(Arc::clone(members));
        }
        let members: Arc<[AccountId]> = conversations::members_of(self.hub.env(), conversation).await?.into();
        self.members.insert(conversation, Arc::clone(&members));
        Ok(members)
    }
}
