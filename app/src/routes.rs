//! Every path of the screens, by name. The server's list of public routes is made of these.

/// The start: leads to the chat or to the sign-in.
pub const HOME: &str = "/";
/// Make an account.
pub const SIGN_UP: &str = "/sign-up";
/// Look at your mail.
pub const SIGN_UP_SENT: &str = "/sign-up/sent";
/// Type a code; with the code as another segment, set the password.
pub const CONFIRM: &str = "/confirm";
/// Sign in.
pub const SIGN_IN: &str = "/sign-in";
/// Ask for a link with which to set a new password.
pub const FORGOT: &str = "/forgot";
/// Look at your mail, for that link.
pub const FORGOT_SENT: &str = "/forgot/sent";
/// With the code as another segment: become the first administrator.
pub const SETUP: &str = "/setup";
/// The conversations; with an id as another segment, one of them.
pub const CHAT: &str = "/chat";
/// The mailbox: lists, letters, and where they are written, each at its own path below.
pub const MAIL: &str = "/mail";
/// Messages by their words, asked for with `?q=`.
pub const SEARCH: &str = "/search";
/// About me and this device.
pub const SETTINGS: &str = "/settings";
/// Another e-mail address.
pub const SETTINGS_EMAIL: &str = "/settings/email";
/// Look at your mail, for its code.
pub const SETTINGS_EMAIL_SENT: &str = "/settings/email/sent";
/// Another password.
pub const SETTINGS_PASSWORD: &str = "/settings/password";
/// Delete my account.
pub const SETTINGS_DELETE: &str = "/settings/delete";
/// What administrators do. These pages are the server's own (`server/src/admin_pages`); nobody else knows of them.
pub const ADMIN: &str = "/admin";
/// What the service worker shows when there is no network. Not hydrated.
pub const OFFLINE: &str = "/offline";
/// Under this, every server function.
pub const FORMS: &str = "/form";
/// The mails of a Roost in development.
pub const DEV_MAIL: &str = "/dev/mail";

/// Pages that anybody may ask for.
pub const PUBLIC: &[&str] = &[
    HOME,
    SIGN_UP,
    SIGN_UP_SENT,
    CONFIRM,
    "/confirm/{code}",
    SIGN_IN,
    FORGOT,
    FORGOT_SENT,
    "/setup/{code}",
    OFFLINE,
];

/// Pages that lead a stranger to the sign-in.
pub const FOR_MEMBERS: &[&str] = &[
    CHAT,
    "/chat/{id}",
    MAIL,
    "/mail/{*rest}",
    SEARCH,
    SETTINGS,
    SETTINGS_EMAIL,
    SETTINGS_EMAIL_SENT,
    SETTINGS_PASSWORD,
    SETTINGS_DELETE,
];

/// The page of a conversation.
#[must_use]
pub fn conversation(id: model::ConversationId) -> String {
    format!("{CHAT}/{id}")
}

/// The place of a message in its conversation.
#[must_use]
pub fn message(id: model::ConversationId, seq: u64) -> String {
    format!("{CHAT}/{id}?at={seq}")
}

/// The page that finds messages with these words.
#[must_use]
pub fn search(q: &str) -> String {
    if q.is_empty() {
        return SEARCH.to_owned();
    }
    format!("{SEARCH}?q={}", encoded(q))
}

/// A text as it may stand in an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}

/// The page of a code. What can't be part of any code is left out.
#[must_use]
pub fn confirm(code: &str) -> String {
    format!("{CONFIRM}/{}", segment(code))
}

/// A code as one segment of a path.
pub(crate) fn segment(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(200)
        .collect()
}

/// The sign-in page for a browser whose session was ended from elsewhere; it comes back to `path`.
#[must_use]
pub fn sign_in_again(path: &str) -> String {
    format!("{SIGN_IN}?ended=1&next={path}")
}

/// Where to go after signing in: a path of this site, or the chat. Anything that could lead elsewhere is refused.
#[must_use]
pub fn after_sign_in(wanted: &str) -> String {
    let mut letters = wanted.chars();
    let local = letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && !wanted.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\')
        && wanted.is_ascii()
        && !wanted.starts_with(FORMS);
    if local { wanted.to_owned() } else { CHAT.to_owned() }
}

/// The sign-up page with an invitation filled in, if it could be the code of one.
#[must_use]
pub fn sign_up_with(invitation: &str) -> String {
    let code = invitation.trim();
    if code.is_empty() || code.len() > 64 || !code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        SIGN_UP.to_owned()
    } else {
        format!("{SIGN_UP}?invitation={code}")
    }
}

/// The sign-in page that comes back to `path`.
#[must_use]
pub fn sign_in_for(path: &str) -> String {
    if path == CHAT {
        SIGN_IN.to_owned()
    } else {
        format!("{SIGN_IN}?next={path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_an_invitation_goes_into_an_address() {
        assert_eq!(sign_up_with(" K7QM2-X9PRT "), "/sign-up?invitation=K7QM2-X9PRT");
        for bad in ["", " ", "a&b=c", "a\r\nb", "é", &"x".repeat(65)] {
            assert_eq!(sign_up_with(bad), SIGN_UP, "{bad:?}");
        }
    }

    #[test]
    fn whatever_is_searched_for_stays_one_value_of_the_address() {
        assert_eq!(search(""), "/search");
        assert_eq!(search("good morning"), "/search?q=good%20morning");
        assert_eq!(search("a&b=#ü"), "/search?q=a%26b%3D%23%C3%BC");
    }

    #[test]
    fn after_signing_in_nobody_is_led_to_another_site() {
        for good in ["/chat/1", "/settings", "/chat?q=ada"] {
            assert_eq!(after_sign_in(good), good);
        }
        for bad in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\r\nb",
            "chat",
            "/form/sign-out",
        ] {
            assert_eq!(after_sign_in(bad), CHAT, "{bad:?}");
        }
    }
}
