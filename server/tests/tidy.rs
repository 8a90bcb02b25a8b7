//! The house rules that a machine can check. Each test is a sentence of ARCHITECTURE.md or CONTRIBUTING.md.

#![expect(clippy::panic, reason = "a test without what it needs is a failed test")]

use config::{Config, File, FileFormat};
use model::samples;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Who may use whom. An edge that is not drawn here needs a reason first, and then a line here.
const ROOMS: &[(&str, &[&str])] = &[
    ("crates/model", &[]),
    ("crates/sync", &["model"]),
    ("crates/domain", &["model", "sync"]),
    ("app", &["domain", "model", "sync"]),
    ("frontend", &["app", "model", "sync"]),
    // The mailbox's copy as a page of its own, for tests and figures.
    ("frontend/proof", &["model", "sync"]),
    ("server", &["app", "domain", "model", "sync"]),
    // What plays with the built program from outside.
    ("bench/rig", &["model", "sync"]),
    ("bench/load", &[]),
];

/// The longest source file, in lines.
const CEILING: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A TOML file, read by the crate that reads Roost's own settings.
fn toml(path: &str) -> Value {
    let file = Config::builder()
        .add_source(File::from_str(&text(path), FileFormat::Toml))
        .build();
    file.and_then(Config::try_deserialize)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn keys(table: &Value) -> BTreeSet<&str> {
    table
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .collect()
}

/// Every file below these folders with one of these endings, as (path from the root, text).
fn files(folders: &[&str], endings: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !["target", "node_modules", "test-results", "vendor"].contains(&name.as_str()) {
                let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                waiting.extend(entries.filter_map(Result::ok).map(|entry| entry.path()));
            }
        } else if path
            .extension()
            .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
        {
            let short = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            let content = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{short}: {error}"));
            found.push((short, content));
        }
    }
    found.sort();
    assert!(
        !found.is_empty(),
        "nothing was found in {folders:?}: the test looks in the wrong place"
    );
    found
}

fn sources() -> Vec<(String, String)> {
    files(
        &["app", "bench", "crates", "frontend", "server", "style", "end2end"],
        &["rs", "css", "js", "mjs", "ts", "surql"],
    )
}

