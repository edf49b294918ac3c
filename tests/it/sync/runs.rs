//! Runs: one at a time, recorded, stopped cleanly, refused with the remedy.

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    directory::{RunMode, RunPhase, RunState, RunTrigger, SyncRun, Verdict},
    page::PageRequest,
    settings::{Api, Settings, StoredSettings},
    simulator::SimulatorConfig,
    store::Store,
    sync::{StartError, SyncConfig, follow},
};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::rig::{Rig, on_request, secret};
use crate::support::database::TestDatabase;

both_databases!(
    async fn one_run_at_a_time_over_all_replicas_and_everybody_sees_it(database: TestDatabase) {
        let rig = Rig::new(database, 100, 10, Some(20)).await;
        let (one, other) = (rig.replica(on_request(), 20), rig.replica(on_request(), 20));
        let first = one
            .engine
            .start(RunTrigger::Request, RunMode::Full, Some("anna".into()))
            .await
            .unwrap();

        for engine in [&one.engine, &other.engine] {
            let told = engine.start(RunTrigger::Request, RunMode::Full, None).await.unwrap();
            assert!(told.already_running && told.run.id == first.run.id);
        }

        let seen = other
            .wait_for(|run| run.id == first.run.id && run.progress.users_read > 0)
            .await;
        assert_eq!(
            (seen.state, seen.requested_by.as_deref()),
            (RunState::Running, Some("anna"))
        );

        let ended = other.end_of(first.run.id).await;
        assert_eq!(
            (ended.verdict, ended.phase),
            (Some(Verdict::Complete), RunPhase::Finished)
        );
        assert!(
            !other
                .engine
                .start(RunTrigger::Request, RunMode::Full, None)
                .await
                .unwrap()
                .already_running,
            "the lease was given back"
        );
    }
);

both_databases!(
    async fn a_shutdown_ends_a_run_at_once_and_records_it_as_interrupted(database: TestDatabase) {
        let rig = Rig::new(database, 500, 10, Some(20)).await;
        let replica = rig.replica(
            SyncConfig {
                on_start: true,
                ..on_request()
            },
            20,
        );

        let running = replica.wait_for(|run| run.progress.users_read > 5).await;
        assert_eq!(running.trigger, RunTrigger::Startup);
        assert!(
            running.progress.eta_seconds.is_some_and(|eta| eta > 5),
            "{:?}",
            running.progress
        );

        let took = replica.stop().await;
        assert!(took < Duration::from_secs(2), "{took:?}");
        let stored = rig.store.run(running.id).await.unwrap().unwrap();
        assert_eq!(
            (stored.state, stored.finished_at.is_some()),
            (RunState::Interrupted, true)
        );

        let next = rig.quiet();
        assert!(
            !next
                .engine
                .start(RunTrigger::Request, RunMode::Full, None)
                .await
                .unwrap()
                .already_running,
            "the lease was given back"
        );
    }
);

both_databases!(
    async fn the_timer_runs_again_and_again(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        let config = SyncConfig {
            interval: Some(Duration::from_millis(300)),
            on_start: true,
            ..on_request()
        };
        let replica = rig.replica(config, 10_000);

        let first = replica.wait_for(|run| run.state == RunState::Finished).await;
        assert_eq!(first.trigger, RunTrigger::Startup);
        let second = replica
            .wait_for(|run| run.state == RunState::Finished && run.id != first.id)
            .await;
        assert_eq!(
            (second.trigger, second.verdict),
            (RunTrigger::Timer, Some(Verdict::Complete))
        );

        let third = replica
            .wait_for(|run| run.state == RunState::Finished && run.id > second.id)
            .await;
        let runs = rig.store.runs(PageRequest::new(10, None)).await.unwrap().items;
        assert!(runs.iter().any(|run| run.id == third.id) && runs.len() >= 3);
    }
);

