//! A device's copy of a conversation: what it was told, checked as it comes.
//!
//! It keeps of each message only what it takes to compare it with the server's: a thousand devices are one process.

use model::{AccountId, Changes, Conversation, ConversationId, Message, MessageId, Page};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};
use sync::{Ask, Direction, Log};

/// A message, as far as two copies of it are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: MessageId,
    /// The change that made it what it is.
    pub rev: u64,
    /// Of everything it says.
    pub digest: u64,
}

impl Kept {
    /// Of a message. A quote is how somebody else's message was when it was asked for, so it is left out.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let mut plain = message.clone();
        plain.quote = None;
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(&plain).unwrap_or_default().hash(&mut hasher);
        Self {
            id: message.id,
            rev: message.rev,
            digest: hasher.finish(),
        }
    }
}

/// What to ask the server, when something is missing.
#[derive(Clone, Copy, Debug)]
pub enum Missing {
    /// Messages after this one.
    Messages(u64),
    /// Changes after this one.
    Changes(u64),
    /// A page for the window of the browser's log.
    Window(Ask),
    /// Changes after this one, for the browser's log.
    WindowChanges(u64),
}

/// The copy of one conversation.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Which.
    pub id: ConversationId,
    /// What is not for me.
    pub floor: u64,
    /// All changes up to this one are in.
    pub rev: u64,
    /// Messages, by place.
    pub messages: BTreeMap<u64, Kept>,
    /// The same by the rules of the browser (crates/sync), for devices that play one.
    pub browser: Option<Log>,
    heard_of: u64,
    heard_rev: u64,
}

impl Copy {
    /// Of a conversation of which nothing was read.
    #[must_use]
    pub fn new(conversation: &Conversation, browser_of: Option<AccountId>) -> Self {
        let mut browser = browser_of.map(Log::new);
        if let Some(log) = &mut browser {
            log.hear_of(conversation.last_seq, conversation.rev, conversation.floor);
        }
        Self {
            browser,
            id: conversation.id,
            floor: conversation.floor,
            // What is read from here on is at least so new.
            rev: conversation.rev,
            messages: BTreeMap::new(),
            heard_of: conversation.last_seq,
            heard_rev: conversation.rev,
        }
    }

    /// Hears how the server has it. What is below a floor that rose is forgotten.
    pub fn hear_of(&mut self, conversation: &Conversation) {
        self.heard_of = self.heard_of.max(conversation.last_seq);
        self.heard_rev = self.heard_rev.max(conversation.rev);
        if let Some(log) = &mut self.browser {
            log.hear_of(conversation.last_seq, conversation.rev, conversation.floor);
        }
        if conversation.floor > self.floor {
            self.floor = conversation.floor;
            self.messages.retain(|seq, _| *seq > conversation.floor);
        }
    }

