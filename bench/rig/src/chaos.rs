//! Reconnect chaos: clients that are cut again and again, by a network that breaks in all its ways, while the server is
//! killed and restarted. At the end every client's log is the server's.

use crate::{
    Result,
    chance::Chance,
    clock,
    device::{Device, Outcome},
    person::{Person, value},
    proxy::{Proxy, Weather},
    roost::Roost,
};
use futures::{StreamExt, TryStreamExt, stream};
use model::{
    ClientId, ConversationId, Message, MessageId,
    command::{EditMessage, OpenConversation},
};
use reqwest::Method;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

/// Sign-ins at once.
const AT_ONCE: usize = 16;
/// People in a small room.
const SMALL: usize = 10;
/// How long everything may take to come right, once the network is whole.
const RECOVER_WITHIN: Duration = Duration::from_secs(180);

/// What is played.
#[derive(Clone, Debug)]
pub struct Game {
    /// The built program.
    pub program: PathBuf,
    /// How many clients, each somebody else. All are in one hall, and in rooms of ten.
    pub clients: usize,
    /// How long the network breaks.
    pub storm: Duration,
    /// How often the server is restarted meanwhile: by a kill and politely, in turns.
    pub restarts: u32,
    /// Messages a second, over all clients.
    pub per_second: f64,
    /// How long a connection lives.
    pub weather: Weather,
    /// Of all chance.
    pub seed: u64,
}

/// What was acknowledged.
struct Acked {
    conversation: ConversationId,
    client_id: ClientId,
    seq: u64,
    body: String,
}

type Ledger = Arc<Mutex<HashMap<MessageId, Acked>>>;

fn lock(ledger: &Ledger) -> MutexGuard<'_, HashMap<MessageId, Acked>> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The world of a game; it can be played with further when the storm is over.
pub struct World {
    /// The server.
    pub roost: Roost,
    /// Everybody.
    pub people: Vec<Person>,
    /// A device of each.
    pub devices: Arc<Vec<Device>>,
    /// The conversation of all.
    pub hall: ConversationId,
    rooms: Vec<(ConversationId, Vec<usize>)>,
    proxy: Proxy,
}

/// Plays a game up to its end, and gives back the world and what there is to tell.
pub async fn play(game: &Game) -> Result<(World, String)> {
    let mut world = build(game).await?;
    let ledger: Ledger = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..game.clients)
        .map(|me| {
            let writer = Writer {
                me,
                devices: world.devices.clone(),
                rooms: vec![world.hall, world.rooms[me / SMALL].0],
                ledger: ledger.clone(),
                chance: Chance::new(game.seed, 1000 + me as u64),
                over: over.clone(),
            };
            let pause = game.clients as f64 / game.per_second;
            tokio::spawn(writer.write(Duration::from_secs_f64(pause)))
        })
        .collect();
    let between = game.storm / (game.restarts + 1);
    for restart in 0..game.restarts {
        sleep(between).await;
        if restart % 2 == 0 {
            world.roost.kill()?;
        } else {
            world.roost.stop().await?;
        }
        world.roost.launch().await?;
    }
    sleep(between).await;
    over.store(true, Ordering::Release);
    world.proxy.calm();
    let calm = Instant::now();
    for writer in writers {
        timeout(RECOVER_WITHIN, writer)
            .await
            .map_err(|_| "a message was never answered")???;
    }
    let told = world
        .compare(&ledger, calm)
        .await
        .map_err(|fault| format!("{fault}\n{}", world.roost.log()))?;
    Ok((world, told))
}

async fn build(game: &Game) -> Result<World> {
    let roost = Roost::start(&game.program).await?;
    let proxy = Proxy::start(roost.addr(), game.weather, Chance::new(game.seed, 0)).await?;
    let names = (0..game.clients).map(|n| format!("client{n}"));
    let signing_in = stream::iter(names).map(|name| {
        let roost = &roost;
        async move { roost.person(&name).await }
    });
    let people: Vec<Person> = signing_in.buffered(AT_ONCE).try_collect().await?;
    let group = |members: &[Person]| {
        let others = members.iter().skip(1).map(|person| person.id.to_string());
        OpenConversation::group("A room", others.collect::<Vec<_>>())
    };
    let hall = people[0].open(&group(&people)).await?.id;
    let mut rooms = Vec::new();
    for (n, members) in people.chunks(SMALL).enumerate() {
        let members_at = (n * SMALL..n * SMALL + members.len()).collect();
        let opened = if members.len() > 1 {
            members[0].open(&group(members)).await?.id
        } else {
            hall
        };
        rooms.push((opened, members_at));
    }
    let through = proxy.addr();
    let devices = people
        .iter()
        .map(|person| Device::start(person.through(&through)))
        .collect();
    Ok(World {
        roost,
        people,
        devices: Arc::new(devices),
        hall,
        rooms,
        proxy,
    })
}

struct Writer {
    me: usize,
    devices: Arc<Vec<Device>>,
    rooms: Vec<ConversationId>,
    ledger: Ledger,
    chance: Chance,
    over: Arc<AtomicBool>,
}

