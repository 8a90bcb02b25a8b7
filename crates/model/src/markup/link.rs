//! Where links lead.

use super::{Span, flatten_spans};
use crate::account::is_bidi_control;

/// Longest address of a link, in bytes.
pub const HREF_MAX: usize = 2_048;

/// A way to elsewhere: to the web or to a mail program, never to anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address: `http:`, `https:` or `mailto:`.
    pub href: String,
    /// What it says.
    pub label: Vec<Span>,
    /// The host that it leads to, where what it says does not tell.
    pub host: Option<String>,
}

impl Link {
    /// A link that says something of its own.
    pub fn new(href: &str, label: Vec<Span>) -> Option<Self> {
        let host = target(href)?;
        let mut said = String::new();
        flatten_spans(&label, &mut said);
        if said.trim().is_empty() {
            return None;
        }
        let honest = said == href || same(&said, host);
        Some(Self {
            href: href.to_owned(),
            label,
            host: (!honest).then(|| host.to_owned()),
        })
    }

    /// A link that says where it leads.
    pub fn bare(href: &str) -> Option<Self> {
        let host = target(href)?;
        // What stands before an `@` looks like the host to many.
        let unclear = !is_mail(href) && authority(href).is_some_and(|authority| authority.contains('@'));
        Some(Self {
            href: href.to_owned(),
            label: vec![Span::Text(href.to_owned())],
            host: unclear.then(|| host.to_owned()),
        })
    }
}

fn starts(text: &str, scheme: &str) -> bool {
    text.as_bytes()
        .get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
}

fn is_mail(href: &str) -> bool {
    starts(href, "mailto:")
}

/// Whether a text begins like an address, and with which scheme.
pub fn scheme(text: &str) -> Option<&'static str> {
    ["https://", "http://", "mailto:"]
        .into_iter()
        .find(|scheme| starts(text, scheme))
}

/// What may not be in an address.
pub fn ends_address(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_bidi_control(c) || matches!(c, '<' | '>' | '"' | '`')
}

fn authority(href: &str) -> Option<&str> {
    // Browsers take `\` for `/` here.
    href.get(scheme(href)?.len()..)?.split(['/', '\\', '?', '#']).next()
}

/// The host of an address that may be followed; of a mail, the address itself.
fn target(href: &str) -> Option<&str> {
    if href.len() > HREF_MAX || href.contains(ends_address) {
        return None;
    }
    if is_mail(href) {
        let to = href.get("mailto:".len()..)?.split('?').next()?;
        return to.contains('@').then_some(to);
    }
    let authority = authority(href)?;
    let host = authority.rsplit('@').next()?;
    let bracketed = host.find(']').and_then(|end| host.get(..=end));
    let host = bracketed.or_else(|| host.split(':').next())?;
    (!host.is_empty()).then_some(host)
}

/// Whether a text names this host and nothing else.
fn same(said: &str, host: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim().to_lowercase();
        text.strip_prefix("www.").map_or_else(|| text.clone(), str::to_owned)
    };
    bare(said) == bare(host)
}
