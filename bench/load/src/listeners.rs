//! Other processes that only listen: one process may not open enough descriptors, and has only one core.
//!
//! They talk by lines: the child says `ready`; `measure` begins the measured time and `measured` ends it, answered by the
//! number of deliveries in it; a line with the last `seq` of each room ends the run, answered by a report.

use crate::{
    plan::Plan,
    report::{Heard, Times},
    run,
    socket::Fault,
};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, stdin},
    time::{Instant, sleep},
};

/// How long the last deliveries may take.
const DRAIN: Duration = Duration::from_secs(30);

/// The end of such a process that the first one holds.
pub struct Listeners {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Listeners {
    /// Starts one that opens the sockets `from..to`.
    pub fn spawn(plan: &str, from: usize, to: usize) -> Result<Self, Fault> {
        let mut child = Command::new(env::current_exe()?)
            .args([
                "listen",
                "--plan",
                plan,
                "--from",
                &from.to_string(),
                "--to",
                &to.to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (say, hear) = (child.stdin.take(), child.stdout.take());
        let (Some(say), Some(hear)) = (say, hear) else {
            return Err("the other process has no input or output".into());
        };
        Ok(Self {
            child,
            say,
            hear: BufReader::new(hear),
        })
    }

    fn line(&mut self) -> Result<String, Fault> {
        let mut line = String::new();
        self.hear.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn tell(&mut self, line: &str) -> Result<(), Fault> {
        Ok(writeln!(self.say, "{line}")?)
    }

    /// Waits until its sockets are open.
    pub fn ready(&mut self) -> Result<(), Fault> {
        match self.line()?.as_str() {
            "ready" => Ok(()),
            other => Err(format!("the other process did not open its sockets: {other}").into()),
        }
    }

    /// From here on its deliveries count.
    pub fn measure(&mut self) -> Result<(), Fault> {
        self.tell("measure")
    }

    /// Up to here they did: how many.
    pub fn measured(&mut self) -> Result<u64, Fault> {
        self.tell("measured")?;
        Ok(self.line()?.parse()?)
    }

    /// Ends the run: all was sent up to these places.
    pub fn end(mut self, ends: &[u64]) -> Result<Heard, Fault> {
        let line = serde_json::to_string(ends)?;
        self.tell(&line)?;
        let heard = serde_json::from_str(&self.line()?)?;
        self.child.wait()?;
        Ok(heard)
    }
}

/// Such a process.
#[expect(clippy::print_stdout, reason = "this is how the processes talk")]
pub async fn listen(plan: Plan, from: usize, to: usize) -> Result<(), Fault> {
    let stage = run::open(Rc::new(plan), from, to).await?;
    println!("ready");
    let mut lines = tokio::io::BufReader::new(stdin()).lines();
    let mut before = 0;
    while let Some(line) = lines.next_line().await? {
        let mut books = stage.books.borrow_mut();
        match line.as_str() {
            "measure" => {
                books.measuring = true;
                before = books.delivered;
            }
            "measured" => {
                books.measuring = false;
                println!("{}", books.delivered - before);
            }
            ends => {
                drop(books);
                let ends: Vec<u64> = serde_json::from_str(ends)?;
                let heard = finish(&stage, &ends).await;
                println!("{}", serde_json::to_string(&heard)?);
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn finish(stage: &run::Stage, ends: &[u64]) -> Heard {
    let end = Instant::now() + DRAIN;
    while !stage.books.borrow().reached(ends) && Instant::now() < end {
        sleep(Duration::from_millis(100)).await;
    }
    let mut books = stage.books.borrow_mut();
    if !books.reached(ends) {
        books.fault("not all reached the end of the log".into());
    }
    books.close(false);
    Heard {
        faults: books.faults,
        told: books.told.clone(),
        delivery: Times::of(&books.delivery),
    }
}
