//! Tables: up, down and up again, and two replicas that start together.

use dingmirror::{
    clock::Clock,
    store::{Store, Target},
};

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

#[tokio::test]
async fn a_postgres_that_cannot_be_opened_is_named_without_its_password() {
    let database = TestDatabase::postgres().await;
    let mut url = url::Url::parse(database.url().unwrap()).unwrap();
    url.set_path("no_such_database");
    let missing = open_error(url.as_str()).await;
    assert!(
        missing.contains("no_such_database") && missing.contains("DATABASE_URL"),
        "{missing}"
    );
    let refused = open_error("postgres://me:hunter2@127.0.0.1:1/ding").await;
    assert!(
        refused.contains("127.0.0.1:1/ding") && refused.contains("refused"),
        "{refused}"
    );
    assert!(!refused.contains("hunter2"));
    database.remove().await;
}

async fn open_error(url: &str) -> String {
    let target = Target::Postgres {
        url: url.to_owned().into(),
        max_connections: 2,
    };
    Store::connect(target, Clock::system()).await.unwrap_err().to_string()
}