/// Fails with all the places where a rule is broken.
fn nothing<I: IntoIterator<Item = String>>(rule: &str, broken: I) {
    let broken: Vec<String> = broken.into_iter().collect();
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// Lines of these files that contain one of the words, as `path:line: text`.
fn lines_with(files: &[(String, String)], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, content) in files {
        for (number, line) in content.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn leptos_toml_agrees_with_cargo_toml() {
    let [build, run] = ["Cargo.toml", "Leptos.toml"].map(leptos_options);
    for key in keys(&run) {
        assert_eq!(run[key], build[key], "{key} differs between Leptos.toml and Cargo.toml");
    }
    // What the running server must know of how the site was built.
    for key in [
        "output-name",
        "site-root",
        "site-pkg-dir",
        "hash-files",
        "server-fn-prefix",
    ] {
        assert!(keys(&run).contains(key), "Leptos.toml lacks {key}");
    }
}

fn leptos_options(path: &str) -> Value {
    toml(path)["workspace"]["metadata"]["leptos"][0].clone()
}

#[test]
fn plain_cargo_compiles_with_the_same_options_as_cargo_leptos() {
    let (build, plain) = (leptos_options("Cargo.toml"), toml(".cargo/config.toml"));
    assert_eq!(plain["env"]["LEPTOS_OUTPUT_NAME"], build["output-name"]);
    assert_eq!(plain["env"]["SERVER_FN_PREFIX"], build["server-fn-prefix"]);
    assert_eq!(
        plain["env"]["DISABLE_SERVER_FN_HASH"] == "true",
        build["disable-server-fn-hash"] == true
    );
    let flags = &plain["build"]["rustflags"];
    assert_eq!(
        (&flags[0], &flags[1]),
        (&"--cfg".into(), &"erase_components".into()),
        "both halves erase view types, or hydration breaks"
    );
    assert_eq!(
        build["disable-erase-components"], true,
        "else debug builds have rustflags that plain cargo has not"
    );
}

#[test]
fn rooms_depend_on_each_other_as_drawn_and_only_the_domain_knows_the_database() {
    let rooms: BTreeSet<&str> = ["model", "sync", "domain", "app"].into();
    let workspace = toml("Cargo.toml");
    let declared: BTreeSet<&str> = workspace["workspace"]["members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        declared,
        ROOMS.iter().map(|(room, _)| *room).collect(),
        "the rooms of the workspace"
    );

    for (room, may_use) in ROOMS {
        let manifest = toml(&format!("{room}/Cargo.toml"));
        let used: BTreeSet<&str> = keys(&manifest["dependencies"]).intersection(&rooms).copied().collect();
        let allowed: BTreeSet<&str> = may_use.iter().copied().collect();
        assert!(
            used.is_subset(&allowed),
            "{room} uses {used:?}, but may only use {allowed:?}"
        );
        let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
        let knows_database = sections
            .iter()
            .any(|section| keys(&manifest[section]).iter().any(|name| name.starts_with("surreal")));
        assert_eq!(knows_database, *room == "crates/domain", "{room} and surrealdb");
    }
    let app = toml("app/Cargo.toml");
    assert_eq!(
        app["dependencies"]["domain"]["optional"], true,
        "app uses domain only on the server"
    );
    let on = |feature: &str| {
        app["features"][feature]
            .as_array()
            .is_some_and(|them| them.contains(&"dep:domain".into()))
    };
    assert!(
        on("ssr") && !on("hydrate"),
        "app's feature ssr, and no other, brings domain in"
    );
}

#[test]
fn what_goes_to_the_browser_contains_nothing_of_the_machine() {
    let arguments =
        "tree --locked -p roost-frontend --target wasm32-unknown-unknown -e normal --prefix none --format {p}";
    let tree = Command::new(env!("CARGO"))
        .args(arguments.split(' '))
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let listed = String::from_utf8_lossy(&tree.stdout);
    let packages: BTreeSet<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        packages.contains("roost-app"),
        "the tree is not the one that was asked for:\n{listed}"
    );
    let machine = [
        "roost",
        "roost-domain",
        "axum",
        "surrealdb",
        "tokio",
        "argon2",
        "zxcvbn",
        "lettre",
        "rustls",
    ];
    nothing(
        "not for the browser",
        machine
            .iter()
            .filter(|name| packages.contains(*name))
            .map(|name| (*name).to_owned()),
    );
}

#[test]
fn wasm_bindgen_is_pinned_to_the_version_in_the_lock_file() {
    let manifest = toml("Cargo.toml");
    let lock = toml("Cargo.lock");
    let locked = lock["package"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| package["name"] == "wasm-bindgen");
    let versions: Vec<_> = locked
        .filter_map(|package| package["version"].as_str())
        .map(|version| format!("={version}"))
        .collect();
    assert_eq!(
        versions,
        [manifest["workspace"]["dependencies"]["wasm-bindgen"]
            .as_str()
            .unwrap_or_default()]
    );
}

#[test]
fn no_source_file_is_longer_than_the_ceiling() {
    let long = sources()
        .into_iter()
        .map(|(path, content)| (path, content.lines().count()))
        .filter(|(_, lines)| *lines > CEILING);
    nothing(
        "split it by what a reader looks for",
        long.map(|(path, lines)| format!("{path}: {lines} lines, at most {CEILING}")),
    );
}

#[test]
fn every_folder_of_screens_has_its_style_sheet() {
    let folders = fs::read_dir(root().join("app/src"))
        .expect("app/src is there")
        .filter_map(Result::ok);
    let names = folders
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    nothing(
        "missing",
        names
            .map(|name| format!("style/{name}.css"))
            .filter(|sheet| !root().join(sheet).is_file()),
    );
}

#[test]
fn text_areas_have_no_children_and_elements_no_inline_styles() {
    // Leptos does not escape what stands inside a text area (0.8.23), and the content security policy blocks styles.
    let screens: Vec<_> = files(&["app/src", "frontend/src"], &["rs"]);
    let filled = |content: &str| {
        content
            .rsplit("</textarea>")
            .skip(1)
            .any(|before| !before.trim_end().ends_with('>'))
    };
    let with_children = screens
        .iter()
        .filter(|(_, content)| filled(content))
        .map(|(path, _)| path.clone());
    nothing("use prop:value, or bind:value", with_children);
    nothing(
        "use a class",
        lines_with(&screens, &[" style=", " style:", "inner_html="]),
    );
}

#[test]
fn nothing_is_left_for_later_and_no_test_is_switched_off() {
    let later = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
    ];
    let off = [
        concat!("#[ig", "nore"),
        concat!("test.", "only("),
        concat!("test.", "skip("),
        concat!("test.", "fixme("),
        concat!("describe.", "only("),
    ];
    let mut all = sources();
    all.extend(files(&["bin", ".ci"], &["sh"]).into_iter().chain(scripts()));
    nothing("finish it, or write an issue", lines_with(&all, &later));
    nothing("switch it on, or delete it", lines_with(&all, &off));
}

