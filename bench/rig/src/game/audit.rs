//! The end of a game: what the server says, what every device holds, and what the model knows, all side by side.

use super::ledger::{Ledger, Room, Said};
use crate::{Result, device::Device, person::Person};
use model::{AccountId, Conversation, Message, limits};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// How long the devices may take to agree once all is quiet. A busy machine answers late, and who was not answered comes back
/// after a pause of up to 15 s.
const AGREE_WITHIN: Duration = Duration::from_secs(120);

/// What one person sees at the end.
struct View {
    list: Vec<Conversation>,
    logs: HashMap<model::ConversationId, Vec<Message>>,
}

/// Compares everything with everything, and tells how much that was.
pub async fn audit(
    people: &[Person],
    rooms: &[Room],
    devices: &[Vec<Device>],
    ledger: &Mutex<Ledger>,
) -> Result<String> {
    let mut views = Vec::new();
    for person in people {
        let list = person.conversations().await?;
        let mut logs = HashMap::new();
        for conversation in &list {
            logs.insert(conversation.id, person.log(conversation.id).await?);
        }
        views.push(View { list, logs });
    }
    for (who, (person, view)) in people.iter().zip(&views).enumerate() {
        let about = |fault: String| format!("{}: {fault}", person.name);
        let blocked: BTreeSet<AccountId> = person.blocks().await?.into_iter().map(|person| person.id).collect();
        let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if blocked != ledger.blocks[who] {
            return Err(about(format!("blocks {blocked:?}, not {:?}", ledger.blocks[who])).into());
        }
        check_list(person, view, &blocked, &ledger, who).map_err(about)?;
    }
    for (person, own) in people.iter().zip(devices) {
        agree(person, own)
            .await
            .map_err(|fault| format!("{}: {fault}", person.name))?;
    }
    let (done, said) = {
        let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        for room in rooms {
            check_room(people, &views, room, &ledger).map_err(|fault| format!("conversation {}: {fault}", room.id))?;
        }
        (ledger.done, ledger.said.len())
    };
    for person in people {
        for room in rooms
            .iter()
            .filter(|room| views[room.members[0]].logs.contains_key(&room.id))
        {
            check_changes(person, room, &views).await?;
        }
    }
    let sockets: usize = devices.iter().map(Vec::len).sum();
    let connects: u64 = devices.iter().flatten().map(|device| device.known().connects).sum();
    Ok(format!(
        "{} people, {sockets} devices, {} conversations, {} things done, {} messages, {connects} connects",
        people.len(),
        rooms.len(),
        done,
        said,
    ))
}

/// The list is in order, logs are dense from the floor on, and unread is what its definition says.
fn check_list(
    person: &Person,
    view: &View,
    blocked: &BTreeSet<AccountId>,
    ledger: &Ledger,
    who: usize,
) -> std::result::Result<(), String> {
    for pair in view.list.windows(2) {
        if pair[0].updated_at < pair[1].updated_at {
            return Err(format!("{} stands before {}, which is newer", pair[0].id, pair[1].id));
        }
    }
    for conversation in &view.list {
        let log = &view.logs[&conversation.id];
        let numbers: Vec<u64> = log.iter().map(|message| message.seq).collect();
        let dense: Vec<u64> = (conversation.floor + 1..=conversation.last_seq).collect();
        if numbers != dense {
            return Err(format!("{} has {numbers:?}, not {dense:?}", conversation.id));
        }
        let told = ledger.read.get(&(who, conversation.id)).copied().unwrap_or(0);
        if conversation.read_seq < told {
            return Err(format!(
                "{} is read up to {}, not {told}",
                conversation.id, conversation.read_seq
            ));
        }
        let from = conversation.read_seq.max(conversation.floor);
        let counts = |message: &&Message| {
            message.seq > from && message.counts_for(person.id) && !blocked.contains(&message.author.id)
        };
        let unread = (log.iter().filter(counts).count() as u64).min(limits::UNREAD_MAX);
        if conversation.unread != unread {
            return Err(format!(
                "{} has {} unread, not {unread}",
                conversation.id, conversation.unread
            ));
        }
        let newest = conversation.last_message.as_ref().map(|message| message.seq);
        if newest != numbers.last().copied() {
            return Err(format!(
                "{} ends with {newest:?}, not {:?}",
                conversation.id,
                numbers.last()
            ));
        }
    }
    Ok(())
}

