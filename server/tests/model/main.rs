//! Chat against a model: people with several devices send, edit, delete, react, read, block, leave, drop and come back, by
//! socket and REST, while the program is killed again and again over a database on the disk. At the end everything that
//! was acknowledged is there once, and all agree.
//!
//! Chance comes from a seed, which a failure prints. `ROOST_MODEL_SEED=7` plays one seed again, `ROOST_MODEL_SEEDS=100`
//! plays so many (three when not given), and `ROOST_MODEL_STEPS` says how much each person does.

mod actor;
mod audit;
mod ledger;

use actor::Actor;
use ledger::{Ledger, Room};
use model::command::OpenConversation;
use rig::{Result, chance::Chance, device::Device, person::Person, roost::Roost};
use std::{
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// The cast of the model.
const NAMES: [&str; 6] = ["ada", "grace", "hedy", "mallory", "joan", "radia"];
/// Seeds of every run. A seed that found a bug stays here.
const SEEDS: [u64; 3] = [1, 2, 3];
const STEPS: u64 = 40;
/// How long one seed may take, and a second for each step.
const LONGEST: Duration = Duration::from_secs(120);

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_every_acknowledged_message_is_there_once_and_all_agree_on_the_log() {
    let steps = number("ROOST_MODEL_STEPS").unwrap_or(STEPS);
    let seeds: Vec<u64> = match (number("ROOST_MODEL_SEED"), number("ROOST_MODEL_SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, Some(count)) => (1..=count).collect(),
        (None, None) => SEEDS.to_vec(),
    };
    for seed in seeds {
        let limit = LONGEST + Duration::from_secs(steps);
        let played = timeout(limit, play(seed, steps)).await;
        match played.unwrap_or_else(|_| Err("it does not come to an end".into())) {
            Ok(told) => println!("seed {seed}: {told}"),
            Err(fault) => {
                panic!("seed {seed}: {fault}\nplay it again with ROOST_MODEL_SEED={seed} ROOST_MODEL_STEPS={steps}")
            }
        }
    }
}

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

/// One seed: a new Roost, people and rooms by chance, and the end of it.
async fn play(seed: u64, steps: u64) -> Result<String> {
    let mut chance = Chance::new(seed, 0);
    let mut roost = Roost::start(env!("CARGO_BIN_EXE_roost").into()).await?;
    let mut people = Vec::new();
    for name in &NAMES[..3 + chance.below(4)] {
        people.push(roost.person(name).await?);
    }
    let rooms = Arc::new(rooms(&people, &mut chance).await?);
    let ledger = Arc::new(Mutex::new(Ledger::new(people.len())));
    let mut devices = Vec::new();
    for person in &people {
        let own = 1 + chance.below(3);
        devices.push((0..own).map(|_| Device::start(person.clone())).collect::<Vec<_>>());
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