/// The commands in `bin` and `.ci`, which have no ending.
fn scripts() -> Vec<(String, String)> {
    let names = [
        "bin/setup",
        "bin/run",
        "bin/dev",
        "bin/test",
        "bin/size",
        "bin/bench",
        "bin/postman",
        "bench/chaos",
        "bench/compare",
        "bench/model",
        ".ci/run",
    ];
    names.iter().map(|name| ((*name).to_owned(), text(name))).collect()
}

#[test]
fn nothing_speaks_of_one_machine_alone() {
    let mut all = sources();
    all.extend(scripts());
    all.extend(documents());
    all.extend(["Cargo.toml", "Leptos.toml", "package.json"].map(|path| (path.to_owned(), text(path))));
    nothing(
        "a path of one machine",
        lines_with(
            &all,
            &[concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")],
        ),
    );
}

#[test]
fn the_cast_is_the_same_in_the_browser_tests() {
    let cast = text("end2end/fixtures/cast.js");
    for player in [samples::ADA, samples::GRACE, samples::MALLORY, samples::HEDY] {
        for word in [player.username, player.display_name, player.email, player.password] {
            assert!(
                cast.contains(&format!("'{word}'")),
                "{word} is not in end2end/fixtures/cast.js"
            );
        }
    }
}

/// What people read.
fn documents() -> Vec<(String, String)> {
    let mut documents = files(&["docs"], &["md"]);
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "NOTICE",
        "LICENSE",
    ] {
        documents.push((name.to_owned(), text(name)));
    }
    documents
}

/// The first one after `from` that stands between `open` and `close`.
fn between<'a>(line: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    line.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split(close).next())
}

#[test]
fn documents_lead_only_to_what_is_there() {
    let rooms = [
        "app/",
        "crates/",
        "frontend/",
        "server/",
        "style/",
        "end2end/",
        "bin/",
        "docs/",
        ".ci/",
    ];
    let mut broken = BTreeMap::new();
    for (document, content) in documents() {
        let folder = Path::new(&document).parent().map(Path::to_path_buf).unwrap_or_default();
        for line in content.lines() {
            for target in
                between(line, "](", ')').filter(|target| !target.contains("://") && !target.starts_with(['#', '<']))
            {
                let file = folder.join(target.split('#').next().unwrap_or_default());
                if !root().join(&file).exists() {
                    broken.insert(format!("{document}: {target}"), ());
                }
            }
            // `server/src/router.rs` in backticks is a promise, too; `<placeholders>` and `{patterns}` are not.
            for path in line
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|code| rooms.iter().any(|room| code.starts_with(room)))
            {
                let plain = path.split([' ', ':']).next().unwrap_or_default();
                let is_path = plain.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
                if is_path && !root().join(plain).exists() {
                    broken.insert(format!("{document}: {path}"), ());
                }
            }
        }
    }
    nothing("leads nowhere", broken.into_keys());
}
