//! The cookie by which a browser is known again when somebody signs in: it opens nothing, and stays when they sign out.

use http::{HeaderMap, header};

const NAME: &str = "roost-device";
/// Browsers keep a cookie for 400 days at most (RFC 6265bis §5.5).
const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// Its value, as the browser sent it.
#[must_use]
pub fn of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` value that leaves it.
#[must_use]
pub fn set(value: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE_SECONDS}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(of(&headers), None);
        headers.append(header::COOKIE, "theme=dark; roost-device=abc".parse().expect("a value"));
        assert_eq!(of(&headers).as_deref(), Some("abc"));
        assert!(set("abc", true).ends_with("; Secure"));
    }
}
