//! What is to know of a conversation, and what can be changed of it: its title and people, or whether I block somebody.

use super::{
    deeds::Deed,
    desk::{Desk, use_desk},
    doors::members,
    group::Picker,
    menus::{archive_place, ask_clear, ask_leave, mute_place},
};
use crate::ui::{Avatar, Icon, IconName, Modal, value_of};
use leptos::{ev, prelude::*, task::spawn_local};
use model::{
    Conversation, ConversationId, ConversationKind, History, Member, MemberRole, Person, command::UpdateConversation,
    limits,
};

/// The dialog.
#[component]
pub fn Info(id: ConversationId, closed: Callback<()>) -> impl IntoView {
    let desk = use_desk();
    let place = Memo::new(move |_| desk.store.conversation(id));
    let title = Signal::derive(move || {
        place.with(|place| place.as_ref().map_or_else(String::new, |place| place.title.clone()))
    });
    let group = place.with_untracked(|place| {
        place
            .as_ref()
            .is_some_and(|place| place.kind == ConversationKind::Group)
    });
    let other = place.with_untracked(|place| {
        place
            .as_ref()
            .and_then(|place| place.other(desk.store.my_id()).cloned())
    });
    view! {
        <Modal title closed>
            {other.map(|person| view! { <Somebody person /> })}
            {group.then(|| view! { <Rules place id /> <People place id /> })}
            {move || place.get().map(|place| view! { <Keeping place /> })}
        </Modal>
    }
}

/// How I keep it.
#[component]
fn Keeping(place: Conversation) -> impl IntoView {
    let desk = use_desk();
    let group = place.kind == ConversationKind::Group;
    let (muted, archived) = (place.muted, place.archived);
    let held = StoredValue::new(place);
    let with = move |act: fn(Desk, &Conversation)| move |_: ev::MouseEvent| held.with_value(|place| act(desk, place));
    view! {
        <div class="info-keep">
            <button type="button" class="button" id="info-mute" on:click=with(mute_place)>
                <Icon name=if muted { IconName::Bell } else { IconName::Muted } />
                {if muted { "Unmute" } else { "Mute" }}
            </button>
            <button type="button" class="button" id="info-archive" on:click=with(archive_place)>
                <Icon name=IconName::Archive />
                {if archived { "Take out of the archive" } else { "Archive" }}
            </button>
            {group.then(|| view! {
                <button type="button" class="button button-danger" on:click=with(ask_leave)><Icon name=IconName::Leave />"Leave…"</button>
            })}
            <button type="button" class="button button-danger" on:click=with(ask_clear)><Icon name=IconName::Bin />"Delete for me…"</button>
        </div>
    }
}

/// The other one of a direct conversation.
#[component]
fn Somebody(person: Person) -> impl IntoView {
    let desk = use_desk();
    let (id, username) = (person.id, person.username.clone());
    let blocked = move || desk.store.blocks_person(id);
    let toggle = move |_| {
        let name = username.clone();
        let deed = if desk.store.blocks.with_untracked(|all| all.contains(&id)) {
            Deed::Unblock(name)
        } else {
            Deed::Block(name)
        };
        // Whether one can write there has changed, too.
        desk.act(deed, move || desk.store.refresh());
    };
    view! {
        <div class="info-person">
            <Avatar person=person.clone() />
            <p class="muted" dir="auto">"@" {person.username}</p>
            <button type="button" class="button" id="info-block" on:click=toggle>
                <Icon name=IconName::Block />
                {move || if blocked() { "Unblock" } else { "Block" }}
            </button>
        </div>
        <p class="field-hint">
            {move || if blocked() {
                "You block each other’s messages here, and see nothing of each other’s presence."
            } else {
                "Blocking stops messages, mentions and notices between you two. They are not told."
            }}
        </p>
    }
}

fn update(desk: Desk, id: ConversationId, title: Option<String>, history: Option<History>) {
    let change = UpdateConversation {
        title,
        history,
        muted: None,
        archived: None,
    };
    desk.act(Deed::Update(id, change), || {});
}

/// The title, and what newcomers read. Owners change it.
#[component]
fn Rules(place: Memo<Option<Conversation>>, id: ConversationId) -> impl IntoView {
    let desk = use_desk();
    let owner =
        Memo::new(move |_| place.with(|place| place.as_ref().is_some_and(|place| place.role == MemberRole::Owner)));
    let all = Memo::new(move |_| place.with(|place| place.as_ref().is_some_and(|place| place.history == History::All)));
    let title = Memo::new(move |_| place.with(|place| place.as_ref().map(|place| place.title.clone())));
    let rename = move |event: ev::SubmitEvent| {
        event.prevent_default();
        update(desk, id, Some(value_of("info-title")), None);
    };
    let on_history = move |all: bool| update(desk, id, None, Some(if all { History::All } else { History::Joined }));
    move || {
        if owner.get() {
            view! {
                <form class="field" on:submit=rename>
                    <label for="info-title">"Name of the group"</label>
                    <div class="field-row">
                        <input id="info-title" autocomplete="off" required maxlength=limits::TITLE_MAX.to_string() prop:value=title />
                        <button class="button" type="submit" id="info-rename">"Rename"</button>
                    </div>
                </form>
                <label class="check">
                    <input id="info-history" type="checkbox" prop:checked=all on:change:target=move |event| on_history(event.target().checked()) />
                    <span>"Who is added may read what was written before"</span>
                </label>
            }
            .into_any()
        } else {
            let told = move || {
                if all.get() {
                    "Newcomers may read everything."
                } else {
                    "Newcomers read what is written after they join."
                }
            };
            view! { <p class="field-hint">{told}</p> }.into_any()
        }
    }
}

