//! Files of people, good and bad.

use super::*;
use crate::{
    accounts,
    fixtures::{self, refusal},
    mail::list_outbox,
};
use model::{
    Role,
    command::SignIn,
    samples::{ADA, GRACE, HEDY, MALLORY, Player},
};
use serde_json::{Value, json};

fn line(player: Player, more: Value) -> String {
    let mut line = json!({"email": player.email, "username": player.username, "display_name": player.display_name});
    if let Value::Object(more) = more {
        for (name, value) in more {
            line[name] = value;
        }
    }
    format!("{line}\n")
}

fn md5(password: &str) -> String {
    let digest = <md5::Md5 as md5::Digest>::digest(password);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn sign_in(env: &Env, player: Player) -> Result<accounts::Opened> {
    let command = SignIn {
        login: player.username.into(),
        password: player.password.into(),
        session: None,
    };
    accounts::sign_in(env, &fixtures::caller(), command).await
}

async fn hash_of(env: &Env, player: Player) -> String {
    let hash: Option<String> = env
        .db
        .find(
            "SELECT VALUE password_hash FROM ONLY account WHERE username = $name LIMIT 1",
            vars! { name: player.username },
        )
        .await
        .expect("reads");
    hash.expect("an account")
}

async fn count(env: &Env) -> i64 {
    let count: Option<i64> = env
        .db
        .find("RETURN (SELECT VALUE id FROM account).len()", vars! {})
        .await
        .expect("counts");
    count.unwrap_or_default()
}

fn told(report: &ImportReport) -> Vec<(u64, &str)> {
    report
        .rejected
        .iter()
        .map(|line| (line.line, line.code.as_str()))
        .collect()
}

#[tokio::test]
async fn who_comes_with_an_old_hash_signs_in_with_the_old_password_and_is_hashed_anew() {
    let (env, _) = fixtures::env().await;
    let hedy = fixtures::authority(&env, HEDY).await;
    let mails = list_outbox(&env, 10).await.expect("the outbox").len();
    let file = [
        line(
            ADA,
            json!({"password_hash": md5(ADA.password), "created_at": "2019-05-01T10:00:00Z"}),
        ),
        "\r\n".into(),
        line(GRACE, json!({"password": GRACE.password})),
        line(MALLORY, json!({})),
    ];
    let report = import_users(&env, &hedy, &file.concat(), false).await.expect("imports");
    assert_eq!((report.created, report.unchanged, told(&report)), (3, 0, vec![]));
    let news = list_outbox(&env, 10).await.expect("the outbox");
    assert_eq!(news.len(), mails, "nobody was written to: {news:?}");
    assert!(hash_of(&env, ADA).await.starts_with("$roost-md5$"));
    let ada = sign_in(&env, ADA).await.expect("signs in").signed_in.account;
    assert_eq!(ada.created_at.to_string(), "2019-05-01T10:00:00.000Z");
    assert_eq!((ada.display_name.as_str(), ada.role), (ADA.display_name, Role::User));
    assert!(hash_of(&env, ADA).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    sign_in(&env, ADA).await.expect("signs in again");
    sign_in(&env, GRACE).await.expect("signs in");
    assert_eq!(
        refusal(sign_in(&env, MALLORY).await),
        Code::CredentialsInvalid,
        "she has no password yet"
    );
    let grace = fixtures::signed_in(&env, GRACE, &fixtures::caller()).await;
    assert_eq!(
        accounts::find_people(&env, &grace, "lovelace")
            .await
            .expect("finds")
            .len(),
        1
    );
    assert_eq!(
        fixtures::actions(&env).await,
        ["user.import accounts by hedy: 3 made, 0 there already"]
    );
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing_the_second_time() {
    let (env, _) = fixtures::env().await;
    let hedy = fixtures::authority(&env, HEDY).await;
    let file = [
        line(ADA, json!({"password_hash": md5(ADA.password)})),
        line(GRACE, json!({})),
    ]
    .concat();
    import_users(&env, &hedy, &file, false).await.expect("imports");
    sign_in(&env, ADA).await.expect("signs in");
    let (hash, before) = (hash_of(&env, ADA).await, fixtures::actions(&env).await);
    let report = import_users(&env, &hedy, &file, false).await.expect("imports");
    assert_eq!((report.created, report.unchanged, told(&report)), (0, 2, vec![]));
    assert_eq!(
        (hash_of(&env, ADA).await, fixtures::actions(&env).await),
        (hash, before)
    );
}

#[tokio::test]
async fn a_bad_line_is_told_with_its_number_and_the_rest_goes_in_and_a_dry_run_says_the_same() {
    let (env, _) = fixtures::env().await;
    let hedy = fixtures::authority(&env, HEDY).await;
    fixtures::actor(&env, MALLORY).await;
    let ada2 = Player {
        username: "ada2",
        ..ADA
    };
    let look_alike = Player {
        username: "ma1lory",
        email: "other@example.org",
        ..MALLORY
    };
    let file = [
        "\u{feff}".to_owned(),
        line(ADA, json!({})),
        "not json\n".into(),
        line(ADA, json!({"pasword": "x"})),
        line(ada2, json!({})),
        line(
            Player {
                email: "ada3@example.org",
                ..ADA
            },
            json!({}),
        ),
        line(
            Player {
                email: "nowhere",
                username: "x",
                ..ADA
            },
            json!({}),
        ),
        line(look_alike, json!({})),
        line(MALLORY, json!({"password_hash": md5("another")})),
        line(ADA, json!({})),
        line(GRACE, json!({"password_hash": "$2b$31$AAAA"})),
        line(GRACE, json!({"password": "password12"})),
        line(GRACE, json!({"password": GRACE.password, "password_hash": md5("x")})),
        line(GRACE, json!({"created_at": "2999-01-01T00:00:00Z"})),
        line(GRACE, json!({"role": "root"})),
        format!("{{\"email\": \"{}\"\n", "x".repeat(20_000)),
        line(GRACE, json!({})).trim_end().to_owned(),
    ]
    .concat();
    let dry = import_users(&env, &hedy, &file, true).await.expect("looks");
    assert_eq!((count(&env).await, fixtures::actions(&env).await.len()), (2, 0));
    let report = import_users(&env, &hedy, &file, false).await.expect("imports");
    assert_eq!(
        (report.created, report.unchanged, told(&report)),
        (
            2,
            2,
            vec![
                (2, "malformed_body"),
                (3, "malformed_body"),
                (4, "email_taken"),
                (5, "username_taken"),
                (6, "invalid"),
                (7, "username_taken"),
                (10, "invalid"),
                (11, "invalid"),
                (12, "invalid"),
                (13, "invalid"),
                (14, "malformed_body"),
                (15, "malformed_body"),
            ]
        )
    );
    assert_eq!(ImportReport { dry_run: false, ..dry }, report);
    assert!(report.rejected[4].detail.contains("email: ") && report.rejected[4].detail.contains("username: "));
    assert!(
        report.rejected[1].detail.contains("pasword"),
        "{:?}",
        report.rejected[1]
    );
    assert_eq!(count(&env).await, 4);
}

#[tokio::test]
async fn only_people_bring_administrators_and_only_with_the_scope_do_servers_bring_anybody() {
    let (env, _) = fixtures::env().await;
    let file = [
        line(ADA, json!({"role": "admin"})),
        line(GRACE, json!({"role": "user"})),
    ]
    .concat();
    let reader = fixtures::key(&env, &[Scope::UsersRead]);
    assert_eq!(
        refusal(import_users(&env, &reader, &file, true).await),
        Code::ScopeMissing
    );
    let server = fixtures::key(&env, &[Scope::UsersWrite]);
    let report = import_users(&env, &server, &file, false).await.expect("imports");
    assert_eq!((report.created, told(&report)), (1, vec![(1, "scope_missing")]));
    let report = import_users(&env, &Authority::Machine, &file, false)
        .await
        .expect("imports");
    assert_eq!((report.created, report.unchanged), (1, 1));
}

#[tokio::test]
async fn many_come_in_batches_with_one_entry_and_two_imports_at_once_make_everybody_once() {
    let (env, _) = fixtures::env().await;
    let file: String = (0..450)
        .map(|n| format!("{{\"email\":\"p{n}@example.org\",\"username\":\"person{n}x\"}}\n"))
        .collect();
    let (a, b) = tokio::join!(
        import_users(&env, &Authority::Machine, &file, false),
        import_users(&env, &Authority::Machine, &file, false)
    );
    let (a, b) = (a.expect("imports"), b.expect("imports"));
    assert_eq!((a.created + b.created, a.unchanged + b.unchanged), (450, 450));
    assert_eq!((told(&a), told(&b)), (vec![], vec![]));
    assert_eq!(count(&env).await, 450);
    let entries = fixtures::actions(&env).await;
    assert!(entries.len() <= 2, "{entries:?}");
}

#[tokio::test]
async fn a_file_with_too_many_lines_is_refused_whole() {
    let (env, _) = fixtures::env().await;
    let file = "{}\n".repeat(model::limits::IMPORT_MAX_LINES + 1);
    assert_eq!(
        refusal(import_users(&env, &Authority::Machine, &file, true).await),
        Code::TooLarge
    );
}

#[tokio::test]
async fn looking_for_who_is_there_reads_along_the_indexes() {
    let (env, _) = fixtures::env().await;
    for (query, index) in [
        (
            "SELECT username, username_key, email_key FROM account WHERE username_key IN $username_keys",
            "account_username",
        ),
        (
            "SELECT username, username_key, email_key FROM account WHERE email_key IN $email_keys",
            "account_email",
        ),
    ] {
        assert!(KNOWN.contains(query));
        let keys = vec!["ada".to_owned(), "grace".to_owned()];
        let plan = env
            .db
            .plan(query, vars! { username_keys: keys.clone(), email_keys: keys })
            .await;
        assert!(plan.contains(index) && !plan.contains("TableScan"), "{plan}");
    }
}
