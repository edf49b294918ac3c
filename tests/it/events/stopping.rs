//! A server that stops leaves nothing behind that the next one has to wait for.

use std::time::{Duration, Instant};

use super::rig::{Channel, Rig};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// Name of the lease of whoever acts on events.
const LEASE: &str = "events";

both_databases!(
    async fn the_lease_of_events_is_given_back_with_the_shutdown(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(10, 2).await, Channel::Push, 10_000).await;
        let store = rig.server.services.store.clone();
        let started = Instant::now();
        while store.is_lease_free(LEASE).await.unwrap() {
            assert!(started.elapsed() < Duration::from_secs(10), "nobody acts on events");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        rig.server.stop().await;
        assert!(
            store.is_lease_free(LEASE).await.unwrap(),
            "the next server must act on events at once"
        );
    }
);
