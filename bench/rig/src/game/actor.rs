//! One person of the model: one thing after the other, on one of their devices or over REST, by chance.

use super::ledger::{Ledger, Room, Said};
use crate::{
    Result,
    chance::Chance,
    device::{Device, Outcome},
    person::{Answer, Person},
};
use model::{ClientId, Code, Message, MessageId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::sleep;

/// As they stand in a path.
const EMOJI: [(&str, &str); 3] = [
    ("👍", "%F0%9F%91%8D"),
    ("🎉", "%F0%9F%8E%89"),
    ("❤️", "%E2%9D%A4%EF%B8%8F"),
];

pub struct Actor {
    pub me: usize,
    pub people: Vec<Person>,
    pub rooms: Arc<Vec<Room>>,
    pub devices: Arc<Vec<Vec<Device>>>,
    pub ledger: Arc<Mutex<Ledger>>,
    pub chance: Chance,
}

/// What somebody does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Send,
    Post,
    SendTwice,
    Edit,
    Delete,
    React,
    Unreact,
    Read,
    Block,
    Unblock,
    Clear,
    Keep,
    Member,
    Drop,
    Wait,
}

/// How often, of all.
const ACTS: [(Act, usize); 15] = [
    (Act::Send, 34),
    (Act::Post, 8),
    (Act::SendTwice, 6),
    (Act::Edit, 9),
    (Act::Delete, 5),
    (Act::React, 8),
    (Act::Unreact, 3),
    (Act::Read, 8),
    (Act::Block, 2),
    (Act::Unblock, 3),
    (Act::Clear, 2),
    (Act::Keep, 2),
    (Act::Member, 3),
    (Act::Drop, 5),
    (Act::Wait, 4),
];

impl Actor {
    /// Does so many things.
    pub async fn play(mut self, steps: u64) -> Result<()> {
        let whole = ACTS.iter().map(|(_, weight)| weight).sum();
        for step in 0..steps {
            let mut at = self.chance.below(whole);
            let chosen = ACTS.iter().find(|(_, weight)| {
                let here = at < *weight;
                at = at.saturating_sub(*weight);
                here
            });
            let act = chosen.map_or(Act::Wait, |(act, _)| *act);
            self.act(act, step)
                .await
                .map_err(|fault| format!("{}, step {step}, {act:?}: {fault}", self.myself().name))?;
            self.ledger().done += 1;
        }
        Ok(())
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn myself(&self) -> &Person {
        &self.people[self.me]
    }

    async fn act(&mut self, act: Act, step: u64) -> Result<()> {
        let rooms = self.rooms.clone();
        let mine: Vec<&Room> = rooms.iter().filter(|room| room.members.contains(&self.me)).collect();
        let Some(room) = self.chance.pick(&mine).copied() else {
            return Ok(());
        };
        match act {
            Act::Send | Act::Post | Act::SendTwice => self.send(act, room, step).await,
            Act::Edit | Act::Delete => self.change(act, room, step).await,
            Act::React | Act::Unreact => self.react(matches!(act, Act::React), room).await,
            Act::Read => self.read(room).await,
            Act::Block | Act::Unblock => self.block(matches!(act, Act::Block)).await,
            Act::Clear | Act::Keep => self.keep(matches!(act, Act::Clear), room).await,
            Act::Member => self.member(room).await,
            Act::Drop => {
                let own = &self.devices[self.me];
                own[self.chance.below(own.len())].drop_now();
                Ok(())
            }
            Act::Wait => {
                sleep(self.chance.millis(1, 150)).await;
                Ok(())
            }
        }
    }

    /// Asks until there is an answer, and counts how often it was asked: an answer to the first time is certain.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (Answer, bool) {
        match self.myself().ask(method.clone(), path, body.as_ref()).await {
            Ok(answer) => (answer, true),
            Err(_) => (self.myself().insist(method, path, body.as_ref()).await, false),
        }
    }

