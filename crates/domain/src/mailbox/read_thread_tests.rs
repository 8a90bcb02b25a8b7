use crate::{
    Env, Error, fixtures,
    mailbox::{
        list_letters, read_thread,
        testing::{Owner, file, get, order, put},
    },
};
use model::{
    Code,
    mailbox::{Folder, Shelf},
};
use serde_json::json;
use uuid::Uuid;

/// The newest letter on a shelf.
async fn newest(env: &Env, owner: &Owner, folder: Folder) -> Uuid {
    let page = list_letters(env, &owner.actor, &Shelf::Folder(folder), 0, 1)
        .await
        .expect("lists");
    page.lines[0].id
}

#[tokio::test]
async fn a_thread_is_read_from_its_beginning_without_what_was_thrown_away() {
    let (env, clock) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    put(&env, &ada.mailbox, order(&env, &["grace"], "Notes")).await;
    let first = newest(&env, &grace, Folder::Inbox).await;
    clock.advance_s(1);
    let mut answer = order(&env, &["ada"], "Re: Notes");
    answer["in_reply_to"] = json!(format!("l:{first}"));
    put(&env, &grace.mailbox, answer).await;
    put(&env, &grace.mailbox, order(&env, &["ada"], "Something else")).await;
    let thread = read_thread(&env, &ada.actor, first).await.expect("reads");
    let subjects: Vec<&str> = thread.iter().map(|letter| letter.line.subject.as_str()).collect();
    assert_eq!(subjects, ["Notes", "Re: Notes"]);
    assert_eq!(thread[0].body, "On the engine.");
    assert_eq!(
        thread[1].in_reply_to.as_ref().map(ToString::to_string),
        Some(format!("l:{first}"))
    );
    let id = format!("s:{first}");
    let mut state = get(&env, &ada.mailbox, &id).await.expect("reads");
    state.insert(
        "folder".into(),
        json!({"value": "trash", "at": "0199aaaaaaaa-0001", "by": "phone"}),
    );
    put(&env, &ada.mailbox, state.into()).await;
    let answer = thread[1].line.id;
    assert_eq!(read_thread(&env, &ada.actor, answer).await.expect("reads").len(), 1);
    assert_eq!(
        read_thread(&env, &ada.actor, first).await.expect("reads").len(),
        2,
        "but the letter itself is shown"
    );
}

#[tokio::test]
async fn files_are_told_of_and_letters_of_others_are_not_there() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    let hedy = Owner::sign_up(&env, model::samples::HEDY).await;
    let file = file(b"engine");
    let id = file["_id"].clone();
    put(&env, &ada.mailbox, file).await;
    let mut letter = order(&env, &["grace"], "With a file");
    letter["attachments"] = json!([id]);
    put(&env, &ada.mailbox, letter).await;
    let id = newest(&env, &grace, Folder::Inbox).await;
    let thread = read_thread(&env, &grace.actor, id).await.expect("reads");
    assert_eq!(thread[0].line.files, 1);
    assert_eq!(
        (thread[0].files[0].name.as_str(), thread[0].files[0].size),
        ("engine.txt", 6)
    );
    for (who, id) in [(&hedy, id), (&grace, env.new_id())] {
        let outcome = read_thread(&env, &who.actor, id).await;
        assert!(matches!(outcome, Err(Error::Rejected(no)) if no.code == Code::NotFound));
    }
}
