//! The name a mail has in the world.

use crate::env::Site;
use model::MailId;

/// The `Message-ID` (RFC 5322 §3.6.4) of a mail, without the angle brackets. It depends on nothing that changes
/// between two tries, so that whoever gets a mail twice can tell that it is one.
pub(super) fn message_id(site: &Site, id: MailId) -> String {
    let authority = site
        .public_url
        .split_once("://")
        .map_or(site.public_url.as_str(), |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        // The colons of a bare `[::1]` belong to the address.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    format!("{id}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_ends_in_the_host_that_people_reach_without_its_port() {
        let id = MailId::from(uuid::Uuid::nil());
        for (public_url, host) in [
            ("http://127.0.0.1:3000", "127.0.0.1"),
            ("https://chat.example.org", "chat.example.org"),
            ("https://example.org/chat", "example.org"),
            ("http://[::1]:3000", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            let site = Site {
                public_url: public_url.into(),
                mails_per_second: 1.0,
                keep_sent_mail: false,
                single_session: false,
            };
            assert_eq!(
                message_id(&site, id),
                format!("00000000-0000-0000-0000-000000000000@{host}")
            );
        }
    }
}
