//! Which run is due: what a lasting flaw, a dry run and a terminal change about it.

use std::time::Duration;

use dingmirror::{
    directory::{COMMAND_LINE, RunMode, RunState, RunTrigger, SyncRun, Verdict},
    settings::Api,
    sync::SyncConfig,
};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::{Rig, on_request},
};
use crate::support::database::TestDatabase;

fn timed(interval: Duration) -> SyncConfig {
    SyncConfig {
        interval: Some(interval),
        ..on_request()
    }
}

both_databases!(
    async fn a_department_that_stays_unreadable_does_not_end_the_round_of_rereading(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let truth = rig.truth();
        let leaf = truth["departments"].as_array().unwrap().last().unwrap()["dept_id"].clone();
        rig.fault(
            json!({ "api": "/topapi/v2/user/list", "dept_id": leaf, "kind": "errcode", "code": 50004, "msg": "x" }),
        );
        let replica = rig.replica(timed(Duration::from_millis(300)), 10_000);
        let is_over = |run: &SyncRun| run.state == RunState::Finished;

        let first = replica.wait_for(is_over).await;
        assert_eq!(
            (first.mode, first.verdict),
            (RunMode::Full, Some(Verdict::Partial)),
            "{first:?}"
        );

        let next = replica.wait_for(|run| run.id > first.id && is_over(run)).await;
        assert_eq!(
            (next.mode, next.verdict),
            (RunMode::Reconcile, Some(Verdict::Partial)),
            "{next:?}"
        );
    }
);

both_databases!(
    async fn a_dry_run_takes_nothing_from_the_run_that_it_interrupts_and_puts_off_none(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let replica = rig.replica(on_request(), 40);
        let ask = |mode| replica.engine.start(RunTrigger::Request, mode, None);
        let full = ask(RunMode::Full).await.unwrap().run;
        replica
            .wait_for(|run| run.id == full.id && run.progress.users_read > 15)
            .await;
        replica.stop().await;

        let (replica, watcher) = (rig.quiet(), rig.quiet());
        let dry = replica.run(RunMode::DryRun).await;
        assert_eq!((dry.state, dry.resumed), (RunState::Finished, 0), "{dry:?}");
        assert_ne!(dry.id, full.id);
        assert_eq!(replica.snapshot().user_count(), 0, "nothing is written");

        let run = replica.sync().await;
        assert_eq!((run.id, run.resumed), (full.id, 1));
        assert!(run.counts.resumed_answers > 0, "{run:?}");
        let is_over = |it: &SyncRun| it.id == full.id && it.state == RunState::Finished;
        watcher.wait_for(is_over).await;
        watcher.stop().await;
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));

        // The mirror stands on the run that wrote it, and the timer counts from that one.
        let hours_ago = |hours| dingmirror::clock::Clock::system().now() - chrono::Duration::hours(hours);
        let mut old = (*run).clone();
        old.started_at = hours_ago(2);
        rig.store.update_run(&old, None).await.unwrap();
        replica.run(RunMode::DryRun).await;
        let stands_on = rig.store.last_finished_run().await.unwrap().unwrap();
        assert_eq!((stands_on.id, stands_on.started_at), (old.id, old.started_at));

        replica.stop().await;
        let replica = rig.replica(timed(Duration::from_secs(3_600)), 10_000);
        let due = replica
            .wait_for(|run| run.trigger == RunTrigger::Timer && run.state == RunState::Finished)
            .await;
        assert_eq!(due.mode, RunMode::Reconcile);
    }
);

both_databases!(
    async fn what_was_cut_off_in_a_terminal_is_not_gone_on_with_unasked(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        for mode in [RunMode::Full, RunMode::DryRun] {
            let terminal = rig.replica(on_request(), 20);
            let asked_by = Some(COMMAND_LINE.into());
            let run = terminal
                .engine
                .start(RunTrigger::Request, mode, asked_by)
                .await
                .unwrap()
                .run;
            terminal
                .wait_for(|it| it.id == run.id && it.progress.users_read > 5)
                .await;
            terminal.stop().await;

            // A server that has just synced: nothing is due for an hour.
            let server = rig.replica(
                SyncConfig {
                    on_start: false,
                    ..timed(Duration::from_secs(7_200))
                },
                10_000,
            );
            tokio::time::sleep(Duration::from_millis(2_300)).await;
            let row = rig.store.run(run.id).await.unwrap().unwrap();
            assert_eq!((row.state, row.resumed), (RunState::Interrupted, 0), "{row:?}");
            server.stop().await;

            // Whoever asks for the same again gets it.
            let terminal = rig.quiet();
            let again = terminal.run(mode).await;
            assert_eq!((again.id, again.resumed, again.state), (run.id, 1, RunState::Finished));
            terminal.stop().await;
        }
    }
);
