//! DingTalk bans us or is away in the middle of a run: the run waits, or is set aside, and what it has read is not
//! asked again.

use std::{sync::Arc, time::Duration};

use dingmirror::{
    backoff::Backoff,
    clock::Clock,
    dingtalk::Waits,
    directory::{RunMode, RunState, RunTrigger, SyncRun, Verdict},
    sync::SyncConfig,
};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::{Replica, Rig, on_request},
};
use crate::support::database::TestDatabase;

const RATE: u32 = 60;
/// Twelve departments with three calls each, by bulk in one page; 150 records, one count.
const FEWEST: u64 = 12 * 3 + 150 + 1;
/// What may be in flight when it begins, of each API, and the questions whether it is over.
const REPEATED: u64 = 5 * 8 + 10;

/// A client whose waits suit a test.
fn waits() -> Waits {
    Waits {
        ban: Duration::from_secs(1),
        busy: Backoff::new(Duration::from_millis(5), Duration::from_millis(20)),
        ..Waits::default()
    }
}

fn impatient() -> SyncConfig {
    SyncConfig {
        patience: Duration::from_millis(1_500),
        ..on_request()
    }
}

fn replica(rig: &Rig, config: SyncConfig) -> Replica {
    rig.replica_with(config, RATE, waits(), Clock::system())
}

/// A full run of which a part is read.
async fn half_read(replica: &Replica) -> Arc<SyncRun> {
    let asked = replica.engine.start(RunTrigger::Request, RunMode::Full, None).await;
    let id = asked.unwrap().run.id;
    replica
        .wait_for(|run| run.id == id && run.progress.users_read > 30)
        .await
}

fn whole(rig: &Rig, replica: &Replica, run: &SyncRun) {
    assert_eq!(
        (run.state, run.verdict, &run.error, run.counts.entry_errors),
        (RunState::Finished, Some(Verdict::Complete), &None, 0),
        "{run:?}"
    );
    assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
}

both_databases!(
    async fn a_ban_in_mid_run_is_waited_out_and_what_was_read_is_not_asked_again(database: TestDatabase) {
        let rig = Rig::new(database, 150, 12, None).await;
        let replica = replica(&rig, on_request());
        let read = half_read(&replica).await;

        rig.fault(json!({ "kind": "html_ban", "count": 3 }));
        let waiting = replica.wait_for(|run| run.error.is_some()).await;
        assert_eq!(waiting.state, RunState::Running);
        assert!(
            waiting.error.as_ref().is_some_and(|it| it.contains("ban")),
            "{waiting:?}"
        );
        assert!(waiting.progress.users_read >= read.progress.users_read, "{waiting:?}");

        let run = replica.end_of(read.id).await;
        whole(&rig, &replica, &run);
        assert_eq!(run.resumed, 0);
        let calls = rig.all_calls();
        assert!(
            calls <= FEWEST + REPEATED,
            "{calls} calls where {FEWEST} are the fewest"
        );
    }
);

both_databases!(
    async fn a_run_that_begins_during_a_ban_is_set_aside_too(database: TestDatabase) {
        let rig = Rig::new(database, 20, 4, None).await;
        rig.fault(json!({ "kind": "html_ban" }));
        let first = replica(&rig, impatient());
        let aside = first.run(RunMode::Full).await;
        assert_eq!((aside.state, aside.verdict), (RunState::Interrupted, None), "{aside:?}");
        first.stop().await;

        rig.mend();
        let second = replica(&rig, on_request());
        let run = second.sync().await;
        whole(&rig, &second, &run);
    }
);

both_databases!(
    async fn a_ban_that_lasts_sets_the_run_aside_and_the_next_sync_goes_on_with_it(database: TestDatabase) {
        let rig = Rig::new(database, 150, 12, None).await;
        let first = replica(&rig, impatient());
        let read = half_read(&first).await;

        rig.fault(json!({ "kind": "html_ban" }));
        let aside = first.end_of(read.id).await;
        assert_eq!((aside.state, aside.verdict), (RunState::Interrupted, None), "{aside:?}");
        assert!(
            aside.error.as_ref().is_some_and(|it| it.contains("is kept")),
            "{aside:?}"
        );
        assert!(aside.progress.users_read >= read.progress.users_read);
        assert!(!rig.store.answers(aside.id, 0, 1).await.unwrap().is_empty());

        first.stop().await;
        rig.mend();
        let second = replica(&rig, on_request());
        let run = second.sync().await;
        assert_eq!((run.id, run.resumed), (aside.id, 1));
        whole(&rig, &second, &run);
        let calls = rig.all_calls();
        assert!(
            calls <= FEWEST + REPEATED,
            "{calls} calls where {FEWEST} are the fewest"
        );
    }
);

both_databases!(
    async fn a_dingtalk_that_was_away_is_read_to_the_end_by_itself(database: TestDatabase) {
        let rig = Rig::new(database, 150, 12, None).await;
        let config = SyncConfig {
            interval: Some(Duration::from_millis(400)),
            ..impatient()
        };
        let replica = replica(&rig, config);
        let read = replica.wait_for(|run| run.progress.users_read > 30).await;

        rig.fault(json!({ "kind": "close_connection" }));
        let aside = replica.end_of(read.id).await;
        assert_eq!(aside.state, RunState::Interrupted, "{aside:?}");

        let before = rig.all_calls();
        rig.mend();
        let run = replica
            .wait_for(|run| run.id == aside.id && run.state == RunState::Finished)
            .await;
        assert!(run.resumed >= 1, "{run:?}");
        whole(&rig, &replica, &run);

        let left = FEWEST.saturating_sub(u64::from(u32::try_from(read.progress.users_read).unwrap()));
        let after: u64 = rig.all_calls() - before;
        assert!(after <= left + REPEATED, "{after} calls for the {left} that were left");
    }
);

both_databases!(
    async fn nobody_goes_on_at_once_with_a_run_that_found_dingtalk_away(database: TestDatabase) {
        let rig = Rig::new(database, 150, 12, None).await;
        let first = replica(&rig, impatient());
        let read = half_read(&first).await;
        rig.fault(json!({ "kind": "html_ban" }));
        let aside = first.end_of(read.id).await;

        // It looks for runs that were left behind each second.
        let watching = SyncConfig {
            interval: Some(Duration::from_secs(3_600)),
            ..on_request()
        };
        let other = rig.replica(watching, RATE);
        tokio::time::sleep(Duration::from_millis(2_500)).await;

        let row = rig.store.run(aside.id).await.unwrap().unwrap();
        assert_eq!((row.state, row.resumed), (RunState::Interrupted, 0), "{row:?}");
        other.stop().await;
    }
);
