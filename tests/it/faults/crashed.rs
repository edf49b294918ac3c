//! Postgres crashes (its `immediate` shutdown: no checkpoint, recovery at the next start) in each phase of the
//! program's work, is stopped, and has no place for another connection.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{
    acknowledged::Acknowledged,
    row::{Row, kept_after_a_kill, meet, start, works_again},
};
use crate::support::{
    cluster::Cluster,
    process::{Home, PATIENCE, Process, program, serve},
    server::TestDingTalk,
};

#[tokio::test]
async fn stopped_crashed_or_crowded_it_loses_nothing_that_was_acknowledged() {
    let cluster = Cluster::start();
    let home = Home::postgres(&Cluster::url(cluster.port));
    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");

    for (fault, mode) in [("server stopped", "fast"), ("server crashed while idle", "immediate")] {
        let row = Row::postgres(fault, 0);
        let begin = async |_: &Process| cluster.down(mode);
        let end = async |_: &Process| cluster.up();
        meet(&row, &mut process, &mut acknowledged, begin, end).await;
    }

    // Some write is under way when it crashes.
    let row = Row::postgres("server crashed in a storm of writes", 0);
    for (caller, other) in [("b", "c"), ("d", "e")] {
        let [mut storm, mut beside] = [caller, other].map(Acknowledged::by);
        let share = async {
            while storm.count() < 6 {
                storm.write(&process).await;
            }
        };
        let endless = async { while beside.write(&process).await {} };
        tokio::select! { () = share => {} () = endless => {} }
        cluster.crash();
        while storm.write(&process).await {}

        let why = process.until_not_ready().await;
        cluster.until_down().await;
        cluster.up();
        works_again(&row, &mut process, &mut acknowledged).await;
        storm.all_there(&process).await;
        beside.all_there(&process).await;
        row.print(&storm, &why, "by itself");
    }

    let row = Row::postgres("no connection left", 0);
    let begin = async |_: &Process| take_all_places(&cluster).await;
    let end = async |_: &Process| {
        cluster.down("fast");
        cluster.up();
    };
    meet(&row, &mut process, &mut acknowledged, begin, end).await;
    kept_after_a_kill(process, &home, &acknowledged).await;
}

/// Opens connections until the server takes no more and the program has none; they stay until the server ends.
async fn take_all_places(cluster: &Cluster) {
    let mut taken = Vec::new();
    for _ in 0..100 {
        while let Ok(connection) = PgConnection::connect(&Cluster::url(cluster.port)).await {
            taken.push(connection);
        }
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dingmirror'";
        let cut = sqlx::query(cut).execute(&mut taken[0]).await.unwrap();
        if cut.rows_affected() == 0 {
            taken.into_iter().for_each(std::mem::forget);
            return;
        }
    }
    panic!("the program always finds a place");
}

#[tokio::test]
async fn crashed_while_it_migrates_the_next_start_has_all_tables() {
    let row = Row::postgres("server crashed while it migrates", 0);
    let cluster = Cluster::start();
    let home = Home::postgres(&Cluster::url(cluster.port));
    // The tables are there as a whole, or not at all.
    for moment in [300, 600, 900] {
        let mut first = Process::spawn(program(&["serve"]), &home);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        cluster.down("immediate");
        first.kill();
        cluster.up();
    }

    let mut process = start(&home).await;
    let mut acknowledged = Acknowledged::by("a");
    works_again(&row, &mut process, &mut acknowledged).await;
    row.print(&acknowledged, "away", "at the next start");
}

#[tokio::test]
async fn crashed_while_a_sync_is_applied_or_a_message_sent_it_goes_on_by_itself() {
    let cluster = Cluster::start();
    let home = Home::postgres(&Cluster::url(cluster.port));
    let dingtalk = TestDingTalk::start(120, 12).await;
    let settings = [("DINGMIRROR_LOG", "error"), ("DINGMIRROR_SEND_CLAIM", "20s")];
    let mut process = Process::start(serve(&dingtalk, &settings), &home).await;

    // Each person takes so long that the crash meets the middle of the one transaction.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$; \
                CREATE TRIGGER slow BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION slow()";
    cluster.sql(slow).await;
    process.configure(&dingtalk, &json!({})).await;
    let applying =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query ILIKE 'INSERT INTO \"users\"%'";
    let began = Instant::now();
    while cluster.number(applying).await == 0 {
        assert!(began.elapsed() < PATIENCE, "nothing is applied");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    cluster.down("immediate");
    let why = process.until_not_ready().await;
    cluster.up();
    cluster.sql("DROP TRIGGER slow ON users").await;
    process.until_synced().await;
    process.until_ready().await;

    let data = process.data("{ users(first: 1) { totalCount } }", json!({})).await;
    let present = dingtalk.control("directory").await["users"].as_array().unwrap().len();
    assert_eq!(data["users"]["totalCount"], json!(present));
    println!(
        "| server crashed while a sync is applied | Postgres | {present} people | {present} | {why} | by itself |"
    );

    let directory = dingtalk.control("directory").await;
    let user = &directory["users"][0]["userid"];
    let slow = json!({ "api": dingmirror::settings::Api::AsyncSend.path(), "kind": "slow", "ms": 2_000, "count": 1 });
    dingtalk.tell(Method::POST, "faults", slow).await;
    let send = "mutation ($users: [String!]!) { sendMessage(input: { recipients: { userIds: $users }, \
                content: { text: { content: \"through a crash\" } } }) { message { id } userErrors { message } } }";
    let sent = process.data(send, json!({ "users": [user] })).await;
    let id = json!({ "id": sent["sendMessage"]["message"]["id"] });
    let state = "query ($id: ID!) { message(id: $id) { recipients(first: 1) { nodes { state } } } }";
    let is = |data: &Value, states: &[&str]| {
        let state = data["message"]["recipients"]["nodes"][0]["state"].as_str();
        state.is_some_and(|state| states.contains(&state))
    };

    process.until(state, id.clone(), |data| is(data, &["SENDING"])).await;
    cluster.down("immediate");
    // DingTalk's answer comes meanwhile, and is kept in hand.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let why = process.until_not_ready().await;
    cluster.up();
    let arrived = ["ACCEPTED", "DELIVERED_UNREAD", "READ"];
    process.until(state, id, |data| is(data, &arrived)).await;

    let sends = dingtalk
        .control("messages")
        .await
        .to_string()
        .matches("through a crash")
        .count();
    assert_eq!(sends, 1);
    println!("| server crashed while a message is sent | Postgres | 1 | 1 | {why} | by itself, sent once |");
}
