//! Sync runs as records.

use std::time::Duration;

use dingmirror::{
    catalogue::Statement,
    directory::{
        Cause, ChangeSet, EntryError, RecordId, RunCounts, RunMode, RunPhase, RunProgress, RunState, RunTrigger,
        SyncRun, Verdict,
    },
    page::PageRequest,
    store::{BegunRun, JournalLine, RunBeginning, StoreError},
};
use uuid::Uuid;

use super::fixtures::{at, open};
use crate::support::database::TestDatabase;

pub fn run() -> SyncRun {
    SyncRun {
        id: Uuid::now_v7(),
        number: None,
        trigger: RunTrigger::Request,
        requested_by: Some("test".into()),
        strategy: None,
        phase: RunPhase::Planning,
        phases: Vec::new(),
        state: RunState::Running,
        verdict: None,
        findings: Vec::new(),
        started_at: at(0),
        finished_at: None,
        progress: RunProgress::default(),
        counts: RunCounts::default(),
        revision: None,
        shown_from: None,
        error: None,
        mode: RunMode::Full,
        evidence: None,
        resumed: 0,
    }
}

both_databases!(
    async fn a_run_is_recorded_from_its_start_to_its_verdict(database: TestDatabase) {
        let store = open(database).await;
        let mut first = run();
        store.insert_run(&first).await.unwrap();
        assert_eq!(store.running_run().await.unwrap().as_ref(), Some(&first));

        first.state = RunState::Finished;
        first.phase = RunPhase::Finished;
        first.verdict = Some(Verdict::Partial);
        first.findings = vec![Statement::other("部门 3 could not be read")];
        first.finished_at = Some(at(9));
        first.counts.calls.insert("user_get".into(), 12);
        first.revision = Some(4);
        store.update_run(&first, None).await.unwrap();
        assert_eq!(store.run(first.id).await.unwrap().as_ref(), Some(&first));
        assert_eq!(store.last_finished_run().await.unwrap().as_ref(), Some(&first));
        assert_eq!(store.running_run().await.unwrap(), None);

        first.shown_from = Some(4);
        store.update_run(&first, None).await.unwrap();
        for (revision, shown) in [(3, None), (4, Some(&first)), (5, Some(&first))] {
            let found = store.last_run_shown(revision).await.unwrap();
            assert_eq!(found.as_ref(), shown, "{revision}");
        }

        let mut dry = run();
        (dry.mode, dry.state) = (RunMode::DryRun, RunState::Finished);
        store.insert_run(&dry).await.unwrap();
        assert_eq!(
            store.last_finished_run().await.unwrap().as_ref(),
            Some(&first),
            "the mirror stands on a run that wrote"
        );
        assert_eq!(store.last_finished(RunMode::DryRun).await.unwrap().as_ref(), Some(&dry));
        assert_eq!(store.newest_dry_run().await.unwrap().as_ref(), Some(&dry));
        assert_eq!(store.newest_writing_run().await.unwrap().as_ref(), Some(&first));

        let errors: Vec<_> = (0..3)
            .map(|n| EntryError {
                subject: format!("user {n}"),
                code: Some("50002".into()),
                message: Statement::other("out of scope"),
            })
            .collect();
        let lease = store
            .acquire_lease("sync", "me", Duration::from_secs(60))
            .await
            .unwrap()
            .unwrap();
        store.put_entry_errors(first.id, &errors, &lease).await.unwrap();
        let page = store.entry_errors(first.id, PageRequest::new(2, None)).await.unwrap();
        assert_eq!((page.items.len(), page.has_next), (2, true));
        let rest = store
            .entry_errors(first.id, PageRequest::new(2, Some(page.items[1].0)))
            .await
            .unwrap();
        assert_eq!(
            (rest.items.len(), rest.has_next, &rest.items[0].1),
            (1, false, &errors[2])
        );
        for again in [&errors[1..2], &[]] {
            store.put_entry_errors(first.id, again, &lease).await.unwrap();
            let page = store.entry_errors(first.id, PageRequest::new(9, None)).await.unwrap();
            let kept: Vec<_> = page.items.into_iter().map(|(_, error)| error).collect();
            assert_eq!(kept, again, "a run that goes on tells what is unread by then");
        }

        let second = run();
        store.insert_run(&second).await.unwrap();
        let newest = store.runs(PageRequest::new(1, None)).await.unwrap();
        assert_eq!((newest.items[0].id, newest.has_next), (second.id, true));
        assert_eq!(
            store.runs(PageRequest::new(5, Some(second.id))).await.unwrap().items,
            [dry, first]
        );
        assert_eq!(store.count_runs().await.unwrap(), 3);
    }
);

