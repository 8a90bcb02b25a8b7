//! People who come from the host site, and people who would like to be taken for others.

use super::*;
use crate::{
    Actor, Authority,
    accounts::{self, host_testing},
    fixtures,
    mail::list_outbox,
    users,
};
use model::{
    Account,
    command::SignIn,
    samples::{ADA, GRACE, HEDY, MALLORY, Player},
};
use serde_json::{Value, json};
use std::sync::Arc;

async fn world() -> (Env, Arc<fixtures::TestClock>) {
    let (mut env, clock) = fixtures::env().await;
    env.host = Arc::new(host_testing::trust(Some(host_testing::SECRET), false));
    (env, clock)
}

fn about(env: &Env, subject: &str, player: Player) -> Value {
    let mut claims = host_testing::claims(env, subject);
    claims["preferred_username"] = json!(player.username);
    claims["name"] = json!(player.display_name);
    claims["email"] = json!(player.email);
    claims
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

async fn come(env: &Env, claims: &Value) -> Result<Account> {
    let token = host_testing::hs256(claims);
    let opened = sign_in_from_host(env, &fixtures::caller(), &token, SessionKind::Token).await?;
    Ok(opened.signed_in.account)
}

async fn code(env: &Env, claims: &Value) -> Code {
    match come(env, claims).await {
        Err(Error::Rejected(rejection)) => rejection.code,
        other => panic!("{other:?}"),
    }
}

async fn disable(env: &Env, account: &Account) {
    let binds = vars! { id: account.id.uuid(), now: env.now().datetime() };
    env.db
        .transact::<bool>(
            "UPDATE type::record('account', $id) SET disabled_at = $now; RETURN true;",
            binds,
        )
        .await
        .expect("disables");
}

async fn found(env: &Env, actor: &Actor, query: &str) -> Vec<String> {
    let people = accounts::find_people(env, actor, query).await.expect("finds");
    people.into_iter().map(|person| person.username).collect()
}

#[tokio::test]
async fn the_first_token_makes_the_account_and_later_ones_keep_it_as_the_site_has_it() {
    let (env, _) = world().await;
    let grace = fixtures::actor(&env, GRACE).await;
    let mails = list_outbox(&env, 100).await.expect("the outbox").len();
    let first = come(&env, &about(&env, "7", ADA)).await.expect("comes");
    assert_eq!(
        (
            first.username.as_str(),
            first.display_name.as_str(),
            first.email.as_deref(),
            first.role
        ),
        ("ada", ADA.display_name, Some(ADA.email), Role::User)
    );
    assert_eq!(found(&env, &grace, "lovelace").await, ["ada"]);
    let married = with(about(&env, "7", ADA), "name", json!("Ada King"));
    let married = with(married, "email", json!("countess@example.org"));
    let married = with(married, "preferred_username", json!("countess"));
    let again = come(&env, &married).await.expect("comes again");
    assert_eq!(
        (again.id, again.username.as_str()),
        (first.id, "ada"),
        "a username stays"
    );
    assert_eq!(
        (again.display_name.as_str(), again.email.as_deref()),
        ("Ada King", Some("countess@example.org"))
    );
    assert_eq!(found(&env, &grace, "king").await, ["ada"]);
    assert!(found(&env, &grace, "lovelace").await.is_empty());
    let nameless = host_testing::claims(&env, "7");
    assert_eq!(
        come(&env, &nameless).await.expect("comes"),
        again,
        "what the site does not say stays"
    );
    assert_eq!(
        list_outbox(&env, 100).await.expect("the outbox").len(),
        mails,
        "and nobody was written to"
    );
    let other = come(&env, &with(about(&env, "8", ADA), "email", json!("other@example.org")))
        .await
        .expect("comes");
    assert_ne!(other.id, first.id);
    assert_eq!(other.username, "ada-2");
}

#[tokio::test]
async fn an_account_of_the_host_site_has_no_password_that_anybody_could_guess() {
    let (env, _) = world().await;
    come(&env, &about(&env, "7", ADA)).await.expect("comes");
    for password in ["", ADA.password] {
        let command = SignIn {
            login: "ada".into(),
            password: password.into(),
            session: None,
        };
        let outcome = accounts::sign_in(&env, &fixtures::caller(), command).await;
        assert!(
            matches!(&outcome, Err(Error::Rejected(r)) if r.code == Code::CredentialsInvalid),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_name_that_is_taken_or_imitated_gets_a_number() {
    let (env, _) = world().await;
    fixtures::actor(&env, ADA).await;
    for (n, (wanted, got)) in [("ada", "ada-2"), ("Ada", "ada-3"), ("b0b", "b0b"), ("bob", "bob-2")]
        .into_iter()
        .enumerate()
    {
        let claims = with(host_testing::claims(&env, &n.to_string()), "username", json!(wanted));
        assert_eq!(come(&env, &claims).await.expect("comes").username, got);
    }
    let claims = with(host_testing::claims(&env, "nick"), "nickname", json!("Nick"));
    assert_eq!(come(&env, &claims).await.expect("comes").username, "nick");
    let claims = with(host_testing::claims(&env, "name"), "name", json!("Grace Hopper"));
    assert_eq!(come(&env, &claims).await.expect("comes").username, "grace-hopper");
}

#[tokio::test]
async fn who_has_no_address_or_none_that_the_site_vouches_for_gets_none_that_is_shown_or_written_to() {
    let (env, _) = world().await;
    let cases = [
        host_testing::claims(&env, "1"),
        with(host_testing::claims(&env, "2"), "email", json!("no address")),
        with(
            with(host_testing::claims(&env, "3"), "email", json!("x@example.org")),
            "email_verified",
            json!(false),
        ),
        with(
            with(host_testing::claims(&env, "4"), "email", json!("y@example.org")),
            "email_verified",
            json!("false"),
        ),
        with(host_testing::claims(&env, "5"), "email", json!("z@host.invalid")),
    ];
    for claims in cases {
        let account = come(&env, &claims).await.expect("comes");
        assert_eq!(account.email, None, "{claims}");
        let command = model::command::ForgotPassword {
            login: account.username.clone(),
        };
        accounts::forgot_password(&env, &fixtures::caller(), command)
            .await
            .expect("answers");
    }
    assert!(list_outbox(&env, 100).await.expect("the outbox").is_empty());
    assert!(matches!(mail::claim(&env).await, Ok(mail::Claim::Empty)));
    let verified = with(
        with(host_testing::claims(&env, "3"), "email", json!("x@example.org")),
        "email_verified",
        json!(true),
    );
    assert_eq!(
        come(&env, &verified).await.expect("comes").email.as_deref(),
        Some("x@example.org")
    );
}

#[tokio::test]
async fn an_address_of_another_account_opens_that_account_for_nobody() {
    let (env, _) = world().await;
    fixtures::actor(&env, ADA).await;
    let claims = about(&env, "666", ADA);
    for claims in [
        claims.clone(),
        with(claims.clone(), "email", json!("ADA@example.org")),
        with(claims.clone(), "email_verified", json!(true)),
        with(claims.clone(), "email_verified", json!(false)),
    ] {
        assert_eq!(code(&env, &claims).await, Code::EmailTaken, "{claims}");
    }
    // Neither does it move to somebody who is known already.
    let mallory = come(&env, &about(&env, "666", MALLORY)).await.expect("comes");
    let again = come(&env, &with(claims, "email_verified", json!(true)))
        .await
        .expect("comes");
    assert_eq!((again.id, again.email.as_deref()), (mallory.id, Some(MALLORY.email)));
}

#[tokio::test]
async fn where_the_operator_wants_it_a_verified_address_leads_to_the_account_that_has_it_but_never_to_an_administrator()
{
    let (mut env, _) = fixtures::env().await;
    env.host = Arc::new(host_testing::linking_trust());
    let ada = fixtures::actor(&env, ADA).await;
    fixtures::admin(&env, HEDY).await;
    let verified = |subject: &str, player: Player| with(about(&env, subject, player), "email_verified", json!(true));
    assert_eq!(
        code(&env, &about(&env, "7", ADA)).await,
        Code::EmailTaken,
        "not verified"
    );
    let linked = come(&env, &verified("7", ADA)).await.expect("comes");
    assert_eq!(linked.id, ada.id());
    let later = come(&env, &host_testing::claims(&env, "7")).await.expect("comes");
    assert_eq!(later.id, ada.id(), "from then on by who they are");
    assert_eq!(code(&env, &verified("8", HEDY)).await, Code::EmailTaken);
    accounts::sign_in(
        &env,
        &fixtures::caller(),
        SignIn {
            login: "ada".into(),
            password: ADA.password.into(),
            session: None,
        },
    )
    .await
    .expect("the password is still good");
    disable(&env, &linked).await;
    assert_eq!(code(&env, &verified("9", ADA)).await, Code::AccountDisabled);
}

#[tokio::test]
async fn a_disabled_account_stays_closed_whatever_the_site_says() {
    let (env, _) = world().await;
    let ada = come(&env, &about(&env, "7", ADA)).await.expect("comes");
    disable(&env, &ada).await;
    assert_eq!(code(&env, &about(&env, "7", ADA)).await, Code::AccountDisabled);
}

#[tokio::test]
async fn who_was_deleted_is_somebody_new_when_the_site_brings_them_again() {
    let (env, _) = world().await;
    let ada = come(&env, &about(&env, "7", ADA)).await.expect("comes");
    users::delete_user(&env, &Authority::Machine, ada.id)
        .await
        .expect("deletes");
    let again = come(&env, &about(&env, "7", ADA)).await.expect("comes");
    assert_ne!(again.id, ada.id);
    assert_eq!((again.username, again.email), (ada.username, ada.email));
}

#[tokio::test]
async fn a_token_opens_one_browser_once_and_a_program_as_often_as_it_is_good() {
    let (env, clock) = world().await;
    let token = host_testing::hs256(&about(&env, "7", ADA));
    let come = |kind| {
        let (env, token) = (env.clone(), token.clone());
        async move { sign_in_from_host(&env, &fixtures::caller(), &token, kind).await }
    };
    for _ in 0..2 {
        let opened = come(SessionKind::Token).await.expect("opens");
        assert!(opened.signed_in.tokens.is_some() && opened.cookie.is_none());
    }
    let cookie = come(SessionKind::Cookie)
        .await
        .expect("opens")
        .cookie
        .expect("a cookie");
    assert!(
        accounts::authenticate_cookie(&env, &cookie)
            .await
            .expect("asks")
            .is_some()
    );
    let again = come(SessionKind::Cookie).await;
    assert!(matches!(again, Err(Error::Rejected(r)) if r.code == Code::TokenInvalid && r.detail.contains("already")));
    accounts::sweep(&env).await.expect("sweeps");
    assert!(
        come(SessionKind::Cookie).await.is_err(),
        "remembered as long as it is good"
    );
    clock.advance_s(3600);
    accounts::sweep(&env).await.expect("sweeps");
    let left: Vec<surrealdb::types::Value> = env.db.list("SELECT * FROM host_token", vars! {}).await.expect("reads");
    assert!(left.is_empty(), "and no longer");
}

#[tokio::test]
async fn who_comes_through_many_doors_at_once_is_one_person_and_a_token_still_opens_one_browser() {
    let (env, _) = world().await;
    let claims = about(&env, "7", ADA);
    let all = futures::future::join_all((0..6).map(|_| come(&env, &claims))).await;
    let ids: Vec<_> = all.into_iter().map(|account| account.expect("comes").id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    // Six people of one name.
    let people: Vec<Value> = (0..6)
        .map(|n| with(host_testing::claims(&env, &format!("p{n}")), "username", json!("hedy")))
        .collect();
    let all = futures::future::join_all(people.iter().map(|claims| come(&env, claims))).await;
    let names: std::collections::BTreeSet<_> = all
        .into_iter()
        .map(|account| account.expect("comes").username)
        .collect();
    assert_eq!(names.len(), 6);
    let token = host_testing::hs256(&about(&env, "7", ADA));
    let caller = fixtures::caller();
    let browsers = (0..6).map(|_| sign_in_from_host(&env, &caller, &token, SessionKind::Cookie));
    let opened = futures::future::join_all(browsers).await;
    assert_eq!(opened.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[tokio::test]
async fn looking_for_a_free_name_reads_along_the_index() {
    let (env, _) = world().await;
    let plan = env
        .db
        .plan(TAKEN, vars! { keys: vec!["ada".to_owned(), "ada-2".to_owned()] })
        .await;
    assert!(
        plan.contains("account_username") && !plan.contains("TableScan"),
        "{plan}"
    );
}
