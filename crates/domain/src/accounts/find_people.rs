//! The directory: find people to write to, by the beginning of any of their names.

use crate::{Actor, Env, Result, accounts::row::people, db::vars, throttle::Action};
use model::{Person, limits};
use std::collections::BTreeSet;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use uuid::Uuid;

const FIND: &str = "
    SELECT VALUE record::id(id)[1] FROM person_word:[$from]..[$to] LIMIT $limit";

/// Rows read for one word before they are narrowed down by the others.
const CANDIDATES: i64 = 500;

/// People one of whose names begins with each of the words asked for, in the order of their usernames; never oneself.
///
/// # Errors
/// `rate_limited`.
pub async fn find_people(env: &Env, actor: &Actor, query: &str) -> Result<Vec<Person>> {
    env.throttle.count(Action::FindPeople, &actor.id().to_string())?;
    let query: String = query.chars().take(limits::QUERY_MAX).collect();
    let found = with_words(env, &query, CANDIDATES).await?;
    let ids: Vec<Uuid> = found.into_iter().filter(|id| *id != actor.id().uuid()).collect();
    let mut found: Vec<Person> = people(env, ids).await?.into_values().collect();
    found.sort_by(|a, b| a.username.cmp(&b.username));
    found.truncate(limits::DIRECTORY_MAX);
    Ok(found)
}

/// The accounts that have, for each word of a query, a word that begins so; for none, there are none. Of each word's
/// accounts, so many are looked at.
pub(crate) async fn with_words(env: &Env, query: &str, candidates: i64) -> Result<BTreeSet<Uuid>> {
    let mut found: Option<BTreeSet<Uuid>> = None;
    for word in split(query) {
        let to = format!("{word}\u{10ffff}");
        let ids: Vec<Uuid> = env
            .db
            .list(FIND, vars! { from: word, to: to, limit: candidates })
            .await?;
        let ids: BTreeSet<Uuid> = ids.into_iter().collect();
        found = Some(found.map_or_else(|| ids.clone(), |so_far| so_far.intersection(&ids).copied().collect()));
    }
    Ok(found.unwrap_or_default())
}

/// The words under which somebody is found.
pub(crate) fn words(username: &str, display_name: &str) -> Vec<String> {
    let whole = fold(username);
    let all: BTreeSet<String> = split(username)
        .into_iter()
        .chain(split(display_name))
        .chain([whole])
        .collect();
    all.into_iter().collect()
}

/// Whether one of somebody's names begins with each of the words asked for.
pub(crate) fn answers_to(query: &str, username: &str, display_name: &str) -> bool {
    let names = words(username, display_name);
    split(query)
        .iter()
        .all(|word| names.iter().any(|name| name.starts_with(word.as_str())))
}

fn split(text: &str) -> Vec<String> {
    let folded = fold(text.trim_start_matches('@'));
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Lower case, without accents.
fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use model::samples::{ADA, GRACE, MALLORY};

    #[tokio::test]
    async fn people_are_found_by_the_beginning_of_any_name_and_without_accents() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        for player in [
            GRACE,
            MALLORY,
            model::samples::Player {
                username: "zoe",
                display_name: "Zoë Müller",
                email: "zoe@example.org",
                ..ADA
            },
        ] {
            fixtures::actor(&env, player).await;
        }
        for (query, expected) in [
            ("gra", vec!["grace"]),
            ("HOP", vec!["grace"]),
            ("@grace", vec!["grace"]),
            ("grace hop", vec!["grace"]),
            ("grace mull", vec![]),
            ("muller", vec!["zoe"]),
            ("zoë", vec!["zoe"]),
            ("ada", vec![]),
            ("", vec![]),
            ("race", vec![]),
            ("'; DELETE account;", vec![]),
        ] {
            let found = find_people(&env, &ada, query).await.expect("finds");
            assert_eq!(
                found.iter().map(|p| p.username.as_str()).collect::<Vec<_>>(),
                expected,
                "{query}"
            );
        }
    }

    #[tokio::test]
    async fn a_search_reads_only_the_words_that_begin_so() {
        let (env, _) = fixtures::env().await;
        let plan = env
            .db
            .plan(FIND, vars! { from: "gr", to: "gr\u{10ffff}", limit: 5 })
            .await;
        assert!(plan.contains("RecordIdScan") && !plan.contains("TableScan"), "{plan}");
    }
}
