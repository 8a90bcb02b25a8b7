//! What has to hold when all is quiet (I1 to I12 of the design's notes).

use crate::{
    device::Device,
    server::{Mailbox, sealed},
    world::World,
};
use model::mailbox::Kind;
use std::collections::{BTreeMap, BTreeSet};
use sync::mailbox::{
    Rev, Seq,
    replica::{Denied, DocRow, Read, Rows},
};

impl World {
    /// What has to hold at any moment: the store is whole (I7), and its note has not passed anything that is not in it (I5).
    pub fn check_now(&self, device: &Device) -> Result<(), String> {
        opens(device)?;
        // Numbers of a server that went back speak of other changes.
        if self.restored {
            return Ok(());
        }
        let Rows::Locals(notes) = device.store.look(&Read::Locals("note/roost-pull".to_owned())).rows else {
            return Err("no locals".to_owned());
        };
        let seq = notes
            .first()
            .and_then(|(_, note)| note.get("last_seq")?.as_str().map(str::to_owned))
            .unwrap_or_default();
        let upto = Seq::since(&seq, &self.server.epoch_text());
        let rows: BTreeMap<String, DocRow> = device
            .store
            .documents()
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        for (id, (tree, number)) in &self.server.mailboxes[device.user].docs {
            let held = |leaf: &Rev| rows.get(id).is_some_and(|row| row.tree.contains(leaf));
            if *number <= upto && !tree.leaves().into_iter().all(held) {
                return Err(format!("I5: {} noted {seq}, and has not all of {id}", device.name));
            }
        }
        Ok(())
    }

    pub fn check(&self) -> Result<(), String> {
        for device in &self.devices {
            let mailbox = &self.server.mailboxes[device.user];
            opens(device)?;
            agrees(device, mailbox)?;
            is_its_owners(device)?;
            kept(device, mailbox)?;
            wasted_little(device, self.page)?;
        }
        for (name, mailbox) in &self.server.mailboxes {
            settled(name, mailbox)?;
        }
        self.delivered_once()
    }

    /// I4: every letter that an order made is there once, with everybody who should have it.
    fn delivered_once(&self) -> Result<(), String> {
        for (sender, mailbox) in &self.server.mailboxes {
            for (id, (tree, _)) in mailbox.docs.iter().filter(|(id, _)| Kind::of(id) == Some(Kind::Order)) {
                let revived = tree
                    .revs()
                    .filter(|rev| tree.has_body(rev) && !tree.is_tombstone(rev))
                    .count();
                if revived > 1 {
                    return Err(format!("I4: {id} of {sender} was written {revived} times"));
                }
                if tree.is_deleted() {
                    continue;
                }
                let body = &mailbox.bodies[&(id.clone(), tree.winner().expect("a winner").clone())].body;
                let to = body["to"]
                    .as_array()
                    .expect("recipients")
                    .iter()
                    .filter_map(|name| name.as_str());
                for name in to.filter(|name| self.server.mailboxes.contains_key(*name)) {
                    let letters = letters(&self.server.mailboxes[name], id);
                    if letters != 1 {
                        return Err(format!("I4: {name} has {letters} letters of {id}"));
                    }
                }
            }
        }
        let all = self
            .server
            .mailboxes
            .iter()
            .flat_map(|(name, mailbox)| subjects(mailbox).into_iter().map(move |of| (name, of)));
        for (name, (subject, count)) in all {
            if count > 1 {
                return Err(format!("I4: {name} has {count} letters of {subject}"));
            }
        }
        Ok(())
    }
}

fn subjects(mailbox: &Mailbox) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for (id, (tree, _)) in mailbox.docs.iter().filter(|(id, _)| Kind::of(id) == Some(Kind::Letter)) {
        for leaf in tree.leaves() {
            let body = &mailbox.bodies[&(id.clone(), leaf.clone())].body;
            *counted
                .entry(body["subject"].as_str().unwrap_or_default().to_owned())
                .or_default() += 1;
        }
    }
    counted
}

fn letters(mailbox: &Mailbox, order: &str) -> usize {
    subjects(mailbox).get(order).copied().unwrap_or(0)
}

fn leaves(row: &DocRow) -> Vec<&Rev> {
    row.tree.leaves()
}

