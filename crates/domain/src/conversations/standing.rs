//! How somebody stands in a conversation: the check that comes before every other.

use super::row::role;
use crate::{Env, Result, db::vars};
use model::{AccountId, Code, ConversationId, ConversationKind, MemberRole};
use surrealdb::types::SurrealValue;

const STANDING: &str = "
    SELECT role, math::max([joined_seq ?? 0, cleared_seq ?? 0]) AS floor,
        (SELECT kind, last_seq, rev ?? 0 AS rev FROM ONLY type::record('conversation', $conversation)) AS about
    FROM ONLY type::record('membership', [$conversation, $me])";

#[derive(SurrealValue)]
struct Row {
    role: Option<String>,
    floor: u64,
    about: About,
}

#[derive(SurrealValue)]
struct About {
    kind: String,
    last_seq: u64,
    rev: u64,
}

/// What a member may do and see.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Their rights.
    pub role: MemberRole,
    /// They see what comes after it.
    pub floor: u64,
    /// What sort of conversation it is.
    pub kind: ConversationKind,
    /// How far its log reaches.
    pub last_seq: u64,
    /// How many changes there were.
    pub rev: u64,
}

impl Standing {
    /// Refuses all but the owners of a group.
    ///
    /// # Errors
    /// `not_owner`; `forbidden` in a direct conversation, which nobody owns.
    pub fn must_own(self) -> Result<()> {
        match (self.kind, self.role) {
            (ConversationKind::Direct, _) => Err(Code::Forbidden.into()),
            (ConversationKind::Group, MemberRole::Member) => Err(Code::NotOwner.into()),
            (ConversationKind::Group, MemberRole::Owner) => Ok(()),
        }
    }
}

/// How somebody stands in a conversation.
///
/// # Errors
/// `not_found` when they are not in it.
pub async fn standing(env: &Env, who: AccountId, conversation: ConversationId) -> Result<Standing> {
    let binds = vars! { conversation: conversation.uuid(), me: who.uuid() };
    let row: Option<Row> = env.db.find(STANDING, binds).await?;
    let row = row.ok_or(Code::NotFound)?;
    Ok(Standing {
        role: role(row.role.as_deref()),
        floor: row.floor,
        last_seq: row.about.last_seq,
        rev: row.about.rev,
        kind: if row.about.kind == "group" {
            ConversationKind::Group
        } else {
            ConversationKind::Direct
        },
    })
}
