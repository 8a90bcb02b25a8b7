//! The mailbox's simulator: devices with tabs and a server, made of the same code as production, in a world where everything goes
//! wrong; then it heals, and everything has to be there, once, everywhere.
//!
//! One seed is one world, always the same. `ROOST_SIM_SEEDS=100000` plays so many, `ROOST_SIM_SEED=7` that one and tells what happened.
#![cfg(test)]

extern crate roost_sync as sync;

mod chance;
mod device;
mod first_sync;
mod invariants;
mod lane;
mod server;
mod world;

use std::env;
use world::World;

/// Seeds that found a fault once, and what it was.
const FOUND: &[(u64, &str)] = &[
    (
        2,
        "the push lane compared notes before the pull lane had found that the server went back",
    ),
    (
        9,
        "a server restored as a mere copy was not offered what had come from it",
    ),
    (
        8,
        "a tab whose note was refused put it again, and passed over what the restored server lacked",
    ),
];

fn play(seed: u64, tells: bool) -> Result<(), String> {
    let mut world = World::new(seed, tells);
    world.chaos()?;
    world.heal()?;
    world.check()
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_goes_wrong_all_replicas_agree_in_the_end_and_nothing_is_lost_or_there_twice() {
    if let Some(seed) = number("ROOST_SIM_SEED") {
        assert_eq!(play(seed, true), Ok(()), "seed {seed}");
        return;
    }
    let seeds = number("ROOST_SIM_SEEDS").unwrap_or(500);
    let broken: Vec<_> = (0..seeds)
        .filter_map(|seed| Some((seed, play(seed, false).err()?)))
        .take(5)
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn what_was_found_once_stays_mended() {
    for (seed, fault) in FOUND {
        assert_eq!(play(*seed, false), Ok(()), "seed {seed}: {fault}");
    }
}
