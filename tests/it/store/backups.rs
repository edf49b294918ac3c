//! A backup that is put in the place of the embedded database.

use std::{fs, path::Path};

use dingmirror::{
    clock::Clock,
    store::{Store, Target, back_up},
};

use super::{fixtures::open, messages::message};
use crate::support::database::TestDatabase;

async fn start(dir: &Path) -> Result<Store, String> {
    let target = Target::Sqlite {
        data_dir: dir.to_owned(),
    };
    let store = Store::connect(target, Clock::system()).await;
    store.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_the_log_of_another_file_it_refuses_the_start_and_is_left_as_it_is() {
    let database = TestDatabase::sqlite().await;
    let store = open(&database).await;
    let epoch = store.epoch().await.unwrap();
    let restored = tempfile::tempdir().unwrap();
    let file = restored.path().join("dingmirror.db");
    back_up(&database.target(), &file).await.unwrap();

    // The former process was killed later, and its log is left.
    store.insert_message(message(None, &["a"])).await.unwrap();
    let log = restored.path().join("dingmirror.db-wal");
    fs::copy(database.data_dir().join("dingmirror.db-wal"), &log).unwrap();
    let backup = fs::read(&file).unwrap();
    let told = start(restored.path()).await.unwrap_err();
    for name in ["dingmirror.db-wal", "dingmirror.db-shm", "aside"] {
        assert!(told.contains(name), "{told}");
    }
    assert_eq!(fs::read(&file).unwrap(), backup);

    fs::remove_file(&log).unwrap();
    let store = start(restored.path()).await.unwrap();
    assert_ne!(store.epoch().await.unwrap(), epoch);
}
