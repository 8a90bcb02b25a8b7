//! What goes when an account goes, and what remains.
//!
//! Everything that is the person's own goes: names, address, password, sessions, tokens, codes, devices, memberships,
//! read markers, blocks, reactions, earlier versions of what they wrote, mails to them that wait or were sent, their mailbox.
//! They leave their groups first, by the rules of leaving. What they said to others stays with those others, without a name:
//! its author is nobody, also of letters. The audit log keeps names as they were, without the way to an account.

use crate::{
    Env, Error, Result,
    accounts::find_people::words,
    audit,
    conversations::{self, delete_conversation},
    db::vars,
    mailbox::{self, erase_mailbox},
};
use model::Code;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

#[derive(SurrealValue)]
struct Names {
    username: String,
    display_name: String,
}

const NAMES: &str = "SELECT username, display_name FROM ONLY type::record('account', $id)";

/// `$nobody` is the nil UUID: no account has it, so doors show "Somebody who left".
const ERASE: &str = concat!(
    "
    LET $owner = (SELECT role, display_name, email, email_key FROM ONLY type::record('account', $account_id));
    IF $owner = NONE { THROW 'not_found' };
    IF $owner.role = 'admin' { THROW 'admin_protected' };
    IF $owner.display_name != $display_name { THROW 'busy' };
    IF type::record('mailbox', $account_id).seq != $mailbox_seq { THROW 'busy' };
    FOR $one IN (SELECT conversation, seq FROM sent:[$account_id]..[$account_id, $last]) {
        UPDATE type::record('message', [$one.conversation, $one.seq]) SET author = $nobody;
        DELETE message_version:[$one.conversation, $one.seq]..[$one.conversation, $one.seq + 1];
    };
    DELETE sent:[$account_id]..[$account_id, $last];
    FOR $one IN (SELECT VALUE record::id(id) FROM named:[$account_id]..[$account_id, $last]) {
        UPDATE type::record('message', [$one[1], $one[2]]) SET
            mentions = IF mentions = NONE { NONE } ELSE { array::complement(mentions, [$account_id]) },
            event_people = IF event_people = NONE { NONE } ELSE { array::complement(event_people, [$account_id]) },
            reactions = IF reactions = NONE { NONE } ELSE {
                (SELECT * FROM (SELECT emoji, array::complement(by, [$account_id]) AS by FROM $parent.reactions)
                    WHERE array::len(by) > 0)
            };
    };
    DELETE named:[$account_id]..[$account_id, $last];
    DELETE block:[$account_id]..[$account_id, $last];
    DELETE block WHERE blocked = $account_id;
    FOR $place IN (SELECT VALUE conversation FROM membership WHERE account = $account_id) {
        DELETE type::record('membership', [$place, $account_id]);
        UPDATE type::record('conversation', $place) SET opened_by = $nobody WHERE opened_by = $account_id;
        LET $rest = (SELECT VALUE account FROM membership:[$place]..[$place, $last]);
        FOR $other IN $rest { DELETE type::record('direct', IF $other < $account_id { [$other, $account_id] } ELSE { [$account_id, $other] }) };
        IF array::len($rest) = 0 {
            LET $conversation = $place;
            ",
    delete_conversation!(),
    "
        };
    };
    FOR $word IN $words { DELETE type::record('person_word', [$word, $account_id]) };
    LET $mailbox = $account_id;
    ",
    erase_mailbox!(),
    "
    DELETE session WHERE account = $account_id;
    DELETE one_time WHERE account = $account_id;
    DELETE registration WHERE string::lowercase(email) = $owner.email_key;
    DELETE known_device:[$account_id]..[$account_id, $last];
    DELETE host_identity WHERE account = $account_id;
    DELETE mail WHERE to IN [$owner.email, $owner.email_key];
    UPDATE audit SET target = NONE WHERE target = $account_id;
    UPDATE audit SET by_account = NONE WHERE by_account = $account_id;
    DELETE type::record('account', $account_id);
    IF $audit != NONE { CREATE type::record('audit', $audit_id) CONTENT $audit };
    CREATE type::record('revocation', [$now, $chance]) SET account = $account_id;
    RETURN true;"
);

/// How often it is begun again because the account's name changed meanwhile, or a letter came or went.
const TRIES: usize = 5;

/// Erases an account, with the audit entry of whoever did it for them.
///
/// # Errors
/// `not_found`; `admin_protected` for an administrator; `busy` when its name or its mailbox does not stop changing.
pub(crate) async fn erase(env: &Env, account: Uuid, entry: Option<audit::Entry>) -> Result<()> {
    let (audit_id, row) = entry.map(|entry| (entry.id, entry.row)).unzip();
    check(env, account).await?;
    conversations::leave_all(env, account.into()).await?;
    for _ in 0..TRIES {
        match erase_once(env, account, audit_id, row.clone()).await {
            Err(Error::Rejected(rejection)) if rejection.code == Code::Busy => {}
            outcome => return outcome,
        }
    }
    Err(Code::Busy.into())
}

