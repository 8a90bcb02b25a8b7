//! The document around the app. Server only: the browser starts at the body.

#[cfg(feature = "ssr")]
mod server {
    use crate::{
        App,
        context::{SitePaths, request_path},
        facts::theme_of_request,
        routes,
    };
    use leptos::{nonce::use_nonce, prelude::*};
    use leptos_meta::MetaTags;

    /// The whole document of a page.
    #[must_use]
    pub fn shell(options: LeptosOptions) -> impl IntoView {
        let paths = use_context::<SitePaths>().unwrap_or_default();
        let offline = request_path().is_some_and(|path| path == routes::OFFLINE);
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=theme_of_request().as_str()>
                <head>
                    <meta charset="utf-8" />
                    <meta
                        name="viewport"
                        content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                    />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="theme-color" content="#faf7f3" media="(prefers-color-scheme: light)" />
                    <meta name="theme-color" content="#191613" media="(prefers-color-scheme: dark)" />
                    <meta name="description" content="Roost: chat of your own, in your own house." />
                    <link rel="stylesheet" href=paths.css.clone() />
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                    <link rel="icon" href="/icon-192.png" type="image/png" sizes="192x192" />
                    <link rel="apple-touch-icon" href="/apple-touch-icon.png" />
                    <link rel="manifest" href="/manifest.webmanifest" />
                    {if offline {
                        view! {
                            <script src="/offline.js" defer nonce=use_nonce()></script>
                            <Boot paths offline />
                        }
                        .into_any()
                    } else {
                        view! {
                            <link rel="modulepreload" href=paths.js.clone() nonce=use_nonce() />
                            <link rel="preload" href=paths.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                            <Boot paths offline />
                        }
                        .into_any()
                    }}
                    <AutoReload options />
                    <MetaTags />
                </head>
                <body>
                    <App />
                </body>
            </html>
        }
    }

    /// Starts the WASM by an external script: there is no inline script of ours, and a failure to load shows itself
    /// (Leptos' own `HydrationScripts` can lose its preload under a content security policy, leptos #4843).
    #[component]
    fn Boot(paths: SitePaths, offline: bool) -> impl IntoView {
        let offline = offline.then_some("");
        view! {
            <script type="module" src="/boot.js" id="boot" data-js=paths.js data-wasm=paths.wasm data-offline=offline nonce=use_nonce()></script>
        }
    }
}

#[cfg(feature = "ssr")]
pub use server::shell;
