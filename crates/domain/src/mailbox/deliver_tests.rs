use super::super::{Writing, testing::*, write_document};
use super::*;
use crate::{conversations, doctor, fixtures, mailbox::Mailbox};
use model::samples::{HEDY, MALLORY};
use serde_json::{Map, Value, json};
use sync::mailbox::Mode;

async fn count(env: &Env, mailbox: &Mailbox, prefix: &str) -> usize {
    with_prefix(env, mailbox, prefix).await.len()
}

async fn receipt(env: &Env, mailbox: &Mailbox, order: &Value) -> Value {
    let id = order["_id"].as_str().expect("an id").replacen("o:", "r:", 1);
    Value::Object(get(env, mailbox, &id).await.expect("a receipt"))
}

#[tokio::test]
async fn an_order_becomes_a_letter_at_both_ends_a_state_for_each_and_a_receipt() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let order = order(&env, &["grace"], "Notes");
    put(&env, &ada.mailbox, order.clone()).await;
    let receipt = receipt(&env, &ada.mailbox, &order).await;
    assert_eq!(
        (&receipt["state"], &receipt["refused"]),
        (&json!("delivered"), &json!([]))
    );
    let id = receipt["letter"].as_str().expect("a letter");
    let mut copies = Vec::new();
    for (owner, folder, is_read) in [(&ada, "sent", true), (&grace, "inbox", false)] {
        let mut letter = get(&env, &owner.mailbox, id).await.expect("a letter");
        assert_eq!(
            (&letter["subject"], &letter["from"]["username"]),
            (&json!("Notes"), &json!("ada"))
        );
        assert_eq!(letter["to"][0]["username"], "grace");
        let state = get(&env, &owner.mailbox, &id.replacen("l:", "s:", 1))
            .await
            .expect("a state");
        assert_eq!(
            (&state["folder"]["value"], &state["read"]["value"]),
            (&json!(folder), &json!(is_read))
        );
        letter.remove("_rev");
        assert!(letter.remove("seal").is_some(), "each copy has a seal of its own");
        copies.push(letter);
    }
    assert_eq!(copies[0], copies[1]);
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn an_order_is_delivered_once_however_often_and_from_wherever_it_comes() {
    let (env, _) = fixtures::env().await;
    let elsewhere = another(&env).await;
    let (ada, grace) = Owner::two(&env).await;
    let order = order(&env, &["grace"], "Once");
    let as_replicated = {
        let mut order = order.clone();
        order["_rev"] = json!("1-0123456789abcdef0123456789abcdef");
        order
    };
    // Two tabs, two devices, two processes, at the same moment.
    let tries = (0..12).map(|n| {
        let env = if n % 2 == 0 { &env } else { &elsewhere };
        let (mode, document) = if n % 3 == 0 {
            (Mode::Edit, &order)
        } else {
            (Mode::Replicate, &as_replicated)
        };
        let writing = Writing {
            document: document.clone(),
            ..Writing::default()
        };
        write_document(env, &ada.mailbox, writing, mode)
    });
    let outcomes = futures::future::join_all(tries).await;
    assert!(outcomes.iter().any(Result::is_ok));
    assert_eq!(
        (
            count(&env, &grace.mailbox, "l:").await,
            count(&env, &ada.mailbox, "l:").await
        ),
        (1, 1)
    );
    assert_eq!(
        (
            count(&env, &grace.mailbox, "s:").await,
            count(&env, &ada.mailbox, "r:").await
        ),
        (1, 1)
    );
    // Also after its device took it off its list, and another one still has it.
    let rev = get(&env, &ada.mailbox, order["_id"].as_str().expect("an id"))
        .await
        .expect("the order")["_rev"]
        .clone();
    put(
        &env,
        &ada.mailbox,
        json!({"_id": order["_id"], "_rev": rev, "_deleted": true}),
    )
    .await;
    for (mode, document) in [(Mode::Edit, &order), (Mode::Replicate, &as_replicated)] {
        write_all_of(&env, &ada.mailbox, mode, std::slice::from_ref(document)).await;
    }
    assert_eq!(count(&env, &grace.mailbox, "l:").await, 1);
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn recipients_are_refused_one_by_one_and_blocks_are_not_told() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let (hedy, mallory) = (Owner::sign_up(&env, HEDY).await, Owner::sign_up(&env, MALLORY).await);
    conversations::block(&env, &hedy.actor, "ada").await.expect("blocks");
    conversations::block(&env, &ada.actor, "mallory").await.expect("blocks");
    let mixed = order(&env, &["nobody", "hedy", "grace", "mallory", "@Grace"], "To all");
    put(&env, &ada.mailbox, mixed.clone()).await;
    let receipt_of_mixed = receipt(&env, &ada.mailbox, &mixed).await;
    assert_eq!(receipt_of_mixed["state"], "delivered");
    let refused = json!([
        {"to": "nobody", "code": "not_found"},
        {"to": "hedy", "code": "not_found"},
        {"to": "mallory", "code": "blocked"},
    ]);
    assert_eq!(receipt_of_mixed["refused"], refused);
    assert_eq!(count(&env, &grace.mailbox, "l:").await, 1);
    for other in [&hedy, &mallory] {
        assert_eq!(count(&env, &other.mailbox, "").await, 0);
    }
    let nobody = order(&env, &["nobody", "hedy"], "To nobody");
    put(&env, &ada.mailbox, nobody.clone()).await;
    let receipt_of_nobody = receipt(&env, &ada.mailbox, &nobody).await;
    assert_eq!(
        (&receipt_of_nobody["state"], receipt_of_nobody.get("letter")),
        (&json!("refused"), None)
    );
    assert_eq!(count(&env, &ada.mailbox, "l:").await, 1);
}

