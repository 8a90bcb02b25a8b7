//! What a run tells.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Times {
    /// How many were taken.
    pub count: u64,
    /// Half of them took at most this.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// All of them.
    pub max: f64,
}

impl Times {
    /// Of microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| micros as f64 / 1000.0;
        Self {
            count: histogram.len(),
            p50: ms(histogram.value_at_quantile(0.5)),
            p99: ms(histogram.value_at_quantile(0.99)),
            max: ms(histogram.max()),
        }
    }
}

/// What a process heard that only listens.
#[derive(Debug, Serialize, Deserialize)]
pub struct Heard {
    /// What was wrong.
    pub faults: u64,
    /// The first of it, in words.
    pub told: Vec<String>,
    /// The times of its deliveries.
    pub delivery: Times,
}

/// A run in figures.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Open sockets.
    pub sockets: usize,
    /// The measured time.
    pub seconds: f64,
    /// Messages acknowledged in it.
    pub sent: u64,
    /// Deliveries in it, all checked.
    pub delivered: u64,
    /// What the server's processes worked in it.
    pub cpu_seconds: f64,
    /// What was wrong, over the whole run.
    pub faults: u64,
    /// The first of it, in words.
    pub told: Vec<String>,
    /// From the intended time of sending to the delivery, in the first process.
    pub delivery: Times,
    /// The same of the others.
    pub others: Vec<Times>,
    /// From the intended time of sending to the acknowledgement.
    pub ack: Times,
    /// The server's memory before a socket was open, in bytes.
    pub resident_before: u64,
    /// With all of them open and idle.
    pub resident_open: u64,
    /// At the end.
    pub resident_after: u64,
}

impl Report {
    /// Adds what another process heard.
    pub fn add(&mut self, heard: Heard) {
        self.faults += heard.faults;
        self.told.extend(heard.told);
        self.others.push(heard.delivery);
    }

    /// A line for people.
    pub fn line(&self) -> String {
        let per = |count: u64, of: f64| if of > 0.0 { count as f64 / of } else { 0.0 };
        let grown = self.resident_open.saturating_sub(self.resident_before) as f64;
        format!(
            "{} sockets, {:.1} kB each idle · {:.0} sent/s, {:.0} delivered/s, {:.0} delivered per CPU-second · \
             delivery p50 {:.1} p99 {:.1} max {:.1} ms · ack p50 {:.1} p99 {:.1} max {:.1} ms · {} faults",
            self.sockets,
            grown / 1000.0 / self.sockets.max(1) as f64,
            per(self.sent, self.seconds),
            per(self.delivered, self.seconds),
            per(self.delivered, self.cpu_seconds),
            self.delivery.p50,
            self.delivery.p99,
            self.delivery.max,
            self.ack.p50,
            self.ack.p99,
            self.ack.max,
            self.faults,
        )
    }
}
