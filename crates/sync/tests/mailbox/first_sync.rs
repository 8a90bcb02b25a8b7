//! A new device takes a large mailbox.

use crate::{
    chance::Chance,
    device::Device,
    lane::{LANES, advance},
    server::Server,
    world::Faults,
};

const CALM: Faults = Faults {
    net: false,
    store: false,
};

/// Goes on until nothing more is to be done; how many questions that took.
fn settle(device: &mut Device, server: &mut Server) -> u64 {
    let (mut chance, mut asked) = (Chance::new(1), 0);
    while LANES.iter().any(|lane| !device.tabs[0].rests(*lane)) {
        for lane in LANES {
            asked += advance(device, 0, lane, server, &mut chance, &CALM);
        }
    }
    asked
}

#[test]
fn twenty_thousand_letters_with_their_states_come_in_less_than_a_hundred_questions() {
    let mut server = Server::new(&["ada"], 0);
    server.fill("ada", 20_000);
    let mut device = Device::new("ada", "phone".to_owned(), 0);
    device.open_tab(model::limits::BULK_MAX);
    let asked = settle(&mut device, &mut server);
    assert_eq!(device.store.count(), 40_000);
    assert!(asked <= 100, "{asked} questions");

    // I8: after a break nothing is fetched again.
    device.tabs.clear();
    device.open_tab(model::limits::BULK_MAX);
    let fetched = device.fetched;
    let again = settle(&mut device, &mut server);
    assert_eq!(device.fetched, fetched);
    assert!(again <= 8, "{again} questions for nothing new");
}
