//! Every setting, from `roost.toml` and the environment (`ROOST_…`, which wins). Nobody else reads either.

use config::{Config, ConfigError, Environment, File};
use serde::Deserialize;
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};

/// Where this Roost is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// On a developer's machine: there is `/dev`, and mail stays here.
    Development,
    /// Anywhere else.
    Production,
}

/// Whether other people's tests of the mailbox's protocol can run here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Laboratory {
    /// No.
    #[default]
    Off,
    /// Yes, under `/lab/`.
    On,
    /// The same without `_bulk_get`, as servers were that clients must get along with.
    WithoutBulkGet,
}

/// The settings, as read. docs/operating.md explains each.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// `ROOST_ENV`.
    #[serde(default = "production")]
    pub env: Stage,
    /// `ROOST_ADDR`.
    #[serde(default = "addr")]
    pub addr: SocketAddr,
    /// `ROOST_PUBLIC_URL`; `http://<addr>` when not set.
    pub public_url: Option<String>,
    /// `ROOST_DATA`.
    #[serde(default = "data")]
    pub data: PathBuf,
    /// `ROOST_DATABASE`; `surrealkv` under `data` when not set.
    pub database: Option<String>,
    /// `ROOST_DATABASE_USER`.
    pub database_user: Option<String>,
    /// `ROOST_DATABASE_PASS`.
    pub database_pass: Option<String>,
    /// `ROOST_SMTP_URL`.
    pub smtp_url: Option<String>,
    /// `ROOST_MAIL_FROM`.
    pub mail_from: Option<String>,
    /// `ROOST_MAIL_PER_SECOND`.
    #[serde(default = "mail_per_second")]
    pub mail_per_second: f64,
    /// `ROOST_TRUSTED_PROXIES`: how many proxies in front of Roost are trusted to tell the client's address.
    #[serde(default)]
    pub trusted_proxies: usize,
    /// `ROOST_SINGLE_SESSION`: a new sign-in ends the earlier sessions of its account.
    #[serde(default)]
    pub single_session: bool,
    /// `ROOST_HOST_JWT_SECRET`: what the host site signs its tokens with (HS256).
    pub host_jwt_secret: Option<String>,
    /// `ROOST_HOST_JWKS`: where its public keys are, a file or a URL.
    pub host_jwks: Option<String>,
    /// `ROOST_HOST_JWT_ISSUER`: the `iss` of its tokens.
    pub host_jwt_issuer: Option<String>,
    /// `ROOST_HOST_JWT_AUDIENCE`: their `aud`.
    pub host_jwt_audience: Option<String>,
    /// `ROOST_HOST_JWT_LINK_EMAIL`: a verified address leads to the account here that has it.
    #[serde(default)]
    pub host_jwt_link_email: bool,
    /// `ROOST_EMBED_ORIGINS`: the host site's origins, which may sign people in by a form and show Roost in a frame.
    #[serde(default)]
    pub embed_origins: String,
    /// `ROOST_MAILBOX_ORIGINS`: other sites' origins whose pages may replicate mailboxes.
    #[serde(default)]
    pub mailbox_origins: String,
    /// `ROOST_MAILBOX_LAB`: whether there are databases for tests of the mailbox's protocol; never in production.
    #[serde(default)]
    pub mailbox_lab: Laboratory,
    /// `ROOST_PRESENCE`: whether people are told who is there and who types.
    #[serde(default = "presence")]
    pub presence: bool,
    /// `ROOST_FRAMES_PER_SECOND`: how many frames a socket may say in the long run; three seconds' worth at once.
    #[serde(default = "frames_per_second")]
    pub frames_per_second: NonZeroU32,
    /// `ROOST_LOG`: a tracing filter, such as `info` or `roost=debug`.
    #[serde(default = "log")]
    pub log: String,
}

/// What the embedded database may keep of what it read, and of what it has yet to sort into its files.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// As many as an HMAC-SHA-256 has (RFC 7518 §3.2).
const HOST_SECRET_MIN_BYTES: usize = 32;

const fn production() -> Stage {
    Stage::Production
}

fn addr() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 3000))
}

fn data() -> PathBuf {
    PathBuf::from("data")
}

