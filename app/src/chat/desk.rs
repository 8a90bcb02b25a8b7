//! What is on top of the chat: a menu, a dialog, a question, a problem. There is one of each at a time, whatever they
//! are about, so that hundreds of messages and conversations need none of their own.

use super::{
    deeds::{Deed, act},
    store::{Store, use_store},
};
use crate::ui::{focus, is_nowhere, place_of};
use leptos::{prelude::*, task::spawn_local};
use model::{ConversationId, Message};
use std::time::Duration;

/// For how long a sentence is shown.
const TOLD: Duration = Duration::from_secs(8);

/// What the menu is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub enum Menu {
    /// A message; whether its emoji are shown.
    Message(Message, bool),
    /// A conversation.
    Place(ConversationId),
}

/// Which dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub enum Sheet {
    /// A new group.
    NewGroup,
    /// About a conversation.
    Info(ConversationId),
    /// What a message said before.
    Versions(Message),
    /// Sure?
    Question(Question),
}

/// Asked before something that can't be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// What the button says.
    pub button: &'static str,
    /// What is done then.
    pub deed: Deed,
}

/// The handles of all that.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The open menu.
    pub menu: RwSignal<Option<Menu>>,
    /// The open dialog.
    pub sheet: RwSignal<Option<Sheet>>,
    /// What went wrong, or was done.
    pub told: RwSignal<Option<String>>,
    /// The message of mine that the composer changes.
    pub editing: RwSignal<Option<Message>>,
    /// Where the menu opens: what was clicked, by its edges.
    pub place: StoredValue<(f64, f64)>,
    /// The id of what had the focus before a dialog came.
    opener: StoredValue<Option<String>>,
    /// What the chat knows.
    pub store: Store,
}

/// The desk of this page.
pub fn use_desk() -> Desk {
    use_context().unwrap_or_else(Desk::new)
}

impl Desk {
    /// With nothing on it.
    pub fn new() -> Self {
        Self {
            menu: RwSignal::new(None),
            sheet: RwSignal::new(None),
            told: RwSignal::new(None),
            editing: RwSignal::new(None),
            place: StoredValue::new((0.0, 0.0)),
            opener: StoredValue::new(None),
            store: use_store(),
        }
    }

    /// Opens a menu below what was clicked or has the focus.
    pub fn open_menu(self, menu: Menu, at: &web_sys::Element) {
        self.place.set_value(place_of(at));
        self.menu.set(Some(menu));
    }

    /// Opens a dialog. When the last one closes, the focus goes back to where it was before the first.
    pub fn show(self, sheet: Sheet) {
        if self.sheet.with_untracked(Option::is_none) {
            self.opener.set_value(focused());
        }
        self.sheet.set(Some(sheet));
    }

    /// Closes the dialog.
    pub fn close_sheet(self) {
        if self.sheet.with_untracked(Option::is_some) {
            self.sheet.set(None);
            self.opener.get_value().into_iter().for_each(refocus);
        }
    }

    /// Does what a dialog was asked for; the focus is where it was before the dialog.
    pub fn act_from_opener(self, deed: Deed) {
        let opener = self.opener.get_value();
        self.act(deed, move || opener.into_iter().for_each(refocus));
    }

    /// Does something, takes what comes of it into the store, and goes on. Whatever had the focus keeps it, also when it
    /// is drawn anew.
    pub fn act(self, deed: Deed, then: impl FnOnce() + 'static) {
        let focused = focused();
        spawn_local(async move {
            match act(deed).await {
                Ok(frames) => {
                    frames.into_iter().for_each(|frame| self.store.receive(frame));
                    then();
                    if let Some(id) = focused {
                        refocus(id);
                    }
                }
                Err(refused) => self.tell(&refused.0),
            }
        });
    }

    /// Tells those who listen, and those who look, that something was done.
    pub fn say(self, what: &str) {
        self.store.said.set(what.to_owned());
        self.warn(what.to_owned());
    }

    /// Shows why something was not done.
    pub fn tell(self, why: &model::Rejection) {
        let about = why
            .errors
            .values()
            .flatten()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ");
        self.warn(if about.is_empty() {
            why.detail.to_string()
        } else {
            about
        });
    }

    /// Shows a sentence for a while.
    pub fn warn(self, text: String) {
        self.told.set(Some(text.clone()));
        set_timeout(
            move || {
                if self.told.with_untracked(|now| now.as_ref() == Some(&text)) {
                    self.told.set(None);
                }
            },
            TOLD,
        );
    }
}

/// The id of what has the focus, or of what it is in.
fn focused() -> Option<String> {
    let here = document().active_element()?;
    here.closest("[id]").ok().flatten().map(|named| named.id())
}

/// Gives the focus back to what had it, if that was drawn anew and nothing else has it by now.
fn refocus(id: String) {
    request_animation_frame(move || {
        if is_nowhere() {
            focus(&id);
        }
    });
}
