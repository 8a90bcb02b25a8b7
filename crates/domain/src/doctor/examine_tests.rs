use super::examine;
use crate::{
    Env,
    conversations::{
        block, clear_conversation, delete_message, edit_message, mark_read, open_conversation, react, remove_member,
        send_message, testing::Talk,
    },
    db::vars,
    fixtures,
    search::Indexer,
};
use model::{
    ClientId,
    admin::Diagnosis,
    command::{EditMessage, MarkRead, OpenConversation, SendMessage},
    samples::MALLORY,
};
use surrealdb::types::Value;
use uuid::Uuid;

/// A group and a conversation of two in which everything happened that can.
async fn mixed_life() -> (Talk, Uuid) {
    let talk = Talk::group_of_three().await;
    let env = &talk.env;
    for n in 0..6 {
        talk.ada_says(&format!("Number {n}, for @grace")).await;
    }
    let said = talk.ada_says("My password is swordfish").await;
    talk.grace_answers(&said, "Better not say that").await;
    let edit = EditMessage {
        body: "My password is *******".into(),
    };
    edit_message(env, &talk.ada, said.id, edit).await.expect("edits");
    react(env, &talk.grace, said.id, "👀").await.expect("reacts");
    let gone = talk.ada_says("Forget this").await;
    delete_message(env, &talk.ada, gone.id).await.expect("deletes");
    mark_read(env, &talk.grace, talk.id, MarkRead { seq: 4 })
        .await
        .expect("marks");
    let mallory = fixtures::actor(env, MALLORY).await;
    crate::conversations::set_member(
        env,
        &talk.ada,
        talk.id,
        "mallory",
        model::command::SetMember { role: None },
    )
    .await
    .expect("adds");
    talk.says(&talk.hedy, "Welcome").await;
    remove_member(env, &talk.hedy, talk.id, "hedy").await.expect("leaves");
    block(env, &mallory, "ada").await.expect("blocks");
    let two = open_conversation(env, &talk.ada, OpenConversation::direct("grace"))
        .await
        .expect("opens")
        .conversation
        .id;
    for (who, body) in [
        (&talk.ada, "Just you"),
        (&talk.grace, "Just you, too"),
        (&talk.ada, "Good"),
    ] {
        let message = SendMessage {
            client_id: ClientId(env.new_id()),
            body: body.into(),
            reply_to: None,
        };
        send_message(env, who, two, message).await.expect("sends");
    }
    clear_conversation(env, &talk.grace, two).await.expect("clears");
    Indexer::new(env.clone()).catch_up().await.expect("indexes");
    talk.ada_says("Not indexed yet").await;
    (talk, two.uuid())
}

async fn look(env: &Env) -> Diagnosis {
    examine(env).await.expect("looks")
}

#[tokio::test]
async fn after_a_mixed_life_all_is_well() {
    let (talk, _) = mixed_life().await;
    let diagnosis = look(&talk.env).await;
    assert_eq!(diagnosis.findings, []);
    assert_eq!(
        (diagnosis.conversations, diagnosis.memberships, diagnosis.restless),
        (2, 5, 0)
    );
    assert!(diagnosis.messages > 15);
    let (empty, _) = fixtures::env().await;
    assert_eq!(look(&empty).await, Diagnosis::default());
}

