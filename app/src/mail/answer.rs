//! What an answer to a letter begins with: to whom, under which subject, and what it quotes.

use crate::time::Wall;
use model::{
    AccountId, limits,
    mailbox::{DocId, Draft, Kind, LetterView},
};

/// What is made of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer to who wrote it.
    Reply,
    /// An answer to everybody in it.
    All,
    /// The same for somebody else.
    Forward,
}

/// The usernames that an answer goes to: never oneself, unless one wrote to oneself alone.
pub fn recipients(answer: Answer, letter: &LetterView, me: AccountId) -> Vec<String> {
    let line = &letter.line;
    let mine = line.from.id == me;
    let mut people = match answer {
        Answer::Forward => return Vec::new(),
        // An answer to what I wrote goes on to whom I wrote.
        Answer::Reply if mine => line.to.iter().collect::<Vec<_>>(),
        Answer::Reply => vec![&line.from],
        Answer::All => std::iter::once(&line.from).chain(&line.to).collect(),
    };
    if people.iter().any(|person| person.id != me) {
        people.retain(|person| person.id != me);
    }
    let mut names: Vec<String> = Vec::new();
    for person in people {
        if !names.contains(&person.username) {
            names.push(person.username.clone());
        }
    }
    names.truncate(limits::RECIPIENTS_MAX);
    names
}

/// The subject of an answer: what is said before it is said once, however long the talk.
pub fn subject(answer: Answer, of: &str) -> String {
    let sign = if answer == Answer::Forward { "Fwd: " } else { "Re: " };
    let mut rest = of.trim();
    while let Some(shorter) = ["re:", "fwd:", "fw:", "aw:", "wg:"]
        .iter()
        .find(|known| {
            rest.get(..known.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(known))
        })
        .and_then(|known| rest.get(known.len()..))
    {
        rest = shorter.trim_start();
    }
    format!("{sign}{rest}").chars().take(limits::SUBJECT_MAX).collect()
}

/// The text as a quote, with a line that says whose it is; what would be too long is cut at the end of a line.
pub fn quote(letter: &LetterView, wall: Wall) -> String {
    let line = &letter.line;
    let head = format!(
        "\n\nOn {}, {} wrote:\n",
        wall.full(line.sent_at),
        line.from.display_name
    );
    // Room for as much again as an answer.
    let mut room = (limits::LETTER_MAX / 2).saturating_sub(head.chars().count());
    let mut quoted = head;
    for text in letter.body.trim_end().lines() {
        let next = if text.is_empty() {
            ">".to_owned()
        } else {
            format!("> {text}")
        };
        let length = next.chars().count() + 1;
        if length > room {
            quoted += "> …\n";
            break;
        }
        room -= length;
        quoted += &next;
        quoted.push('\n');
    }
    quoted
}

/// What was written, for somebody else: whole, since it is what the letter is for.
fn forwarded(letter: &LetterView, wall: Wall) -> String {
    let line = &letter.line;
    let to: Vec<&str> = line.to.iter().map(|person| person.display_name.as_str()).collect();
    let head = format!(
        "\n\n—\nFrom: {} (@{})\nTo: {}\nSent: {}\nSubject: {}\n\n",
        line.from.display_name,
        line.from.username,
        to.join(", "),
        wall.full(line.sent_at),
        line.subject,
    );
    let room = limits::LETTER_MAX.saturating_sub(head.chars().count());
    let body: String = letter.body.chars().take(room).collect();
    head + &body
}

/// The draft of an answer.
pub fn begin(answer: Answer, letter: &LetterView, me: AccountId, wall: Wall) -> Draft {
    let forward = answer == Answer::Forward;
    let body = if forward {
        forwarded(letter, wall)
    } else {
        quote(letter, wall)
    };
    Draft {
        to: recipients(answer, letter, me),
        subject: subject(answer, &letter.line.subject),
        body,
        in_reply_to: (!forward).then(|| DocId::of(Kind::Letter, letter.line.id)).flatten(),
        attachments: letter
            .files
            .iter()
            .filter(|_| forward)
            .map(|file| file.id.clone())
            .collect(),
        updated_at: letter.line.sent_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::{person, view};

    fn names(answer: Answer, from: u128, to: &[u128], me: u128) -> Vec<String> {
        let mut letter = view(1, "text");
        letter.line.from = person(from);
        letter.line.to = to.iter().map(|n| person(*n)).collect();
        recipients(answer, &letter, person(me).id)
    }

    #[test]
    fn an_answer_goes_to_who_wrote_and_one_to_all_to_everybody_but_oneself() {
        assert_eq!(names(Answer::Reply, 1, &[2, 3], 2), ["p1"]);
        assert_eq!(names(Answer::All, 1, &[2, 3], 2), ["p1", "p3"]);
        assert_eq!(names(Answer::All, 1, &[2, 1, 3], 2), ["p1", "p3"], "each once");
        assert!(names(Answer::Forward, 1, &[2], 2).is_empty());
    }

    #[test]
    fn an_answer_to_what_i_wrote_goes_to_whom_i_wrote() {
        assert_eq!(names(Answer::Reply, 2, &[1, 3], 2), ["p1", "p3"]);
        assert_eq!(names(Answer::All, 2, &[1, 2, 3], 2), ["p1", "p3"]);
        assert_eq!(names(Answer::Reply, 2, &[2], 2), ["p2"], "a letter to oneself");
    }

    #[test]
    fn a_subject_says_once_what_it_is() {
        for (of, wanted) in [
            ("The note", "Re: The note"),
            ("Re: The note", "Re: The note"),
            ("RE: Fwd: AW: The note", "Re: The note"),
            ("Regarding looms", "Re: Regarding looms"),
            ("", "Re: "),
            ("é", "Re: é"),
        ] {
            assert_eq!(subject(Answer::Reply, of), wanted, "{of}");
        }
        assert_eq!(subject(Answer::Forward, "Re: The note"), "Fwd: The note");
        let long = subject(Answer::Reply, &"é".repeat(limits::SUBJECT_MAX));
        assert_eq!(long.chars().count(), limits::SUBJECT_MAX);
    }

    #[test]
    fn a_quote_says_whose_it_is_and_marks_every_line() {
        let quoted = quote(&view(1, "Good morning.\n\n> older\nBye\n"), Wall::default());
        let (head, body) = quoted.split_once(":\n").expect("has a head");
        assert!(
            head.starts_with("\n\nOn ") && head.ends_with("Person 1 wrote"),
            "{head}"
        );
        assert_eq!(body, "> Good morning.\n>\n> > older\n> Bye\n");
    }

    #[test]
    fn a_quote_leaves_room_for_the_answer() {
        let longer = quote(&view(1, &format!("{}\n", "y".repeat(900)).repeat(100)), Wall::default());
        assert!(longer.chars().count() <= limits::LETTER_MAX / 2 + 4);
        assert!(longer.ends_with("> …\n"), "what is left out is told");
    }

    #[test]
    fn a_forwarded_letter_is_whole_takes_its_files_along_and_answers_nothing() {
        let letter = view(1, "the text");
        let draft = begin(Answer::Forward, &letter, person(2).id, Wall::default());
        assert!(draft.body.ends_with("\n\nthe text"), "{}", draft.body);
        assert_eq!((draft.in_reply_to, draft.attachments.len()), (None, letter.files.len()));
        let reply = begin(Answer::Reply, &letter, person(2).id, Wall::default());
        assert_eq!(reply.in_reply_to.and_then(|id| id.uuid()), Some(letter.line.id));
        assert!(reply.attachments.is_empty());
    }
}
