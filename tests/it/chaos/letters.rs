//! A client of servers that die under it: it asks with one key until somebody answers.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::moments::Moments;
use crate::support::server::JWT_SECRET;

/// Longer than both replicas need to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SEND: &str = "mutation ($input: SendMessageInput!) {
    sendMessage(input: $input) { replayed message { id } userErrors { field message } } }";

/// A message that a replica said it had taken in.
pub(super) struct Letter {
    pub(super) key: String,
    /// What a replica called it.
    pub(super) id: String,
    pub(super) people: BTreeSet<String>,
    /// REPEAT_SAME_DAY, or HOLD.
    pub(super) repeat: bool,
    /// How often it was asked for.
    pub(super) asked: u64,
}

impl Letter {
    /// What it says; no other says it.
    pub(super) fn text(key: &str) -> String {
        format!("Page {key} was changed.")
    }
}

/// Where the replicas listen now.
#[derive(Clone)]
pub(super) struct Doors(Arc<Mutex<Vec<String>>>);

impl Doors {
    pub(super) fn new(bases: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(bases)))
    }

    /// A replica was started again.
    pub(super) fn moved(&self, replica: usize, base: &str) {
        self.0.lock().unwrap()[replica] = base.to_owned();
    }

    fn any(&self, moments: &mut Moments) -> String {
        let bases = self.0.lock().unwrap();
        bases[moments.below(bases.len() as u64) as usize].clone()
    }
}

/// Somebody who sends one message after the other.
pub(super) struct Writer {
    name: String,
    doors: Doors,
    people: Arc<Vec<String>>,
    moments: Moments,
    http: reqwest::Client,
    token: String,
    /// Errors that were printed.
    told: BTreeSet<String>,
}

impl Writer {
    pub(super) fn new(name: String, doors: Doors, people: Arc<Vec<String>>, moments: Moments) -> Self {
        // Shorter than the longest slow answer would be: a client gives up, too, and asks again.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5));
        let issuer = TokenIssuer::new(&JWT_SECRET.into(), Clock::system());
        Self {
            name,
            doors,
            people,
            moments,
            http: http.build().unwrap(),
            token: issuer.issue("wiki", &Permission::ALL, Duration::from_secs(7_200)),
            told: BTreeSet::new(),
        }
    }

    /// Writes until it is told to stop; the last one is still asked for until it is answered.
    pub(super) async fn write(mut self, stop: CancellationToken) -> Vec<Letter> {
        let mut letters = Vec::new();
        while !stop.is_cancelled() {
            let letter = self.next(letters.len()).await;
            letters.push(letter);
            tokio::time::sleep(Duration::from_millis(200 + self.moments.below(1_400))).await;
        }
        letters
    }

    async fn next(&mut self, nth: usize) -> Letter {
        let key = format!("{}-{nth}", self.name);
        let people = self.some_people();
        let repeat = nth % 2 == 1;
        let input = json!({
            "recipients": { "userIds": people },
            "content": { "text": { "content": Letter::text(&key) } },
            "idempotencyKey": key,
            "onUnknown": if repeat { "REPEAT_SAME_DAY" } else { "HOLD" },
        });

        let (id, mut asked) = self.send(&input).await;
        // An answer that got lost on the way is nothing that the server knows of: one in four asks once more.
        if self.moments.below(4) == 0 {
            let (again, more) = self.send(&input).await;
            assert_eq!(again, id, "{key} is two messages");
            asked += more;
        }

        Letter {
            key,
            id,
            people,
            repeat,
            asked,
        }
    }

    /// Mostly a few, sometimes more than fit into a call.
    fn some_people(&mut self) -> BTreeSet<String> {
        let wanted = match self.moments.below(20) {
            0 => 120 + self.moments.below(140),
            1..=3 => 20 + self.moments.below(40),
            _ => 1 + self.moments.below(8),
        };
        let all = self.people.len() as u64;
        let first = self.moments.below(all);
        (first..first + wanted.min(all))
            .map(|at| self.people[(at % all) as usize].clone())
            .collect()
    }

    /// The message's id, and how often it took asking.
    async fn send(&mut self, input: &Value) -> (String, u64) {
        let started = Instant::now();
        for asked in 1.. {
            if let Some(answer) = self.ask(input).await {
                let sent = &answer["sendMessage"];
                assert_eq!(sent["userErrors"], json!([]), "{input}");
                return (sent["message"]["id"].as_str().unwrap().to_owned(), asked);
            }
            assert!(started.elapsed() < PATIENCE, "no replica takes it in: {input}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("it counts for ever")
    }

    /// `data`, if a replica lives long enough to answer, and can.
    async fn ask(&mut self, input: &Value) -> Option<Value> {
        let base = self.doors.any(&mut self.moments);
        let request = self.http.post(format!("{base}/graphql")).bearer_auth(&self.token);
        let body = json!({ "query": SEND, "variables": { "input": input } });
        let response = request.json(&body).send().await.ok()?;
        let mut answer: Value = response.json().await.ok()?;
        if let Some(errors) = answer.get("errors") {
            let errors = errors.to_string();
            if !self.told.contains(&errors) {
                println!("asked again, because of {errors}");
                self.told.insert(errors);
            }
            return None;
        }
        Some(answer["data"].take())
    }
}
