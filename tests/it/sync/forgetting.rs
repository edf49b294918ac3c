//! An engine at work forgets what is older than it shall be kept.

use std::time::{Duration, Instant};

use dingmirror::{
    clock::Clock,
    directory::{Retention, RunMode, RunState, Verdict},
    sync::SyncConfig,
};
use uuid::Uuid;

use super::rig::{Rig, on_request};
use crate::support::database::TestDatabase;

both_databases!(
    async fn a_run_that_ended_keeps_no_plan(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        let replica = rig.quiet();
        for mode in [RunMode::Full, RunMode::Reconcile, RunMode::DryRun] {
            let run = replica.run(mode).await;
            assert_eq!(run.state, RunState::Finished, "{run:?}");
            assert_eq!(rig.store.run_plan(run.id).await.unwrap(), None, "{mode:?}");
        }
        replica.stop().await;
    }
);

both_databases!(
    async fn an_engine_forgets_runs_and_changes_when_their_time_is_over(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        let replica = rig.quiet();
        let ended = replica.sync().await;
        replica.stop().await;
        let days_ago = |days| Clock::system().now() - chrono::Duration::days(days);
        let aged = |days, verdict| {
            let mut run = (*ended).clone();
            // Older than the one that stays, whatever its number.
            run.id = Uuid::from_u128(Uuid::now_v7().as_u128() >> 1);
            run.started_at = days_ago(days);
            run.verdict = verdict;
            run
        };

        let (old, young) = (aged(11, Some(Verdict::Partial)), aged(9, Some(Verdict::Partial)));
        for run in [&old, &young] {
            rig.store.insert_run(run).await.unwrap();
        }
        let changes = rig.store.count_changes().await.unwrap();
        let config = SyncConfig {
            retention: Retention {
                runs: Some(Duration::from_hours(240)),
                changes: None,
                audit_log: None,
            },
            ..on_request()
        };

        let replica = rig.replica(config, 10_000);
        let started = Instant::now();
        while rig.store.run(old.id).await.unwrap().is_some() {
            assert!(started.elapsed() < Duration::from_secs(10), "the old run stays");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        assert!(rig.store.run(young.id).await.unwrap().is_some());
        assert!(rig.store.run(ended.id).await.unwrap().is_some());
        replica.stop().await;
        assert_eq!(
            rig.store.count_changes().await.unwrap(),
            changes,
            "these are kept for ever"
        );

        let config = SyncConfig {
            retention: Retention {
                runs: None,
                changes: Some(Duration::ZERO),
                audit_log: Some(Duration::ZERO),
            },
            ..on_request()
        };
        let replica = rig.replica(config, 10_000);
        while rig.store.count_changes().await.unwrap() > 1 {
            assert!(started.elapsed() < Duration::from_secs(20), "the changes stay");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(rig.store.run(young.id).await.unwrap().is_some());
        replica.stop().await;
    }
);
