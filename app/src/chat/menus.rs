//! The one menu of the chat: what can be done with a message or a conversation. It is a native popover, so a click
//! elsewhere and Esc close it, and the focus goes back to where it was.

use super::{
    deeds::Deed,
    desk::{Desk, Menu, Question, Sheet, use_desk},
    emoji::{MORE, QUICK},
    store::use_store,
    text::brief,
};
use crate::{
    routes,
    ui::{Icon, IconName, copy, focus, next_in, place_at},
};
use leptos::{ev, html::Div, prelude::*};
use model::{Conversation, ConversationId, ConversationKind, Message, command::UpdateConversation, limits};

/// The menu, wherever it is open.
#[component]
pub fn Menus() -> impl IntoView {
    let desk = use_desk();
    let popover = NodeRef::<Div>::new();
    Effect::new(move || {
        let Some(menu) = desk.menu.get() else { return };
        request_animation_frame(move || {
            if let Some(popover) = popover.get_untracked() {
                if !popover.matches(":popover-open").unwrap_or(false) {
                    _ = popover.show_popover();
                }
                place_at(&popover, desk.place.get_value());
                let first = if matches!(menu, Menu::Message(_, true)) {
                    "#emoji-own"
                } else {
                    "[role=menuitem]"
                };
                next_in(&popover, first, 0);
            }
        });
    });
    let on_toggle = move |_| {
        let open = popover.with_untracked(|popover| {
            popover
                .as_ref()
                .is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false))
        });
        if !open {
            desk.menu.set(None);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        // What is pressed here is for the menu alone.
        event.stop_propagation();
        let Some(popover) = popover.get_untracked() else { return };
        let step = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => 1,
            "ArrowUp" | "ArrowLeft" => -1,
            _ => return,
        };
        if !crate::ui::is_field(&event) {
            event.prevent_default();
            next_in(&popover, "[role=menuitem]", step);
        }
    };
    view! {
        <div class="menu" popover="auto" id="menu" node_ref=popover on:toggle=on_toggle on:keydown=on_key>
            {move || match desk.menu.get() {
                Some(Menu::Message(message, false)) => view! { <MessageMenu message /> }.into_any(),
                Some(Menu::Message(message, true)) => view! { <EmojiMenu message /> }.into_any(),
                Some(Menu::Place(id)) => view! { <PlaceMenu id /> }.into_any(),
                None => ().into_any(),
            }}
        </div>
    }
}

/// Closes the menu; the focus goes back to where it was.
pub fn close_menu() {
    let menu = document().get_element_by_id("menu").and_then(|menu| {
        use wasm_bindgen::JsCast;
        menu.dyn_into::<web_sys::HtmlElement>().ok()
    });
    if let Some(menu) = menu {
        _ = menu.hide_popover();
    }
}

#[component]
fn Item(
    icon: IconName,
    label: &'static str,
    /// The key that does the same, where the message or the conversation has the focus.
    #[prop(optional)]
    key: &'static str,
    #[prop(optional)] danger: bool,
    /// Another menu follows in the place of this one.
    #[prop(optional)]
    stay: bool,
    #[prop(into)] act: Callback<()>,
) -> impl IntoView {
    let on_click = move |_| {
        if !stay {
            close_menu();
        }
        act.run(());
    };
    view! {
        <button type="button" role="menuitem" tabindex="-1" data-danger=danger.then_some("") on:click=on_click>
            <Icon name=icon />
            <span>{label}</span>
            {(!key.is_empty()).then(|| view! { <kbd aria-hidden="true">{key}</kbd> })}
        </button>
    }
}

#[component]
fn MessageMenu(message: Message) -> impl IntoView {
    let (desk, store) = (use_desk(), use_store());
    let me = store.my_id();
    let mine = message.author.id == me;
    let writable = store.conversation(message.conversation).is_some_and(|c| c.writable);
    let held = StoredValue::new(message.clone());
    let edited = message.edited_at.is_some();
    let with = move |act: fn(Desk, Message)| Callback::new(move |()| act(desk, held.get_value()));
    view! {
        <div role="menu" aria-label="What to do with the message">
            {writable.then(|| view! {
                <div class="menu-emoji" role="group" aria-label="React">
                    {QUICK.into_iter().map(|emoji| view! { <EmojiButton emoji message=held /> }).collect_view()}
                </div>
                <Item icon=IconName::Smile label="Another reaction…" key="+" stay=true act=with(|desk, message| desk.menu.set(Some(Menu::Message(message, true)))) />
                <Item icon=IconName::Reply label="Reply" key="R" act=with(reply_to) />
            })}
            {(mine && writable).then(|| view! { <Item icon=IconName::Edit label="Edit" key="E" act=with(|desk, message| desk.editing.set(Some(message))) /> })}
            {edited.then(|| view! { <Item icon=IconName::Clock label="Earlier versions" act=with(|desk, message| desk.show(Sheet::Versions(message))) /> })}
            <Item icon=IconName::Copy label="Copy text" key="C" act=with(copy_text) />
            <Item icon=IconName::Link label="Copy link" key="L" act=with(copy_link) />
            {mine.then(|| view! { <Item icon=IconName::Bin label="Delete…" key="Del" danger=true act=with(ask_delete) /> })}
        </div>
    }
}

/// Begins an answer.
pub fn reply_to(desk: Desk, message: Message) {
    desk.store.set_replying(message.conversation, Some(message));
    focus("message");
}

