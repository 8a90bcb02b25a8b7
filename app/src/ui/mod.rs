//! The components that pages are made of, over native elements.
//!
//! | file | holds |
//! |---|---|
//! | [`forms`] | forms that work with and without JavaScript, fields with their errors |
//! | [`avatar`] | people by initials and hue |
//! | [`icons`] | icons and the mark of Roost |
//! | [`modal`] | dialogs |
//! | [`pause`] | waiting until somebody stops typing |
//! | [`problem`] | pages and panes that say what is wrong and what to do |
//! | [`browser`] | the few things asked of the browser |

mod avatar;
mod browser;
mod forms;
mod icons;
mod modal;
mod pause;
mod problem;

pub use avatar::{Avatar, Picture};
#[cfg(feature = "ssr")]
pub use avatar::{hue, initials};
pub(crate) use browser::{
    browser_leave_for, copy, focus, is_field, is_nowhere, keep_cookie, key_is_plain, lead_to, next_in, place_at,
    place_of, step_to, target_of, value_of,
};
pub(crate) use forms::{Done, Field, Form, HiddenField, use_form};
pub use icons::{Brand, Icon, IconName};
pub(crate) use modal::Modal;
pub(crate) use pause::Pause;
pub(crate) use problem::Problem;
