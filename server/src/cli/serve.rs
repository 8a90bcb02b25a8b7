//! `roost serve`.

use crate::{boot, config::Settings, shutdown, telemetry};
use std::error::Error;

/// Runs the server until it is asked to stop.
pub fn serve() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read()?;
    telemetry::start(&settings);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let booted = boot::boot(settings).await?;
        booted.greet();
        booted.run(shutdown::asked()).await
    })
}
