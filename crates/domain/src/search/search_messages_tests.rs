use super::*;
use crate::{
    Actor,
    conversations::{
        block, clear_conversation, delete_message, edit_message, open_conversation, remove_member, send_message,
        set_member, testing::Talk,
    },
    db::vars,
    fixtures::{self, refusal},
};
use model::{
    ClientId, Code, Hits,
    command::{EditMessage, OpenConversation, SendMessage, SetMember},
    samples::MALLORY,
};
use proptest::prelude::*;
use surrealdb::types::Value;

async fn index(talk: &Talk) {
    Indexer::new(talk.env.clone()).catch_up().await.expect("indexes");
}

async fn search(talk: &Talk, who: &Actor, command: SearchMessages) -> Hits {
    search_messages(&talk.env, who, command).await.expect("searches")
}

fn asking(q: &str) -> SearchMessages {
    SearchMessages {
        q: q.into(),
        ..SearchMessages::default()
    }
}

async fn found(talk: &Talk, who: &Actor, q: &str) -> Vec<u64> {
    let hits = search(talk, who, asking(q)).await;
    hits.items.iter().map(|hit| hit.message.seq).collect()
}

/// All rows of words, as text.
async fn rows(talk: &Talk) -> String {
    let rows: Vec<Value> = talk
        .env
        .db
        .list("SELECT * FROM message_word", vars! {})
        .await
        .expect("reads");
    format!("{rows:?}")
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_in_any_script_before_and_after_they_are_indexed() {
    let talk = Talk::between_ada_and_grace().await;
    for body in [
        "Good morning, Grace",
        "Meet me at the Café",
        "東京都へ行く",
        "The moon is good",
    ] {
        talk.ada_says(body).await;
    }
    for _ in 0..2 {
        for (q, expected) in [
            ("good", vec![4, 1]),
            ("GOOD mor", vec![1]),
            ("moon morning", vec![]),
            ("cafe", vec![2]),
            ("cáf", vec![2]),
            ("京都", vec![3]),
            ("京", vec![3]),
            ("都", vec![3]),
            ("東都", vec![]),
            ("mo", vec![4, 1]),
            ("oon", vec![]),
            ("", vec![]),
            ("?!", vec![]),
            ("'; DELETE message;", vec![]),
        ] {
            assert_eq!(found(&talk, &talk.grace, q).await, expected, "{q}");
        }
        index(&talk).await;
    }
    let hits = search(&talk, &talk.grace, asking("mo")).await;
    assert_eq!(hits.items[0].highlights, [(4, 6)]);
    assert_eq!(hits.items[0].title, talk.ada.account.display_name);
    assert_eq!(hits.items[0].message.author.username, "ada");
}

#[tokio::test]
async fn whole_words_come_before_beginnings_and_a_page_goes_on_where_the_last_one_ended() {
    let talk = Talk::between_ada_and_grace().await;
    for n in 1..=9 {
        let body = if n % 3 == 0 { "a car" } else { "some carpets" };
        talk.ada_says(&format!("{body}, number {n}")).await;
    }
    for _ in 0..2 {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let command = SearchMessages {
                after,
                limit: Some(2),
                ..asking("car")
            };
            let hits = search(&talk, &talk.ada, command).await;
            seen.extend(hits.items.iter().map(|hit| hit.message.seq));
            after = hits.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, [9, 6, 3, 8, 7, 5, 4, 2, 1]);
        index(&talk).await;
    }
    for after in ["", "w", "x.1.2", "w.1.nobody", "w.9.9.9"] {
        let command = SearchMessages {
            after: Some(after.into()),
            ..asking("car")
        };
        assert_eq!(
            refusal(search_messages(&talk.env, &talk.ada, command).await),
            Code::Invalid,
            "{after}"
        );
    }
    let command = SearchMessages {
        limit: Some(0),
        ..asking("car")
    };
    assert_eq!(
        refusal(search_messages(&talk.env, &talk.ada, command).await),
        Code::Invalid
    );
}

