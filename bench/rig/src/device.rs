//! A device: a socket that comes back when it breaks, and copies of all conversations.

use crate::{
    Result,
    chance::Chance,
    clock,
    copy::{Copy, Missing},
    person::Person,
};
use futures::{SinkExt, StreamExt};
use model::{
    AccountId, ClientId, Code, Conversation, ConversationId, Message,
    realtime::{ClientFrame, ServerFrame, Versioned},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use sync::{Backoff, Log};
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, interval, sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message as Packet, client::IntoClientRequest},
};

/// How often to ask whether somebody is still there, and how long silence may last.
const PING_EVERY: Duration = Duration::from_secs(2);
const SILENT_FOR: Duration = Duration::from_secs(6);
/// How long opening a socket may take.
const OPEN_WITHIN: Duration = Duration::from_secs(10);

/// How many there were: no two come back at the same moments.
static DEVICES: AtomicU64 = AtomicU64::new(0);

/// What the server said to a `send`.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is durable.
    Acked(Box<Message>),
    /// It was refused.
    Rejected(Code),
}

/// A message to send, and whom to tell what became of it. It is sent again after every break until there is an answer.
struct Order {
    id: ClientId,
    conversation: ConversationId,
    body: String,
    done: oneshot::Sender<Outcome>,
}

/// What a device knows.
#[derive(Default)]
pub struct Known {
    /// Its copies.
    pub copies: HashMap<ConversationId, Copy>,
    /// What the server told it wrongly.
    pub faults: Vec<String>,
    /// How often it came back.
    pub connects: u64,
    /// Why its connection broke last, when that was not the server's or its own hanging up.
    pub broke: Option<String>,
    /// Milliseconds from when a message was sent (its text begins with it) to its arrival by itself.
    pub late_ms: Vec<u64>,
}

