//! Leases: one holder at a time, by the database's clock.

use std::time::Duration;

use super::fixtures::open;
use crate::support::database::TestDatabase;

const LONG: Duration = Duration::from_secs(60);

both_databases!(
    async fn a_lease_has_one_holder_until_it_is_released_or_runs_out(database: TestDatabase) {
        let store = open(database).await;
        let first = store.acquire_lease("sync", "a", LONG).await.unwrap().unwrap();
        assert_eq!(store.acquire_lease("sync", "b", LONG).await.unwrap(), None);
        assert!(store.acquire_lease("other", "b", LONG).await.unwrap().is_some());
        assert!(store.renew_lease(&first, LONG).await.unwrap());

        store.release_lease(&first).await.unwrap();
        let second = store
            .acquire_lease("sync", "b", Duration::from_millis(50))
            .await
            .unwrap()
            .unwrap();
        assert!(second.fencing > first.fencing);
        assert!(
            !store.renew_lease(&first, LONG).await.unwrap(),
            "a former holder can't renew"
        );

        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(
            !store.renew_lease(&second, LONG).await.unwrap(),
            "what has run out is lost, even if nobody took it"
        );
        let third = store.acquire_lease("sync", "c", LONG).await.unwrap().unwrap();
        store.release_lease(&second).await.unwrap();
        assert!(
            store.renew_lease(&third, LONG).await.unwrap(),
            "a former holder can't release the present one's"
        );
    }
);

both_databases!(
    async fn of_many_that_ask_at_once_one_gets_it(database: TestDatabase) {
        let store = open(database).await;
        let asked = (0..16).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .acquire_lease("sync", &format!("replica {n}"), LONG)
                    .await
                    .unwrap()
            })
        });

        let mut holders = 0;
        for one in asked.collect::<Vec<_>>() {
            holders += usize::from(one.await.unwrap().is_some());
        }
        assert_eq!(holders, 1);
    }
);
