//! Many drafts at once.

use super::{
    block, list_messages, log_after, open_conversation, remove_member, send_message, set_member, testing::Talk,
};
use crate::{
    Env, Error, Result,
    conversations::Sent,
    env::SystemRandom,
    fixtures::{self, refusal},
};
use futures::future::join_all;
use model::{
    Code,
    command::{OpenConversation, SendMessage, SetMember},
    samples::MALLORY,
};
use std::sync::Arc;

fn seqs(sent: Vec<Result<Sent>>) -> Vec<u64> {
    let mut seqs: Vec<u64> = sent.into_iter().map(|sent| sent.expect("sends").message.seq).collect();
    seqs.sort_unstable();
    seqs
}

/// Another process on the same database: it believes and queues by itself.
async fn elsewhere(env: &Env) -> Env {
    let (db, clock) = (env.db.clone(), Arc::clone(&env.clock));
    Env::open(db, fixtures::site(), clock, Arc::new(SystemRandom))
        .await
        .expect("a world")
}

#[tokio::test]
async fn what_may_not_be_written_harms_none_of_those_that_are_written_with_it() {
    let talk = Talk::group_of_three().await;
    let mallory = fixtures::actor(&talk.env, MALLORY).await;
    let other = open_conversation(&talk.env, &talk.ada, OpenConversation::direct("grace")).await;
    let elsewhere = other.expect("opens").conversation.id;
    let reused = talk.saying("Said elsewhere");
    send_message(&talk.env, &talk.ada, elsewhere, reused.clone())
        .await
        .expect("sends");
    let earlier = talk.saying("Said before");
    let first = send_message(&talk.env, &talk.hedy, talk.id, earlier.clone())
        .await
        .expect("sends");

    let good = join_all((0..30).map(|n| {
        let who = [&talk.ada, &talk.grace, &talk.hedy][n % 3];
        send_message(&talk.env, who, talk.id, talk.saying(&format!("number {n}")))
    }));
    let bad = join_all([
        send_message(&talk.env, &mallory, talk.id, talk.saying("Let me in")),
        send_message(&talk.env, &talk.ada, talk.id, reused),
    ]);
    let again = join_all((0..3).map(|_| send_message(&talk.env, &talk.hedy, talk.id, earlier.clone())));
    let (good, bad, again) = tokio::join!(good, bad, again);
    assert_eq!(seqs(good), (4..34).collect::<Vec<_>>());
    let bad: Vec<Code> = bad.into_iter().map(refusal).collect();
    assert_eq!(bad, [Code::NotFound, Code::ClientIdReused]);
    for sent in again {
        let sent = sent.expect("finds");
        assert_eq!((sent.created, sent.message), (false, first.message.clone()));
    }
}

#[tokio::test]
async fn the_answer_says_what_the_log_says() {
    let talk = Talk::group_of_three().await;
    let first = talk.ada_says("@grace, look").await;
    let answer = talk.grace_answers(&first, "I see").await;
    let sends = join_all((0..5).map(|n| send_message(&talk.env, &talk.hedy, talk.id, talk.saying(&n.to_string()))));
    let mut told = vec![first, answer];
    told.extend(sends.await.into_iter().map(|sent| sent.expect("sends").message));
    told.sort_by_key(|message| message.seq);
    let page = list_messages(&talk.env, &talk.hedy, talk.id, Default::default())
        .await
        .expect("reads");
    assert_eq!(page.items[2..], told);
}

#[tokio::test]
async fn several_processes_write_one_log_without_a_hole_and_once_each() {
    let talk = Talk::group_of_three().await;
    let other = elsewhere(&talk.env).await;
    let twice: Vec<SendMessage> = (0..10).map(|n| talk.saying(&format!("twice {n}"))).collect();
    let here = join_all((0..20).map(|n| send_message(&talk.env, &talk.ada, talk.id, talk.saying(&n.to_string()))));
    let there = join_all((0..20).map(|n| send_message(&other, &talk.grace, talk.id, talk.saying(&n.to_string()))));
    let on = |env: Env| {
        let sends = twice.clone().into_iter();
        let (hedy, id) = (talk.hedy.clone(), talk.id);
        async move { join_all(sends.map(|command| send_message(&env, &hedy, id, command))).await }
    };
    let (here, there, one, two) = tokio::join!(here, there, on(talk.env.clone()), on(other.clone()));
    for (a, b) in one.iter().zip(&two) {
        let (Ok(a), Ok(b)) = (a, b) else { panic!("{a:?} {b:?}") };
        assert_eq!(a.message, b.message);
        assert!(a.created != b.created);
    }
    let mut all = seqs(here);
    all.extend(seqs(there));
    all.extend(seqs(one));
    all.sort_unstable();
    assert_eq!(all, (3..53).collect::<Vec<_>>());
    let log = log_after(&talk.env, talk.id, 0, 100).await.expect("reads");
    assert_eq!(log.len(), 52);
}

