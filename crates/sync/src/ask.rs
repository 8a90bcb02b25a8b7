//! The questions that a log puts, and what it answers itself.

use model::{Message, Quote, limits};

/// A jump asks for so many before the message it leads to.
const BEFORE_JUMP: u64 = 30;

/// What a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The newest messages.
    Latest,
    /// The newest ones before this number.
    Older(u64),
    /// The oldest ones after this number.
    Newer(u64),
    /// The same, and the window moves there.
    From(u64),
}

impl Direction {
    /// Those about this number; the window moves there.
    #[must_use]
    pub const fn around(seq: u64) -> Self {
        Self::From(seq.saturating_sub(BEFORE_JUMP + 1))
    }

    /// As the server's `before` and `after`.
    #[must_use]
    pub const fn bounds(self) -> (Option<u64>, Option<u64>) {
        match self {
            Self::Latest => (None, None),
            Self::Older(before) => (Some(before), None),
            Self::Newer(after) | Self::From(after) => (None, Some(after)),
        }
    }
}

/// A question, and what was known when it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What for.
    pub what: Direction,
    /// The changes that were known.
    pub(crate) rev: u64,
    /// The messages that were heard of.
    pub(crate) heard_of: u64,
    /// How often the window had jumped.
    pub(crate) jumps: u32,
}

/// Messages that I have not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// How many.
    pub messages: u64,
    /// How many of them mention me.
    pub mentions: u64,
}

/// What an answer shows of a message, as the server would put it.
pub(crate) fn quote_of(message: &Message) -> Quote {
    let mut letters = message.body.chars();
    let mut excerpt: String = letters.by_ref().take(limits::EXCERPT_MAX).collect();
    if letters.next().is_some() {
        excerpt.push('…');
    }
    Quote {
        seq: message.seq,
        author: message.author.clone(),
        excerpt,
        deleted: message.deleted_at.is_some(),
    }
}
