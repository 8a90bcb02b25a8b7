//! The real program as a process of its own, on a folder of its own, that can be killed and started again.

use crate::{Fault, Result, person::Person};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

/// What the server trusts tokens of; see docs/embedding.md.
pub(crate) const SECRET: &str = "a-secret-for-some-minutes-of-tests-only";
/// How long a start may take: a debug build on a busy machine.
const START_WITHIN: Duration = Duration::from_secs(60);
/// How long the server may take to end when it is asked to.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// A Roost.
pub struct Roost {
    program: PathBuf,
    data: TempDir,
    port: u16,
    server: Option<Child>,
    /// How often it was killed or stopped.
    pub restarts: u32,
}

impl Roost {
    /// Starts one on an empty folder. `program` is a built binary.
    pub async fn start(program: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        // The program wants the list of its site's files beside it. Nobody here looks at pages: an empty one will do.
        let own = data.path().join("program");
        fs::create_dir_all(own.join("site"))?;
        fs::write(own.join("hash.txt"), "")?;
        let linked = own.join("roost");
        if fs::hard_link(program, &linked).is_err() {
            fs::copy(program, &linked)?;
        }
        let port = free_port()?;
        let mut roost = Self {
            program: linked,
            data,
            port,
            server: None,
            restarts: 0,
        };
        roost.launch().await?;
        Ok(roost)
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// Starts the process and waits until it answers.
    pub async fn launch(&mut self) -> Result<()> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.data.path().join("log"))?;
        let server = Command::new(&self.program)
            .arg("serve")
            .current_dir(self.data.path())
            .env("ROOST_ENV", "production")
            .env("ROOST_DATA", self.data.path().join("data"))
            .env("ROOST_ADDR", self.addr())
            .env("ROOST_TRUSTED_PROXIES", "1")
            .env("ROOST_LOG", "warn")
            .env("ROOST_HOST_JWT_SECRET", SECRET)
            .env("ROOST_HOST_JWT_ISSUER", "https://www.example.org")
            .env("ROOST_HOST_JWT_AUDIENCE", "roost")
            .env("LEPTOS_SITE_ROOT", self.program.with_file_name("site"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.server = Some(server);
        let end = Instant::now() + START_WITHIN;
        let client = reqwest::Client::new();
        let url = format!("http://{}/readyz", self.addr());
        while !client
            .get(&url)
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            if Instant::now() > end || self.has_ended()? {
                return Err(format!("it does not answer: {}", self.log()).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn has_ended(&mut self) -> Result<bool> {
        Ok(match &mut self.server {
            Some(server) => server.try_wait()?.is_some(),
            None => true,
        })
    }

    /// What it logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.data.path().join("log")).unwrap_or_default()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        let mut server = self.server.take().ok_or("it does not run")?;
        server.kill()?;
        server.wait()?;
        self.restarts += 1;
        Ok(())
    }

    /// Ends it as an operator would.
    pub async fn stop(&mut self) -> Result<()> {
        let mut server = self.server.take().ok_or("it does not run")?;
        let asked = Command::new("kill").arg(server.id().to_string()).status()?;
        if !asked.success() {
            return Err(Fault::from("it could not be asked to end"));
        }
        let ended = timeout(STOP_WITHIN, async {
            while matches!(server.try_wait(), Ok(None)) {
                sleep(Duration::from_millis(20)).await;
            }
        });
        let late = ended.await.is_err();
        if late {
            server.kill()?;
            server.wait()?;
            return Err(format!("it did not end within {} s", STOP_WITHIN.as_secs()).into());
        }
        self.restarts += 1;
        Ok(())
    }

    /// Signs somebody in who comes from the host site; `name` is their username.
    pub async fn person(&self, name: &str) -> Result<Person> {
        Person::sign_in(&self.addr(), name).await
    }
}

impl Drop for Roost {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
