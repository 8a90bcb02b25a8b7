//! `roost serve`.

use crate::{boot, config::Settings, shutdown, telemetry};
use std::{error::Error, io};
use tokio::runtime::{Builder, Runtime};

/// Stack of a worker, in bytes. It is address space, of which only what is used becomes memory. The database's futures are
/// deep in builds without optimisation, where the usual 2 MiB were too few for a page that asks several things in turn.
const STACK: usize = 8 << 20;

/// What everything runs on.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .thread_stack_size(STACK)
        .enable_all()
        .build()
}

/// Runs the server until it is asked to stop.
pub fn serve() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read()?;
    telemetry::start(&settings);
    runtime()?.block_on(async {
        let booted = boot::boot(settings).await?;
        booted.greet();
        booted.run(shutdown::asked()).await
    })
}
