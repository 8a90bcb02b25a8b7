//! The built files of the screens: where they are, what they are called, and for how long a browser may keep them.

use crate::boot::App;
use app::SitePaths;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};
use leptos::config::{Env, LeptosOptions, get_config_from_str};
use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};
use tower::ServiceBuilder;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

/// The run-time options; the build's twin of them is in Cargo.toml (server/tests/tidy.rs holds them together).
const LEPTOS_TOML: &str = include_str!("../../Leptos.toml");
/// The service worker, with two blanks for what only the build knows.
const SERVICE_WORKER: &str = include_str!("../../frontend/service-worker.js");

/// The site as it was built.
pub struct Site {
    /// What Leptos wants to know.
    pub options: LeptosOptions,
    /// The names of the built files.
    pub paths: SitePaths,
    /// The service worker's text.
    service_worker: String,
}

impl Site {
    /// Looks at what the build left.
    ///
    /// # Errors
    /// A sentence, when there is no site where it should be.
    pub fn find() -> Result<Self, Box<dyn Error>> {
        let options = get_config_from_str(LEPTOS_TOML)?;
        let root = PathBuf::from(&*options.site_root);
        let hashes = hashes(options.hash_files)?;
        let paths = paths(&options, &hashes);
        let precache = precache(&root, &paths)?;
        let build = build_id(&root, &precache);
        let list = serde_json::to_string(&precache)?;
        let service_worker = SERVICE_WORKER
            .replace("__BUILD__", &build)
            .replace("__PRECACHE__", &list);
        Ok(Self {
            options,
            paths,
            service_worker,
        })
    }

    /// A site of which nothing was built, for tests that ask no page for its scripts.
    #[must_use]
    pub fn none() -> Self {
        let options = LeptosOptions::builder().output_name("roost").env(Env::DEV).build();
        let paths = paths(&options, &BTreeMap::new());
        Self {
            options,
            paths,
            service_worker: SERVICE_WORKER.to_owned(),
        }
    }

    fn root(&self) -> &Path {
        Path::new(&*self.options.site_root)
    }
}

/// `hash.txt` stands beside the binary and says what to add to the names: `js: 0a1b…`, a line each.
fn hashes(hashed: bool) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    if !hashed {
        return Ok(BTreeMap::new());
    }
    let file = std::env::current_exe()?.with_file_name("hash.txt");
    let text = fs::read_to_string(&file).map_err(|error| {
        format!(
            "the screens are not built ({}: {error}); build them with bin/run",
            file.display()
        )
    })?;
    let pair = |line: &str| {
        line.split_once(':')
            .map(|(kind, hash)| (kind.trim().to_owned(), hash.trim().to_owned()))
    };
    Ok(text.lines().filter_map(pair).collect())
}

fn paths(options: &LeptosOptions, hashes: &BTreeMap<String, String>) -> SitePaths {
    let path = |kind: &str, tail: &str| {
        let hash = hashes.get(kind).map(|hash| format!(".{hash}")).unwrap_or_default();
        format!("/{}/{}{hash}{tail}", options.site_pkg_dir, options.output_name)
    };
    // Without hashes wasm-bindgen's own name for the WASM stays.
    let wasm = if hashes.contains_key("wasm") {
        path("wasm", ".wasm")
    } else {
        path("wasm", "_bg.wasm")
    };
    SitePaths {
        js: path("js", ".js"),
        wasm,
        css: path("css", ".css"),
    }
}

/// What the app needs to open without a network: the shell's files, and the page that says so.
fn precache(root: &Path, paths: &SitePaths) -> Result<Vec<String>, Box<dyn Error>> {
    let mut list = vec![
        app::routes::OFFLINE.to_owned(),
        paths.js.clone(),
        paths.wasm.clone(),
        paths.css.clone(),
    ];
    let entries = fs::read_dir(root).map_err(|error| format!("no site at {}: {error}", root.display()))?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name() != "sw.js" {
            list.push(format!("/{}", entry.file_name().to_string_lossy()));
        }
    }
    list.sort();
    Ok(list)
}

/// Changes whenever any of the precached files does.
fn build_id(root: &Path, precache: &[String]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), precache).hash(&mut hasher);
    for path in precache {
        fs::read(root.join(path.trim_start_matches('/'))).ok().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Hashed files never change; everything else is asked for anew each time.
pub fn routes(app: &App) -> Router {
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    let ask = HeaderValue::from_static("no-cache");
    let serve = |path: PathBuf, cache: HeaderValue| {
        ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, cache))
            .service(
                ServeDir::new(path)
                    .precompressed_br()
                    .precompressed_gzip()
                    .append_index_html_on_directories(false),
            )
    };
    let options = &app.site.options;
    let pkg = app.site.root().join(&*options.site_pkg_dir);
    let cache = if options.hash_files { forever } else { ask.clone() };
    let mut router = Router::new()
        .route("/sw.js", get(service_worker).with_state(app.clone()))
        .nest_service(&format!("/{}", options.site_pkg_dir), serve(pkg, cache));
    for name in public_files(app.site.root()) {
        let file = ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                ask.clone(),
            ))
            .service(tower_http::services::ServeFile::new(app.site.root().join(&name)));
        router = router.route_service(&format!("/{name}"), file);
    }
    router
}

/// Icons, manifest and the like: what frontend/public had in it at build time.
fn public_files(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "sw.js")
        .collect()
}

async fn service_worker(State(app): State<App>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        // A worker lives under the policy of its own script, and this one fetches.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; connect-src 'self'",
        ),
    ];
    (headers, app.site.service_worker.clone())
}
