//! What is in the document's body.

use crate::{
    accounts::{CodePage, ConfirmPage, ForgotPage, ForgotSentPage, SetupPage, SignInPage, SignUpPage, SignUpSentPage},
    chat::{ChatPage, Store},
    facts::{provide_facts, use_facts},
    keys::Keys,
    mail::{MailPage, provide_post},
    navigation::Navigation,
    notices::Notices,
    routes,
    search::SearchPage,
    settings::{DeletePage, EmailPage, EmailSentPage, PasswordPage, SettingsPage},
    time::provide_wall,
    ui::{Problem, lead_to},
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// All of Roost that is seen.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let facts = provide_facts();
    provide_wall(facts.offset_minutes, facts.now_millis);
    let store = use_context::<Store>().unwrap_or_default();
    let member = facts.me.is_some();
    store.me.set(facts.me);
    provide_context(store);
    provide_post();
    view! {
        <Router>
            <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
            <div class="frame" data-member=member.then_some("")>
                {member.then(|| view! { <Navigation /> })}
                <main id="main" tabindex="-1">
                    <Pages />
                </main>
            </div>
            {member.then(|| view! { <Notices /> <Keys /> })}
        </Router>
    }
}

/// Which page is at which path. All are rendered to the end before they are sent, so that they are whole without
/// JavaScript and their status is right.
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view=Home ssr=SsrMode::Async />
            <Route path=path!("/sign-up") view=SignUpPage ssr=SsrMode::Async />
            <Route path=path!("/sign-up/sent") view=SignUpSentPage ssr=SsrMode::Async />
            <Route path=path!("/confirm") view=CodePage ssr=SsrMode::Async />
            <Route path=path!("/confirm/:code") view=ConfirmPage ssr=SsrMode::Async />
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
            <Route path=path!("/forgot") view=ForgotPage ssr=SsrMode::Async />
            <Route path=path!("/forgot/sent") view=ForgotSentPage ssr=SsrMode::Async />
            <Route path=path!("/setup/:code") view=SetupPage ssr=SsrMode::Async />
            <Route path=path!("/chat/:id?") view=ChatPage ssr=SsrMode::Async />
            <Route path=path!("/mail/*rest") view=MailPage ssr=SsrMode::Async />
            <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async />
            <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
            <Route path=path!("/settings/email") view=EmailPage ssr=SsrMode::Async />
            <Route path=path!("/settings/email/sent") view=EmailSentPage ssr=SsrMode::Async />
            <Route path=path!("/settings/password") view=PasswordPage ssr=SsrMode::Async />
            <Route path=path!("/settings/delete") view=DeletePage ssr=SsrMode::Async />
            <Route path=path!("/offline") view=OfflinePage ssr=SsrMode::Async />
        </Routes>
    }
}

#[component]
fn Home() -> impl IntoView {
    let member = use_facts().with_value(|facts| facts.me.is_some());
    lead_to(if member { routes::CHAT } else { routes::SIGN_IN });
}

#[component]
fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::context::status(404);
    view! {
        <Title text="Not here · Roost" />
        <Problem title="There is nothing here">
            <p>"The address may be mistyped, or what was here has moved on."</p>
            <p>
                <a class="button" href=routes::HOME rel="external">"Go to the start"</a>
            </p>
        </Problem>
    }
}

/// Kept by the service worker and shown when there is no network; it is not hydrated, `/offline.js` watches.
#[component]
fn OfflinePage() -> impl IntoView {
    view! {
        <Title text="Offline · Roost" />
        <Problem title="You’re offline">
            <p id="offline-status" role="status">"Roost comes back by itself as soon as it can be reached."</p>
            <p>
                <a class="button" href=routes::HOME rel="external">"Try now"</a>
            </p>
        </Problem>
    }
}
