//! A model of the server, and a client in a world where everything goes wrong.

use super::*;
use crate::queue::PendingState;
use model::{ConversationId, MessageId, Person, Timestamp};
use proptest::prelude::*;

pub fn id<T: From<uuid::Uuid>>(n: u64) -> T {
    uuid::Uuid::from_u128(n.into()).into()
}

pub const ME: u64 = 1;

pub fn message(seq: u64, author: u64) -> Message {
    Message {
        id: id::<MessageId>(1_000 + seq),
        conversation: id::<ConversationId>(7),
        seq,
        client_id: id(10_000 + seq),
        author: Person {
            id: id(author),
            username: format!("p{author}"),
            display_name: format!("P{author}"),
        },
        body: format!("message {seq}"),
        sent_at: Timestamp::from_millis(seq.cast_signed()).expect("in range"),
        edited_at: None,
        deleted_at: None,
        reply_to: None,
        quote: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        event: None,
        rev: 0,
    }
}

pub fn pending(of: &Message) -> Pending {
    Pending {
        client_id: of.client_id,
        body: of.body.clone(),
        reply_to: None,
        state: PendingState::Waiting,
    }
}

/// The server: the whole log with its changes, and the pages it answers with.
#[derive(Default)]
pub struct Server {
    pub log: Vec<Message>,
    /// Which message each change was of.
    pub changes: Vec<u64>,
}

impl Server {
    pub fn of(authors: &[bool]) -> Self {
        let mut server = Self::default();
        for mine in authors {
            server.write(*mine, None);
        }
        server
    }

    pub fn write(&mut self, mine: bool, answers: Option<u64>) -> Message {
        let seq = self.log.len() as u64 + 1;
        let mut written = message(seq, if mine { ME } else { 2 });
        // Answers are kept as the number of what they answer; the quote is made when somebody looks.
        written.reply_to = answers
            .filter(|answered| *answered < seq)
            .map(|answered| id(1_000 + answered));
        self.log.push(written);
        self.see(seq)
    }

    pub fn change(&mut self, seq: u64, deletes: bool) -> Message {
        self.changes.push(seq);
        let rev = self.changes.len() as u64;
        let index = usize::try_from(seq - 1).expect("small");
        let changed = &mut self.log[index];
        changed.rev = rev;
        if deletes {
            changed.deleted_at = Timestamp::from_millis(1);
            changed.body.clear();
        } else if changed.deleted_at.is_none() {
            changed.body = format!("message {seq}, as of {rev}");
        }
        self.see(seq)
    }

    pub fn rev(&self) -> u64 {
        self.changes.len() as u64
    }

    pub fn see(&self, seq: u64) -> Message {
        let mut seen = self.log[usize::try_from(seq - 1).expect("small")].clone();
        let answered = seen
            .reply_to
            .and_then(|id| self.log.iter().find(|message| message.id == id));
        seen.quote = answered.map(quote_of);
        seen
    }

    pub fn page(&self, ask: Ask, limit: usize) -> Page {
        let len = self.log.len();
        let (start, end, has_more) = match ask.what.bounds() {
            (_, Some(after)) => {
                let start = usize::try_from(after).expect("small").min(len);
                let end = (start + limit).min(len);
                (start, end, end < len)
            }
            (before, None) => {
                let end = before.map_or(len, |before| usize::try_from(before - 1).expect("small").min(len));
                let start = end.saturating_sub(limit);
                (start, end, start > 0)
            }
        };
        let items = (start as u64 + 1..=end as u64).map(|seq| self.see(seq)).collect();
        Page { items, has_more }
    }

    pub fn changes(&self, after: u64, limit: usize) -> Changes {
        let from = usize::try_from(after).expect("small").min(self.changes.len());
        let to = (from + limit).min(self.changes.len());
        let revs = from as u64 + 1..=to as u64;
        let latest = |rev: &u64| self.log.iter().find(|message| message.rev == *rev);
        Changes {
            items: revs
                .filter_map(|rev| latest(&rev))
                .map(|message| self.see(message.seq))
                .collect(),
            rev: (to as u64).max(after.min(self.rev())),
            has_more: to < self.changes.len(),
        }
    }

