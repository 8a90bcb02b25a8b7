//! What is not sent yet, and what could not be.

use super::{
    drafts::follow,
    files::FileList,
    mailbox::Outgoing,
    post::{Post, use_post},
    row::subject_of,
    standing::unsent,
};
use crate::{
    chat::brief,
    time::use_wall,
    ui::{Icon, IconName},
};
use leptos::{prelude::*, task::spawn_local};
use model::{Timestamp, mailbox::Receipt};
use sync::mailbox::Sending;
use uuid::Uuid;

/// So much of a text is in the list.
const WORDS: usize = 200;

/// Why a recipient did not get it, for a person.
fn why(code: &str) -> &'static str {
    match code {
        "not_found" => "there is nobody of this name, or nobody who takes letters from you",
        "blocked" => "you block them",
        _ => "it was refused",
    }
}

/// How an order stands, in words; and which picture says the same.
pub fn told(sending: &Sending, online: bool) -> (IconName, String) {
    match sending {
        Sending::Waiting if online => (IconName::Clock, "Goes out in a moment".to_owned()),
        Sending::Waiting => (
            IconName::Clock,
            "Waits on this device until there is a network".to_owned(),
        ),
        Sending::Handed => (IconName::Send, "Handed over; the answer is on its way".to_owned()),
        Sending::Sent => (IconName::Check, "Sent".to_owned()),
        Sending::Refused => (IconName::Alert, "Nobody got it".to_owned()),
        Sending::Denied(why) => (IconName::Alert, format!("The server would not take it: {why}")),
        Sending::Cancelled => (IconName::Close, "Taken back".to_owned()),
    }
}

/// Who did not get it, and why.
fn refusals(receipt: Option<&Receipt>) -> Vec<String> {
    let refused = receipt.into_iter().flat_map(|receipt| &receipt.refused);
    refused
        .map(|refused| format!("@{}: {}", refused.to, why(&refused.code)))
        .collect()
}

/// The list.
#[component]
pub fn OutboxList() -> impl IntoView {
    let post = use_post();
    let all = follow(post, |mailbox| mailbox.outbox());
    let count = move || unsent(post.state.with(|state| state.unsent));
    view! {
        <div class="letters">
            {move || count().map(|text| view! { <p class="mail-count" role="status">{text}</p> })}
            <ul aria-label="Outbox">
                <For each=move || all.get().unwrap_or_default() key=|one| (one.id, format!("{:?}", one.sending)) let:one>
                    <Line one />
                </For>
            </ul>
            {move || {
                all.with(|all| all.as_ref().is_some_and(Vec::is_empty))
                    .then(|| view! { <p class="places-empty">"All your letters are sent."</p> })
            }}
        </div>
    }
}

#[component]
fn Line(one: Outgoing) -> impl IntoView {
    let (post, wall) = (use_post(), use_wall());
    let Outgoing {
        id,
        to,
        subject,
        body,
        files,
        made_at,
        sending,
        receipt,
    } = one;
    let online = move || post.state.with(|state| state.online);
    let owed = sending.is_owed();
    let (back, put) = (
        sending.can_be_cancelled(),
        matches!(sending, Sending::Refused | Sending::Sent | Sending::Denied(_)),
    );
    let again = matches!(sending, Sending::Refused | Sending::Denied(_));
    let picture = told(&sending, true).0;
    let held = sending;
    let refused = refusals(receipt.as_ref())
        .into_iter()
        .map(|text| view! { <li>{text}</li> })
        .collect_view();
    let at = made_at.and_then(Timestamp::from_millis);
    view! {
        <li class="outgoing" data-owed=owed.then_some("") data-bad=again.then_some("") data-testid="outgoing">
            <p class="letter-line">
                <b dir="auto">"To " {to.join(", ")}</b>
                {at.map(|at| view! { <time datetime=at.to_string() title=move || wall.get().full(at)>{move || wall.get().brief(at)}</time> })}
            </p>
            <p class="letter-subject" dir="auto">{subject_of(&subject)}</p>
            <p class="letter-snippet" dir="auto">{brief(&body, WORDS)}</p>
            <FileList files />
            <p class="outgoing-state"><Icon name=picture />{move || told(&held, online()).1}</p>
            <ul class="outgoing-refused">{refused}</ul>
            <p class="outgoing-ways">
                {back.then(|| view! { <button type="button" class="button" on:click=move |_| take_back(post, id)>"Take back"</button> })}
                {again.then(|| view! { <button type="button" class="button" on:click=move |_| take_back(post, id)>"Edit again"</button> })}
                {put.then(|| view! { <button type="button" class="button" on:click=move |_| put_away(post, id)>"Put away"</button> })}
            </p>
        </li>
    }
}

fn take_back(post: Post, order: Uuid) {
    if let Some(mailbox) = post.mailbox.get_untracked() {
        spawn_local(async move {
            match mailbox.take_back(order).await {
                Ok(draft) => post.reopen(draft),
                Err(trouble) => post.warn(&trouble),
            }
        });
    }
}

fn put_away(post: Post, order: Uuid) {
    if let Some(mailbox) = post.mailbox.get_untracked() {
        spawn_local(async move {
            match mailbox.forget_order(order).await {
                Ok(()) => post.refresh(),
                Err(trouble) => post.warn(&trouble),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::mailbox::{DocId, Kind, ReceiptState, Refusal};

    #[test]
    fn how_an_order_stands_is_told_without_promising_too_much() {
        assert!(told(&Sending::Waiting, false).1.contains("on this device"));
        assert!(told(&Sending::Handed, true).1.contains("on its way"));
        assert!(told(&Sending::Denied("why".into()), true).1.ends_with("why"));
    }

    #[test]
    fn each_recipient_who_did_not_get_it_is_named_with_the_reason() {
        let refusal = |to: &str, code: &str| Refusal {
            to: to.to_owned(),
            code: code.to_owned(),
        };
        let receipt = Receipt {
            order: DocId::of(Kind::Order, Uuid::from_u128(1)).expect("an id"),
            state: ReceiptState::Refused,
            letter: None,
            refused: vec![
                refusal("nobody", "not_found"),
                refusal("mallory", "blocked"),
                refusal("x", "new"),
            ],
            seal: None,
        };
        let told = refusals(Some(&receipt));
        assert!(
            told[0].starts_with("@nobody: there is nobody") && told[1] == "@mallory: you block them",
            "{told:?}"
        );
        assert_eq!(told[2], "@x: it was refused");
        assert!(refusals(None).is_empty());
    }
}
