//! The log on the screen: a bounded part of it ([`Frame`]), wherever somebody reads.
//!
//! The scroller runs from the bottom up (`flex-direction: column-reverse` in the style), so the newest message is in sight
//! without a script. When lines come or go above or below what is read, it must not move: the first line in sight and its
//! place are looked up right before every change of the lines, and that line is put back there right after it.

use super::{
    frame::Frame,
    line::{EventLine, MessageLine},
    rows::{Row, lay_out},
    store::{Store, use_store},
};
use crate::{
    routes,
    time::use_wall,
    ui::{Icon, IconName, focus, key_is_plain},
};
use leptos::{ev, html::Div, prelude::*};
use model::{ClientId, ConversationId, Person};
use sync::Log;
use wasm_bindgen::JsCast;

/// Nearer to either end of what is shown than this, more is shown, or asked for.
const NEAR: f64 = 600.0;
/// Nearer to the top than this, older messages are asked for by the wish to go up alone.
const AT_TOP: f64 = 240.0;
/// Further from the end than this, there is a way back to it.
const FAR_FROM_END: f64 = 160.0;

/// A line, and how far below the top of the scroller it is.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    seq: u64,
    top: f64,
}

/// The scroller and what it knows. Copying it copies a handle.
#[derive(Clone, Copy)]
struct Scroller {
    id: ConversationId,
    store: Store,
    place: NodeRef<Div>,
    frame: RwSignal<Frame>,
    /// Whether the end is out of sight.
    far: RwSignal<bool>,
    /// Whether the mark before what is new is above what is in sight.
    fresh_above: RwSignal<bool>,
    anchor: StoredValue<Option<Anchor>>,
    /// Whether a look is due with the next picture.
    due: StoredValue<bool>,
}

/// The part of the log that is shown, and the ways to more.
#[component]
pub fn MessageList(id: ConversationId, fresh_after: RwSignal<Option<u64>>) -> impl IntoView {
    let store = use_store();
    let wall = use_wall();
    let log = store.log(id);
    let scroller = Scroller {
        id,
        store,
        place: NodeRef::new(),
        frame: RwSignal::default(),
        far: RwSignal::new(false),
        fresh_above: RwSignal::new(false),
        anchor: StoredValue::new(None),
        due: StoredValue::new(false),
    };
    let me = store.me.get_untracked().map_or_else(nobody, |me| me.person());
    let rows = {
        let log = log.clone();
        move || {
            scroller.before_change();
            log.with(|log| lay_out(log, scroller.frame.get(), &me, wall.get(), fresh_after.get()))
        }
    };
    scroller.follow_links();
    scroller.follow_what_i_write(log.clone());
    on_cleanup(move || {
        store.looking.update_value(|looking| _ = looking.remove(&id));
        store
            .linked
            .maybe_update(|linked| linked.take_if(|(at, _)| *at == id).is_some());
    });
    let shown = {
        let log = log.clone();
        Memo::new(move |_| log.with(|log| scroller.frame.get().of(log)))
    };
    let (older_log, newer_log, quiet_log) = (log.clone(), log.clone(), log);
    let older = Memo::new(move |_| {
        let (start, ..) = shown.get()?;
        older_log.with(|log| log.has_older().then_some(start))
    });
    let newer = Memo::new(move |_| {
        let (_, end, _) = shown.get()?;
        newer_log.with(|log| log.has_newer().then_some(end))
    });
    let opened =
        Memo::new(move |_| quiet_log.with(|log| (log.opened(), log.messages().len() + log.queue.iter().count() > 0)));
    let to_fresh = move || {
        let read = fresh_after.get()?;
        let (start, ..) = shown.get()?;
        (scroller.fresh_above.get() || (start > read + 1 && older.get().is_some())).then_some(read + 1)
    };
    view! {
        <div class="log-place">
            <div
                class="log"
                node_ref=scroller.place
                role="log"
                aria-label="Messages"
                aria-live="off"
                tabindex="0"
                on:scroll=move |_| scroller.soon()
                on:wheel=move |event| scroller.wish(event.delta_y() < 0.0)
                on:touchmove=move |_| scroller.wish(true)
                on:keydown=move |event| scroller.on_key(&event)
            >
                <div class="log-inside">
                    {move || older.get().map(|before| view! { <Older id before /> })}
                    {move || match opened.get() {
                        (false, _) => Some(view! { <p class="log-note">"Loading…"</p> }),
                        (true, false) => Some(view! { <p class="log-note">"Nothing was written here yet. Say hello."</p> }),
                        (true, true) => None,
                    }}
                    <ol class="lines">
                        <For each=rows key=Row::key let:row>{show(id, row)}</For>
                    </ol>
                    {move || newer.get().map(|after| view! { <Newer id after /> })}
                </div>
            </div>
            {move || to_fresh().map(|seq| view! { <ToFresh id seq /> })}
            {move || {
                let away = scroller.far.get() || shown.get().is_some_and(|(.., at_end)| !at_end);
                away.then(|| view! { <ToEnd scroller /> })
            }}
        </div>
    }
}

