//! A run: sockets are opened, messages are sent at a pace, all is booked, and told.

use crate::{
    Options, Pace,
    body::{self, Said},
    ledger::Ledger,
    listeners::Listeners,
    plan::Plan,
    processes::Processes,
    report::{Report, Times},
    socket::{self, Books, Fault, Handle, Order, Poster},
};
use futures::{StreamExt, stream};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use tokio::time::{Instant, sleep, sleep_until};

/// Sockets that are opened at once.
const AT_ONCE: usize = 64;
/// How long the last deliveries may take after the last message was sent.
const DRAIN: Duration = Duration::from_secs(30);

/// All that the senders share.
pub struct Stage {
    pub plan: Rc<Plan>,
    pub books: Books,
    pub handles: Vec<Handle>,
    next: Cell<u64>,
    /// Senders send until this is set.
    over: Cell<bool>,
}

/// Opens the sockets `from..to` of the run: the n-th belongs to the n-th person, and around again.
pub async fn open(plan: Rc<Plan>, from: usize, to: usize) -> Result<Rc<Stage>, Fault> {
    let rooms_of = plan.rooms_of();
    let mut listeners = vec![0; plan.rooms.len()];
    for socket in from..to {
        for room in &rooms_of[socket % plan.people.len()] {
            listeners[*room] += 1;
        }
    }
    let books: Books = Rc::new(RefCell::new(Ledger::new(&plan, &listeners)?));
    let opening = stream::iter(from..to).map(|number| {
        let person = number % plan.people.len();
        socket::open(plan.clone(), books.clone(), rooms_of[person].clone(), person, number)
    });
    let opened: Vec<Result<Handle, Fault>> = opening.buffer_unordered(AT_ONCE).collect().await;
    let handles = opened.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(Rc::new(Stage {
        plan,
        books,
        handles,
        next: Cell::new(1),
        over: Cell::new(false),
    }))
}

impl Stage {
    fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    /// Whose turn it is: sockets take turns, so that none says more than a server lets one say.
    fn turn(&self, number: u64) -> Option<(&Handle, usize)> {
        let handle = self.handles.get(usize::try_from(number).ok()? % self.handles.len())?;
        let mut rooms = self.plan.rooms.iter();
        let room = rooms.position(|room| room.members.contains(&handle.person))?;
        Some((handle, room))
    }

    /// A message that follows when everybody of its room has the one before it; so many at once.
    async fn in_flight(self: Rc<Self>, at_once: usize) {
        let finished = self.books.borrow().finished.clone();
        finished.add_permits(at_once);
        while !self.over.get() {
            let Ok(permit) = finished.acquire().await else { return };
            permit.forget();
            self.send_next(body::now());
        }
    }

    /// So many a second, whatever becomes of them. What is late was late by its own clock: the time counts from when
    /// it was to be sent.
    async fn at_rate(self: Rc<Self>, per_second: f64) {
        let (began, began_at) = (Instant::now(), body::now());
        for sent in 0_u64.. {
            let due = Duration::from_secs_f64(sent as f64 / per_second);
            sleep_until(began + due).await;
            if self.over.get() {
                return;
            }
            self.send_next(began_at + u64::try_from(due.as_micros()).unwrap_or(0));
        }
    }

    fn send_next(&self, at: u64) {
        let number = self.number();
        if let Some((handle, room)) = self.turn(number) {
            let said = Said {
                number,
                by: handle.person,
                at,
            };
            let _ = handle.orders.send(Order::new(said, room));
        }
    }

