//! Usernames for people whom the host site calls by names of its own.

use crate::accounts::{look_alikes, secret};
use model::{Username, limits};

/// How many people may share a name before the next one gets digits that stand for them alone.
const NUMBERED: usize = 20;

/// Usernames for somebody, the best first: what the site calls them, as far as our rules allow; with `-2`, `-3`, … after it;
/// and at last one that is made of who they are. The same for the same person each time.
pub fn usernames(wanted: &str, issuer: &str, subject: &str) -> Vec<Username> {
    let mark = secret::hash(format!("{issuer}|{subject}").as_bytes());
    let mark: String = mark.chars().take(8).collect();
    let base = parse(&clean(wanted));
    let numbered = base
        .iter()
        .flat_map(|base| (2..=NUMBERED).filter_map(|n| with_ending(base, &n.to_string())));
    let marked = base.as_ref().and_then(|base| with_ending(base, &mark));
    let nameless = if base.is_none() {
        parse(&format!("member-{mark}"))
    } else {
        None
    };
    base.iter()
        .cloned()
        .chain(numbered)
        .chain(marked)
        .chain(nameless)
        .collect()
}

/// Letters and digits stay, whatever else becomes one hyphen; of an address, what stands before the `@`.
fn clean(wanted: &str) -> String {
    let mut name = String::new();
    for c in wanted.split('@').next().unwrap_or_default().chars() {
        if c.is_alphanumeric() || matches!(c, '.' | '_') {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    cut(&name, limits::USERNAME_MAX)
}

fn cut(name: &str, length: usize) -> String {
    let ends = |c: char| !c.is_alphanumeric();
    let name: String = name.trim_matches(ends).chars().take(length).collect();
    name.trim_end_matches(ends).to_owned()
}

fn with_ending(base: &Username, ending: &str) -> Option<Username> {
    let room = limits::USERNAME_MAX - ending.len() - 1;
    parse(&format!("{}-{ending}", cut(base.as_str(), room)))
}

fn parse(name: &str) -> Option<Username> {
    look_alikes::canonical(&Username::parse(name).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first(wanted: &str) -> String {
        usernames(wanted, "https://www.example.org", "7")[0].to_string()
    }

    #[test]
    fn names_of_other_sites_become_names_of_ours() {
        let long = "x".repeat(60);
        for (wanted, ours) in [
            ("ada", "ada"),
            ("Ada", "ada"),
            ("Ada Lovelace", "ada-lovelace"),
            ("  Grace   Hopper! ", "grace-hopper"),
            ("grace@example.org", "grace"),
            ("ada.lovelace_1815", "ada.lovelace_1815"),
            ("--söhne--", "söhne"),
            ("ольга", "ольга"),
            (long.as_str(), &long[..32]),
        ] {
            assert_eq!(first(wanted), ours, "{wanted}");
        }
    }

    #[test]
    fn who_has_no_name_that_can_be_one_gets_a_lasting_one() {
        let nameless = first("");
        assert!(nameless.starts_with("member-") && nameless.len() == 15, "{nameless}");
        for bad in ["", "a", "?!", "@example.org", "аda", "\u{202e}"] {
            assert_eq!(first(bad), nameless, "{bad:?}");
        }
        let other = usernames("", "https://www.example.org", "8");
        assert_ne!(other[0].to_string(), nameless);
    }

    #[test]
    fn for_a_taken_name_there_are_others_which_fit() {
        let long = "x".repeat(32);
        let names = usernames(&long, "i", "s");
        let all: Vec<&str> = names.iter().map(Username::as_str).collect();
        assert_eq!(all[1], format!("{}-2", "x".repeat(30)));
        assert_eq!(all.len(), NUMBERED + 1);
        assert!(all.iter().all(|name| name.chars().count() <= 32));
    }

    proptest! {
        #[test]
        fn whatever_a_site_calls_somebody_they_get_a_name(wanted in "\\PC{0,80}", subject in "\\PC{1,20}") {
            let names = usernames(&wanted, "https://www.example.org", &subject);
            prop_assert!(!names.is_empty());
            for name in &names {
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name.clone()));
            }
            prop_assert_eq!(usernames(&wanted, "https://www.example.org", &subject), names);
        }
    }
}
