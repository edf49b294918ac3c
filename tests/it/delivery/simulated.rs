//! Delivery in simulated time: the clocks of both sides stand still between two steps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use dingmirror::{
    clock::Clock,
    delivery::{DeliveryConfig, SendRequest},
    message::{FollowUpPolicy, MessageState, QuotaRules},
    simulator::SimulatorConfig,
};
use uuid::Uuid;

use super::{outbox::Outbox, quota::counted_all};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// For so long a send is one process's to ask about.
const CLAIMED_FOR: TimeDelta = TimeDelta::minutes(15);

/// The last question is due 65 minutes before DingTalk has nothing to say any more: a step and a claim fit in.
const STEP: TimeDelta = TimeDelta::minutes(40);

/// A token lives for two hours.
const TOKEN_RENEWED_AFTER: TimeDelta = TimeDelta::minutes(60);

/// People in the simulated company.
const PEOPLE: usize = 400;

/// The time.
#[derive(Clone)]
struct Time(Arc<AtomicI64>);

impl Time {
    fn new(at: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    fn clock(&self) -> Clock {
        let micros = self.0.clone();
        Clock::decided(move || DateTime::from_timestamp_micros(micros.load(Relaxed)).expect("a time"))
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    fn set(&self, at: DateTime<Utc>) {
        self.0.fetch_max(at.timestamp_micros(), Relaxed);
    }
}

/// An engine and DingTalk at the same simulated time.
pub struct Simulated {
    pub outbox: Outbox,
    time: Time,
    /// Steps that were made.
    steps: i64,
    limit: u64,
    /// When the calls came to the limit, by DingTalk's own count.
    pub exhausted_at: Option<DateTime<Utc>>,
}

impl Simulated {
    /// Begins at this time; `quota.monthly` is when the calls are exhausted.
    pub async fn start(
        database: &TestDatabase,
        at: DateTime<Utc>,
        follow_up: FollowUpPolicy,
        quota: QuotaRules,
    ) -> Self {
        let time = Time::new(at);
        let dingtalk = TestDingTalk::start_with(SimulatorConfig {
            users: PEOPLE,
            departments: 6,
            rate_limit_per_second: None,
            receivers_per_minute: 1_000_000,
            deliver_after: Duration::from_secs(1),
            clock: time.clock(),
            ..SimulatorConfig::default()
        })
        .await;

        let configured = move |config| DeliveryConfig {
            follow_up,
            // The ages at which it is asked are real ones, and each round is asked for.
            follow_up_every: Duration::from_secs(5),
            poll: Duration::from_millis(20),
            quota,
            ..config
        };
        let mut outbox = Outbox::configured(dingtalk, database.target(), time.clock(), configured).await;
        outbox.run();
        let simulated = Self {
            outbox,
            time,
            steps: 0,
            limit: quota.monthly,
            exhausted_at: None,
        };
        simulated.renew_token().await;
        simulated
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.time.now()
    }

    /// Goes on to this moment, and has everything asked that is due by then.
    pub async fn advance(&mut self, to: DateTime<Utc>) {
        // A microsecond of its own for each step: otherwise a question that is due later may be due at the very moment
        // at which one that is being asked now would be given up.
        self.steps += 1;
        self.time.set(to + TimeDelta::microseconds(self.steps));
        let app = self.outbox.dingtalk.config.app_key.clone();
        // While the time stands still, what is being asked is its process's for exactly so long.
        let (now, claimed) = (self.time.now(), self.time.now() + CLAIMED_FOR);
        let due = async || {
            let tasks = self.outbox.store.tasks_to_follow_up(500, claimed, &app).await;
            let waits = |at: DateTime<Utc>| at <= now || at == claimed;
            tasks.unwrap().iter().any(|task| waits(task.due_at))
        };
        if due().await {
            self.outbox.delivery.resume("admin").await.unwrap();
            let began = Instant::now();
            while due().await {
                assert!(began.elapsed() < Duration::from_secs(60), "questions are due for ever");
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        }
        if self.exhausted_at.is_none() && counted_all(&self.outbox).await >= self.limit {
            self.exhausted_at = Some(self.time.now());
        }
    }

    /// Goes on step by step.
    pub async fn advance_by_steps(&mut self, to: DateTime<Utc>) {
        let mut renewed_at = None;
        while self.time.now() < to {
            let now = self.time.now();
            if renewed_at.is_none_or(|at| now - at > TOKEN_RENEWED_AFTER) {
                self.renew_token().await;
                renewed_at = Some(now);
            }
            self.advance((now + STEP).min(to)).await;
        }
    }

    /// The client's token lives by real time: the simulator's is kept alive by asking for it, as DingTalk has it.
    async fn renew_token(&self) {
        let dingtalk = &self.outbox.dingtalk;
        let (key, secret) = (&dingtalk.config.app_key, &dingtalk.config.app_secret);
        let url = format!("{}/gettoken?appkey={key}&appsecret={secret}", dingtalk.base);
        let answer = dingtalk.http.get(url).send().await.unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(answer["errcode"], 0, "{answer}");
    }

    /// Sends it, and waits until DingTalk has it.
    pub async fn send(&self, request: SendRequest) -> Uuid {
        let id = self.outbox.submit(request).await.message.id;
        let began = Instant::now();
        while self.outbox.message(id).await.state == MessageState::Queued {
            assert!(began.elapsed() < Duration::from_secs(60), "it is never sent");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        id
    }
}
