//! What a conversation tells about itself: messages of its log that nobody wrote.

use crate::Env;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// What happened, as the columns of its message have it.
#[derive(Clone, SurrealValue)]
pub struct Happened {
    uid: Uuid,
    client_id: Uuid,
    kind: String,
    people: Vec<Uuid>,
    text: Option<String>,
}

impl Happened {
    /// Something of this kind; see [`model::Event`].
    pub fn new(env: &Env, kind: &str) -> Self {
        Self {
            uid: env.new_id(),
            client_id: env.new_id(),
            kind: kind.into(),
            people: Vec::new(),
            text: None,
        }
    }

    /// To these.
    pub fn to(mut self, people: Vec<Uuid>) -> Self {
        self.people = people;
        self
    }

    /// With these words.
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

/// Statements of a transaction that append what `$happened` (a bind of type [`Happened`], or an expression) tells to the
/// log of `$conversation`, done by `$me` at `$now`. Whom it names is noted, for the day on which they leave.
macro_rules! append_event {
    ($happened:literal) => {
        concat!(
            "{
                LET $tell = ",
            $happened,
            ";
                LET $place = (UPDATE ONLY type::record('conversation', $conversation)
                    SET last_seq += 1, updated_at = $now, touched_at = $now RETURN AFTER).last_seq;
                CREATE type::record('message', [$conversation, $place])
                    SET uid = $tell.uid, author = $me, client_id = $tell.client_id, body = '', sent_at = $now,
                        event = $tell.kind, event_people = $tell.people, event_text = $tell.text;
                CREATE type::record('sent', [$me, $tell.client_id]) SET conversation = $conversation, seq = $place;
                FOR $person IN $tell.people { UPSERT type::record('named', [$person, $conversation, $place]) };
            };
            "
        )
    };
}
pub(super) use append_event;
