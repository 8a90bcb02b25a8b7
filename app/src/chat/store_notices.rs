//! What is shown outside of the page: a notice of the system when nobody looks, and the number on the icon.

use super::store::{Connection, Store};
use leptos::{prelude::*, task::spawn_local};
use model::{ConversationId, ConversationKind, Message};

/// So much of a message is in its notice.
const WORDS: usize = 120;

impl Store {
    /// Tells of a new message that counts, when nobody looks at any window. Of a muted conversation only what mentions me.
    pub(super) fn notify(self, message: &Message) {
        let Some(device) = self.device.get_value() else { return };
        let me = self.my_id();
        let told = self.peek(message.conversation, |place| {
            let wanted = !place.muted || message.mentions.contains(&me);
            let group = place.kind == ConversationKind::Group;
            let title = place.title.clone();
            (wanted && message.seq > place.read_seq).then(|| group.then_some(title))
        });
        let Some(Some(group)) = told else { return };
        let author = &message.author.display_name;
        let title = group.map_or_else(|| author.clone(), |group| format!("{author} · {group}"));
        let body = super::text::brief(&message.body, WORDS);
        let (id, path) = (message.conversation, crate::routes::conversation(message.conversation));
        spawn_local(async move {
            if !device.any_watched().await {
                device.notify(&id.to_string(), &title, &body, &path);
            }
        });
    }

    /// The conversation was read, here or on another device: its notice goes.
    pub(super) fn unnotify(self, id: ConversationId, seq: u64) {
        if self.peek(id, |place| seq >= place.last_seq).unwrap_or(true)
            && let Some(device) = self.device.get_value()
        {
            device.unnotify(&id.to_string());
        }
    }

    /// Keeps the number on the icon right.
    pub(super) fn count_on_icon(self) {
        let unread = Memo::new(move |_| self.unread());
        Effect::new(move || {
            let unread = unread.get();
            if let Some(device) = self.device.get_value() {
                device.count(unread);
            }
        });
        Effect::new(move || {
            let seen = self.watched.get();
            if let Some(device) = self.device.get_value() {
                device.watched(seen);
            }
        });
    }
}

/// What stands below the list: that it is only remembered, when Roost can't be reached; and the offer of notices of the
/// system, where they could be had and nobody was asked. Nothing is asked before the button is pressed.
#[component]
pub fn NoticesOffer() -> impl IntoView {
    let store = super::use_store();
    let offered = RwSignal::new(false);
    let look = move || {
        let device = store.device.get_value();
        offered.set(device.is_some_and(|device| device.notices() == "default"));
    };
    Effect::new(move || {
        // The plug comes with the socket, just after the page.
        store.loaded.track();
        store.connection.track();
        look();
    });
    let ask = move |_| {
        if let Some(device) = store.device.get_value() {
            spawn_local(async move {
                let answer = device.ask_for_notices().await;
                store.said.set(if answer == "granted" {
                    "You are told of new messages.".to_owned()
                } else {
                    "Your browser shows no notices of Roost.".to_owned()
                });
                look();
            });
        }
    };
    let away = move || matches!(store.connection.get(), Connection::Reconnecting | Connection::Offline);
    view! {
        {move || {
            away()
                .then(|| {
                    view! { <p class="notices-offer muted">"This is what your device remembers, until Roost can be reached again."</p> }
                })
        }}
        {move || {
            offered
                .get()
                .then(|| {
                    view! {
                        <p class="notices-offer">
                            <button class="link-button" type="button" on:click=ask>"Tell me of new messages"</button>
                        </p>
                    }
                })
        }}
    }
}
