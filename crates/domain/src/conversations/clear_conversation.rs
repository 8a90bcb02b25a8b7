//! Delete a conversation for me.

use crate::{Actor, Env, Result, db::vars};
use model::ConversationId;

const CLEAR: &str = "
    IF (SELECT VALUE id FROM ONLY type::record('membership', [$conversation, $me])) = NONE { THROW 'not_found' };
    LET $head = (SELECT VALUE last_seq FROM ONLY type::record('conversation', $conversation));
    UPDATE type::record('membership', [$conversation, $me])
        SET cleared_seq = $head, read_seq = $head, archived_seq = NONE, version = (version ?? 0) + 1;
    RETURN true;";

/// All that was written so far is gone for the actor, and for nobody else. A new message brings the conversation back,
/// empty but for it.
///
/// # Errors
/// `not_found` when the actor is not in it.
pub async fn clear_conversation(env: &Env, actor: &Actor, conversation: ConversationId) -> Result<()> {
    let binds = vars! { conversation: conversation.uuid(), me: actor.id().uuid() };
    env.db.transact::<bool>(CLEAR, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{get_message, list_conversations, list_messages, testing::Talk, view_of},
        fixtures::refusal,
    };
    use model::Code;

    #[tokio::test]
    async fn what_i_deleted_for_me_is_gone_for_me_alone_and_comes_back_empty() {
        let talk = Talk::between_ada_and_grace().await;
        let old = talk.ada_says("Old").await;
        clear_conversation(&talk.env, &talk.grace, talk.id)
            .await
            .expect("clears");
        assert!(
            list_conversations(&talk.env, &talk.grace)
                .await
                .expect("lists")
                .is_empty()
        );
        assert!(
            view_of(&talk.env, talk.grace.id(), talk.id)
                .await
                .expect("reads")
                .is_none()
        );
        assert_eq!(
            refusal(get_message(&talk.env, &talk.grace, old.id).await),
            Code::NotFound
        );
        assert_eq!(list_conversations(&talk.env, &talk.ada).await.expect("lists").len(), 1);

        talk.ada_says("New").await;
        let list = list_conversations(&talk.env, &talk.grace).await.expect("lists");
        assert_eq!((list[0].unread, list[0].floor), (1, 1));
        let page = list_messages(&talk.env, &talk.grace, talk.id, Default::default())
            .await
            .expect("reads");
        assert_eq!(page.items.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(), ["New"]);
        assert!(!page.has_more);
        let page = list_messages(&talk.env, &talk.ada, talk.id, Default::default())
            .await
            .expect("reads");
        assert_eq!(page.items.len(), 2);
        assert_eq!(
            refusal(clear_conversation(&talk.env, &talk.hedy, talk.id).await),
            Code::NotFound
        );
    }
}
