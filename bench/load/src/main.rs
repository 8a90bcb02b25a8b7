//! Puts load on a chat server and checks the content of all it delivers: who sent it, every byte of it, and that each
//! socket gets each message of its rooms once and in order. `bench/compare` plays with it; bench/README.md tells how.

mod body;
mod ledger;
mod listeners;
mod plan;
mod processes;
mod report;
mod run;
mod socket;
mod wire;

use clap::{Args, Parser, Subcommand};
use plan::Plan;
use socket::Fault;
use std::{process::ExitCode, rc::Rc, thread, time::Duration};
use tokio::{runtime::Builder, task::LocalSet};

/// From so many sockets on, the generator naps when it has read all that came.
const CROWD: usize = 200;
/// How long. Else every single packet would wake it, and waking another core is charged to who wrote the packet. Clients are
/// other machines; a server does not wake them.
const NAP: Duration = Duration::from_micros(200);

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens sockets, sends, checks, and prints a report: a line for people to stderr, JSON to stdout
    Run(RunArgs),
    /// A further process that only listens; `run` starts it
    #[command(hide = true)]
    Listen {
        #[arg(long)]
        plan: String,
        #[arg(long)]
        from: usize,
        #[arg(long)]
        to: usize,
    },
}

#[derive(Args)]
struct RunArgs {
    /// The file that says what is loaded
    #[arg(long)]
    plan: String,
    /// Sockets, over all people in turn
    #[arg(long)]
    sockets: usize,
    /// Processes to spread them over; the first one sends
    #[arg(long, default_value_t = 1)]
    processes: usize,
    /// Closed loop: so many messages are under way until all of their room have them
    #[arg(long, group = "pace")]
    in_flight: Option<usize>,
    /// Open loop: so many messages a second, whatever becomes of them
    #[arg(long, group = "pace")]
    rate: Option<f64>,
    /// So many senders, each waiting until its message is durable
    #[arg(long, group = "pace")]
    senders: Option<usize>,
    /// Senders send by HTTP instead of their sockets
    #[arg(long, requires = "senders")]
    http: bool,
    /// Seconds to measure
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Seconds before that
    #[arg(long, default_value_t = 3.0)]
    warm_up: f64,
    /// Seconds of silence before memory is measured
    #[arg(long, default_value_t = 1.0)]
    settle: f64,
    /// The server's processes; their children count, too
    #[arg(long, value_delimiter = ',')]
    pids: Vec<u32>,
}

/// At which pace messages are sent.
#[derive(Clone, Copy, Debug)]
enum Pace {
    Silent,
    InFlight(usize),
    Rate(f64),
    Senders { count: usize, http: bool },
}

/// A run, as asked for.
struct Options {
    plan: String,
    sockets: usize,
    processes: usize,
    pace: Pace,
    seconds: Duration,
    warm_up: Duration,
    settle: Duration,
    pids: Vec<u32>,
}

impl From<RunArgs> for Options {
    fn from(args: RunArgs) -> Self {
        let pace = match (args.in_flight, args.rate, args.senders) {
            (Some(at_once), ..) => Pace::InFlight(at_once),
            (_, Some(rate), _) => Pace::Rate(rate),
            (.., Some(count)) => Pace::Senders { count, http: args.http },
            _ => Pace::Silent,
        };
        Self {
            plan: args.plan,
            sockets: args.sockets,
            processes: args.processes.max(1),
            pace,
            seconds: Duration::from_secs_f64(args.seconds),
            warm_up: Duration::from_secs_f64(args.warm_up),
            settle: Duration::from_secs_f64(args.settle),
            pids: args.pids,
        }
    }
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is what the command is for"
)]
async fn execute(command: Command) -> Result<bool, Fault> {
    match command {
        Command::Listen { plan, from, to } => listeners::listen(Plan::read(&plan)?, from, to).await.map(|()| true),
        Command::Run(args) => {
            let options = Options::from(args);
            let report = run::conduct(&options, Rc::new(Plan::read(&options.plan)?)).await?;
            eprintln!("{}", report.line());
            for fault in &report.told {
                eprintln!("  {fault}");
            }
            println!("{}", serde_json::to_string(&report)?);
            Ok(report.faults == 0)
        }
    }
}

impl Command {
    /// Sockets of this process.
    const fn sockets(&self) -> usize {
        match self {
            Self::Run(args) => args.sockets / if args.processes == 0 { 1 } else { args.processes },
            Self::Listen { from, to, .. } => to.saturating_sub(*from),
        }
    }
}

fn conduct(command: Command) -> Result<bool, Fault> {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_all();
    if command.sockets() >= CROWD {
        runtime.on_thread_park(|| thread::sleep(NAP));
    }
    runtime.build()?.block_on(LocalSet::new().run_until(execute(command)))
}

#[expect(clippy::print_stderr, reason = "this is a command")]
fn main() -> ExitCode {
    match conduct(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("roost-load: {error}");
            ExitCode::from(2)
        }
    }
}
