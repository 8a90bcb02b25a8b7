//! The listener.

use super::{LINE_MAX, Reply, verbs};
use domain::Env;
use model::{Code, Rejection};
use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long a command may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(30);

/// A socket that listens. It goes when this is dropped: the name first, so that nobody else's is taken away.
pub struct Control {
    _name: Name,
    listener: UnixListener,
}

struct Name(PathBuf);

impl Drop for Name {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Control {
    /// Listens in a data folder. When that is impossible, Roost runs without, and says so.
    pub async fn open(data: &Path) -> Option<Self> {
        match listen(data).await {
            Ok(control) => Some(control),
            Err(why) => {
                let path = super::path(data);
                tracing::warn!(path = %path.display(), %why, "commands can't reach this Roost while it runs");
                None
            }
        }
    }

    /// Carries out what commands ask for until `stop`; then those that wait still get their answers.
    pub async fn answer(self, env: Env, stop: CancellationToken) {
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = talks.join_next() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        talks.spawn(talk(env.clone(), stream));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "could not take a command");
                        sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        }
        drop(self);
        while talks.join_next().await.is_some() {}
    }
}

/// Makes the socket where nobody else can open it, closes it to others, and only then gives it its name; that takes the
/// place of one that a killed server left.
async fn listen(data: &Path) -> io::Result<Control> {
    let path = super::path(data);
    if UnixStream::connect(&path).await.is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "another Roost listens there"));
    }
    fs::create_dir_all(data)?;
    // Shorter than the name itself: a socket's path has about 100 bytes.
    let hidden = data.join(format!(".c{}", std::process::id()));
    let _ = fs::remove_dir_all(&hidden);
    DirBuilder::new().mode(0o700).create(&hidden)?;
    let made = make(&hidden.join("s"), &path);
    let _ = fs::remove_dir_all(&hidden);
    made
}

fn make(first: &Path, path: &Path) -> io::Result<Control> {
    let listener = UnixListener::bind(first)?;
    fs::set_permissions(first, Permissions::from_mode(0o600))?;
    fs::rename(first, path)?;
    let _name = Name(path.to_owned());
    Ok(Control { _name, listener })
}

async fn talk(env: Env, mut stream: UnixStream) {
    let heard = timeout(PATIENCE, hear(&mut stream)).await;
    let reply = match heard {
        Ok(Ok(Some(line))) => reply(&env, &line).await,
        Ok(Ok(None)) => Reply::Refused(Code::TooLarge.into()),
        // It went away, or said nothing.
        Ok(Err(_)) | Err(_) => return,
    };
    let Ok(mut line) = serde_json::to_vec(&reply) else {
        return;
    };
    line.push(b'\n');
    if let Err(error) = stream.write_all(&line).await {
        tracing::debug!(%error, "a command did not wait for its answer");
    }
}

/// One whole line, or nothing if it is too long.
async fn hear(stream: &mut UnixStream) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let limit = LINE_MAX as u64 + 1;
    BufReader::new(stream.take(limit)).read_until(b'\n', &mut line).await?;
    match line.last() {
        Some(b'\n') => Ok(Some(line)),
        _ if line.len() > LINE_MAX => Ok(None),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

async fn reply(env: &Env, line: &[u8]) -> Reply {
    let command = match serde_json::from_slice(line) {
        Ok(command) => command,
        Err(error) => {
            let why = format!("The running Roost does not know this command (is it of another version?): {error}");
            return Reply::Refused(Rejection::new(Code::MalformedBody).because(why));
        }
    };
    match verbs::carry_out(env, command).await {
        Ok(answer) => Reply::Done(answer),
        Err(rejection) => Reply::Refused(rejection),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fixtures;
    use serde_json::json;

    async fn say(path: &Path, line: &[u8]) -> Reply {
        let mut stream = UnixStream::connect(path).await.expect("somebody listens");
        stream.write_all(line).await.expect("writes");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).await.expect("an answer");
        serde_json::from_str(&answer).expect("a reply")
    }

    #[tokio::test]
    async fn only_its_user_may_open_the_socket_and_it_goes_with_the_server() {
        let data = tempfile::tempdir().expect("a folder");
        let path = crate::control::path(data.path());
        let control = Control::open(data.path()).await.expect("listens");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(
            Control::open(data.path()).await.is_none(),
            "it is not taken away from a server that lives"
        );
        drop(control);
        assert_eq!(
            fs::read_dir(data.path()).expect("the folder").count(),
            0,
            "nothing is left"
        );
    }

    #[tokio::test]
    async fn a_socket_that_a_killed_server_left_is_replaced() {
        let data = tempfile::tempdir().expect("a folder");
        let path = crate::control::path(data.path());
        drop(std::os::unix::net::UnixListener::bind(&path).expect("binds"));
        assert!(path.exists(), "the name outlives its listener");
        let control = Control::open(data.path()).await.expect("listens");
        assert!(UnixStream::connect(&path).await.is_ok());
        drop(control);
    }

    #[tokio::test]
    async fn a_folder_with_too_long_a_name_is_done_without() {
        let data = tempfile::tempdir().expect("a folder");
        let deep = data.path().join("x".repeat(120));
        assert!(Control::open(&deep).await.is_none());
        assert_eq!(fs::read_dir(&deep).expect("the folder").count(), 0, "nothing is left");
    }

    #[tokio::test]
    async fn a_line_is_answered_and_one_that_is_no_command_is_refused() {
        let (env, _) = fixtures::env().await;
        let data = tempfile::tempdir().expect("a folder");
        let path = crate::control::path(data.path());
        let control = Control::open(data.path()).await.expect("listens");
        let stop = CancellationToken::new();
        let answering = tokio::spawn(control.answer(env, stop.clone()));
        let list = json!({"verb": "list", "q": null, "after": null, "limit": 10}).to_string() + "\n";
        let reply = say(&path, list.as_bytes()).await;
        assert!(
            matches!(&reply, Reply::Done(page) if page["items"] == json!([])),
            "{reply:?}"
        );
        for bad in [
            "{}\n",
            "what\n",
            "{\"verb\":\"dance\"}\n",
            "{\"verb\":\"show\",\"who\":\"ada\",\"why\":1}\n",
        ] {
            let reply = say(&path, bad.as_bytes()).await;
            assert!(
                matches!(&reply, Reply::Refused(why) if why.code == Code::MalformedBody),
                "{bad}: {reply:?}"
            );
        }
        stop.cancel();
        answering.await.expect("it ends");
        assert!(!path.exists());
    }
}
