//! What was done and answered: the model.

use model::{AccountId, ClientId, ConversationId, Message, MessageId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A conversation of the game.
pub struct Room {
    /// Which.
    pub id: ConversationId,
    /// Whether it is a group.
    pub group: bool,
    /// Who was in it at first. The first one owns it, stays, and never deletes it for themselves.
    pub members: Vec<usize>,
}

/// A message that was acknowledged, and what was done to it since.
#[derive(Clone, Debug)]
pub struct Said {
    pub conversation: ConversationId,
    pub author: usize,
    pub client_id: ClientId,
    pub seq: u64,
    pub body: String,
    pub edited: bool,
    pub deleted: bool,
    /// Who reacted with what.
    pub reactions: BTreeSet<(usize, String)>,
    /// Something was asked whose outcome nobody can know: an answer was lost, and the next one was a refusal.
    pub uncertain: bool,
}

/// All of it.
pub struct Ledger {
    pub said: BTreeMap<MessageId, Said>,
    /// Client ids that were refused at once, and are nowhere.
    pub refused: HashSet<ClientId>,
    /// Up to where each has read, as far as it was answered.
    pub read: HashMap<(usize, ConversationId), u64>,
    /// Whom each blocks.
    pub blocks: Vec<BTreeSet<AccountId>>,
    /// How much was done.
    pub done: u64,
}

impl Ledger {
    pub fn new(people: usize) -> Self {
        Self {
            said: BTreeMap::new(),
            refused: HashSet::new(),
            read: HashMap::new(),
            blocks: vec![BTreeSet::new(); people],
            done: 0,
        }
    }

    /// A message was acknowledged; perhaps for the second time, and then it has to be the same.
    pub fn acked(&mut self, author: usize, client_id: ClientId, body: &str, message: &Message) -> Result<(), String> {
        let said = Said {
            conversation: message.conversation,
            author,
            client_id,
            seq: message.seq,
            body: body.to_owned(),
            edited: false,
            deleted: false,
            reactions: BTreeSet::new(),
            uncertain: false,
        };
        if message.client_id != client_id || message.body != body {
            return Err(format!("{body:?} was sent, and {message:?} acknowledged"));
        }
        match self.said.insert(message.id, said) {
            Some(earlier) if earlier.seq != message.seq || earlier.client_id != client_id => {
                Err(format!("{} is two messages: {earlier:?}, {message:?}", message.id))
            }
            _ => Ok(()),
        }
    }

    /// Messages of a room.
    pub fn of(&self, room: &Room) -> Vec<(MessageId, Said)> {
        let here = self.said.iter().filter(|(_, said)| said.conversation == room.id);
        here.map(|(id, said)| (*id, said.clone())).collect()
    }
}
