//! Names that a reader could confuse (UTS #39, Unicode Security Mechanisms).

use crate::Result;
use model::{Rejection, Username};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{
    GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, confusable_detection::skeleton,
};

/// A username in the form in which it is kept (NFKC, lower case), once it is safe to show beside others.
///
/// # Errors
/// Invalid, when it mixes scripts or uses characters that are there to confuse.
pub fn canonical(username: &Username) -> Result<Username> {
    let name: String = username.as_str().nfkc().collect::<String>().to_lowercase();
    let safe = name.as_str().detect_restriction_level() <= RestrictionLevel::HighlyRestrictive
        && name.chars().all(GeneralSecurityProfile::identifier_allowed);
    if !safe {
        let why = "This name mixes alphabets, or uses characters that look like others. Please use one alphabet.";
        return Err(Rejection::field("username", why).into());
    }
    Username::parse(&name).map_err(|why| Rejection::field("username", why).into())
}

/// What two names share when a reader could take one for the other. Names with equal keys can't both be taken.
pub fn key(canonical: &Username) -> String {
    skeleton(canonical.as_str()).collect::<String>().to_lowercase()
}

/// A username's key and the name itself, to find the account that has it; `None` for a name nobody can have.
pub fn key_and_name(username: &Username) -> Option<(String, String)> {
    let name = canonical(username).ok()?;
    Some((key(&name), name.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Username> {
        canonical(&Username::parse(text).map_err(|why| Rejection::field("username", why))?)
    }

    #[test]
    fn look_alikes_share_a_key_and_others_do_not() {
        let key_of = |text: &str| key(&parse(text).unwrap_or_else(|error| panic!("{text}: {error}")));
        for (a, b) in [
            ("ada", "ADA"),
            ("bob", "b0b"),
            ("paypal", "paypa1"),
            ("modern", "modem"),
            ("асе", "ace"),
        ] {
            assert_eq!(key_of(a), key_of(b), "{a} {b}");
        }
        for (a, b) in [("ada", "adam"), ("grace", "gracy"), ("ali", "all"), ("söhne", "sohne")] {
            assert_ne!(key_of(a), key_of(b), "{a} {b}");
        }
    }

    #[test]
    fn mixed_alphabets_and_confusing_characters_are_refused() {
        for bad in ["аda", "pаypal", "gгасе"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        for good in ["ada", "ольга", "söhne", "中村さん"] {
            assert!(parse(good).is_ok(), "{good}");
        }
    }
}