    /// What a client does when it can: fill the holes, then ask for the changes.
    pub fn settle(&self, log: &mut Log, limit: usize) -> Result<(), TestCaseError> {
        log.hear_of(self.log.len() as u64, self.rev(), 0);
        for _ in 0..1_000 {
            if let Some(ask) = log.hole() {
                log.apply_page(self.page(ask, limit), ask);
            } else if let Some(after) = log.missing_changes() {
                log.apply_changes(self.changes(after, limit), after);
            } else {
                return Ok(());
            }
        }
        Err(TestCaseError::fail("it never ends"))
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    Write {
        mine: bool,
        answers: prop::sample::Index,
    },
    Change {
        of: prop::sample::Index,
        deletes: bool,
    },
    /// A frame arrives: any that was ever sent, so also late, twice, or never.
    Frame(prop::sample::Index),
    /// A question is put; its answer is made at once, and arrives later or never.
    Ask(u8, prop::sample::Index),
    AskChanges,
    Answer(prop::sample::Index),
    Trim(prop::sample::Index),
    Hear,
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<prop::sample::Index>;
    let step = prop_oneof![
        4 => (any::<bool>(), index()).prop_map(|(mine, answers)| Step::Write { mine, answers }),
        3 => (index(), any::<bool>()).prop_map(|(of, deletes)| Step::Change { of, deletes }),
        8 => index().prop_map(Step::Frame),
        4 => (0_u8..4, index()).prop_map(|(what, at)| Step::Ask(what, at)),
        1 => Just(Step::AskChanges),
        5 => index().prop_map(Step::Answer),
        1 => index().prop_map(Step::Trim),
        1 => Just(Step::Hear),
    ];
    prop::collection::vec(step, 1..160)
}

pub enum Frame {
    New(Message),
    Changed(Message),
}

pub enum Answer {
    Page(Page, Ask),
    Changes(Changes, u64),
}

/// A client in a world where everything goes wrong.
pub struct World {
    pub server: Server,
    pub log: Log,
    pub frames: Vec<Frame>,
    pub answers: Vec<Answer>,
    pub limit: usize,
}

impl World {
    pub fn new(limit: usize) -> Self {
        Self {
            server: Server::default(),
            log: Log::new(id(ME)),
            frames: Vec::new(),
            answers: Vec::new(),
            limit,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a step is taken once")]
    pub fn step(&mut self, step: Step) {
        let Self {
            server,
            log,
            frames,
            answers,
            limit,
        } = self;
        let some = |at: prop::sample::Index| at.index(server.log.len().max(1)) as u64 + 1;
        match step {
            Step::Write { mine, answers } => {
                let answers = (answers.index(3) == 0).then(|| some(answers));
                let written = server.write(mine, answers);
                if mine {
                    log.queue(pending(&written));
                }
                frames.push(Frame::New(written));
            }
            Step::Change { of, deletes } if !server.log.is_empty() => {
                let at = some(of);
                frames.push(Frame::Changed(server.change(at, deletes)));
            }
            Step::Frame(which) if !frames.is_empty() => match &frames[which.index(frames.len())] {
                Frame::New(message) => _ = log.apply(message.clone()),
                Frame::Changed(message) => log.change(message.clone()),
            },
            Step::Ask(what, at) => {
                let what = match (what, log.window()) {
                    (0, Some((lo, _))) => Direction::Older(lo),
                    (1, Some((_, hi))) => Direction::Newer(hi),
                    (2, _) => Direction::From(some(at).saturating_sub(3)),
                    _ => Direction::Latest,
                };
                let ask = log.ask(what);
                answers.push(Answer::Page(server.page(ask, *limit), ask));
            }
            Step::AskChanges => {
                if let Some(after) = log.missing_changes() {
                    answers.push(Answer::Changes(server.changes(after, *limit), after));
                }
            }
            Step::Answer(which) if !answers.is_empty() => match answers.swap_remove(which.index(answers.len())) {
                Answer::Page(page, ask) => log.apply_page(page, ask),
                Answer::Changes(changes, after) => log.apply_changes(changes, after),
            },
            Step::Trim(at) => {
                let at = log
                    .window()
                    .map(|(lo, hi)| lo + at.index(usize::try_from(hi + 1 - lo).unwrap_or(0) + 1) as u64);
                log.trim(at);
            }
            Step::Hear => log.hear_of(server.log.len() as u64, server.rev(), 0),
            Step::Change { .. } | Step::Frame(_) | Step::Answer(_) => {}
        }
    }

    /// What must hold at every moment.
    pub fn check(&self) -> Result<(), TestCaseError> {
        let log = &self.log;
        let held: Vec<u64> = log.messages().map(|message| message.seq).collect();
        if let Some((lo, hi)) = log.window() {
            prop_assert_eq!(
                &held,
                &(lo..=hi).collect::<Vec<_>>(),
                "every message of the window, once, in order"
            );
        } else {
            prop_assert!(held.is_empty());
        }
        let doubled = log
            .queue
            .iter()
            .filter(|pending| log.is_confirmed(pending.client_id))
            .count();
        prop_assert_eq!(doubled, 0, "nothing is shown both as sent and as waiting");
        Ok(())
    }
}
