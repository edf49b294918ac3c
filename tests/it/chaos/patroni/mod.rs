//! Past one machine: three nodes of Postgres under Patroni, two replicas of the program, and a primary that is killed
//! in the middle of syncs and sends, again and again.
//!
//! Synchronous: nothing that was acknowledged is lost, nothing is sent twice unmarked, and ten seconds after each
//! promotion both replicas serve what the database has. Asynchronous: a loss is noticed and told by a new epoch.

mod mirrors;
mod stack;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dingmirror::{
    clock::Clock,
    store::{Store, Target},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use self::{
    mirrors::until_equal,
    stack::{Replication, Stack},
};
use super::{
    ledger::{assert_true, waiting},
    letters::{Doors, Writer},
    mirror::company_of,
    moments::Moments,
    sending::weather,
};
use crate::support::{
    process::{Home, Process, program},
    server::TestDingTalk,
};

/// People, and departments.
const COMPANY: (usize, usize) = (400, 10);

const FLAGS: [&str; 10] = [
    "--sync-interval",
    "0",
    "--sync-lease",
    "5s",
    "--send-claim",
    "5s",
    "--repeat-after",
    "1s",
    "--coalesce-window",
    "0",
];

/// Clients that send at the same time.
const WRITERS: usize = 3;

/// How long after a promotion both replicas may take to serve what the database has.
const EQUAL_WITHIN: Duration = Duration::from_secs(10);

/// The third repetition of a send comes a minute after the second; and a busy machine.
const SETTLES_WITHIN: Duration = Duration::from_secs(240);

/// Kills, unless `PATRONI_KILLS` says otherwise.
const KILLS: u64 = 50;

fn replica(stack: &Stack, dingtalk: &TestDingTalk) -> Process {
    let mut command = program(&["serve"]);
    command
        .args(FLAGS)
        .args(["--calls-per-second", "60", "--log", "info", "--follow-up", "live"])
        .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"));
    Process::spawn(command, &Home::postgres(&stack.url()))
}

async fn two_replicas(stack: &Stack, dingtalk: &TestDingTalk) -> [Process; 2] {
    let first = replica(stack, dingtalk);
    first.until_it_answers().await;
    first.configure(dingtalk, &json!({})).await;
    first.until_synced().await;
    let second = replica(stack, dingtalk);
    second.until_it_answers().await;
    [first, second]
}

async fn open(stack: &Stack) -> Store {
    let target = Target::Postgres {
        url: stack.url().into(),
        max_connections: 3,
    };
    Store::connect(target, Clock::system()).await.unwrap()
}

/// The company changes, and one of the replicas is told to sync. It may have no database to do that with.
async fn change_and_sync(dingtalk: &TestDingTalk, replica: &Process, person: &str, nth: u64) {
    let edit = json!([{ "edit": "update_user", "userid": person, "fields": { "name": format!("Name {nth}") } }]);
    dingtalk.tell(Method::POST, "edits", edit).await;
    drop(
        replica
            .ask(
                "mutation { startSync(input: {}) { userErrors { message } } }",
                json!({}),
            )
            .await,
    );
}

async fn people_of(dingtalk: &TestDingTalk) -> Arc<Vec<String>> {
    let directory = dingtalk.control("directory").await;
    let people = directory["users"].as_array().unwrap().iter();
    let people = people.filter(|it| it["active"] == true);
    Arc::new(people.map(|it| it["userid"].as_str().unwrap().to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half an hour, and Patroni, etcd and HAProxy: `make prove` runs it"]
async fn a_synchronous_primary_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let kills = std::env::var("PATRONI_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: u64 = kills.unwrap_or(KILLS);
    let mut moments = Moments::seeded();
    let dingtalk = company_of(COMPANY.0, COMPANY.1).await;
    let people = people_of(&dingtalk).await;
    let mut stack = Stack::start(Replication::Synchronous).await;
    let replicas = two_replicas(&stack, &dingtalk).await;
    let store = open(&stack).await;

    let doors = Doors::new(replicas.iter().map(|it| it.base.clone()).collect());
    let stop = CancellationToken::new();
    let writers: Vec<_> = (0..WRITERS)
        .map(|nth| Writer::new(format!("w{nth}"), doors.clone(), people.clone(), moments.others()))
        .map(|writer| tokio::spawn(writer.write(stop.clone())))
        .collect();

    let began = Instant::now();
    let (mut promoted, mut equal) = (Vec::new(), Vec::new());
    for nth in 0..kills {
        let person = &people[moments.below(people.len() as u64) as usize];
        weather(&dingtalk, &mut moments).await;
        change_and_sync(&dingtalk, &replicas[nth as usize % 2], person, nth).await;
        tokio::time::sleep(Duration::from_millis(200 + moments.below(3_000))).await;

        promoted.push(stack.kill_primary().await);
        equal.push(until_equal(&store, &replicas, EQUAL_WITHIN).await);
        assert!(!writers.iter().any(|it| it.is_finished()), "a client gave up");
        stack.start_the_killed();
        stack.until_whole(Replication::Synchronous).await;
    }
    let killing = began.elapsed();

    dingtalk.tell(Method::DELETE, "faults", json!({})).await;
    stop.cancel();
    let mut letters = Vec::new();
    for writer in writers {
        letters.extend(writer.await.unwrap());
    }
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
    let longest = |times: &[Duration]| times.iter().max().copied().unwrap_or_default().as_secs_f64();
    println!(
        "figure: the primary killed {kills} times in {} s: {} messages asked for {asked} times, {} recipients, none lost; {} \
         recipients unknown ({} of them delivered), {} repeated, {} of them given to DingTalk twice, nobody had one twice; \
         another primary after at most {:.1} s, and both replicas had what it has at most {:.1} s after that",
        killing.as_secs(),
        sums.messages,
        sums.recipients,
        sums.unknown,
        sums.unknown_and_delivered,
        sums.repeated,
        sums.twice,
        longest(&promoted),
        longest(&equal),
    );
}

const EPOCH: &str = "{ mirror { epoch revision } }";
const SAVE: &str = "mutation ($name: String!) { saveMessageTemplate(input: { name: $name, content: { text: { content: \"x\" } } }) \
                    { userErrors { message } } }";

async fn save(replica: &Process, name: &str) -> bool {
    let answer = replica.ask(SAVE, json!({ "name": name })).await;
    answer.is_ok_and(|answer| answer["data"]["saveMessageTemplate"]["userErrors"] == json!([]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes, and Patroni, etcd and HAProxy: `make prove` runs it"]
async fn what_an_asynchronous_primary_loses_is_noticed_and_said() {
    let dingtalk = company_of(COMPANY.0, COMPANY.1).await;
    let mut stack = Stack::start(Replication::Asynchronous).await;
    let replicas = two_replicas(&stack, &dingtalk).await;
    let store = open(&stack).await;
    assert!(save(&replicas[0], "kept").await);
    stack.until_whole(Replication::Asynchronous).await;
    let before = replicas[0].data(EPOCH, json!({})).await["mirror"].clone();

    // The standbys hear nothing more; what the network holds for them is filled with something else.
    stack.pause_standbys(true).await;
    stack.burn_log().await;
    assert!(save(&replicas[0], "lost").await, "the primary alone acknowledges it");
    stack.kill_primary_and_resume().await;

    let lasted = until_equal(&store, &replicas, EQUAL_WITHIN).await;
    let after = replicas[0].data(EPOCH, json!({})).await["mirror"].clone();
    assert_ne!(before["epoch"], after["epoch"]);
    assert_eq!(replicas[1].data(EPOCH, json!({})).await["mirror"], after);
    let template = async |name: &str| -> Value {
        let query = "query ($name: String!) { messageTemplate(name: $name) { name } }";
        replicas[1].data(query, json!({ "name": name })).await["messageTemplate"].take()
    };
    assert_eq!(template("kept").await["name"], "kept");
    assert_eq!(
        template("lost").await,
        Value::Null,
        "otherwise nothing was lost, and nothing proved"
    );
    // Whoever notices first says what it means; the other one, that it heard of it.
    let written = replicas.each_ref().map(Process::written);
    let say = |what: &str| written.iter().filter(|it| it.contains(what)).count();
    assert!(say("the database is not the one that it was") >= 1);
    assert_eq!(say("the database is in another epoch"), 2);

    assert!(save(&replicas[1], "afterwards").await, "work goes on");
    println!(
        "figure: an asynchronous primary is killed: the loss is told by both replicas, who had the new primary's state after {:.1} s",
        lasted.as_secs_f64()
    );
}
