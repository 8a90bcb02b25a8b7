//! Icons, drawn on a 24-unit grid with one stroke, and the mark of Roost. All stand beside words, or within something
//! that has a name.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    /// A speech bubble.
    Chat,
    /// Sliders.
    Settings,
    /// A magnifying glass.
    Find,
    /// A paper plane.
    Send,
    /// An arrow to the left.
    Back,
    /// An arrow down.
    Down,
    /// A tick.
    Check,
    /// A clock face.
    Clock,
    /// An exclamation mark in a circle.
    Alert,
    /// An envelope.
    Mail,
    /// A shield.
    Admin,
}

impl IconName {
    /// The line to draw.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Chat => {
                "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 4v-4A2.5 2.5 0 0 1 4 13.5z"
            }
            Self::Settings => {
                "M4 7h9m5 0h2M4 17h2m5 0h9M13 7a2.5 2.5 0 1 0 5 0 2.5 2.5 0 0 0-5 0M6 17a2.5 2.5 0 1 0 5 0 2.5 2.5 0 0 0-5 0"
            }
            Self::Find => "M5 10.5a5.5 5.5 0 1 0 11 0 5.5 5.5 0 0 0-11 0M14.5 14.5 20 20",
            Self::Send => "M4.5 5 20 12 4.5 19l2-7zM6.5 12H13",
            Self::Back => "M19 12H5m6-6-6 6 6 6",
            Self::Down => "M12 5v14m-6-6 6 6 6-6",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::Clock => "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M12 7.5V12l3 2",
            Self::Alert => "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M12 8v4.5m0 3v.01",
            Self::Admin => "M12 3.5 19 6v5.5c0 4-2.8 7-7 9-4.2-2-7-5-7-9V6zM9 11.5l2.2 2.2 4-4.2",
            Self::Mail => {
                "M4 7.5A1.5 1.5 0 0 1 5.5 6h13A1.5 1.5 0 0 1 20 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 16.5zm.5 0L12 13l7.5-5.5"
            }
        }
    }
}

/// An icon of the size of the text around it.
#[component]
pub fn Icon(
    /// Which.
    name: IconName,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=name.path() />
        </svg>
    }
}

/// The mark: a bird that has come home to its perch.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <svg class="brand" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path
                class="brand-bird"
                d="M6 20.5c0-6.6 4.6-11.3 10.4-11.6a5.3 5.3 0 0 1 9.7 1.5l3.1 1.7-3 1.5c-.3 6.4-4.6 10.6-10.5 10.6H9.6L4 27.2z"
            />
            <path class="brand-wing" d="M11.2 19.6c1-3.4 3.6-5.5 7.4-6 0 4.2-2.6 6.9-7.4 6z" />
            <circle class="brand-eye" cx="21.6" cy="10.9" r="1.1" />
        </svg>
    }
}
