//! Tables: up, down and up again, and two replicas that start together.

use dingmirror::{clock::Clock, store::Store};

use super::fixtures::open;
use crate::support::database::TestDatabase;

both_databases!(
    async fn every_migration_goes_up_down_and_up_again(database: TestDatabase) {
        let store = open(database).await;
        let all = store.migration_status().await.unwrap();
        assert!(!all.is_empty() && all.iter().all(|(_, applied)| *applied), "{all:?}");

        store.migrate_down(u32::try_from(all.len()).unwrap()).await.unwrap();
        assert!(
            store
                .migration_status()
                .await
                .unwrap()
                .iter()
                .all(|(_, applied)| !applied)
        );

        store.migrate().await.unwrap();
        assert_eq!(store.migration_status().await.unwrap(), all);
        assert_eq!(store.current_revision().await.unwrap(), 0);
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_together_migrate_once() {
    let database = TestDatabase::postgres().await;
    let starts = (0..6).map(|_| {
        let target = database.target();
        tokio::spawn(async move {
            let store = Store::connect(target, Clock::system()).await.unwrap();
            store.migrate().await.unwrap();
            store.current_revision().await.unwrap()
        })
    });

    for start in starts.collect::<Vec<_>>() {
        assert_eq!(start.await.unwrap(), 0);
    }
    database.remove().await;
}