#[tokio::test]
async fn nobody_finds_what_is_not_for_them() {
    let talk = Talk::group_of_three().await;
    let mallory = fixtures::actor(&talk.env, MALLORY).await;
    talk.ada_says("swordfish one").await;
    set_member(&talk.env, &talk.ada, talk.id, "mallory", SetMember { role: None })
        .await
        .expect("adds");
    let second = talk.says(&talk.hedy, "swordfish two").await;
    let two = OpenConversation::direct("grace");
    let two = open_conversation(&talk.env, &talk.ada, two)
        .await
        .expect("opens")
        .conversation;
    let message = SendMessage {
        client_id: ClientId(talk.env.new_id()),
        body: "swordfish between two".into(),
        reply_to: None,
    };
    send_message(&talk.env, &talk.ada, two.id, message)
        .await
        .expect("sends");
    for _ in 0..2 {
        assert_eq!(found(&talk, &talk.ada, "swordfish").await, [1, 5, 3]);
        assert_eq!(found(&talk, &talk.hedy, "swordfish").await, [5, 3]);
        assert_eq!(
            found(&talk, &mallory, "swordfish").await,
            [second.seq],
            "from her joining on"
        );
        assert_eq!(
            found(&talk, &talk.ada, "engine").await,
            Vec::<u64>::new(),
            "events are not searched"
        );
        index(&talk).await;
    }
    let here = |who| {
        let command = SearchMessages {
            conversation: Some(two.id),
            ..asking("swordfish")
        };
        search_messages(&talk.env, who, command)
    };
    let hits = here(&talk.grace).await.expect("searches");
    assert_eq!(hits.items.len(), 1);
    assert_eq!(hits.items[0].title, talk.ada.account.display_name);
    assert_eq!(refusal(here(&talk.hedy).await), Code::NotFound);

    block(&talk.env, &talk.ada, "hedy").await.expect("blocks");
    assert_eq!(
        found(&talk, &talk.ada, "swordfish").await,
        [1, 3],
        "nobody whom I block"
    );
    assert_eq!(found(&talk, &talk.grace, "swordfish").await, [1, 5, 3]);
    clear_conversation(&talk.env, &talk.grace, talk.id)
        .await
        .expect("clears");
    assert_eq!(found(&talk, &talk.grace, "swordfish").await, [1], "deleted for oneself");
    remove_member(&talk.env, &talk.ada, talk.id, "mallory")
        .await
        .expect("removes");
    assert!(found(&talk, &mallory, "swordfish").await.is_empty());
}

#[tokio::test]
async fn what_is_deleted_or_edited_leaves_the_index_at_once() {
    let talk = Talk::between_ada_and_grace().await;
    let first = talk.ada_says("My password is swordfish").await;
    let second = talk.ada_says("Is that a password").await;
    index(&talk).await;
    assert!(rows(&talk).await.contains("swordfish"));
    let edit = EditMessage {
        body: "My password is secret".into(),
    };
    edit_message(&talk.env, &talk.ada, first.id, edit).await.expect("edits");
    assert!(
        !rows(&talk).await.contains("swordfish"),
        "a word nobody says any more has no row"
    );
    assert!(found(&talk, &talk.grace, "swordfish").await.is_empty());
    index(&talk).await;
    assert_eq!(found(&talk, &talk.grace, "secret").await, [1]);
    assert_eq!(found(&talk, &talk.grace, "password").await, [2, 1]);
    delete_message(&talk.env, &talk.ada, first.id).await.expect("deletes");
    assert!(!rows(&talk).await.contains("secret"));
    assert_eq!(found(&talk, &talk.grace, "password").await, [2]);
    index(&talk).await;
    delete_message(&talk.env, &talk.ada, second.id).await.expect("deletes");
    assert_eq!(rows(&talk).await, "[]");
}

#[tokio::test]
async fn a_message_that_is_deleted_while_it_is_indexed_is_not_in_the_index() {
    for round in 0..12 {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("swordfish").await;
        let mut indexer = Indexer::new(talk.env.clone());
        assert!(indexer.step(512).await.expect("looks"), "there is something to do");
        let deleting = async {
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            delete_message(&talk.env, &talk.ada, said.id).await.expect("deletes");
        };
        let (indexed, ()) = tokio::join!(indexer.step(512), deleting);
        indexed.expect("indexes");
        index(&talk).await;
        assert!(!rows(&talk).await.contains("swordfish"), "round {round}");
    }
}

#[tokio::test]
async fn a_step_notes_no_more_than_it_is_asked_to_and_the_next_goes_on() {
    let talk = Talk::between_ada_and_grace().await;
    for n in 0..10 {
        talk.ada_says(&format!("word{n}")).await;
    }
    let mut indexer = Indexer::new(talk.env.clone());
    assert!(indexer.step(4).await.expect("looks"));
    assert!(indexer.step(4).await.expect("notes"));
    let noted = rows(&talk).await;
    assert!(noted.contains("word3") && !noted.contains("word4"), "{noted}");
    while indexer.step(4).await.expect("goes on") {}
    assert!(rows(&talk).await.contains("word9"));
}