/// I7: the store is whole.
fn opens(device: &Device) -> Result<(), String> {
    let (documents, bodies) = (device.store.documents(), device.store.bodies());
    let held: BTreeSet<(&str, &Rev)> = bodies.iter().map(|row| (row.id.as_str(), &row.rev)).collect();
    let mut numbers = BTreeSet::new();
    for row in &documents {
        if !numbers.insert(row.seq) {
            return Err(format!("I7: {} has the number of another document", row.id));
        }
        for leaf in leaves(row) {
            if !held.contains(&(row.id.as_str(), leaf)) {
                return Err(format!("I7: {} has no body of its leaf {leaf}", row.id));
            }
        }
    }
    let spare = bodies.iter().find(|body| {
        let row = documents.iter().find(|row| row.id == body.id);
        !row.is_some_and(|row| row.tree.is_leaf(&body.rev))
    });
    spare.map_or(Ok(()), |body| {
        Err(format!("I7: {} keeps a body of {} for nothing", body.id, body.rev))
    })
}

/// I2 and I5: the same documents with the same leaves, winners and bodies as the server's.
fn agrees(device: &Device, mailbox: &Mailbox) -> Result<(), String> {
    let rows = device.store.documents();
    let here: BTreeMap<&str, Vec<&Rev>> = rows.iter().map(|row| (row.id.as_str(), leaves(row))).collect();
    let there: BTreeMap<&str, Vec<&Rev>> = mailbox
        .docs
        .iter()
        .map(|(id, (tree, _))| (id.as_str(), tree.leaves()))
        .collect();
    for id in here.keys().chain(there.keys()) {
        if here.get(id) != there.get(id) {
            let (one, other) = (here.get(id), there.get(id));
            return Err(format!("I2: {} of {}: {one:?} here, {other:?} there", id, device.name));
        }
    }
    let differs = device.store.bodies().into_iter().find(|row| {
        let kept = mailbox.bodies.get(&(row.id.clone(), row.rev.clone()));
        kept.is_none_or(|kept| kept.body != row.body)
    });
    differs.map_or(Ok(()), |row| {
        Err(format!("I2: the bodies of {} {} differ", row.id, row.rev))
    })
}

/// I11: nothing of anybody else.
fn is_its_owners(device: &Device) -> Result<(), String> {
    for row in device.store.bodies() {
        let mine = match Kind::of(&row.id) {
            Some(Kind::Letter | Kind::Receipt) => sealed(device.user, &row.id, &row.body),
            Some(Kind::Draft) => row.body.get("subject").is_none_or(|subject| subject == device.user),
            Some(Kind::Order) => row
                .body
                .get("body")
                .is_none_or(|body| *body == format!("from {}", device.user)),
            _ => true,
        };
        if !mine {
            return Err(format!("I11: {} of somebody else is at {}", row.id, device.name));
        }
    }
    Ok(())
}

/// I1 and I12: what a device promised to keep is on the server, or its owner was told why not and has the words.
fn kept(device: &Device, mailbox: &Mailbox) -> Result<(), String> {
    let Rows::Locals(locals) = device.store.look(&Read::Locals("denied/".to_owned())).rows else {
        return Err("no locals".to_owned());
    };
    let denied: Vec<Denied> = locals
        .into_iter()
        .filter_map(|(_, value)| serde_json::from_value(value).ok())
        .collect();
    for (id, rev) in &device.promised {
        let there = mailbox.docs.get(id).is_some_and(|(tree, _)| tree.contains(rev));
        let told = denied.iter().any(|denied| denied.id == *id && denied.rev == *rev);
        if !there && !told {
            return Err(format!("I1: {id} {rev} of {} is lost", device.name));
        }
    }
    Ok(())
}

/// I8: what was fetched in vain is at most a page for each tab and break.
fn wasted_little(device: &Device, page: usize) -> Result<(), String> {
    let bound = (device.broken + 2) * 2 * page as u64;
    if device.fetched_known > bound {
        return Err(format!(
            "I8: {} fetched {} documents that it had",
            device.name, device.fetched_known
        ));
    }
    Ok(())
}

/// I9: nothing stands in conflict that needs nobody's choice.
fn settled(name: &str, mailbox: &Mailbox) -> Result<(), String> {
    let open = mailbox.docs.iter().find(|(id, (tree, _))| {
        matches!(
            Kind::of(id),
            Some(Kind::State | Kind::Settings | Kind::Letter | Kind::Receipt | Kind::Order | Kind::Attachment)
        ) && !tree.conflicts().is_empty()
    });
    open.map_or(Ok(()), |(id, (tree, _))| {
        Err(format!("I9: {id} of {name} still has {:?}", tree.leaves()))
    })
}
