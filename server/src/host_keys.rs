//! The public keys of the host site: read from a file or fetched, and kept fresh. What they are good for, the domain says
//! ([`HostTrust`]).

use crate::config::Settings;
use domain::accounts::{HostRules, HostTrust};
use reqwest::{
    Client, Url,
    redirect::{Attempt, Policy},
};
use std::{error::Error, path::PathBuf, pin::pin, sync::Arc, time::Duration};
use tokio::{io::AsyncReadExt, time::sleep};

/// How often the keys are looked at again.
const EVERY: Duration = Duration::from_secs(600);
/// The same, after it did not work.
const AFTER_A_FAILURE: Duration = Duration::from_secs(60);
/// Tokens with unknown keys cause no more looks than this.
const AT_MOST_EVERY: Duration = Duration::from_secs(30);
/// How long a look may take.
const WITHIN: Duration = Duration::from_secs(5);
/// The largest set that is read.
const MAX_BYTES: usize = 256 * 1024;
/// How often a server may send us on.
const REDIRECTS: usize = 3;

type Failure = Box<dyn Error + Send + Sync>;

/// Whom the settings trust.
#[must_use]
pub fn trust(settings: &Settings) -> HostTrust {
    let (Some(issuer), Some(audience)) = (settings.host_jwt_issuer.clone(), settings.host_jwt_audience.clone()) else {
        return HostTrust::default();
    };
    let rules = HostRules {
        issuer,
        audience,
        link_email: settings.host_jwt_link_email,
    };
    HostTrust::new(rules, settings.host_jwt_secret.as_deref(), settings.host_jwks.is_some())
}

/// Where the keys come from.
pub enum Source {
    /// From a file on this machine.
    File(PathBuf),
    /// From a server.
    Url(Box<Url>, Client),
}

impl Source {
    /// The source that the settings name, if any.
    ///
    /// # Errors
    /// A sentence, when it is a URL that can't be one.
    pub fn of(settings: &Settings) -> Result<Option<Self>, Box<dyn Error>> {
        let Some(place) = settings.host_jwks.as_deref() else {
            return Ok(None);
        };
        if !place.starts_with("http://") && !place.starts_with("https://") {
            return Ok(Some(Self::File(place.into())));
        }
        let url = Url::parse(place).map_err(|error| format!("ROOST_HOST_JWKS is no URL: {error}"))?;
        if url.scheme() == "http" && !is_here(&url) {
            tracing::warn!("ROOST_HOST_JWKS is fetched without TLS: whoever sits in between can make tokens");
        }
        let client = Client::builder()
            .timeout(WITHIN)
            .redirect(Policy::custom(stay_there))
            .user_agent(concat!("roost/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Some(Self::Url(Box::new(url), client)))
    }

    /// At the start, a file has to be there. A server may be away; it is asked again.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file.
    pub async fn check(&self, host: &HostTrust) -> Result<(), Box<dyn Error>> {
        if let Self::File(path) = self {
            let explain = |why: &dyn std::fmt::Display| format!("ROOST_HOST_JWKS: {}: {why}", path.display());
            let text = self.read().await.map_err(|error| explain(&error))?;
            host.set_keys(&text).map_err(|why| explain(&why))?;
        }
        Ok(())
    }

    async fn read(&self) -> Result<Vec<u8>, Failure> {
        match self {
            Self::File(path) => {
                let mut text = Vec::new();
                let file = tokio::fs::File::open(path).await?;
                file.take(MAX_BYTES as u64 + 1).read_to_end(&mut text).await?;
                if text.len() > MAX_BYTES {
                    return Err(too_large());
                }
                Ok(text)
            }
            Self::Url(url, client) => {
                let mut response = client.get((**url).clone()).send().await?.error_for_status()?;
                let mut text = Vec::new();
                while let Some(chunk) = response.chunk().await? {
                    text.extend_from_slice(&chunk);
                    if text.len() > MAX_BYTES {
                        return Err(too_large());
                    }
                }
                Ok(text)
            }
        }
    }
}

fn too_large() -> Failure {
    format!("it has more than {MAX_BYTES} bytes").into()
}

fn is_here(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Another host would be another whom we trust, and so would the same without TLS.
fn stay_there(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let first = attempt.previous().first();
    let same = first
        .is_some_and(|first| first.host_str() == attempt.url().host_str() && first.scheme() == attempt.url().scheme());
    if same && attempt.previous().len() <= REDIRECTS {
        attempt.follow()
    } else {
        attempt.error("it sends us elsewhere")
    }
}

/// Keeps the keys fresh, for ever: every ten minutes, and when a token names one that is not there. When a look does not
/// succeed, the keys so far stay good.
pub async fn keep(source: Source, host: Arc<HostTrust>) {
    loop {
        let next = match look(&source, &host).await {
            Ok(count) => {
                tracing::info!(count, "the keys of the host site are fresh");
                EVERY
            }
            Err(error) => {
                tracing::warn!(%error, "could not get the keys of the host site; those so far stay good");
                AFTER_A_FAILURE
            }
        };
        host.keys_looked_for();
        let mut quiet = pin!(sleep(AT_MOST_EVERY));
        loop {
            tokio::select! {
                () = &mut quiet => break,
                // These are as fresh as they get for now.
                () = host.keys_wanted() => host.keys_looked_for(),
            }
        }
        tokio::select! {
            () = sleep(next.saturating_sub(AT_MOST_EVERY)) => {}
            () = host.keys_wanted() => {}
        }
    }
}

/// Looks once; says how many keys there are.
///
/// # Errors
/// When there is none, or they can't be read.
pub async fn look(source: &Source, host: &HostTrust) -> Result<usize, Failure> {
    Ok(host.set_keys(&source.read().await?)?)
}
