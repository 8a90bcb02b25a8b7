//! The command line: the real program, with a server that runs and without one.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without what it needs is a failed test"
)]

mod support;

use model::samples::{ADA, GRACE, HEDY, MALLORY, Player};
use serde_json::json;
use std::fs;
use support::{Roost, Said, both};

#[test]
fn an_administrator_is_made_and_the_last_one_stays() {
    both(|roost| {
        let hedy = roost.create(HEDY, &["--admin"]).done();
        assert_eq!(
            (&hedy["username"], &hedy["role"], &hedy["email"], &hedy["display_name"]),
            (
                &json!("hedy"),
                &json!("admin"),
                &json!(HEDY.email),
                &json!(HEDY.display_name)
            )
        );
        assert_eq!(roost.json(&["set-role", "hedy", "user"]).refused(), "last_admin");
        assert_eq!(roost.json(&["disable", "hedy"]).refused(), "last_admin");
        assert_eq!(roost.json(&["delete", "hedy", "--yes"]).refused(), "admin_protected");
        let ada = roost.create(ADA, &[]).done();
        assert_eq!(ada["role"], "user");
        assert_eq!(roost.json(&["set-role", "ada", "admin"]).done()["role"], "admin");
        assert_eq!(roost.json(&["set-role", "hedy", "user"]).done()["role"], "user");
        let said = roost.account(&["set-role", "hedy", "admin"]);
        assert_eq!((said.code, said.out.as_str()), (0, "hedy has another role.\n"));
    });
}

