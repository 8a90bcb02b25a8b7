//! Where letters go.

use crate::{
    config::Settings,
    mailer::{
        letter::letter,
        smtp::{Security, Smtp},
    },
};
use domain::mail::{Claimed, Outcome};
use lettre::{
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, TlsParameters},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use std::{error::Error, fs, net::IpAddr};
use url::{Host, Url};

/// Where letters go.
pub enum Transport {
    /// To a mail server.
    Smtp {
        /// Who they are from.
        from: Box<Mailbox>,
        /// The server.
        server: Box<Smtp>,
    },
    /// Nowhere: in development `/dev/mail` shows them, and they count as sent.
    Outbox,
    /// Nowhere yet: in production without a mail server they stay in the queue.
    Held,
}

impl Transport {
    /// What the settings say.
    ///
    /// # Errors
    /// A sentence that names the setting that can't be understood.
    pub fn from_settings(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        match &settings.smtp_url {
            Some(url) => Self::from_url(url, &settings.mail_from(), &settings.public_url()),
            None if settings.development() => Ok(Self::Outbox),
            None => Ok(Self::Held),
        }
    }

    /// A mail server by its address: `smtp://user:password@host:port` (plain, port 25), with `?tls=required` or
    /// `?tls=opportunistic` (STARTTLS, port 587), or `smtps://…` (TLS from the first byte, port 465). `?ca=<file>` names
    /// a certificate authority (PEM) to trust besides the public ones.
    ///
    /// # Errors
    /// A sentence that says what can't be understood; it never repeats the password.
    pub fn from_url(url: &str, from: &str, public_url: &str) -> Result<Self, Box<dyn Error>> {
        let from = from
            .parse::<Mailbox>()
            .map_err(|error| format!("ROOST_MAIL_FROM must look like `Roost <roost@example.org>`: {error}"))?;
        let server = smtp(url, public_url).map_err(|why| format!("ROOST_SMTP_URL can't be used: {why}"))?;
        if server.credentials.is_some() && matches!(server.security, Security::Plain) && !loopback(&server.host) {
            tracing::warn!(%server, "the mail server's password travels in the clear: add ?tls=required to ROOST_SMTP_URL");
        }
        Ok(Self::Smtp {
            from: Box::new(from),
            server: Box::new(server),
        })
    }

    /// Hands a mail over, and says what became of it.
    pub async fn deliver(&mut self, mail: &Claimed) -> Outcome {
        match self {
            Self::Outbox => Outcome::Sent,
            Self::Held => Outcome::Unreachable("no mail server is configured".into()),
            Self::Smtp { from, server } => match letter(from, mail) {
                Ok(letter) => server.deliver(mail.id, &letter).await,
                Err(error) => Outcome::Refused(format!("no letter could be made of it: {error}")),
            },
        }
    }

    /// Lets go of the connection; the next mail makes a new one.
    pub async fn rest(&mut self) {
        if let Self::Smtp { server, .. } = self {
            server.hang_up().await;
        }
    }
}

fn smtp(url: &str, public_url: &str) -> Result<Smtp, Box<dyn Error>> {
    let url = Url::parse(url)?;
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or("it names no host")?
        .trim_matches(['[', ']'])
        .to_owned();
    let mut tls = None;
    let mut authority = None;
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "tls" => tls = Some(value.into_owned()),
            "ca" => authority = Some(value.into_owned()),
            other => return Err(format!("it can't say `{other}`, only `tls` and `ca`").into()),
        }
    }
    let parameters = || tls_parameters(&host, authority.as_deref());
    let (security, port) = match (url.scheme(), tls.as_deref()) {
        ("smtp", None) => (Security::Plain, 25),
        ("smtp", Some("required")) => (Security::Required(parameters()?), 587),
        ("smtp", Some("opportunistic")) => (Security::Opportunistic(parameters()?), 587),
        ("smtps", None) => (Security::Wrapped(parameters()?), 465),
        ("smtp", Some(_)) => return Err("`tls` is `required` or `opportunistic`".into()),
        ("smtps", Some(_)) => return Err("smtps:// needs no `tls`".into()),
        _ => return Err("it must begin with smtp:// or smtps://".into()),
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
    let credentials = match url.password() {
        Some(password) => Some(Credentials::new(decode(url.username())?, decode(password)?)),
        None if url.username().is_empty() => None,
        None => return Err("it names a user without a password".into()),
    };
    let port = url.port().unwrap_or(port);
    Ok(Smtp {
        host,
        port,
        security,
        credentials,
        hello: hello(public_url),
        connection: None,
        hung_up_on: None,
    })
}

fn tls_parameters(host: &str, authority: Option<&str>) -> Result<TlsParameters, Box<dyn Error>> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = authority {
        let pem = fs::read(path).map_err(|error| format!("its `ca` {path} can't be read: {error}"))?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem)?);
    }
    Ok(parameters.build()?)
}

/// How Roost introduces itself (EHLO): by the name people know it by.
fn hello(public_url: &str) -> ClientId {
    match Url::parse(public_url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => ClientId::Domain(name.to_owned()),
        Some(Host::Ipv4(address)) => ClientId::Ipv4(address),
        Some(Host::Ipv6(address)) => ClientId::Ipv6(address),
        None => ClientId::default(),
    }
}

fn loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Roost <roost@example.org>";
    const PUBLIC: &str = "https://chat.example.org";

    fn server(url: &str) -> Smtp {
        let _ = rustls::crypto::ring::default_provider().install_default();
        smtp(url, PUBLIC).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn an_address_says_port_safety_and_credentials() {
        for (url, host, port) in [
            ("smtp://mail.example.org", "mail.example.org", 25),
            ("smtp://mail.example.org?tls=required", "mail.example.org", 587),
            (
                "smtp://mail.example.org:2525?tls=opportunistic",
                "mail.example.org",
                2525,
            ),
            ("smtps://mail.example.org", "mail.example.org", 465),
            ("smtp://[::1]:1025", "::1", 1025),
        ] {
            let server = server(url);
            assert_eq!((server.host.as_str(), server.port), (host, port), "{url}");
            assert!(server.credentials.is_none());
        }
        assert!(matches!(server("smtp://h").security, Security::Plain));
        assert!(matches!(
            server("smtp://h?tls=required").security,
            Security::Required(_)
        ));
        assert!(matches!(server("smtps://h").security, Security::Wrapped(_)));
        let signed = server("smtp://ada%40example.org:p%3Aw%2F@h");
        assert!(signed.credentials == Some(Credentials::new("ada@example.org".into(), "p:w/".into())));
        assert_eq!(signed.hello, ClientId::Domain("chat.example.org".into()));
    }

    #[test]
    fn what_cannot_be_understood_is_refused_without_repeating_the_password() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        for bad in [
            "mail.example.org",
            "http://u:hunter2@h",
            "smtp://u:hunter2@h?tls=maybe",
            "smtp://u:hunter2@h?tsl=required",
            "smtp://u@h",
            "smtps://u:hunter2@h?tls=required",
            "smtp://u:hunter2@h?tls=required&ca=/nowhere.pem",
            "smtp://",
        ] {
            let Err(error) = Transport::from_url(bad, FROM, PUBLIC) else {
                panic!("{bad} was understood")
            };
            let text = error.to_string();
            assert!(
                text.starts_with("ROOST_SMTP_URL") && !text.contains("hunter2"),
                "{bad}: {text}"
            );
        }
        let Err(error) = Transport::from_url("smtp://h", "nobody", PUBLIC) else {
            panic!("a sender without address")
        };
        assert!(error.to_string().starts_with("ROOST_MAIL_FROM"));
    }
}
