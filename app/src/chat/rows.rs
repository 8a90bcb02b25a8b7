//! The log as people read it: lines grouped by author, days between them, and a mark before what is new.

use crate::time::Wall;
use model::{AccountId, ClientId, Message, Person, Timestamp};
use sync::{Item, Log, PendingState};

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
    /// An event.
    Event(Message),
}

/// What tells two rows apart. A row that looks different is a different row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A day, by its name.
    Day(String),
    /// The mark.
    Fresh,
    /// A message, and all that its looks hang on.
    Line(ClientId, AccountId, bool, State, String, u64),
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
    /// All of it, once the server has it.
    pub message: Option<Message>,
}

impl Row {
    /// What tells it apart.
    pub fn key(&self) -> Key {
        match self {
            Self::Day(name) => Key::Day(name.clone()),
            Self::Fresh => Key::Fresh,
            Self::Event(m) => Key::Event(m.seq),
            Self::Line(line) => Key::Line(
                line.client_id,
                line.author.id,
                line.first,
                line.state.clone(),
                line.clock.clone(),
                line.message.as_ref().map_or(0, |m| m.rev),
            ),
        }
    }
}

/// Lays the log out. `fresh_after` is where I had read to when I came; nothing is new when it is `None`.
pub fn lay_out(log: &Log, me: &Person, wall: Wall, fresh_after: Option<u64>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut before: Option<(AccountId, Timestamp)> = None;
    let mut marked = fresh_after.is_none();
    for item in log.items() {
        if let Item::Confirmed(message) = item && message.event.is_some() {
            rows.push(Row::Event(message.clone()));
            before = None;
            continue;
        }
        let mut line = match item {
            Item::Confirmed(message) => Line {
                client_id: message.client_id,
                seq: Some(message.seq),
                author: message.author.clone(),
                mine: message.author.id == me.id,
                first: true,
                body: message.body.clone(),
                sent_at: Some(message.sent_at),
                clock: wall.clock(message.sent_at),
                state: State::Sent,
                message: Some(message.clone()),
            },
            Item::Pending(pending) => Line {
                client_id: pending.client_id,
                seq: None,
                author: me.clone(),
                mine: true,
                first: true,
                body: pending.body.clone(),
                sent_at: None,
                clock: String::new(),
                state: match &pending.state {
                    PendingState::Sending => State::Pending,
                    PendingState::Failed(why) => State::Failed(why.to_string()),
                },
                message: None,
            },
        };
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
        line.first = !before.is_some_and(|(author, last)| {
            author == line.author.id && at.is_none_or(|at| at.millis() - last.millis() < GROUP_MILLIS)
        });
        before = at.map(|at| (line.author.id, at));
        rows.push(Row::Line(line));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ConversationId, MessageId, Page};
    use sync::Direction;
    use uuid::Uuid;

    fn person(n: u128) -> Person {
        Person {
            id: Uuid::from_u128(n).into(),
            username: format!("p{n}"),
            display_name: format!("P {n}"),
        }
    }

    fn message(seq: u64, author: u128, minute: i64) -> Message {
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

    fn sketch(rows: &[Row]) -> String {
        let word = |row: &Row| match row {
            Row::Day(day) => format!("[{day}]"),
            Row::Fresh => "[new]".into(),
            Row::Event(_) => String::new(),
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
            Direction::Latest,
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
        let rows = lay_out(&log(messages), &person(1), wall, Some(5));
        assert_eq!(sketch(&rows), "[Yesterday] +m1 m2 +m3 +m4 [Today] +m5 [new] +m6");
    }

    #[test]
    fn my_own_messages_are_never_new_and_what_waits_comes_last_in_the_group() {
        let mut log = log(vec![message(1, 1, 1)]);
        log.queue(Uuid::from_u128(7).into(), "waits".into());
        let rows = lay_out(&log, &person(1), Wall::default(), Some(0));
        assert_eq!(sketch(&rows), "[Today] +m1 waits");
    }

    #[test]
    fn what_waits_in_an_empty_conversation_is_shown_without_a_day() {
        let mut log = log(Vec::new());
        log.queue(Uuid::from_u128(7).into(), "first".into());
        assert_eq!(sketch(&lay_out(&log, &person(1), Wall::default(), None)), "+first");
    }
}
