//! Invitations: who may sign up with what.

use super::{
    frame::{Answer, Asked, Done, Frame, Trouble},
    typed::Typed,
};
use askama::Template;
use axum::extract::Path;
use domain::invitations;
use model::{
    Code, RegistrationPolicy, Rejection,
    admin::{CreateInvitation, CreatedInvitation, Invitation},
};

const PATH: &str = "/admin/invitations";

#[derive(Template)]
#[template(path = "admin/invitations.html")]
struct InvitationsPage<'a> {
    frame: &'a Frame,
    policy: RegistrationPolicy,
    invitations: Vec<Invitation>,
    form: Typed,
    /// The one that was just made: its link is shown this once.
    made: Option<CreatedInvitation>,
}

impl InvitationsPage<'_> {
    fn open(&self) -> bool {
        self.policy == RegistrationPolicy::Open
    }

    fn closed(&self) -> bool {
        self.policy == RegistrationPolicy::Closed
    }
}

async fn page(asked: &Asked, form: Typed, made: Option<CreatedInvitation>) -> Answer {
    let all = invitations::list_invitations(&asked.env, &asked.by).await;
    let policy = invitations::registration_policy(&asked.env).await;
    let trouble = |error| -> Trouble { asked.trouble(error) };
    let status = form.status();
    let page = InvitationsPage {
        frame: &asked.frame,
        policy: policy.map_err(trouble)?,
        invitations: all.map_err(trouble)?,
        form,
        made,
    };
    Ok(asked.answer(status, &page))
}

fn empty() -> Typed {
    Typed::with(&[("uses", "1"), ("days", "7")])
}

pub async fn list(asked: Asked) -> Answer {
    page(&asked, empty(), None).await
}

fn command(form: &Typed) -> Result<CreateInvitation, Rejection> {
    Ok(CreateInvitation {
        note: form.get("note").to_owned(),
        uses: form.number("uses")?,
        days: form.number("days")?,
        email: form.some("email"),
    })
}

/// Its answer is the page with the link, which can't be shown again; so there is no way on to another page.
pub async fn create(asked: Asked, form: Typed) -> Answer {
    let made = match command(&form) {
        Ok(command) => invitations::create_invitation(&asked.env, &asked.by, command)
            .await
            .map_err(|error| asked.reason(error)),
        Err(rejection) => Err(rejection),
    };
    match made {
        Ok(made) => page(&asked, empty(), Some(made)).await,
        Err(rejection) => page(&asked, form.refused(rejection), None).await,
    }
}

pub async fn revoke(asked: Asked, Path(id): Path<String>) -> Answer {
    let result = match id.parse() {
        Ok(id) => invitations::revoke_invitation(&asked.env, &asked.by, id).await,
        Err(_) => Err(Code::NotFound.into()),
    };
    match result {
        Ok(()) => Ok(asked.then(PATH, Done::INVITATION_REVOKED)),
        Err(error) => Err(asked.trouble(error)),
    }
}
