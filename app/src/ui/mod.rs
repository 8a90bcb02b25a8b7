//! The components that pages are made of, over native elements.
//!
//! | file | holds |
//! |---|---|
//! | [`forms`] | forms that work with and without JavaScript, fields with their errors |
//! | [`avatar`] | people by initials and hue |
//! | [`icons`] | icons and the mark of Roost |
//! | [`pause`] | waiting until somebody stops typing |
//! | [`problem`] | pages and panes that say what is wrong and what to do |
//! | [`browser`] | the few things asked of the browser |

mod avatar;
mod browser;
mod forms;
mod icons;
mod pause;
mod problem;

pub use avatar::Avatar;
#[cfg(feature = "ssr")]
pub use avatar::{hue, initials};
pub(crate) use browser::{browser_leave_for, focus, keep_cookie, key_is_plain, lead_to};
pub(crate) use forms::{Done, Field, Form, HiddenField, use_form};
pub use icons::{Brand, Icon, IconName};
pub(crate) use pause::Pause;
pub(crate) use problem::Problem;
