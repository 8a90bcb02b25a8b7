//! The mailer against a real mail server on loopback, with a clock that only the tests move: nothing is lost, nothing
//! is sent twice but in the one window that SMTP leaves open, the order in a lane is kept, and so is the pace.

#![expect(clippy::expect_used, reason = "a test without what it needs is a failed test")]

#[path = "mailer/smtp_server.rs"]
mod smtp_server;

use domain::{
    Env,
    fixtures::{self, TestClock},
    mail::{
        LEASE, MailState, OutboxEntry, claim, list_outbox,
        testing::{code_mail, queue, welcome_mail},
    },
};
use model::{
    MailId,
    samples::{ADA, GRACE, HEDY, MALLORY},
};
use roost::mailer::{Step, Transport, run, step};
use smtp_server::{Act, Manner, SmtpServer};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_rustls::{TlsAcceptor, rustls};
use tokio_util::sync::CancellationToken;

fn to(url: &str) -> Transport {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Transport::from_url(url, "Roost <roost@example.org>", "https://chat.example.org").expect("an address")
}

fn to_server(server: &SmtpServer) -> Transport {
    to(&format!("smtp://{}", server.addr))
}

/// Works until no mail is waiting any more, or for so many seconds of the test's clock; returns what happened, when.
async fn work(env: &Env, clock: &TestClock, transport: &mut Transport, seconds: i64) -> Vec<(i64, Step)> {
    let start = env.now().millis();
    let mut done = Vec::new();
    while env.now().millis() - start <= seconds * 1000 {
        match step(env, transport).await.expect("the database answers") {
            Step::Waiting(then) => clock.advance_ms(then.millis() - env.now().millis()),
            Step::Empty if outbox(env).await.iter().all(|mail| mail.state != MailState::Queued) => break,
            Step::Empty => clock.advance_s(1),
            happened => done.push(((env.now().millis() - start) / 1000, happened)),
        }
    }
    done
}

async fn outbox(env: &Env) -> Vec<OutboxEntry> {
    list_outbox(env, 100).await.expect("the outbox")
}

async fn fate(env: &Env, id: MailId) -> OutboxEntry {
    outbox(env)
        .await
        .into_iter()
        .find(|entry| entry.id == id)
        .expect("a mail in the outbox")
}

#[tokio::test]
async fn mails_leave_once_each_codes_first_in_order_one_a_second() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    queue(&env, ADA, &welcome_mail(ADA)).await;
    queue(&env, GRACE, &code_mail(GRACE)).await;
    queue(&env, HEDY, &code_mail(HEDY)).await;
    queue(&env, MALLORY, &welcome_mail(MALLORY)).await;
    let done = work(&env, &clock, &mut to_server(&server), 60).await;
    assert_eq!(done.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(done.iter().all(|(_, step)| matches!(step, Step::Sent(_))), "{done:?}");
    let arrived: Vec<_> = server.received().into_iter().map(|letter| letter.to).collect();
    assert_eq!(arrived, [GRACE.email, HEDY.email, ADA.email, MALLORY.email]);
    assert!(outbox(&env).await.iter().all(|mail| mail.state == MailState::Sent));
}

#[tokio::test]
async fn a_letter_says_who_what_and_when_in_text_and_html() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    let id = queue(&env, ADA, &code_mail(ADA)).await;
    let written = env.now().datetime();
    clock.advance_s(90);
    work(&env, &clock, &mut to_server(&server), 60).await;
    let letter = server.received().remove(0);
    assert_eq!(
        (letter.from.as_str(), letter.to.as_str()),
        ("roost@example.org", ADA.email)
    );
    let header = |name| {
        letter
            .header(name)
            .unwrap_or_else(|| panic!("{name} is missing in {}", letter.text))
    };
    assert_eq!(header("From"), "Roost <roost@example.org>");
    assert_eq!(header("To"), ADA.email);
    assert_eq!(header("Message-ID"), format!("<{id}@127.0.0.1>"));
    assert_eq!(
        header("Date"),
        written.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
    );
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(header("Content-Type").starts_with("multipart/alternative"));
    let plain = letter.text.find("Content-Type: text/plain").expect("plain text");
    let html = letter.text.find("Content-Type: text/html").expect("HTML");
    assert!(plain < html, "the better part comes last (RFC 2046 §5.1.4)");
    assert!(letter.text[plain..html].contains("K7QM2-X9PRT") && letter.text[html..].contains("K7QM2-X9PRT"));
}

