//! The speed of both strategies in real time, over real HTTP, against a simulator that throttles as DingTalk does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use dingmirror::{
    directory::{RunMode, SyncRun, Verdict},
    settings::Api,
    sync::SyncConfig,
};
use serde_json::Value;

use super::rig::{Rig, on_request};
use crate::support::database::TestDatabase;

const PEOPLE: usize = 10_000;
const DEPARTMENTS: usize = 500;
const RATE: u32 = 20;

/// The fewest calls: each department's children, record and people once (by bulk in pages of a hundred), each record
/// once where no list has it, and the count.
fn fewest(truth: &Value, bulk: bool, records: u64) -> BTreeMap<&'static str, u64> {
    let departments = truth["departments"].as_array().unwrap();
    let lists = departments.iter().map(|it| {
        let people = it["member_count"].as_u64().unwrap();
        if bulk { people.div_ceil(100).max(1) } else { 1 }
    });

    let count = departments.len() as u64;
    BTreeMap::from([
        ("department_list_sub", count),
        ("department_get", count),
        (if bulk { "user_list" } else { "user_list_id" }, lists.sum()),
        ("user_get", records),
        ("user_count", 1),
    ])
}

fn tell(what: &str, run: &Arc<SyncRun>, fewest: &BTreeMap<&str, u64>) -> (f64, f64) {
    assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
    let busiest = *fewest.values().max().unwrap() as f64;
    let took = (run.finished_at.unwrap() - run.started_at).as_seconds_f64();
    let read = run
        .counts
        .calls
        .iter()
        .filter(|(api, _)| fewest.contains_key(api.as_str()));
    let made: u64 = read.map(|(_, calls)| calls).sum();

    let (time, calls) = (
        took / (busiest / f64::from(RATE)),
        made as f64 / fewest.values().sum::<u64>() as f64,
    );
    println!(
        "figure: {what}: {took:.0} s, {time:.3} of the bound; {made} calls, {calls:.4} of the fewest; {} throttled",
        run.counts.throttled
    );
    (time, calls)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes twenty minutes: `make prove` runs it"]
async fn ten_thousand_people_at_twenty_calls_a_second() {
    for bulk in [true, false] {
        let database = TestDatabase::sqlite().await;
        let rig = Rig::new(&database, PEOPLE, DEPARTMENTS, Some(RATE)).await;
        if !bulk {
            rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        }
        let config = SyncConfig {
            concurrency: RATE as usize,
            verify_per_hour: 0,
            lease_ttl: Duration::from_secs(15),
            ..on_request()
        };
        let replica = rig.replica(config, RATE);
        let name = if bulk { "bulk" } else { "seven URLs" };
        let truth = rig.truth();

        let first = replica.sync_within(Duration::from_secs(1_200)).await;
        let (time, calls) = tell(
            &format!("{name}, first run"),
            &first,
            &fewest(&truth, bulk, PEOPLE as u64),
        );
        assert!(time <= 1.10 && calls <= 1.02, "{name}: {time:.3}, {calls:.4}");

        let again = replica.run(RunMode::Reconcile).await;
        let (_, calls) = tell(&format!("{name}, nothing changed"), &again, &fewest(&truth, bulk, 0));
        assert!(calls <= 1.02 && again.revision.is_none(), "{name}: {calls:.4}");
        replica.stop().await;
    }
}