#[test]
fn accounts_are_listed_found_changed_and_deleted() {
    both(|roost| {
        for player in [ADA, GRACE, MALLORY] {
            roost.create(player, &[]).done();
        }
        let all = roost.json(&["list"]).done();
        let names: Vec<_> = all["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| &one["username"])
            .collect();
        assert_eq!(names, ["ada", "grace", "mallory"]);
        let page = roost.json(&["list", "--limit", "2"]).done();
        let next = page["next"].as_str().expect("a cursor");
        let rest = roost.json(&["list", "--limit", "2", "--after", next]).done();
        assert_eq!(
            (&rest["items"][0]["username"], &rest["next"]),
            (&json!("mallory"), &json!(null))
        );
        assert_eq!(roost.json(&["list", "lovel"]).done()["items"][0]["username"], "ada");
        let table = roost.account(&["list"]).out;
        assert!(table.starts_with("USERNAME  DISPLAY NAME   E-MAIL"), "{table}");
        assert!(table.contains("ada       Ada Lovelace   ada@example.org"), "{table}");
        let id = all["items"][0]["id"].as_str().expect("an id");
        for who in ["ada", ADA.email, id] {
            assert_eq!(roost.json(&["show", who]).done()["id"], id, "{who}");
        }
        assert!(
            roost
                .account(&["show", "ada"])
                .out
                .contains("\ne-mail        ada@example.org\n")
        );

        let disabled = roost.json(&["disable", "mallory"]).done();
        assert!(disabled["disabled_at"].is_string(), "{disabled}");
        assert!(roost.account(&["list"]).out.contains("user  disabled\n"));
        assert!(roost.json(&["enable", "mallory"]).done()["disabled_at"].is_null());
        let password = ["account", "set-password", "ada", "--password-stdin", "--json"];
        assert_eq!(
            roost.fed(&password, "analytical-engine-1837\n").done()["username"],
            "ada"
        );
        assert_eq!(
            roost.json(&["set-password", "ada", "--mail-link"]).done()["username"],
            "ada"
        );
        let weak = roost.fed(&password, "password\n");
        assert_eq!(weak.refused(), "invalid");
        assert!(weak.json()["errors"]["password"][0].is_string(), "{weak:?}");

        let asked = roost.json(&["delete", "mallory"]);
        assert_eq!((asked.code, &asked.json()["code"]), (2, &json!("usage")));
        assert_eq!(
            roost.json(&["delete", "mallory", "--yes"]).done()["username"],
            "mallory"
        );
        assert_eq!(roost.json(&["show", "mallory"]).refused(), "not_found");
    });
}

#[test]
fn invitations_and_links_are_told() {
    both(|roost| {
        let made = roost
            .json(&["invite", "--uses", "3", "--days", "2", "--note", "the chess club"])
            .done();
        assert_eq!(
            (&made["invitation"]["uses_max"], &made["invitation"]["note"]),
            (&json!(3), &json!("the chess club"))
        );
        let code = made["code"].as_str().expect("a code");
        let link = made["link"].as_str().expect("a link");
        assert!(
            link.starts_with("http://chat.example.org/sign-up?") && link.contains(code),
            "{link}"
        );
        let said = roost.account(&["invite"]);
        assert!(said.out.starts_with("http://chat.example.org/sign-up?"), "{said:?}");
        assert!(said.out.contains("\nGood for one person, until 20"), "{said:?}");
        assert_eq!(roost.json(&["invite", "--uses", "0"]).refused(), "invalid");
        let words = ["create", "--email", GRACE.email, "--username", "grace"];
        let said = roost.account(&words);
        assert!(
            said.out
                .ends_with("\nA mail with a link to set the password is on its way.\n"),
            "{said:?}"
        );
        assert_eq!(roost.json(&words).refused(), "email_taken");
    });
}

#[test]
fn an_import_says_which_lines_it_could_not_take_and_takes_the_others() {
    both(|roost| {
        let line = |player: Player| {
            json!({"email": player.email, "username": player.username, "password": player.password}).to_string()
        };
        let lines = format!("{}\nnonsense\n{}\n", line(ADA), line(GRACE));
        let file = roost.data.path().join("users.jsonl");
        fs::write(&file, &lines).expect("a file");
        let file = file.to_str().expect("a name");
        let dry = roost.json(&["import", "--dry-run", file]);
        let expected = |dry_run: bool, created: u64| json!([dry_run, created, 2 - created, 2]);
        let told = |said: &Said| {
            assert_eq!((said.code, said.err.as_str()), (1, ""), "{said:?}");
            let report = said.json();
            json!([
                report["dry_run"],
                report["created"],
                report["unchanged"],
                report["rejected"][0]["line"]
            ])
        };
        assert_eq!(told(&dry), expected(true, 2));
        assert_eq!(
            roost.json(&["list"]).done()["items"],
            json!([]),
            "a dry run writes nothing"
        );
        assert_eq!(
            told(&roost.fed(&["account", "--json", "import", "-"], &lines)),
            expected(false, 2)
        );
        assert_eq!(
            told(&roost.json(&["import", file])),
            expected(false, 0),
            "twice changes nothing"
        );
        let said = roost.account(&["import", file]);
        assert!(
            said.out.starts_with("0 created, 2 unchanged, 1 rejected\n\nline 2  "),
            "{said:?}"
        );
        assert_eq!(said.code, 1);
        let well = roost.fed(&["account", "import", "-"], &line(MALLORY));
        assert_eq!(
            (well.code, well.out.as_str()),
            (0, "1 created, 0 unchanged, 0 rejected\n")
        );
    });
}

#[test]
fn what_can_not_be_understood_ends_with_2_and_says_why() {
    let roost = Roost::new();
    let cases: &[(&[&str], &str)] = &[
        (&["account"], "Usage: roost account"),
        (&["account", "dance"], "unrecognized subcommand 'dance'"),
        (&["account", "show"], "<WHO>"),
        (&["account", "set-role", "ada", "queen"], "invalid value 'queen'"),
        (&["account", "create", "--username", "ada"], "--email"),
        (
            &[
                "account",
                "create",
                "--email",
                ADA.email,
                "--username",
                "ada",
                "--password",
                "x",
            ],
            "unexpected argument '--password'",
        ),
        (&["account", "list", "--limit", "many"], "invalid value 'many'"),
        (&["account", "set-password", "ada"], "use --password-stdin"),
        (
            &["account", "set-password", "ada", "--password-stdin"],
            "no password came",
        ),
        (&["account", "import", "nowhere.jsonl"], "can't read nowhere.jsonl"),
        (&["account", "delete", "ada"], "--yes"),
    ];
    // So that a database is there, and what is refused is the wording.
    roost.create(ADA, &[]).done();
    for (arguments, says) in cases {
        let said = roost.fed(arguments, "");
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains(says), "{arguments:?}: {said:?}");
        let said = roost.fed(&[*arguments, &["--json"]].concat(), "");
        assert_eq!((said.code, said.err.as_str()), (2, ""), "{arguments:?}: {said:?}");
        assert_eq!(said.json()["code"], "usage", "{arguments:?}");
    }
    let help = roost.fed(&["account", "--json", "--help"], "");
    assert!(help.code == 0 && help.out.contains("set-password"), "{help:?}");
    let refused = roost.account(&["create", "--email", "x", "--username", "?"]);
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(
        refused.err.starts_with("roost: ")
            && refused.err.contains("\n  email: ")
            && refused.err.contains("\n  username: "),
        "{refused:?}"
    );
}