    async fn send(&mut self, act: Act, room: &Room, step: u64) -> Result<()> {
        let id = ClientId(self.chance.id());
        let body = format!("{} says {step}", self.myself().name);
        let own = self.devices[self.me].len();
        let which = self.chance.below(own);
        if matches!(act, Act::Post) {
            let (answer, certain) = self.post(room, id, &body).await;
            return self.posted(id, &body, &answer, certain);
        }
        let sending = self.devices[self.me][which].send(id, room.id, body.clone());
        if matches!(act, Act::SendTwice) {
            // The same message twice at the same moment, by two doors.
            let (outcome, (answer, _)) = tokio::join!(sending, self.post(room, id, &body));
            self.posted(id, &body, &answer, false)?;
            return self.sent(id, &body, outcome?);
        }
        let outcome = sending.await?;
        self.sent(id, &body, outcome)
    }

    async fn post(&self, room: &Room, id: ClientId, body: &str) -> (Answer, bool) {
        let path = format!("/conversations/{}/messages", room.id);
        self.ask(Method::POST, &path, Some(json!({"client_id": id, "body": body})))
            .await
    }

    fn sent(&self, id: ClientId, body: &str, outcome: Outcome) -> Result<()> {
        match outcome {
            Outcome::Acked(message) => Ok(self.ledger().acked(self.me, id, body, &message)?),
            Outcome::Rejected(Code::Blocked | Code::NotFound) => Ok(()),
            Outcome::Rejected(code) => Err(format!("refused: {code:?}").into()),
        }
    }

    fn posted(&self, id: ClientId, body: &str, answer: &Answer, certain: bool) -> Result<()> {
        if answer.status.is_success() {
            let message: Message = answer.read()?;
            return Ok(self.ledger().acked(self.me, id, body, &message)?);
        }
        if !["blocked", "not_found"].contains(&answer.code().as_str()) {
            return Err(format!("refused: {answer:?}").into());
        }
        if certain {
            self.ledger().refused.insert(id);
        }
        Ok(())
    }

    /// One of the messages of a room that this is true of.
    fn choose(&mut self, room: &Room, which: impl Fn(&Said) -> bool) -> Option<(MessageId, Said)> {
        let mut fit = self.ledger().of(room);
        fit.retain(|(_, said)| which(said));
        self.chance.pick(&fit).cloned()
    }

    async fn change(&mut self, act: Act, room: &Room, step: u64) -> Result<()> {
        let me = self.me;
        let Some((id, _)) = self.choose(room, |said| said.author == me && !said.deleted && !said.uncertain) else {
            return Ok(());
        };
        let path = format!("/messages/{id}");
        let body = format!("{} changes it at {step}", self.myself().name);
        let (answer, certain) = match act {
            Act::Edit => self.ask(Method::PATCH, &path, Some(json!({"body": body}))).await,
            _ => self.ask(Method::DELETE, &path, None).await,
        };
        let mut ledger = self.ledger();
        let said = ledger.said.get_mut(&id).ok_or("it is not in the ledger")?;
        if answer.status.is_success() {
            match act {
                Act::Edit => (said.body, said.edited) = (body, true),
                _ => said.deleted = true,
            }
            return Ok(());
        }
        // Taken out of the group meanwhile, or blocked.
        said.uncertain |= !certain;
        refused(&answer, &["not_found", "blocked"])
    }

    async fn react(&mut self, add: bool, room: &Room) -> Result<()> {
        let Some((id, _)) = self.choose(room, |said| !said.deleted && !said.uncertain) else {
            return Ok(());
        };
        let (emoji, encoded) = EMOJI[self.chance.below(EMOJI.len())];
        let path = format!("/messages/{id}/reactions/{encoded}");
        let (answer, certain) = self
            .ask(if add { Method::PUT } else { Method::DELETE }, &path, None)
            .await;
        let me = self.me;
        let mut ledger = self.ledger();
        let said = ledger.said.get_mut(&id).ok_or("it is not in the ledger")?;
        if answer.status.is_success() {
            let one = (me, emoji.to_owned());
            if add {
                said.reactions.insert(one)
            } else {
                said.reactions.remove(&one)
            };
            return Ok(());
        }
        said.uncertain |= !certain;
        refused(&answer, &["not_found", "blocked", "message_deleted"])
    }

