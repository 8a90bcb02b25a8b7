//! Where one writes. Without JavaScript it is a plain form.

use super::{
    choices::ChoiceList,
    deeds::Deed,
    desk::{Desk, use_desk},
    doors::SendMessage,
    field::{caret, put_caret, wrap},
    mention::Naming,
    store::{Store, use_store},
    text::brief,
};
use crate::{
    facts::use_facts,
    ui::{HiddenField, Icon, IconName, focus},
};
use leptos::{ev, html::Textarea, prelude::*};
use model::{
    Conversation, ConversationId, ConversationKind, Message, Person, command::EditMessage, limits,
    realtime::ClientFrame,
};
use server_fn::ServerFn;

/// So near to the limit it is told.
const NEARLY: usize = 500;
/// Saying "I am typing" this often is enough.
const TYPING_MILLIS: i64 = 3_000;

/// What is being written: a new message, or another text for an old one.
#[derive(Clone, Copy)]
struct Writing {
    id: ConversationId,
    store: Store,
    desk: Desk,
    field: NodeRef<Textarea>,
    /// The text of the message that is changed. The one of a new message is the store's draft.
    changed: RwSignal<String>,
    typed_at: StoredValue<i64>,
}

impl Writing {
    fn edits(self) -> Option<Message> {
        self.desk
            .editing
            .get()
            .filter(|message| message.conversation == self.id)
    }

    fn text(self) -> String {
        if self.edits().is_some() {
            self.changed.get()
        } else {
            self.store.draft(self.id)
        }
    }

    fn set(self, text: String) {
        if untrack(|| self.edits().is_some()) {
            self.changed.set(text);
        } else {
            self.store.set_draft(self.id, text);
        }
    }

    fn left(self) -> Option<usize> {
        limits::MESSAGE_MAX.checked_sub(self.text().chars().count())
    }

    fn send(self) {
        let (body, edits, left) = untrack(|| (self.text(), self.edits(), self.left()));
        if body.trim().is_empty() || left.is_none() {
            return;
        }
        if let Some(message) = edits {
            if message.body == body {
                self.stop();
            } else {
                self.desk
                    .act(Deed::Edit(message.id, EditMessage { body }), move || _ = self.stop());
            }
            return;
        }
        let answers = untrack(|| self.store.replying(self.id)).map(|message| message.id);
        self.store.send(self.id, body, answers);
        self.store.set_draft(self.id, String::new());
        self.store.set_replying(self.id, None);
        self.typed_at.set_value(0);
    }

    /// Neither changes nor answers any more. Says whether it did.
    fn stop(self) -> bool {
        let (edits, answers) = untrack(|| (self.edits().is_some(), self.store.replying(self.id).is_some()));
        if edits {
            self.desk.editing.set(None);
        } else if answers {
            self.store.set_replying(self.id, None);
        }
        edits || answers
    }

