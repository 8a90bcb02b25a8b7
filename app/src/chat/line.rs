//! One message: who, when, what, how it stands, and what can be done with it.

use super::{
    rows::{Line, State},
    store::{Connection, use_store},
};
use crate::{
    time::use_wall,
    ui::{Avatar, Icon, IconName, focus},
};
use leptos::prelude::*;
use model::{ConversationId, Message};

/// The message.
#[component]
pub fn MessageLine(id: ConversationId, line: Line) -> impl IntoView {
    let wall = use_wall();
    let state = match line.state {
        State::Sent => "sent",
        State::Pending => "pending",
        State::Failed(_) => "failed",
    };
    let time = line.sent_at.map(|at| {
        let clock = line.clock.clone();
        view! { <time datetime=at.to_string() title=move || wall.get().full(at)>{clock}</time> }
    });
    let head = line.first.then(|| line.author.clone());
    let (face, name) = (head.clone(), head);
    let author = line.author.display_name.clone();
    let said_by = (!line.first).then(|| view! { <span class="hidden">{author}</span> });
    view! {
        <li
            class="line"
            data-seq=line.seq.map(|seq| seq.to_string())
            data-state=state
            data-first=line.first.then_some("")
            data-mine=line.mine.then_some("")
        >
            <span class="line-side">{face.map(|person| view! { <Avatar person /> })}</span>
            <div class="line-text">
                <p class="line-head">
                    {said_by} {name.map(|person| view! { <b dir="auto">{person.display_name}</b> })} {time}</p>
                <p class="line-body" dir="auto">{line.body}</p>
                {line.mine.then(|| view! { <Standing id client_id=line.client_id state=line.state /> })}
            </div>
        </li>
    }
}

/// Something that happened to the conversation.
#[component]
pub fn EventLine(id: ConversationId, message: Message) -> impl IntoView {
    view! { <li class="event" id=format!("event-{id}-{}", message.seq) data-seq=message.seq.to_string()><span dir="auto">{message.body}</span></li> }
}

/// How a message of mine stands, and what can be done about it.
#[component]
fn Standing(id: ConversationId, client_id: model::ClientId, state: State) -> impl IntoView {
    let store = use_store();
    match state {
        State::Sent => view! { <span class="standing" title="Sent"><Icon name=IconName::Check /><span class="hidden">"Sent"</span></span> }.into_any(),
        State::Pending => {
            let told = move || match store.connection.get() {
                Connection::Starting | Connection::Open => "Sending…",
                Connection::Reconnecting | Connection::Offline => "Waiting for a connection…",
            };
            view! { <span class="standing"><Icon name=IconName::Clock />{told}</span> }.into_any()
        }
        State::Failed(why) => {
            let retry = move |_| {
                store.retry(id, client_id);
                focus("message");
            };
            let cancel = move |_| {
                store.cancel(id, client_id);
                focus("message");
            };
            view! {
                <span class="standing standing-failed">
                    <Icon name=IconName::Alert />
                    <span>"Not sent. " {why}</span>
                    <button type="button" class="link-button" on:click=retry>"Retry"</button>
                    <button type="button" class="link-button" on:click=cancel>"Cancel"</button>
                </span>
            }
            .into_any()
        }
    }
}
