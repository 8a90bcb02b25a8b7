//! Where one writes. Without JavaScript it is a plain form.

use super::{doors::SendMessage, store::use_store};
use crate::{
    facts::use_facts,
    ui::{HiddenField, Icon, IconName, focus},
};
use leptos::{ev, html::Textarea, prelude::*};
use model::{ConversationId, limits, realtime::ClientFrame};
use server_fn::ServerFn;

/// So near to the limit it is told.
const NEARLY: usize = 500;
/// Saying "I am typing" this often is enough.
const TYPING_MILLIS: i64 = 3_000;

/// The field and its button.
#[component]
pub fn Composer(id: ConversationId) -> impl IntoView {
    let store = use_store();
    let field = NodeRef::<Textarea>::new();
    let text = Memo::new(move |_| store.draft(id));
    let typed_at = StoredValue::new(0_i64);
    let left = move || text.with(|text| limits::MESSAGE_MAX.checked_sub(text.chars().count()));
    let set = move |fresh: String| store.set_draft(id, fresh);
    let send = move || {
        let body = text.get_untracked();
        if body.trim().is_empty() || left().is_none() {
            return;
        }
        store.send(id, body, None);
        set(String::new());
        typed_at.set_value(0);
    };
    let on_input = move |fresh: String| {
        set(fresh);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a date is a whole number far below the limits"
        )]
        let now = js_sys::Date::now() as i64;
        if now - typed_at.get_value() > TYPING_MILLIS {
            typed_at.set_value(now);
            store.transmit(&ClientFrame::Typing { conversation: id });
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
        focus("message");
    };
    Effect::new(move || {
        // On a device with a mouse the field is ready at once; on a phone that would raise the keyboard.
        let hovers = window()
            .match_media("(hover: hover)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches());
        match field.get() {
            Some(field) if hovers => _ = field.focus(),
            _ => focus("conversation-title"),
        }
    });
    view! {
        <form class="composer" method="post" action=SendMessage::url() on:submit=on_submit>
            <Typing id />
            <Unsent />
            <HiddenField name="conversation" value=id.to_string() />
            <HiddenField name="client_id" value=new_client_id() />
            <div class="composer-row">
                <div class="grow" data-value=text>
                    <textarea
                        id="message"
                        name="body"
                        rows="1"
                        dir="auto"
                        aria-label="Message"
                        placeholder="Write a message"
                        autocomplete="off"
                        aria-describedby="message-left"
                        node_ref=field
                        prop:value=text
                        on:input:target=move |event| on_input(event.target().value())
                        on:keydown=on_key
                    ></textarea>
                </div>
                <button class="button button-main composer-send" type="submit" aria-label="Send">
                    <Icon name=IconName::Send />
                </button>
            </div>
            <p class="composer-left" id="message-left" role="status">
                {move || match left() {
                    Some(left) if left > NEARLY => None,
                    Some(left) => Some(format!("{left} characters left")),
                    None => Some(format!("Too long: a message has at most {} characters", limits::MESSAGE_MAX)),
                }}
            </p>
        </form>
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