const ROLE: &str = "SELECT VALUE role FROM ONLY type::record('account', $id)";

/// Whoever can't be erased does not leave their groups either. The transaction asks again.
async fn check(env: &Env, account: Uuid) -> Result<()> {
    let role: Option<String> = env.db.find(ROLE, vars! { id: account }).await?;
    match role.as_deref() {
        None => Err(Code::NotFound.into()),
        Some("admin") => Err(Code::AdminProtected.into()),
        Some(_) => Ok(()),
    }
}

async fn erase_once(env: &Env, account: Uuid, audit_id: Option<Uuid>, row: Option<audit::Row>) -> Result<()> {
    let names: Option<Names> = env.db.find(NAMES, vars! { id: account }).await?;
    let names = names.ok_or(Code::NotFound)?;
    let mailbox_seq = mailbox::forget_person(env, account).await?;
    let binds = vars! {
        account_id: account,
        mailbox_seq: mailbox_seq,
        words: words(&names.username, &names.display_name),
        display_name: names.display_name,
        nobody: Uuid::nil(),
        last: Uuid::max(),
        audit_id: audit_id,
        audit: row,
        now: env.now().datetime(),
        chance: env.new_id(),
    };
    env.db.transact::<bool>(ERASE, binds).await?;
    env.remembered.forget_account(account.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::{self, authenticate_bearer},
        fixtures,
    };
    use model::{
        ClientId,
        command::{
            DeleteMe, EditMessage, ForgotPassword, OpenConversation, Refresh, SendMessage, SessionKind, SetMember,
        },
        samples::{ADA, GRACE, HEDY},
    };

    /// Every row of every table, as text.
    async fn everything(env: &Env) -> String {
        let mut info = env.db.surreal().query("INFO FOR DB").await.expect("asks");
        let info: surrealdb::types::Value = info.take(0).expect("an answer");
        let info = info.into_json_value();
        let mut all = String::new();
        for table in info["tables"].as_object().expect("tables").keys() {
            let mut rows = env
                .db
                .surreal()
                .query(format!("SELECT * FROM {table}"))
                .await
                .expect("asks");
            let rows: surrealdb::types::Value = rows.take(0).expect("rows");
            all.push_str(&format!("{table}: {}\n", rows.into_json_value()));
        }
        all
    }

    /// Ada makes a group, is named in it, reacts, edits, blocks and is blocked.
    async fn live_in_a_group(env: &Env, ada: &crate::Actor, grace: &crate::Actor) {
        let hedy = fixtures::actor(env, HEDY).await;
        let group = OpenConversation::group("Engines", ["grace", "hedy"]);
        let group = conversations::open_conversation(env, ada, group)
            .await
            .expect("opens")
            .conversation
            .id;
        let says = async |who, body: &str| {
            let message = SendMessage {
                client_id: ClientId(env.new_id()),
                body: body.into(),
                reply_to: None,
            };
            conversations::send_message(env, who, group, message)
                .await
                .expect("sends")
                .message
                .id
        };
        let named = says(grace, "What do you say, @ada @hedy?").await;
        for (who, emoji) in [(ada, "👍"), (ada, "🎉"), (&hedy, "👍")] {
            conversations::react(env, who, named, emoji).await.expect("reacts");
        }
        let edited = says(ada, "Ada Lovelace says yes").await;
        let edit = EditMessage { body: "Yes".into() };
        conversations::edit_message(env, ada, edited, edit)
            .await
            .expect("edits");
        let owner = SetMember {
            role: Some(model::MemberRole::Owner),
        };
        conversations::set_member(env, ada, group, "grace", owner)
            .await
            .expect("promotes");
        conversations::remove_member(env, ada, group, "ada")
            .await
            .expect("leaves");
        conversations::set_member(env, grace, group, "ada", SetMember { role: None })
            .await
            .expect("adds");
        conversations::block(env, &hedy, "ada").await.expect("blocks");
        conversations::block(env, ada, "hedy").await.expect("blocks");
    }

    /// Ada writes to Grace and to Hedy, gets an answer, and keeps a draft.
    async fn write_letters(env: &Env, ada: &crate::Actor, grace: &crate::Actor) {
        use crate::mailbox::testing::{order, put};
        let hers = mailbox::open_mailbox(env, ada, "ada").await.expect("opens");
        let theirs = mailbox::open_mailbox(env, grace, "grace").await.expect("opens");
        put(env, &hers, order(env, &["grace", "hedy"], "Notes")).await;
        put(env, &theirs, order(env, &["ada"], "Re: Notes")).await;
        let draft = serde_json::json!({
            "_id": format!("d:{}", env.new_id()), "type": "draft", "to": [], "subject": "", "body": ADA.display_name,
            "updated_at": env.now(),
        });
        put(env, &hers, draft).await;
    }

    #[tokio::test]
    async fn nothing_of_a_deleted_account_is_left_in_any_table_but_its_words_to_others() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let opened = fixtures::sign_up(&env, ADA, SessionKind::Token).await.signed_in;
        let tokens = opened.tokens.expect("tokens");
        let ada = authenticate_bearer(&env, &tokens.access_token)
            .await
            .expect("asks")
            .expect("an actor");
        let grace = fixtures::actor(&env, GRACE).await;
        let with_grace = OpenConversation::direct("grace");
        let id = conversations::open_conversation(&env, &ada, with_grace)
            .await
            .expect("opens")
            .conversation
            .id;
        for (who, body) in [(&ada, "Good morning"), (&grace, "Good evening")] {
            let message = SendMessage {
                client_id: ClientId(env.new_id()),
                body: body.into(),
                reply_to: None,
            };
            conversations::send_message(&env, who, id, message)
                .await
                .expect("sends");
        }
        live_in_a_group(&env, &ada, &grace).await;
        write_letters(&env, &ada, &grace).await;
        accounts::forgot_password(&env, &caller, ForgotPassword { login: "ada".into() })
            .await
            .expect("answers");
        accounts::register(
            &env,
            &caller,
            model::command::Register {
                username: "ada2".into(),
                ..fixtures::registration(ADA)
            },
        )
        .await
        .expect("registers");
        let before = everything(&env).await;
        assert!(
            before.matches(&ada.id().to_string()).count() > 5,
            "the sweep sees what is there"
        );
        let wrong = accounts::delete_me(
            &env,
            &caller,
            &ada,
            DeleteMe {
                password: "wrong".into(),
            },
        )
        .await;
        assert!(matches!(wrong, Err(Error::Rejected(r)) if r.about("password").is_some()));
        accounts::delete_me(
            &env,
            &caller,
            &ada,
            DeleteMe {
                password: ADA.password.into(),
            },
        )
        .await
        .expect("deletes");
        let after = everything(&env).await;
        // What tells other processes of it is swept after minutes.
        let after = after
            .lines()
            .filter(|line| !line.starts_with("revocation:"))
            .collect::<Vec<_>>()
            .join("\n");
        for trace in [
            &ada.id().to_string(),
            &opened.session.id.to_string(),
            ADA.email,
            ADA.display_name,
            "\"ada\"",
        ] {
            assert!(!after.contains(trace), "{trace} is left in {after}");
        }
        assert!(
            authenticate_bearer(&env, &tokens.access_token)
                .await
                .expect("asks")
                .is_none()
        );
        let refresh = Refresh {
            refresh_token: tokens.refresh_token,
        };
        assert!(accounts::refresh_session(&env, &caller, refresh).await.is_err());
        let log = conversations::list_messages(&env, &grace, id, conversations::Window::default())
            .await
            .expect("reads")
            .items;
        assert_eq!(
            log.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(),
            ["Good morning", "Good evening"]
        );
        assert_eq!(log[0].author.display_name, "Somebody who left");
        let list = conversations::list_conversations(&env, &grace).await.expect("lists");
        let place = list
            .iter()
            .find(|place| place.id == id)
            .expect("the conversation of the two");
        assert_eq!(place.title, "Somebody who left");
        assert!(!place.writable);
        let theirs = mailbox::open_mailbox(&env, &grace, "grace").await.expect("opens");
        let letters = mailbox::testing::with_prefix(&env, &theirs, "l:").await;
        let from: Vec<_> = letters
            .iter()
            .map(|letter| letter["from"]["display_name"].as_str())
            .collect();
        assert!(
            from.contains(&Some("Somebody who left")) && from.contains(&Some(GRACE.display_name)),
            "{from:?}"
        );
        let diagnosis = crate::doctor::examine(&env).await.expect("looks");
        assert_eq!(diagnosis.findings, [], "and all mailboxes are whole");
        fixtures::actor(&env, ADA).await;
    }

    #[tokio::test]
    async fn an_administrator_cannot_be_deleted_not_even_by_themselves() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::admin(&env, HEDY).await;
        let outcome = accounts::delete_me(
            &env,
            &fixtures::caller(),
            &hedy,
            DeleteMe {
                password: HEDY.password.into(),
            },
        )
        .await;
        assert!(matches!(outcome, Err(Error::Rejected(r)) if r.code == Code::AdminProtected));
        assert!(accounts::session_lives(&env, hedy.session).await.expect("asks"));
    }
}
