//! kill -9 while messages are sent by two replicas: nothing is lost, and what is sent twice is what the policy says,
//! marked.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dingmirror::settings::Api;
use reqwest::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    ledger::{Sums, assert_true, waiting},
    letters::{Doors, Writer},
    mirror::{company_of, open},
    moments::Moments,
    process::spawn,
};
use crate::support::{database::TestDatabase, process::Process, server::TestDingTalk};

/// People, and departments: nobody gets as many notifications a day as DingTalk lets through.
const COMPANY: (usize, usize) = (400, 10);

/// A dead replica's calls are unknown soon, and repeated soon after that.
const FLAGS: [&str; 6] = ["--sync-lease", "2s", "--send-claim", "3s", "--repeat-after", "1s"];

/// Clients that send at the same time.
const WRITERS: usize = 3;

/// The third repetition of a send comes a minute after the second; and a busy machine.
const SETTLES_WITHIN: Duration = Duration::from_secs(180);

fn replica(database: &TestDatabase, dingtalk: &TestDingTalk) -> Process {
    spawn(database, dingtalk, &FLAGS)
}

/// Answers come late or never, so that a kill finds calls under way: some that DingTalk has taken, some that it hasn't.
pub(super) async fn weather(dingtalk: &TestDingTalk, moments: &mut Moments) {
    let ms = 100 + moments.below(1_500);
    let mut rule = match moments.below(10) {
        0..4 => json!({ "kind": "slow", "ms": ms, "after_effect": true, "count": 1 + moments.below(4) }),
        4..7 => json!({ "kind": "slow", "ms": ms, "count": 1 + moments.below(4) }),
        // Longer than a claim.
        7 => json!({ "kind": "slow", "ms": 3_500, "after_effect": true, "count": 1 }),
        8 => json!({ "kind": "close_connection", "after_effect": moments.below(2) == 0, "count": 1 }),
        _ => json!({ "kind": "timeout15", "after_effect": moments.below(2) == 0, "count": 1 }),
    };

    rule["api"] = json!(Api::AsyncSend.path());
    dingtalk.tell(Method::POST, "faults", rule).await;
}

/// Kills one of two replicas `kills` times while clients send, lets the rest be sent, and holds the ledger against
/// DingTalk.
async fn kill_while_sending(database: &TestDatabase, kills: u64) -> Sums {
    let mut moments = Moments::seeded();
    let dingtalk = company_of(COMPANY.0, COMPANY.1).await;
    let directory = dingtalk.control("directory").await;
    let people = directory["users"].as_array().unwrap().iter();
    let people = people.filter(|it| it["active"] == true);
    let people: Arc<Vec<String>> = Arc::new(people.map(|it| it["userid"].as_str().unwrap().to_owned()).collect());

    let first = replica(database, &dingtalk);
    first.until_it_answers().await;
    first.configure(&dingtalk, &json!({})).await;
    first.until_synced().await;

    let mut replicas = [first, replica(database, &dingtalk)];
    replicas[1].until_it_answers().await;
    let doors = Doors::new(replicas.iter().map(|it| it.base.clone()).collect());
    let stop = CancellationToken::new();
    let writers: Vec<_> = (0..WRITERS)
        .map(|nth| Writer::new(format!("w{nth}"), doors.clone(), people.clone(), moments.others()))
        .map(|writer| tokio::spawn(writer.write(stop.clone())))
        .collect();

    let began = Instant::now();
    for _ in 0..kills {
        weather(&dingtalk, &mut moments).await;
        tokio::time::sleep(Duration::from_millis(200 + moments.below(1_600))).await;
        let nth = moments.below(2) as usize;
        replicas[nth].kill();
        replicas[nth] = replica(database, &dingtalk);
        doors.moved(nth, &replicas[nth].base);
        assert!(!writers.iter().any(|it| it.is_finished()), "a client gave up");
    }
    let killing = began.elapsed();

    dingtalk.tell(Method::DELETE, "faults", json!({})).await;
    stop.cancel();
    let mut letters = Vec::new();
    for writer in writers {
        letters.extend(writer.await.unwrap());
    }
    for replica in &replicas {
        replica.until_it_answers().await;
    }

    let store = open(database).await;
    let ended = Instant::now();
    loop {
        match waiting(&store).await {
            0 => break,
            left => assert!(ended.elapsed() < SETTLES_WITHIN, "{left} messages still wait"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    let sums = assert_true(&store, &dingtalk, &letters).await;
    let asked: u64 = letters.iter().map(|letter| letter.asked).sum();
    println!(
        "figure: {kills} kills in {} s: {} messages asked for {asked} times, {} recipients; {} calls of unknown outcome, {} of \
         them cut off by a kill; {} recipients unknown ({} of them delivered), {} repeated, {} of them given to DingTalk twice, \
         nobody had one twice, nothing lost; settled after {} s",
        killing.as_secs(),
        sums.messages,
        sums.recipients,
        sums.unknown_calls,
        sums.cut_off,
        sums.unknown,
        sums.unknown_and_delivered,
        sums.repeated,
        sums.twice,
        ended.elapsed().as_secs()
    );
    sums
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_killed_eight_times_while_they_send_lose_nothing_and_double_nothing_unmarked() {
    let database = TestDatabase::postgres().await;
    kill_while_sending(&database, 8).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `make prove` runs it"]
async fn replicas_killed_two_hundred_times_while_they_send_lose_nothing_and_double_nothing_unmarked() {
    let database = TestDatabase::postgres().await;
    let sums = kill_while_sending(&database, 200).await;
    // Otherwise the kills came at moments that prove nothing.
    assert!(sums.cut_off >= 20 && sums.repeated > 0 && sums.twice > 0, "{sums:?}");
    database.remove().await;
}
