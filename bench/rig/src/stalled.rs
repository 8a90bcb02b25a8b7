//! One client that stops reading among many: the others must not notice, and it is cut and can come back.

use crate::{
    Result,
    chance::Chance,
    chaos::World,
    clock,
    device::{Device, Outcome},
};
use futures::StreamExt;
use model::{ClientId, ConversationId};
use std::{sync::Arc, time::Duration};
use tokio::{
    net::TcpSocket,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{client_async, tungstenite::client::IntoClientRequest};

/// How long the others are watched, with and without it.
const WATCH: Duration = Duration::from_secs(20);
/// Within so long it is cut.
const CUT_WITHIN: Duration = Duration::from_secs(30);
/// A client that reads this slowly has a small window.
const WINDOW: u32 = 4 * 1024;
/// Messages long enough to fill what the system keeps for a socket, many times.
const LENGTH: usize = 6_000;
/// Between two of them.
const PACE: Duration = Duration::from_millis(40);

/// Lets one client stall, and tells how the others fared.
pub async fn play(world: &World) -> Result<String> {
    let mut chance = Chance::new(0, 0);
    let before = watch(world, &mut chance, WATCH).await?;
    let person = &world.people[1];
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(WINDOW)?;
    let addr = world.roost.addr();
    let mut request = format!("ws://{addr}/api/v1/socket").into_client_request()?;
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {}", person.token()).parse()?);
    let stream = socket.connect(addr.parse()?).await?;
    let (mut stalled, _) = client_async(request, stream).await?;
    stalled.next().await.ok_or("hung up")??;

    // From here on it reads nothing.
    let began = Instant::now();
    let during = watch(world, &mut chance, WATCH).await?;
    watch(world, &mut chance, CUT_WITHIN.saturating_sub(began.elapsed())).await?;
    let mut buffered = 0;
    let ended = timeout(Duration::from_secs(2), async {
        while let Some(Ok(_)) = stalled.next().await {
            buffered += 1;
        }
    });
    if ended.await.is_err() {
        return Err(format!("the stalled client was not cut within {} s", CUT_WITHIN.as_secs()).into());
    }
    // Another device of the same person, as if it came back: it holds all that the others hold.
    let again = Device::start(person.clone());
    let end = Instant::now() + Duration::from_secs(10);
    while !(again.is_calm() && same(world, &again)) {
        if Instant::now() > end {
            return Err("the stalled client did not catch up".into());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(format!(
        "one stalled client: cut with {buffered} frames on their way, caught up when it came back; the others' deliveries \
         p50 {} p99 {} ms before, p50 {} p99 {} ms beside it",
        before.0, before.1, during.0, during.1
    ))
}

fn same(world: &World, again: &Device) -> bool {
    let end = |device: &Device, hall: ConversationId| device.known().copies.get(&hall).map(crate::copy::Copy::end);
    end(again, world.hall) == end(&world.devices[1], world.hall)
}

/// Somebody writes into the hall for a while; how late everybody heard it, p50 and p99.
async fn watch(world: &World, chance: &mut Chance, time: Duration) -> Result<(u64, u64)> {
    for device in world.devices.iter() {
        device.known().late_ms.clear();
    }
    let devices: Arc<Vec<Device>> = world.devices.clone();
    let end = Instant::now() + time;
    for n in 0_u128.. {
        if Instant::now() > end {
            break;
        }
        // Others take their turns, so that nobody says more than one may.
        let device = &devices[2 + usize::try_from(n)? % (devices.len() - 2)];
        let body = clock::stamped(&"long ".repeat(LENGTH / 5));
        let id = ClientId(chance.id());
        if let Outcome::Rejected(code) = device.send(id, world.hall, body).await? {
            return Err(format!("refused: {code:?}").into());
        }
        sleep(PACE).await;
    }
    sleep(Duration::from_secs(1)).await;
    let mut late: Vec<u64> = devices
        .iter()
        .flat_map(|device| device.known().late_ms.clone())
        .collect();
    Ok((clock::percentile(&mut late, 50), clock::percentile(&mut late, 99)))
}
