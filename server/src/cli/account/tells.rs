//! Answers for a person: aligned text, no more than is needed.

use super::{
    super::{Failure, read},
    Tell,
};
use model::{
    Account, Listing,
    admin::{CreatedInvitation, ImportReport},
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

impl Tell {
    /// The answer as text.
    pub(super) fn text(&self, answer: &Value) -> Result<String, Failure> {
        Ok(match self {
            Self::Created { mailed } => created(&read(answer)?, *mailed),
            Self::List => list(&read(answer)?),
            Self::Show => show(&read(answer)?),
            Self::Changed(what) => {
                let account: Account = read(answer)?;
                format!("{} {what}.\n", account.username)
            }
            Self::Imported => imported(&read(answer)?),
            Self::Invited => invited(&read(answer)?),
        })
    }
}

fn created(account: &Account, mailed: bool) -> String {
    let mut text = show(account);
    if mailed {
        text += "\nA mail with a link to set the password is on its way.\n";
    }
    text
}

fn email(account: &Account) -> &str {
    account.email.as_deref().unwrap_or_default()
}

fn show(account: &Account) -> String {
    let disabled = account
        .disabled_at
        .map_or_else(|| "no".into(), |at| format!("since {at}"));
    let rows = [
        ["username", &account.username],
        ["display name", &account.display_name],
        ["e-mail", email(account)],
        ["role", account.role.as_str()],
        ["created", &account.created_at.to_string()],
        ["disabled", &disabled],
        ["id", &account.id.to_string()],
    ];
    align(&rows)
}

fn list(page: &Listing<Account>) -> String {
    if page.items.is_empty() {
        return "Nobody.\n".into();
    }
    let mut rows = vec![["USERNAME", "DISPLAY NAME", "E-MAIL", "ROLE", ""]];
    for account in &page.items {
        let state = if account.disabled_at.is_some() { "disabled" } else { "" };
        let Account {
            username,
            display_name,
            role,
            ..
        } = account;
        rows.push([username, display_name, email(account), role.as_str(), state]);
    }
    let mut text = align(&rows);
    if let Some(next) = &page.next {
        text += &format!("\nThere are more: add --after {next}\n");
    }
    text
}

fn imported(report: &ImportReport) -> String {
    let ImportReport {
        created,
        unchanged,
        rejected,
        dry_run,
    } = report;
    let mut text = format!(
        "{created} created, {unchanged} unchanged, {} rejected\n",
        rejected.len()
    );
    if *dry_run {
        text += "Nothing was written: this was a dry run.\n";
    }
    if !rejected.is_empty() {
        text += "\n";
        let rows: Vec<[String; 3]> = rejected
            .iter()
            .map(|line| [format!("line {}", line.line), line.code.clone(), line.detail.clone()])
            .collect();
        text += &align(&rows);
    }
    text
}

fn invited(made: &CreatedInvitation) -> String {
    let uses = match made.invitation.uses_max {
        1 => "one person".into(),
        many => format!("{many} people"),
    };
    format!(
        "{}\n\nGood for {uses}, until {}.\n",
        made.link, made.invitation.expires_at
    )
}

/// Columns as wide as their widest cell, which is not the number of characters in every script.
fn align<const N: usize, T: AsRef<str>>(rows: &[[T; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.as_ref().width().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let cell = cell.as_ref();
            line += cell;
            line += &" ".repeat(width - cell.width() + 2);
        }
        text += line.trim_end();
        text += "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_any_script() {
        let rows = [["USERNAME", "ROLE"], ["ada", "user"], ["あいう", "admin"]];
        assert_eq!(align(&rows), "USERNAME  ROLE\nada       user\nあいう    admin\n");
    }
}
