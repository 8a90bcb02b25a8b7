//! A mail as text: its subject, its plain text, its HTML. The templates lie in `templates/<kind>/`.

use askama::Template;
use domain::mail::MailKind;

/// A mail as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, on one line.
    pub subject: String,
    /// For those who read plain text.
    pub text: String,
    /// For everybody else.
    pub html: String,
    /// What can be opened from it, the most important first.
    pub links: Vec<String>,
}

/// All that templates can say; each uses its part.
#[derive(Default)]
struct Words<'a> {
    name: &'a str,
    username: &'a str,
    code: &'a str,
    link: &'a str,
    other_link: &'a str,
    lifetime: String,
    detail: &'a str,
    host: &'a str,
}

macro_rules! templates {
    ($($kind:ident: $subject:literal, $text:literal, $html:literal;)*) => {
        $(mod $kind {
            use super::Words;
            use askama::Template;
            use std::ops::Deref;

            #[derive(Template)]
            #[template(path = $subject)]
            pub(super) struct Subject;

            #[derive(Template)]
            #[template(path = $text)]
            pub(super) struct Text<'a>(pub(super) &'a Words<'a>);

            #[derive(Template)]
            #[template(path = $html)]
            pub(super) struct Html<'a>(pub(super) &'a Words<'a>);

            impl<'a> Deref for Text<'a> {
                type Target = Words<'a>;

                fn deref(&self) -> &Words<'a> {
                    self.0
                }
            }

            impl<'a> Deref for Html<'a> {
                type Target = Words<'a>;

                fn deref(&self) -> &Words<'a> {
                    self.0
                }
            }
        })*
    };
}

templates! {
    sign_up_code: "sign_up_code/subject.txt", "sign_up_code/body.txt", "sign_up_code/body.html";
    already_registered: "already_registered/subject.txt", "already_registered/body.txt", "already_registered/body.html";
    welcome: "welcome/subject.txt", "welcome/body.txt", "welcome/body.html";
    reset_code: "reset_code/subject.txt", "reset_code/body.txt", "reset_code/body.html";
    password_changed: "password_changed/subject.txt", "password_changed/body.txt", "password_changed/body.html";
    confirm_email: "confirm_email/subject.txt", "confirm_email/body.txt", "confirm_email/body.html";
    email_changed: "email_changed/subject.txt", "email_changed/body.txt", "email_changed/body.html";
    new_device: "new_device/subject.txt", "new_device/body.txt", "new_device/body.html";
    invited: "invited/subject.txt", "invited/body.txt", "invited/body.html";
    invitation: "invitation/subject.txt", "invitation/body.txt", "invitation/body.html";
}