both_databases!(
    async fn a_dead_processs_run_is_marked_interrupted_and_it_can_write_no_more(database: TestDatabase) {
        let store = open(database).await;
        let old = store
            .acquire_lease("sync", "old", Duration::from_millis(50))
            .await
            .unwrap()
            .unwrap();
        let (dead, mine) = (run(), run());
        assert_eq!(
            store
                .begin_run(Some(&BegunRun::New(dead.clone())), None, &old, None)
                .await
                .unwrap(),
            RunBeginning {
                interrupted: 0,
                number: Some(1)
            }
        );

        tokio::time::sleep(Duration::from_millis(200)).await;
        let new = store
            .acquire_lease("sync", "new", Duration::from_secs(60))
            .await
            .unwrap()
            .unwrap();
        let begun = BegunRun::New(mine.clone());
        assert_eq!(
            store.begin_run(Some(&begun), None, &new, None).await.unwrap(),
            RunBeginning {
                interrupted: 1,
                number: Some(2)
            }
        );

        let ended = store.run(dead.id).await.unwrap().unwrap();
        assert_eq!((ended.state, ended.phase), (RunState::Interrupted, RunPhase::Finished));
        assert!(ended.finished_at.is_some() && ended.error.is_some());
        assert!(matches!(
            store.update_run(&dead, Some(&old)).await,
            Err(StoreError::LeaseLost)
        ));
        assert_eq!(store.running_run().await.unwrap().unwrap().id, mine.id);

        // Nothing else of the old one's gets through either, from the run that it was about to begin to an empty batch.
        let line = JournalLine {
            phase: "CRAWL".into(),
            question: "q".into(),
            answer: "a".into(),
        };
        store
            .add_answers(mine.id, 1, std::slice::from_ref(&line), &new)
            .await
            .unwrap();
        let error = EntryError {
            subject: "user 1".into(),
            code: None,
            message: Statement::other("out of scope"),
        };

        let refused = [
            store
                .begin_run(Some(&BegunRun::New(run())), None, &old, None)
                .await
                .map(drop),
            store
                .begin_run(Some(&BegunRun::Resumed(dead.clone())), None, &old, None)
                .await
                .map(drop),
            store.put_entry_errors(mine.id, &[error], &old).await,
            store.keep_planned_changes(mine.id, &[], &old).await,
            store.set_mark("verification", "{}", &old).await,
            store.forget_rejected(&[RecordId::User("anna".into())], &old).await,
            store
                .apply_on(None, ChangeSet::default(), Cause::Run(dead.id), Some(&old))
                .await
                .map(drop),
        ];
        for (n, refused) in refused.into_iter().enumerate() {
            assert!(matches!(refused, Err(StoreError::LeaseLost)), "{n}: {refused:?}");
        }

        assert_eq!(store.running_run().await.unwrap().unwrap().id, mine.id);
        assert_eq!(store.count_runs().await.unwrap(), 2);
        assert_eq!(store.answers(mine.id, 0, 9).await.unwrap().len(), 1);
        assert_eq!(store.mark("verification").await.unwrap(), None);
    }
);