/// Every device holds exactly what its owner sees.
async fn agree(person: &Person, devices: &[Device]) -> std::result::Result<(), String> {
    let end = Instant::now() + AGREE_WITHIN;
    loop {
        let outcome = compare(person, devices).await;
        if outcome.is_ok() || Instant::now() > end {
            return outcome;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

async fn compare(person: &Person, devices: &[Device]) -> std::result::Result<(), String> {
    let list = person.conversations().await.map_err(|error| error.to_string())?;
    let blocks = person.blocks().await.map_err(|error| error.to_string())?;
    let mut logs = Vec::new();
    for conversation in &list {
        logs.push((
            conversation,
            person.log(conversation.id).await.map_err(|error| error.to_string())?,
        ));
    }
    let mut behind = Vec::new();
    for (number, device) in devices.iter().enumerate() {
        let is_calm = device.is_calm();
        let known = device.known();
        if let Some(fault) = known.faults.first() {
            return Err(format!("device {number} was told: {fault}"));
        }
        if known.copies.len() != list.len() {
            return Err(format!(
                "device {number} has {} conversations, not {}",
                known.copies.len(),
                list.len()
            ));
        }
        for (conversation, log) in &logs {
            let copy = known.copies.get(&conversation.id);
            let copy = copy.ok_or_else(|| format!("device {number} lacks {}", conversation.id))?;
            let how = match (is_calm, &known.broke) {
                (true, _) => "calm".to_owned(),
                (false, broke) => format!("{} connects, last broke: {broke:?}", known.connects),
            };
            let about = |fault| format!("device {number} ({how}), {}: {fault}", conversation.id);
            copy.compare(log).map_err(about)?;
            let blocked: HashSet<AccountId> = blocks.iter().map(|person| person.id).collect();
            let unread = copy
                .browser
                .as_ref()
                .and_then(|log| log.unread(conversation.read_seq, &blocked));
            if unread.is_some_and(|unread| unread.messages != conversation.unread) {
                return Err(about(format!("counts {unread:?} unread, not {}", conversation.unread)));
            }
            if copy.rev != conversation.rev {
                behind.push((number, conversation.id, copy.rev));
            }
        }
    }
    for (number, id, rev) in behind {
        // Nobody is told of a change to what is below their floor: then there is nothing to know.
        let missed = person.changes(id, rev).await.map_err(|error| error.to_string())?;
        if missed.items.iter().any(|message| message.rev > rev) {
            return Err(format!("device {number}, {id}: knows {rev} changes of {}", missed.rev));
        }
    }
    Ok(())
}

/// Everything that was acknowledged is in the log once, as it was left; nothing is there that was not sent; and all who
/// see a message see the same.
fn check_room(people: &[Person], views: &[View], room: &Room, ledger: &Ledger) -> std::result::Result<(), String> {
    let keeper = &views[room.members[0]];
    let Some(log) = keeper.logs.get(&room.id) else {
        // Nobody wrote a word in it.
        let said = ledger.of(room).len();
        return if said == 0 {
            Ok(())
        } else {
            Err(format!("its keeper does not have it, nor its {said} messages"))
        };
    };
    let mut ids = BTreeMap::new();
    for message in log {
        if ids.insert((message.author.id, message.client_id), message).is_some() {
            return Err(format!("{} is there twice", message.client_id));
        }
        if ledger.refused.contains(&message.client_id) {
            return Err(format!("{} was refused, and is there", message.client_id));
        }
    }
    for (id, said) in ledger.of(room) {
        let message = log.iter().find(|message| message.id == id);
        let message = message.ok_or_else(|| format!("{said:?} was acknowledged, and is lost"))?;
        if !said.uncertain {
            check_message(people, message, &said)?;
        }
    }
    let sent = log.iter().filter(|message| message.event.is_none());
    let stranger = sent.into_iter().find(|message| !ledger.said.contains_key(&message.id));
    if let Some(message) = stranger {
        return Err(format!("nobody heard that this was sent: {message:?}"));
    }
    for (person, view) in people.iter().zip(views) {
        for message in view.logs.get(&room.id).into_iter().flatten() {
            let original = log.iter().find(|one| one.seq == message.seq);
            let same = original.is_some_and(|one| {
                (one.id, one.rev, &one.body, one.deleted_at)
                    == (message.id, message.rev, &message.body, message.deleted_at)
            });
            if !same {
                return Err(format!("{} sees {message:?}, its keeper {original:?}", person.name));
            }
        }
    }
    Ok(())
}

fn check_message(people: &[Person], message: &Message, said: &Said) -> std::result::Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {message:?} was left as {said:?}"));
    if (message.seq, message.client_id, message.author.id) != (said.seq, said.client_id, people[said.author].id) {
        return wrong("it is another");
    }
    if message.deleted_at.is_some() != said.deleted {
        return wrong("it is deleted or not");
    }
    if said.deleted {
        return if message.body.is_empty() {
            Ok(())
        } else {
            wrong("a tombstone says something")
        };
    }
    if message.body != said.body || message.edited_at.is_some() != said.edited {
        return wrong("it says something else");
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, emoji) in &said.reactions {
        *counts.entry(emoji).or_default() += 1;
    }
    let shown = message
        .reactions
        .iter()
        .map(|reaction| (reaction.emoji.as_str(), reaction.count))
        .collect();
    if counts == shown {
        Ok(())
    } else {
        wrong("its reactions are others")
    }
}

/// The changes of a conversation are numbered densely: the latest is its `rev`, no two have the same.
async fn check_changes(person: &Person, room: &Room, views: &[View]) -> Result<()> {
    let mine = views
        .iter()
        .flat_map(|view| &view.list)
        .find(|one| one.id == room.id && one.members[0].person.id == person.id);
    let Some(conversation) = mine else { return Ok(()) };
    let (mut after, mut seen) = (0, BTreeSet::new());
    loop {
        let page = person.changes(room.id, after).await?;
        for message in &page.items {
            if message.rev <= after || !seen.insert(message.rev) {
                return Err(format!("change {} comes after {after}, or twice", message.rev).into());
            }
        }
        after = page.rev;
        if !page.has_more {
            break;
        }
    }
    let last = seen.last().copied().unwrap_or(0);
    if after != conversation.rev || last > after {
        return Err(format!("{} changes, the last {last}; the list says {}", after, conversation.rev).into());
    }
    Ok(())
}
