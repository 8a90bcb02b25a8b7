//! A conversation by a picture: the other person, with a sign of whether they are there, or the group's initials.

use super::store::use_store;
use crate::ui::{Avatar, Picture};
use leptos::prelude::*;
use model::Conversation;

/// The picture.
#[component]
pub fn Face(place: Conversation) -> impl IntoView {
    let store = use_store();
    match place.other(store.my_id()).cloned() {
        Some(person) => {
            let id = person.id;
            let there = move || store.presence.with(|all| all.contains(&id));
            view! {
                <span class="face">
                    <Avatar person />
                    {move || there().then(|| view! { <span class="presence" title="Here now"><span class="hidden">"Here now: "</span></span> })}
                </span>
            }
            .into_any()
        }
        None => {
            view! { <span class="face"><Picture id=place.id.uuid() name=place.title group=true /></span> }.into_any()
        }
    }
}