#[tokio::test]
async fn a_mail_refused_for_good_fails_alone_and_is_not_tried_again() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    server.plan([
        Act::AtRecipient("550 5.1.1 no such user"),
        Act::AtText("554 5.6.0 not this text"),
    ]);
    let refused = [
        queue(&env, ADA, &code_mail(ADA)).await,
        queue(&env, HEDY, &code_mail(HEDY)).await,
    ];
    queue(&env, GRACE, &code_mail(GRACE)).await;
    let mut transport = to_server(&server);
    work(&env, &clock, &mut transport, 60).await;
    clock.advance_s(7 * 24 * 3600);
    assert_eq!(step(&env, &mut transport).await.expect("steps"), Step::Empty);
    for id in refused {
        let mail = fate(&env, id).await;
        assert_eq!((mail.state, mail.attempts), (MailState::Failed, 1));
        assert!(
            mail.last_error
                .is_some_and(|why| why.contains("no such user") || why.contains("not this text"))
        );
    }
    assert_eq!(
        server.look(|book| book.recipients_tried.clone()),
        [ADA.email, HEDY.email, GRACE.email]
    );
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_mail_refused_for_now_lets_others_pass_and_arrives_once_later() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    server.plan([
        Act::AtRecipient("451 4.7.1 greylisted"),
        Act::Accept,
        Act::AtText("452 4.2.2 mailbox full"),
    ]);
    let id = queue(&env, ADA, &code_mail(ADA)).await;
    queue(&env, GRACE, &code_mail(GRACE)).await;
    let done = work(&env, &clock, &mut to_server(&server), 3600).await;
    assert_eq!(
        done.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [0, 1, 60, 360],
        "after 1 and after 5 more minutes"
    );
    assert_eq!(
        server.received().iter().map(|l| l.to.as_str()).collect::<Vec<_>>(),
        [GRACE.email, ADA.email]
    );
    assert_eq!(
        (fate(&env, id).await.state, fate(&env, id).await.attempts),
        (MailState::Sent, 3)
    );
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_text_gets_the_mail_again_in_its_turn() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    server.plan([Act::HangUpInText]);
    let first = queue(&env, ADA, &code_mail(ADA)).await;
    queue(&env, GRACE, &code_mail(GRACE)).await;
    let done = work(&env, &clock, &mut to_server(&server), 60).await;
    assert_eq!(done[0], (0, Step::Unreachable(first)));
    assert_eq!(done[1], (5, Step::Sent(first)));
    assert_eq!(
        server.received().iter().map(|l| l.to.as_str()).collect::<Vec<_>>(),
        [ADA.email, GRACE.email]
    );
}

#[tokio::test]
async fn only_a_server_that_takes_a_mail_and_does_not_say_so_gets_it_twice_and_can_tell() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    server.plan([Act::HangUpBeforeReply]);
    queue(&env, ADA, &code_mail(ADA)).await;
    work(&env, &clock, &mut to_server(&server), 60).await;
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert!(received[0].header("Message-ID").is_some());
    assert_eq!(received[0].text, received[1].text, "name, date and all");
}

#[tokio::test]
async fn a_letter_that_a_server_cannot_bear_does_not_hold_the_others() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    server.plan([Act::HangUpInText, Act::HangUpInText, Act::HangUpInText]);
    let unbearable = queue(&env, ADA, &code_mail(ADA)).await;
    let other = queue(&env, GRACE, &code_mail(GRACE)).await;
    let done = work(&env, &clock, &mut to_server(&server), 3600).await;
    let away = Step::Unreachable(unbearable);
    assert_eq!(
        done[..4],
        [
            (0, away),
            (5, away),
            (15, Step::Deferred(unbearable)),
            (16, Step::Sent(other))
        ]
    );
    assert_eq!(done[4], (75, Step::Sent(unbearable)));
}

