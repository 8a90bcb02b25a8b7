//! The mails of a Roost in development: `/dev/mail` for people, `/dev/mail.json` for tests. Both show a mail as soon as
//! it is queued, whatever becomes of it.

use crate::mailer::{Rendered, render};
use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use domain::{
    Env,
    mail::{OutboxEntry, list_outbox},
};
use model::{MailId, Timestamp};
use serde::{Deserialize, Serialize};
use std::error::Error;

/// How many mails are shown.
const SHOWN: usize = 100;
/// Nothing but its own style sheet and the mails in their frames.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";
/// A mail may colour itself and open links elsewhere; nothing runs and nothing is fetched.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; \
                           frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";
const STYLE: &str = include_str!("../templates/dev_mail/style.css");

/// The routes under `/dev`, for development only.
pub fn routes() -> Router<Env> {
    Router::new()
        .route("/dev/mail", get(page))
        .route("/dev/mail.json", get(json))
        .route("/dev/mail.css", get(style))
        .route("/dev/mail/{id}/html", get(html))
}

/// One mail in `/dev/mail.json`.
#[derive(Serialize)]
struct Shown {
    id: MailId,
    to: String,
    kind: &'static str,
    subject: String,
    text: String,
    html: String,
    links: Vec<String>,
    created_at: Timestamp,
    state: &'static str,
}

/// One mail on the page.
struct Item {
    shown: Shown,
    time: String,
    attempts: i64,
    last_error: Option<String>,
}

#[derive(Template)]
#[template(path = "dev_mail/page.html")]
struct Page {
    items: Vec<Item>,
    watch: bool,
}

#[derive(Deserialize)]
struct Wish {
    watch: Option<String>,
}

/// Something went wrong; this door is for developers, so it says what.
struct Trouble(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        tracing::error!(error = %self.0, "the outbox can't be shown");
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

async fn page(State(env): State<Env>, Query(wish): Query<Wish>) -> Result<Response, Trouble> {
    let items = list_outbox(&env, SHOWN)
        .await?
        .into_iter()
        .map(Item::of)
        .collect::<Result<_, _>>()?;
    let page = Page {
        items,
        watch: wish.watch.is_some(),
    }
    .render()?;
    Ok(([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(page)).into_response())
}

async fn json(State(env): State<Env>) -> Result<Json<Vec<Shown>>, Trouble> {
    let mails = list_outbox(&env, SHOWN).await?.into_iter();
    Ok(Json(
        mails
            .map(|entry| Item::of(entry).map(|item| item.shown))
            .collect::<Result<_, _>>()?,
    ))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// The mail as it looks, for the frame on the page, which headers of this answer let in. Links open beside it.
async fn html(State(env): State<Env>, Path(id): Path<MailId>) -> Result<Response, Trouble> {
    let Some(entry) = list_outbox(&env, SHOWN).await?.into_iter().find(|entry| entry.id == id) else {
        return Ok((StatusCode::NOT_FOUND, "There is no such mail.").into_response());
    };
    let html = render(&entry.mail)?
        .html
        .replacen("<head>", "<head>\n<base target=\"_blank\">", 1);
    let headers = [
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok((headers, Html(html)).into_response())
}

impl Item {
    fn of(entry: OutboxEntry) -> askama::Result<Self> {
        let Rendered {
            subject,
            text,
            html,
            links,
        } = render(&entry.mail)?;
        let (id, created_at, kind, state) = (entry.id, entry.created_at, entry.mail.name(), entry.state.as_str());
        Ok(Self {
            time: created_at.datetime().format("%H:%M:%S").to_string(),
            attempts: entry.attempts,
            last_error: entry.last_error,
            shown: Shown {
                id,
                to: entry.to,
                kind,
                subject,
                text,
                html,
                links,
                created_at,
                state,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use domain::{
        fixtures,
        mail::testing::{code_mail, queue},
    };
    use http_body_util::BodyExt;
    use model::samples::ADA;
    use tower::ServiceExt;

    async fn get(env: &Env, path: &str) -> (StatusCode, http::HeaderMap, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = routes()
            .with_state(env.clone())
            .oneshot(request)
            .await
            .expect("answers");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (head.status, head.headers, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_mail_is_shown_as_soon_as_it_is_queued_in_the_shape_of_the_contract() {
        let (env, _) = fixtures::env().await;
        let id = queue(&env, ADA, &code_mail(ADA)).await.to_string();
        let (_, _, body) = get(&env, "/dev/mail.json").await;
        let mails: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&body).expect("JSON");
        let mut keys: Vec<_> = mails[0].keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "created_at",
                "html",
                "id",
                "kind",
                "links",
                "state",
                "subject",
                "text",
                "to"
            ]
        );
        assert_eq!((&mails[0]["id"], &mails[0]["state"]), (&id.into(), &"queued".into()));
        assert_eq!(
            mails[0]["links"],
            serde_json::json!(["http://127.0.0.1:3000/join/K7QM2-X9PRT"])
        );
    }

    #[tokio::test]
    async fn the_page_links_what_the_mail_links_and_runs_nothing() {
        let (env, _) = fixtures::env().await;
        assert!(get(&env, "/dev/mail").await.2.contains("No mails yet"));
        let id = queue(&env, ADA, &code_mail(ADA)).await;
        let (_, headers, page) = get(&env, "/dev/mail").await;
        assert!(page.contains("href=\"http://127.0.0.1:3000/join/K7QM2-X9PRT\"") && !page.contains("<script"));
        assert!(page.contains(&format!("src=\"/dev/mail/{id}/html\"")) && !page.contains("http-equiv=\"refresh\""));
        assert!(
            get(&env, "/dev/mail?watch=1")
                .await
                .2
                .contains("http-equiv=\"refresh\"")
        );
        assert!(
            !headers[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("text")
                .contains("script-src")
        );
        let (status, headers, html) = get(&env, &format!("/dev/mail/{id}/html")).await;
        assert!(status.is_success() && html.contains("<base target=\"_blank\">"));
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(
            policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("allow-scripts")
        );
        let other = env.new_id();
        assert_eq!(
            get(&env, &format!("/dev/mail/{other}/html")).await.0,
            StatusCode::NOT_FOUND
        );
    }
}
