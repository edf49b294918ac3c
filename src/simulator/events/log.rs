//! The events that happened, in order.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// How many events are remembered.
const REMEMBERED: usize = 10_000;

/// Something that happened in the company.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Event {
    /// Counts up from 1.
    pub(crate) number: u64,
    /// DingTalk's id of it, the same on every delivery.
    pub(crate) event_id: String,
    /// Such as `user_add_org`.
    pub(crate) event_type: &'static str,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    /// The people it is about.
    pub(crate) user_ids: Vec<String>,
    /// The departments it is about.
    pub(crate) dept_ids: Vec<i64>,
    /// What changed, for `user_modify_org`; covers some fields only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) diff_info: Option<Value>,
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct Events {
    happened: VecDeque<Event>,
    count: u64,
}

impl Events {
    /// Something happened to these people.
    pub(crate) fn users(
        &mut self,
        at: DateTime<Utc>,
        event_type: &'static str,
        user_ids: Vec<String>,
        diff: Option<Value>,
    ) {
        self.push(at, event_type, user_ids, Vec::new(), diff);
    }

    /// Something happened to these departments.
    pub(crate) fn departments(&mut self, at: DateTime<Utc>, event_type: &'static str, dept_ids: Vec<i64>) {
        self.push(at, event_type, Vec::new(), dept_ids, None);
    }

    fn push(
        &mut self,
        at: DateTime<Utc>,
        event_type: &'static str,
        user_ids: Vec<String>,
        dept_ids: Vec<i64>,
        diff_info: Option<Value>,
    ) {
        self.count += 1;
        let event_id = uuid::Uuid::new_v4().simple().to_string();
        self.happened.push_back(Event {
            number: self.count,
            event_id,
            event_type,
            at,
            user_ids,
            dept_ids,
            diff_info,
        });
        while self.happened.len() > REMEMBERED {
            self.happened.pop_front();
        }
    }

    /// Those after the given number, the oldest first.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = &Event> {
        self.happened.iter().filter(move |event| event.number > number)
    }

    /// The number of the newest event.
    pub(crate) fn newest(&self) -> u64 {
        self.count
    }
}
