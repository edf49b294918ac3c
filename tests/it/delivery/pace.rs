//! As fast as is legal, and no faster, beside a sync.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dingmirror::{
    config::Config,
    message::{Pace, RECIPIENTS_A_MINUTE},
    settings::Api,
    simulator::SimulatorConfig,
};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

/// DingTalk's limits, on both sides.
const CALLS: u32 = 20;

/// A busy machine moves a call by more than the client's margin of 25 ms now and then; the answer is a throttle, and no
/// harm. So many of the calls at most.
const THROTTLED: f64 = 0.01;

/// Sends `recipients` while a full sync runs; the recipients a minute over the limit of 5,000, and calls that were
/// throttled.
async fn rate(database: &TestDatabase, recipients: usize, departments: usize) -> (f64, f64) {
    let dingtalk = TestDingTalk::start_with(SimulatorConfig {
        users: 320,
        departments,
        rate_limit_per_second: None,
        latency: Duration::from_millis(40),
        ..SimulatorConfig::default()
    })
    .await;

    let mut config: Config = config(database.target(), &dingtalk);
    config.calls_per_second = CALLS;
    config.delivery.pace = Pace {
        recipients_a_minute: RECIPIENTS_A_MINUTE,
        calls_a_second: CALLS,
    };
    config.sync_on_start = false;
    let replica = config.clone();

    let server = TestServer::start_with(config).await;
    server.configure(dingtalk.settings()).await;
    let truth = dingtalk.control("directory").await;
    let people: Vec<&str> = truth["users"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["active"] == true)
        .map(|it| it["userid"].as_str().unwrap())
        .take(250)
        .collect();

    // The mirror first, so that there is somebody to send to; then the limits, and another full sync beside the
    // sending.
    fill(&server).await;
    dingtalk
        .tell(
            reqwest::Method::PUT,
            "limits",
            json!({ "rate_limit_per_second": CALLS }),
        )
        .await;

    // Another replica: the pace is one for both.
    let replica = TestServer::start_with(replica).await;
    let token = server.admin_token();
    let start = "mutation { startSync(input: { mode: FULL }) { run { id } userErrors { message } } }";
    let started = server.graphql(&token, start, json!({})).await;
    assert!(started["data"]["startSync"]["run"]["id"].is_string(), "{started}");

    for n in 0..recipients.div_ceil(people.len()) {
        let input = json!({ "recipients": { "userIds": people }, "content": { "text": { "content": format!("Page {n} changed") } } });
        let send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { message } } }";
        let sent = server.data(send, json!({ "input": input })).await;
        assert!(sent["sendMessage"]["message"]["id"].is_string(), "{sent}");
    }

    let sends = loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let tasks = dingtalk.control("messages").await["tasks"].take();
        let sends: Vec<(DateTime<Utc>, usize)> = tasks.as_array().unwrap().iter().map(received).collect();
        if sends.iter().map(|(_, count)| count).sum::<usize>() >= recipients {
            break sends;
        }
    };

    let calls = dingtalk.control("calls").await;
    let sum = |figure: &str| -> u64 {
        let apis = calls["apis"].as_object().unwrap().values();
        apis.map(|api| api[figure].as_u64().unwrap_or(0)).sum()
    };
    let throttled = sum("throttled") as f64 / sum("total") as f64;

    for one in [&server, &replica] {
        let calls = one.services.client.stats().calls;
        assert!(
            calls.get(&Api::AsyncSend).is_some_and(|calls| *calls > 0),
            "both replicas send"
        );
    }

    let run = server.services.store.newest_run().await.unwrap().unwrap();
    assert!(
        run.error.is_none() && run.started_at <= sends[0].0 + Duration::from_secs(5),
        "{run:?}"
    );
    assert!(
        run.finished_at.is_none_or(|at| at >= sends[sends.len() / 8].0),
        "the sync was over before there was much to send: {run:?}"
    );
    replica.stop().await;
    server.stop().await;

    // From the first recipient to the first one of the last minute's worth.
    let limit = RECIPIENTS_A_MINUTE as usize;
    let (mut before, mut at) = (0, sends[0].0);
    let last = recipients - recipients % limit;
    let last = if last == recipients { recipients - limit } else { last };
    for (sent_at, count) in &sends {
        if before >= last {
            at = *sent_at;
            break;
        }
        before += count;
    }

    let minutes = (at - sends[0].0).as_seconds_f64() / 60.0;
    (before as f64 / minutes / limit as f64, throttled)
}

/// When a send arrived and how many got it: nobody may have been dropped for the minute's sake.
fn received(task: &Value) -> (DateTime<Utc>, usize) {
    let receivers = task["receivers"].as_array().unwrap();
    assert!(
        receivers.iter().all(|it| it["code"] != 143_103),
        "dropped for being too fast"
    );
    (task["sent_at"].as_str().unwrap().parse().unwrap(), receivers.len())
}

async fn fill(server: &TestServer) {
    let run = server.sync().await;
    assert_eq!(run.state, dingmirror::directory::RunState::Finished, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_keeps_within_five_thousand_a_minute_and_near_it_beside_a_full_sync() {
    let database = TestDatabase::postgres().await;
    let (rate, throttled) = rate(&database, 10_000, 150).await;
    println!("{rate:.3} of 5,000 recipients a minute, {throttled:.4} of the calls throttled");
    assert!((0.95..=1.0).contains(&rate), "{rate:.3} of 5,000 recipients a minute");
    assert!(throttled <= THROTTLED, "{throttled:.4} of the calls throttled");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: `make prove` runs it"]
async fn five_minutes_of_sending_keep_near_the_limit_beside_a_full_sync() {
    let database = TestDatabase::postgres().await;
    let (rate, throttled) = rate(&database, 30_000, 1_200).await;
    println!(
        "figure: {rate:.3} of 5,000 recipients a minute over five minutes beside a full sync, {throttled:.4} of the calls throttled"
    );
    assert!((0.95..=1.0).contains(&rate), "{rate:.3} of 5,000 recipients a minute");
    assert!(throttled <= THROTTLED, "{throttled:.4} of the calls throttled");
    database.remove().await;
}
