//! What is old is forgotten, but never what the present stands on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dingmirror::{
    catalogue::Statement,
    clock::Clock,
    directory::{Cause, DirectoryEvent, EntryError, EventChannel, EventKind, RunMode, RunState, SyncRun, Verdict},
    page::PageRequest,
    store::{BegunRun, JournalLine, Lease, Store, StoreError},
};
use uuid::Uuid;

use super::{
    fixtures::{at, batch, open, user},
    runs::run,
};
use crate::support::database::TestDatabase;

const DAY: i64 = 86_400;

async fn lease(store: &Store) -> Lease {
    let lease = store.acquire_lease("sync", "test", Duration::from_mins(1)).await;
    lease.unwrap().unwrap()
}

/// The store as it was at `now`. SQLite has one owner: the one before is to be dropped.
pub(super) async fn open_at(database: &TestDatabase, now: DateTime<Utc>) -> Store {
    let store = Store::connect(database.target(), Clock::fixed(now)).await.unwrap();
    store.migrate().await.unwrap();
    store
}

async fn add(store: &Store, users: std::ops::Range<usize>) {
    let users = users.map(|n| user(&format!("u{n}"), &[1])).collect();
    let cause = Cause::Request("test".into());
    store.apply(batch(Vec::new(), users), cause, None).await.unwrap();
}

fn more_than_a_thousand_events() -> Vec<DirectoryEvent> {
    let event = |n: usize| DirectoryEvent {
        key: format!("event {n}"),
        kind: EventKind::OrgChange,
        users: Vec::new(),
        departments: Vec::new(),
        born_at: None,
    };
    (0..1_201).map(event).collect()
}

/// Forgets until there is nothing left to forget; how many, and in how many goes.
async fn all_of(mut forget: impl AsyncFnMut() -> Result<u64, StoreError>) -> (u64, usize) {
    let (mut rows, mut goes) = (0, 0);
    loop {
        match forget().await.unwrap() {
            0 => return (rows, goes),
            some => (rows, goes) = (rows + some, goes + 1),
        }
    }
}

both_databases!(
    async fn the_change_log_loses_its_beginning_and_neither_its_numbers_nor_its_last_entry(database: TestDatabase) {
        let store = open_at(database, at(0)).await;
        add(&store, 0..1_500).await;
        drop(store);
        let store = open_at(database, at(DAY)).await;
        add(&store, 1_500..1_503).await;
        assert_eq!(store.count_changes().await.unwrap(), 1_503);

        let forgotten = all_of(async || store.forget_changes(at(DAY)).await).await;
        assert_eq!(forgotten, (1_500, 2), "a thousand at once");
        assert_eq!(store.count_changes().await.unwrap(), 3);
        let seqs = |after| {
            let page = PageRequest::new(500, after);
            let store = &store;
            async move {
                let changes = store.changes(page).await?.items;
                Ok::<_, StoreError>(changes.iter().map(|it| it.seq).collect::<Vec<_>>())
            }
        };
        assert_eq!(
            seqs(None).await.unwrap(),
            [1_501, 1_502, 1_503],
            "from the oldest that is kept"
        );
        assert_eq!(
            seqs(Some(1_500)).await.unwrap(),
            [1_501, 1_502, 1_503],
            "they have missed nothing"
        );
        assert_eq!(seqs(Some(1_503)).await.unwrap(), Vec::<i64>::new());
        for after in [0, 1, 1_499] {
            assert!(matches!(seqs(Some(after)).await, Err(StoreError::Forgotten)), "{after}");
            let identities = store.match_changes(PageRequest::new(1, Some(after))).await;
            assert!(matches!(identities, Err(StoreError::Forgotten)), "{after}");
        }

        assert_eq!(all_of(async || store.forget_changes(at(9 * DAY)).await).await, (2, 1));
        add(&store, 1_503..1_504).await;
        assert_eq!(
            seqs(Some(1_502)).await.unwrap(),
            [1_503, 1_504],
            "numbers go on where they were"
        );
    }
);

fn ended(mode: RunMode, state: RunState, verdict: Option<Verdict>) -> SyncRun {
    SyncRun {
        mode,
        state,
        verdict,
        finished_at: Some(at(9)),
        ..run()
    }
}

