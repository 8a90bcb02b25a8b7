//! Write a message.

use super::{
    append::{Draft, append},
    get_message::place_of,
    mentions::mentioned,
};
use crate::{Actor, Env, Error, Result};
use model::{Code, ConversationId, Message, MessageId, Rejection, command::SendMessage, limits};

/// A message that is durable.
#[derive(Clone, Debug)]
pub struct Sent {
    /// As everybody sees it.
    pub message: Message,
    /// Whether it is new; `false` when it had been sent under this client id before.
    pub created: bool,
}

/// Statements that refuse to write where `$me` may not: in a direct conversation with nobody, or with a block.
macro_rules! may_write {
    () => {
        "LET $kind = (SELECT VALUE kind FROM ONLY type::record('conversation', $conversation));
         IF $kind = 'direct' {
            LET $other = (SELECT VALUE account FROM membership:[$conversation]..[$conversation, $last] WHERE account != $me)[0];
            IF $other = NONE { THROW 'nobody_there' };
            IF (SELECT VALUE id FROM type::record('block', [$me, $other]), type::record('block', [$other, $me])) != [] {
                THROW 'blocked'
            };
         };
         "
    };
}
pub(super) use may_write;

/// Appends a message to the log. When it returns, the message survives a power cut.
///
/// # Errors
/// `not_found` when the actor is not in the conversation; `invalid` when the text is empty or too long, or the message
/// answered is not in this conversation, or not for the actor to see; `client_id_reused` when the id names a message
/// elsewhere; `blocked` and `nobody_there` in direct conversations.
pub async fn send_message(
    env: &Env,
    actor: &Actor,
    conversation: ConversationId,
    command: SendMessage,
) -> Result<Sent> {
    let body = tidy(&command.body)?;
    let reply_seq = match command.reply_to {
        Some(answered) => Some(place_of_answered(env, actor, conversation, answered).await?),
        None => None,
    };
    let mentions = mentioned(env, actor.id(), conversation, &body).await?;
    let draft = Draft {
        author: actor.id(),
        client_id: command.client_id,
        uid: env.new_id(),
        body,
        reply: command.reply_to.zip(reply_seq),
        mentions,
    };
    let (stored, created) = append(env, conversation, draft).await?;
    Ok(Sent {
        // What one answers is above one's floor.
        message: stored.seen_by(actor.id(), 0),
        created,
    })
}

/// The text as it is kept: line ends as LF, nothing invisible at the end, no control characters.
pub(super) fn tidy(body: &str) -> Result<String> {
    let keep = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let body: String = body.replace("\r\n", "\n").chars().filter(keep).collect();
    let body = body.trim_end().trim_start_matches('\n');
    if body.trim().is_empty() {
        return Err(Rejection::field("body", "A message can't be empty.").into());
    }
    let length = body.chars().count();
    if length > limits::MESSAGE_MAX {
        let why = format!(
            "A message has at most {} characters; this one has {length}.",
            limits::MESSAGE_MAX
        );
        return Err(Rejection::field("body", why).into());
    }
    Ok(body.to_owned())
}

async fn place_of_answered(env: &Env, actor: &Actor, conversation: ConversationId, answered: MessageId) -> Result<u64> {
    match place_of(env, actor, answered).await {
        Ok(place) if place.conversation == conversation => Ok(place.seq),
        Ok(_) => Err(no_such()),
        Err(Error::Rejected(refused)) if refused.code == Code::NotFound => Err(no_such()),
        Err(error) => Err(error),
    }
}

