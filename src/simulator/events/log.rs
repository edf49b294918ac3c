//! The events that happened, what became of their delivery, and who subscribed to pushes.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::crypto::Seal;
use super::settings::EventSettings;
use crate::simulator::random::fresh_uuid;

/// How many events, deliveries and failed pushes are remembered.
const REMEMBERED: usize = 10_000;

/// Something that happened in the company.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// One attempt to deliver an event.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    /// The event's number.
    pub(crate) number: u64,
    /// `push` or `stream`.
    pub(crate) channel: &'static str,
    /// Counts up from 1.
    pub(crate) attempt: usize,
    /// `ok`, or what went wrong.
    pub(crate) outcome: String,
}

/// A subscription to pushes.
#[derive(Clone)]
pub(crate) struct PushSubscription {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) aes_key: String,
    /// The app key for a subscription made in the console, the CorpId for a registered one.
    pub(crate) owner: String,
    /// Which events; all when it is empty.
    pub(crate) tags: Vec<String>,
}

impl PushSubscription {
    /// True when its key can be used.
    pub(crate) fn is_usable(&self) -> bool {
        Seal::new(&self.token, &self.aes_key, &self.owner).is_some()
    }

    /// True when events of this type are wanted.
    pub(crate) fn wants(&self, event_type: &str) -> bool {
        self.tags.is_empty() || self.tags.iter().any(|tag| tag == event_type)
    }
}

/// The log.
#[derive(Default)]
pub(crate) struct Events {
    happened: VecDeque<Event>,
    count: u64,
    deliveries: VecDeque<Delivery>,
    failed: VecDeque<Value>,
    /// How events are delivered.
    pub(crate) settings: EventSettings,
    /// Where they are pushed to.
    pub(crate) subscription: Option<PushSubscription>,
}

impl Events {
    /// Something happened to these people.
    pub(crate) fn users(
        &mut self,
        at: DateTime<Utc>,
        event_type: &'static str,
        user_ids: Vec<String>,
        diff_info: Option<Value>,
    ) {
        self.push(at, event_type, user_ids, Vec::new(), diff_info);
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
        let event_id = fresh_uuid().simple().to_string();
        remember(
            &mut self.happened,
            Event {
                number: self.count,
                event_id,
                event_type,
                at,
                user_ids,
                dept_ids,
                diff_info,
            },
        );
    }

    /// Those after the given number, the oldest first.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = &Event> {
        self.happened.iter().filter(move |event| event.number > number)
    }

    /// The number of the newest event.
    pub(crate) fn newest(&self) -> u64 {
        self.count
    }

    /// Remembers an attempt.
    pub(crate) fn delivered(&mut self, delivery: Delivery) {
        remember(&mut self.deliveries, delivery);
    }

    /// The attempts so far, the oldest first.
    pub(crate) fn deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter()
    }

    /// Remembers an event whose last push failed.
    pub(crate) fn failed(&mut self, entry: Value) {
        remember(&mut self.failed, entry);
    }

    /// Takes up to `most` of the failed ones out of the list, and tells whether there are more.
    pub(crate) fn take_failed(&mut self, most: usize) -> (Vec<Value>, bool) {
        let taken = self.failed.drain(..most.min(self.failed.len())).collect();
        (taken, !self.failed.is_empty())
    }
}

fn remember<T>(list: &mut VecDeque<T>, item: T) {
    list.push_back(item);
    while list.len() > REMEMBERED {
        list.pop_front();
    }
}