#[test]
fn a_folder_without_a_roost_is_not_made_into_one_by_looking() {
    let mut roost = Roost::new();
    let nowhere = roost.data.path().join("nowhere");
    let look = |arguments: &[&str]| {
        let output = roost
            .command()
            .env("ROOST_DATA", &nowhere)
            .args(arguments)
            .output()
            .expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, why) = look(&["account", "list"]);
    assert_eq!(code, Some(1));
    assert!(why.contains("there is no Roost in"), "{why}");
    assert!(!nowhere.exists());
    roost.database = Some("mem://");
    let said = roost.json(&["list"]);
    assert_eq!(said.refused(), "unavailable");
    roost.start();
    roost.create(ADA, &[]).done();
    assert_eq!(
        roost.json(&["list"]).done()["items"][0]["username"],
        "ada",
        "a running one has its memory"
    );
}

#[test]
fn what_a_command_did_is_there_for_a_server_that_starts_later_and_the_other_way_round() {
    let mut roost = Roost::new();
    roost.create(ADA, &[]).done();
    roost.start();
    assert_eq!(roost.json(&["show", "ada"]).done()["username"], "ada");
    roost.create(GRACE, &[]).done();
    roost.kill();
    assert!(roost.socket().exists(), "a killed server leaves its socket");
    assert_eq!(roost.json(&["show", "grace"]).done()["username"], "grace");
    roost.start();
    assert_eq!(roost.json(&["list"]).done()["items"][1]["username"], "grace");
    roost.stop();
}

#[test]
fn commands_at_the_same_time_are_all_carried_out() {
    let mut roost = Roost::new();
    roost.start();
    let roost = &roost;
    std::thread::scope(|scope| {
        for player in [ADA, GRACE, HEDY, MALLORY] {
            scope.spawn(move || roost.create(player, &[]).done());
        }
    });
    assert_eq!(
        roost.json(&["list"]).done()["items"].as_array().expect("items").len(),
        4
    );
}

#[test]
fn the_documents_are_printed_without_a_database() {
    let roost = Roost::new();
    let openapi = roost.fed(&["openapi"], "").done();
    assert!(openapi["paths"]["/api/v1/me"]["get"].is_object());
    let postman = roost
        .fed(&["postman", "--base-url", "https://chat.example.org"], "")
        .done();
    assert_eq!(postman["variable"][0]["value"], "https://chat.example.org");
}

#[test]
fn the_doctor_finds_nothing_in_a_healthy_roost_and_says_when_it_can_not_look() {
    both(|roost| {
        roost.create(ADA, &[]).done();
        let said = roost.fed(&["doctor"], "");
        let well = "All is well: 0 conversations, 0 messages, 0 memberships, 0 mailboxes, 0 documents.\n";
        assert_eq!((said.code, said.out.as_str()), (0, well), "{said:?}");
        let said = roost.fed(&["doctor", "--json"], "").done();
        assert_eq!((&said["found"], &said["findings"]), (&json!(0), &json!([])));
    });
    let nowhere = Roost::new();
    let gone = nowhere.data.path().join("gone");
    let output = nowhere
        .command()
        .env("ROOST_DATA", gone)
        .arg("doctor")
        .output()
        .expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stderr.is_empty());
}
