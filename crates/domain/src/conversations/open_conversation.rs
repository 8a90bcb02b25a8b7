//! Open a conversation.

use super::get_conversation::get_conversation;
use crate::{
    Actor, Env, Result,
    accounts::{key_and_name, people},
    db::vars,
};
use model::{Conversation, ConversationKind, Rejection, Username, command::OpenConversation};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// A conversation that was asked for.
#[derive(Clone, Debug)]
pub struct OpenedConversation {
    /// It.
    pub conversation: Conversation,
    /// Whether it is new.
    pub created: bool,
}

#[derive(SurrealValue)]
struct Outcome {
    id: Uuid,
    created: bool,
}

const BY_USERNAME: &str = "SELECT VALUE record::id(id) FROM account WHERE username_key = $key AND username = $name";

const OPEN: &str = "
    LET $there = (SELECT VALUE conversation FROM ONLY type::record('direct', [$a, $b]));
    IF $there = NONE {
        CREATE type::record('direct', [$a, $b]) SET conversation = $id;
        CREATE type::record('conversation', $id)
            SET kind = 'direct', last_seq = 0, created_at = $now, updated_at = $now, opened_by = $me;
        FOR $member IN [$a, $b] {
            CREATE type::record('membership', [$id, $member])
                SET conversation = $id, account = $member, read_seq = 0, joined_at = $now;
        };
    };
    RETURN { id: $there ?? $id, created: $there = NONE };";

/// Opens the direct conversation with somebody, or finds the one that exists.
///
/// # Errors
/// `invalid` on `with` when nobody has that name or id, or it is oneself; on `kind` for groups, which can't be made yet.
pub async fn open_conversation(env: &Env, actor: &Actor, command: OpenConversation) -> Result<OpenedConversation> {
    if command.kind == ConversationKind::Group {
        return Err(Rejection::field("kind", "Only direct conversations can be opened so far.").into());
    }
    let Some(other) = find_account(env, command.with.trim()).await? else {
        return Err(Rejection::field("with", "There is nobody of that name here.").into());
    };
    let me = actor.id().uuid();
    if other == me {
        return Err(Rejection::field("with", "A conversation needs somebody else.").into());
    }
    let (a, b) = (me.min(other), me.max(other));
    let binds = vars! { a: a, b: b, me: me, id: env.new_id(), now: env.now().datetime() };
    let Outcome { id, created } = env.db.transact(OPEN, binds).await?;
    let conversation = get_conversation(env, actor, id.into()).await?;
    Ok(OpenedConversation { conversation, created })
}

async fn find_account(env: &Env, with: &str) -> Result<Option<Uuid>> {
    if let Ok(id) = with.parse::<Uuid>() {
        return Ok(people(env, vec![id]).await?.into_keys().next().map(|id| id.uuid()));
    }
    let username = Username::parse(with.trim_start_matches('@')).ok();
    let Some((key, name)) = username.as_ref().and_then(key_and_name) else {
        return Ok(None);
    };
    env.db.find(BY_USERNAME, vars! { key: key, name: name }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, fixtures};
    use model::samples::{ADA, GRACE};

    fn with(name: &str) -> OpenConversation {
        OpenConversation {
            kind: ConversationKind::Direct,
            with: name.into(),
        }
    }

    #[tokio::test]
    async fn two_people_have_one_conversation_whoever_opens_it_and_however_often() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let grace_id = grace.id().to_string();
        let names = ["grace", "@Grace", &grace_id, "grace"];
        let opened = futures::future::join_all(names.map(|name| open_conversation(&env, &ada, with(name)))).await;
        let mut opened: Vec<_> = opened.into_iter().map(|o| o.expect("opens")).collect();
        opened.push(open_conversation(&env, &grace, with("ada")).await.expect("opens"));
        assert!(opened.iter().all(|o| o.conversation.id == opened[0].conversation.id));
        assert_eq!(opened.iter().filter(|o| o.created).count(), 1);
        assert_eq!(opened[0].conversation.title, GRACE.display_name);
        assert_eq!(opened[4].conversation.title, ADA.display_name);
    }

    #[tokio::test]
    async fn nobody_and_oneself_are_refused_with_a_reason() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        for name in ["nobody", "", "ada", "01890000-0000-7000-8000-000000000000", "a b"] {
            let outcome = open_conversation(&env, &ada, with(name)).await;
            assert!(
                matches!(outcome, Err(Error::Rejected(r)) if r.about("with").is_some()),
                "{name}"
            );
        }
    }
}
