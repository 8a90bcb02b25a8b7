//! Chat against a model: people with several devices send, edit, delete, react, read, block, leave, drop and come back, by
//! socket and REST, while the program is killed again and again over a database on the disk. At the end everything that
//! was acknowledged is there once, and all agree.

mod actor;
mod audit;
mod ledger;

use crate::{Result, chance::Chance, device::Device, person::Person, roost::Roost};
use actor::Actor;
use ledger::{Ledger, Room};
use model::command::OpenConversation;
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// The cast of the model.
const NAMES: [&str; 6] = ["ada", "grace", "hedy", "mallory", "joan", "radia"];
/// How long one seed may take, and a second for each step.
const LONGEST: Duration = Duration::from_secs(120);

/// Direct conversations of the first person with everybody and of some others, and two groups of all.
async fn rooms(people: &[Person], chance: &mut Chance) -> Result<Vec<Room>> {
    let mut rooms = Vec::new();
    for (a, one) in people.iter().enumerate() {
        for (b, other) in people.iter().enumerate().skip(a + 1) {
            if a == 0 || chance.percent(40) {
                let opened = one.open(&OpenConversation::direct(other.name.clone())).await?;
                let (id, members) = (opened.id, vec![a, b]);
                rooms.push(Room {
                    id,
                    group: false,
                    members,
                });
            }
        }
    }
    for title in ["Analytical engines", "Compilers"] {
        let owner = chance.below(people.len());
        let others = people.iter().enumerate().filter(|(n, _)| *n != owner);
        let command = OpenConversation::group(title, others.map(|(_, person)| person.name.clone()));
        let opened = people[owner].open(&command).await?;
        let mut members: Vec<usize> = (0..people.len()).collect();
        // The owner is the first, as in every room: the one who keeps the whole log.
        members.swap(0, owner);
        rooms.push(Room {
            id: opened.id,
            group: true,
            members,
        });
    }
    Ok(rooms)
}

/// Plays one seed with a built program: a new Roost, people and rooms by chance, so many things done by each, and the audit.
///
/// # Errors
/// What is wrong, and how to play it again.
pub async fn play(program: &Path, seed: u64, steps: u64) -> Result<String> {
    let limit = LONGEST + Duration::from_secs(steps);
    let played = timeout(limit, play_on(program, seed, steps)).await;
    played
        .unwrap_or_else(|_| Err("it does not come to an end".into()))
        .map_err(|fault| {
            format!("seed {seed}: {fault}\nplay it again with ROOST_MODEL_SEED={seed} ROOST_MODEL_STEPS={steps}").into()
        })
}

async fn play_on(program: &Path, seed: u64, steps: u64) -> Result<String> {
    let mut chance = Chance::new(seed, 0);
    let mut roost = Roost::start(program).await?;
    let mut people = Vec::new();
    for name in &NAMES[..3 + chance.below(4)] {
        people.push(roost.person(name).await?);
    }
    let rooms = Arc::new(rooms(&people, &mut chance).await?);
    let ledger = Arc::new(Mutex::new(Ledger::new(people.len())));
    let mut devices = Vec::new();
    for person in &people {
        let own = 1 + chance.below(3);
        devices.push((0..own).map(|_| Device::browser(person.clone())).collect::<Vec<_>>());
    }
    let devices = Arc::new(devices);
    let actors: Vec<_> = (0..people.len())
        .map(|me| {
            let actor = Actor {
                me,
                people: people.clone(),
                rooms: rooms.clone(),
                devices: devices.clone(),
                ledger: ledger.clone(),
                chance: Chance::new(seed, 1 + me as u64),
            };
            tokio::spawn(actor.play(steps))
        })
        .collect();
    let over = Arc::new(AtomicBool::new(false));
    let killer = tokio::spawn(kill_again_and_again(roost, Chance::new(seed, 99), over.clone()));
    let mut outcome = Ok(());
    for actor in actors {
        outcome = outcome.and(actor.await?);
    }
    over.store(true, Ordering::Release);
    roost = killer.await??;
    if let Err(fault) = outcome {
        return Err(format!("{fault}\n{}", roost.log()).into());
    }
    match audit::audit(&people, &rooms, &devices, &ledger).await {
        Ok(told) => Ok(format!("{told}, {} kills", roost.restarts)),
        Err(fault) => Err(format!("{fault}\n{}", roost.log()).into()),
    }
}

async fn kill_again_and_again(mut roost: Roost, mut chance: Chance, over: Arc<AtomicBool>) -> Result<Roost> {
    loop {
        sleep(chance.millis(400, 2_500)).await;
        if over.load(Ordering::Acquire) {
            return Ok(roost);
        }
        roost.kill()?;
        // Time in which everything fails.
        sleep(Duration::from_millis(100)).await;
        roost.launch().await?;
    }
}
