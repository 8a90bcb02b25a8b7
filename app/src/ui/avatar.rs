//! People by initials, in a hue that stays theirs.

use leptos::prelude::*;
use model::Person;
use uuid::Uuid;

const HUES: u128 = 12;

/// A person's initials on their hue. The name is written beside it, so it says nothing to a screen reader.
#[component]
pub fn Avatar(
    /// Who.
    person: Person,
    /// As small as a line of text.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let Person { id, display_name, .. } = person;
    view! { <Picture id=id.uuid() name=display_name small /> }
}

/// Initials on a hue, for anything with an id and a name.
#[component]
pub fn Picture(
    /// Decides the hue.
    id: Uuid,
    /// Gives the initials.
    name: String,
    /// As small as a line of text.
    #[prop(optional)]
    small: bool,
    /// Of several people.
    #[prop(optional)]
    group: bool,
) -> impl IntoView {
    view! {
        <span class="avatar" data-hue=hue_of(id).to_string() data-small=small.then_some("") data-group=group.then_some("") aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// The number of somebody's hue, as `data-hue` of an avatar has it.
#[must_use]
#[cfg(feature = "ssr")]
pub fn hue(id: model::AccountId) -> u128 {
    hue_of(id.uuid())
}

fn hue_of(id: Uuid) -> u128 {
    // The first bits of a UUIDv7 are the time: people of one minute would be of one colour.
    (id.as_u128() & 0xffff_ffff) % HUES
}

/// The first letters of the first and the last word of a name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        for (name, wanted) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Jean le Rond d’Alembert", "JD"),
            ("日本 太郎", "日太"),
            ("–", ""),
        ] {
            assert_eq!(initials(name), wanted, "{name}");
        }
    }
}
