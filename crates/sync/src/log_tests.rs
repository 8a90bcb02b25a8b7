//! The promises of the log, against a model of the server.

use super::*;
use crate::queue::PendingState;
use model::{ConversationId, MessageId, Person, Timestamp};
use proptest::prelude::*;

fn id<T: From<uuid::Uuid>>(n: u64) -> T {
    uuid::Uuid::from_u128(n.into()).into()
}

const ME: u64 = 1;

fn message(seq: u64, author: u64) -> Message {
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

fn pending(of: &Message) -> Pending {
    Pending {
        client_id: of.client_id,
        body: of.body.clone(),
        reply_to: None,
        state: PendingState::Waiting,
    }
}

/// The server: the whole log with its changes, and the pages it answers with.
#[derive(Default)]
struct Server {
    log: Vec<Message>,
    /// Which message each change was of.
    changes: Vec<u64>,
}

impl Server {
    fn of(authors: &[bool]) -> Self {
        let mut server = Self::default();
        for mine in authors {
            server.write(*mine, None);
        }
        server
    }

    fn write(&mut self, mine: bool, answers: Option<u64>) -> Message {
        let seq = self.log.len() as u64 + 1;
        let mut written = message(seq, if mine { ME } else { 2 });
        // Answers are kept as the number of what they answer; the quote is made when somebody looks.
        written.reply_to = answers
            .filter(|answered| *answered < seq)
            .map(|answered| id(1_000 + answered));
        self.log.push(written);
        self.see(seq)
    }

    fn change(&mut self, seq: u64, deletes: bool) -> Message {
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

    fn rev(&self) -> u64 {
        self.changes.len() as u64
    }

    fn see(&self, seq: u64) -> Message {
        let mut seen = self.log[usize::try_from(seq - 1).expect("small")].clone();
        let answered = seen
            .reply_to
            .and_then(|id| self.log.iter().find(|message| message.id == id));
        seen.quote = answered.map(quote_of);
        seen
    }

    fn page(&self, ask: Ask, limit: usize) -> Page {
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

    fn changes(&self, after: u64, limit: usize) -> Changes {
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
    fn settle(&self, log: &mut Log, limit: usize) -> Result<(), TestCaseError> {
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
enum Step {
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

fn steps() -> impl Strategy<Value = Vec<Step>> {
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

enum Frame {
    New(Message),
    Changed(Message),
}

enum Answer {
    Page(Page, Ask),
    Changes(Changes, u64),
}

/// A client in a world where everything goes wrong.
struct World {
    server: Server,
    log: Log,
    frames: Vec<Frame>,
    answers: Vec<Answer>,
    limit: usize,
}

impl World {
    fn new(limit: usize) -> Self {
        Self {
            server: Server::default(),
            log: Log::new(id(ME)),
            frames: Vec::new(),
            answers: Vec::new(),
            limit,
        }
    }

    fn step(&mut self, step: Step) {
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
    fn check(&self) -> Result<(), TestCaseError> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_lost_doubled_late_or_reordered_the_window_ends_as_the_servers_log(
        steps in steps(), limit in 1_usize..12, read in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new(limit);
        for step in steps {
            world.step(step);
            world.check()?;
        }
        world.server.settle(&mut world.log, limit)?;
        world.check()?;
        let World { server, log, .. } = &mut world;
        if let Some((lo, hi)) = log.window() {
            for held in log.messages() {
                let mut wanted = server.see(held.seq);
                // A frame that comes later than a change of what it quotes is put right by that change's own frame, which
                // no socket delivers before it; here that one may be lost.
                if wanted.quote.as_ref().is_some_and(|quote| !(lo..=hi).contains(&quote.seq)) {
                    wanted.quote.clone_from(&held.quote);
                }
                prop_assert_eq!(held, &wanted, "as the server has it");
            }
        }
        // Going to the end confirms the rest of what is mine, or at least as much as a page shows.
        let ask = log.ask(Direction::Latest);
        log.apply_page(server.page(ask, limit), ask);
        server.settle(log, limit)?;
        while let Some((lo, _)) = log.window().filter(|_| log.has_older()) {
            let ask = log.ask(Direction::Older(lo));
            log.apply_page(server.page(ask, limit), ask);
        }
        prop_assert_eq!(log.queue.iter().count(), 0, "nothing of mine is left waiting");
        prop_assert_eq!(log.messages().len(), server.log.len());

        let read = read.index(server.log.len() + 1) as u64;
        let others = server.log.iter().filter(|message| message.seq > read && message.counts_for(id(ME)));
        let unread = log.unread(read, &HashSet::new()).map(|unread| unread.messages);
        prop_assert_eq!(unread, Some(others.count() as u64), "unread by its definition");
    }
}

fn opened(server: &Server, limit: usize) -> Log {
    let mut log = Log::new(id(ME));
    log.hear_of(server.log.len() as u64, server.rev(), 0);
    let ask = log.ask(Direction::Latest);
    log.apply_page(server.page(ask, limit), ask);
    log
}

#[test]
fn a_hole_is_seen_and_what_came_too_early_is_put_in_its_place() {
    let server = Server::of(&[false; 9]);
    let mut log = Log::new(id(ME));
    assert!(log.apply(server.see(9)), "news");
    assert_eq!(log.hole(), None, "nothing is asked for before somebody looks");
    log.apply_page(
        Page {
            items: vec![server.see(5)],
            has_more: true,
        },
        log.ask(Direction::Latest),
    );
    assert_eq!(log.hole().map(|ask| ask.what), Some(Direction::Newer(5)));
    log.apply(server.see(8));
    log.apply(server.see(6));
    assert_eq!(log.window(), Some((5, 6)));
    log.apply(server.see(7));
    log.apply(server.see(9));
    assert_eq!((log.window(), log.hole()), (Some((5, 9)), None));
    assert!(!log.apply(server.see(9)), "no news any more");
}

#[test]
fn changes_missed_while_away_are_asked_for_and_those_of_other_messages_only_counted() {
    let mut server = Server::of(&[false; 20]);
    let mut log = opened(&server, 5);
    server.change(18, false);
    server.change(2, true);
    let third = server.change(19, false);
    log.change(third);
    assert_eq!(log.missing_changes(), Some(0));
    assert_eq!(log.get(18).map(|message| message.rev), Some(0));
    log.apply_changes(server.changes(0, 100), 0);
    assert_eq!((log.rev(), log.missing_changes()), (3, None));
    assert_eq!(log.get(18), Some(&server.see(18)));
    assert_eq!(log.window(), Some((16, 20)));
}

#[test]
fn a_page_that_was_read_before_a_change_does_not_hide_it() {
    let mut server = Server::of(&[false; 20]);
    let mut log = opened(&server, 5);
    let ask = log.ask(Direction::Older(16));
    let page = server.page(ask, 5);
    log.change(server.change(12, true));
    assert_eq!(log.rev(), 1, "it is counted, although nobody holds the message");
    log.apply_page(page, ask);
    assert_eq!(log.missing_changes(), Some(0), "the page may not know of it");
    log.apply_changes(server.changes(0, 100), 0);
    assert_eq!(log.get(12), Some(&server.see(12)));
}

#[test]
fn a_deleted_message_also_empties_the_quotes_of_it() {
    let mut server = Server::of(&[false; 3]);
    server.write(false, Some(2));
    let mut log = opened(&server, 10);
    assert!(
        log.get(4)
            .and_then(|answer| answer.quote.as_ref())
            .is_some_and(|quote| quote.excerpt == "message 2")
    );
    log.change(server.change(2, true));
    let quote = log.get(4).and_then(|answer| answer.quote.clone()).expect("it answers");
    assert!(quote.deleted && quote.excerpt.is_empty());
}

#[test]
fn a_jump_moves_the_window_and_the_way_back_leads_to_the_end() {
    let server = Server::of(&[false; 1_000]);
    let mut log = opened(&server, 50);
    let ask = log.ask(Direction::around(300));
    log.apply_page(server.page(ask, 60), ask);
    assert_eq!((log.window(), log.attached()), (Some((270, 329)), false));
    assert_eq!(log.unread(0, &HashSet::new()), None, "only the server knows");
    log.apply(message(1_001, 2));
    assert_eq!((log.window(), log.hole()), (Some((270, 329)), None));
    assert!(log.has_older() && log.has_newer());
    let mut asked = 0;
    while log.has_newer() {
        let (_, hi) = log.window().expect("opened");
        let ask = log.ask(Direction::Newer(hi));
        log.apply_page(server.page(ask, 100), ask);
        log.trim(Some(hi));
        assert!(log.messages().len() <= HELD_MAX);
        asked += 1;
    }
    assert_eq!((asked, log.attached()), (7, true));
    assert_eq!(log.window().map(|(_, hi)| hi), Some(1_001));
}

#[test]
fn however_far_somebody_goes_no_more_than_the_bound_is_held() {
    let server = Server::of(&[false; 2_000]);
    let mut log = opened(&server, 50);
    while let Some((lo, _)) = log.window().filter(|_| log.has_older()) {
        let ask = log.ask(Direction::Older(lo));
        log.apply_page(server.page(ask, 100), ask);
        log.trim(Some(lo));
        assert!(log.messages().len() <= HELD_MAX);
        assert!(log.get(lo).is_some(), "what is looked at stays");
    }
    assert_eq!(log.get(1), Some(&server.see(1)));
    assert!(!log.attached());
    for seq in 1..=2_000 {
        log.apply(message(2_000 + seq, 2));
    }
    assert!(log.messages().len() <= HELD_MAX, "news is not held where nobody looks");
}

#[test]
fn what_is_below_the_floor_is_gone_and_not_asked_for() {
    let server = Server::of(&[false; 30]);
    let mut log = opened(&server, 20);
    log.hear_of(30, 0, 25);
    assert_eq!((log.window(), log.has_older()), (Some((26, 30)), false));
    log.hear_of(30, 0, 30);
    assert_eq!((log.messages().len(), log.hole()), (0, None));
    assert_eq!(log.unread(3, &HashSet::new()), Some(Unread::default()));
    log.apply(message(31, 2));
    assert_eq!(log.unread(3, &HashSet::new()).map(|unread| unread.messages), Some(1));
}

#[test]
fn what_the_device_remembers_is_there_at_once_and_then_brought_up_to_date() {
    let mut server = Server::of(&[false, true, false, false]);
    let remembered: Vec<Message> = (2..=4).map(|seq| server.see(seq)).collect();
    server.change(3, false);
    server.write(false, None);
    let mut log = Log::new(id(ME));
    log.queue(pending(&server.see(2)));
    log.restore(remembered.clone(), 0);
    assert_eq!(log.queue.iter().count(), 0, "it was sent after all");
    assert_eq!(
        (log.window(), log.missing_changes(), log.hole()),
        (Some((2, 4)), None, None)
    );
    server.settle(&mut log, 10).expect("settles");
    assert_eq!(
        log.messages().cloned().collect::<Vec<_>>(),
        (2..=5).map(|seq| server.see(seq)).collect::<Vec<_>>()
    );

    let mut torn = Log::new(id(ME));
    torn.restore(vec![remembered[0].clone(), remembered[2].clone()], 0);
    assert!(!torn.opened(), "a memory with a hole is none");
}

#[test]
fn unread_leaves_out_my_own_events_deleted_ones_and_those_of_people_i_block() {
    let mut server = Server::of(&[false, true, false, false, false]);
    server.log[2].event = Some(model::Event::Left);
    server.log[4].author.id = id(3);
    server.log[3].mentions = vec![id(ME)];
    let mut log = opened(&server, 10);
    let unread = |log: &Log, blocked: &[u64]| {
        let blocked: HashSet<AccountId> = blocked.iter().map(|who| id(*who)).collect();
        log.unread(0, &blocked).map(|unread| (unread.messages, unread.mentions))
    };
    assert_eq!(unread(&log, &[]), Some((3, 1)));
    assert_eq!(unread(&log, &[3]), Some((2, 1)));
    log.change(server.change(4, true));
    assert_eq!(unread(&log, &[3]), Some((1, 0)));
    assert_eq!(log.unread(1, &HashSet::new()).map(|unread| unread.messages), Some(1));
}

#[test]
fn somebody_elses_message_under_the_same_client_id_does_not_confirm_mine() {
    let mut log = Log::new(id(ME));
    let theirs = message(1, 2);
    log.queue(pending(&theirs));
    log.apply(theirs);
    assert_eq!(log.queue.iter().count(), 1);
}