/// Makes text of a mail.
///
/// # Errors
/// When a template can't be filled in, which no value of its words brings about.
pub fn render(mail: &MailKind) -> askama::Result<Rendered> {
    let words = Words::of(mail);
    let (subject, text, html) = match mail {
        MailKind::SignUpCode { .. } => {
            use sign_up_code::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::AlreadyRegistered { .. } => {
            use already_registered::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::Welcome { .. } => {
            use welcome::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::ResetCode { .. } => {
            use reset_code::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::PasswordChanged { .. } => {
            use password_changed::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::ConfirmEmail { .. } => {
            use confirm_email::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::EmailChanged { .. } => {
            use email_changed::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::NewDevice { .. } => {
            use new_device::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::Invited { .. } => {
            use invited::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
        MailKind::Invitation { .. } => {
            use invitation::{Html, Subject, Text};
            (Subject.render()?, Text(&words).render()?, Html(&words).render()?)
        }
    };
    let links = [words.link, words.other_link]
        .into_iter()
        .filter(|link| !link.is_empty())
        .map(str::to_owned)
        .collect();
    Ok(Rendered {
        subject,
        text,
        html,
        links,
    })
}

impl<'a> Words<'a> {
    fn of(mail: &'a MailKind) -> Self {
        let words = match mail {
            MailKind::SignUpCode {
                display_name,
                code,
                link,
                expires_minutes,
            }
            | MailKind::ResetCode {
                display_name,
                code,
                link,
                expires_minutes,
            }
            | MailKind::ConfirmEmail {
                display_name,
                code,
                link,
                expires_minutes,
            } => Self {
                name: display_name,
                code,
                link,
                lifetime: lifetime(*expires_minutes),
                ..Self::default()
            },
            MailKind::AlreadyRegistered {
                display_name,
                sign_in_link,
                forgot_link,
            } => Self {
                name: display_name,
                link: sign_in_link,
                other_link: forgot_link,
                ..Self::default()
            },
            MailKind::Welcome {
                display_name,
                username,
                chat_link,
            } => Self {
                name: display_name,
                username,
                link: chat_link,
                ..Self::default()
            },
            MailKind::PasswordChanged {
                display_name,
                forgot_link,
            } => Self {
                name: display_name,
                link: forgot_link,
                ..Self::default()
            },
            MailKind::EmailChanged {
                display_name,
                new_address: detail,
                site_link: link,
            }
            | MailKind::NewDevice {
                display_name,
                device: detail,
                devices_link: link,
            } => Self {
                name: display_name,
                detail,
                link,
                ..Self::default()
            },
            MailKind::Invited {
                display_name,
                username,
                link,
                expires_minutes,
            } => Self {
                name: display_name,
                username,
                link,
                lifetime: lifetime(*expires_minutes),
                ..Self::default()
            },
            MailKind::Invitation {
                inviter,
                link,
                expires_minutes,
            } => Self {
                name: inviter,
                link,
                lifetime: lifetime(*expires_minutes),
                ..Self::default()
            },
        };
        let stranger = match mail {
            MailKind::Invitation { .. } => "Somebody",
            _ => "there",
        };
        Self {
            name: greeting(words.name).unwrap_or(stranger),
            host: host(words.link),
            ..words
        }
    }
}

/// How a person is greeted. Anybody can sign up with somebody else's address and any name, and mail programs make
/// links of what looks like one: such a name is not repeated, so that Roost can't be used to mail advertisements.
fn greeting(name: &str) -> Option<&str> {
    let domain_like = name.split('.').zip(name.split('.').skip(1)).any(|(before, after)| {
        let label = after.chars().take_while(|c| c.is_alphanumeric()).count();
        before.ends_with(char::is_alphanumeric) && label >= 2
    });
    (!domain_like && !name.contains(['/', ':', '@', '\\'])).then_some(name)
}

fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn lifetime(minutes: i64) -> String {
    match minutes {
        1 => "1 minute".to_owned(),
        60 => "1 hour".to_owned(),
        days if days > 1_440 && days % 1_440 == 0 => format!("{} days", days / 1_440),
        hours if hours > 0 && hours % 60 == 0 => format!("{} hours", hours / 60),
        minutes => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::samples::ADA;

    fn all(name: &str) -> [MailKind; 10] {
        let [display_name, code, link, other] = [
            name,
            "K7QM2-X9PRT",
            "https://chat.example.org/confirm/K7QM2-X9PRT",
            "https://chat.example.org/forgot",
        ]
        .map(str::to_owned);
        [
            MailKind::SignUpCode {
                display_name: display_name.clone(),
                code: code.clone(),
                link: link.clone(),
                expires_minutes: 60,
            },
            MailKind::AlreadyRegistered {
                display_name: display_name.clone(),
                sign_in_link: link.clone(),
                forgot_link: other.clone(),
            },
            MailKind::Welcome {
                display_name: display_name.clone(),
                username: ADA.username.into(),
                chat_link: link.clone(),
            },
            MailKind::ResetCode {
                display_name: display_name.clone(),
                code: code.clone(),
                link: link.clone(),
                expires_minutes: 90,
            },
            MailKind::PasswordChanged {
                display_name: display_name.clone(),
                forgot_link: other.clone(),
            },
            MailKind::ConfirmEmail {
                display_name: display_name.clone(),
                code,
                link,
                expires_minutes: 60,
            },
            MailKind::EmailChanged {
                display_name: display_name.clone(),
                new_address: "c…@example.org".into(),
                site_link: other.clone(),
            },
            MailKind::NewDevice {
                display_name: display_name.clone(),
                device: "Firefox on Linux".into(),
                devices_link: other.clone(),
            },
            MailKind::Invited {
                display_name: display_name.clone(),
                username: ADA.username.into(),
                link: other.clone(),
                expires_minutes: 10_080,
            },
            MailKind::Invitation {
                inviter: display_name,
                link: other,
                expires_minutes: 1_440,
            },
        ]
    }

    #[test]
    fn every_mail_says_the_same_in_text_and_html() {
        for mail in all(ADA.display_name) {
            let Rendered {
                subject,
                text,
                html,
                links,
            } = render(&mail).expect("renders");
            assert!(
                !subject.is_empty() && !subject.contains('\n') && subject.contains("Roost"),
                "{subject:?}"
            );
            assert!(
                html.contains(&format!("<title>{subject}</title>")),
                "{} names its subject",
                mail.name()
            );
            for part in [&text, &html] {
                assert!(part.contains("Ada Lovelace") && part.contains("Roost at"), "{part}");
                assert!(links.iter().all(|link| part.contains(link.as_str())), "{part}");
            }
            if let MailKind::SignUpCode { code, .. }
            | MailKind::ResetCode { code, .. }
            | MailKind::ConfirmEmail { code, .. } = &mail
            {
                assert!(
                    text.contains(code.as_str()) && html.contains(code.as_str()) && !subject.contains(code.as_str())
                );
                assert!(text.contains("hour") || text.contains("90 minutes"), "{text}");
            }
            assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
            assert!(!text.contains("\n\n\n"), "{text}");
        }
    }

    #[test]
    fn nothing_is_fetched_when_a_mail_is_opened() {
        for mail in all(ADA.display_name) {
            let html = render(&mail).expect("renders").html;
            for fetches in ["<img", "<link", "@import", "url(", "<script", "src="] {
                assert!(!html.contains(fetches), "{} contains {fetches}", mail.name());
            }
        }
    }

    #[test]
    fn a_name_cannot_write_html() {
        for mail in all("<b onload=x>\"Ada\" & 'co'</b>") {
            let html = render(&mail).expect("renders").html;
            assert!(!html.contains("<b onload"), "{html}");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_link_is_not_repeated() {
        for name in [
            "Win at evil.example",
            "http:evil",
            "www.evil.co/x",
            "mail me@evil",
            "evil\u{2025}.рф x.рф",
        ] {
            assert_eq!(greeting(name), None, "{name}");
        }
        for name in [
            "Ada Lovelace",
            "J.R.R. Tolkien",
            "Dr. Grace Hopper",
            "Sammy Davis Jr.",
            "あい",
        ] {
            assert_eq!(greeting(name), Some(name));
        }
    }

    #[test]
    fn lifetimes_are_said_as_people_say_them() {
        assert_eq!(
            [1, 15, 60, 90, 120, 1_440, 10_080].map(lifetime),
            [
                "1 minute",
                "15 minutes",
                "1 hour",
                "90 minutes",
                "2 hours",
                "24 hours",
                "7 days"
            ]
        );
    }
}
