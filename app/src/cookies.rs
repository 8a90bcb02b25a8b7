//! The small cookies besides the session: theme, time zone, and the flash that carries a refused form back to its
//! page when there is no JavaScript.

use crate::{
    context::{Visitor, request_header, set_cookie},
    facts::{DONE, Flash},
};
use leptos::{context::use_context, serde_json};

const FLASH: &str = "roost-flash";
const FLASH_SECONDS: u32 = 600;
/// Browsers keep about 4 kB per cookie.
const FLASH_MAX_BYTES: usize = 3_500;

/// The value of a cookie of the request.
pub fn read(name: &str) -> Option<String> {
    find(&request_header(&http::header::COOKIE)?, name).map(str::to_owned)
}

fn find<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Keeps a choice of this device for a year, readable by the screens.
pub fn keep(name: &str, value: &str) {
    set_cookie(&format!(
        "{name}={value}; Path=/; SameSite=Lax; Max-Age=31536000{}",
        secure()
    ));
}

/// Takes the flash that an earlier reply left. One that tells of a refusal, or of what was done, is shown once.
pub fn take_flash() -> Option<Flash> {
    let flash: Flash = serde_json::from_str(&decode(&read(FLASH)?)?).ok()?;
    if flash.rejection.is_some() || flash.form == DONE {
        write_flash("", 0);
    }
    Some(flash)
}

/// Leaves a flash for the next page. What was typed is dropped when it does not fit into a cookie.
pub fn leave_flash(mut flash: Flash) {
    let mut text = encode(&serde_json::to_string(&flash).unwrap_or_default());
    if text.len() > FLASH_MAX_BYTES {
        flash.values.clear();
        text = encode(&serde_json::to_string(&flash).unwrap_or_default());
    }
    if text.len() <= FLASH_MAX_BYTES {
        write_flash(&text, FLASH_SECONDS);
    }
}

fn write_flash(text: &str, seconds: u32) {
    set_cookie(&format!(
        "{FLASH}={text}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{}",
        secure()
    ));
}

fn secure() -> &'static str {
    if use_context::<Visitor>().is_some_and(|visitor| visitor.secure) {
        "; Secure"
    } else {
        ""
    }
}

/// Percent-encodes whatever a cookie value may not hold (RFC 6265 §4.1.1).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.:{}[]'!()*".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_survives_a_cookie_and_broken_ones_are_nothing() {
        for text in ["", "{\"a\":\"b; c=d\"}", "Zoë, 日本\r\n%"] {
            let coded = encode(text);
            assert!(
                coded.bytes().all(|b| b.is_ascii_graphic() && !b";,\"\\".contains(&b)),
                "{coded}"
            );
            assert_eq!(decode(&coded).as_deref(), Some(text));
        }
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn cookies_are_told_apart_by_their_whole_name() {
        assert_eq!(find("xtheme=a; theme=dark;tz=60", "theme"), Some("dark"));
        assert_eq!(find("xtheme=a", "theme"), None);
    }
}
