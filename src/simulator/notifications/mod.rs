//! Work notifications: what may be sent, what flow control lets through, and what became of each.

mod flow;
mod msg;
mod task;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use flow::Flow;
pub(crate) use msg::validate;
pub(crate) use task::{Receiver, ReceiverOutcome, Task};

/// How many tasks are remembered; the oldest go first.
const REMEMBERED: usize = 20_000;
/// How many receivers all remembered tasks may have together.
const REMEMBERED_RECEIVERS: usize = 1_000_000;

/// Everything that was sent.
#[derive(Debug)]
pub(crate) struct Notifications {
    tasks: BTreeMap<i64, Task>,
    flow: Flow,
    next_id: i64,
    receivers: usize,
    deliver_after: TimeDelta,
}

impl Notifications {
    /// Nothing sent yet.
    pub(crate) fn new(deliver_after: Duration, receivers_per_minute: u32) -> Self {
        let deliver_after = TimeDelta::from_std(deliver_after).unwrap_or(TimeDelta::zero());
        Self {
            tasks: BTreeMap::new(),
            flow: Flow::new(receivers_per_minute),
            next_id: 256_271_667_526,
            receivers: 0,
            deliver_after,
        }
    }

    /// Changes how long delivery takes from now on.
    pub(crate) fn set_deliver_after(&mut self, deliver_after: Duration) {
        self.deliver_after = TimeDelta::from_std(deliver_after).unwrap_or(TimeDelta::zero());
    }

    /// True when one more message to everybody is allowed today.
    pub(crate) fn may_send_to_all(&mut self, now: DateTime<Utc>) -> bool {
        self.flow.may_send_to_all(now)
    }

    /// Takes a message: flow control decides about every receiver, and the sender learns of it only by asking.
    pub(crate) fn accept(&mut self, now: DateTime<Utc>, mut task: Task, userids: Vec<String>) -> i64 {
        // Ids grow, with gaps.
        self.next_id += 1 + now.timestamp_micros().rem_euclid(97);

        let content = task.msg.to_string();
        let outcomes = userids.into_iter().map(|userid| {
            let outcome = self.flow.admit(now, &userid, &content);
            Receiver {
                userid,
                outcome,
                read: false,
            }
        });
        task.receivers = outcomes.collect();
        (task.task_id, task.sent_at, task.delivered_at) = (self.next_id, now, now + self.deliver_after);

        self.receivers += task.receivers.len();
        self.tasks.insert(self.next_id, task);
        while self.tasks.len() > REMEMBERED || self.receivers > REMEMBERED_RECEIVERS && self.tasks.len() > 1 {
            self.receivers -= self.tasks.pop_first().map_or(0, |(_, task)| task.receivers.len());
        }
        self.next_id
    }

    /// One task.
    pub(crate) fn task(&self, task_id: i64) -> Option<&Task> {
        self.tasks.get(&task_id)
    }

    /// One task, to be changed.
    pub(crate) fn task_mut(&mut self, task_id: i64) -> Option<&mut Task> {
        self.tasks.get_mut(&task_id)
    }

    /// All tasks, the oldest first.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }
}
