//! What is known of those whom a batch's orders name, before anything is decided.

use super::{Mailbox, fault::Fault};
use crate::{
    Env, Error, Result,
    accounts::{PersonRow, key_and_name, people},
    conversations,
    db::vars,
    throttle::Action,
};
use model::{
    AccountId, Person, Username,
    mailbox::{DocId, Document, Kind, Order},
};
use std::collections::{BTreeMap, BTreeSet};
use sync::mailbox::{Incoming, letter_uuid};
use uuid::Uuid;

/// Somebody by a username.
const BY_USERNAME: &str = "
    SELECT record::id(id) AS id, username, display_name FROM account
        WHERE username_key = $key AND username = $name AND disabled_at = NONE";

/// The orders of a batch, and whom they are to reach.
#[derive(Default)]
pub struct Post {
    mailbox: Uuid,
    orders: BTreeSet<DocId>,
    names: BTreeSet<String>,
    files: BTreeSet<DocId>,
    answered: BTreeSet<DocId>,
    sender: Option<Person>,
    people: BTreeMap<String, Person>,
    blocked: BTreeSet<AccountId>,
    hindered: BTreeSet<AccountId>,
    counted: BTreeSet<String>,
    of_sender: Vec<String>,
    of_recipients: Vec<String>,
}

/// Whom a name means.
pub enum Found<'a> {
    /// Them.
    Person(&'a Person),
    /// Somebody whom the sender blocks.
    BlockedByMe,
    /// Nobody, or somebody who is not to be found by the sender.
    Nobody,
}

/// The order in a document; nothing when it has not the shape of one.
pub fn order_in(incoming: &Incoming) -> Option<Order> {
    match Document::from_body(&incoming.body) {
        Some(Document::Order(order)) => Some(order),
        _ => None,
    }
}

impl Post {
    /// The orders of a batch.
    pub fn new<'a>(mailbox: Uuid, orders: impl Iterator<Item = &'a Incoming>) -> Self {
        let mut post = Self {
            mailbox,
            ..Self::default()
        };
        for incoming in orders {
            let (Some(id), Some(order)) = (DocId::parse(&incoming.id), order_in(incoming)) else {
                continue;
            };
            post.orders.insert(id);
            post.names
                .extend(order.to.into_iter().take(model::limits::RECIPIENTS_MAX));
            post.files.extend(order.attachments);
            post.answered.extend(order.in_reply_to);
        }
        let letters = post.orders.iter().filter_map(|order| {
            let uuid = letter_uuid(mailbox.into(), order.uuid()?);
            DocId::of(Kind::Letter, uuid)
        });
        let letters: Vec<DocId> = letters.collect();
        let states = letters.iter().filter_map(|letter| letter.twin(Kind::State));
        let shared = letters.iter().cloned().chain(states).chain(post.files.iter().cloned());
        post.of_recipients = shared.map(|id| id.to_string()).collect();
        let receipts = post.orders.iter().filter_map(|order| order.twin(Kind::Receipt));
        let own = receipts.chain(post.answered.iter().cloned()).map(|id| id.to_string());
        post.of_sender = own.chain(post.of_recipients.iter().cloned()).collect();
        post
    }

    /// Looks up whom the names mean, and who blocks whom; again in each round.
    pub async fn look_up(&mut self, env: &Env) -> Result<()> {
        if self.orders.is_empty() {
            return Ok(());
        }
        let me = AccountId(self.mailbox);
        self.sender = people(env, vec![self.mailbox]).await?.into_values().next();
        self.blocked = conversations::blocked_by(env, me).await?.into_iter().collect();
        self.hindered = conversations::blocks_between(env, me).await?;
        let mut found = BTreeMap::new();
        for name in &self.names {
            let username = Username::parse(name.trim().trim_start_matches('@')).ok();
            let Some((key, canonical)) = username.as_ref().and_then(key_and_name) else {
                continue;
            };
            let binds = vars! { key: key, name: canonical };
            let row: Option<PersonRow> = env.db.find(BY_USERNAME, binds).await?;
            found.extend(row.map(|row| (name.clone(), Person::from(row))));
        }
        self.people = found;
        Ok(())
    }

    /// Who sends.
    pub const fn sender(&self) -> Option<&Person> {
        self.sender.as_ref()
    }

    /// Whom a name in an order means.
    pub fn find(&self, name: &str) -> Found<'_> {
        match self.people.get(name) {
            Some(person) if self.blocked.contains(&person.id) => Found::BlockedByMe,
            Some(person) if self.hindered.contains(&person.id) => Found::Nobody,
            Some(person) => Found::Person(person),
            None => Found::Nobody,
        }
    }

    /// The mailboxes that may get something.
    pub fn recipients(&self) -> BTreeSet<Uuid> {
        let people = self
            .people
            .values()
            .filter(|person| !self.hindered.contains(&person.id));
        people.map(|person| person.id.uuid()).collect()
    }

    /// These and the sender's.
    pub fn mailboxes(&self) -> BTreeSet<Uuid> {
        let mut all = self.recipients();
        all.insert(self.mailbox);
        all
    }

    /// The documents of the sender's mailbox that orders touch or refer to.
    pub fn documents_of_sender(&self) -> impl Iterator<Item = &str> {
        self.of_sender.iter().map(String::as_str)
    }

    /// The documents of the recipients' mailboxes that orders touch.
    pub fn documents_of_recipients(&self) -> impl Iterator<Item = &str> {
        self.of_recipients.iter().map(String::as_str)
    }

    /// Counts an order that is about to be delivered, once, however often that is tried.
    ///
    /// # Errors
    /// [`Fault::TooMany`]. It is no `forbidden`: the order is good, and comes again later.
    pub fn count(&mut self, env: &Env, mailbox: &Mailbox, order: &str) -> Result<(), Fault> {
        if self.counted.contains(order) {
            return Ok(());
        }
        match env.throttle.count(Action::SendLetter, &mailbox.id().to_string()) {
            Ok(()) => {
                self.counted.insert(order.to_owned());
                Ok(())
            }
            Err(Error::Rejected(refused)) => {
                let seconds = refused.retry_after_s.unwrap_or(1);
                Err(Fault::TooMany(refused.detail, seconds))
            }
            Err(_) => Err(Fault::TooMany("That was too often.".into(), 1)),
        }
    }
}
