//! The control API: what the simulated platform knows, and what may be changed about it.
//!
//! No authentication: meant for the loopback interface. All bodies are JSON; whatever is wrong with a request is
//! answered with 400 and `{"error": "…"}`. `GET /control` lists the endpoints; [`Control`] is the same without HTTP.

mod directory;
mod http;
mod index;

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::edits::Edit;
use super::events::Subscription;
use super::faults::Rule;
use super::permissions::{POINTS, Permissions};
use super::scope::Scope;
use super::server::{Shared, is_known};
use super::world::World;

pub(crate) use http::{index, router};

/// Why a control request was refused: a sentence that names the field.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ControlError(String);

type Outcome = Result<Value, ControlError>;

/// The control API without HTTP. All values have the form of the endpoint of the same name.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The whole truth about the directory: `{departments, users, home_school, counts}`.
    pub fn directory(&self) -> Value {
        directory::whole(&self.shared.world().company)
    }

    /// Calls by path: `{apis: {path: {total, throttled, faults, peak_per_second}}}`.
    pub fn calls(&self) -> Value {
        json!({"apis": self.shared.world().limits.report()})
    }

    /// Forgets the figures of [`Control::calls`].
    pub fn forget_calls(&self) {
        self.shared.world().limits.clear();
    }

    /// All notifications, the oldest first: `{tasks: […]}`.
    pub fn messages(&self) -> Value {
        let world = self.shared.world();
        json!({"tasks": world.notifications.tasks().collect::<Vec<_>>()})
    }

    /// What one person received, the oldest first: `{userid, received: [{task_id, msg, sent_at, recalled}]}`.
    pub fn received(&self, userid: &str) -> Value {
        let world = self.shared.world();
        let now = world.now();
        let received: Vec<Value> = world
            .notifications
            .tasks()
            .filter(|task| task.received_by(userid, now))
            .map(|task| {
                json!({"task_id": task.task_id, "msg": task.msg, "sent_at": task.sent_at,
                       "recalled": task.recalled_at.is_some()})
            })
            .collect();
        json!({"userid": userid, "received": received})
    }

    /// Marks a notification as read: `{task_id, userid}`.
    pub fn read(&self, body: Value) -> Outcome {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Read {
            task_id: i64,
            userid: String,
        }
        let read: Read = parse(body)?;
        let mut world = self.shared.world();
        let receivers = world
            .notifications
            .task_mut(read.task_id)
            .map(|task| &mut task.receivers);
        let receiver = receivers.into_iter().flatten().find(|one| one.userid == read.userid);
        let receiver = receiver.ok_or_else(|| refused("task_id, userid: no such receiver of such a task"))?;
        receiver.read = true;
        Ok(json!({"task_id": read.task_id, "userid": read.userid}))
    }

    /// How long delivery takes: `{deliver_after_ms}`.
    pub fn set_delivery(&self, body: Value) -> Outcome {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Delivery {
            deliver_after_ms: u64,
        }
        let delivery: Delivery = parse(body)?;
        self.shared
            .world()
            .notifications
            .set_deliver_after(Duration::from_millis(delivery.deliver_after_ms));
        Ok(json!({"deliver_after_ms": delivery.deliver_after_ms}))
    }

    /// The contact scope: `{authed_dept, authed_user}`.
    pub fn scope(&self) -> Value {
        json!(self.shared.world().scope)
    }

    /// Replaces the contact scope, at once and for every token.
    pub fn set_scope(&self, body: Value) -> Outcome {
        let scope: Scope = parse(body)?;
        let mut world = self.shared.world();
        if let Some(unknown) = scope
            .authed_dept
            .iter()
            .find(|id| world.company.department(**id).is_none())
        {
            return Err(refused(format!("authed_dept: there is no department {unknown}")));
        }
        if let Some(unknown) = scope.authed_user.iter().find(|id| world.company.person(id).is_none()) {
            return Err(refused(format!("authed_user: there is no {unknown:?}")));
        }
        world.scope = scope;
        Ok(json!(world.scope))
    }

    /// The permissions a new token gets: `{mobile, personal, points, empty_fields}`.
    pub fn permissions(&self) -> Value {
        json!(self.shared.world().permissions)
    }

    /// Changes the permissions given; the others stay. Tokens that are out keep theirs: expire them if need be.
    pub fn set_permissions(&self, body: Value) -> Outcome {
        let mut world = self.shared.world();
        let permissions: Permissions = changed(&world.permissions, body)?;
        if let Some(unknown) = permissions
            .points
            .iter()
            .find(|point| !POINTS.contains(&point.as_str()))
        {
            return Err(refused(format!(
                "points: {unknown:?} is unknown; known are {}",
                POINTS.join(", ")
            )));
        }
        world.permissions = permissions;
        Ok(json!(world.permissions))
    }

    /// Changes the rate limit: `{rate_limit_per_second}`, a number or null for none.
    pub fn set_limits(&self, body: Value) -> Outcome {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Limits {
            rate_limit_per_second: Value,
        }
        let limits: Limits = parse(body)?;
        let per_second: Option<u32> = parse(limits.rate_limit_per_second)?;
        self.shared.world().limits.set(per_second);
        Ok(json!({"rate_limit_per_second": per_second}))
    }

    /// The fault rules in force: `{rules: […]}`.
    pub fn faults(&self) -> Value {
        json!({"rules": self.shared.world().faults.rules()})
    }

    /// Adds a rule, or an array of them: `{ids: […]}`.
    pub fn add_faults(&self, body: Value) -> Outcome {
        let rules: Vec<Rule> = many(body)?;
        if let Some(rule) = rules.iter().find(|rule| rule.api != "*" && !is_known(&rule.api)) {
            return Err(refused(format!(
                "api: {:?} is not served; give a path such as /topapi/v2/user/get, or *",
                rule.api
            )));
        }
        let mut world = self.shared.world();
        let ids: Vec<u64> = rules.into_iter().map(|rule| world.faults.add(rule)).collect();
        Ok(json!({"ids": ids}))
    }

    /// Removes one rule, or all of them: `{removed}`.
    pub fn remove_faults(&self, id: Option<u64>) -> Value {
        json!({"removed": self.shared.world().faults.remove(id)})
    }

    /// Makes one edit, or an array of them in order: `{results: […]}`. The first refused one ends it; those before stay.
    pub fn edit(&self, body: Value) -> Outcome {
        let edits: Vec<Edit> = many(body)?;
        let mut world = self.shared.world();
        let made = edits.into_iter().enumerate().map(|(index, edit)| {
            let made = world.edit(edit);
            made.map_err(|reason| refused(format!("edit {index}: {reason}")))
        });
        let results: Result<Vec<Value>, ControlError> = made.collect();
        // Also after a refusal: the edits before it stay, and so do their events.
        self.shared.hub.wake.notify_one();
        Ok(json!({"results": results?}))
    }

    /// The events that happened after the given number, and the attempts to deliver them:
    /// `{events, deliveries, newest, connections}`.
    pub fn events(&self, after: u64) -> Value {
        let world = self.shared.world();
        let deliveries = world.events.deliveries().filter(|delivery| delivery.number > after);
        json!({
            "events": world.events.after(after).collect::<Vec<_>>(),
            "deliveries": deliveries.collect::<Vec<_>>(),
            "newest": world.events.newest(),
            "connections": self.shared.hub.connected(),
        })
    }

    /// Changes how events are delivered; what is not given stays.
    pub fn set_events(&self, body: Value) -> Outcome {
        let mut world = self.shared.world();
        world.events.settings = changed(&world.events.settings, body)?;
        Ok(json!(world.events.settings))
    }

    /// A subscription to pushes as one is made in the developer console: `{url, token, aes_key, tags?}`, or null for
    /// none. Its events are encrypted for the app key; the URL is not asked first.
    pub fn set_push(&self, body: Value) -> Outcome {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Push {
            url: String,
            token: String,
            aes_key: String,
            #[serde(default)]
            tags: Vec<String>,
        }
        let push: Option<Push> = parse(body)?;
        let owner = self.shared.config.app_key.clone();
        let subscription = push.map(|push| {
            let Push {
                url,
                token,
                aes_key,
                tags,
            } = push;
            Subscription {
                url,
                token,
                aes_key,
                owner,
                tags,
            }
        });
        if subscription
            .as_ref()
            .is_some_and(|subscription| !subscription.is_usable())
        {
            return Err(refused("aes_key: give 43 letters and digits"));
        }
        let subscribed = subscription.is_some();
        self.shared.world().events.subscription = subscription;
        Ok(json!({ "subscribed": subscribed }))
    }

    /// Tells every stream connection to go: `{told}`.
    pub fn disconnect_streams(&self) -> Value {
        json!({"told": self.shared.hub.disconnect()})
    }

    /// Makes every token unknown.
    pub fn expire_tokens(&self) {
        self.shared.world().tokens.expire();
    }

    /// Who asked for tokens: `{total, issued, recent}`.
    pub fn token_requests(&self) -> Value {
        self.shared.world().tokens.report()
    }

    /// Back to the state after the start, generated company included.
    pub fn reset(&self) {
        let fresh = World::new(self.shared.config.clone());
        *self.shared.world() = fresh;
        self.shared.hub.clear();
    }
}

fn refused(reason: impl Into<String>) -> ControlError {
    ControlError(reason.into())
}

fn parse<T: DeserializeOwned>(body: Value) -> Result<T, ControlError> {
    serde_json::from_value(body).map_err(|error| refused(error.to_string()))
}

/// The same settings with those that are given replaced.
fn changed<T: DeserializeOwned + Serialize>(old: &T, body: Value) -> Result<T, ControlError> {
    let Value::Object(changes) = body else {
        return Err(refused("give an object"));
    };
    let mut merged = json!(old);
    for (name, value) in changes {
        merged[name] = value;
    }
    parse(merged)
}

/// One, or an array of them.
fn many<T: DeserializeOwned>(body: Value) -> Result<Vec<T>, ControlError> {
    let items = match body {
        Value::Array(items) => items,
        one => vec![one],
    };
    items.into_iter().map(parse).collect()
}
