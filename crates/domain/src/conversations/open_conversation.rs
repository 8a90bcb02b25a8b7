//! Open a conversation.

use super::{create_group::create_group, get_conversation::get_conversation, who::find_account};
use crate::{Actor, Env, Result, db::vars};
use model::{Conversation, ConversationKind, Rejection, command::OpenConversation};
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

const OPEN: &str = "
    LET $there = (SELECT VALUE conversation FROM ONLY type::record('direct', [$a, $b]));
    IF $there = NONE {
        IF (SELECT VALUE id FROM type::record('block', [$a, $b]), type::record('block', [$b, $a])) != [] { THROW 'blocked' };
        CREATE type::record('direct', [$a, $b]) SET conversation = $id;
        CREATE type::record('conversation', $id)
            SET kind = 'direct', last_seq = 0, created_at = $now, updated_at = $now, touched_at = $now, opened_by = $me;
        FOR $member IN [$a, $b] {
            CREATE type::record('membership', [$id, $member])
                SET conversation = $id, account = $member, read_seq = 0, joined_at = $now;
        };
    };
    RETURN { id: $there ?? $id, created: $there = NONE };";

/// Opens the direct conversation with somebody, or finds the one that exists; or makes a group.
///
/// # Errors
/// For a direct one: `invalid` on `with` when nobody has that name or id, or it is oneself; `blocked` when one of the two
/// blocks the other and there is none yet. For a group: as [`create_group`]. `invalid` for fields of the other kind.
pub async fn open_conversation(env: &Env, actor: &Actor, command: OpenConversation) -> Result<OpenedConversation> {
    match command {
        OpenConversation {
            kind: ConversationKind::Direct,
            with,
            title: None,
            members: None,
            history: None,
        } => open_direct(env, actor, with.unwrap_or_default().trim()).await,
        OpenConversation {
            kind: ConversationKind::Group,
            with: None,
            title,
            members,
            history,
        } => {
            let (title, members) = (title.unwrap_or_default(), members.unwrap_or_default());
            let conversation = create_group(env, actor, &title, &members, history.unwrap_or_default()).await?;
            Ok(OpenedConversation {
                conversation,
                created: true,
            })
        }
        OpenConversation {
            kind: ConversationKind::Direct,
            ..
        } => Err(Rejection::field("kind", "A direct conversation has only “with”.").into()),
        OpenConversation {
            kind: ConversationKind::Group,
            ..
        } => Err(Rejection::field("with", "A group has “members”.").into()),
    }
}

async fn open_direct(env: &Env, actor: &Actor, with: &str) -> Result<OpenedConversation> {
    let Some(other) = find_account(env, with).await? else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, fixtures};
    use model::samples::{ADA, GRACE};

    fn with(name: &str) -> OpenConversation {
        OpenConversation::direct(name)
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
