//! The one dialog of the chat: a question, earlier versions of a message, a new group, or what is to know of a
//! conversation.

use super::{
    desk::{Question, Sheet, use_desk},
    doors::versions,
    group::NewGroup,
    info::Info,
    text::Text,
};
use crate::{time::use_wall, ui::Modal};
use leptos::{prelude::*, task::spawn_local};
use model::{Message, Version};

/// The dialog, whichever it is.
#[component]
pub fn Sheets() -> impl IntoView {
    let desk = use_desk();
    let closed = Callback::new(move |()| desk.close_sheet());
    move || {
        desk.sheet.get().map(|sheet| match sheet {
            Sheet::Question(question) => view! { <Ask question closed /> }.into_any(),
            Sheet::Versions(message) => view! { <Versions message closed /> }.into_any(),
            Sheet::NewGroup => view! { <NewGroup closed /> }.into_any(),
            Sheet::Info(id) => view! { <Info id closed /> }.into_any(),
        })
    }
}

#[component]
fn Ask(question: Question, closed: Callback<()>) -> impl IntoView {
    let desk = use_desk();
    let Question {
        title,
        text,
        button,
        deed,
    } = question;
    let act = move |_| {
        let deed = deed.clone();
        desk.close_sheet();
        desk.act_from_opener(deed);
    };
    view! {
        <Modal title closed>
            <p class="dialog-text" dir="auto">{text}</p>
            <p class="dialog-end">
                <button type="button" class="button" autofocus on:click=move |_| desk.close_sheet()>"Cancel"</button>
                <button type="button" class="button button-danger" on:click=act>{button}</button>
            </p>
        </Modal>
    }
}

#[component]
fn Versions(message: Message, closed: Callback<()>) -> impl IntoView {
    let (desk, wall) = (use_desk(), use_wall());
    let all = RwSignal::new(None::<Vec<Version>>);
    let id = message.id;
    Effect::new(move || {
        spawn_local(async move {
            match versions(id).await {
                Ok(found) => all.set(Some(found)),
                Err(refused) => {
                    desk.close_sheet();
                    desk.tell(&refused.0);
                }
            }
        });
    });
    let version = move |version: Version| {
        let until = version.until;
        view! {
            <li>
                <p class="muted">"Until " <time datetime=until.to_string()>{move || wall.get().full(until)}</time></p>
                <div class="line-body" dir="auto"><Text body=version.body me=None /></div>
            </li>
        }
    };
    view! {
        <Modal title="Earlier versions" closed>
            <ol class="versions">
                {move || all.get().map(|all| all.into_iter().map(version).collect_view())}
                <li>
                    <p class="muted">"Now"</p>
                    <div class="line-body" dir="auto"><Text body=message.body.clone() me=None /></div>
                </li>
            </ol>
        </Modal>
    }
}
