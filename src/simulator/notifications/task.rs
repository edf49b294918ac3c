//! One notification and its receivers.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// What became of a notification for one receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum ReceiverOutcome {
    /// It arrived.
    Delivered,
    /// Flow control dropped it while the call said "ok".
    Forbidden {
        /// Such as 143106.
        code: u32,
        /// The threshold that was passed.
        count: u32,
    },
}

/// One receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Receiver {
    pub(crate) userid: String,
    #[serde(flatten)]
    pub(crate) outcome: ReceiverOutcome,
    pub(crate) read: bool,
}

/// One accepted `asyncsend_v2`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Task {
    pub(crate) task_id: i64,
    pub(crate) sent_at: DateTime<Utc>,
    /// When delivery is complete.
    pub(crate) delivered_at: DateTime<Utc>,
    pub(crate) to_all_user: bool,
    pub(crate) msg: Value,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) invalid_user_ids: Vec<String>,
    pub(crate) invalid_dept_ids: Vec<i64>,
    pub(crate) recalled_at: Option<DateTime<Utc>>,
    /// The value and colour that replaced those of an OA message.
    pub(crate) status_bar: Option<(String, Option<String>)>,
}

impl Task {
    /// A message that has no receivers yet.
    pub(crate) fn new(msg: Value, to_all_user: bool) -> Self {
        Self {
            task_id: 0,
            sent_at: DateTime::UNIX_EPOCH,
            delivered_at: DateTime::UNIX_EPOCH,
            to_all_user,
            msg,
            receivers: Vec::new(),
            invalid_user_ids: Vec::new(),
            invalid_dept_ids: Vec::new(),
            recalled_at: None,
            status_bar: None,
        }
    }

    /// How far delivery is: `status` 0 not started, 1 running, 2 done, and the per cent.
    pub(crate) fn progress(&self, now: DateTime<Utc>) -> (u8, i64) {
        if now >= self.delivered_at {
            return (2, 100);
        }

        let whole = (self.delivered_at - self.sent_at)
            .num_microseconds()
            .unwrap_or(i64::MAX)
            .max(1);
        let done = (now - self.sent_at).num_microseconds().unwrap_or(0).clamp(0, whole);
        let percent = (i128::from(done) * 100 / i128::from(whole)) as i64;
        if percent < 25 { (0, 0) } else { (1, percent.min(99)) }
    }

    /// What a person got, if it did: delivery complete and not recalled before it arrived.
    pub(crate) fn received_by(&self, userid: &str, now: DateTime<Utc>) -> bool {
        let recalled_early = self.recalled_at.is_some_and(|at| at < self.delivered_at);
        now >= self.delivered_at
            && !recalled_early
            && self
                .receivers
                .iter()
                .any(|one| one.userid == userid && one.outcome == ReceiverOutcome::Delivered)
    }
}
