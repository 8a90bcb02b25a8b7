//! The pages of administration, `/admin/…`. They are tables and forms for a few people, so the machine writes them by
//! itself: they need no WebAssembly, and cost members nothing. They wear the same style sheet as the screens.
//!
//! Whoever is no administrator gets what they would get for any address at which there is nothing.
//!
//! | file | holds |
//! |---|---|
//! | [`frame`] | who asks, what is around every page, and what was done a moment ago |
//! | [`typed`] | a form as it was posted, with what is wrong beside its fields |
//! | [`users`], [`user`] | the directory of accounts, and one of them |
//! | [`invitations`], [`registration`] | who may sign up, and with what |
//! | [`api_keys`] | the keys of servers |
//! | [`audit`] | who did what |

mod api_keys;
mod audit;
mod frame;
mod invitations;
mod registration;
mod typed;
mod user;
mod users;

use crate::boot::App;
use app::{Visitor, routes::ADMIN};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, get, post},
};
use domain::Actor;
use tower::ServiceExt;

/// Every page and form. `elsewhere` answers those who may not see them.
pub fn routes(app: &App, elsewhere: Router) -> Router {
    let mut router = Router::new();
    for (path, (_, methods)) in paths().zip(map()) {
        router = router.route(&path, methods);
    }
    router
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(elsewhere, only_administrators))
}

/// Every path, with `{id}` where one stands.
pub fn paths() -> impl Iterator<Item = String> {
    map().into_iter().map(|(path, _)| format!("{ADMIN}{path}"))
}

/// What is below `/admin`.
fn map() -> [(&'static str, MethodRouter<App>); 15] {
    [
        ("", get(async || Redirect::to(users::PATH))),
        ("/users", get(users::list)),
        ("/users/new", get(users::ask).post(users::create)),
        ("/users/{id}", get(user::show).post(user::update)),
        ("/users/{id}/disable", post(user::disable)),
        ("/users/{id}/enable", post(user::enable)),
        ("/users/{id}/sign-out", post(user::sign_out)),
        ("/users/{id}/reset", post(user::reset)),
        ("/users/{id}/delete", get(user::ask_delete).post(user::delete)),
        ("/invitations", get(invitations::list).post(invitations::create)),
        ("/invitations/{id}/revoke", post(invitations::revoke)),
        ("/api-keys", get(api_keys::list).post(api_keys::create)),
        ("/api-keys/{id}/revoke", post(api_keys::revoke)),
        ("/registration", get(registration::show).post(registration::set)),
        ("/audit", get(audit::list)),
    ]
}

async fn only_administrators(State(elsewhere): State<Router>, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>();
    if visitor
        .and_then(|visitor| visitor.actor.as_ref())
        .is_some_and(Actor::is_admin)
    {
        next.run(request).await
    } else {
        elsewhere.oneshot(request).await.into_response()
    }
}
