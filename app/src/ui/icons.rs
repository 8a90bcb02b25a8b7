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
    /// An arrow that turns back.
    Reply,
    /// A smiling face.
    Smile,
    /// Three dots.
    More,
    /// A pencil.
    Edit,
    /// Two sheets.
    Copy,
    /// Two links of a chain.
    Link,
    /// A bin.
    Bin,
    /// A bell.
    Bell,
    /// A bell, struck out.
    Muted,
    /// A box.
    Archive,
    /// A door with an arrow out of it.
    Leave,
    /// An i in a circle.
    Info,
    /// A cross.
    Close,
    /// Two people.
    Group,
    /// A circle, struck out.
    Block,
    /// A tray.
    Inbox,
    /// A star.
    Star,
    /// A tag.
    Label,
    /// A paper clip.
    Clip,
    /// An arrow that goes on.
    Forward,
    /// A printer.
    Print,
    /// Two arrows in a circle.
    Sync,
    /// Three lines.
    Menu,
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
            Self::Reply => "m9 7-5 5 5 5m-5-5h10a6 6 0 0 1 6 6v1",
            Self::Smile => "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M9 10v.01M15 10v.01M8.5 14.2a4.2 4.2 0 0 0 7 0",
            Self::More => "M6 12v.01M12 12v.01M18 12v.01",
            Self::Edit => "m4.5 19.5 1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5",
            Self::Copy => "M9 9h9.5v10.5H9zM15 9V4.5H5.5V15H9",
            Self::Link => {
                "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2"
            }
            Self::Bin => "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7",
            Self::Bell => "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4",
            Self::Muted => "M6 16.5V11a6 6 0 0 1 9-5.2M18 11v5.5l1.5 1.5h-12M10 20.5h4M4 4l16 16",
            Self::Archive => "M4 5h16v4H4zM5.5 9v10.5h13V9M10 13h4",
            Self::Leave => "M10 4.5H5v15h5M9.5 12H20m-4-4 4 4-4 4",
            Self::Info => "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M12 11v5m0-8v.01",
            Self::Close => "m6 6 12 12M18 6 6 18",
            Self::Group => {
                "M5.5 8.5a3 3 0 1 0 6 0 3 3 0 0 0-6 0M3 19a5.5 5.5 0 0 1 11 0M15 5.8a3 3 0 0 1 0 5.4M16.5 14a5.5 5.5 0 0 1 4.5 5"
            }
            Self::Block => "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0M6.5 6.5l11 11",
            Self::Inbox => "M4 13.5 6.5 5h11l2.5 8.5v5h-16zM4 13.5h4.5l1 2.5h5l1-2.5H20",
            Self::Star => "m12 4 2.4 5.1 5.6.7-4.1 3.9 1.1 5.6-5-2.8-5 2.8 1.1-5.6L4 9.8l5.6-.7z",
            Self::Label => "M4 4.5h7.5L20 13l-7 7-9-8.5zM8 8.5v.01",
            Self::Clip => "m19 11-7.5 7.5a4.2 4.2 0 0 1-6-6L13 5a2.8 2.8 0 0 1 4 4l-7.5 7.5a1.4 1.4 0 0 1-2-2L14 8",
            Self::Forward => "m15 7 5 5-5 5m5-5H10a6 6 0 0 0-6 6v1",
            Self::Print => "M7 9V4.5h10V9M7 17H4.5V9h15v8H17M7 14h10v5.5H7z",
            Self::Sync => "M5 11a7 7 0 0 1 12.5-3.5L19 9m0-4v4h-4M19 13a7 7 0 0 1-12.5 3.5L5 15m0 4v-4h4",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
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
