//! A delivery engine over a real database and the simulator, without the edges.

use std::{collections::BTreeMap, time::Duration};

use dingmirror::{
    backoff::Backoff,
    clock::Clock,
    delivery::{Delivery, DeliveryConfig, SendRequest, SubmitError, Submitted},
    dingtalk::{Client, ClientConfig, Waits},
    directory::{Snapshot, SnapshotHandle, UserId},
    identity::{ConfluenceIdentity, Identities},
    message::{Attempt, Content, FollowUpPolicy, Message, MessageState, Pace, RecallState, Recipient, RecipientState},
    page::PageRequest,
    problem::ProblemCode,
    settings::{AllowedHosts, Api, AppSecret, DeliveryMode, Settings, SettingsHandle},
    simulator::SimulatorConfig,
    store::{Stop, Store, Target},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::company::mirrored;
use crate::support::server::TestDingTalk;

/// People in the simulated company.
pub const PEOPLE: usize = 300;

pub struct Outbox {
    pub dingtalk: TestDingTalk,
    pub store: Store,
    pub settings: SettingsHandle,
    pub delivery: Delivery,
    /// Makes another delivery over the same database, as another process would.
    pub replica: Box<dyn Fn() -> Delivery>,
    /// Everybody who has logged in to DingTalk, in order of `userid`.
    pub people: Vec<UserId>,
    emails: Vec<(UserId, String)>,
    shutdown: CancellationToken,
    engine: Option<JoinHandle<()>>,
}

impl Outbox {
    /// Filled-in settings and a mirror of the simulator's people; the engine runs.
    pub async fn start(target: Target) -> Self {
        let mut outbox = Self::idle(target, Duration::from_secs(60)).await;
        outbox.run();
        outbox
    }

    /// The same without a running engine.
    pub async fn idle(target: Target, claim_ttl: Duration) -> Self {
        let dingtalk = TestDingTalk::start(PEOPLE, 6).await;
        Self::over(dingtalk, target, claim_ttl).await
    }

    /// The same over a company of its own.
    pub async fn over(dingtalk: TestDingTalk, target: Target, claim_ttl: Duration) -> Self {
        let live = move |config| DeliveryConfig { claim_ttl, ..config };
        Self::configured(dingtalk, target, Clock::system(), live).await
    }

    /// The same by this clock, with an engine that is configured so.
    pub async fn configured(
        dingtalk: TestDingTalk,
        target: Target,
        clock: Clock,
        change: impl Fn(DeliveryConfig) -> DeliveryConfig + 'static,
    ) -> Self {
        let store = Store::connect(target, clock.clone()).await.unwrap();
        store.migrate().await.unwrap();

        let users = mirrored(&dingtalk).await;
        let people = users
            .iter()
            .filter(|u| u.facts.active == Some(true))
            .map(|u| u.facts.userid.clone())
            .collect();
        let emails = users
            .iter()
            .flat_map(|u| [&u.facts.email, &u.facts.org_email].map(|e| (u.facts.userid.clone(), e.clone())));
        let emails = emails
            .filter_map(|(userid, email)| Some((userid, email.filter(|e| !e.is_empty())?.to_string())))
            .collect();

        let settings = SettingsHandle::new(settings(&dingtalk.base, &dingtalk.config));
        let snapshots = SnapshotHandle::new(Snapshot::build(1, Vec::new(), users));
        let replica = {
            let (store, settings) = (store.clone(), settings.clone());
            move || {
                let config = change(DeliveryConfig {
                    follow_up: FollowUpPolicy::Live,
                    repeat_after: Duration::from_millis(300),
                    poll: Duration::from_millis(100),
                    follow_up_every: Duration::from_millis(250),
                    pace: Pace {
                        recipients_a_minute: 1_000_000,
                        calls_a_second: 10_000,
                    },
                    ..DeliveryConfig::default()
                });
                let (client, clock) = (client(clock.clone()), clock.clone());
                Delivery::new(
                    config,
                    store.clone(),
                    client,
                    settings.clone(),
                    snapshots.clone(),
                    Identities::default(),
                    clock,
                )
            }
        };

        Self {
            dingtalk,
            store,
            settings,
            delivery: replica(),
            replica: Box::new(replica),
            people,
            emails,
            shutdown: CancellationToken::new(),
            engine: None,
        }
    }

    pub fn run(&mut self) {
        let (delivery, shutdown) = (self.delivery.clone(), self.shutdown.clone());
        self.engine = Some(tokio::spawn(async move { delivery.run(shutdown).await }));
    }

    /// Ends the engine as SIGTERM would, and gives how long that took.
    pub async fn stop(&mut self) -> Duration {
        let began = std::time::Instant::now();
        self.shutdown.cancel();
        if let Some(engine) = self.engine.take() {
            engine.await.unwrap();
        }
        began.elapsed()
    }

    /// A request to these people, with a text that nobody was sent before.
    pub fn to(&self, userids: &[UserId]) -> SendRequest {
        let content = format!("Page changed {}", Uuid::new_v4());
        SendRequest {
            userids: userids.to_vec(),
            ..SendRequest::new("wiki", Content::Text { content })
        }
    }

    pub async fn submit(&self, request: SendRequest) -> Submitted {
        self.delivery
            .submit(request)
            .await
            .unwrap_or_else(|error| panic!("refused: {error:?}"))
    }

    /// What was wrong with a request, as `path Code`.
    pub async fn refusal(&self, request: SendRequest) -> Vec<(String, ProblemCode)> {
        match self.delivery.submit(request).await {
            Err(SubmitError::Invalid(errors)) => errors.into_iter().map(|e| (e.field(), e.code)).collect(),
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("it was taken"),
        }
    }

    /// Changes the settings, as an administrator would.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = (*self.settings.current()).clone();
        settings.version += 1;
        change(&mut settings);
        self.settings.publish(settings);
    }

    /// Makes the next calls of `asyncsend_v2` go wrong.
    pub async fn fault(&self, mut rule: Value) {
        rule["api"] = json!(Api::AsyncSend.path());
        self.dingtalk.tell(reqwest::Method::POST, "faults", rule).await;
    }

    pub async fn message(&self, id: Uuid) -> Message {
        self.store.message(id).await.unwrap().expect("the message is there")
    }

    pub async fn recipients(&self, message: Uuid) -> Vec<Recipient> {
        let mut all = Vec::new();
        loop {
            let after = all.last().map(|r: &Recipient| r.position);
            let page = self
                .store
                .recipients(message, &[], PageRequest::new(500, after))
                .await
                .unwrap();
            all.extend(page.items);
            if !page.has_next {
                return all;
            }
        }
    }

    pub async fn attempts(&self, message: Uuid) -> Vec<Attempt> {
        self.store
            .attempts(message, PageRequest::new(500, None))
            .await
            .unwrap()
            .items
    }

    pub async fn states(&self, message: Uuid) -> BTreeMap<RecipientState, usize> {
        let mut states = BTreeMap::new();
        for recipient in self.recipients(message).await {
            *states.entry(recipient.state).or_default() += 1;
        }
        states
    }

    /// Waits until every recipient's state is one of these, and the message is done.
    pub async fn settled(&self, message: Uuid, states: &[RecipientState]) -> Vec<Recipient> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let recipients = self.recipients(message).await;
            if recipients.iter().all(|r| states.contains(&r.state))
                && self.message(message).await.state != MessageState::Queued
            {
                return recipients;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "still {:?}",
                self.states(message).await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the first attempt's recall has an end.
    pub async fn recall_ended(&self, message: Uuid) {
        for _ in 0..600 {
            let recall = self.attempts(message).await[0].recall.clone();
            if recall.is_some_and(|(state, _)| state != RecallState::Requested) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the recall has no end");
    }

    /// Waits until sending is stopped.
    pub async fn until_stopped(&self) -> Stop {
        for _ in 0..600 {
            if let Some(stop) = self.store.sending_stopped(Clock::system().now()).await.unwrap() {
                return stop;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("sending is never stopped");
    }

    /// Waits until the rows are as `wanted` says.
    pub async fn until(&self, message: Uuid, wanted: impl Fn(&[Recipient]) -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        while !wanted(&self.recipients(message).await) {
            assert!(
                tokio::time::Instant::now() < deadline,
                "still {:?}",
                self.states(message).await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Somebody whose email address nobody shares.
    pub fn somebody_with_an_email(&self) -> (UserId, String) {
        let emails: Vec<_> = self.emails.iter().map(|(_, email)| email.to_lowercase()).collect();
        let alone = |email: &str| emails.iter().filter(|one| **one == email.to_lowercase()).count() == 1;
        let one = self
            .emails
            .iter()
            .find(|(userid, email)| alone(email) && self.people.contains(userid));
        one.cloned().expect("most people have an email address of their own")
    }

    /// The simulator's own record: receivers of each send it took, the oldest first.
    pub async fn sends(&self) -> Vec<Value> {
        self.dingtalk.control("messages").await["tasks"]
            .as_array()
            .cloned()
            .expect("a list of tasks")
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn client(clock: Clock) -> Client {
    let quick = Backoff::new(Duration::from_millis(5), Duration::from_millis(20));
    let waits = Waits {
        throttle_floor: Duration::from_millis(5),
        throttle: quick,
        throttled_attempts: 2,
        busy: quick,
        ..Waits::default()
    };
    let config = ClientConfig {
        allowed_hosts: AllowedHosts::parse("127.0.0.1 localhost").unwrap(),
        timeout: Duration::from_secs(2),
        calls_per_second: 10_000,
        max_attempts: 2,
        ..ClientConfig::default()
    };

    Client::with_waits(config, waits, clock).unwrap()
}

/// Filled-in settings for a simulator that runs there.
pub fn settings(base: &str, config: &SimulatorConfig) -> Settings {
    let url = |api: Api| format!("{base}{}", api.path()).parse().unwrap();
    Settings {
        version: 1,
        agent_id: Some(config.agent_id.to_string()),
        app_key: Some(config.app_key.clone()),
        app_secret: Some(AppSecret {
            value: config.app_secret.clone().into(),
            set_at: Clock::system().now(),
        }),
        urls: Api::ALL.into_iter().map(|api| (api, url(api))).collect(),
        delivery_mode: DeliveryMode::On,
        ..Settings::defaults()
    }
}

/// A Confluence user of whom only the email address is known.
pub fn by_email(email: &str) -> ConfluenceIdentity {
    ConfluenceIdentity {
        email: Some(email.to_owned()),
        ..ConfluenceIdentity::default()
    }
}
