//! Feeds: answers that go on as long as there is something to tell. A feed hears of changes at once, looks for them now and
//! then without having heard, gives a sign of life when there are none, and ends when whoever listens would not be let in
//! any more.

use super::{
    Door,
    answer::Refused,
    bulk::broken_off,
    changes::row_of,
    dispatch::Call,
    out::{Out, told},
    text::text_of,
};
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    accounts,
    mailbox::{self, ChangesPage, ChangesQuery, Fault, Listening, Since},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

/// How often to look without being woken: a wake-up of another process can be lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Changes that are told at once, without and with their documents.
const PAGE: u64 = 1_000;
const PAGE_OF_DOCS: u64 = 64;
/// Feeds that one account may have open.
const FEEDS_MAX: usize = 32;
/// nginx keeps answers back until they are large, unless it is told not to.
const UNBUFFERED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// How changes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One answer, as soon as there is something.
    Longpoll,
    /// A line for each, without end.
    Continuous,
    /// Server-sent events.
    EventSource,
}

/// What is told, and how.
pub struct Feed {
    pub kind: Kind,
    pub wanted: ChangesQuery,
    /// A sign of life after so long a silence.
    pub heartbeat: Duration,
    /// The end after so long a silence.
    pub timeout: Option<Duration>,
}

/// Who has feeds open, and how many.
#[derive(Default)]
pub struct Feeds(Mutex<HashMap<Uuid, usize>>);

/// A place in [`Feeds`]; dropping it gives it up.
struct Place(Arc<Feeds>, Uuid);

impl Feeds {
    fn take(self: &Arc<Self>, mailbox: Uuid) -> Result<Place, Fault> {
        let mut open = self.lock();
        let count = open.entry(mailbox).or_default();
        if *count >= FEEDS_MAX {
            return Err(Fault::TooMany("Too many feeds of this mailbox are open.".into(), 5));
        }
        *count += 1;
        Ok(Place(Arc::clone(self), mailbox))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.0.lock();
        if let Some(count) = open.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.1);
            }
        }
    }
}

/// Opens a feed.
///
/// # Errors
/// 429 for too many of one account, and what is wrong with what is asked.
pub async fn open(call: Call, feed: Feed) -> Result<Response, Refused> {
    let place = match call.door.is_laboratory {
        true => None,
        false => Some(call.door.feeds.take(call.mailbox.id())?),
    };
    let mut watch = Watch::new(&call, feed.timeout);
    let mut feed = feed;
    feed.wanted.descending = false;
    let mut left = feed.wanted.limit.map(|limit| limit.max(1));
    let page = next_page(&call, &mut feed, left).await?;
    let kind = feed.kind;
    let body = told(move |mut out: Out| async move {
        let _place = place;
        let mut page = page;
        let mut is_first = true;
        out.say(begin(kind)).await?;
        loop {
            let told = page.results.len() as u64;
            for row in std::mem::take(&mut page.results) {
                out.say(row_in(&call.door, kind, row, std::mem::take(&mut is_first)))
                    .await?;
            }
            left = left.map(|left| left.saturating_sub(told));
            let is_done = left == Some(0) || (kind == Kind::Longpoll && !is_first);
            if is_done || (told == 0 && !watch.wait(&call, &feed, &mut out).await?) {
                return out.say(end(&call.door, kind, &page)).await;
            }
            if told > 0 {
                watch.rest();
            }
            page = match next_page(&call, &mut feed, left).await {
                Ok(page) => page,
                // The mailbox is gone, or can't be read: the client comes again, and hears why.
                Err(refused) => return Err(broken_off(&refused)),
            };
        }
    });
    let content_type = match kind {
        Kind::EventSource => "text/event-stream",
        Kind::Longpoll | Kind::Continuous => "application/json",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        UNBUFFERED,
    ];
    Ok((headers, body).into_response())
}