both_databases!(
    async fn old_runs_go_with_what_they_could_not_read_and_those_stay_that_the_present_stands_on(
        database: TestDatabase,
    ) {
        use RunMode::{DryRun, Full, Reconcile};
        use RunState::{Failed, Finished, Interrupted, Running};
        let (complete, partial) = (Some(Verdict::Complete), Some(Verdict::Partial));
        let store = open(database).await;

        let runs = [
            (ended(Full, Finished, complete), "goes"),
            (ended(Full, Finished, complete), "stays: the last complete full run"),
            (ended(Reconcile, Failed, None), "goes"),
            (ended(Full, Finished, partial), "stays: the last full run that finished"),
            (ended(DryRun, Finished, complete), "stays: the last complete dry run"),
            (
                ended(Reconcile, Finished, complete),
                "stays: the last complete reconciliation",
            ),
            (ended(Full, Running, None), "stays: it runs"),
            (ended(Reconcile, Finished, partial), "goes"),
            (
                ended(Reconcile, Finished, partial),
                "stays: the last that finished and wrote",
            ),
            (
                ended(DryRun, Finished, partial),
                "stays: the last dry run that finished",
            ),
            (ended(Reconcile, Interrupted, None), "goes"),
            (ended(Reconcile, Failed, None), "stays: the newest"),
        ];
        for (run, _) in &runs {
            store.insert_run(run).await.unwrap();
        }

        let error = |n| EntryError {
            subject: format!("user {n}"),
            code: None,
            message: Statement::other("unreadable"),
        };
        let unread: Vec<_> = (0..1_500).map(error).collect();
        let lease = lease(&store).await;
        for (run, _) in &runs[..2] {
            store.put_entry_errors(run.id, &unread, &lease).await.unwrap();
        }

        assert_eq!(store.forget_runs(at(0)).await.unwrap(), 0, "they began no earlier");
        let (rows, goes) = all_of(async || store.forget_runs(at(1)).await).await;
        assert_eq!((rows, goes), (1_500 + 4, 3), "a thousand at once");
        for (run, fate) in &runs {
            let is_there = store.run(run.id).await.unwrap().is_some();
            assert_eq!(is_there, fate.starts_with("stays"), "{run:?} {fate}");
        }
        let errors = async |run: &SyncRun| {
            let page = store.entry_errors(run.id, PageRequest::new(500, None)).await.unwrap();
            (page.items.len(), page.has_next)
        };
        assert_eq!(errors(&runs[0].0).await, (0, false));
        assert_eq!(errors(&runs[1].0).await, (500, true), "those of a run that stays stay");
    }
);

both_databases!(
    async fn only_a_run_that_may_be_gone_on_with_keeps_its_plan(database: TestDatabase) {
        let store = open(database).await;
        let lease = lease(&store).await;
        let (over, left, next) = (run(), run(), run());
        for run in [&over, &left] {
            store.insert_run(run).await.unwrap();
            store.save_run_plan(run.id, "everybody", &lease).await.unwrap();
        }

        let plans = async |runs: [Uuid; 2]| {
            let [first, second] = runs;
            (
                store.run_plan(first).await.unwrap(),
                store.run_plan(second).await.unwrap(),
            )
        };

        let resumed = BegunRun::Resumed(left.clone());
        store.begin_run(Some(&resumed), None, &lease, None).await.unwrap();
        assert_eq!(plans([over.id, left.id]).await, (None, Some("everybody".into())));

        store
            .begin_run(Some(&BegunRun::New(next.clone())), None, &lease, None)
            .await
            .unwrap();
        assert_eq!(plans([over.id, left.id]).await, (None, None));

        // A dry run comes in between: the other is gone on with afterwards.
        let line = JournalLine {
            phase: "CRAWL".into(),
            question: "q".into(),
            answer: "a".into(),
        };
        store.save_run_plan(left.id, "everybody", &lease).await.unwrap();
        store.add_answers(left.id, 1, &[line], &lease).await.unwrap();
        let answers = async || store.answers(left.id, 0, 9).await.unwrap().len();
        for (kept, expected) in [(Some(left.id), (Some("everybody".into()), 1)), (None, (None, 0))] {
            let begun = BegunRun::New(run());
            store.begin_run(Some(&begun), kept, &lease, None).await.unwrap();
            assert_eq!((store.run_plan(left.id).await.unwrap(), answers().await), expected);
        }

        store.save_run_plan(next.id, "everybody", &lease).await.unwrap();
        store.forget_way(next.id).await.unwrap();
        assert_eq!(store.run_plan(next.id).await.unwrap(), None);
    }
);

both_databases!(
    async fn events_that_were_acted_upon_are_forgotten_a_thousand_at_once(database: TestDatabase) {
        let events = more_than_a_thousand_events();
        let store = open_at(database, at(0)).await;
        store.receive_events(&events, EventChannel::Push).await.unwrap();
        let mut pending = store.pending_events(0, 2_000).await.unwrap();
        let open = pending.remove(700);
        let seqs: Vec<_> = pending.iter().map(|event| event.seq).collect();
        store.finish_events(&seqs).await.unwrap();

        assert_eq!(store.forget_events(at(0)).await.unwrap(), 0);
        assert_eq!(all_of(async || store.forget_events(at(1)).await).await, (1_199, 2));
        assert_eq!(store.pending_events(0, 10).await.unwrap(), [open]);
        assert_eq!(
            store.last_event_at(&[EventChannel::Push]).await.unwrap(),
            Some(at(0)),
            "the last one stays"
        );
        assert_eq!(store.last_event_at(&[EventChannel::Stream]).await.unwrap(), None);
        assert_eq!(store.receive_events(&events, EventChannel::Push).await.unwrap(), 1_199);
    }
);

both_databases!(
    async fn events_that_nobody_could_act_upon_are_given_up_when_they_are_old(database: TestDatabase) {
        let events = more_than_a_thousand_events();
        let store = open_at(database, at(0)).await;
        store.receive_events(&events, EventChannel::Push).await.unwrap();
        assert_eq!(store.give_up_events(at(0)).await.unwrap(), 0, "they are not old");
        assert_eq!(all_of(async || store.give_up_events(at(1)).await).await, (1_201, 2));
        assert_eq!(store.count_pending_events().await.unwrap(), 0);
        assert_eq!(
            store.receive_events(&events, EventChannel::Push).await.unwrap(),
            0,
            "they are known on, as long as others"
        );
        assert_eq!(all_of(async || store.forget_events(at(1)).await).await, (1_200, 2));
    }
);
