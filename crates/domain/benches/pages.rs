//! What a page costs in a log of 1,000, 10,000 and 100,000 messages (and, with `--million`, of 1,000,000), as a ratio to the
//! first: it should not depend on how long the log is. docs/measurements.md has the command, and the figures.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement without what it needs is none, and its figures go to a person"
)]

use model::{
    AccountId, ConversationId,
    command::{MarkRead, OpenConversation},
    samples::{ADA, GRACE, HEDY},
};
use roost_domain::{
    Actor, Env, conversations, fixtures,
    search::{Indexer, SearchMessages, search_messages},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const ROUNDS: usize = 40;
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Words of other messages; a word is the rarer the later it stands.
const VOCABULARY: u64 = 20_000;

/// About what people say: some twenty words, of which few are common and most are rare. Each hundredth has "moonlight", and
/// each 997th "swordfish".
fn say(seq: u64) -> String {
    let mut state = seq.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut chance = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut words = vec!["the".to_owned()];
    for _ in 0..8 + (chance() * 24.0) as u64 {
        let rank = (VOCABULARY as f64).powf(chance()) as u64;
        words.push(format!(
            "{}{}",
            ["mo", "ba", "ti", "lu", "ske"][(rank % 5) as usize],
            rank * 7919 % 99_991
        ));
    }
    if seq % 100 == 7 {
        words.push("moonlight".into());
    }
    if seq % 997 == 5 {
        words.push("swordfish".into());
    }
    words.join(" ")
}

struct World {
    env: Env,
    clock: Arc<fixtures::TestClock>,
    ada: Actor,
    grace: Actor,
    id: ConversationId,
    authors: [AccountId; 2],
}

impl World {
    async fn open(url: &str) -> Self {
        let (env, clock) = fixtures::env_on(url).await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let hedy = fixtures::actor(&env, HEDY).await;
        let open = async |actor, with: &str| {
            let opened = conversations::open_conversation(&env, actor, OpenConversation::direct(with)).await;
            opened.expect("opens").conversation.id
        };
        let id = open(&ada, "grace").await;
        let other = open(&ada, "hedy").await;
        let authors = [ada.id(), grace.id()];
        conversations::fill(&env, other, &[ada.id(), hedy.id()], 500, say)
            .await
            .expect("fills");
        Self {
            env,
            clock,
            ada,
            grace,
            id,
            authors,
        }
    }

    /// The median of what something takes, and its 95th percentile.
    async fn time(&self, act: impl AsyncFn()) -> [Duration; 2] {
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            // So that nobody is told that it was too often.
            self.clock.advance_s(2);
            let began = Instant::now();
            act().await;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        [times[ROUNDS / 2], times[ROUNDS * 95 / 100]]
    }

    async fn page(&self, window: conversations::Window) {
        let page = conversations::list_messages(&self.env, &self.ada, self.id, window)
            .await
            .expect("reads");
        assert_eq!(page.items.len(), 50);
    }

    async fn search(&self, q: &str, finds: bool) {
        let command = SearchMessages {
            q: q.into(),
            ..SearchMessages::default()
        };
        let hits = search_messages(&self.env, &self.ada, command).await.expect("searches");
        assert_eq!(!hits.items.is_empty(), finds, "{q}");
    }

    /// What each sort of page takes.
    async fn measure(&self, size: u64) -> Vec<(&'static str, [Duration; 2])> {
        let (env, ada, id) = (&self.env, &self.ada, self.id);
        let page = |before, after| conversations::Window {
            limit: Some(50),
            before,
            after,
        };
        let changes = async |after: u64| {
            let changes = conversations::list_changes(env, ada, id, after, Some(50))
                .await
                .expect("reads");
            assert!(!changes.items.is_empty());
        };
        let list = async |actor| {
            conversations::list_conversations(env, actor).await.expect("lists");
        };
        vec![
            (
                "history, the latest 50",
                self.time(async || self.page(page(None, None)).await).await,
            ),
            (
                "history, 50 in the middle",
                self.time(async || self.page(page(Some(size / 2), None)).await).await,
            ),
            (
                "history, 50 after a place",
                self.time(async || self.page(page(None, Some(size / 2))).await).await,
            ),
            (
                "changes, the latest",
                self.time(async || changes(size / 10 - 50).await).await,
            ),
            ("changes, from the first", self.time(async || changes(0).await).await),
            ("the list, nothing unread", self.time(async || list(ada).await).await),
            (
                "the list, all unread",
                self.time(async || list(&self.grace).await).await,
            ),
            (
                "search, a word of each message",
                self.time(async || self.search("the", true).await).await,
            ),
            (
                "search, two words of some",
                self.time(async || self.search("moonlight the", true).await).await,
            ),
            (
                "search, a rare word",
                self.time(async || self.search("swordfish", true).await).await,
            ),
            (
                "search, two letters",
                self.time(async || self.search("sw", true).await).await,
            ),
            (
                "search, a word that nobody said",
                self.time(async || self.search("xylophone", false).await).await,
            ),
        ]
    }
}

fn main() {
    let million = std::env::args().any(|argument| argument == "--million");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("surrealkv://{}?sync=every", folder.path().join("db").display());
        let world = World::open(&url).await;
        let mut first: Vec<Duration> = Vec::new();
        println!("| messages | page | p50 | p95 | p50, as a ratio to the first |\n|---|---|---|---|---|");
        for size in SIZES.into_iter().filter(|size| million || *size <= 100_000) {
            let before = conversations::get_conversation(&world.env, &world.ada, world.id)
                .await
                .expect("reads")
                .last_seq;
            conversations::fill(&world.env, world.id, &world.authors, size, say)
                .await
                .expect("fills");
            let began = Instant::now();
            Indexer::new(world.env.clone()).catch_up().await.expect("indexes");
            let took = began.elapsed();
            let marker = MarkRead { seq: size };
            conversations::mark_read(&world.env, &world.ada, world.id, marker)
                .await
                .expect("marks");
            for (number, (what, [p50, p95])) in world.measure(size).await.into_iter().enumerate() {
                if first.len() == number {
                    first.push(p50);
                }
                let ratio = p50.as_secs_f64() / first[number].as_secs_f64();
                let [p50, p95] = [p50, p95].map(|time| time.as_secs_f64() * 1000.0);
                println!("| {size} | {what} | {p50:.2} ms | {p95:.2} ms | {ratio:.2} |");
            }
            let rate = (size - before) as f64 / took.as_secs_f64();
            println!("| {size} | noting the words | {rate:.0} messages/s | | |");
        }
    });
}