fn no_such() -> Error {
    Rejection::new(Code::Invalid)
        .blame("reply_to", "There is no such message in this conversation.")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error,
        conversations::{Window, list_messages, open_conversation},
        fixtures,
    };
    use model::{
        ClientId,
        command::OpenConversation,
        samples::{ADA, GRACE, HEDY, MALLORY},
    };

    async fn ada_and_grace(env: &Env) -> (Actor, Actor, ConversationId) {
        let ada = fixtures::actor(env, ADA).await;
        let grace = fixtures::actor(env, GRACE).await;
        let command = OpenConversation::direct("grace");
        let id = open_conversation(env, &ada, command)
            .await
            .expect("opens")
            .conversation
            .id;
        (ada, grace, id)
    }

    fn saying(env: &Env, body: &str) -> SendMessage {
        SendMessage {
            client_id: ClientId(env.new_id()),
            body: body.into(),
            reply_to: None,
        }
    }

    fn code(outcome: Result<Sent>) -> Code {
        match outcome {
            Err(Error::Rejected(rejection)) => rejection.code,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn many_senders_at_once_make_a_dense_log_in_which_nothing_is_missing() {
        let (env, _) = fixtures::env().await;
        let (ada, grace, id) = ada_and_grace(&env).await;
        let sends = (0..40).map(|n| {
            let author = if n % 2 == 0 { &ada } else { &grace };
            send_message(&env, author, id, saying(&env, &format!("number {n}")))
        });
        let sent = futures::future::try_join_all(sends).await.expect("all are sent");
        let mut seqs: Vec<u64> = sent.iter().map(|s| s.message.seq).collect();
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=40).collect::<Vec<_>>());
        let page = list_messages(
            &env,
            &ada,
            id,
            Window {
                limit: Some(100),
                ..Window::default()
            },
        )
        .await
        .expect("lists");
        let mut bodies: Vec<_> = page.items.into_iter().map(|m| m.body).collect();
        bodies.sort();
        let mut expected: Vec<_> = (0..40).map(|n| format!("number {n}")).collect();
        expected.sort();
        assert_eq!(bodies, expected);
    }

    #[tokio::test]
    async fn sending_twice_is_sending_once_also_at_the_same_moment() {
        let (env, _) = fixtures::env().await;
        let (ada, grace, id) = ada_and_grace(&env).await;
        let command = saying(&env, "Only once");
        let tries = (0..5).map(|_| send_message(&env, &ada, id, command.clone()));
        let sent = futures::future::try_join_all(tries).await.expect("all are answered");
        assert!(sent.iter().all(|s| s.message == sent[0].message));
        assert_eq!(sent.iter().filter(|s| s.created).count(), 1);
        let hers = send_message(&env, &grace, id, command)
            .await
            .expect("another author may have the same id");
        assert!(hers.created && hers.message.seq == 2);
    }

    #[tokio::test]
    async fn a_client_id_names_one_message_over_all_conversations() {
        let (env, _) = fixtures::env().await;
        let (ada, _, id) = ada_and_grace(&env).await;
        fixtures::actor(&env, HEDY).await;
        let command = OpenConversation::direct("hedy");
        let other = open_conversation(&env, &ada, command)
            .await
            .expect("opens")
            .conversation
            .id;
        let command = saying(&env, "Here");
        send_message(&env, &ada, id, command.clone()).await.expect("sends");
        assert_eq!(
            code(send_message(&env, &ada, other, command).await),
            Code::ClientIdReused
        );
    }

    #[tokio::test]
    async fn a_stranger_finds_no_conversation_to_write_to() {
        let (env, _) = fixtures::env().await;
        let (_, _, id) = ada_and_grace(&env).await;
        let mallory = fixtures::actor(&env, MALLORY).await;
        assert_eq!(
            code(send_message(&env, &mallory, id, saying(&env, "Hello?")).await),
            Code::NotFound
        );
        let nowhere = ConversationId(env.new_id());
        assert_eq!(
            code(send_message(&env, &mallory, nowhere, saying(&env, "Hello?")).await),
            Code::NotFound
        );
    }

    #[tokio::test]
    async fn empty_long_and_misdirected_messages_are_refused_and_leave_no_hole() {
        let (env, _) = fixtures::env().await;
        let (ada, _, id) = ada_and_grace(&env).await;
        for bad in ["", "  \n ", "\u{0}\u{7}", &"x".repeat(limits::MESSAGE_MAX + 1)] {
            assert_eq!(
                code(send_message(&env, &ada, id, saying(&env, bad)).await),
                Code::Invalid
            );
        }
        let lost = SendMessage {
            reply_to: Some(MessageId(env.new_id())),
            ..saying(&env, "An answer")
        };
        assert_eq!(code(send_message(&env, &ada, id, lost).await), Code::Invalid);
        let first = send_message(&env, &ada, id, saying(&env, "One\r\ntwo  "))
            .await
            .expect("sends")
            .message;
        assert_eq!((first.seq, first.body.as_str()), (1, "One\ntwo"));
        let answer = SendMessage {
            reply_to: Some(first.id),
            ..saying(&env, "An answer")
        };
        assert_eq!(
            send_message(&env, &ada, id, answer)
                .await
                .expect("sends")
                .message
                .reply_to,
            Some(first.id)
        );
    }
}
