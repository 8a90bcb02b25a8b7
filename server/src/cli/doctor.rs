//! `roost doctor`.

use super::{Failure, Line, complain, read, say};
use crate::control::verbs::Command;
use clap::Args;
use model::admin::Diagnosis;
use std::process::ExitCode;

/// It could not look.
const UNSEEN: u8 = 2;

/// `roost doctor`.
#[derive(Args)]
pub(super) struct Doctor {
    /// Answer with one JSON document, also when something is wrong.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Has everything looked at, and tells what was found.
    pub(super) fn run(self) -> ExitCode {
        match self.look() {
            Ok(diagnosis) if diagnosis.found == 0 => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(failure) => {
                complain(failure, self.json);
                ExitCode::from(UNSEEN)
            }
        }
    }

    fn look(&self) -> Result<Diagnosis, Failure> {
        let answer = Line::open()?.ask(Command::Doctor)?;
        let diagnosis = read(&answer)?;
        if self.json {
            say(&format!("{answer:#}\n"));
        } else {
            say(&text(&diagnosis));
        }
        Ok(diagnosis)
    }
}

fn text(diagnosis: &Diagnosis) -> String {
    let Diagnosis {
        conversations,
        messages,
        memberships,
        mailboxes,
        documents,
        restless,
        found,
        findings,
    } = diagnosis;
    let mut text = String::new();
    for finding in findings {
        let at = finding
            .conversation
            .map_or_else(String::new, |id| format!("conversation {id}: "));
        text += &format!("{}: {at}{}\n", finding.check, finding.what);
    }
    if *found > findings.len() as u64 {
        text += &format!("… and {} more\n", found - findings.len() as u64);
    }
    let told = match found {
        0 => "All is well".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        many => format!("{many} things are wrong"),
    };
    text += &format!(
        "{told}: {conversations} conversations, {messages} messages, {memberships} memberships, {mailboxes} mailboxes, \
         {documents} documents.\n"
    );
    if *restless > 0 {
        text += &format!("{restless} of them changed all the time and could not be judged; look again later.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::admin::Finding;

    #[test]
    fn what_was_found_is_told_with_where_it_is() {
        let healthy = Diagnosis {
            conversations: 2,
            messages: 30,
            memberships: 5,
            mailboxes: 4,
            documents: 60,
            ..Diagnosis::default()
        };
        assert_eq!(
            text(&healthy),
            "All is well: 2 conversations, 30 messages, 5 memberships, 4 mailboxes, 60 documents.\n"
        );
        let id = "019aa5b4-7c00-7000-8000-000000000004";
        let finding = Finding {
            check: "seq".into(),
            conversation: id.parse().ok(),
            what: "Message 7 is missing.".into(),
        };
        let ill = Diagnosis {
            found: 3,
            restless: 1,
            findings: vec![finding],
            ..healthy
        };
        let expected = format!(
            "seq: conversation {id}: Message 7 is missing.\n… and 2 more\n3 things are wrong: 2 conversations, 30 messages, \
             5 memberships, 4 mailboxes, 60 documents.\n1 of them changed all the time and could not be judged; look again later.\n"
        );
        assert_eq!(text(&ill), expected);
    }
}