/// A device.
pub struct Device {
    /// Whose it is.
    pub person: Person,
    known: Arc<Mutex<Known>>,
    orders: mpsc::UnboundedSender<Order>,
    drop_now: Arc<Notify>,
    ready: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Device {
    /// Switches one on.
    #[must_use]
    pub fn start(person: Person) -> Self {
        Self::switch_on(person, false)
    }

    /// Switches one on that also keeps its conversations by the rules of the browser.
    #[must_use]
    pub fn browser(person: Person) -> Self {
        Self::switch_on(person, true)
    }

    fn switch_on(person: Person, browser: bool) -> Self {
        let known: Arc<Mutex<Known>> = Arc::default();
        let (orders, taken) = mpsc::unbounded_channel();
        let (drop_now, ready): (Arc<Notify>, Arc<AtomicBool>) = Default::default();
        let works = Works {
            browser_of: browser.then_some(person.id),
            person: person.clone(),
            known: known.clone(),
            taken,
            waiting: Vec::new(),
            drop_now: drop_now.clone(),
            ready: ready.clone(),
            backoff: Backoff::new(),
            chance: Chance::new(
                person.id.uuid().as_u64_pair().1,
                DEVICES.fetch_add(1, Ordering::Relaxed),
            ),
        };
        Self {
            person,
            known,
            orders,
            drop_now,
            ready,
            task: tokio::spawn(works.run()),
        }
    }

    /// Sends a message, however long that takes.
    pub async fn send(&self, id: ClientId, conversation: ConversationId, body: String) -> Result<Outcome> {
        let (done, outcome) = oneshot::channel();
        self.orders
            .send(Order {
                id,
                conversation,
                body,
                done,
            })
            .map_err(|_| "the device is off")?;
        Ok(outcome.await?)
    }

    /// Loses its connection.
    pub fn drop_now(&self) {
        self.drop_now.notify_one();
    }

    /// What it knows.
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is connected, and misses nothing that it has heard of.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.ready.load(Ordering::Acquire) && self.known().copies.values().all(|copy| copy.missing().is_none())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Works {
    person: Person,
    browser_of: Option<AccountId>,
    known: Arc<Mutex<Known>>,
    taken: mpsc::UnboundedReceiver<Order>,
    waiting: Vec<Order>,
    drop_now: Arc<Notify>,
    ready: Arc<AtomicBool>,
    /// How long to wait before coming back, as a browser does: a thousand who came at once, and again, would never all get in.
    backoff: Backoff,
    chance: Chance,
}

impl Works {
    async fn run(mut self) {
        loop {
            if let Ok(Ok(socket)) = timeout(OPEN_WITHIN, open(&self.person)).await {
                self.known().connects += 1;
                // However it ends, it comes back.
                if let Err(error) = self.serve(socket).await {
                    self.known().broke = Some(error.to_string());
                }
            }
            if self.ready.swap(false, Ordering::AcqRel) {
                self.backoff.reset();
            }
            sleep(self.backoff.next(self.chance.toss())).await;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&mut self, mut socket: Socket) -> Result<()> {
        let mut pings = interval(PING_EVERY);
        let mut heard = Instant::now();
        for order in &self.waiting {
            say(&mut socket, order.frame()).await?;
        }
        let drop_now = self.drop_now.clone();
        loop {
            tokio::select! {
                packet = socket.next() => {
                    heard = Instant::now();
                    match packet.ok_or("hung up")?? {
                        Packet::Text(text) => self.hear(&text).await?,
                        Packet::Close(_) => return Ok(()),
                        _ => {}
                    }
                }
                Some(order) = self.taken.recv() => {
                    let frame = order.frame();
                    self.waiting.push(order);
                    say(&mut socket, frame).await?;
                }
                _ = pings.tick() => {
                    if heard.elapsed() > SILENT_FOR {
                        return Ok(());
                    }
                    say(&mut socket, ClientFrame::Ping).await?;
                }
                () = drop_now.notified() => return Ok(()),
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<()> {
        let frame: Versioned<ServerFrame> = match serde_json::from_str(text) {
            Ok(frame) => frame,
            Err(error) => {
                self.known().faults.push(format!("{error} in {text}"));
                return Ok(());
            }
        };
        match frame.frame {
            ServerFrame::Ready { .. } => {
                self.catch_up().await?;
                self.ready.store(true, Ordering::Release);
            }
            ServerFrame::Ack { id, message } => {
                self.told(message.conversation, |copy| copy.hear(&message));
                self.fill(message.conversation).await?;
                self.answered(id, Outcome::Acked(Box::new(message)));
            }
            ServerFrame::Reject { id: Some(id), code, .. } => self.answered(id, Outcome::Rejected(code)),
            ServerFrame::Message { message } => {
                if let Some(late) = clock::since(&message.body) {
                    self.known().late_ms.push(late);
                }
                self.know(message.conversation).await?;
                self.told(message.conversation, |copy| copy.hear(&message));
                self.fill(message.conversation).await?;
            }
            ServerFrame::MessageChanged { message } => {
                self.told(message.conversation, |copy| copy.change(&message));
                self.fill(message.conversation).await?;
            }
            ServerFrame::Conversation { conversation } => {
                self.meet(&conversation);
                self.fill(conversation.id).await?;
            }
            ServerFrame::ConversationGone { conversation } => {
                self.known().copies.remove(&conversation);
            }
            _ => {}
        }
        Ok(())
    }

    fn answered(&mut self, id: ClientId, outcome: Outcome) {
        if let Some(at) = self.waiting.iter().position(|order| order.id == id) {
            let _ = self.waiting.swap_remove(at).done.send(outcome);
        }
    }

    fn meet(&self, conversation: &Conversation) {
        let mut known = self.known();
        match known.copies.get_mut(&conversation.id) {
            Some(copy) => copy.hear_of(conversation),
            None => drop(
                known
                    .copies
                    .insert(conversation.id, Copy::new(conversation, self.browser_of)),
            ),
        }
    }

    fn told(&self, conversation: ConversationId, take: impl FnOnce(&mut Copy) -> std::result::Result<(), String>) {
        let mut known = self.known();
        // A message of a conversation that is not in the list any more was under way when it went.
        let Some(copy) = known.copies.get_mut(&conversation) else {
            return;
        };
        if let Err(fault) = take(copy) {
            known.faults.push(format!("{conversation}: {fault}"));
        }
    }

    /// A message of a conversation that is not in the list may have brought it back.
    async fn know(&self, id: ConversationId) -> Result<()> {
        if !self.known().copies.contains_key(&id) {
            let listed = self.person.conversations().await?;
            if let Some(conversation) = listed.iter().find(|conversation| conversation.id == id) {
                self.meet(conversation);
            }
        }
        Ok(())
    }

    /// After a break: the list is the truth, and every copy is brought up to it.
    async fn catch_up(&mut self) -> Result<()> {
        let listed = self.person.conversations().await?;
        self.known()
            .copies
            .retain(|id, _| listed.iter().any(|conversation| conversation.id == *id));
        for conversation in &listed {
            self.meet(conversation);
            self.fill(conversation.id).await?;
        }
        Ok(())
    }

    fn browse(&self, conversation: ConversationId, what: impl FnOnce(&mut Log)) {
        let mut known = self.known();
        if let Some(log) = known
            .copies
            .get_mut(&conversation)
            .and_then(|copy| copy.browser.as_mut())
        {
            what(log);
        }
    }

    /// Asks for what is missing.
    async fn fill(&self, id: ConversationId) -> Result<()> {
        loop {
            let missing = self.known().copies.get(&id).and_then(Copy::missing);
            match missing {
                None => return Ok(()),
                Some(Missing::Messages(after)) => {
                    let page = self.person.after(id, after).await?;
                    if page.items.is_empty() {
                        return Err("a message that was told of is not there".into());
                    }
                    self.told(id, |copy| copy.take_page(&page));
                }
                Some(Missing::Changes(after)) => {
                    let changes = self.person.changes(id, after).await?;
                    if changes.rev <= after {
                        return Err("a change that was told of is not there".into());
                    }
                    self.told(id, |copy| copy.take_changes(&changes));
                }
                Some(Missing::Window(ask)) => {
                    let page = self.person.page(id, ask.what.bounds()).await?;
                    self.browse(id, |log| log.apply_page(page, ask));
                }
                Some(Missing::WindowChanges(after)) => {
                    let changes = self.person.changes(id, after).await?;
                    self.browse(id, |log| log.apply_changes(changes, after));
                }
            }
        }
    }
}

impl Order {
    fn frame(&self) -> ClientFrame {
        ClientFrame::Send {
            id: self.id,
            conversation: self.conversation,
            body: self.body.clone(),
            reply_to: None,
        }
    }
}

async fn say(socket: &mut Socket, frame: ClientFrame) -> Result<()> {
    let text = serde_json::to_string(&Versioned::from(frame))?;
    Ok(timeout(SILENT_FOR, socket.send(Packet::text(text))).await??)
}

async fn open(person: &Person) -> Result<Socket> {
    let mut request = format!("ws://{}/api/v1/socket", person.addr()).into_client_request()?;
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {}", person.token()).parse()?);
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(error) => {
            if error.to_string().contains("401") {
                person.renew().await?;
            }
            Err(error.into())
        }
    }
}
