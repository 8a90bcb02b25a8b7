//! The program, its data, and a server that runs or does not.

use model::samples::Player;
use serde_json::Value;
use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The program, in a folder of its own with what the build of the screens would have put beside it.
pub fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}", std::process::id()));
        fs::create_dir_all(folder.join("site")).expect("a folder");
        fs::write(folder.join("hash.txt"), "").expect("a list of no hashes");
        let program = folder.join("roost");
        fs::hard_link(env!("CARGO_BIN_EXE_roost"), &program).expect("a link to the program");
        program
    })
}

/// A Roost's folder, and perhaps the server that runs on it.
pub struct Roost {
    pub data: TempDir,
    pub database: Option<&'static str>,
    pub server: Option<Child>,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The JSON of a command that went well.
    pub fn done(&self) -> Value {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{self:?}");
        self.json()
    }

    /// The code of a command that was refused.
    pub fn refused(&self) -> String {
        assert_eq!((self.code, self.err.as_str()), (1, ""), "{self:?}");
        let said = self.json();
        assert!(said["detail"].is_string() && said["errors"].is_object(), "{said}");
        said["code"].as_str().expect("a code").to_owned()
    }
}

impl Roost {
    pub fn new() -> Self {
        Self {
            data: tempfile::tempdir().expect("a folder"),
            database: None,
            server: None,
        }
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(program());
        command
            .current_dir(self.data.path())
            .env("ROOST_ENV", "development")
            .env("ROOST_DATA", self.data.path())
            .env("ROOST_PUBLIC_URL", "http://chat.example.org")
            .env("LEPTOS_SITE_ROOT", program().with_file_name("site"))
            .stdin(Stdio::null());
        if let Some(database) = self.database {
            command.env("ROOST_DATABASE", database);
        }
        command
    }

    pub fn socket(&self) -> PathBuf {
        self.data.path().join("control.sock")
    }

    pub fn start(&mut self) {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let log = fs::File::create(self.data.path().join("server.log")).expect("a log");
        let server = self
            .command()
            .arg("serve")
            .env("ROOST_ADDR", port.expect("a port").to_string())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("it starts");
        self.server = Some(server);
        let end = Instant::now() + Duration::from_secs(60);
        while UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < end, "it does not listen: {}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.data.path().join("server.log")).unwrap_or_default()
    }

    /// Ends the server as an operator would, and waits for it.
    pub fn stop(&mut self) {
        let mut server = self.server.take().expect("a server");
        let asked = Command::new("kill").arg(server.id().to_string()).status();
        assert!(asked.expect("kill runs").success());
        assert!(server.wait().expect("it ends").success(), "{}", self.log());
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("a server");
        server.kill().expect("it is killed");
        server.wait().expect("it ends");
    }

    /// Runs a command with something on its standard input.
    pub fn fed(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stdin = child.stdin.take().expect("its input");
        // One that is refused may not read it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        Said {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// `roost account …`
    pub fn account(&self, arguments: &[&str]) -> Said {
        self.fed(&[&["account"], arguments].concat(), "")
    }

    /// `roost account … --json`
    pub fn json(&self, arguments: &[&str]) -> Said {
        self.fed(&[&["account", "--json"], arguments].concat(), "")
    }

    pub fn create(&self, player: Player, more: &[&str]) -> Said {
        let fixed = [
            "account",
            "create",
            "--json",
            "--password-stdin",
            "--email",
            player.email,
            "--username",
            player.username,
        ];
        let named = ["--display-name", player.display_name];
        self.fed(&[&fixed[..], &named, more].concat(), &format!("{}\n", player.password))
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

/// Does the same on a folder without a server, and on one with it.
pub fn both(scenario: impl Fn(&Roost)) {
    let mut roost = Roost::new();
    scenario(&roost);
    roost = Roost::new();
    roost.start();
    scenario(&roost);
    roost.stop();
    assert!(!roost.socket().exists(), "the socket is gone after a stop");
}