#[tokio::test]
async fn several_indexers_do_each_piece_once_and_one_that_stops_is_gone_on_with() {
    let talk = Talk::between_ada_and_grace().await;
    for n in 0..30 {
        talk.ada_says(&format!("number {n} of thirty")).await;
    }
    let [mut one, mut two] = [(); 2].map(|()| Indexer::new(talk.env.clone()));
    let (a, b) = tokio::join!(one.catch_up(), two.catch_up());
    a.expect("indexes");
    b.expect("indexes");
    let seqs = "SELECT VALUE seqs FROM ONLY type::record('message_word', [$c, 0, 'thirty'])";
    let seqs: Vec<u64> = talk
        .env
        .db
        .list(seqs, vars! { c: talk.id.uuid() })
        .await
        .expect("reads");
    assert_eq!(seqs, (1..=30).collect::<Vec<u64>>());
    talk.ada_says("one more of thirty").await;
    two.catch_up().await.expect("indexes");
    assert_eq!(found(&talk, &talk.ada, "thirty more").await, [31]);
}

#[tokio::test]
async fn a_group_that_goes_takes_its_words_with_it() {
    let talk = Talk::group_of_three().await;
    talk.ada_says("swordfish").await;
    index(&talk).await;
    for (who, name) in [(&talk.ada, "ada"), (&talk.grace, "grace"), (&talk.hedy, "hedy")] {
        remove_member(&talk.env, who, talk.id, name).await.expect("leaves");
    }
    index(&talk).await;
    let left: Option<u64> = talk
        .env
        .db
        .find(
            "RETURN (SELECT VALUE id FROM message_word).len() + (SELECT VALUE id FROM message_index).len()",
            vars! {},
        )
        .await
        .expect("counts");
    assert_eq!(left, Some(0));
}

#[tokio::test]
async fn a_search_reads_ranges_and_records_and_no_table() {
    let (env, _) = fixtures::env().await;
    let range = gather::RangeRow {
        c: env.new_id(),
        stretch: 0,
        first: "a".into(),
        past: "b".into(),
    };
    let inner = "SELECT VALUE seqs FROM message_word:[$c, $stretch, $first]..[$c, $stretch, $past]";
    assert!(gather::LOOK.contains("SELECT VALUE seqs FROM message_word:[$parent.c, $parent.stretch, $parent.first]"));
    let binds = vars! { c: range.c, stretch: range.stretch, first: range.first, past: range.past };
    let plan = env.db.plan(inner, binds).await;
    assert!(plan.contains("RecordIdScan") && !plan.contains("TableScan"), "{plan}");
    let plan = env
        .db
        .plan(gather::READ, vars! { at: vec![(env.new_id(), 1_u64)] })
        .await;
    assert!(!plan.contains("TableScan"), "{plan}");
    let binds = vars! { me: env.new_id() };
    let plan = env.db.plan(place::ALL, binds).await;
    assert!(
        plan.contains("membership_account") && !plan.contains("TableScan"),
        "{plan}"
    );
    let binds = vars! { since: env.now().datetime(), limit: 5 };
    let plan = env.db.plan(indexer::GROWN, binds).await;
    assert!(
        plan.contains("conversation_touched") && !plan.contains("TableScan"),
        "{plan}"
    );
}

/// What a person finds without an index: everything they may see, looked at.
fn by_looking(bodies: &[String], q: &str) -> Vec<u64> {
    let wanted = words::wanted(q);
    let mut found: Vec<(bool, u64)> = bodies
        .iter()
        .zip(1..)
        .filter(|(body, _)| !wanted.is_empty() && words::has_all(body, &wanted, false))
        .map(|(body, seq)| (words::has_all(body, &wanted, true), seq))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, seq)| seq).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever was said and however far it is indexed, a search finds what looking at everything finds.
    #[test]
    fn the_index_finds_what_looking_at_everything_finds(
        bodies in proptest::collection::vec("[abä東京]{1,3}( [abc東京]{1,3}){0,3}", 1..24),
        questions in proptest::collection::vec("[abc東京]{1,2}( [ab]{1,2})?", 1..6),
        indexed in 0_usize..24,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let talk = Talk::between_ada_and_grace().await;
            for (n, body) in bodies.iter().enumerate() {
                if n == indexed {
                    index(&talk).await;
                }
                talk.ada_says(body).await;
            }
            for q in &questions {
                let command = SearchMessages { limit: Some(100), ..asking(q) };
                let hits = search(&talk, &talk.grace, command).await;
                let found: Vec<u64> = hits.items.iter().map(|hit| hit.message.seq).collect();
                assert_eq!(found, by_looking(&bodies, q), "{q} in {bodies:?}, {indexed} indexed");
            }
        });
    }
}
