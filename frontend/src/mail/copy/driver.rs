//! Replicates: does what the [`Replicator`]'s lanes want done, with the browser's database, network and clock.
//!
//! One window of an account does it (a Web Lock says which); the others hear of it. The lock goes to the next window when that one is
//! gone, however that came.

use super::{
    bell::Bell,
    glue::Net,
    hub::{Hub, Trouble, Why},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use sync::mailbox::{
    Seq,
    replica::{Batch, Commit, Store, StoreError},
    replicator::{Answer, Config, Failure, Lane, Method, Question, Replicator, Reply, Step, Stopped, read_reply},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

const LANES: [Lane; 2] = [Lane::Pull, Lane::Push];

#[derive(Default)]
struct Track {
    /// How often it began anew: what was under way before does not count.
    run: Cell<u64>,
    bell: Bell,
    request: RefCell<Option<AbortController>>,
    /// It waits after a failure, or stopped.
    waits: Cell<bool>,
    /// It asks the server something that is answered at once.
    busy: Cell<bool>,
}

/// The replicator of this window.
pub struct Driver {
    hub: Rc<Hub>,
    replicator: RefCell<Replicator>,
    tracks: [Track; 2],
    /// How many changes the server has.
    target: Cell<u64>,
    settled: Box<dyn Fn()>,
}

/// Replicates from now on, as long as the page lives. `settled` is called whenever all that the server had is here.
pub fn drive(hub: &Rc<Hub>, settled: impl Fn() + 'static) {
    hub.leads.set(true);
    let driver = Rc::new(Driver {
        hub: hub.clone(),
        replicator: RefCell::new(anew(hub)),
        tracks: Default::default(),
        target: Cell::new(0),
        settled: Box::new(settled),
    });
    let woken = driver.clone();
    hub.hurry.replace(Some(Box::new(move |why| woken.wake(why))));
    for lane in LANES {
        spawn_local(driver.clone().run(lane));
    }
}

fn anew(hub: &Hub) -> Replicator {
    Replicator::new(&Config::new(&hub.device(), &super::browser::random()))
}

impl Driver {
    const fn track(&self, lane: Lane) -> &Track {
        match lane {
            Lane::Pull => &self.tracks[0],
            Lane::Push => &self.tracks[1],
        }
    }

    fn wake(&self, why: Why) {
        if why == Why::Wrote {
            // Sleep ends; a pause after a failure does not: what failed is tried when its time comes.
            let push = self.track(Lane::Push);
            if !push.waits.get() {
                push.bell.ring();
            }
            return;
        }
        if why == Why::Reborn {
            self.replicator.replace(anew(&self.hub));
        }
        for lane in LANES {
            let track = self.track(lane);
            if why == Why::Hurry && !track.waits.get() {
                track.bell.ring();
                continue;
            }
            track.run.set(track.run.get() + 1);
            self.replicator.borrow_mut().wake(lane);
            if let Some(request) = track.request.take() {
                request.abort();
            }
            track.bell.ring();
        }
    }

    async fn run(self: Rc<Self>, lane: Lane) {
        loop {
            let track = self.track(lane);
            let run = track.run.get();
            let step = self.replicator.borrow().next(lane);
            let answer = self.carry_out(lane, step).await;
            if track.run.get() != run {
                continue;
            }
            let wakes = self.replicator.borrow_mut().done(lane, answer, js_sys::Math::random());
            if wakes {
                self.wake(Why::Wrote);
            }
            self.look();
        }
    }

    async fn carry_out(&self, lane: Lane, step: Step) -> Answer {
        let track = self.track(lane);
        match step {
            Step::Read(read) => match self.hub.copy().await {
                Ok(copy) => match copy.read(&read).await {
                    Ok(found) => Answer::Found(found),
                    Err(error) => self.store_failed(error).await,
                },
                Err(error) => self.store_failed(error).await,
            },
            Step::Commit(batch) => self.commit(&batch).await,
            Step::Ask(question) => {
                let waits = matches!(*question, Question::Changes { wait: true, .. });
                track.busy.set(!waits);
                self.look();
                let answer = self.ask(track, &question).await;
                track.busy.set(false);
                answer
            }
            Step::Wait(pause) => {
                track.waits.set(true);
                track.bell.heard_within(pause).await;
                track.waits.set(false);
                Answer::Woken
            }
            Step::Sleep => {
                self.look();
                track.bell.heard().await;
                Answer::Woken
            }
            Step::Stop(why) => {
                self.stopped(&why);
                track.waits.set(true);
                track.bell.heard().await;
                track.waits.set(false);
                Answer::Woken
            }
        }
    }

    async fn commit(&self, batch: &Batch) -> Answer {
        let copy = match self.hub.copy().await {
            Ok(copy) => copy,
            Err(error) => return self.store_failed(error).await,
        };
        match copy.commit(batch).await {
            Ok(commit) => {
                if commit == Commit::Done {
                    self.hub.change(|standing| standing.broken = None);
                    self.hub.replicated(!batch.docs.is_empty() || !batch.remove.is_empty());
                }
                Answer::Committed(commit)
            }
            Err(error) => self.store_failed(error).await,
        }
    }

    /// A database that was wiped is opened anew, which wakes both lanes with another replicator.
    async fn store_failed(&self, error: StoreError) -> Answer {
        if error == StoreError::Lost {
            _ = self.hub.copy().await;
        }
        Answer::StoreFailed(error)
    }

    async fn ask(&self, track: &Track, question: &Question) -> Answer {
        let Ok(request) = AbortController::new() else {
            return Answer::Failed(Failure::Silence);
        };
        let signal = request.signal();
        track.request.replace(Some(request));
        let answered = post(&self.hub.net, &self.hub.address, question, &signal).await;
        track.request.take();
        let Some((status, text, server)) = answered else {
            self.hub.change(|standing| standing.online = false);
            return Answer::Failed(Failure::Silence);
        };
        self.learn(server);
        self.hub.change(|standing| standing.online = status < 500);
        // What is no JSON is no answer; `null` may be one.
        let body = serde_json::from_str(&text).unwrap_or(serde_json::Value::Bool(false));
        match read_reply(question, status, body) {
            Ok(reply) => {
                self.hub.change(|standing| {
                    standing.signed_out = false;
                    standing.gone = false;
                });
                self.progress(&reply);
                Answer::Told(reply)
            }
            Err(failure) => Answer::Failed(failure),
        }
    }

    fn learn(&self, server: u64) {
        if server > 0 {
            let mut clock = self.hub.clock.get();
            clock.learn(server, super::browser::now());
            self.hub.clock.set(clock);
        }
    }

    /// Says how far a first filling is.
    fn progress(&self, reply: &Reply) {
        let number = |seq: &str| seq.parse::<Seq>().map(|seq| seq.number).unwrap_or(0);
        match reply {
            Reply::Info(seq) => self.target.set(number(seq)),
            Reply::Changes { last_seq, .. } => {
                let came = number(last_seq);
                let target = self.target.get().max(came);
                self.hub.change(|standing| {
                    standing.filling = (!standing.complete).then_some((came, target));
                });
            }
            _ => {}
        }
    }

    /// Looks how it stands now.
    fn look(&self) {
        let (caught_up, at_rest) = {
            let replicator = self.replicator.borrow();
            (replicator.is_caught_up(), replicator.is_at_rest())
        };
        let before = self.hub.standing();
        let busy = self.tracks.iter().any(|track| track.busy.get());
        self.hub.change(|standing| {
            standing.busy = busy;
            if at_rest && !busy && (before.busy || standing.agreed_at.is_none()) {
                standing.agreed_at = Some(super::browser::now().cast_signed());
            }
        });
        if caught_up && !before.complete {
            let hub = self.hub.clone();
            spawn_local(async move { hub.completed().await });
        }
        if caught_up && before.busy && !busy {
            (self.settled)();
        }
    }

    fn stopped(&self, why: &Stopped) {
        self.hub.change(|standing| match why {
            Stopped::SignedOut => standing.signed_out = true,
            Stopped::Gone => standing.gone = true,
            Stopped::Store(error) => standing.broken = Some(Trouble::from(error)),
        });
    }
}

/// Asks the server: the status, the text and the server's time.
async fn post(
    net: &Net,
    address: &str,
    question: &Question,
    signal: &web_sys::AbortSignal,
) -> Option<(u16, String, u64)> {
    let request = question.request();
    let method = match request.method {
        Method::Get => "GET",
        Method::Put => "PUT",
        Method::Post => "POST",
    };
    let body = request.body.map(|body| body.to_string());
    let deadline = question.deadline();
    let total = deadline.total.map_or(0.0, |total| total.as_secs_f64() * 1_000.0);
    let silence = deadline.silence.as_secs_f64() * 1_000.0;
    let address = format!("{address}{}", request.path);
    let answer = net
        .ask(method, &address, body.as_deref(), silence, total, signal, false)
        .await;
    let parts = js_sys::Array::from(&answer.ok()?);
    Some((status(&parts.get(0))?, parts.get(1).as_string()?, millis(&parts.get(2))))
}

/// A status as the browser says it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "three digits")]
pub fn status(value: &JsValue) -> Option<u16> {
    value.as_f64().map(|status| status as u16)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds of this era"
)]
fn millis(value: &JsValue) -> u64 {
    value.as_f64().map_or(0, |millis| millis as u64)
}
