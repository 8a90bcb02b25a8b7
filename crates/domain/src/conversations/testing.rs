//! A conversation of the cast, for tests.

use crate::{
    Actor, Env,
    conversations::{open_conversation, send_message},
    fixtures,
};
use model::{
    ClientId, ConversationId, Message,
    command::{OpenConversation, SendMessage},
    samples::{ADA, GRACE, HEDY},
};

/// Where they talk, and who can. In a direct conversation, Hedy is a stranger.
pub(crate) struct Talk {
    pub env: Env,
    pub id: ConversationId,
    pub ada: Actor,
    pub grace: Actor,
    pub hedy: Actor,
}

impl Talk {
    /// A direct conversation in which nothing was said.
    pub async fn between_ada_and_grace() -> Self {
        Self::opened(OpenConversation::direct("grace")).await
    }

    /// A group that Ada made. Its log begins with two events.
    pub async fn group_of_three() -> Self {
        Self::opened(OpenConversation::group("The engine", ["grace", "hedy"])).await
    }

    async fn opened(command: OpenConversation) -> Self {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let hedy = fixtures::actor(&env, HEDY).await;
        let opened = open_conversation(&env, &ada, command).await.expect("opens");
        Self {
            id: opened.conversation.id,
            env,
            ada,
            grace,
            hedy,
        }
    }

    pub async fn ada_says(&self, body: &str) -> Message {
        self.says(&self.ada, body).await
    }

    pub async fn says(&self, who: &Actor, body: &str) -> Message {
        let command = self.saying(body);
        send_message(&self.env, who, self.id, command)
            .await
            .expect("sends")
            .message
    }

    pub async fn grace_answers(&self, to: &Message, body: &str) -> Message {
        let command = SendMessage {
            reply_to: Some(to.id),
            ..self.saying(body)
        };
        send_message(&self.env, &self.grace, self.id, command)
            .await
            .expect("sends")
            .message
    }

    pub fn saying(&self, body: &str) -> SendMessage {
        SendMessage {
            client_id: ClientId(self.env.new_id()),
            body: body.into(),
            reply_to: None,
        }
    }
}
