//! A run's end: whom others read meanwhile is asked for again, and nothing that passes by itself costs what the run has
//! read.

use std::time::Duration;

use dingmirror::{
    directory::{RunMode, RunPhase, RunState, RunTrigger, Verdict},
    settings::Api,
    sync::SyncConfig,
};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::{Rig, on_request},
};
use crate::support::{cluster::Address, database::TestDatabase};

both_databases!(
    async fn a_url_that_is_nowhere_for_a_moment_at_the_end_costs_nothing_that_was_read(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let acting = SyncConfig {
            events: true,
            ..on_request()
        };
        let (syncing, _acting) = (rig.quiet(), rig.replica(acting, 10_000));
        syncing.sync().await;

        let them = rig.people();
        let title =
            |id: &str, title: &str| json!({ "edit": "update_user", "userid": id, "fields": { "title": title } });
        rig.edit(title(&them[50], "For good"));
        let told = rig.newest_event();
        rig.fault(json!({ "api": Api::UserGet.path(), "userid": them[50], "count": 1, "kind": "slow", "ms": 6_000 }));

        let asked = syncing.engine.start(RunTrigger::Request, RunMode::Full, None).await;
        let first = asked.unwrap().run.id;
        tokio::time::sleep(Duration::from_secs(2)).await;
        rig.edit(title(&them[10], "In mid-run"));
        rig.deliver(told).await;
        rig.mend();

        // The one who is waited for is answered; then the crawl is over.
        rig.fault(json!({
            "api": Api::UserGet.path(), "skip": 1, "kind": "errcode", "code": 404, "msg": "请求的URI地址不存在",
        }));
        let run = syncing.end_of(first).await;
        assert_eq!(
            (run.state, run.phase),
            (RunState::Interrupted, RunPhase::Applying),
            "{run:?}"
        );
        rig.mend();

        let run = syncing.sync().await;
        assert_eq!((run.id, run.verdict), (first, Some(Verdict::Complete)), "{run:?}");
        assert!(run.counts.resumed_answers > 0, "{run:?}");
        assert_eq!(mirrored(&syncing.snapshot()), real(&rig.truth()));
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_commit_was_not_heard_of_reads_nobody_again() {
    let database = TestDatabase::postgres().await;
    let (address, target) = Address::in_front_of(&database).await;
    let rig = Rig::at(target, 500, 12, None).await;
    let replica = rig.quiet();
    address.lose_the_commit_after("INSERT INTO \"changes\"");

    let run = replica.sync().await;
    assert_eq!(
        (run.state, run.verdict, run.counts.users_changed),
        (RunState::Finished, Some(Verdict::Complete), 500),
        "{run:?}"
    );

    let calls = rig.calls(Api::UserGet.path());
    assert!(calls <= 510, "{calls} calls for 500 people");
    assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    replica.stop().await;
    drop(rig);
    database.remove().await;
}
