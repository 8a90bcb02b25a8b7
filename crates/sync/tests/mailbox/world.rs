//! The world: who is in it, what goes wrong, and how it heals.

use crate::{
    chance::Chance,
    device::Device,
    lane::{LANES, advance},
    server::Server,
};
use sync::mailbox::replicator::Step;

const PEOPLE: [&str; 2] = ["ada", "grace"];
const DAY: i64 = 24 * 3_600_000;
const NOON: i64 = 1_795_262_400_000;

/// What may go wrong now.
pub struct Faults {
    pub net: bool,
    pub store: bool,
}

pub struct World {
    pub server: Server,
    pub devices: Vec<Device>,
    pub chance: Chance,
    faults: Faults,
    backup: Option<Server>,
    /// Whether the server ever lost something, and whether a device did.
    pub restored: bool,
    pub evicted: bool,
    epochs: u64,
    pub page: usize,
    tells: bool,
}

impl World {
    pub fn new(seed: u64, tells: bool) -> Self {
        let mut chance = Chance::new(seed);
        let mut devices = Vec::new();
        for number in 0..2 + chance.below(4) {
            let user = PEOPLE[number % 2];
            let skew = [0, 0, DAY, -DAY, 1_000][chance.below(5)];
            devices.push(Device::new(user, format!("{user}{number}"), skew));
        }
        Self {
            server: Server::new(&PEOPLE, NOON),
            devices,
            page: [1, 3, 10, 1_000][chance.below(4)],
            chance,
            faults: Faults { net: true, store: true },
            backup: None,
            restored: false,
            evicted: false,
            epochs: 1,
            tells,
        }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.tells {
            println!("{}", what());
        }
    }

    pub fn chaos(&mut self) -> Result<(), String> {
        let rounds = 200 + self.chance.below(1_200);
        for _ in 0..rounds {
            self.server.now += 1_000;
            let place = self.chance.below(self.devices.len());
            match self.chance.below(100) {
                0..=14 => self.act(place),
                15..=16 => self.crash(place),
                17 => self.devices[place].online = self.chance.once_in(2),
                18 => self.disaster(place),
                _ => self.step(place),
            }
            if self.chance.once_in(20) {
                self.check_now(&self.devices[place])?;
            }
        }
        Ok(())
    }

    fn act(&mut self, place: usize) {
        let device = &mut self.devices[place];
        let before = device.promised.clone();
        device.act(&mut self.chance, self.server.now, &PEOPLE);
        let new: Vec<String> = device
            .promised
            .difference(&before)
            .map(|(id, rev)| format!("{id} {rev}"))
            .collect();
        let name = device.name.clone();
        self.tell(|| format!("{name} writes {new:?}"));
    }

    fn crash(&mut self, place: usize) {
        let name = self.devices[place].name.clone();
        match self.chance.below(4) {
            0 => {
                self.tell(|| format!("{name} loses power"));
                self.devices[place].cut_power(&mut self.chance);
            }
            1 => {
                self.tell(|| format!("{name} has no room, or has it again"));
                let room = self.chance.once_in(2).then(|| 5 + self.chance.below(20));
                self.devices[place].store.set_quota(room);
            }
            _ => {
                self.tell(|| format!("{name} loses a tab"));
                let tabs = self.devices[place].tabs.len();
                if tabs > 0 {
                    let tab = self.chance.below(tabs);
                    self.devices[place].tabs.remove(tab);
                    self.devices[place].broken += 1;
                }
            }
        }
    }

    fn disaster(&mut self, place: usize) {
        match self.chance.below(8) {
            0 => {
                let name = self.devices[place].name.clone();
                self.tell(|| format!("{name} is wiped"));
                self.evicted = true;
                let generation = self.chance.toss() % 1_000;
                self.devices[place].evict(generation);
            }
            1 => self.restore(),
            2 | 3 => self.backup = Some(self.server.clone()),
            4 => {
                for mailbox in self.server.mailboxes.values_mut() {
                    mailbox.compact();
                }
            }
            5 => self.server.drop_note(self.devices[place].user),
            _ => {
                self.tell(|| "the server restarts".to_owned());
                self.cut_all();
            }
        }
    }