impl Writer {
    async fn write(mut self, pause: Duration) -> Result<()> {
        let pause = u64::try_from(pause.as_millis())?;
        let device = &self.devices[self.me];
        sleep(self.chance.millis(0, pause)).await;
        while !self.over.load(Ordering::Acquire) {
            let Some(room) = self.chance.pick(&self.rooms).copied() else {
                return Ok(());
            };
            let (id, body) = (ClientId(self.chance.id()), clock::stamped("through the storm"));
            let message = match device.send(id, room, body.clone()).await? {
                Outcome::Acked(message) => message,
                Outcome::Rejected(code) => return Err(format!("refused: {code:?}").into()),
            };
            let acked = Acked {
                conversation: room,
                client_id: id,
                seq: message.seq,
                body,
            };
            lock(&self.ledger).insert(message.id, acked);
            if self.chance.percent(10) {
                self.edit(device, message.id).await?;
            }
            sleep(self.chance.millis(pause / 2, pause * 3 / 2)).await;
        }
        Ok(())
    }

    async fn edit(&self, device: &Device, id: MessageId) -> Result<()> {
        let body = "and changed in it".to_owned();
        let command = value(&EditMessage { body: body.clone() })?;
        let answer = device
            .person
            .insist(Method::PATCH, &format!("/messages/{id}"), Some(&command))
            .await;
        let _: Message = answer.read()?;
        if let Some(acked) = lock(&self.ledger).get_mut(&id) {
            acked.body = body;
        }
        Ok(())
    }
}

impl World {
    /// Waits until every client holds what the server holds, and compares that with what was acknowledged.
    async fn compare(&self, ledger: &Ledger, calm: Instant) -> Result<String> {
        let mut logs = HashMap::new();
        logs.insert(self.hall, self.people[0].log(self.hall).await?);
        for (room, members) in &self.rooms {
            logs.insert(*room, self.people[members[0]].log(*room).await?);
        }
        let acked = lock(ledger);
        check_acked(&logs, &acked)?;
        let (messages, faults) = (acked.len(), self.faults());
        drop(acked);
        if let Some(fault) = faults.first() {
            return Err(format!("{} faults, the first: {fault}", faults.len()).into());
        }
        let mut behind = self.behind(&logs);
        while !behind.is_empty() && calm.elapsed() < RECOVER_WITHIN {
            sleep(Duration::from_millis(250)).await;
            behind = self.behind(&logs);
        }
        if let Some(first) = behind.first() {
            return Err(format!("{} clients have another log, the first: {first}", behind.len()).into());
        }
        let connects: u64 = self.devices.iter().map(|device| device.known().connects).sum();
        Ok(format!(
            "{} clients, {} cuts, {connects} connects, {} restarts, {messages} messages acknowledged: gaps 0, doubles 0, \
             inversions 0, losses 0; all logs equal {:.1} s after the storm",
            self.devices.len(),
            self.proxy.cuts(),
            self.roost.restarts,
            calm.elapsed().as_secs_f64(),
        ))
    }

    fn faults(&self) -> Vec<String> {
        let faults = self.devices.iter().enumerate();
        faults
            .flat_map(|(n, device)| {
                device
                    .known()
                    .faults
                    .iter()
                    .map(|fault| format!("client {n}: {fault}"))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn behind(&self, logs: &HashMap<ConversationId, Vec<Message>>) -> Vec<String> {
        let mut behind = self.faults();
        for (n, device) in self.devices.iter().enumerate() {
            let known = device.known();
            for room in [self.hall, self.rooms[n / SMALL].0] {
                let outcome = match known.copies.get(&room) {
                    Some(copy) => copy.compare(&logs[&room]),
                    None => Err("the conversation is missing".into()),
                };
                if let Err(fault) = outcome {
                    behind.push(format!("client {n}, {room}: {fault}"));
                    break;
                }
            }
        }
        behind
    }
}

/// All that was acknowledged is there once and as it was left, nothing else is, and the numbers are dense.
fn check_acked(logs: &HashMap<ConversationId, Vec<Message>>, acked: &HashMap<MessageId, Acked>) -> Result<()> {
    let mut written = 0;
    for (room, log) in logs {
        let first = log.first().map_or(1, |message| message.seq);
        for (expected, message) in (first..).zip(log) {
            if message.seq != expected {
                return Err(format!("{room}: {} stands where {expected} belongs", message.seq).into());
            }
            if message.event.is_some() {
                continue;
            }
            written += 1;
            let known = acked
                .get(&message.id)
                .ok_or_else(|| format!("nobody heard that this was sent: {message:?}"))?;
            let same = known.conversation == *room && known.client_id == message.client_id && known.seq == message.seq;
            if !same || known.body != message.body {
                return Err(format!("{:?} was acknowledged, and is {message:?}", known.body).into());
            }
        }
    }
    if written == acked.len() {
        Ok(())
    } else {
        Err(format!("{written} are there of {} acknowledged", acked.len()).into())
    }
}