/// Who is in it.
#[component]
fn People(place: Memo<Option<Conversation>>, id: ConversationId) -> impl IntoView {
    let desk = use_desk();
    let more = RwSignal::new(Vec::<Member>::new());
    let next = StoredValue::new(None);
    let shown =
        Memo::new(move |_| place.with(|place| place.as_ref().map_or_else(Vec::new, |place| place.members.clone())));
    let count = Memo::new(move |_| place.with(|place| place.as_ref().map_or(0, |place| place.member_count)));
    let owner =
        Memo::new(move |_| place.with(|place| place.as_ref().is_some_and(|place| place.role == MemberRole::Owner)));
    // When somebody comes or goes, what was read on is out of date.
    Effect::new(move || {
        count.track();
        more.set(Vec::new());
        next.set_value(None);
    });
    let all =
        move || -> Vec<Member> { shown.with(|shown| more.with(|more| shown.iter().chain(more).cloned().collect())) };
    // A large group comes with oneself alone; the others are asked for.
    let there_is_more = move || count.get() > all().len() as u64;
    let read_on = move |_| {
        spawn_local(async move {
            match members(id, None, next.get_value()).await {
                Ok(page) => {
                    let known = untrack(all);
                    let new = page
                        .items
                        .into_iter()
                        .filter(|one| known.iter().all(|old| old.person.id != one.person.id));
                    more.update(|more| more.extend(new));
                    next.set_value(page.next);
                }
                Err(refused) => desk.tell(&refused.0),
            }
        });
    };
    view! {
        <section class="info-people" aria-labelledby="info-people">
            <h3 id="info-people">"People " <span class="muted">{count}</span></h3>
            {move || owner.get().then(|| view! { <Adding id /> })}
            <ul>
                <For each=all key=|member| (member.person.id, member.role == MemberRole::Owner) let:member>
                    <Somewhat id member owner />
                </For>
            </ul>
            {move || there_is_more().then(|| view! { <button type="button" class="button" on:click=read_on>"Show more"</button> })}
        </section>
    }
}

#[component]
fn Adding(id: ConversationId) -> impl IntoView {
    let desk = use_desk();
    let chosen = RwSignal::new(Vec::<Person>::new());
    let add = move |_| {
        for person in chosen.get_untracked() {
            let added = person.id;
            desk.act(Deed::Member(id, person.username, None), move || {
                chosen.update(|all| all.retain(|one| one.id != added));
            });
        }
        crate::ui::focus("picker");
    };
    view! {
        <div class="info-add">
            <Picker chosen label="Add people" />
            {move || chosen.with(|chosen| !chosen.is_empty()).then(|| view! { <button type="button" class="button button-main" on:click=add>"Add to the group"</button> })}
        </div>
    }
}

/// One member.
#[component]
fn Somewhat(id: ConversationId, member: Member, owner: Memo<bool>) -> impl IntoView {
    let desk = use_desk();
    let Member { person, role, .. } = member;
    let me = person.id == desk.store.my_id();
    let owns = role == MemberRole::Owner;
    let user = StoredValue::new(person.username.clone());
    let set_role = move |_| {
        let role = if owns { MemberRole::Member } else { MemberRole::Owner };
        desk.act(Deed::Member(id, user.get_value(), Some(role)), || {});
    };
    let remove = move |_| desk.act(Deed::Remove(id, user.get_value()), || crate::ui::focus("picker"));
    let named = |what: &str| format!("{what}: {}", person.display_name);
    let role_word = if owns { "Make member" } else { "Make owner" };
    let labels = [named(role_word), named("Remove")];
    let role_id = format!("role-{}", person.id);
    view! {
        <li class="info-member">
            <Avatar person=person.clone() small=true />
            <span class="info-name">
                <b dir="auto">{person.display_name.clone()}</b>
                <small class="muted" dir="auto">"@" {person.username.clone()}</small>
            </span>
            {owns.then(|| view! { <span class="tag">"Owner"</span> })}
            {me.then(|| view! { <span class="tag">"You"</span> })}
            {move || {
                let [role_label, remove_label] = labels.clone();
                let role_id = role_id.clone();
                owner.get().then(|| view! {
                    <span class="info-acts">
                        <button type="button" class="link-button" id=role_id aria-label=role_label on:click=set_role>{role_word}</button>
                        {(!me).then(|| view! { <button type="button" class="link-button" aria-label=remove_label on:click=remove>"Remove"</button> })}
                    </span>
                })
            }}
        </li>
    }
}
