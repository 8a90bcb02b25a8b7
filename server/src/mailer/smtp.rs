//! A conversation with a mail server, command by command, because what an answer means for the mail depends on the
//! command: a refused recipient is the mail's fault, a refused sender or password is ours and says nothing about it.

use crate::mailer::letter::Letter;
use domain::mail::Outcome;
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use model::MailId;
use std::{fmt, future::Future, time::Duration};
use tokio::time::timeout;

/// How long a server may take to answer one command.
const ANSWER: Duration = Duration::from_secs(20);
/// How long all may take up to the letter's text.
const PREAMBLE: Duration = Duration::from_secs(45);
/// How long it may take to accept the text. A server that scans it is slow, and who does not wait sends it twice
/// (RFC 1047). The two together must stay well below [`domain::mail::LEASE`].
const ACCEPTANCE: Duration = Duration::from_secs(60);
/// How often in a row a server may hang up on one mail before that mail is put off, so that a letter which a server
/// can't bear does not hold the whole queue.
const HANG_UPS: u8 = 3;

/// How the conversation is kept from others' eyes.
#[derive(Clone)]
pub enum Security {
    /// Not at all.
    Plain,
    /// STARTTLS when the server offers it.
    Opportunistic(TlsParameters),
    /// STARTTLS, or nothing.
    Required(TlsParameters),
    /// TLS from the first byte.
    Wrapped(TlsParameters),
}

/// A mail server, and the connection to it while there is one.
pub struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
    pub(super) hello: ClientId,
    pub(super) connection: Option<AsyncSmtpConnection>,
    pub(super) hung_up_on: Option<(MailId, u8)>,
}

/// What went wrong, by whose fault.
enum Trouble {
    /// Ours, or the network's: says nothing about the mail. The second is for the person who runs this Roost.
    Server(String, Option<&'static str>),
    /// The server hung up, or fell silent, in the middle of this mail.
    HungUp(String),
    /// The mail's: never.
    Never(String),
    /// The mail's: not now.
    NotNow(String),
}

impl Smtp {
    /// Hands one letter over.
    pub async fn deliver(&mut self, id: MailId, letter: &Letter) -> Outcome {
        let trouble = match self.converse(letter).await {
            Ok(()) => {
                self.hung_up_on = None;
                return Outcome::Sent;
            }
            Err(trouble) => trouble,
        };
        self.hang_up().await;
        match trouble {
            Trouble::Never(why) => Outcome::Refused(why),
            Trouble::NotNow(why) => Outcome::Deferred(why),
            Trouble::Server(why, advice) => {
                if let Some(advice) = advice {
                    tracing::error!(server = %self, %why, "{advice}; mails wait in the queue until this is mended");
                }
                Outcome::Unreachable(why)
            }
            Trouble::HungUp(why) => {
                let times = self
                    .hung_up_on
                    .take()
                    .filter(|(on, _)| *on == id)
                    .map_or(1, |(_, times)| times + 1);
                if times >= HANG_UPS {
                    return Outcome::Deferred(format!("the server hung up {times} times: {why}"));
                }
                self.hung_up_on = Some((id, times));
                Outcome::Unreachable(why)
            }
        }
    }

    /// Says goodbye, when there is somebody to say it to.
    pub async fn hang_up(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            let _ = timeout(Duration::from_secs(2), connection.abort()).await;
        }
    }

    async fn converse(&mut self, letter: &Letter) -> Result<(), Trouble> {
        let late = |_| Trouble::HungUp(format!("no answer within {} seconds", PREAMBLE.as_secs()));
        timeout(PREAMBLE, self.introduce(&letter.envelope))
            .await
            .map_err(late)??;
        let Some(connection) = &mut self.connection else {
            return Err(Trouble::HungUp("the connection is gone".into()));
        };
        let accepted = timeout(ACCEPTANCE, connection.message(&letter.message)).await;
        let late = |_| Trouble::HungUp(format!("not accepted within {} seconds", ACCEPTANCE.as_secs()));
        accepted.map_err(late)?.map_err(|error| about_this_mail(&error))?;
        Ok(())
    }

