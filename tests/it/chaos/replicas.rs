//! Two replicas on one Postgres: one syncs, the other takes over, and who was replaced writes nothing.

use std::time::{Duration, Instant};

use dingmirror::store::Store;
use serde_json::json;

use super::{
    mirror::{Calls, assert_whole, company, finished, newest, open},
    process::spawn,
};
use crate::support::{database::TestDatabase, process::Process, server::TestDingTalk};

const LEASE: [&str; 2] = ["--sync-lease", "3s"];

/// The lease, and a few seconds for the other to look, on a busy machine.
const TAKES_OVER_WITHIN: Duration = Duration::from_secs(3 + 5);

const PATIENCE: Duration = Duration::from_secs(60);

/// Calls of the first replica before it is stopped: in mid-crawl.
const MIDWAY: u64 = 150;

/// Answers that were under way or not yet durable when the leader stopped, on all APIs together.
const LOST: u64 = 30;

/// A leader that syncs, and a second replica that has nothing to do.
async fn pair(database: &TestDatabase, dingtalk: &TestDingTalk) -> (Process, Process) {
    let leader = spawn(database, dingtalk, &LEASE);
    leader.until_it_answers().await;
    leader.configure(dingtalk, &json!({})).await;
    Calls::reach(dingtalk, 1, PATIENCE).await;
    let other = spawn(database, dingtalk, &LEASE);
    other.until_it_answers().await;
    (leader, other)
}

/// What nobody may change who no longer holds the lease.
async fn state(store: &Store) -> String {
    let run = newest(store).await;
    let revision = store.current_revision().await.unwrap();
    let last = store.last_change_seq().await.unwrap();
    let runs = store.count_runs().await.unwrap();
    format!("{revision:?} {last} {runs} {run:#?}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_one_syncs() {
    let database = TestDatabase::postgres().await;
    let dingtalk = company().await;
    let (mut leader, mut other) = pair(&database, &dingtalk).await;
    let store = open(&database).await;
    let run = finished(&store, PATIENCE).await;
    // Time for the other one to do what it should not.
    tokio::time::sleep(Duration::from_secs(6)).await;

    let calls = Calls::of(&dingtalk).await;
    assert_eq!(calls.repeated(), 0, "{calls:?}");
    assert_eq!(store.count_runs().await.unwrap(), 1);
    assert_eq!(run.resumed, 0);

    leader.kill();
    other.kill();
    assert_whole(&store, &dingtalk).await;
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_leader_is_replaced_within_the_lease_and_its_run_goes_on() {
    let database = TestDatabase::postgres().await;
    let dingtalk = company().await;
    let (mut leader, mut other) = pair(&database, &dingtalk).await;
    let store = open(&database).await;
    assert!(Calls::reach(&dingtalk, MIDWAY, PATIENCE).await);
    let before = newest(&store).await;

    leader.kill();
    let died = Instant::now();
    // Once what was under way has come in, a further call is the other one's.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let at_death = Calls::of(&dingtalk).await.served;
    assert!(
        Calls::reach(&dingtalk, at_death + 1, TAKES_OVER_WITHIN).await,
        "nobody took over in {TAKES_OVER_WITHIN:?}"
    );
    println!("taken over after {:?}", died.elapsed());

    let run = finished(&store, PATIENCE).await;
    assert_eq!((run.id, run.resumed), (before.id, 1), "{run:#?}");
    let calls = Calls::of(&dingtalk).await;
    println!("{calls:?}, repeated {}", calls.repeated());
    assert!(calls.repeated() <= LOST, "{calls:?}");
    other.kill();
    assert_whole(&store, &dingtalk).await;
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_leader_that_wakes_up_after_it_was_replaced_writes_nothing() {
    let database = TestDatabase::postgres().await;
    let dingtalk = company().await;
    let (mut leader, mut other) = pair(&database, &dingtalk).await;
    let store = open(&database).await;
    assert!(Calls::reach(&dingtalk, MIDWAY, PATIENCE).await);
    let before = newest(&store).await;

    leader.signal("STOP");
    let run = finished(&store, PATIENCE).await;
    assert_eq!((run.id, run.resumed), (before.id, 1), "{run:#?}");
    // The end of the run is recorded a moment before its answers are forgotten and its lease given back.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let left = state(&store).await;

    leader.signal("CONT");
    // Longer than it needs to renew its lease, to end its run and to think of another one.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(state(&store).await, left, "the old leader wrote");

    // It is alive, and serves what the other one mirrored.
    let data = leader
        .data("{ me: syncRuns(first: 1) { nodes { state } } }", serde_json::json!({}))
        .await;
    assert_eq!(data["me"]["nodes"][0]["state"], "FINISHED");
    leader.kill();
    other.kill();
    assert_whole(&store, &dingtalk).await;
    drop(store);
    database.remove().await;
}
