//! How everything is put together.

use crate::{
    assets::Site,
    config::Settings,
    control::server::Control,
    host_keys,
    http::connection,
    indexer,
    mailer::{self, Transport},
    realtime::{self, Hub},
    router,
};
use axum::serve::ListenerExt;
use domain::{
    Db, Env, accounts,
    db::Credentials,
    env::{SystemClock, SystemRandom},
};
use std::{error::Error, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long open requests may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How often expired codes, sessions and sign-ups are cleared away, and the signing keys looked after.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// What every door of the machine needs.
#[derive(Clone)]
pub struct App {
    /// The world.
    pub env: Env,
    /// The settings.
    pub settings: Arc<Settings>,
    /// Who listens.
    pub hub: Hub,
    /// The built files of the screens.
    pub site: Arc<Site>,
}

/// A server that listens, but does not answer yet.
pub struct Booted {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What its doors need.
    pub app: App,
    listener: TcpListener,
    transport: Transport,
    host_keys: Option<host_keys::Source>,
    admin_code: Option<String>,
    control: Option<Control>,
}

/// Opens the world and takes the address.
///
/// # Errors
/// A sentence that says what is in the way.
pub async fn boot(settings: Settings) -> Result<Booted, Box<dyn Error>> {
    let listener = TcpListener::bind(settings.addr).await.map_err(|error| {
        explain(
            &error,
            &format!("can't listen on {} (is Roost running already?)", settings.addr),
        )
    })?;
    let mut env = open_env(&settings).await?;
    env.host = Arc::new(host_keys::trust(&settings));
    let host_keys = host_keys::Source::of(&settings)?;
    if let Some(source) = &host_keys {
        source.check(&env.host).await?;
    }
    let admin_code = accounts::offer_admin(&env).await?;
    let transport = Transport::from_settings(&settings)?;
    let app = App {
        hub: if settings.presence {
            Hub::new(env.clone())
        } else {
            Hub::without_presence(env.clone())
        },
        site: Arc::new(Site::find()?),
        settings: Arc::new(settings),
        env,
    };
    Ok(Booted {
        addr: listener.local_addr()?,
        control: Control::open(&app.settings.data).await,
        app,
        listener,
        transport,
        host_keys,
        admin_code,
    })
}

/// Opens the world that the settings tell of.
///
/// # Errors
/// A sentence that says what is in the way.
pub(crate) async fn open_env(settings: &Settings) -> Result<Env, Box<dyn Error>> {
    // Two TLS stacks are linked in; one must be named before either is used. A second boot in one process finds it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if settings.database().starts_with("surrealkv://") {
        let why = format!("can't write to {} (set ROOST_DATA)", settings.data.display());
        std::fs::create_dir_all(&settings.data).map_err(|error| explain(&error, &why))?;
    }
    let credentials = settings.database_user.clone().zip(settings.database_pass.clone());
    let credentials = credentials.map(|(user, password)| Credentials { user, password });
    let db = Db::connect(&settings.database(), credentials).await.map_err(|error| {
        format!(
            "can't open the database {} (does another Roost use it?): {error}",
            settings.database()
        )
    })?;
    let site = domain::env::Site {
        public_url: settings.public_url(),
        mails_per_second: settings.mail_per_second,
        keep_sent_mail: settings.development(),
        single_session: settings.single_session,
    };
    Ok(Env::open(db, site, Arc::new(SystemClock), Arc::new(SystemRandom)).await?)
}

fn explain(error: &io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

impl Booted {
    /// Prints the links that a person who starts Roost needs.
    #[expect(clippy::print_stdout, reason = "these lines are for the person at the terminal")]
    pub fn greet(&self) {
        let url = self.app.settings.public_url();
        println!("\n  Roost is at        {url}");
        if self.app.settings.development() {
            println!("  Its mails are at   {url}{}", app::routes::DEV_MAIL);
        }
        if let Some(code) = &self.admin_code {
            println!("  Be its first administrator (good once, for a day):\n                     {url}/setup/{code}");
        }
        println!();
    }

    /// Answers until `stop`, then ends in order: sockets are told to come back, requests may finish, the mail in hand
    /// is sent.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Box<dyn Error>> {
        let token = CancellationToken::new();
        let tasks = TaskTracker::new();
        let env = self.app.env.clone();
        tasks.spawn(realtime::listen(self.app.hub.clone(), token.child_token()));
        tasks.spawn(mailer::run(env.clone(), self.transport, token.child_token()));
        tasks.spawn(token.child_token().run_until_cancelled_owned(sweep(env.clone())));
        tasks.spawn(token.child_token().run_until_cancelled_owned(indexer::run(env.clone())));
        if let Some(control) = self.control {
            tasks.spawn(control.answer(env.clone(), token.child_token()));
        }
        let revoked = self.app.hub.clone().follow_revocations();
        tasks.spawn(token.child_token().run_until_cancelled_owned(revoked));
        if let Some(source) = self.host_keys {
            let kept = host_keys::keep(source, Arc::clone(&env.host));
            tasks.spawn(token.child_token().run_until_cancelled_owned(kept));
        }
        tasks.close();
        let stopping = {
            let (hub, token) = (self.app.hub.clone(), token.clone());
            async move {
                stop.await;
                tracing::info!("stopping");
                hub.say_goodbye();
                token.cancel();
            }
        };
        let service = router::router(self.app).into_make_service_with_connect_info::<SocketAddr>();
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = connection::prepare(stream, connection::STALLED_FOR) {
                tracing::debug!(%error, "could not set a connection up");
            }
        });
        let serving = axum::serve(listener, service).with_graceful_shutdown(stopping);
        let deadline = async {
            token.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = serving.into_future() => served?,
            () = deadline => tracing::warn!("some requests did not end in time"),
        }
        token.cancel();
        if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
        Ok(())
    }
}

async fn sweep(env: Env) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = accounts::sweep(&env).await {
            tracing::warn!(%error, "could not clear away what has expired");
        }
        if let Err(error) = accounts::turn_keys(&env).await {
            tracing::warn!(%error, "could not look after the signing keys");
        }
    }
}