impl Scroller {
    /// The lines are about to change: what is in sight now is put back where it is as soon as they have, in the same turn,
    /// so that neither a picture nor a turn of the wheel comes between.
    fn before_change(self) {
        let Some(place) = self.element() else { return };
        if place.scroll_top() != 0 || self.anchor.with_value(Option::is_some) {
            let top = place.get_bounding_client_rect().top();
            self.anchor.set_value(self.first_in_sight(&place, top));
        }
        queue_microtask(move || {
            self.restore();
            self.soon();
        });
    }

    /// A link or a jump brings its message into the middle.
    fn follow_links(self) {
        let store = self.store;
        Effect::new(move || {
            let Some((_, seq)) = store.linked.get().filter(|(id, _)| *id == self.id) else {
                return;
            };
            self.frame.set(Frame::around(seq));
            self.anchor.set_value(None);
            store.looking.update_value(|looking| _ = looking.insert(self.id, seq));
            request_animation_frame(move || {
                let (Some(place), Some(line)) = (self.element(), self.line(seq)) else {
                    return;
                };
                let (outer, inner) = (place.get_bounding_client_rect(), line.get_bounding_client_rect());
                let top = ((outer.height() - inner.height()) / 2.0).max(0.0);
                self.anchor.set_value(Some(Anchor { seq, top }));
                self.restore();
                self.soon();
            });
        });
    }

    /// What I write is seen at once, wherever I was reading.
    fn follow_what_i_write(self, log: ArcRwSignal<Log>) {
        Effect::new(move |before: Option<Option<ClientId>>| {
            let newest = log.with(|log| log.queue.iter().next_back().map(|pending| pending.client_id));
            if before.is_some_and(|before| newest > before) {
                self.to_end();
            }
            newest
        });
    }

    /// The scroller itself, as long as it is there: pictures that are due may come after it has gone.
    fn element(self) -> Option<web_sys::HtmlDivElement> {
        self.place.try_get_untracked().flatten()
    }

    fn line(self, seq: u64) -> Option<web_sys::Element> {
        let place = self.element()?;
        place.query_selector(&format!("[data-seq='{seq}']")).ok().flatten()
    }

    /// Puts the remembered line back where it was.
    fn restore(self) {
        if let Some(place) = self.element()
            && let Some(anchor) = self.anchor.get_value()
            && let Some(line) = self.line(anchor.seq)
        {
            let now = line.get_bounding_client_rect().top() - place.get_bounding_client_rect().top();
            if (now - anchor.top).abs() >= 1.0 {
                #[expect(clippy::cast_possible_truncation, reason = "pixels of a page")]
                let by = (now - anchor.top).round() as i32;
                place.set_scroll_top(place.scroll_top() + by);
            }
        }
    }

    /// Looks once with the next picture, however often something moves until then.
    fn soon(self) {
        if self.due.try_update_value(|due| std::mem::replace(due, true)) == Some(false) {
            request_animation_frame(move || {
                self.due.set_value(false);
                self.look();
            });
        }
    }

    /// Sees what is in sight: remembers its first line, and moves the frame, or asks for more, near either end.
    fn look(self) {
        let Some(place) = self.element() else {
            return;
        };
        let store = self.store;
        let log = store.log(self.id);
        let below = f64::from(place.scroll_top().abs());
        let above = f64::from(place.scroll_height() - place.client_height()) - below;
        let outer = place.get_bounding_client_rect();
        let at_end = log.with_untracked(|log| self.frame.get_untracked().of(log).is_none_or(|(.., at_end)| at_end));
        set_if_new(self.far, below > FAR_FROM_END);
        let mark = place.query_selector(".fresh").ok().flatten();
        let passed = mark.is_some_and(|mark| mark.get_bounding_client_rect().bottom() < outer.top());
        set_if_new(self.fresh_above, passed);
        if at_end && below < 1.0 {
            self.anchor.set_value(None);
            store.looking.update_value(|looking| _ = looking.remove(&self.id));
            set_if_new(self.frame, Frame::End);
        } else if let Some(anchor) = self.first_in_sight(&place, outer.top()) {
            self.anchor.set_value(Some(anchor));
            store
                .looking
                .update_value(|looking| _ = looking.insert(self.id, anchor.seq));
            let held = log.with_untracked(|log| self.frame.get_untracked().held(log));
            set_if_new(self.frame, held);
        }
        let scrolls = place.scroll_height() > place.client_height();
        if above < NEAR && scrolls && below > 0.0 {
            self.show_more(true);
        }
        if below < NEAR && !at_end {
            self.show_more(false);
        }
    }

