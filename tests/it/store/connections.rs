//! A Postgres that can't be opened: each reason has its remedy, and none shows the password. One that goes away and
//! comes back.

use std::time::{Duration, Instant};

use dingmirror::{
    clock::Clock,
    store::{Store, Target},
};
use sqlx::{Connection, PgConnection};
use url::Url;

use super::{fixtures::open, messages::message};
use crate::support::database::{Beside, TestDatabase};

/// What is told of the test's Postgres when its URL is changed by `spoil`.
async fn told(spoil: impl FnOnce(&mut Url)) -> String {
    let database = TestDatabase::postgres().await;
    let mut url = Url::parse(database.url().unwrap()).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    spoil(&mut url);
    let target = Target::Postgres {
        url: url.to_string().into(),
        max_connections: 2,
    };

    let error = Store::connect(target, Clock::system()).await.unwrap_err();
    database.remove().await;
    let told = format!("{error} {error:?}");
    assert!(told.contains("DATABASE_URL") && !told.contains("hunter2"), "{told}");
    told
}

#[tokio::test]
async fn a_database_that_is_missing_is_named() {
    let told = told(|url| url.set_path("nowhere")).await;
    assert!(told.contains("no database nowhere"), "{told}");
}

#[tokio::test]
async fn a_user_that_the_server_refuses_is_named() {
    let told = told(|url| url.set_username("nobody").unwrap()).await;
    assert!(told.contains("refuses user nobody"), "{told}");
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_told_after_some_patience() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let began = Instant::now();
    let told = told(|url| url.set_port(Some(port)).unwrap()).await;
    assert!(
        told.contains(&format!("127.0.0.1:{port}")) && told.contains("nothing listens"),
        "{told}"
    );
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_host_without_an_address_is_told_at_once() {
    let told = told(|url| url.set_host(Some("nowhere.invalid")).unwrap()).await;
    assert!(
        told.contains("nowhere.invalid") && told.contains("cannot be reached"),
        "{told}"
    );
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced_unasked() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let Beside::Postgres(mut beside) = database.beside().await else {
        unreachable!("it is Postgres")
    };

    // Several, as a server has in use.
    let asked: Vec<_> = (0..4).map(|_| store.load_settings()).collect();
    for answer in futures_util::future::join_all(asked).await {
        answer.unwrap();
    }

    let ended = sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let ended = ended.fetch_all(&mut *beside).await.unwrap().len();
    assert!(ended > 0);

    // One that was used just now is trusted; the others are asked whether they live.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for _ in 0..ended {
        store.load_settings().await.unwrap();
    }
    drop(beside);
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_messages_leaves_connections_to_everybody_else() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    let held = store.hold_ledger().await.unwrap();
    // More than there are connections.
    let burst: Vec<_> = (0..30)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.insert_message(message(None, &["a"])).await.map(drop) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;

    let others = (0..4).map(|_| store.load_settings());
    for answer in futures_util::future::join_all(others).await {
        answer.unwrap();
    }
    store.prove_write().await.unwrap();
    drop(held);
    for taken in burst {
        taken.await.unwrap().unwrap();
    }
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_given_up_while_it_begins_is_left_open_nowhere() {
    let database = TestDatabase::postgres().await;
    let store = open(&database).await;
    for microseconds in (0..4_000).step_by(10) {
        let given_up = Duration::from_micros(microseconds);
        drop(tokio::time::timeout(given_up, store.load_directory()).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;

    let mut beside = PgConnection::connect(database.url().unwrap()).await.unwrap();
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
    .fetch_one(&mut beside)
    .await
    .unwrap();
    assert_eq!(open, 0);
    drop(store);
    database.remove().await;
}
