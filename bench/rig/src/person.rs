//! Somebody with an account, and what they can ask over REST.

use crate::{Fault, Result, roost::SECRET};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use model::{
    AccountId, Changes, Conversation, ConversationId, Message, Page, Person as Public,
    command::{OpenConversation, SignedIn},
};
use reqwest::{Client, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::sleep;

/// No answer within this time is no answer: the connection is broken, and nothing said so.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Before the same is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// How often somebody signed in: a token of the host site opens one session.
static SIGN_INS: AtomicU64 = AtomicU64::new(0);

/// Somebody. Clones are the same person.
#[derive(Clone)]
pub struct Person {
    /// Their account.
    pub id: AccountId,
    /// Their username.
    pub name: String,
    home: String,
    /// Through where they ask.
    addr: String,
    token: Arc<RwLock<String>>,
    client: Client,
}

/// An answer, when there was one.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// The stable code of a refusal.
    #[must_use]
    pub fn code(&self) -> String {
        let problem: Value = serde_json::from_str(&self.text).unwrap_or_default();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The body of an answer that went well.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        if self.status.is_success() {
            serde_json::from_str(&self.text).map_err(|error| format!("{error} in {}", self.text).into())
        } else {
            Err(format!("{}: {}", self.status, self.text).into())
        }
    }
}

impl Person {
    /// Signs in with the host site's word for it.
    pub async fn sign_in(addr: &str, name: &str) -> Result<Self> {
        let client = Client::builder().timeout(ANSWER_WITHIN).build()?;
        let signed = open_session(&client, addr, name).await?;
        let token = signed.tokens.ok_or("a session without tokens")?.access_token;
        Ok(Self {
            id: signed.account.id,
            name: name.to_owned(),
            home: addr.to_owned(),
            addr: addr.to_owned(),
            token: Arc::new(RwLock::new(token)),
            client,
        })
    }

    /// The same person, who asks through a proxy.
    #[must_use]
    pub fn through(&self, addr: &str) -> Self {
        Self {
            addr: addr.to_owned(),
            ..self.clone()
        }
    }

    /// Where they ask.
    #[must_use]
    pub fn addr(&self) -> &str {
        &self.addr
    }

    /// What signs their devices in.
    #[must_use]
    pub fn token(&self) -> String {
        self.token.read().map(|token| token.clone()).unwrap_or_default()
    }

    /// A new session, when the access token has ended. It is asked for past the proxy.
    pub async fn renew(&self) -> Result<()> {
        let signed = open_session(&self.client, &self.home, &self.name).await?;
        let fresh = signed.tokens.ok_or("a session without tokens")?.access_token;
        if let Ok(mut token) = self.token.write() {
            *token = fresh;
        }
        Ok(())
    }

    /// Asks once. An error is no answer: it may have been done, or not.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let url = format!("http://{}/api/v1{path}", self.addr);
        let mut request = self.client.request(method, url).bearer_auth(self.token());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        if status == StatusCode::UNAUTHORIZED {
            self.renew().await?;
        }
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(format!("{status}: {text}").into());
        }
        Ok(Answer { status, text })
    }

    /// Asks until there is an answer. For what is the same when it is done twice.
    pub async fn insist(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        loop {
            if let Ok(answer) = self.ask(method.clone(), path, body).await {
                return answer;
            }
            sleep(PAUSE).await;
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.ask(Method::GET, path, None).await?.read()
    }

    /// Opens a conversation.
    pub async fn open(&self, command: &OpenConversation) -> Result<Conversation> {
        let body = value(command)?;
        self.ask(Method::POST, "/conversations", Some(&body)).await?.read()
    }

    /// Their list.
    pub async fn conversations(&self) -> Result<Vec<Conversation>> {
        let listed: Value = self.get("/conversations").await?;
        let items = if listed.is_array() {
            listed
        } else {
            listed["items"].clone()
        };
        Ok(serde_json::from_value(items)?)
    }

    /// One of it.
    pub async fn conversation(&self, id: ConversationId) -> Result<Conversation> {
        self.get(&format!("/conversations/{id}")).await
    }

    /// A page of a log.
    pub async fn after(&self, id: ConversationId, seq: u64) -> Result<Page> {
        self.get(&format!("/conversations/{id}/messages?limit=100&after={seq}"))
            .await
    }

    /// A small page of a log, before or after a place.
    pub async fn page(&self, id: ConversationId, (before, after): (Option<u64>, Option<u64>)) -> Result<Page> {
        let part = |name: &str, seq: Option<u64>| seq.map_or(String::new(), |seq| format!("&{name}={seq}"));
        let (before, after) = (part("before", before), part("after", after));
        self.get(&format!("/conversations/{id}/messages?limit=20{before}{after}"))
            .await
    }

    /// A page of changes.
    pub async fn changes(&self, id: ConversationId, rev: u64) -> Result<Changes> {
        self.get(&format!("/conversations/{id}/changes?limit=100&after={rev}"))
            .await
    }

    /// A whole log, as far as they may see it.
    pub async fn log(&self, id: ConversationId) -> Result<Vec<Message>> {
        let mut items: Vec<Message> = Vec::new();
        loop {
            let page = self.after(id, items.last().map_or(0, |last| last.seq)).await?;
            let (more, read) = (page.has_more, page.items.len());
            items.extend(page.items);
            if !more || read == 0 {
                return Ok(items);
            }
        }
    }

    /// Whom they block.
    pub async fn blocks(&self) -> Result<Vec<Public>> {
        let listed: Value = self.get("/blocks").await?;
        let items = if listed.is_array() {
            listed
        } else {
            listed["items"].clone()
        };
        Ok(serde_json::from_value(items)?)
    }
}

/// What serializes.
pub fn value(of: &impl Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(Fault::from)
}

async fn open_session(client: &Client, addr: &str, name: &str) -> Result<SignedIn> {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let number = hasher.finish();
    // A token opens one session, so each says something of its own.
    let claims = json!({
        "iss": "https://www.example.org", "aud": "roost", "sub": name, "preferred_username": name, "name": name,
        "exp": get_current_timestamp() + 120, "jti": SIGN_INS.fetch_add(1, Ordering::Relaxed).to_string(),
    });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key)?;
    // Everybody comes from elsewhere, as far as the proxy tells it.
    let address = format!("10.{}.{}.{}", number & 255, (number >> 8) & 255, (number >> 16) & 255);
    let response = client
        .post(format!("http://{addr}/api/v1/users/login"))
        .bearer_auth(token)
        .header("x-forwarded-for", address)
        .send()
        .await?;
    let (status, text) = (response.status(), response.text().await?);
    Answer { status, text }.read()
}
