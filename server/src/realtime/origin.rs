//! From which pages a socket may be opened. A browser lets any site's page open a socket anywhere and sends the cookies
//! along, so the handshake must look at `Origin` (RFC 6455 §10.2; OWASP ASVS 4.4.2).

use axum::http::{HeaderMap, header};

/// Whether the handshake comes from our own pages, or from a program that is no browser.
pub fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin.eq_ignore_ascii_case(public_url) || (authority.is_some() && authority == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a host"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("an origin"));
        }
        is_ours(&headers, "https://chat.example.org")
    }

    #[test]
    fn our_own_pages_and_programs_may_and_foreign_pages_may_not() {
        assert!(ours(None, "chat.example.org"));
        assert!(ours(Some("https://chat.example.org"), "internal:3000"));
        assert!(ours(Some("http://localhost:3000"), "localhost:3000"));
        for foreign in [
            "https://evil.example",
            "https://chat.example.org.evil.example",
            "null",
            "http://localhost",
        ] {
            assert!(!ours(Some(foreign), "chat.example.org"), "{foreign}");
        }
    }
}