#[tokio::test]
async fn while_the_server_is_down_nothing_is_lost_and_the_order_stays() {
    let (env, clock) = fixtures::env().await;
    let gone = SmtpServer::start(Manner::default()).await;
    let addr = gone.addr;
    drop(gone);
    tokio::task::yield_now().await;
    let mut transport = to(&format!("smtp://{addr}"));
    for player in [ADA, GRACE, HEDY] {
        queue(&env, player, &code_mail(player)).await;
    }
    let failed = work(&env, &clock, &mut transport, 600).await;
    assert_eq!(
        failed.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [0, 5, 15, 35, 75, 155, 315]
    );
    let server = SmtpServer::start_at(addr, Manner::default()).await;
    work(&env, &clock, &mut transport, 600).await;
    let arrived: Vec<_> = server.received().into_iter().map(|letter| letter.to).collect();
    assert_eq!(arrived, [ADA.email, GRACE.email, HEDY.email]);
    assert!(
        outbox(&env).await.iter().all(|mail| mail.attempts == 1),
        "tries that reached nobody do not count"
    );
}

#[tokio::test]
async fn a_wrong_password_throws_no_mail_away_and_the_right_one_sends_it() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner {
        login: Some(("roost", "s:cr/t")),
        tls: None,
    })
    .await;
    let id = queue(&env, ADA, &code_mail(ADA)).await;
    for url in [
        format!("smtp://roost:wrong@{}", server.addr),
        format!("smtp://{}", server.addr),
    ] {
        let done = work(&env, &clock, &mut to(&url), 20).await;
        assert!(
            !done.is_empty() && done.iter().all(|(_, step)| *step == Step::Unreachable(id)),
            "{url}: {done:?}"
        );
        assert_eq!(fate(&env, id).await.state, MailState::Queued);
    }
    work(
        &env,
        &clock,
        &mut to(&format!("smtp://roost:s%3Acr%2Ft@{}", server.addr)),
        600,
    )
    .await;
    assert_eq!(fate(&env, id).await.state, MailState::Sent);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_server_that_refuses_the_sender_or_closes_throws_no_mail_away() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    server.plan([
        Act::AtSender("550 5.7.1 who are you"),
        Act::AtSender("451 4.3.0 later"),
        Act::AtRecipient("421 closing"),
        Act::AtRecipient("530 5.7.0 sign in first"),
    ]);
    let id = queue(&env, ADA, &code_mail(ADA)).await;
    let done = work(&env, &clock, &mut to_server(&server), 600).await;
    assert_eq!(
        done.iter().filter(|(_, step)| *step == Step::Unreachable(id)).count(),
        4,
        "{done:?}"
    );
    assert_eq!(fate(&env, id).await.state, MailState::Sent);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn starttls_when_required_is_never_done_without_and_only_with_a_trusted_certificate() {
    let (env, clock) = fixtures::env().await;
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, made.cert.pem()).expect("writes");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .expect("a TLS server");
    let manner = Manner {
        login: Some(("roost", "secret")),
        tls: Some(TlsAcceptor::from(Arc::new(config))),
    };
    let safe = SmtpServer::start(manner).await;
    let bare = SmtpServer::start(Manner {
        login: Some(("roost", "secret")),
        tls: None,
    })
    .await;
    let id = queue(&env, ADA, &code_mail(ADA)).await;
    let trusting = |addr| format!("smtp://roost:secret@{addr}?tls=required&ca={}", authority.display());
    for url in [
        trusting(bare.addr),
        format!("smtp://roost:secret@{}?tls=required", safe.addr),
    ] {
        let done = work(&env, &clock, &mut to(&url), 20).await;
        assert!(
            !done.is_empty() && done.iter().all(|(_, step)| *step == Step::Unreachable(id)),
            "{url}: {done:?}"
        );
    }
    work(&env, &clock, &mut to(&trusting(safe.addr)), 600).await;
    assert_eq!(fate(&env, id).await.state, MailState::Sent);
    assert!(safe.received().len() == 1 && safe.received()[0].encrypted);
    for server in [&safe, &bare] {
        let clear = server.look(|book| book.commands_in_clear.clone());
        let greeting = |line: &String| ["EHLO", "STARTTLS", "QUIT"].iter().any(|word| line.starts_with(word));
        assert!(clear.iter().all(greeting), "said in the clear: {clear:?}");
    }
}