/// All changes there are, a page at a time.
pub fn all_pages(call: Call, mut wanted: ChangesQuery) -> Response {
    let most = if wanted.include_docs { PAGE_OF_DOCS } else { PAGE };
    wanted.limit = Some(most);
    let body = told(move |mut out: Out| async move {
        let mut is_first = true;
        out.say(begin(Kind::Longpoll)).await?;
        loop {
            let page = mailbox::list_changes(&call.door.app.env, &call.mailbox, &wanted).await;
            let mut page = page.map_err(|failure| broken_off(&failure.into()))?;
            let count = page.results.len() as u64;
            let rows = std::mem::take(&mut page.results).into_iter();
            let rows: String = rows
                .map(|row| row_in(&call.door, Kind::Longpoll, row, std::mem::take(&mut is_first)))
                .collect();
            out.say(rows).await?;
            if count < most {
                return out.say(end(&call.door, Kind::Longpoll, &page)).await;
            }
            wanted.since = Since::Seq(page.last_seq);
        }
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, body).into_response()
}

/// The next changes; whoever reads on begins behind them.
async fn next_page(call: &Call, feed: &mut Feed, left: Option<u64>) -> Result<ChangesPage, Refused> {
    let most = if feed.wanted.include_docs { PAGE_OF_DOCS } else { PAGE };
    feed.wanted.limit = Some(left.unwrap_or(most).min(most));
    let page = mailbox::list_changes(&call.door.app.env, &call.mailbox, &feed.wanted).await?;
    feed.wanted.since = Since::Seq(page.last_seq.clone());
    Ok(page)
}

fn begin(kind: Kind) -> String {
    match kind {
        Kind::Longpoll => "{\"results\":[\n".into(),
        Kind::Continuous | Kind::EventSource => String::new(),
    }
}

fn row_in(door: &Door, kind: Kind, row: mailbox::ChangeRow, is_first: bool) -> String {
    let seq = row.seq.clone();
    let text = text_of(&Value::Object(row_of(door, row)));
    match kind {
        Kind::Longpoll if is_first => text,
        Kind::Longpoll => format!(",\n{text}"),
        Kind::Continuous => format!("{text}\n"),
        Kind::EventSource => format!("data: {text}\nid: {seq}\n\n"),
    }
}

fn end(door: &Door, kind: Kind, page: &ChangesPage) -> String {
    let (last_seq, pending) = (door.sequence(&page.last_seq), page.pending);
    match kind {
        Kind::Longpoll => format!("\n],\n\"last_seq\":{last_seq},\"pending\":{pending}}}\n"),
        Kind::Continuous => format!("{}\n", json!({"last_seq": last_seq, "pending": pending})),
        Kind::EventSource => String::new(),
    }
}

/// A sign of life that means nothing.
const fn heartbeat(kind: Kind) -> &'static str {
    match kind {
        Kind::Longpoll | Kind::Continuous => "\n",
        Kind::EventSource => "event: heartbeat\ndata: \n\n",
    }
}

/// Waits until the server stops.
async fn closed(closing: &mut watch::Receiver<bool>) {
    // The guard of what was seen must not be held while others wait.
    let _ = closing.wait_for(|closing| *closing).await.map(|_| ());
}

/// What a feed waits for.
struct Watch {
    listening: Listening,
    revoked: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    until: Option<Instant>,
    timeout: Option<Duration>,
}

impl Watch {
    /// Hears everything from here on, so nothing falls between reading and waiting.
    fn new(call: &Call, timeout: Option<Duration>) -> Self {
        let app = &call.door.app;
        let mut watch = Self {
            listening: mailbox::listen(&app.env, &call.mailbox),
            revoked: accounts::revocations(&app.env),
            closing: app.hub.closing(),
            until: None,
            timeout,
        };
        watch.rest();
        watch
    }

    /// The silence begins anew.
    fn rest(&mut self) {
        self.until = self.timeout.map(|timeout| Instant::now() + timeout);
    }

    /// Waits until there may be something to tell; `false` when it is time to end.
    async fn wait(&mut self, call: &Call, feed: &Feed, out: &mut Out) -> io::Result<bool> {
        let look = Instant::now() + LOOK_EVERY;
        loop {
            let far = Instant::now() + Duration::from_secs(3_600);
            tokio::select! {
                () = self.listening.rung() => return Ok(true),
                () = sleep_until(look) => return Ok(call.guest.pass.is_good(&call.door.app).await),
                () = sleep_until(out.last_said() + feed.heartbeat) => out.say(heartbeat(feed.kind).into()).await?,
                () = sleep_until(self.until.unwrap_or(far)), if self.until.is_some() => return Ok(false),
                Ok(()) = self.revoked.changed() => {
                    if !call.guest.pass.is_good(&call.door.app).await {
                        return Ok(false);
                    }
                }
                () = closed(&mut self.closing) => return Ok(false),
                () = out.closed() => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
    }
}