#[tokio::test]
async fn answers_are_of_one_thread_and_a_letter_to_oneself_is_one_letter() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let first = order(&env, &["grace"], "Notes");
    put(&env, &ada.mailbox, first.clone()).await;
    let letter = receipt(&env, &ada.mailbox, &first).await["letter"].clone();
    let mut answer = order(&env, &["ada", "grace"], "Re: Notes");
    answer["in_reply_to"] = letter.clone();
    put(&env, &grace.mailbox, answer).await;
    for owner in [&ada, &grace] {
        let letters = with_prefix(&env, &owner.mailbox, "l:").await;
        assert_eq!(letters.len(), 2);
        assert_eq!(letters[0]["thread"], letters[1]["thread"]);
        assert_eq!(letters[1]["in_reply_to"], letter);
    }
    let states = with_prefix(&env, &grace.mailbox, "s:").await;
    assert_eq!(states.last().expect("hers")["folder"]["value"], "inbox");
}

#[tokio::test]
async fn files_go_along_and_one_that_is_not_there_keeps_the_order_back() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let bytes = b"difference engine".to_vec();
    use sha2::{Digest, Sha256};
    let sha256: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = json!({
        "_id": format!("b:{sha256}"), "type": "attachment", "name": "e.txt", "media_type": "text/plain", "size": bytes.len(),
        "_attachments": {"content": {"content_type": "text/plain", "data": "ZGlmZmVyZW5jZSBlbmdpbmU="}},
    });
    let mut order = order(&env, &["grace"], "With a file");
    order["attachments"] = json!([file["_id"]]);
    let refused = write_all_of(&env, &ada.mailbox, Mode::Edit, std::slice::from_ref(&order))
        .await
        .remove(0);
    assert!(matches!(refused.outcome, Err(Fault::Forbidden(_))));
    // In one batch, whichever comes first.
    let both = write_all_of(&env, &ada.mailbox, Mode::Edit, &[order, file.clone()]).await;
    assert!(both.iter().all(|one| one.outcome.is_ok()), "{both:?}");
    let id = file["_id"].as_str().expect("an id");
    let got = crate::mailbox::get_attachment(&env, &grace.mailbox, id, &Default::default(), "content").await;
    assert_eq!(got.expect("hers").bytes, bytes);
    assert_eq!(
        with_prefix(&env, &grace.mailbox, "l:").await[0]["attachments"],
        json!([id])
    );
}

#[tokio::test]
async fn who_sends_too_much_is_slowed_down_and_what_comes_again_is_not_counted() {
    let (env, clock) = fixtures::env().await;
    let (ada, _) = Owner::two(&env).await;
    let orders: Vec<Value> = (0..210).map(|n| order(&env, &["nobody"], &format!("{n}"))).collect();
    let taken = |written: Vec<super::super::Written>| written.iter().filter(|one| one.outcome.is_ok()).count();
    let first = write_all_of(&env, &ada.mailbox, Mode::Edit, &orders).await;
    let last = first.last().expect("the last").outcome.clone();
    assert!(matches!(last, Err(Fault::TooMany(..))), "{last:?}");
    assert_eq!(taken(first), 200);
    clock.advance_s(60);
    let rest: Vec<Value> = orders[200..].to_vec();
    assert_eq!(taken(write_all_of(&env, &ada.mailbox, Mode::Edit, &rest).await), 10);
}

#[tokio::test]
async fn after_a_restored_backup_letters_come_back_once_and_only_to_whom_they_were() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let order = order(&env, &["grace"], "Lost and found");
    put(&env, &ada.mailbox, order.clone()).await;
    let held = async |owner: &Owner, prefix: &str| with_prefix(&env, &owner.mailbox, prefix).await.remove(0);
    let (hers, his) = (held(&grace, "l:").await, held(&ada, "l:").await);
    // The backup knows neither the order nor the letter.
    let documents = ["document", "document_change", "document_body"];
    let lists = ["letter", "letter_thread", "letter_sheet", "letter_catalogue"];
    for table in documents.into_iter().chain(lists) {
        let forget = format!("DELETE {table}");
        env.db.surreal().query(forget).await.expect("forgets");
    }
    let empty = "UPDATE mailbox SET seq = 0, live = 0, dead = 0";
    env.db.read(empty, crate::db::vars! {}).await.expect("forgets");
    let bring_back = async |owner: &Owner, document: Map<String, Value>| {
        write_all_of(&env, &owner.mailbox, Mode::Replicate, &[Value::Object(document)])
            .await
            .remove(0)
            .outcome
    };
    assert!(bring_back(&ada, hers.clone()).await.is_err(), "it is not hers");
    let mut forged = his.clone();
    forged.insert("subject".into(), json!("Another"));
    assert!(bring_back(&ada, forged).await.is_err());
    bring_back(&ada, his.clone()).await.expect("comes back");
    put(&env, &ada.mailbox, order).await;
    assert_eq!(held(&grace, "l:").await, hers, "the same letter in the same words");
    bring_back(&grace, hers.clone()).await.expect("is known");
    assert_eq!(count(&env, &grace.mailbox, "l:").await, 1);
    assert_eq!(held(&grace, "l:").await.get("_conflicts"), None);
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}
