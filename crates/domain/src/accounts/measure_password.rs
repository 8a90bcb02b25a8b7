//! How hard a password is to guess.

use crate::Result;
use model::{command::Strength, error::Check, limits};
use zxcvbn::{Score, zxcvbn};

/// The lowest zxcvbn score that is taken: more than 10⁸ guesses.
const ENOUGH: Score = Score::Three;
/// zxcvbn's work grows with the square of the length; more than this can't be weak by its patterns anyway.
const MEASURED_CHARS: usize = 100;

/// Measures a password for somebody of whom `about` is known (their names and address count as guesses).
#[must_use]
pub fn measure_password(password: &str, about: &[&str]) -> Strength {
    let length = password.chars().count();
    let measured: String = password.chars().take(MEASURED_CHARS).collect();
    let known: Vec<&str> = about.iter().copied().chain(["roost"]).collect();
    let entropy = zxcvbn(&measured, &known);
    let long_enough = length >= limits::PASSWORD_MIN;
    let short_enough = password.len() <= limits::PASSWORD_MAX_BYTES;
    let advice = if !long_enough {
        format!(
            "Use at least {} characters. A few unrelated words are easy to keep in mind.",
            limits::PASSWORD_MIN
        )
    } else if !short_enough {
        format!("Use at most {} bytes.", limits::PASSWORD_MAX_BYTES)
    } else {
        entropy.feedback().map(advice).unwrap_or_default()
    };
    let strong_enough = entropy.score() >= ENOUGH;
    Strength {
        score: if long_enough {
            entropy.score().into()
        } else {
            u8::from(entropy.score()).min(1)
        },
        accepted: long_enough && short_enough && strong_enough,
        advice: if advice.is_empty() && !strong_enough {
            "This is easy to guess. Add another word or two.".into()
        } else {
            advice
        },
    }
}

fn advice(feedback: &zxcvbn::feedback::Feedback) -> String {
    let warning = feedback.warning().map(|warning| warning.to_string());
    let first = feedback.suggestions().first().map(|suggestion| suggestion.to_string());
    warning.into_iter().chain(first).collect::<Vec<_>>().join(" ")
}

/// Checks a new password and its repetition.
///
/// # Errors
/// Invalid, blaming `password` or `password_confirmation`.
pub(crate) fn check_password(password: &str, confirmation: &str, about: &[&str]) -> Result<()> {
    let strength = measure_password(password, about);
    let mut check = Check::new();
    let strong = if strength.accepted {
        Ok(())
    } else {
        Err(strength.advice.into())
    };
    let same = if password == confirmation {
        Ok(())
    } else {
        Err("The two passwords are not the same.".into())
    };
    let strong = check.take("password", strong);
    let same = check.take("password_confirmation", same);
    strong.and(same).ok_or_else(|| check.reject().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::samples::{ADA, GRACE, HEDY, MALLORY};

    #[test]
    fn a_weak_password_that_is_also_mistyped_is_told_both_at_once() {
        let refused = check_password("password12", "password21", &[]);
        let Err(crate::Error::Rejected(rejection)) = refused else {
            panic!("{refused:?}")
        };
        assert!(rejection.about("password").is_some() && rejection.about("password_confirmation").is_some());
    }

    #[test]
    fn weak_passwords_are_refused_with_a_reason_and_those_of_the_cast_are_taken() {
        for weak in [
            "",
            "short",
            "password1234",
            "aaaaaaaaaaaaaaaa",
            "qwertyuiop",
            "1234567890",
            "ada-lovelace",
        ] {
            let strength = measure_password(weak, &["ada", "ada@example.org", "Ada Lovelace"]);
            assert!(
                !strength.accepted && !strength.advice.is_empty(),
                "{weak}: {strength:?}"
            );
        }
        for player in [ADA, GRACE, MALLORY, HEDY] {
            assert!(
                measure_password(player.password, &[player.username]).accepted,
                "{}",
                player.password
            );
        }
        assert!(!measure_password(&"x7".repeat(600), &[]).accepted, "too long");
    }
}