/// What is damaged, and by which check it is found. `$g` is the group, `$d` the direct conversation.
const DAMAGES: &[(&str, &str)] = &[
    ("seq", "DELETE type::record('message', [$g, 4])"),
    (
        "seq",
        "CREATE type::record('message', [$g, 0]) SET uid = $new, author = $ada, client_id = $new, body = '', sent_at = time::now()",
    ),
    ("head", "UPDATE type::record('conversation', $g) SET last_seq -= 1"),
    ("seq", "UPDATE type::record('conversation', $g) SET last_seq += 1"),
    ("rev", "DELETE type::record('message_change', [$g, 1])"),
    ("rev", "UPDATE type::record('conversation', $g) SET rev -= 1"),
    ("rev", "UPDATE type::record('message', [$g, 4]) SET rev = 1"),
    ("rev", "UPDATE type::record('message_change', [$g, 2]) SET seq = 99"),
    ("sent", "DELETE sent"),
    ("sent", "UPDATE type::record('message', [$g, 4]) SET client_id = $new"),
    (
        "stray",
        "CREATE type::record('sent', [$ada, $new]) SET conversation = $g, seq = 4",
    ),
    (
        "stray",
        "CREATE type::record('message', [$new, 1]) SET uid = $new, author = $ada, client_id = $new, body = '', sent_at = time::now()",
    ),
    (
        "stray",
        "CREATE type::record('membership', [$new, $ada]) SET conversation = $new, account = $ada, read_seq = 0, joined_at = time::now()",
    ),
    (
        "stray",
        "CREATE type::record('direct', [$new, $ada]) SET conversation = $new",
    ),
    ("stray", "CREATE type::record('message_change', [$new, 1]) SET seq = 1"),
    (
        "tombstone",
        "UPDATE message SET body = 'Forget this' WHERE deleted_at != NONE",
    ),
    (
        "tombstone",
        "UPDATE message SET mentions = [$ada] WHERE deleted_at != NONE",
    ),
    (
        "tombstone",
        "FOR $m IN (SELECT VALUE record::id(id) FROM message WHERE deleted_at != NONE) { CREATE type::record('message_version', [$m[0], $m[1], 1]) SET body = 'Forget', until = time::now() }",
    ),
    (
        "marker",
        "UPDATE type::record('membership', [$g, $ada]) SET read_seq = 999",
    ),
    (
        "marker",
        "UPDATE type::record('membership', [$g, $ada]) SET cleared_seq = 999",
    ),
    (
        "marker",
        "UPDATE type::record('membership', [$g, $ada]) SET joined_seq = 999",
    ),
    (
        "membership",
        "UPDATE type::record('membership', [$g, $ada]) SET account = $new",
    ),
    ("owner", "UPDATE membership SET role = NONE"),
    ("members", "UPDATE type::record('conversation', $g) SET members = 17"),
    ("pair", "DELETE direct"),
    (
        "pair",
        "CREATE type::record('membership', [$d, $new]) SET conversation = $d, account = $new, read_seq = 0, joined_at = time::now()",
    ),
    ("words", "DELETE type::record('message_word', [$g, 0, 'welcome'])"),
    (
        "words",
        "UPDATE message_word SET seqs += 4 WHERE record::id(id)[2] = 'welcome'",
    ),
    (
        "words",
        "CREATE type::record('message_word', [$g, 0, 'swordfish']) SET seqs = [9]",
    ),
    ("words", "UPDATE type::record('message_index', $g) SET seq = 999"),
    (
        "uid",
        "REMOVE INDEX message_uid ON message; UPDATE message SET uid = $new WHERE record::id(id)[1] < 3",
    ),
];

/// What the damages are done to.
const TABLES: [&str; 9] = [
    "conversation",
    "direct",
    "membership",
    "message",
    "message_change",
    "message_index",
    "message_version",
    "message_word",
    "sent",
];

async fn rows(env: &Env, table: &str) -> Value {
    let asked = env.db.surreal().query(format!("SELECT * FROM {table}")).await;
    asked.expect("asks").take(0).expect("rows")
}

async fn put_back(env: &Env, table: &str, rows: &Value) {
    let statements = format!("BEGIN; DELETE {table}; INSERT INTO {table} $rows RETURN NONE; COMMIT;");
    let put = env
        .db
        .surreal()
        .query(statements)
        .bind(vars! { rows: rows.clone() })
        .await;
    put.and_then(surrealdb::IndexedResults::check).expect("puts it back");
}

#[tokio::test]
async fn every_kind_of_damage_is_found_under_its_name() {
    let (talk, two) = mixed_life().await;
    let env = &talk.env;
    let mut whole = Vec::new();
    for table in TABLES {
        whole.push((table, rows(env, table).await));
    }
    for (check, damage) in DAMAGES {
        let binds = vars! { g: talk.id.uuid(), d: two, ada: talk.ada.id().uuid(), new: env.new_id() };
        env.db.read(damage, binds).await.expect("damages");
        let diagnosis = look(env).await;
        let told = format!("{:?}", diagnosis.findings);
        assert!(
            diagnosis.findings.iter().any(|finding| finding.check == *check),
            "{damage}: {told}"
        );
        assert!(
            !told.contains("swordfish") && !told.contains("Forget"),
            "nothing that was said is told: {told}"
        );
        for (table, rows) in &whole {
            put_back(env, table, rows).await;
        }
    }
    assert_eq!(look(env).await.findings, [], "without a damage nothing is found");
}

#[tokio::test]
async fn what_is_unread_is_counted_anew_from_the_log() {
    let (talk, _) = mixed_life().await;
    let told = crate::conversations::list_conversations(&talk.env, &talk.grace)
        .await
        .expect("lists");
    assert!(
        told[0].unread > 0 && told[0].mentions > 0,
        "there is something to count"
    );
    // As if her marker were elsewhere than where the list reads it.
    let mut state = super::conversation::state(&talk.env, talk.id.uuid())
        .await
        .expect("reads")
        .expect("is there");
    let person = state
        .people
        .iter_mut()
        .find(|person| person.account == talk.grace.id().uuid());
    person.expect("grace").read_seq += 1;
    let notes = super::conversation::look(&talk.env, talk.id.uuid(), &state)
        .await
        .expect("looks");
    assert_eq!(notes.checks(), ["unread"]);
}
