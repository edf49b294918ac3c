//! A dry run shows by record what a run would change, and changes nothing.

use dingmirror::{
    directory::{ChangeKind, EntityKind, RunMode, RunState},
    page::PageRequest,
};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::Rig,
};
use crate::support::database::TestDatabase;

both_databases!(
    async fn a_dry_run_says_what_the_next_run_then_does(database: TestDatabase) {
        let rig = Rig::new(database, 80, 12, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let before = mirrored(&replica.snapshot());
        let truth = rig.truth();
        rig.edit(json!([
            { "edit": "hire", "userid": "newcomer", "departments": [1] },
            { "edit": "leave", "userid": truth["users"][30]["userid"] },
            { "edit": "rename_department", "dept_id": truth["departments"][5]["dept_id"], "name": "新名" },
        ]));

        let dry = replica.run(RunMode::DryRun).await;
        assert_eq!(
            (dry.state, dry.revision, dry.counts.removed),
            (RunState::Finished, None, 1),
            "{dry:?}"
        );
        assert_eq!(mirrored(&replica.snapshot()), before, "nothing is written");
        assert_eq!(rig.store.current_revision().await.unwrap(), 1);

        let page = PageRequest::new(100, None);
        let planned = rig.store.planned_changes(dry.id, page).await.unwrap().items;
        let mut planned: Vec<_> = planned.into_iter().map(|(_, change)| change).collect();
        let named = |id: &str, kind| planned.iter().any(|it| it.entity.id_text() == id && it.kind == kind);
        assert!(named("newcomer", ChangeKind::Created), "{planned:?}");
        assert!(
            named(truth["users"][30]["userid"].as_str().unwrap(), ChangeKind::Removed),
            "{planned:?}"
        );
        let renamed = planned
            .iter()
            .find(|it| it.entity.kind() == EntityKind::Department)
            .unwrap();
        assert_eq!(
            (renamed.kind, renamed.fields[0].after.clone()),
            (ChangeKind::Updated, json!("新名"))
        );

        let run = replica.sync().await;
        let done = rig
            .store
            .changes_of_run(run.id, PageRequest::new(100, None))
            .await
            .unwrap();
        let mut done: Vec<_> = done.items.into_iter().map(|logged| logged.change).collect();
        let key = |change: &dingmirror::directory::Change| change.entity.clone();
        planned.sort_by_key(key);
        done.sort_by_key(key);
        assert_eq!(planned, done);
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);
