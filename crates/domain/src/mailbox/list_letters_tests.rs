use crate::{
    Env,
    db::vars,
    doctor, fixtures,
    mailbox::{
        count_letters, list_letters,
        testing::{Owner, get, order, put, with_prefix, write_all_of},
    },
};
use model::mailbox::{Counts, Folder, Shelf};
use serde_json::{Value, json};
use sync::mailbox::Mode;
use uuid::Uuid;

const INBOX: Shelf = Shelf::Folder(Folder::Inbox);

/// The subjects on a shelf, newest first.
async fn subjects(env: &Env, owner: &Owner, shelf: &Shelf) -> Vec<String> {
    let page = list_letters(env, &owner.actor, shelf, 0, 100).await.expect("lists");
    assert_eq!(page.total, page.lines.len() as u64);
    page.lines.into_iter().map(|line| line.subject).collect()
}

/// The state of the letter with this subject.
async fn state_of(env: &Env, owner: &Owner, subject: &str) -> Value {
    let letters = with_prefix(env, &owner.mailbox, "l:").await;
    let letter = letters
        .iter()
        .find(|letter| letter["subject"] == subject)
        .expect("is there");
    let id = letter["_id"].as_str().expect("an id").replace("l:", "s:");
    Value::Object(get(env, &owner.mailbox, &id).await.expect("reads"))
}

async fn mark(env: &Env, owner: &Owner, subject: &str, field: &str, value: Value) {
    let mut state = state_of(env, owner, subject).await;
    state[field] = json!({"value": value, "at": "0199aaaaaaaa-0001", "by": "phone"});
    put(env, &owner.mailbox, state).await;
}

async fn send(env: &Env, from: &Owner, subjects: &[&str]) {
    for subject in subjects {
        put(env, &from.mailbox, order(env, &["grace"], subject)).await;
    }
}

