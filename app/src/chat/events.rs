//! What happened to a group, in words.

use model::{AccountId, Event, History, Message, Person};

/// One sentence, as I read it.
pub fn event_words(message: &Message, event: &Event, me: AccountId) -> String {
    let name = |person: &Person, mine: &str| {
        if person.id == me {
            mine.to_owned()
        } else {
            person.display_name.clone()
        }
    };
    let who = name(&message.author, "You");
    let them = |people: &[Person]| join(people.iter().map(|person| name(person, "you")).collect());
    let as_one = |people: &[Person], one: &'static str, many: &'static str| if people.len() == 1 { one } else { many };
    match event {
        Event::Created { title } => format!("{who} made the group “{title}”"),
        Event::Added { people } => format!("{who} added {}", them(people)),
        Event::Left => format!("{who} left"),
        Event::Removed { people } => format!("{who} removed {}", them(people)),
        Event::Renamed { title } => format!("{who} renamed the group to “{title}”"),
        Event::Promoted { people } => format!("{who} made {} {}", them(people), as_one(people, "an owner", "owners")),
        Event::Demoted { people } => format!("{who} made {} {}", them(people), as_one(people, "a member", "members")),
        Event::History { history } => match history {
            History::Joined => format!("{who} lets newcomers read only what is written after they join"),
            History::All => format!("{who} lets newcomers read everything"),
        },
    }
}

/// Names in a row: "Ada", "Ada and Grace", "Ada, Grace and Hedy".
pub fn join(mut names: Vec<String>) -> String {
    match (names.pop(), names.is_empty()) {
        (None, _) => String::new(),
        (Some(last), true) => last,
        (Some(last), false) => format!("{} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_joined_as_one_says_them() {
        let names = |names: &[&str]| join(names.iter().map(ToString::to_string).collect());
        assert_eq!(names(&[]), "");
        assert_eq!(names(&["Ada"]), "Ada");
        assert_eq!(names(&["Ada", "Grace"]), "Ada and Grace");
        assert_eq!(names(&["Ada", "Grace", "Hedy"]), "Ada, Grace and Hedy");
    }
}
