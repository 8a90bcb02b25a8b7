use crate::{
    Env, accounts, fixtures,
    mailbox::{
        search_letters,
        testing::{Owner, order, put},
    },
};
use model::{command::DeleteMe, samples::ADA};
use serde_json::json;

async fn found(env: &Env, owner: &Owner, question: &str) -> Vec<String> {
    let page = search_letters(env, &owner.actor, question, 0, 100)
        .await
        .expect("searches");
    assert_eq!(page.total, page.lines.len() as u64);
    page.lines.into_iter().map(|line| line.subject).collect()
}

async fn send(env: &Env, from: &Owner, subject: &str, body: &str) {
    let mut letter = order(env, &["grace"], subject);
    letter["body"] = json!(body);
    put(env, &from.mailbox, letter).await;
}

#[tokio::test]
async fn letters_are_found_by_the_beginnings_of_words_wherever_they_stand() {
    let (env, clock) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    for (subject, body) in [
        ("The Café", "Good morning, how is the engine?"),
        ("東京都", "京へ行く"),
        (
            "Long",
            "supercalifragilisticexpialidocious-ly supercalifragilisticexpialidociously",
        ),
        ("Engines", "Nothing of mornings."),
    ] {
        send(&env, &ada, subject, body).await;
        clock.advance_s(1);
    }
    for (question, expected) in [
        ("morn", vec!["Engines", "The Café"]),
        ("CAFE engi", vec!["The Café"]),
        ("orning", vec![]),
        ("engine", vec!["Engines", "The Café"]),
        ("東京", vec!["東京都"]),
        ("京都", vec!["東京都"]),
        ("都", vec!["東京都"]),
        ("東京都へ", vec![]),
        ("京都へ行", vec![]),
        ("supercalifragilisticexpialidociously", vec!["Long"]),
        ("supercalifragilisticexpialidociousness", vec![]),
        ("lovelace", vec!["Engines", "Long", "東京都", "The Café"]),
        ("gra nothing", vec!["Engines"]),
        ("", vec![]),
        ("?!", vec![]),
    ] {
        assert_eq!(found(&env, &grace, question).await, expected, "{question}");
        assert_eq!(
            found(&env, &ada, question).await,
            expected,
            "{question}, in the sender's own"
        );
    }
    let page = search_letters(&env, &grace.actor, "lovelace", 1, 2)
        .await
        .expect("searches");
    assert_eq!(
        page.lines.iter().map(|line| line.subject.as_str()).collect::<Vec<_>>(),
        ["Long", "東京都"]
    );
    assert_eq!(page.total, 4);
    let past = search_letters(&env, &grace.actor, "lovelace", 9, 2)
        .await
        .expect("searches");
    assert_eq!((past.lines.len(), past.total), (0, 4));
}

#[tokio::test]
async fn nobody_is_found_by_the_name_of_somebody_who_left() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    send(&env, &ada, "Notes", "On the engine.").await;
    assert_eq!(found(&env, &grace, "lovelace").await, ["Notes"]);
    let farewell = DeleteMe {
        password: ADA.password.into(),
    };
    accounts::delete_me(&env, &fixtures::caller(), &ada.actor, farewell)
        .await
        .expect("leaves");
    assert_eq!(found(&env, &grace, "lovelace").await, [""; 0]);
    assert_eq!(found(&env, &grace, "engine").await, ["Notes"]);
}