both_databases!(
    async fn missing_settings_are_named_and_complete_ones_start_a_run(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        rig.set(|settings| {
            settings.app_key = None;
            settings.app_secret = None;
        });
        let replica = rig.replica(
            SyncConfig {
                on_start: true,
                ..on_request()
            },
            10_000,
        );

        let refused = replica.engine.start(RunTrigger::Request, RunMode::Full, None).await;
        let Err(StartError::NotConfigured(why)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(why.value("fields"), Some(&"appKey, appSecret".into()));

        let simulated = SimulatorConfig::default();
        rig.set(|settings| {
            settings.app_key = Some(simulated.app_key);
            settings.app_secret = Some(secret(&simulated.app_secret));
        });
        let run = replica.wait_for(|run| run.state == RunState::Finished).await;
        assert_eq!(
            (run.trigger, replica.snapshot().user_count()),
            (RunTrigger::Startup, 20)
        );
    }
);

both_databases!(
    async fn what_stops_a_run_is_said_with_the_remedy(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        rig.set(|settings| settings.app_secret = Some(secret("wrong")));
        let run = rig.quiet().sync().await;
        assert_eq!(run.state, RunState::Failed);
        assert!(
            run.error.as_ref().is_some_and(|it| it.contains("appSecret")),
            "{:?}",
            run.error
        );

        let typo = rig.simulator.base_url().join("/topapi/v2/departement/listsub").unwrap();
        rig.set(|settings| {
            settings.app_secret = Some(secret(&SimulatorConfig::default().app_secret));
            settings.urls.insert(Api::DepartmentListSub, typo);
        });
        let run = rig.quiet().sync().await;
        assert_eq!((run.state, run.verdict), (RunState::Failed, Some(Verdict::Suspect)));
        assert!(
            run.error.as_ref().is_some_and(|it| it.contains("departmentListSubUrl")),
            "{:?}",
            run.error
        );
    }
);

both_databases!(
    async fn a_run_of_a_process_that_died_is_taken_over_when_its_lease_runs_out(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        // The dead process' lease and row; nobody renews the one or ends the other.
        let ttl = Duration::from_secs(3);
        rig.store
            .acquire_lease("sync", "a process that died", ttl)
            .await
            .unwrap()
            .unwrap();

        let replica = rig.quiet();
        let ended = replica.sync_after(ttl).await;
        let dead = SyncRun {
            id: Uuid::now_v7(),
            state: RunState::Running,
            finished_at: None,
            ..(*ended).clone()
        };
        rig.store
            .acquire_lease("sync", "a process that died", ttl)
            .await
            .unwrap()
            .unwrap();
        rig.store.insert_run(&dead).await.unwrap();

        let next = rig.replica(
            SyncConfig {
                on_start: true,
                ..on_request()
            },
            10_000,
        );
        let run = next
            .wait_for(|run| run.id != dead.id && run.id != ended.id && run.state == RunState::Finished)
            .await;
        assert_eq!(run.trigger, RunTrigger::Startup);
        assert_eq!(
            rig.store.run(dead.id).await.unwrap().unwrap().state,
            RunState::Interrupted
        );
    }
);

both_databases!(
    async fn settings_that_are_corrected_after_a_failure_start_a_run(database: TestDatabase) {
        let rig = Rig::new(database, 20, 3, None).await;
        rig.set(|settings| settings.app_secret = Some(secret("wrong")));
        let replica = rig.replica(
            SyncConfig {
                on_start: true,
                ..on_request()
            },
            10_000,
        );

        replica.wait_for(|run| run.state == RunState::Failed).await;
        rig.set(|settings| settings.app_secret = Some(secret(&SimulatorConfig::default().app_secret)));
        let run = replica.wait_for(|run| run.state == RunState::Finished).await;
        assert_eq!(
            (run.verdict, replica.snapshot().user_count()),
            (Some(Verdict::Complete), 20)
        );
    }
);

both_databases!(
    async fn a_follower_serves_what_another_replica_wrote(database: TestDatabase) {
        let rig = Rig::new(database, 40, 5, None).await;
        let (writer, reader) = (rig.quiet(), rig.quiet());
        let stop = CancellationToken::new();
        let in_force = Settings::clone(&rig.settings.current());
        let load = move |stored: StoredSettings| Settings {
            version: stored.version,
            ..in_force.clone()
        };
        let follower = tokio::spawn(follow(
            rig.store.clone(),
            reader.snapshots.clone(),
            rig.settings.clone(),
            load,
            stop.clone(),
        ));

        for hired in 0..2 {
            writer.sync().await;
            let mut revision = reader.snapshots.subscribe();
            let caught_up = revision.wait_for(|it| *it == writer.snapshot().revision());
            tokio::time::timeout(Duration::from_secs(10), caught_up)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(reader.snapshot().user_count(), 40 + hired);
            rig.edit(serde_json::json!({ "edit": "hire", "departments": [1] }));
        }

        stop.cancel();
        follower.await.unwrap();
    }
);

both_databases!(
    async fn the_timer_reads_everything_where_failed_pushes_were_lost(database: TestDatabase) {
        let hours_ago = |hours| Clock::system().now() - chrono::Duration::hours(hours);
        // A process asked for the list an hour ago, and did not live to keep it.
        let died = Store::connect(database.target(), Clock::fixed(hours_ago(1)))
            .await
            .unwrap();
        died.migrate().await.unwrap();
        died.note_reading_failed_pushes("who died").await.unwrap();
        assert_eq!(
            died.failed_pushes_lost_at().await.unwrap(),
            None,
            "it may be reading still"
        );
        drop(died);

        let rig = Rig::new(database, 10, 2, None).await;
        assert!(rig.store.failed_pushes_lost_at().await.unwrap().is_some());
        rig.store.note_reading_failed_pushes("who reads now").await.unwrap();
        let replica = rig.quiet();
        let mut old = (*replica.sync().await).clone();
        replica.stop().await;
        old.started_at = hours_ago(2);
        rig.store.update_run(&old, None).await.unwrap();

        let config = SyncConfig {
            interval: Some(Duration::from_millis(300)),
            ..on_request()
        };
        let replica = rig.replica(config, 10_000);
        let modes = |run: &SyncRun| (run.mode, run.verdict);
        let first = replica
            .wait_for(|run| run.id != old.id && run.state == RunState::Finished)
            .await;
        assert_eq!(modes(&first), (RunMode::Full, Some(Verdict::Complete)), "once");
        let second = replica
            .wait_for(|run| run.id > first.id && run.state == RunState::Finished)
            .await;
        assert_eq!(
            modes(&second),
            (RunMode::Reconcile, Some(Verdict::Complete)),
            "and then as always"
        );
    }
);