    /// All up to the text.
    async fn introduce(&mut self, envelope: &Envelope) -> Result<(), Trouble> {
        let mut connection = self.connected().await?;
        let mut parameters = vec![MailParameter::Body(MailBodyParameter::EightBitMime)];
        parameters.retain(|_| connection.server_info().supports_feature(Extension::EightBitMime));
        if envelope
            .to()
            .iter()
            .chain(envelope.from())
            .any(|address| !address.to_string().is_ascii())
        {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                self.connection = Some(connection);
                return Err(Trouble::Never(
                    "the mail server knows only ASCII addresses (no SMTPUTF8)".into(),
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        answer(connection.command(Mail::new(envelope.from().cloned(), parameters)))
            .await?
            .map_err(|error| about_our_sender(&error))?;
        for to in envelope.to() {
            answer(connection.command(Rcpt::new(to.clone(), vec![])))
                .await?
                .map_err(|error| about_this_mail(&error))?;
        }
        answer(connection.command(Data))
            .await?
            .map_err(|error| about_this_mail(&error))?;
        self.connection = Some(connection);
        Ok(())
    }

    /// The connection there is, if it still lives, or a new one, signed in.
    async fn connected(&mut self) -> Result<AsyncSmtpConnection, Trouble> {
        if let Some(mut connection) = self.connection.take() {
            if timeout(ANSWER, connection.test_connected()).await == Ok(true) {
                return Ok(connection);
            }
            connection.abort().await;
        }
        let wrapped = match &self.security {
            Security::Wrapped(tls) => Some(tls.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(ANSWER), &self.hello, wrapped, None);
        let mut connection = unreached(connecting).await?;
        let upgrade = match &self.security {
            Security::Required(tls) => Some(tls),
            Security::Opportunistic(tls) => Some(tls).filter(|_| connection.can_starttls()),
            Security::Plain | Security::Wrapped(_) => None,
        };
        if let Some(tls) = upgrade {
            unreached(connection.starttls(tls.clone(), &self.hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            unreached(connection.auth(&mechanisms, credentials)).await?;
        }
        Ok(connection)
    }
}

impl fmt::Display for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// An answer in time.
async fn answer<T>(command: impl Future<Output = T>) -> Result<T, Trouble> {
    let late = |_| Trouble::HungUp(format!("no answer within {} seconds", ANSWER.as_secs()));
    timeout(ANSWER, command).await.map_err(late)
}

/// Before the first word about a mail, nothing is the mail's fault.
async fn unreached<T>(step: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Trouble> {
    let late = |_| Trouble::Server(format!("no answer within {} seconds", ANSWER.as_secs()), None);
    timeout(ANSWER, step).await.map_err(late)?.map_err(|error| {
        let advice = if error.is_permanent() {
            Some("the mail server refuses to speak with Roost: check the name and the password in ROOST_SMTP_URL")
        } else if error.is_tls() {
            Some("no trusted TLS with the mail server: check its certificate and the `tls` in ROOST_SMTP_URL")
        } else if error.is_client() {
            Some("the mail server can't do what ROOST_SMTP_URL asks for")
        } else {
            None
        };
        Trouble::Server(error.to_string(), advice)
    })
}

/// The sender is the same in every mail: who refuses it refuses them all.
fn about_our_sender(error: &SmtpError) -> Trouble {
    match status(error) {
        None => Trouble::HungUp(error.to_string()),
        Some(500..) => Trouble::Server(
            error.to_string(),
            Some("the mail server refuses the sender: check ROOST_MAIL_FROM"),
        ),
        Some(_) => Trouble::Server(error.to_string(), None),
    }
}

/// What was said to a recipient or a text is about this mail, but for what no other mail would escape either.
fn about_this_mail(error: &SmtpError) -> Trouble {
    match status(error) {
        None => Trouble::HungUp(error.to_string()),
        // RFC 5321 §3.8: the service closes. RFC 4954 §6: sign in first, or by other means.
        Some(421 | 454) => Trouble::Server(error.to_string(), None),
        Some(530 | 534 | 535 | 538) => Trouble::Server(
            error.to_string(),
            Some("the mail server wants a name and a password in ROOST_SMTP_URL"),
        ),
        Some(500..) => Trouble::Never(error.to_string()),
        Some(_) => Trouble::NotNow(error.to_string()),
    }
}

/// The reply's code; `None` when there was no reply, or none that can be understood.
fn status(error: &SmtpError) -> Option<u16> {
    error.status().map(u16::from)
}
