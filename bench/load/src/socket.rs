//! One socket: it signs in, says what it is handed, and books what it hears.

use crate::{
    body::{self, Said},
    ledger::{Ledger, Position},
    plan::{Dialect, Plan},
    wire::{self, Heard, Message},
};
use futures::{SinkExt, StreamExt};
use std::{
    cell::RefCell,
    collections::HashMap,
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_websockets::{ClientBuilder, Limits, Message as Packet, WebSocketStream};

/// Any of the faults that end a run.
pub type Fault = Box<dyn Error + Send + Sync>;
/// The books, shared by all sockets of the one thread.
pub type Books = Rc<RefCell<Ledger>>;

/// How long opening may take: thousands open at once, on the same core.
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// Sockets from one source address, well below the 28,000 ports that an address has.
const PER_ADDRESS: usize = 5_000;

/// Something to send, and whom to tell when it is durable.
pub struct Order {
    said: Said,
    room: usize,
    done: Option<oneshot::Sender<()>>,
}

impl Order {
    /// Nobody waits for its acknowledgement.
    pub const fn new(said: Said, room: usize) -> Self {
        Self { said, room, done: None }
    }

    /// The same, and a way to wait.
    pub fn awaited(said: Said, room: usize) -> (Self, oneshot::Receiver<()>) {
        let (done, ended) = oneshot::channel();
        let order = Self {
            said,
            room,
            done: Some(done),
        };
        (order, ended)
    }
}

/// The other end of an open socket.
pub struct Handle {
    /// Whose it is: a place in the list of people.
    pub person: usize,
    /// What it is to say.
    pub orders: mpsc::UnboundedSender<Order>,
}

/// Opens a TCP connection from the `number`-th of several loopback addresses.
async fn connect(addr: SocketAddr, number: usize) -> Result<TcpStream, Fault> {
    let last = u8::try_from(2 + number / PER_ADDRESS)?;
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
    let stream = socket.connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Opens and signs in a socket, and leaves it to a task of its own.
pub async fn open(
    plan: Rc<Plan>,
    books: Books,
    rooms: Vec<usize>,
    person: usize,
    number: usize,
) -> Result<Handle, Fault> {
    let stream = connect(plan.addr.parse()?, number).await?;
    let builder = ClientBuilder::new()
        .uri(&wire::url(&plan))?
        .limits(Limits::default().max_payload_len(Some(1024 * 1024)));
    let builder = match plan.dialect {
        Dialect::Roost => {
            let bearer = format!("Bearer {}", plan.people[person].token);
            builder.add_header("authorization".parse()?, bearer.parse()?)?
        }
        Dialect::SocketIo => builder,
    };
    let (mut stream, _) = timeout(OPEN_WITHIN, builder.connect_on(stream)).await??;
    if let Some(introduction) = plan.dialect.introduction(&plan.people[person]) {
        stream.send(Packet::text(introduction)).await?;
    }
    timeout(OPEN_WITHIN, ready(&mut stream, plan.dialect)).await??;
    let (orders, taken) = mpsc::unbounded_channel();
    let socket = Socket {
        plan,
        books,
        position: rooms.into_iter().map(|room| (room, None)).collect(),
        waiting: HashMap::new(),
    };
    tokio::task::spawn_local(socket.run(stream, taken));
    Ok(Handle { person, orders })
}

async fn ready(stream: &mut WebSocketStream<TcpStream>, dialect: Dialect) -> Result<(), Fault> {
    while let Some(packet) = stream.next().await {
        let packet = packet?;
        let Some(text) = packet.as_text() else { continue };
        match dialect.read(text)? {
            Heard::Ready => return Ok(()),
            Heard::Refusal => return Err(format!("not signed in: {text}").into()),
            _ => {}
        }
    }
    Err("hung up while signing in".into())
}

struct Socket {
    plan: Rc<Plan>,
    books: Books,
    position: Position,
    waiting: HashMap<String, oneshot::Sender<()>>,
}

impl Socket {
    async fn run(mut self, mut stream: WebSocketStream<TcpStream>, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            tokio::select! {
                biased;
                packet = stream.next() => {
                    let Some(Ok(packet)) = packet else { break };
                    if let Some(text) = packet.as_text()
                        && let Some(answer) = self.hear(text)
                        && stream.send(Packet::text(answer)).await.is_err()
                    {
                        break;
                    }
                }
                order = orders.recv() => {
                    // The run is over.
                    let Some(order) = order else { return };
                    let text = self.word(order);
                    if stream.send(Packet::text(text)).await.is_err() {
                        break;
                    }
                }
            }
        }
        self.books.borrow_mut().fault("the server hung up".into());
    }

    fn word(&mut self, order: Order) -> String {
        let Order { said, room, done } = order;
        let client_id = said.client_id();
        let packet = self
            .plan
            .dialect
            .send(&self.plan.rooms[room].id, &client_id, said.number, &said.body());
        if let Some(done) = done {
            self.waiting.insert(client_id, done);
        }
        packet
    }

    /// Books a packet; what it gives back is to be answered.
    fn hear(&mut self, text: &str) -> Option<&'static str> {
        let mut books = self.books.borrow_mut();
        if let Some(right) = books.known(text.as_bytes()) {
            books.deliver(&mut self.position, right);
            return None;
        }
        match self.plan.dialect.read(text) {
            Ok(Heard::Delivery(message)) => {
                if let Some(right) = books.inspect(text.as_bytes(), &message) {
                    books.deliver(&mut self.position, right);
                }
            }
            Ok(Heard::Ack(message)) => {
                books.acknowledge(&message);
                if let Some(done) = self.waiting.remove(&message.client_id) {
                    let _ = done.send(());
                }
            }
            Ok(Heard::Answer(answer)) => return Some(answer),
            Ok(Heard::Refusal) => books.fault(format!("refused: {text}")),
            Ok(Heard::Ready | Heard::Other) => {}
            Err(error) => books.fault(error),
        }
        None
    }
}

/// One who sends by HTTP, on a connection of their own that is kept open.
pub struct Poster {
    plan: Rc<Plan>,
    sender: hyper::client::conn::http1::SendRequest<String>,
}

impl Poster {
    /// Connects.
    pub async fn connect(plan: Rc<Plan>) -> Result<Self, Fault> {
        let stream = connect(plan.addr.parse()?, 0).await?;
        let stream = hyper_util::rt::TokioIo::new(stream);
        let (sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
        tokio::task::spawn_local(connection);
        Ok(Self { plan, sender })
    }

    /// Sends a message and waits until it is durable.
    pub async fn post(&mut self, said: Said, room: usize) -> Result<Message, Fault> {
        use http_body_util::BodyExt;
        let (path, body) = self
            .plan
            .dialect
            .post(&self.plan.rooms[room].id, &said.client_id(), &said.body());
        let request = hyper::Request::post(path)
            .header("host", &self.plan.addr)
            .header("authorization", format!("Bearer {}", self.plan.people[said.by].token))
            .header("content-type", "application/json")
            .body(body)?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        if status != hyper::StatusCode::CREATED {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&bytes)).into());
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// A message of this run, to be sent now.
pub fn say(number: u64, by: usize) -> Said {
    Said {
        number,
        by,
        at: body::now(),
    }
}
