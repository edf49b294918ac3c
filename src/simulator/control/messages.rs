//! What was sent and who received it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlResult, parse, refused};

impl Control {
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
    pub fn read(&self, body: Value) -> ControlResult {
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
    pub fn set_delivery(&self, body: Value) -> ControlResult {
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
}