    /// Shows more of what is held, or asks for it.
    fn show_more(self, up: bool) {
        let store = self.store;
        let log = store.log(self.id);
        let frame = self.frame.get_untracked();
        let moved = log.with_untracked(|log| if up { frame.up(log) } else { frame.down(log) });
        match moved {
            Some(moved) => self.frame.set(moved),
            None if up => store.load_older(self.id),
            None => store.load_newer(self.id),
        }
    }

    /// What is shown may not fill the pane: then nothing scrolls, and the wish to go on is all there is to see.
    fn wish(self, up: bool) {
        let Some(place) = self.element() else {
            return;
        };
        let below = f64::from(place.scroll_top().abs());
        let above = f64::from(place.scroll_height() - place.client_height()) - below;
        if up && above < AT_TOP {
            self.show_more(true);
        }
    }

    /// The keys of a log: to its very beginning and its end, and the wish to go up.
    fn on_key(self, event: &ev::KeyboardEvent) {
        if !key_is_plain(event) {
            return;
        }
        let store = self.store;
        match event.key().as_str() {
            "ArrowUp" | "PageUp" => self.wish(true),
            "Home" => {
                event.prevent_default();
                let floor = store.peek(self.id, |place| place.floor).unwrap_or(0);
                store.jump_to(self.id, floor + 1);
            }
            "End" => {
                event.prevent_default();
                self.to_end();
            }
            _ => {}
        }
    }

    fn to_end(self) {
        self.store.to_newest(self.id);
        self.anchor.set_value(None);
        self.frame.set(Frame::End);
        request_animation_frame(move || {
            if let Some(place) = self.element() {
                place.set_scroll_top(0);
            }
        });
    }

    /// The first line that is in sight, and where.
    fn first_in_sight(self, place: &web_sys::Element, top: f64) -> Option<Anchor> {
        let lines = place.query_selector_all("[data-seq]").ok()?;
        let at = |index: u32| {
            lines
                .item(index)
                .and_then(|line| line.dyn_into::<web_sys::Element>().ok())
        };
        // They stand one below the other, so half of them can be left out at each look.
        let (mut from, mut to) = (0, lines.length());
        while from < to {
            let middle = u32::midpoint(from, to);
            if at(middle)?.get_bounding_client_rect().bottom() <= top {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        let line = at(from)?;
        let seq = line.get_attribute("data-seq")?.parse().ok()?;
        let top = line.get_bounding_client_rect().top() - top;
        Some(Anchor { seq, top })
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    signal.maybe_update(|old| {
        let new = *old != value;
        if new {
            *old = value;
        }
        new
    });
}

fn nobody() -> Person {
    Person {
        id: uuid::Uuid::nil().into(),
        username: String::new(),
        display_name: String::new(),
    }
}

/// The way to older messages: a link without JavaScript, and for keys.
#[component]
fn Older(id: ConversationId, before: u64) -> impl IntoView {
    let store = use_store();
    let on_click = move |event: ev::MouseEvent| {
        event.prevent_default();
        store.load_older(id);
    };
    view! {
        <p class="log-note">
            <a href=format!("{}?before={before}", routes::conversation(id)) rel="external" on:click=on_click>"Earlier messages"</a>
        </p>
    }
}

/// The way to newer messages, where what is shown does not reach to the end.
#[component]
fn Newer(id: ConversationId, after: u64) -> impl IntoView {
    let store = use_store();
    let on_click = move |event: ev::MouseEvent| {
        event.prevent_default();
        store.load_newer(id);
    };
    view! {
        <p class="log-note">
            <a href=format!("{}?after={after}", routes::conversation(id)) rel="external" on:click=on_click>"Later messages"</a>
        </p>
    }
}

/// The way to the first message that is new.
#[component]
fn ToFresh(id: ConversationId, seq: u64) -> impl IntoView {
    let store = use_store();
    view! {
        <button class="to-end to-fresh" type="button" on:click=move |_| store.jump_to(id, seq)>
            "To the first new message"
        </button>
    }
}

#[component]
fn ToEnd(scroller: Scroller) -> impl IntoView {
    let on_click = move |_| {
        scroller.to_end();
        focus("message");
    };
    view! {
        <button class="to-end" type="button" on:click=on_click>
            <Icon name=IconName::Down />
            "To the newest"
        </button>
    }
}

fn show(id: ConversationId, row: Row) -> AnyView {
    match row {
        Row::Day(name) => view! { <li class="day"><span>{name}</span></li> }.into_any(),
        Row::Fresh => view! { <li class="fresh"><span>"New messages"</span></li> }.into_any(),
        Row::Line(line) => view! { <MessageLine id line /> }.into_any(),
        Row::Event(message) => view! { <EventLine id message /> }.into_any(),
    }
}
