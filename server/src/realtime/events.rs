//! `GET /api/v1/events`: the same frames as the socket's, as server-sent events, for programs that only listen. What they
//! have to say goes over REST.

use super::{
    frames::encode,
    hub::{End, Hub, Place},
    origin,
};
use crate::{
    boot::App,
    http::{problem::Problem, visitor::Member},
};
use axum::{
    extract::{State, ws::Utf8Bytes},
    http::{HeaderMap, HeaderName},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{Actor, accounts};
use futures::stream;
use model::{
    Code,
    realtime::{ByeReason, ServerFrame},
};
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// A comment goes out when nothing else did for this long, so that nobody between takes the silence for an end.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long one frame may wait for a listener that does not read; then its place in the hub is given up.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// How often to ask whether the session still lives, should the wake-up that says so be lost.
const RECHECK_EVERY: Duration = Duration::from_secs(60);
/// nginx keeps answers back until they are large, unless it is told not to.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Tells a member what happens, for as long as they listen.
///
/// # Errors
/// `foreign_origin`; `not_signed_in`; `forbidden` for API keys.
pub async fn open(State(app): State<App>, Member(actor): Member, headers: HeaderMap) -> Result<Response, Problem> {
    if !origin::is_ours(&headers, &app.settings.public_url()) {
        return Err(Code::ForeignOrigin.into());
    }
    Ok(listen(app.hub, actor, HEARTBEAT))
}

/// The answer that does not end by itself.
fn listen(hub: Hub, actor: Actor, heartbeat: Duration) -> Response {
    // One frame at a time: all that waits, waits in the hub's queue, whose length is bounded.
    let (said, heard) = mpsc::channel(1);
    let place = hub.join(actor.id(), actor.session);
    tokio::spawn(tell(hub, place, actor, said));
    let events = stream::unfold(heard, |mut heard| async {
        let text = heard.recv().await?;
        Some((Ok::<_, Infallible>(event(&text)), heard))
    });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(heartbeat));
    ([UNBUFFERED], events).into_response()
}

/// A frame as an event of its type.
fn event(text: &str) -> Event {
    Event::default().event(kind_of(text)).data(text)
}

/// The `type` of a frame, which is written first but for its version.
fn kind_of(text: &str) -> &str {
    let kind = text
        .split_once(r#""type":""#)
        .and_then(|(_, rest)| rest.split_once('"'));
    kind.map_or("message", |(kind, _)| kind)
}

/// Says what there is to say, until the listener goes or is ended.
async fn tell(hub: Hub, mut place: Place, actor: Actor, said: mpsc::Sender<Utf8Bytes>) {
    let ready = encode(&ServerFrame::Ready {
        account: actor.account.clone(),
        session: actor.session,
    });
    let end = {
        let Place { frames, end, .. } = &mut place;
        tokio::select! {
            biased;
            end = end => end.unwrap_or(End::Behind),
            () = said.closed() => return,
            () = pass_on(ready, frames, &said) => return,
            () = until_signed_out(&hub, &actor) => End::Bye(ByeReason::SignedOut),
        }
    };
    // What waited is let go first: whoever is behind may take long to hear that they are.
    drop(place);
    let last = match end {
        End::Behind => ServerFrame::Resync,
        End::Bye(reason) => ServerFrame::Bye { reason },
    };
    say(&said, encode(&last)).await;
}

/// One frame after the other, until nobody takes them.
async fn pass_on(first: Utf8Bytes, frames: &mut mpsc::Receiver<Utf8Bytes>, said: &mpsc::Sender<Utf8Bytes>) {
    let mut next = Some(first);
    while let Some(text) = next {
        if !say(said, text).await {
            return;
        }
        next = frames.recv().await;
    }
}

async fn until_signed_out(hub: &Hub, actor: &Actor) {
    loop {
        sleep(RECHECK_EVERY).await;
        if let Ok(false) = accounts::session_lives(hub.env(), actor.session).await {
            return;
        }
    }
}

/// Hands a frame to the answer's body; `false` when nobody takes it any more.
async fn say(said: &mpsc::Sender<Utf8Bytes>, text: Utf8Bytes) -> bool {
    matches!(timeout(WRITE_WITHIN, said.send(text)).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fixtures;
    use futures::StreamExt;
    use model::samples::ADA;

    #[test]
    fn an_event_is_named_after_the_type_of_its_frame() {
        let bye = ServerFrame::Bye {
            reason: ByeReason::Shutdown,
        };
        assert_eq!(kind_of(&encode(&bye)), "bye");
        let conversation = uuid::Uuid::nil().into();
        let gone = ServerFrame::ConversationGone { conversation };
        assert_eq!(kind_of(&encode(&gone)), "conversation_gone");
        assert_eq!(kind_of(&encode(&ServerFrame::Resync)), "resync");
    }

    #[tokio::test]
    async fn a_listener_hears_a_heartbeat_when_nothing_happens_and_gives_its_place_up_by_going() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let (hub, id) = (Hub::new(env), ada.id());
        let answer = listen(hub.clone(), ada, Duration::from_millis(20));
        let mut body = answer.into_body().into_data_stream();
        let mut hear = async || {
            let bytes = body.next().await.expect("more").expect("bytes");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        assert!(
            hear()
                .await
                .starts_with("event: ready\ndata: {\"v\":1,\"type\":\"ready\",")
        );
        assert_eq!(hear().await, ":\n\n", "a comment");
        assert!(hub.anybody(&[id]));
        drop(body);
        while hub.anybody(&[id]) {
            tokio::task::yield_now().await;
        }
    }
}