    /// One who sends the next message when the last one is durable.
    async fn sender(self: Rc<Self>, which: usize, http: bool) -> Result<(), Fault> {
        let room = which % self.plan.rooms.len();
        let members = &self.plan.rooms[room].members;
        let person = members[which / self.plan.rooms.len() % members.len()];
        let handle = self.handles.iter().find(|handle| handle.person == person);
        let mut poster = match http {
            true => Some(Poster::connect(self.plan.clone()).await?),
            false => None,
        };
        while !self.over.get() {
            let said = socket::say(self.number(), person);
            if let Some(poster) = &mut poster {
                let message = poster.post(said, room).await?;
                self.books.borrow_mut().acknowledge(&message);
            } else if let Some(handle) = handle {
                let (order, done) = Order::awaited(said, room);
                let _ = handle.orders.send(order);
                done.await?;
            } else {
                return Err("a sender without a socket: open more of them".into());
            }
        }
        Ok(())
    }

    /// Sets off whoever sends.
    fn begin(self: &Rc<Self>, pace: Pace) {
        let stage = self.clone();
        match pace {
            Pace::Silent => {}
            Pace::InFlight(at_once) => drop(tokio::task::spawn_local(stage.in_flight(at_once))),
            Pace::Rate(rate) => drop(tokio::task::spawn_local(stage.at_rate(rate))),
            Pace::Senders { count, http } => {
                for which in 0..count {
                    let (sender, books) = (self.clone().sender(which, http), self.books.clone());
                    tokio::task::spawn_local(async move {
                        if let Err(error) = sender.await {
                            books.borrow_mut().fault(format!("a sender gave up: {error}"));
                        }
                    });
                }
            }
        }
    }

    fn measure(&self, measuring: bool) -> (u64, u64) {
        let mut books = self.books.borrow_mut();
        books.measuring = measuring;
        (books.delivered, books.acked)
    }

    /// Waits until everybody has everything, or for [`DRAIN`].
    async fn drain(&self) {
        let end = Instant::now() + DRAIN;
        let mut quiet = 0;
        let mut acked = 0;
        // Two looks without news, half a second apart: what is under way when the senders stop takes a moment.
        while quiet < 2 && Instant::now() < end {
            sleep(Duration::from_millis(500)).await;
            let books = self.books.borrow();
            quiet = if books.open() == 0 && books.acked == acked {
                quiet + 1
            } else {
                0
            };
            acked = books.acked;
        }
    }
}

/// The run of the first process, which tells the others.
pub async fn conduct(options: &Options, plan: Rc<Plan>) -> Result<Report, Fault> {
    let server = Processes(options.pids.clone());
    let before = server.resident();
    let share = options.sockets.div_ceil(options.processes);
    let mut listeners = Vec::new();
    for process in 1..options.processes {
        let (from, to) = (process * share, ((process + 1) * share).min(options.sockets));
        listeners.push(Listeners::spawn(&options.plan, from, to)?);
    }
    let stage = open(plan, 0, share.min(options.sockets)).await?;
    for other in &mut listeners {
        other.ready()?;
    }
    sleep(options.settle).await;
    let resident = server.resident();

    stage.begin(options.pace);
    sleep(options.warm_up).await;
    let (delivered_before, acked_before) = stage.measure(true);
    for other in &mut listeners {
        other.measure()?;
    }
    let (cpu_before, began) = (server.cpu_seconds(), Instant::now());
    sleep(options.seconds).await;
    let (delivered, acked) = stage.measure(false);
    let (cpu, took) = (server.cpu_seconds() - cpu_before, began.elapsed());
    let mut heard = delivered - delivered_before;
    for other in &mut listeners {
        heard += other.measured()?;
    }
    stage.over.set(true);
    stage.drain().await;

    let mut books = stage.books.borrow_mut();
    books.close(true);
    let mut report = Report {
        sockets: options.sockets,
        seconds: took.as_secs_f64(),
        sent: acked - acked_before,
        delivered: heard,
        cpu_seconds: cpu,
        faults: books.faults,
        told: books.told.clone(),
        delivery: Times::of(&books.delivery),
        others: Vec::new(),
        ack: Times::of(&books.ack),
        resident_before: before,
        resident_open: resident,
        resident_after: server.resident(),
    };
    let ends = books.ends();
    for other in listeners {
        report.add(other.end(&ends)?);
    }
    Ok(report)
}