    fn restore(&mut self) {
        let Some(backup) = self.backup.clone() else { return };
        let now = self.server.now;
        self.server = backup;
        self.server.now = now;
        self.restored = true;
        let properly = self.chance.once_in(2);
        if properly {
            self.epochs += 1;
            self.server.begin_history(self.epochs);
        }
        self.tell(|| {
            format!(
                "the server is restored, {}",
                if properly { "properly" } else { "as a mere copy" }
            )
        });
        self.cut_all();
    }

    fn cut_all(&mut self) {
        for device in &mut self.devices {
            device.broken += 1;
            device.tabs.iter_mut().for_each(crate::lane::Tab::cut);
        }
    }

    fn step(&mut self, place: usize) {
        let device = &mut self.devices[place];
        if device.tabs.is_empty() || (device.tabs.len() < 2 && self.chance.once_in(100)) {
            device.open_tab(self.page);
        }
        let tab = self.chance.below(device.tabs.len());
        let lane = LANES[self.chance.below(2)];
        for _ in 0..=self.chance.below(6) {
            advance(device, tab, lane, &mut self.server, &mut self.chance, &self.faults);
        }
        if let Step::Stop(_) = device.tabs[tab].replicator.next(lane)
            && self.chance.once_in(10)
        {
            device.store.set_quota(None);
            device.tabs[tab].replicator.wake(lane);
        }
    }

    /// Nothing goes wrong any more. It has to become quiet in so many questions.
    pub fn heal(&mut self) -> Result<(), String> {
        self.faults = Faults {
            net: false,
            store: false,
        };
        for device in &mut self.devices {
            device.online = true;
            device.store.set_quota(None);
            if device.tabs.is_empty() {
                device.open_tab(self.page);
            }
            device.tabs.iter_mut().for_each(crate::lane::Tab::cut);
            for tab in &mut device.tabs {
                tab.woken = true;
                for lane in LANES {
                    if let Step::Stop(_) = tab.replicator.next(lane) {
                        tab.replicator.wake(lane);
                    }
                }
            }
        }
        let mut asked = 0;
        while !self.is_quiet() {
            for device in &mut self.devices {
                for tab in 0..device.tabs.len() {
                    for lane in LANES {
                        if self.tells && asked > 10_000 {
                            println!(
                                "{} tab {tab} {lane:?} {:?}",
                                device.name,
                                device.tabs[tab].replicator.next(lane)
                            );
                        }
                        asked += advance(device, tab, lane, &mut self.server, &mut self.chance, &self.faults);
                    }
                }
            }
            let bound = self.bound();
            if asked > bound {
                return Err(format!("I10: still not quiet after {asked} questions"));
            }
        }
        self.tell(|| format!("quiet after {asked} questions"));
        Ok(())
    }

    /// Each tab may have to look at every document here and there, a page at a time, and twice when a note was lost.
    fn bound(&self) -> u64 {
        let there: usize = self.server.mailboxes.values().map(|mailbox| mailbox.docs.len()).sum();
        let of = |device: &Device| device.tabs.len() * (100 + 20 * (device.store.count() + there));
        self.devices.iter().map(of).sum::<usize>() as u64
    }

    fn is_quiet(&mut self) -> bool {
        let rest = self
            .devices
            .iter()
            .all(|device| device.tabs.iter().all(|tab| LANES.iter().all(|lane| tab.rests(*lane))));
        if !rest {
            return false;
        }
        // Whoever listens has heard all.
        let mut news = false;
        for device in &mut self.devices {
            for tab in 0..device.tabs.len() {
                advance(device, tab, LANES[0], &mut self.server, &mut self.chance, &self.faults);
                news |= !device.tabs[tab].rests(LANES[0]);
            }
        }
        !news
    }
}
