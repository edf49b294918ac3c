//! What `/metrics` says of syncs and of sending, from the first scrape on.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use dingmirror::directory::RunState;
use serde_json::json;

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const PATIENCE: Duration = Duration::from_secs(60);

async fn scrape(server: &TestServer) -> String {
    let response = server
        .http
        .get(format!("{}/metrics", server.base))
        .send()
        .await
        .unwrap();
    response.text().await.unwrap()
}

/// Scrapes until the line is there.
async fn until(server: &TestServer, line: &str) -> String {
    let began = Instant::now();
    loop {
        let text = scrape(server).await;
        if text.lines().any(|it| it == line) {
            return text;
        }
        assert!(began.elapsed() < PATIENCE, "`{line}` is never there:\n{text}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn value<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("there is no {name} in\n{text}"))
}

both_databases!(
    async fn how_the_last_sync_ended_is_said_whatever_runs_now(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        let before = scrape(&server).await;
        assert_eq!(
            value(&before, "dingmirror_sync_last_complete"),
            "0",
            "there before the first sync"
        );
        assert_eq!(value(&before, "dingmirror_sync_last_end_timestamp_seconds"), "0");

        server.configure(dingtalk.settings()).await;
        server.sync().await;
        let after = until(&server, "dingmirror_sync_last_complete 1").await;
        let ended = value(&after, "dingmirror_sync_last_end_timestamp_seconds").to_owned();
        assert_ne!(ended, "0");

        // A dry run that takes its time: while it runs and when it is over, the last sync is still the last one.
        let slow = json!({ "api": "/topapi/v2/department/listsub", "kind": "slow", "ms": 300 });
        dingtalk.tell(reqwest::Method::POST, "faults", slow).await;
        server
            .data(
                "mutation { startSync(input: { mode: DRY_RUN }) { run { id } } }",
                json!({}),
            )
            .await;

        let during = until(&server, "dingmirror_sync_running 1").await;
        let mut progress = server.services.sync.progress();
        let over = progress.wait_for(|run| run.as_ref().is_some_and(|run| run.state != RunState::Running));
        tokio::time::timeout(PATIENCE, over).await.unwrap().unwrap();
        let over = until(&server, "dingmirror_sync_running 0").await;
        for text in [during, over] {
            assert_eq!(value(&text, "dingmirror_sync_last_complete"), "1");
            assert_eq!(value(&text, "dingmirror_sync_last_end_timestamp_seconds"), ended);
        }
        server.stop().await;

        // Another process knows it, too.
        let server = TestServer::start(database.target(), &dingtalk).await;
        until(&server, "dingmirror_sync_last_complete 1").await;
        server.stop().await;
    }
);

both_databases!(
    async fn sending_is_counted_by_state_and_calls_by_how_they_ended(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let before = scrape(&server).await;
        for state in ["QUEUED", "ACCEPTED", "UNKNOWN", "DROPPED_DUPLICATE", "RECALLED"] {
            let name = format!("dingmirror_delivery_recipients{{state=\"{state}\"}}");
            assert_eq!(value(&before, &name), "0");
        }
        assert_eq!(value(&before, "dingmirror_delivery_oldest_queued_seconds"), "0");
        assert_eq!(value(&before, "dingmirror_delivery_stopped"), "0");
        for purpose in ["SEND", "FOLLOW_UP", "RECALL", "TEST"] {
            let name = format!("dingmirror_quota_used_calls{{purpose=\"{purpose}\"}}");
            assert_eq!(value(&before, &name), "0");
        }
        assert_eq!(
            value(&before, "dingmirror_quota_forecast_exhausted_timestamp_seconds"),
            "0"
        );
        until(&server, "dingmirror_quota_limit_calls 5000").await;
        let sends = "dingmirror_dingtalk_call_outcomes_total{api=\"/topapi/message/corpconversation/asyncsend_v2\"";
        for outcome in ["ok", "throttled", "refused", "no_answer"] {
            assert_eq!(value(&before, &format!("{sends},outcome=\"{outcome}\"}}")), "0");
        }

        // The month's calls are used up: the message waits, and that shows.
        let used_up =
            json!({ "api": "/topapi/message/corpconversation/asyncsend_v2", "kind": "monthly_quota", "count": 1 });
        dingtalk.tell(reqwest::Method::POST, "faults", used_up).await;
        let user = dingtalk.control("directory").await["users"][0]["userid"].clone();
        let send = "mutation ($user: String!) { sendMessage(input: { recipients: { userIds: [$user] }, content: { text: { content: \"你好\" } } }) { userErrors { message } } }";
        server.data(send, json!({ "user": user })).await;

        let waiting = until(&server, "dingmirror_delivery_recipients{state=\"QUEUED\"} 1").await;
        assert_eq!(value(&waiting, &format!("{sends},outcome=\"refused\"}}")), "1");
        let stopped = until(&server, "dingmirror_delivery_stopped 1").await;
        assert_ne!(value(&stopped, "dingmirror_delivery_recipients{state=\"QUEUED\"}"), "0");

        let began = Instant::now();
        while value(&scrape(&server).await, "dingmirror_delivery_oldest_queued_seconds") == "0" {
            assert!(began.elapsed() < PATIENCE, "its age is never told");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }

        server
            .data("mutation { resumeDelivery(input: {}) { __typename } }", json!({}))
            .await;
        until(&server, "dingmirror_delivery_recipients{state=\"QUEUED\"} 0").await;
        until(&server, "dingmirror_quota_used_calls{purpose=\"SEND\"} 1").await;
        let sent = scrape(&server).await;
        assert_eq!(value(&sent, &format!("{sends},outcome=\"ok\"}}")), "1");
        server.stop().await;
    }
);

/// The names of families in `text`, without the suffixes that their samples have.
fn families(text: &str) -> BTreeSet<String> {
    let is_of_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let names = text.match_indices("dingmirror_").map(|(at, _)| {
        let name = &text[at..];
        &name[..name.find(|c| !is_of_name(c)).unwrap_or(name.len())]
    });
    let family = |name: &str| {
        let suffixes = ["_total", "_bucket", "_sum", "_count"];
        let bare = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
        bare.unwrap_or(name).to_owned()
    };
    names.map(family).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_figure_is_documented_and_alerts_and_dashboard_name_no_other() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let text = scrape(&server).await;
    server.stop().await;

    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let told: BTreeSet<String> = kinds
        .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
        .collect();
    assert!(told.len() > 20, "{told:?}");

    let file = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    for path in ["monitoring/alerts.yml", "monitoring/dashboard.json"] {
        let named = families(&file(path));
        let unknown: Vec<_> = named.difference(&told).collect();
        assert!(!named.is_empty() && unknown.is_empty(), "{path}: {unknown:?}");
    }

    // The table leaves the prefix out.
    let manual = file("docs/operating.md");
    let is_undocumented = |name: &&String| {
        let name = name.strip_prefix("dingmirror_").unwrap_or(name);
        let forms = [
            format!("`{name}`"),
            format!("`{name}{{"),
            format!("`{name}_total`"),
            format!("`{name}_total{{"),
        ];
        !forms.iter().any(|form| manual.contains(form.as_str()))
    };
    let silent: Vec<_> = told.iter().filter(is_undocumented).collect();
    assert!(silent.is_empty(), "docs/operating.md says nothing of {silent:?}");
}
