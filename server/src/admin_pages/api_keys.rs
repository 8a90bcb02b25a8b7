//! The keys of servers.

use super::{
    frame::{Answer, Asked, Done, Frame},
    typed::Typed,
};
use askama::Template;
use axum::extract::Path;
use domain::api_keys;
use model::{
    Code, Rejection, Scope,
    admin::{ApiKey, CreateApiKey, CreatedApiKey},
};

const PATH: &str = "/admin/api-keys";

/// A scope, in words.
struct Choice {
    scope: &'static str,
    means: &'static str,
}

#[derive(Template)]
#[template(path = "admin/api_keys.html")]
struct KeysPage<'a> {
    frame: &'a Frame,
    keys: Vec<ApiKey>,
    choices: Vec<Choice>,
    form: Typed,
    /// The one that was just made: its secret is shown this once.
    made: Option<CreatedApiKey>,
}

impl From<Scope> for Choice {
    fn from(scope: Scope) -> Self {
        let means = match scope {
            Scope::UsersRead => "List, search and see accounts",
            Scope::UsersWrite => "Create, change, disable, import and delete accounts",
            Scope::Registration => "Get the code of a sign-up in the reply, to mail it by oneself",
            Scope::Invitations => "Make and withdraw invitations",
            Scope::AuditRead => "Read the audit log",
        };
        Self {
            scope: scope.as_str(),
            means,
        }
    }
}

async fn page(asked: &Asked, form: Typed, made: Option<CreatedApiKey>) -> Answer {
    let keys = api_keys::list_api_keys(&asked.env, &asked.by)
        .await
        .map_err(|error| asked.trouble(error))?;
    let status = form.status();
    let page = KeysPage {
        frame: &asked.frame,
        keys,
        choices: Scope::ALL.iter().map(|scope| (*scope).into()).collect(),
        form,
        made,
    };
    Ok(asked.answer(status, &page))
}

pub async fn list(asked: Asked) -> Answer {
    page(&asked, Typed::default(), None).await
}

fn command(form: &Typed) -> Result<CreateApiKey, Rejection> {
    let scopes: Result<Vec<Scope>, String> = form.all("scopes").map(str::parse).collect();
    Ok(CreateApiKey {
        name: form.get("name").to_owned(),
        scopes: scopes.map_err(|why| Rejection::field("scopes", why))?,
        days: form.number("days")?,
    })
}

/// Its answer is the page with the secret, which can't be shown again; so there is no way on to another page.
pub async fn create(asked: Asked, form: Typed) -> Answer {
    let made = match command(&form) {
        Ok(command) => api_keys::create_api_key(&asked.env, &asked.by, command)
            .await
            .map_err(|error| asked.reason(error)),
        Err(rejection) => Err(rejection),
    };
    match made {
        Ok(made) => page(&asked, Typed::default(), Some(made)).await,
        Err(rejection) => page(&asked, form.refused(rejection), None).await,
    }
}

pub async fn revoke(asked: Asked, Path(id): Path<String>) -> Answer {
    let result = match id.parse() {
        Ok(id) => api_keys::revoke_api_key(&asked.env, &asked.by, id).await,
        Err(_) => Err(Code::NotFound.into()),
    };
    match result {
        Ok(()) => Ok(asked.then(PATH, Done::KEY_REVOKED)),
        Err(error) => Err(asked.trouble(error)),
    }
}