#[tokio::test]
async fn two_workers_share_one_pace_and_send_each_mail_once() {
    let (env, clock) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    let (mut one, mut other) = (to_server(&server), to_server(&server));
    for _ in 0..6 {
        queue(&env, ADA, &code_mail(ADA)).await;
    }
    for second in 1..=6 {
        let steps = tokio::join!(step(&env, &mut one), step(&env, &mut other));
        let [a, b] = [steps.0.expect("steps"), steps.1.expect("steps")];
        let waits = |step: &Step| matches!(step, Step::Waiting(_));
        let sent = |step: &Step| matches!(step, Step::Sent(_));
        assert!((sent(&a) && waits(&b)) || (sent(&b) && waits(&a)), "{a:?} {b:?}");
        assert_eq!(server.received().len(), second);
        clock.advance_s(1);
    }
    let mut names: Vec<_> = server
        .received()
        .iter()
        .filter_map(|letter| letter.header("Message-ID"))
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6);
}

/// The same world again, on the same files, as after `kill -9`: what was in hand was never settled.
async fn again(url: &str, now: i64) -> (Env, Arc<TestClock>) {
    let (env, clock) = fixtures::env_on(url).await;
    clock.advance_ms(now - env.now().millis());
    (env, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_pace_and_sends_what_was_in_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = SmtpServer::start(Manner::default()).await;
    let url = |life: u8| {
        // A copy of the files for each life: the engine lets go of them in its own time.
        let path = folder.path().join(life.to_string());
        if life > 1 {
            copy(&folder.path().join((life - 1).to_string()), &path);
        }
        format!("surrealkv://{}?sync=every", path.display())
    };
    let (env, _) = fixtures::env_on(&url(1)).await;
    let in_hand = queue(&env, ADA, &code_mail(ADA)).await;
    let next = queue(&env, GRACE, &code_mail(GRACE)).await;
    claim(&env).await.expect("claims, and dies");
    let now = env.now().millis();

    let (env, clock) = again(&url(2), now + 1).await;
    let mut transport = to_server(&server);
    let waiting = step(&env, &mut transport).await.expect("steps");
    assert!(
        matches!(waiting, Step::Waiting(then) if then.millis() == now + 1000),
        "{waiting:?}"
    );
    clock.advance_ms(999);
    assert_eq!(step(&env, &mut transport).await.expect("steps"), Step::Sent(next));
    let now = env.now().millis();

    let (env, clock) = again(&url(3), now).await;
    assert!(
        matches!(step(&env, &mut transport).await.expect("steps"), Step::Waiting(_)),
        "the pace survived again"
    );
    clock.advance_s(LEASE.num_seconds());
    assert_eq!(step(&env, &mut transport).await.expect("steps"), Step::Sent(in_hand));
    assert_eq!(
        step(&env, &mut transport).await.expect("steps"),
        Step::Waiting(env.now().plus(chrono_second()))
    );
    assert_eq!(
        server.received().iter().map(|l| l.to.as_str()).collect::<Vec<_>>(),
        [GRACE.email, ADA.email]
    );
}

fn chrono_second() -> chrono::TimeDelta {
    chrono::TimeDelta::seconds(1)
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != "LOCK" {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_the_mail_in_hand_and_takes_no_other() {
    let (env, _) = fixtures::env().await;
    let server = SmtpServer::start(Manner::default()).await;
    let (has_it, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    server.plan([Act::Ponder(Arc::clone(&has_it), Arc::clone(&go_on))]);
    let [first, second] = [
        queue(&env, ADA, &code_mail(ADA)).await,
        queue(&env, GRACE, &code_mail(GRACE)).await,
    ];
    let stop = CancellationToken::new();
    let worker = tokio::spawn(run(env.clone(), to_server(&server), stop.clone()));
    has_it.notified().await;
    stop.cancel();
    go_on.notify_one();
    worker.await.expect("ends");
    assert_eq!(fate(&env, first).await.state, MailState::Sent);
    assert_eq!(fate(&env, second).await.state, MailState::Queued);
}

#[tokio::test]
async fn without_a_mail_server_development_shows_mails_and_production_keeps_them() {
    let (env, clock) = fixtures::env().await;
    let id = queue(&env, ADA, &code_mail(ADA)).await;
    let stop = CancellationToken::new();
    stop.cancel();
    run(env.clone(), Transport::Held, stop).await;
    assert_eq!(fate(&env, id).await.state, MailState::Queued);
    work(&env, &clock, &mut Transport::Outbox, 60).await;
    assert_eq!(fate(&env, id).await.state, MailState::Sent);
}
