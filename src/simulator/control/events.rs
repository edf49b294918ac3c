//! What happened in the company, and how it is told.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlResult, changed, parse, refused};
use crate::simulator::events::PushSubscription;

impl Control {
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
    pub fn set_events(&self, body: Value) -> ControlResult {
        let mut world = self.shared.world();
        world.events.settings = changed(&world.events.settings, body)?;
        Ok(json!(world.events.settings))
    }

    /// A subscription to pushes as one is made in the developer console: `{url, token, aes_key, tags?}`, or null for
    /// none. Its events are encrypted for the app key; the URL is not asked first.
    pub fn set_push(&self, body: Value) -> ControlResult {
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
            PushSubscription {
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
}