    /// The last message that is held, without a hole before it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.messages.last_key_value().map_or(self.floor, |(seq, _)| *seq)
    }

    /// Takes a message that came by itself.
    pub fn hear(&mut self, message: &Message) -> Result<(), String> {
        if let Some(log) = &mut self.browser {
            log.apply(message.clone());
        }
        self.take(message)
    }

    fn take(&mut self, message: &Message) -> Result<(), String> {
        self.heard_of = self.heard_of.max(message.seq);
        let kept = Kept::of(message);
        match self.messages.get_mut(&message.seq) {
            Some(known) if known.id != kept.id => Err(format!("two messages are {}", message.seq)),
            Some(known) if known.rev == kept.rev && known.digest != kept.digest => Err(format!(
                "message {} is told in two ways at change {}",
                message.seq, kept.rev
            )),
            Some(known) => {
                if known.rev < kept.rev {
                    *known = kept;
                }
                Ok(())
            }
            None => {
                if message.seq <= self.floor {
                    return Err(format!("message {} is below the floor {}", message.seq, self.floor));
                }
                // What comes too early is not taken, but asked for.
                if message.seq == self.end() + 1 {
                    self.messages.insert(message.seq, kept);
                }
                Ok(())
            }
        }
    }

    /// Takes a page after what was held.
    pub fn take_page(&mut self, page: &Page) -> Result<(), String> {
        for pair in page.items.windows(2) {
            if pair[0].seq >= pair[1].seq {
                return Err(format!("a page is out of order at {}", pair[1].seq));
            }
        }
        for message in &page.items {
            if message.seq > self.floor {
                self.take(message)?;
            }
        }
        Ok(())
    }

    /// Takes a change that came by itself.
    pub fn change(&mut self, message: &Message) -> Result<(), String> {
        self.heard_rev = self.heard_rev.max(message.rev);
        if let Some(log) = &mut self.browser {
            log.change(message.clone());
        }
        if message.rev == self.rev + 1 {
            self.rev = message.rev;
            self.replace(message)?;
        }
        Ok(())
    }

    fn replace(&mut self, message: &Message) -> Result<(), String> {
        if self.messages.contains_key(&message.seq) {
            self.take(message)
        } else {
            Ok(())
        }
    }

    /// Takes changes that were asked for.
    pub fn take_changes(&mut self, changes: &Changes) -> Result<(), String> {
        for message in &changes.items {
            self.replace(message)?;
        }
        self.rev = self.rev.max(changes.rev);
        Ok(())
    }

    /// What is missing, as far as it was heard of.
    #[must_use]
    pub fn missing(&self) -> Option<Missing> {
        if self.heard_of > self.end() {
            Some(Missing::Messages(self.end()))
        } else if self.heard_rev > self.rev {
            Some(Missing::Changes(self.rev))
        } else {
            self.missing_in_browser()
        }
    }

    fn missing_in_browser(&self) -> Option<Missing> {
        let log = self.browser.as_ref()?;
        if !log.opened() {
            return Some(Missing::Window(log.ask(Direction::Latest)));
        }
        let hole = log.hole().map(Missing::Window);
        hole.or_else(|| log.missing_changes().map(Missing::WindowChanges))
    }

    /// Whether the browser's log is a stretch of the server's up to its end.
    fn compare_browser(&self, log: &Log, wanted: &BTreeMap<u64, Kept>) -> Result<(), String> {
        let held: Vec<(u64, Kept)> = log.messages().map(|message| (message.seq, Kept::of(message))).collect();
        let from = held.first().map_or(u64::MAX, |(seq, _)| *seq);
        let there: Vec<(u64, Kept)> = wanted.range(from..).map(|(seq, kept)| (*seq, *kept)).collect();
        if held != there || (held.is_empty() && !wanted.is_empty()) {
            return Err(format!("the browser's log is {held:?}, not {there:?}"));
        }
        if log.rev() != self.rev {
            return Err(format!("the browser knows {} changes, not {}", log.rev(), self.rev));
        }
        Ok(())
    }

    /// Whether it is the server's, as somebody with this floor may see it. Says where it is not.
    pub fn compare(&self, log: &[Message]) -> Result<(), String> {
        let wanted: BTreeMap<u64, Kept> = log.iter().map(|message| (message.seq, Kept::of(message))).collect();
        if wanted.len() != log.len() {
            return Err("the server's log has a number twice".into());
        }
        for (seq, kept) in &wanted {
            match self.messages.get(seq) {
                None => return Err(format!("message {seq} is missing of {}", log.len())),
                Some(own) if own != kept => return Err(format!("message {seq} is another: {own:?}, not {kept:?}")),
                Some(_) => {}
            }
        }
        match self.messages.keys().find(|seq| !wanted.contains_key(seq)) {
            Some(extra) => Err(format!("message {extra} is not in the server's log")),
            None => self
                .browser
                .as_ref()
                .map_or(Ok(()), |log| self.compare_browser(log, &wanted)),
        }
    }
}