/// Copies what a message says.
pub fn copy_text(desk: Desk, message: Message) {
    copy(&message.body);
    desk.say("Text copied");
}

/// Copies where a message is.
pub fn copy_link(desk: Desk, message: Message) {
    let origin = window().location().origin().unwrap_or_default();
    copy(&format!(
        "{origin}{}",
        routes::message(message.conversation, message.seq)
    ));
    desk.say("Link copied");
}

/// Asks whether a message shall really go.
pub fn ask_delete(desk: Desk, message: Message) {
    let text = brief(&message.body, limits::EXCERPT_MAX);
    desk.show(Sheet::Question(Question {
        title: "Delete this message?".into(),
        text: format!("“{text}” goes for everybody; that something was deleted stays to be seen."),
        button: "Delete",
        deed: Deed::Delete(message.id),
    }));
}

/// Reacts with an emoji, or takes that back.
pub fn toggle(desk: Desk, message: &Message, emoji: &str) {
    let mine = message
        .reactions
        .iter()
        .any(|reaction| reaction.mine && reaction.emoji == emoji);
    let (id, emoji) = (message.id, emoji.to_owned());
    desk.act(
        if mine {
            Deed::Unreact(id, emoji)
        } else {
            Deed::React(id, emoji)
        },
        || {},
    );
}

#[component]
fn EmojiButton(emoji: &'static str, message: StoredValue<Message>) -> impl IntoView {
    let desk = use_desk();
    let on_click = move |_| {
        close_menu();
        message.with_value(|message| toggle(desk, message, emoji));
    };
    view! { <button type="button" role="menuitem" tabindex="-1" class="emoji" on:click=on_click>{emoji}</button> }
}

#[component]
fn EmojiMenu(message: Message) -> impl IntoView {
    let desk = use_desk();
    let held = StoredValue::new(message);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = crate::ui::value_of("emoji-own").trim().to_owned();
        if !typed.is_empty() {
            close_menu();
            held.with_value(|message| toggle(desk, message, &typed));
        }
    };
    view! {
        <form class="menu-own" on:submit=on_submit>
            <input id="emoji-own" aria-label="Any emoji" placeholder="Any emoji" autocomplete="off" maxlength=limits::EMOJI_MAX_BYTES.to_string() />
            <button class="button" type="submit">"React"</button>
        </form>
        <div class="menu-emoji" role="menu" aria-label="React">
            {MORE.into_iter().map(|emoji| view! { <EmojiButton emoji message=held /> }).collect_view()}
        </div>
    }
}

#[component]
fn PlaceMenu(id: ConversationId) -> impl IntoView {
    let (desk, store) = (use_desk(), use_store());
    let Some(place) = store.conversation(id) else {
        return ().into_any();
    };
    let group = place.kind == ConversationKind::Group;
    let (muted, archived) = (place.muted, place.archived);
    let held = StoredValue::new(place);
    let ask = move |ask: fn(Desk, &Conversation)| Callback::new(move |()| held.with_value(|place| ask(desk, place)));
    let (mute, unmute) = (
        if muted { "Unmute" } else { "Mute" },
        if muted { IconName::Bell } else { IconName::Muted },
    );
    let info = if group { "About the group" } else { "About this chat" };
    view! {
        <div role="menu" aria-label="What to do with the conversation">
            <Item icon=IconName::Info label=info act=ask(|desk, place| desk.show(Sheet::Info(place.id))) />
            <Item icon=unmute label=mute key="M" act=ask(mute_place) />
            <Item icon=IconName::Archive label=if archived { "Take out of the archive" } else { "Archive" } key="E" act=ask(archive_place) />
            {group.then(|| view! { <Item icon=IconName::Leave label="Leave…" danger=true act=ask(ask_leave) /> })}
            <Item icon=IconName::Bin label="Delete for me…" key="Del" danger=true act=ask(ask_clear) />
        </div>
    }
    .into_any()
}

fn change(desk: Desk, id: ConversationId, muted: Option<bool>, archived: Option<bool>) {
    let change = UpdateConversation {
        title: None,
        history: None,
        muted,
        archived,
    };
    desk.act(Deed::Update(id, change), || {});
}

/// Mutes a conversation, or no longer.
pub fn mute_place(desk: Desk, place: &Conversation) {
    change(desk, place.id, Some(!place.muted), None);
}

/// Puts a conversation away, or takes it out again.
pub fn archive_place(desk: Desk, place: &Conversation) {
    change(desk, place.id, None, Some(!place.archived));
}

/// Asks whether somebody really wants to go.
pub fn ask_leave(desk: Desk, place: &Conversation) {
    desk.show(Sheet::Question(Question {
        title: format!("Leave “{}”?", place.title),
        text: "You no longer see what was and what will be written there. An owner can add you again.".into(),
        button: "Leave",
        deed: Deed::Leave(place.id),
    }));
}

/// Asks whether a conversation shall really be forgotten.
pub fn ask_clear(desk: Desk, place: &Conversation) {
    desk.show(Sheet::Question(Question {
        title: "Delete this chat for you?".into(),
        text: format!("What was written with “{}” so far is gone for you, on all your devices. Others keep it. A new message brings the chat back, empty.", place.title),
        button: "Delete for me",
        deed: Deed::Clear(place.id),
    }));
}
