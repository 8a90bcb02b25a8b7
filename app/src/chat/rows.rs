//! The log as people read it: lines grouped by author, days between them, and a mark before what is new.

use super::frame::Frame;
use crate::time::Wall;
use model::{AccountId, ClientId, Message, MessageId, Person, Timestamp};
use sync::{Log, Pending, PendingState};

/// Lines of one author within this time stand under one name.
const GROUP_MILLIS: i64 = 5 * 60 * 1000;

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A day begins.
    Day(String),
    /// From here on it is new.
    Fresh,
    /// A message.
    Line(Line),
    /// Something happened to the conversation.
    Event(Message),
}

/// What tells two rows apart. A row that looks different is a different row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A day, by its name.
    Day(String),
    /// The mark.
    Fresh,
    /// A message, and all that its looks hang on: who wrote it, whether their name stands above it, its state, the time, the
    /// change that made it what it is, and how long what it quotes is.
    Line(ClientId, AccountId, bool, State, String, u64, Option<usize>),
    /// An event, by its number.
    Event(u64),
}

/// How a message stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// On the server.
    Sent,
    /// On its way.
    Pending,
    /// Not sent, and why.
    Failed(String),
}

/// A message to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What its author's device called it.
    pub client_id: ClientId,
    /// Its number, once the server has it.
    pub seq: Option<u64>,
    /// Who wrote it.
    pub author: Person,
    /// Whether that is me.
    pub mine: bool,
    /// Whether it is the first under its author's name.
    pub first: bool,
    /// The text.
    pub body: String,
    /// When, in machine's words; none while it waits.
    pub sent_at: Option<Timestamp>,
    /// When, for a person.
    pub clock: String,
    /// How it stands.
    pub state: State,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// All of it, once the server has it.
    pub message: Option<Message>,
}

impl Row {
    /// What tells it apart.
    pub fn key(&self) -> Key {
        match self {
            Self::Day(name) => Key::Day(name.clone()),
            Self::Fresh => Key::Fresh,
            Self::Line(line) => Key::Line(
                line.client_id,
                line.author.id,
                line.first,
                line.state.clone(),
                line.clock.clone(),
                line.message.as_ref().map_or(0, |message| message.rev),
                line.message
                    .as_ref()
                    .and_then(|message| message.quote.as_ref().map(|quote| quote.excerpt.len())),
            ),
            Self::Event(message) => Key::Event(message.seq),
        }
    }
}

/// Lays a part of the log out. `fresh_after` is where I had read to when I came; nothing is new when it is `None`.
pub fn lay_out(log: &Log, frame: Frame, me: &Person, wall: Wall, fresh_after: Option<u64>) -> Vec<Row> {
    let (start, end, at_end) = frame.of(log).unwrap_or((1, 0, true));
    let mut rows = Vec::new();
    let mut before: Option<(AccountId, Timestamp)> = None;
    // What is marked is the first new message, not the first one that is shown.
    let more_above = log.has_older() || log.window().is_some_and(|(lo, _)| start > lo);
    let mut marked = fresh_after.is_none_or(|read| more_above && start > read + 1);
    let lines = log.range(start..=end).map(|message| sent(message, me, wall));
    let waiting = log.queue.iter().filter(|_| at_end).map(|pending| waits(pending, me));
    for mut line in lines.chain(waiting) {
        let at = line.sent_at.or(before.map(|(_, at)| at));
        if let Some(at) = at
            && before.is_none_or(|(_, last)| wall.day(last) != wall.day(at))
        {
            rows.push(Row::Day(wall.date(at)));
            before = None;
        }
        if !marked && !line.mine && line.seq > fresh_after {
            rows.push(Row::Fresh);
            marked = true;
            before = None;
        }
        if let Some(event) = line.message.take_if(|message| message.event.is_some()) {
            rows.push(Row::Event(event));
            // Whoever writes next is named anew.
            before = at.map(|at| (AccountId(uuid::Uuid::nil()), at));
            continue;
        }
        line.first = !before.is_some_and(|(author, last)| {
            author == line.author.id && at.is_none_or(|at| at.millis() - last.millis() < GROUP_MILLIS)
        });
        before = at.map(|at| (line.author.id, at));
        rows.push(Row::Line(line));
    }
    rows
}

fn sent(message: &Message, me: &Person, wall: Wall) -> Line {
    Line {
        client_id: message.client_id,
        seq: Some(message.seq),
        author: message.author.clone(),
        mine: message.author.id == me.id,
        first: true,
        body: message.body.clone(),
        sent_at: Some(message.sent_at),
        clock: wall.clock(message.sent_at),
        state: State::Sent,
        reply_to: message.reply_to,
        message: Some(message.clone()),
    }
}

