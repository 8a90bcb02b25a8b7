//! The promises of the log, against a model of the server.

use super::*;
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

/// The server: the whole log, and the pages it answers with.
struct Server(Vec<Message>);

impl Server {
    fn new(authors: &[bool]) -> Self {
        Self(
            (1..)
                .zip(authors)
                .map(|(seq, mine)| message(seq, if *mine { ME } else { 2 }))
                .collect(),
        )
    }

    fn page(&self, asked: Direction, limit: usize) -> Page {
        let (items, has_more) = match asked {
            Direction::Newer(after) => {
                let rest = self.0.get(usize::try_from(after).expect("small")..).unwrap_or_default();
                (rest.iter().take(limit).cloned().collect(), rest.len() > limit)
            }
            Direction::Older(_) | Direction::Latest => {
                let end = match asked {
                    Direction::Older(before) => usize::try_from(before - 1).expect("small").min(self.0.len()),
                    _ => self.0.len(),
                };
                let start = end.saturating_sub(limit);
                (self.0[start..end].to_vec(), start > 0)
            }
        };
        Page { items, has_more }
    }

    /// What a client does after a reconnect: fill the holes, then ask for what is newer and older.
    fn settle(&self, log: &mut Log, limit: usize) {
        while let Some(hole) = log.hole() {
            let asked = Direction::Newer(hole.start - 1);
            log.apply_page(self.page(asked, limit), asked);
        }
        loop {
            let asked = Direction::Newer(log.last_seq());
            let page = self.page(asked, limit);
            let more = page.has_more;
            log.apply_page(page, asked);
            if !more {
                break;
            }
        }
        while log.has_older() {
            let asked = Direction::Older(log.oldest().expect("has older"));
            log.apply_page(self.page(asked, limit), asked);
        }
    }
}

fn confirmed(log: &Log) -> Vec<u64> {
    log.items()
        .filter_map(|item| match item {
            Item::Confirmed(message) => Some(message.seq),
            Item::Pending(_) => None,
        })
        .collect()
}

proptest! {
    #[test]
    fn whatever_is_lost_doubled_or_reordered_the_log_ends_as_the_servers(
        authors in prop::collection::vec(any::<bool>(), 1..60),
        deliveries in prop::collection::vec(any::<prop::sample::Index>(), 0..120),
        opened_after in any::<prop::sample::Index>(),
        limit in 1_usize..12,
    ) {
        let server = Server::new(&authors);
        let mut log = Log::new(id(ME));
        for mine in server.0.iter().filter(|message| message.author.id == id(ME)) {
            log.queue(mine.client_id, mine.body.clone());
        }
        let open_at = opened_after.index(deliveries.len() + 1);
        for (turn, delivery) in deliveries.iter().enumerate() {
            if turn == open_at {
                log.apply_page(server.page(Direction::Latest, limit), Direction::Latest);
            }
            log.apply(delivery.get(&server.0).clone());
            let shown = confirmed(&log);
            prop_assert!(shown.is_sorted_by(|a, b| a < b), "in order and once: {shown:?}");
        }
        log.apply_page(server.page(Direction::Latest, limit), Direction::Latest);
        server.settle(&mut log, limit);

        let wanted: Vec<_> = server.0.iter().map(Item::Confirmed).collect();
        prop_assert_eq!(log.items().collect::<Vec<_>>(), wanted, "every message once, nothing left waiting");
        prop_assert_eq!(log.hole(), None);
    }

    #[test]
    fn a_message_of_mine_is_shown_exactly_once_at_every_moment(
        news_first in any::<bool>(), failed_between in any::<bool>(), doubled in any::<bool>(),
    ) {
        let mut log = Log::new(id(ME));
        let sent = message(1, ME);
        log.queue(sent.client_id, sent.body.clone());
        log.queue(sent.client_id, sent.body.clone());
        prop_assert_eq!(log.items().count(), 1);
        if failed_between {
            log.failed(sent.client_id, "no answer");
            prop_assert!(log.retry(sent.client_id).is_some());
        }
        prop_assert_eq!(log.apply(sent.clone()), true);
        if doubled || news_first {
            prop_assert_eq!(log.apply(sent.clone()), false);
        }
        log.queue(sent.client_id, sent.body.clone());
        prop_assert_eq!(log.items().collect::<Vec<_>>(), vec![Item::Confirmed(&sent)]);
    }
}

#[test]
fn somebody_elses_message_under_the_same_client_id_does_not_confirm_mine() {
    let mut log = Log::new(id(ME));
    let theirs = message(1, 2);
    log.queue(theirs.client_id, "mine".into());
    log.apply(theirs);
    assert_eq!(log.sending().count(), 1);
    assert_eq!(log.items().count(), 2);
}

#[test]
fn a_hole_is_only_seen_once_a_first_page_is_there_and_names_exactly_what_is_missing() {
    let server = Server::new(&[false; 9]);
    let mut log = Log::new(id(ME));
    log.apply(message(9, 2));
    assert_eq!(log.hole(), None);
    log.apply_page(
        Page {
            items: server.0[2..5].to_vec(),
            has_more: true,
        },
        Direction::Latest,
    );
    assert_eq!(log.hole(), Some(6..9));
    log.hear_of(11);
    for seq in 6..9 {
        log.apply(message(seq, 2));
    }
    assert_eq!(log.hole(), Some(10..12));
}

#[test]
fn what_the_server_says_is_not_there_is_not_asked_for_again() {
    let mut log = Log::new(id(ME));
    log.apply_page(
        Page {
            items: vec![message(3, 2)],
            has_more: false,
        },
        Direction::Latest,
    );
    log.apply(message(8, 2));
    assert_eq!(log.hole(), Some(4..8));
    log.apply_page(
        Page {
            items: vec![message(6, 2)],
            has_more: true,
        },
        Direction::Newer(3),
    );
    assert_eq!(log.hole(), Some(7..8));
    log.apply_page(
        Page {
            items: vec![message(8, 2)],
            has_more: false,
        },
        Direction::Newer(6),
    );
    assert_eq!(log.hole(), None);
    log.hear_of(9);
    log.apply_page(
        Page {
            items: Vec::new(),
            has_more: false,
        },
        Direction::Newer(8),
    );
    assert_eq!(log.hole(), None);
}

#[test]
fn a_failed_message_waits_for_its_author_and_can_be_given_up() {
    let mut log = Log::new(id(ME));
    log.queue(id(5), "hello".into());
    log.failed(id(5), "Too long.");
    assert_eq!(log.sending().count(), 0);
    assert_eq!(
        log.find(id(5)).map(|pending| &pending.state),
        Some(&PendingState::Failed("Too long.".into()))
    );
    assert_eq!(log.cancel(id(5)).map(|pending| pending.body), Some("hello".into()));
    assert_eq!(log.items().count(), 0);
}