    async fn read(&mut self, room: &Room) -> Result<()> {
        let last = self
            .ledger()
            .of(room)
            .iter()
            .map(|(_, said)| said.seq)
            .max()
            .unwrap_or(0);
        let seq = self.chance.below(usize::try_from(last)? + 1) as u64;
        let path = format!("/conversations/{}/read", room.id);
        let (answer, _) = self.ask(Method::PUT, &path, Some(json!({"seq": seq}))).await;
        if answer.status.is_success() {
            let me = self.me;
            let mut ledger = self.ledger();
            let read = ledger.read.entry((me, room.id)).or_default();
            *read = seq.max(*read);
            return Ok(());
        }
        refused(&answer, &["not_found"])
    }

    async fn block(&mut self, block: bool) -> Result<()> {
        let other = self.chance.below(self.people.len());
        if other == self.me {
            return Ok(());
        }
        let (whom, me) = (self.people[other].id, self.me);
        let (answer, _) = self
            .ask(
                if block { Method::PUT } else { Method::DELETE },
                &format!("/blocks/{whom}"),
                None,
            )
            .await;
        if !answer.status.is_success() {
            return refused(&answer, &[]);
        }
        let mut ledger = self.ledger();
        let own = &mut ledger.blocks[me];
        if block {
            own.insert(whom)
        } else {
            own.remove(&whom)
        };
        Ok(())
    }

    /// Deletes a conversation for oneself, or puts it away.
    async fn keep(&mut self, clear: bool, room: &Room) -> Result<()> {
        let path = format!("/conversations/{}", room.id);
        let (answer, _) = if clear {
            if room.members.first() == Some(&self.me) {
                return Ok(());
            }
            self.ask(Method::DELETE, &path, None).await
        } else {
            let (muted, archived) = (self.chance.percent(50), self.chance.percent(50));
            self.ask(
                Method::PATCH,
                &path,
                Some(json!({"muted": muted, "archived": archived})),
            )
            .await
        };
        if answer.status.is_success() {
            Ok(())
        } else {
            refused(&answer, &["not_found"])
        }
    }

    /// The owner takes somebody out, lets somebody in, or changes the title; others now and then leave.
    async fn member(&mut self, room: &Room) -> Result<()> {
        if !room.group {
            return Ok(());
        }
        let path = format!("/conversations/{}", room.id);
        let other = self.chance.below(self.people.len());
        let name = self.people[other].name.clone();
        let owner = room.members.first() == Some(&self.me);
        let (answer, _) = match self.chance.below(4) {
            0 if owner => {
                let title = format!("Title {}", self.chance.below(100));
                self.ask(Method::PATCH, &path, Some(json!({"title": title}))).await
            }
            0 => {
                self.ask(Method::DELETE, &format!("{path}/members/{}", self.myself().name), None)
                    .await
            }
            1 if owner && other != self.me => self.ask(Method::DELETE, &format!("{path}/members/{name}"), None).await,
            _ if owner && other != self.me => {
                self.ask(Method::PUT, &format!("{path}/members/{name}"), Some(json!({})))
                    .await
            }
            _ => return Ok(()),
        };
        if answer.status.is_success() {
            Ok(())
        } else {
            refused(&answer, &["not_found", "blocked"])
        }
    }
}

/// Some refusals are part of the game; all others are faults.
fn refused(answer: &Answer, expected: &[&str]) -> Result<()> {
    let code = answer.code();
    if answer.status == StatusCode::NOT_FOUND || expected.contains(&code.as_str()) {
        return Ok(());
    }
    Err(format!("refused: {answer:?}").into())
}