#[tokio::test]
async fn letters_lie_where_their_states_say_the_newest_first() {
    let (env, clock) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    for subject in ["first", "second", "third"] {
        send(&env, &ada, &[subject]).await;
        clock.advance_s(1);
    }
    assert_eq!(subjects(&env, &grace, &INBOX).await, ["third", "second", "first"]);
    assert_eq!(
        subjects(&env, &ada, &Shelf::Folder(Folder::Sent)).await,
        ["third", "second", "first"]
    );
    assert_eq!(subjects(&env, &ada, &INBOX).await, [""; 0]);
    mark(&env, &grace, "second", "folder", json!("archive")).await;
    mark(&env, &grace, "third", "folder", json!("trash")).await;
    for subject in ["second", "third"] {
        mark(&env, &grace, subject, "starred", json!(true)).await;
        mark(&env, &grace, subject, "labels", json!(["work", "engines"])).await;
    }
    mark(&env, &grace, "first", "read", json!(true)).await;
    assert_eq!(subjects(&env, &grace, &INBOX).await, ["first"]);
    assert_eq!(subjects(&env, &grace, &Shelf::Folder(Folder::Trash)).await, ["third"]);
    for shelf in [
        Shelf::Folder(Folder::Archive),
        Shelf::Starred,
        Shelf::Label("work".into()),
    ] {
        assert_eq!(subjects(&env, &grace, &shelf).await, ["second"], "{shelf:?}");
    }
    for shelf in [Shelf::Drafts, Shelf::Outbox] {
        assert_eq!(subjects(&env, &grace, &shelf).await, [""; 0]);
    }
    let counts = count_letters(&env, &grace.actor).await.expect("counts");
    let expected = Counts {
        inbox: 1,
        archive: 1,
        trash: 1,
        starred: 1,
        labels: vec![("engines".into(), 1), ("work".into(), 1)],
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn a_line_says_what_the_letter_and_its_state_say() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let mut letter = order(&env, &["grace"], "Notes");
    letter["body"] = json!("Dear Grace,\n\nall is well.");
    put(&env, &ada.mailbox, letter).await;
    let page = list_letters(&env, &grace.actor, &INBOX, 0, 10).await.expect("lists");
    let line = &page.lines[0];
    assert_eq!(
        (line.subject.as_str(), line.snippet.as_str()),
        ("Notes", "Dear Grace, all is well.")
    );
    assert_eq!(
        (line.from.username.as_str(), line.to[0].username.as_str()),
        ("ada", "grace")
    );
    assert!(!line.read && !line.starred && line.labels.is_empty() && line.files == 0);
    assert_eq!(line.sent_at, env.now());
}

#[tokio::test]
async fn drafts_and_the_outbox_are_counted_as_they_come_and_go() {
    let (env, _) = fixtures::env().await;
    let (ada, _) = Owner::two(&env).await;
    let counted = async || {
        let counts = count_letters(&env, &ada.actor).await.expect("counts");
        (counts.drafts, counts.outbox)
    };
    let id = format!("d:{}", env.new_id());
    let draft = json!({"_id": id, "type": "draft", "to": [], "subject": "", "body": "", "updated_at": env.now()});
    let rev = put(&env, &ada.mailbox, draft).await;
    assert_eq!(counted().await, (1, 0));
    let refused = order(&env, &["nobody"], "To nobody");
    let order_id = refused["_id"].clone();
    let order_rev = put(&env, &ada.mailbox, refused).await;
    send(&env, &ada, &["To Grace"]).await;
    assert_eq!(counted().await, (1, 1), "what was delivered does not wait");
    put(&env, &ada.mailbox, json!({"_id": id, "_rev": rev, "_deleted": true})).await;
    put(
        &env,
        &ada.mailbox,
        json!({"_id": order_id, "_rev": order_rev, "_deleted": true}),
    )
    .await;
    assert_eq!(counted().await, (0, 0), "it was put away");
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn pages_of_a_long_list_follow_each_other() {
    let (env, clock) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let orders: Vec<Value> = (0..150).map(|n| order(&env, &["grace"], &n.to_string())).collect();
    for (n, some) in orders.chunks(1).enumerate() {
        // Some of them within one millisecond.
        clock.advance_ms(i64::from(n % 3 == 0));
        write_all_of(&env, &ada.mailbox, Mode::Edit, some).await;
    }
    let mut seen = Vec::new();
    for skip in [0, 60, 120] {
        let page = list_letters(&env, &grace.actor, &INBOX, skip, 60).await.expect("lists");
        assert_eq!(page.total, 150);
        seen.extend(page.lines.into_iter().map(|line| (line.sent_at, line.id)));
    }
    assert_eq!(seen.len(), 150);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
    for limit in [0, 101] {
        assert!(list_letters(&env, &grace.actor, &INBOX, 0, limit).await.is_err());
    }
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn a_mailbox_from_before_there_were_lists_gets_them_when_they_are_first_needed() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    send(&env, &ada, &["first", "second"]).await;
    mark(&env, &grace, "first", "folder", json!("archive")).await;
    put(&env, &grace.mailbox, order(&env, &["nobody"], "To nobody")).await;
    let forget = "DELETE letter; DELETE letter_thread; DELETE letter_sheet; DELETE letter_catalogue;";
    let before = count_letters(&env, &grace.actor).await.expect("counts");
    env.db.read(forget, vars! {}).await.expect("forgets");
    assert_eq!(
        count_letters(&env, &grace.actor).await.expect("counts"),
        before,
        "a reader makes them"
    );
    env.db.read(forget, vars! {}).await.expect("forgets");
    send(&env, &ada, &["third"]).await;
    assert_eq!(
        subjects(&env, &grace, &Shelf::Folder(Folder::Archive)).await,
        ["first"],
        "and so does a writer"
    );
    assert_eq!(subjects(&env, &grace, &INBOX).await.len(), 2);
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn what_devices_bring_back_after_a_backup_is_listed_in_whatever_order_it_comes() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    send(&env, &ada, &["Notes"]).await;
    mark(&env, &grace, "Notes", "starred", json!(true)).await;
    let letters = with_prefix(&env, &grace.mailbox, "l:").await;
    let states = with_prefix(&env, &grace.mailbox, "s:").await;
    let erase = concat!(crate::mailbox::erase_mailbox!(), "RETURN true;");
    for state_first in [false, true] {
        let binds = vars! { mailbox: grace.mailbox.id(), last: Uuid::max() };
        env.db.transact::<bool>(erase, binds).await.expect("is lost");
        let grace = Owner {
            mailbox: crate::mailbox::open_mailbox(&env, &grace.actor, "grace")
                .await
                .expect("opens"),
            actor: grace.actor.clone(),
        };
        let (letter, state) = (Value::Object(letters[0].clone()), Value::Object(states[0].clone()));
        let both = if state_first { [state, letter] } else { [letter, state] };
        for one in both {
            let written = write_all_of(&env, &grace.mailbox, Mode::Replicate, &[one]).await;
            assert!(written[0].outcome.is_ok(), "{written:?}");
        }
        assert_eq!(subjects(&env, &grace, &Shelf::Starred).await, ["Notes"]);
        assert_eq!(subjects(&env, &grace, &INBOX).await, ["Notes"]);
        assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
    }
}