const fn mail_per_second() -> f64 {
    1.0
}

const fn presence() -> bool {
    true
}

const fn frames_per_second() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(19)
}

fn log() -> String {
    "info".into()
}

fn listed(origins: &str) -> impl Iterator<Item = &str> {
    let all = origins.split([',', ' ']).map(str::trim);
    all.filter(|origin| !origin.is_empty())
}

fn check_origins<'a>(setting: &str, origins: impl Iterator<Item = &'a str>) -> Result<(), ConfigError> {
    for origin in origins {
        let parsed = url::Url::parse(origin)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        if parsed.is_none_or(|url| url.origin().ascii_serialization() != origin) {
            let why = format!("{setting} must be a list of origins as browsers write them, such as");
            let why = format!("{why} https://www.example.org, without a path; one of them is {origin:?}");
            return Err(ConfigError::Message(why));
        }
    }
    Ok(())
}

impl Settings {
    /// Reads `roost.toml` in the working directory, if there is one, and the environment.
    ///
    /// # Errors
    /// A sentence that names the setting that can't be understood.
    pub fn read() -> Result<Self, ConfigError> {
        let sources = Config::builder()
            .add_source(File::with_name("roost").required(false))
            .add_source(Environment::with_prefix("ROOST").ignore_empty(true));
        let settings: Self = sources.build()?.try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !(self.mail_per_second.is_finite() && self.mail_per_second > 0.0) {
            return Err(ConfigError::Message(
                "ROOST_MAIL_PER_SECOND must be a number above 0".into(),
            ));
        }
        let url = self.public_url();
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if rest.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
            let why =
                format!("ROOST_PUBLIC_URL must look like https://chat.example.org, without a path; it is {url:?}");
            return Err(ConfigError::Message(why));
        }
        if self.env == Stage::Production && self.smtp_url.is_some() && self.mail_from.is_none() {
            return Err(ConfigError::Message(
                "ROOST_MAIL_FROM must say who the mails are from".into(),
            ));
        }
        self.check_host()
    }

    fn check_host(&self) -> Result<(), ConfigError> {
        let refuse = |why: String| Err(ConfigError::Message(why));
        let trusts = self.host_jwt_secret.is_some() || self.host_jwks.is_some();
        for (name, value) in [
            ("ROOST_HOST_JWT_ISSUER", &self.host_jwt_issuer),
            ("ROOST_HOST_JWT_AUDIENCE", &self.host_jwt_audience),
        ] {
            match (trusts, value) {
                (true, None) => return refuse(format!("{name} must say what the host site's tokens name")),
                (false, Some(_)) => {
                    let why = "has no meaning without ROOST_HOST_JWT_SECRET or ROOST_HOST_JWKS";
                    return refuse(format!("{name} {why}"));
                }
                _ => {}
            }
        }
        if self
            .host_jwt_secret
            .as_ref()
            .is_some_and(|secret| secret.len() < HOST_SECRET_MIN_BYTES)
        {
            return refuse(format!(
                "ROOST_HOST_JWT_SECRET must have at least {HOST_SECRET_MIN_BYTES} bytes"
            ));
        }
        check_origins("ROOST_EMBED_ORIGINS", self.embed_origins())?;
        check_origins("ROOST_MAILBOX_ORIGINS", self.mailbox_origins())?;
        if self.env == Stage::Production && self.mailbox_lab != Laboratory::Off {
            return refuse("ROOST_MAILBOX_LAB lets anybody write anything; it is not for production".into());
        }
        Ok(())
    }

    /// The host site's origins.
    pub fn embed_origins(&self) -> impl Iterator<Item = &str> {
        listed(&self.embed_origins)
    }

    /// The origins of pages that may replicate mailboxes.
    pub fn mailbox_origins(&self) -> impl Iterator<Item = &str> {
        listed(&self.mailbox_origins)
    }

    /// Where people reach it, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        let url = self
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.addr));
        url.trim_end_matches('/').to_owned()
    }

    /// Whether people reach it by https.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url().starts_with("https://")
    }

    /// Whether there is `/dev`.
    #[must_use]
    pub fn development(&self) -> bool {
        self.env == Stage::Development
    }

    /// Where the database is. An acknowledged write is on the disk: `sync=every` (ARCHITECTURE.md, invariants). Left to
    /// itself the engine would take half of the machine's memory for its cache, and a gigabyte for what it gathers
    /// before writing.
    #[must_use]
    pub fn database(&self) -> String {
        let own = || {
            format!(
                "surrealkv://{}?sync=every&surrealkv_block_cache_capacity={CACHE_BYTES}\
                 &surrealkv_max_memtable_size={CACHE_BYTES}",
                self.data.join("db").display()
            )
        };
        match self.database.as_deref() {
            None | Some("surrealkv") => own(),
            Some(url) => url.to_owned(),
        }
    }

    /// Who the mails are from.
    #[must_use]
    pub fn mail_from(&self) -> String {
        self.mail_from
            .clone()
            .unwrap_or_else(|| "Roost <roost@localhost>".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Result<Settings, ConfigError> {
        let settings: Settings = Config::builder()
            .add_source(File::from_str(text, config::FileFormat::Toml))
            .build()?
            .try_deserialize()?;
        settings.check().map(|()| settings)
    }

    #[test]
    fn without_any_setting_it_is_a_production_server_on_loopback_that_syncs_every_write() {
        let settings = from("").expect("defaults");
        assert_eq!(settings.env, Stage::Production);
        assert_eq!(settings.public_url(), "http://127.0.0.1:3000");
        assert!(
            settings.database().starts_with("surrealkv://data/db?sync=every&"),
            "{}",
            settings.database()
        );
        assert!(!settings.secure());
    }

    #[test]
    fn trust_in_a_host_site_needs_a_long_secret_and_whose_and_for_whom_its_tokens_are() {
        let whose = "host_jwt_issuer = \"https://www.example.org\"\nhost_jwt_audience = \"roost\"\n";
        let secret = "host_jwt_secret = \"01234567890123456789012345678901\"\n";
        from(&format!("{whose}{secret}")).expect("reads");
        from(&format!("{whose}host_jwks = \"keys.json\"")).expect("reads");
        for (bad, names) in [
            (secret.to_owned(), "ROOST_HOST_JWT_ISSUER"),
            (format!("{secret}host_jwt_issuer = \"x\""), "ROOST_HOST_JWT_AUDIENCE"),
            ("host_jwks = \"keys.json\"".into(), "ROOST_HOST_JWT_ISSUER"),
            (whose.into(), "no meaning"),
            (
                format!("{whose}host_jwt_secret = \"0123456789012345678901234567890\""),
                "32 bytes",
            ),
        ] {
            let why = from(&bad).err().expect(&bad).to_string();
            assert!(why.contains(names), "{bad}: {why}");
        }
    }

    #[test]
    fn origins_of_a_host_site_are_as_browsers_write_them() {
        let settings = from("embed_origins = \"https://www.example.org, http://localhost:8080\"").expect("reads");
        let origins: Vec<&str> = settings.embed_origins().collect();
        assert_eq!(origins, ["https://www.example.org", "http://localhost:8080"]);
        for bad in [
            "*",
            "www.example.org",
            "https://www.example.org/",
            "https://www.example.org/shop",
            "https://www.example.org:443",
            "https://WWW.example.org",
            "javascript:alert(1)",
            "https://a.example; script-src *",
            "null",
        ] {
            assert!(from(&format!("embed_origins = {bad:?}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_a_sentence() {
        for bad in [
            "mail_per_second = 0",
            "public_url = \"chat.example.org\"",
            "public_url = \"https://a/b\"",
            "env = \"staging\"",
            "addr = \"nowhere\"",
            "smtp_url = \"smtp://localhost\"",
            "mailbox_origins = \"*\"",
            "mailbox_lab = \"on\"",
            "env = \"development\"\nmailbox_lab = \"maybe\"",
        ] {
            assert!(from(bad).is_err(), "{bad}");
        }
        let lab = from("env = \"development\"\nmailbox_lab = \"without_bulk_get\"").expect("reads");
        assert_eq!(lab.mailbox_lab, Laboratory::WithoutBulkGet);
        assert!(
            from("public_url = \"https://chat.example.org/\"")
                .expect("reads")
                .secure()
        );
    }
}