fn waits(pending: &Pending, me: &Person) -> Line {
    Line {
        client_id: pending.client_id,
        seq: None,
        author: me.clone(),
        mine: true,
        first: true,
        body: pending.body.clone(),
        sent_at: None,
        clock: String::new(),
        state: match &pending.state {
            PendingState::Failed(why) => State::Failed(why.to_string()),
            _ => State::Pending,
        },
        reply_to: pending.reply_to,
        message: None,
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use model::{ConversationId, MessageId};
    use uuid::Uuid;

    pub fn person(n: u128) -> Person {
        Person {
            id: Uuid::from_u128(n).into(),
            username: format!("p{n}"),
            display_name: format!("P {n}"),
        }
    }

    pub fn message(seq: u64, author: u128, minute: i64) -> Message {
        Message {
            id: MessageId(Uuid::from_u128(seq.into())),
            conversation: ConversationId(Uuid::nil()),
            seq,
            client_id: Uuid::from_u128(u128::from(seq) + 100).into(),
            author: person(author),
            body: format!("m{seq}"),
            sent_at: Timestamp::from_millis(minute * 60_000).expect("in range"),
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
}

#[cfg(test)]
mod tests {
    use super::{testing::*, *};
    use model::{Event, Page};
    use sync::Direction;
    use uuid::Uuid;

    fn pending(n: u128, body: &str) -> Pending {
        Pending {
            client_id: Uuid::from_u128(n).into(),
            body: body.into(),
            reply_to: None,
            state: PendingState::Waiting,
        }
    }

    fn sketch(rows: &[Row]) -> String {
        let word = |row: &Row| match row {
            Row::Day(day) => format!("[{day}]"),
            Row::Fresh => "[new]".into(),
            Row::Event(message) => format!("({})", message.body),
            Row::Line(line) => format!("{}{}", if line.first { "+" } else { "" }, line.body),
        };
        rows.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn log(messages: Vec<Message>) -> Log {
        let mut log = Log::new(person(1).id);
        log.apply_page(
            Page {
                items: messages,
                has_more: false,
            },
            log.ask(Direction::Latest),
        );
        log
    }

    #[test]
    fn lines_of_one_author_stand_together_until_time_day_or_the_mark_part_them() {
        let day = 24 * 60;
        let messages = vec![
            message(1, 2, day + 1),
            message(2, 2, day + 2),
            message(3, 2, day + 20),
            message(4, 1, day + 21),
            message(5, 2, 2 * day + 1),
            message(6, 2, 2 * day + 2),
        ];
        let wall = Wall {
            offset_minutes: 0,
            now_millis: 2 * 86_400_000,
        };
        let rows = lay_out(&log(messages), Frame::End, &person(1), wall, Some(5));
        assert_eq!(sketch(&rows), "[Yesterday] +m1 m2 +m3 +m4 [Today] +m5 [new] +m6");
    }

    #[test]
    fn my_own_messages_are_never_new_and_what_waits_comes_last_in_the_group() {
        let mut log = log(vec![message(1, 1, 1)]);
        log.queue(pending(7, "waits"));
        let rows = lay_out(&log, Frame::End, &person(1), Wall::default(), Some(0));
        assert_eq!(sketch(&rows), "[Today] +m1 waits");
    }

    #[test]
    fn what_waits_in_an_empty_conversation_is_shown_without_a_day() {
        let mut log = log(Vec::new());
        log.queue(pending(7, "first"));
        assert_eq!(
            sketch(&lay_out(&log, Frame::End, &person(1), Wall::default(), None)),
            "+first"
        );
    }

    #[test]
    fn an_event_stands_alone_and_the_mark_is_only_where_the_first_new_message_is() {
        let mut messages = vec![message(1, 2, 1), message(2, 2, 1), message(3, 2, 1), message(4, 2, 1)];
        messages[1].event = Some(Event::Left);
        let mut log = log(messages);
        let rows = lay_out(&log, Frame::End, &person(1), Wall::default(), Some(2));
        assert_eq!(sketch(&rows), "[Today] +m1 (m2) [new] +m3 m4");
        log.hear_of(4, 0, 3);
        let rows = lay_out(&log, Frame::End, &person(1), Wall::default(), Some(2));
        assert_eq!(sketch(&rows), "[Today] [new] +m4", "what was before is not for me");
        let mut cut = Log::new(person(1).id);
        let page = Page {
            items: vec![message(3, 2, 1), message(4, 2, 1)],
            has_more: true,
        };
        cut.apply_page(page, cut.ask(Direction::Latest));
        let rows = lay_out(&cut, Frame::End, &person(1), Wall::default(), Some(1));
        assert_eq!(sketch(&rows), "[Today] +m3 m4", "the first new one is not shown");
    }
}
