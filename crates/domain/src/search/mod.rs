//! Finding what was said.
//!
//! Words are folded (no accents, no case; scripts without spaces in pairs of signs) by [`mod@words`], the same way when a
//! message is indexed, when it is searched for, and when what matched is marked. They are kept in rows
//! `[conversation, stretch, word]`, where a [`STRETCH`] is 1,024 messages of a log. So a search reads, in each of one's
//! conversations, the newest stretch first and a few rows of it, and stops when a page is full: it costs the same in a
//! long log as in a short one. Nothing that somebody may not see is looked at. Why not SurrealDB's own full-text index:
//! `docs/decisions/0022-search-by-rows-of-words.md`.
//!
//! Sending does not wait for it: the [`Indexer`] follows the logs, a moment later, and any number of processes may run it.
//! The end of a log that it has not reached is read itself. Deleting and editing take a message's words out in their own
//! transaction ([`forget_words`]).

mod gather;
mod indexer;
mod place;
mod search_messages;
#[cfg(test)]
mod search_messages_tests;

pub use indexer::Indexer;
pub use search_messages::{SearchMessages, search_messages};
pub(crate) use sync::words::{self, words};

/// Messages of a log that share rows of words.
pub(crate) const STRETCH: u64 = 1_024;

/// In which stretch a message is.
pub(crate) const fn stretch_of(seq: u64) -> u64 {
    seq / STRETCH
}

/// Statements of a transaction that take the message `$seq` of `$conversation` out of its stretch's rows; `$rev` is that of the
/// change. A row without messages goes, so no word of what was deleted is left. Writing the cursor makes an indexer that
/// still has the old text begin again. Binds: `stretch`.
macro_rules! forget_words {
    () => {
        "FOR $word IN (SELECT id, seqs FROM message_word:[$conversation, $stretch]..[$conversation, $stretch + 1] WHERE seqs CONTAINS $seq) {
            IF $word.seqs.len() = 1 { DELETE $word.id } ELSE { UPDATE $word.id SET seqs -= $seq };
        };
        UPSERT type::record('message_index', $conversation) SET seq = seq ?? 0, rev = $rev;
        "
    };
}
pub(crate) use forget_words;

/// The same when the message has other words now: the indexer reads it again.
macro_rules! reword {
    () => {
        concat!(
            $crate::search::forget_words!(),
            "UPSERT type::record('message_reword', [$conversation, $seq]);
            "
        )
    };
}
pub(crate) use reword;

/// Statements that take all words of `$conversation` out, when it goes. Binds: `last` (the greatest UUID).
macro_rules! forget_all_words {
    () => {
        "DELETE message_word:[$conversation]..[$conversation, $last];
            DELETE message_reword:[$conversation]..[$conversation, $last];
            DELETE type::record('message_index', $conversation);
            "
    };
}
pub(crate) use forget_all_words;