    fn tell_typing(self) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a date is a whole number far below the limits"
        )]
        let now = js_sys::Date::now() as i64;
        if now - self.typed_at.get_value() > TYPING_MILLIS {
            self.typed_at.set_value(now);
            self.store.transmit(&ClientFrame::Typing { conversation: self.id });
        }
    }

    /// Begins to change the last message of mine.
    fn change_last(self) -> bool {
        let last = self.store.last_of_mine(self.id);
        let found = last.is_some();
        if found {
            self.desk.editing.set(last);
        }
        found
    }

    fn complete(self, naming: Naming, person: &Person) {
        if let Some(field) = self.field.get_untracked() {
            let text = field.value();
            let (text, at) = naming.complete(&text, caret(&field), person);
            field.set_value(&text);
            put_caret(&field, &text, at);
            self.set(text);
        }
    }

    fn on_key(self, naming: Naming, event: &ev::KeyboardEvent) {
        if let Some(person) = naming.choices.key(event) {
            self.complete(naming, &person);
        }
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let command = event.ctrl_key() || event.meta_key();
        let used = match event.key().as_str() {
            "Enter" if !event.shift_key() => {
                self.send();
                true
            }
            "Escape" => self.stop(),
            "ArrowUp" if untrack(|| self.text().is_empty()) => self.change_last(),
            "b" | "B" if command => self.wrap("**"),
            "i" | "I" if command => self.wrap("*"),
            _ => false,
        };
        if used {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    fn wrap(self, sign: &str) -> bool {
        if let Some(field) = self.field.get_untracked() {
            wrap(&field, sign);
            self.set(field.value());
        }
        true
    }
}

/// The field and its button, or why nothing can be written.
#[component]
pub fn Composer(id: ConversationId) -> impl IntoView {
    let store = use_store();
    let closed = Memo::new(move |_| store.conversation(id).filter(|place| !place.writable));
    view! {
        {move || match closed.get() {
            Some(place) => view! { <Closed place /> }.into_any(),
            None => view! { <Open id /> }.into_any(),
        }}
    }
}

/// Nothing can be written: why, and what can be done about it.
#[component]
fn Closed(place: Conversation) -> impl IntoView {
    let (store, desk) = (use_store(), use_desk());
    let other = place.other(store.my_id()).cloned();
    let group = place.kind == ConversationKind::Group;
    let id = other.as_ref().map(|person| person.id);
    let (name, username) = other.map_or_else(
        || (String::new(), String::new()),
        |person| (person.display_name, person.username),
    );
    let blocked = move || id.is_some_and(|id| store.blocks_person(id));
    let unblock = move |_| desk.act(Deed::Unblock(username.clone()), move || store.refresh());
    view! {
        <div class="composer composer-closed" id="message" tabindex="-1">
            <p>
                {move || if group {
                    "Nobody is left here to read it.".to_owned()
                } else if blocked() {
                    format!("You block {name}. Unblock to write.")
                } else {
                    format!("You can’t write to {name}.")
                }}
            </p>
            {move || {
                let unblock = unblock.clone();
                blocked().then(|| view! { <button type="button" class="button" on:click=unblock>"Unblock"</button> })
            }}
        </div>
    }
}

#[component]
fn Open(id: ConversationId) -> impl IntoView {
    let (store, desk) = (use_store(), use_desk());
    let writing = Writing {
        id,
        store,
        desk,
        field: NodeRef::new(),
        changed: RwSignal::default(),
        typed_at: StoredValue::new(0),
    };
    let naming = Naming::new(id);
    let field = writing.field;
    let on_input = move |target: web_sys::HtmlTextAreaElement| {
        let text = target.value();
        naming.look(text.get(..caret(&target)).unwrap_or_default());
        writing.set(text);
        writing.tell_typing();
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        writing.send();
        focus("message");
    };
    keep_focus(writing);
    view! {
        <form class="composer" method="post" action=SendMessage::url() on:submit=on_submit>
            <Typing id />
            <Unsent />
            <About writing />
            <HiddenField name="conversation" value=id.to_string() />
            <HiddenField name="client_id" value=new_client_id() />
            <ChoiceList choices=naming.choices label="People to mention" chosen=Callback::new(move |person| writing.complete(naming, &person)) />
            <div class="composer-row">
                <div class="grow" data-value=move || writing.text()>
                    <textarea
                        id="message"
                        name="body"
                        rows="1"
                        dir="auto"
                        aria-label="Message"
                        placeholder="Write a message"
                        autocomplete="off"
                        aria-autocomplete="list"
                        aria-controls=move || naming.choices.list()
                        aria-activedescendant=move || naming.choices.active()
                        aria-describedby="message-left"
                        node_ref=field
                        prop:value=move || writing.text()
                        on:input:target=move |event| on_input(event.target())
                        on:keydown=move |event| writing.on_key(naming, &event)
                        on:blur=move |_| naming.choices.offer(Vec::new())
                    ></textarea>
                </div>
                <button class="button button-main composer-send" type="submit" aria-label=move || if writing.edits().is_some() { "Save" } else { "Send" }>
                    {move || view! { <Icon name=if writing.edits().is_some() { IconName::Check } else { IconName::Send } /> }}
                </button>
            </div>
            <p class="composer-left" id="message-left" role="status">
                {move || match writing.left() {
                    Some(left) if left > NEARLY => None,
                    Some(left) => Some(format!("{left} characters left")),
                    None => Some(format!("Too long: a message has at most {} characters", limits::MESSAGE_MAX)),
                }}
            </p>
        </form>
    }
}

/// Puts the focus into the field when it comes, and when an answer or a change begins.
fn keep_focus(writing: Writing) {
    Effect::new(move || {
        // On a device with a mouse the field is ready at once; on a phone that would raise the keyboard.
        let hovers = window()
            .match_media("(hover: hover)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches());
        match writing.field.get() {
            Some(field) if hovers => _ = field.focus(),
            _ => focus("conversation-title"),
        }
    });
    Effect::new(move |before: Option<bool>| {
        let edits = writing.edits();
        let changed = edits.is_some();
        if let Some(message) = edits {
            writing.changed.set(message.body);
            focus("message");
        } else if before == Some(true) {
            focus("message");
        }
        changed
    });
}

/// What the text will be: an answer, or a change.
#[component]
fn About(writing: Writing) -> impl IntoView {
    let store = writing.store;
    let about = move || match writing.edits() {
        Some(message) => Some(("Editing", None, message)),
        None => {
            let message = store.replying(writing.id)?;
            Some(("Answering", Some(message.author.display_name.clone()), message))
        }
    };
    let stop = move |_| {
        writing.stop();
        focus("message");
    };
    move || {
        about().map(|(what, who, message)| {
            let text = brief(&message.body, limits::EXCERPT_MAX);
            view! {
                <div class="composer-about">
                    <p>
                        <b>{what} {who.map(|who| view! { " " <bdi>{who}</bdi> })}</b>
                        " "
                        <span class="quote-text" dir="auto">{text}</span>
                    </p>
                    <button type="button" class="icon-button" aria-label="Cancel" title="Cancel" on:click=stop><Icon name=IconName::Close /></button>
                </div>
            }
        })
    }
}

/// Who is typing. Its line is always there, so that nothing jumps.
#[component]
fn Typing(id: ConversationId) -> impl IntoView {
    let store = use_store();
    view! {
        <p class="typing" data-testid="typing">
            {move || store.typing_in(id).map(|name| view! { <bdi>{name}</bdi> " is writing…" })}
        </p>
    }
}

/// A message that was refused when there is no JavaScript: the reason, and the text to take it from again.
#[component]
fn Unsent() -> impl IntoView {
    let flash = use_facts()
        .with_value(|facts| facts.flash.clone())
        .filter(|flash| flash.form == "send");
    flash
        .and_then(|flash| Some((flash.rejection?, flash.values)))
        .map(|(rejection, values)| {
            let why = rejection.about("body").unwrap_or_else(|| rejection.detail.to_string());
            let text = values.get("body").filter(|text| !text.trim().is_empty()).cloned();
            view! {
                <div class="form-errors composer-unsent" role="alert">
                    <p>"Not sent. " {why}</p>
                    {text.map(|text| view! { <p class="line-body" dir="auto">{text}</p> })}
                </div>
            }
        })
}

/// For the plain form: an id made with the page, so that posting the form twice is sending once.
fn new_client_id() -> String {
    #[cfg(feature = "ssr")]
    let id = use_context::<crate::Visitor>()
        .map(|visitor| visitor.env.new_id().to_string())
        .unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    let id = String::new();
    id
}
