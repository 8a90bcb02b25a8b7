//! Who may sign up at all.

use super::{
    frame::{Answer, Asked, Done, Frame},
    typed::Typed,
};
use askama::Template;
use domain::invitations;
use model::{RegistrationPolicy, Rejection};

const PATH: &str = "/admin/registration";

/// A policy, in words.
struct Choice {
    policy: &'static str,
    name: &'static str,
    means: &'static str,
}

#[derive(Template)]
#[template(path = "admin/registration.html")]
struct RegistrationPage<'a> {
    frame: &'a Frame,
    choices: Vec<Choice>,
    form: Typed,
}

impl From<RegistrationPolicy> for Choice {
    fn from(policy: RegistrationPolicy) -> Self {
        let (name, means) = match policy {
            RegistrationPolicy::Open => ("Open", "Everybody with an e-mail address may sign up."),
            RegistrationPolicy::Invite => ("By invitation", "Only who has an invitation may sign up."),
            RegistrationPolicy::Closed => (
                "Closed",
                "Nobody may sign up. Administrators and servers make the accounts.",
            ),
        };
        Self {
            policy: policy.as_str(),
            name,
            means,
        }
    }
}

fn page(asked: &Asked, form: Typed) -> Answer {
    let choices = RegistrationPolicy::ALL.iter().map(|policy| (*policy).into()).collect();
    let status = form.status();
    let page = RegistrationPage {
        frame: &asked.frame,
        choices,
        form,
    };
    Ok(asked.answer(status, &page))
}

pub async fn show(asked: Asked) -> Answer {
    let policy = invitations::registration_policy(&asked.env)
        .await
        .map_err(|error| asked.trouble(error))?;
    page(&asked, Typed::with(&[("policy", policy.as_str())]))
}

pub async fn set(asked: Asked, form: Typed) -> Answer {
    let result = match form.get("policy").parse() {
        Ok(policy) => invitations::set_registration_policy(&asked.env, &asked.by, policy)
            .await
            .map_err(|error| asked.reason(error)),
        Err(_) => Err(Rejection::field("policy", "Choose one of them.")),
    };
    match result {
        Ok(()) => Ok(asked.then(PATH, Done::POLICY_SET)),
        Err(rejection) => page(&asked, form.refused(rejection)),
    }
}
