//! Who asks, what is around every page, and what was done a moment ago.

use crate::{
    boot::App,
    http::{headers::Nonce, problem::Problem},
};
use app::{Visitor, Wall, routes};
use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use domain::{Authority, Env};
use model::{Code, Rejection, Timestamp};

/// Carries [`Done`] to the page that comes next, which forgets it.
const DONE_COOKIE: &str = "roost-done";

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done(&'static str, &'static str);

impl Done {
    pub const USER_CREATED: Self = Self(
        "user-created",
        "The account is made. A mail with a link to set a password is on its way.",
    );
    pub const USER_UPDATED: Self = Self("user-updated", "Saved.");
    pub const USER_DISABLED: Self = Self("user-disabled", "The account is disabled and signed out everywhere.");
    pub const USER_ENABLED: Self = Self("user-enabled", "The account is enabled again.");
    pub const USER_SIGNED_OUT: Self = Self("user-signed-out", "They are signed out on every device.");
    pub const RESET_SENT: Self = Self("reset-sent", "A mail with a link to set a new password is on its way.");
    pub const USER_DELETED: Self = Self("user-deleted", "The account is deleted.");
    pub const INVITATION_REVOKED: Self = Self("invitation-revoked", "The invitation is withdrawn.");
    pub const KEY_REVOKED: Self = Self("key-revoked", "The key is dead from now on.");
    pub const POLICY_SET: Self = Self("policy-set", "Saved. It holds from now on.");

    const ALL: [Self; 10] = [
        Self::USER_CREATED,
        Self::USER_UPDATED,
        Self::USER_DISABLED,
        Self::USER_ENABLED,
        Self::USER_SIGNED_OUT,
        Self::RESET_SENT,
        Self::USER_DELETED,
        Self::INVITATION_REVOKED,
        Self::KEY_REVOKED,
        Self::POLICY_SET,
    ];
}

/// The tabs: where they lead, and what they are called.
pub const SECTIONS: [(&str, &str); 5] = [
    ("/admin/users", "Users"),
    ("/admin/invitations", "Invitations"),
    ("/admin/registration", "Registration"),
    ("/admin/api-keys", "API keys"),
    ("/admin/audit", "Audit log"),
];

/// What is around every page.
pub struct Frame {
    /// The tab that is open.
    pub section: &'static str,
    pub theme: String,
    pub css: String,
    pub nonce: String,
    pub initials: String,
    pub hue: u128,
    pub done: Option<&'static str>,
    wall: Wall,
}

impl Frame {
    /// A moment, by the clock of whoever looks.
    pub fn moment(&self, at: &Timestamp) -> String {
        self.wall.full(*at)
    }

    /// A day, by the same.
    pub fn day(&self, at: &Timestamp) -> String {
        self.wall.date(*at)
    }
}

/// An administrator who asks for one of the pages.
pub struct Asked {
    pub env: Env,
    pub by: Authority,
    pub frame: Frame,
    secure: bool,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // The guard around all these pages lets nobody else come this far.
        let visitor = parts.extensions.get::<Visitor>();
        let actor = visitor
            .and_then(|visitor| visitor.actor.clone())
            .ok_or(Code::NotFound)?;
        let by = Authority::of(&actor)?;
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = |name: &str| jar.get(name).map(|cookie| cookie.value().to_owned());
        let done = cookie(DONE_COOKIE).and_then(|name| Done::ALL.into_iter().find(|done| done.0 == name));
        let offset = cookie("tz").and_then(|tz| tz.parse().ok()).unwrap_or(0_i32);
        let path = parts.uri.path();
        let section = SECTIONS.into_iter().find(|(section, _)| path.starts_with(section));
        let frame = Frame {
            section: section.map(|section| section.0).unwrap_or_default(),
            theme: cookie("theme")
                .filter(|theme| ["light", "dark"].contains(&theme.as_str()))
                .unwrap_or_else(|| "auto".into()),
            css: app.site.paths.css.clone(),
            nonce: parts
                .extensions
                .get::<Nonce>()
                .map(|nonce| nonce.0.to_string())
                .unwrap_or_default(),
            initials: app::initials(&actor.account.display_name),
            hue: app::hue(actor.account.id),
            done: done.map(|done| done.1),
            wall: Wall {
                offset_minutes: offset.clamp(-900, 900),
                now_millis: app.env.now().millis(),
            },
        };
        Ok(Self {
            env: app.env.clone(),
            by,
            frame,
            secure: app.settings.secure(),
        })
    }
}

impl Asked {
    /// The page.
    pub fn show(&self, page: &impl Template) -> Response {
        self.answer(StatusCode::OK, page)
    }

    /// The page, with another status.
    pub fn answer(&self, status: StatusCode, page: &impl Template) -> Response {
        let mut response = match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page of administration can't be written");
                Problem::from(Code::Internal).into_response()
            }
        };
        if self.frame.done.is_some() {
            self.keep_done(&mut response, "", 0);
        }
        response
    }

    /// On to another page, which says what was done.
    pub fn then(&self, path: &str, done: Done) -> Response {
        let mut response = axum::response::Redirect::to(path).into_response();
        self.keep_done(&mut response, done.0, 60);
        response
    }

    fn keep_done(&self, response: &mut Response, value: &str, seconds: u32) {
        let secure = if self.secure { "; Secure" } else { "" };
        let path = routes::ADMIN;
        let cookie = format!("{DONE_COOKIE}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// Maps what a verb failed with, for a form to show.
    pub fn reason(&self, error: domain::Error) -> Rejection {
        Problem::from(error).into_rejection()
    }

    /// A page that says what is wrong, where there is no form to say it.
    pub fn trouble(&self, error: domain::Error) -> Trouble {
        let rejection = self.reason(error);
        let status = StatusCode::from_u16(rejection.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let title = match rejection.code {
            Code::NotFound => "There is nothing here",
            _ => "That did not work",
        };
        let detail = rejection.detail.into_owned();
        let page = ProblemPage {
            frame: &self.frame,
            title,
            detail,
        };
        Trouble(Box::new(self.answer(status, &page)))
    }
}

#[derive(Template)]
#[template(path = "admin/problem.html")]
struct ProblemPage<'a> {
    frame: &'a Frame,
    title: &'static str,
    detail: String,
}

/// A page that says what is wrong.
pub struct Trouble(Box<Response>);

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What a handler answers.
pub type Answer = Result<Response, Trouble>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_has_names_of_their_own() {
        let mut names = Done::ALL.map(|done| done.0).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Done::ALL.len());
    }
}
