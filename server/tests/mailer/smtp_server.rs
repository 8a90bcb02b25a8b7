//! A small real mail server (RFC 5321) on loopback that does what a test tells it.

use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::Notify,
    task::AbortHandle,
};
use tokio_rustls::TlsAcceptor;

/// What the server does with one mail, from `MAIL FROM` on.
#[derive(Clone)]
pub enum Act {
    /// Takes it. What it does when nothing else is said.
    Accept,
    /// Answers `MAIL FROM` with this.
    AtSender(&'static str),
    /// Answers `RCPT TO` with this.
    AtRecipient(&'static str),
    /// Answers the text with this.
    AtText(&'static str),
    /// Hangs up in the middle of the text.
    HangUpInText,
    /// Takes the text, and hangs up before it says so: what comes again was there already.
    HangUpBeforeReply,
    /// Tells the first that it has the text, and waits for the second before it says so.
    Ponder(Arc<Notify>, Arc<Notify>),
}

/// A letter that the server has taken.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: String,
    pub text: String,
    pub encrypted: bool,
}

impl Received {
    /// The value of a header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        head.lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    }
}

/// What the server wants and has seen.
#[derive(Default)]
pub struct Book {
    pub acts: VecDeque<Act>,
    pub received: Vec<Received>,
    pub recipients_tried: Vec<String>,
    pub commands_in_clear: Vec<String>,
}

#[derive(Clone, Default)]
pub struct Manner {
    /// User and password, when it wants them.
    pub login: Option<(&'static str, &'static str)>,
    /// When it offers STARTTLS.
    pub tls: Option<TlsAcceptor>,
}

pub struct SmtpServer {
    pub addr: SocketAddr,
    pub book: Arc<Mutex<Book>>,
    listening: AbortHandle,
}

impl SmtpServer {
    pub async fn start(manner: Manner) -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address"), manner).await
    }

    /// Listens on this address; for a server that was away and comes back.
    pub async fn start_at(addr: SocketAddr, manner: Manner) -> Self {
        let listener = TcpListener::bind(addr).await.expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let book = Arc::<Mutex<Book>>::default();
        let theirs = Arc::clone(&book);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, manner) = (Arc::clone(&theirs), manner.clone());
                tokio::spawn(async move {
                    // A client that hangs up is no fault of the test.
                    let _ = Talk::new(Box::new(stream), book, manner).run().await;
                });
            }
        });
        Self {
            addr,
            book,
            listening: listening.abort_handle(),
        }
    }

    /// Says what to do with the next mails.
    pub fn plan(&self, acts: impl IntoIterator<Item = Act>) {
        self.look(|book| book.acts.extend(acts));
    }

    pub fn received(&self) -> Vec<Received> {
        self.look(|book| book.received.clone())
    }

    pub fn look<T>(&self, look: impl FnOnce(&mut Book) -> T) -> T {
        look(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    book: Arc<Mutex<Book>>,
    manner: Manner,
    encrypted: bool,
    signed_in: bool,
    act: Act,
    from: String,
    to: String,
}

impl Talk {
    fn new(stream: Box<dyn Stream>, book: Arc<Mutex<Book>>, manner: Manner) -> Self {
        let signed_in = manner.login.is_none();
        let (from, to) = (String::new(), String::new());
        Self {
            stream: BufReader::new(stream),
            book,
            manner,
            encrypted: false,
            signed_in,
            act: Act::Accept,
            from,
            to,
        }
    }

    fn note<T>(&self, note: impl FnOnce(&mut Book) -> T) -> T {
        note(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn hear(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let heard = self.stream.read_line(&mut line).await?;
        Ok((heard > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    async fn run(mut self) -> io::Result<()> {
        self.say("220 test ESMTP").await?;
        while let Some(line) = self.hear().await? {
            if !self.encrypted {
                self.note(|book| book.commands_in_clear.push(line.clone()));
            }
            let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            match word.as_str() {
                "EHLO" => self.greet().await?,
                "STARTTLS" => self = self.upgrade().await?,
                "AUTH" => self.sign_in(&line).await?,
                "NOOP" | "RSET" => self.say("250 ok").await?,
                "QUIT" => return self.say("221 bye").await,
                _ if !self.signed_in => self.say("530 5.7.0 sign in first").await?,
                "MAIL" => self.sender(&line).await?,
                "RCPT" => self.recipient(&line).await?,
                "DATA" => {
                    if !self.text().await? {
                        return Ok(());
                    }
                }
                _ => self.say("502 what?").await?,
            }
        }
        Ok(())
    }

    async fn greet(&mut self) -> io::Result<()> {
        if self.manner.tls.is_some() && !self.encrypted {
            self.say("250-STARTTLS").await?;
        }
        if self.manner.login.is_some() {
            self.say("250-AUTH PLAIN").await?;
        }
        self.say("250 8BITMIME").await
    }

    async fn upgrade(mut self) -> io::Result<Self> {
        let Some(acceptor) = self.manner.tls.clone() else {
            self.say("454 no").await?;
            return Ok(self);
        };
        self.say("220 go").await?;
        let stream = acceptor.accept(self.stream.into_inner()).await?;
        Ok(Self {
            stream: BufReader::new(Box::new(stream)),
            encrypted: true,
            ..self
        })
    }

    async fn sign_in(&mut self, line: &str) -> io::Result<()> {
        let given = line
            .strip_prefix("AUTH PLAIN ")
            .and_then(|word| STANDARD.decode(word).ok())
            .unwrap_or_default();
        let wanted = self
            .manner
            .login
            .map(|(user, password)| format!("\0{user}\0{password}"));
        self.signed_in = wanted.is_some_and(|wanted| wanted.as_bytes() == given);
        self.say(if self.signed_in {
            "235 welcome"
        } else {
            "535 5.7.8 wrong"
        })
        .await
    }

    async fn sender(&mut self, line: &str) -> io::Result<()> {
        self.act = self.note(|book| book.acts.pop_front()).unwrap_or(Act::Accept);
        self.from = address(line);
        match self.act {
            Act::AtSender(reply) => self.say(reply).await,
            _ => self.say("250 ok").await,
        }
    }

    async fn recipient(&mut self, line: &str) -> io::Result<()> {
        self.to = address(line);
        self.note(|book| book.recipients_tried.push(address(line)));
        match self.act {
            Act::AtRecipient(reply) => self.say(reply).await,
            _ => self.say("250 ok").await,
        }
    }

    /// Whether the conversation goes on.
    async fn text(&mut self) -> io::Result<bool> {
        self.say("354 go ahead").await?;
        if matches!(self.act, Act::HangUpInText) {
            self.hear().await?;
            return Ok(false);
        }
        let mut text = String::new();
        loop {
            match self.hear().await?.as_deref() {
                Some(".") => break,
                Some(line) => text += &format!("{}\r\n", line.strip_prefix('.').unwrap_or(line)),
                None => return Ok(false),
            }
        }
        if let Act::AtText(reply) = self.act {
            self.say(reply).await?;
            return Ok(true);
        }
        let received = Received {
            from: self.from.clone(),
            to: self.to.clone(),
            text,
            encrypted: self.encrypted,
        };
        self.note(|book| book.received.push(received));
        match self.act.clone() {
            Act::HangUpBeforeReply => return Ok(false),
            Act::Ponder(has_it, go_on) => {
                has_it.notify_one();
                go_on.notified().await;
            }
            _ => {}
        }
        self.say("250 queued").await?;
        Ok(true)
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