#[tokio::test]
async fn what_is_believed_of_a_conversation_lets_nobody_write_who_may_no_longer() {
    let talk = Talk::group_of_three().await;
    talk.says(&talk.hedy, "I am here").await;
    remove_member(&talk.env, &talk.ada, talk.id, "hedy")
        .await
        .expect("removes");
    let refused = send_message(&talk.env, &talk.hedy, talk.id, talk.saying("Still here")).await;
    assert_eq!(refusal(refused), Code::NotFound);
    set_member(&talk.env, &talk.ada, talk.id, "hedy", SetMember { role: None })
        .await
        .expect("adds");
    assert_eq!(talk.says(&talk.hedy, "Here again").await.seq, 6);

    let talk = Talk::between_ada_and_grace().await;
    talk.ada_says("Good morning").await;
    let other = elsewhere(&talk.env).await;
    block(&other, &talk.grace, "ada").await.expect("blocks");
    let refused = send_message(&talk.env, &talk.ada, talk.id, talk.saying("Hello?")).await;
    assert_eq!(refusal(refused), Code::Blocked);
}

#[tokio::test]
async fn whoever_gives_up_waiting_has_sent_all_the_same() {
    let talk = Talk::between_ada_and_grace().await;
    let command = talk.saying("Gone in a moment");
    {
        let sending = send_message(&talk.env, &talk.ada, talk.id, command.clone());
        tokio::pin!(sending);
        // Long enough to be queued, and no longer.
        let _ = tokio::time::timeout(std::time::Duration::from_micros(1), &mut sending).await;
    }
    match send_message(&talk.env, &talk.ada, talk.id, command).await {
        Ok(sent) => assert_eq!(sent.message.seq, 1),
        Err(Error::Rejected(rejection)) => panic!("{rejection}"),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_waits_for_many_logs_is_written_to_each_and_what_one_refuses_harms_no_other() {
    let talk = Talk::group_of_three().await;
    let mut logs = vec![(talk.id, 3)];
    for (who, with) in [(&talk.ada, "grace"), (&talk.ada, "hedy"), (&talk.grace, "hedy")] {
        let opened = open_conversation(&talk.env, who, OpenConversation::direct(with)).await;
        logs.push((opened.expect("opens").conversation.id, 1));
    }
    block(&talk.env, &talk.hedy, "grace").await.expect("blocks");
    let blocked = logs[3].0;
    // One id for two logs: whichever is first has it.
    let torn = talk.saying("Here or there");
    let sends = (0..40).map(|n| {
        let (log, _) = logs[n % 4];
        let who = if log == blocked { &talk.grace } else { &talk.ada };
        send_message(&talk.env, who, log, talk.saying(&format!("number {n}")))
    });
    let twice = logs[1..3]
        .iter()
        .map(|(log, _)| send_message(&talk.env, &talk.ada, *log, torn.clone()));
    let (sent, twice) = tokio::join!(join_all(sends), join_all(twice));
    for (n, outcome) in sent.into_iter().enumerate() {
        if n % 4 == 3 {
            assert_eq!(refusal(outcome), Code::Blocked);
        } else {
            assert_eq!(outcome.expect("sends").message.conversation, logs[n % 4].0);
        }
    }
    assert_eq!(twice.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let mut written = 0;
    for (log, first) in &logs {
        let log = log_after(&talk.env, *log, first - 1, 100).await.expect("reads");
        let seqs: Vec<u64> = log.iter().map(crate::conversations::Stored::seq).collect();
        assert_eq!(seqs, (*first..first + seqs.len() as u64).collect::<Vec<_>>());
        written += seqs.len();
    }
    assert_eq!(written, 31);
}
