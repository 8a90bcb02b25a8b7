//! Where to go: a rail beside the page on a desktop, a bar below it on a phone.

use crate::{
    chat::{count, use_store},
    mail::use_post,
    routes,
    ui::{Avatar, Brand, Icon, IconName},
};
use leptos::prelude::*;
use leptos_router::components::A;
use model::Role;

/// The ways through Roost. Only what is built is shown.
#[component]
pub fn Navigation() -> impl IntoView {
    let store = use_store();
    let unread = move || store.unread();
    let post = use_post();
    let letters = move || post.counts.with(|counts| counts.inbox_unread);
    let admin = move || store.me.with(|me| me.as_ref().is_some_and(|me| me.role == Role::Admin));
    view! {
        <nav class="rail" aria-label="Roost">
            <A href=routes::CHAT attr:class="rail-brand" attr:aria-label="Roost, to the chat" attr:tabindex="-1">
                <Brand />
            </A>
            <ul>
                <li>
                    <A href=routes::CHAT attr:class="rail-link">
                        <Icon name=IconName::Chat />
                        <span>"Chat"</span>
                        {move || {
                            (unread() > 0).then(|| view! { <b class="badge">{count(unread())}<span class="hidden">" unread"</span></b> })
                        }}
                    </A>
                </li>
                <li>
                    <A href=routes::MAIL attr:class="rail-link">
                        <Icon name=IconName::Mail />
                        <span>"Mail"</span>
                        {move || {
                            (letters() > 0).then(|| view! { <b class="badge">{count(letters())}<span class="hidden">" unread"</span></b> })
                        }}
                    </A>
                </li>
                {move || {
                    admin().then(|| {
                        view! {
                            <li>
                                <a href=routes::ADMIN class="rail-link" rel="external">
                                    <Icon name=IconName::Admin />
                                    <span>"Admin"</span>
                                </a>
                            </li>
                        }
                    })
                }}
                <li class="rail-last">
                    <A href=routes::SETTINGS attr:class="rail-link">
                        {move || match store.me.get() {
                            Some(me) => view! { <Avatar person=me.person() small=true /> }.into_any(),
                            None => view! { <Icon name=IconName::Settings /> }.into_any(),
                        }}
                        <span>"Settings"</span>
                    </A>
                </li>
            </ul>
        </nav>
    }
}
