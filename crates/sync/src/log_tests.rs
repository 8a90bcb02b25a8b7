//! The promises of the log, against a model of the server.

use super::{world::*, *};
use proptest::prelude::*;

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
fn a_page_of_the_end_that_comes_after_a_jump_does_not_undo_it() {
    let server = Server::of(&[false; 500]);
    let mut log = Log::new(id(ME));
    log.hear_of(500, 0, 0);
    let (slow, jump) = (log.ask(Direction::Latest), log.ask(Direction::around(100)));
    log.apply_page(server.page(jump, 60), jump);
    log.apply_page(server.page(slow, 50), slow);
    assert_eq!(log.window(), Some((70, 129)));
    let back = log.ask(Direction::Latest);
    log.apply_page(server.page(back, 50), back);
    assert_eq!((log.window(), log.attached()), (Some((451, 500)), true));
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
