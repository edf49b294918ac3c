//! Removals beyond the limits wait for a person: they are served on, decided whole or in part, and withdrawn by return.

use std::collections::BTreeSet;

use dingmirror::{
    directory::{Decision, DeptId, GoneCause, HeldState, RecordId, RecordState, RemovalLimits, RunMode, Verdict},
    sync::{RemovalSelection, SyncConfig},
};
use serde_json::{Value, json};

use super::{
    company::{mirrored, real},
    rig::{Replica, Rig, on_request},
};
use crate::support::database::TestDatabase;

/// A company of which forty people have just left.
pub(super) async fn forty_leavers(database: &TestDatabase) -> (Rig, Replica, Vec<String>) {
    let rig = Rig::new(database, 120, 20, None).await;
    let replica = rig.quiet();
    replica.sync().await;

    let truth = rig.truth();
    let users = truth["users"].as_array().unwrap();
    let leavers: Vec<String> = users[20..60]
        .iter()
        .map(|it| it["userid"].as_str().unwrap().to_owned())
        .collect();
    let edits: Vec<Value> = leavers
        .iter()
        .map(|id| json!({ "edit": "leave", "userid": id }))
        .collect();
    rig.edit(json!(edits));

    let run = replica.sync().await;
    assert_eq!((run.verdict, run.counts.held), (Some(Verdict::Complete), 40), "{run:?}");
    (rig, replica, leavers)
}

pub(super) fn state(replica: &Replica, id: &str) -> (RecordState, Option<GoneCause>) {
    let standing = replica.snapshot().user(id).unwrap().standing.clone();
    (standing.state, standing.cause)
}

both_databases!(
    async fn approved_removals_are_gone_and_a_return_restores(database: TestDatabase) {
        let (rig, replica, leavers) = forty_leavers(database).await;
        assert_eq!(replica.snapshot().user_count(), 120, "they are served on");
        assert_eq!(state(&replica, &leavers[0]), (RecordState::Held, Some(GoneCause::Left)));
        let again = replica.sync().await;
        assert_eq!(
            (again.verdict, again.revision),
            (Some(Verdict::Complete), None),
            "they wait, and are not held twice"
        );

        // One comes back unasked: their removal is withdrawn.
        rig.edit(json!({ "edit": "hire", "userid": leavers[0], "departments": [1] }));
        replica.sync().await;
        assert_eq!(state(&replica, &leavers[0]).0, RecordState::Active);
        assert_eq!(rig.store.held_removals().await.unwrap().len(), 39);

        // One is decided alone, the others together.
        let one = RemovalSelection::Records(vec![RecordId::User(leavers[1].as_str().into())]);
        let decided = replica.decide(&one, Decision::Approve).await;
        assert_eq!(decided.removals.len(), 1);
        assert_eq!(state(&replica, &leavers[1]), (RecordState::Gone, Some(GoneCause::Left)));
        let decided = replica.decide(&RemovalSelection::All, Decision::Approve).await;
        assert_eq!(decided.removals.len(), 38);
        assert!(rig.store.held_removals().await.unwrap().is_empty());
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
        let nothing = replica.decide(&RemovalSelection::All, Decision::Approve).await;
        assert_eq!((nothing.removals.len(), nothing.revision), (0, None));

        // Somebody approved is hired again with their old userid.
        rig.edit(json!({ "edit": "hire", "userid": leavers[2], "departments": [1] }));
        replica.sync().await;
        assert_eq!(state(&replica, &leavers[2]), (RecordState::Active, None));
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_rejected_removal_is_not_held_again_until_the_record_was_seen(database: TestDatabase) {
        let (rig, replica, leavers) = forty_leavers(database).await;
        replica.decide(&RemovalSelection::All, Decision::Reject).await;
        assert_eq!(state(&replica, &leavers[0]), (RecordState::Active, None));
        let held = rig.store.held_removals().await.unwrap();
        assert!(
            held.iter()
                .all(|it| it.state == HeldState::Rejected && it.decided_by.as_deref() == Some("eve"))
        );

        let run = replica.sync().await;
        assert_eq!((run.revision, run.counts.held), (None, 0), "{run:?}");
        assert_eq!(replica.snapshot().user_count(), 120);

        // They are seen again, and leave again: now it counts.
        rig.edit(json!({ "edit": "hire", "userid": leavers[0], "departments": [1] }));
        replica.run(RunMode::DryRun).await;
        assert_eq!(
            rig.store.held_removals().await.unwrap().len(),
            40,
            "a dry run writes nothing"
        );
        replica.sync().await;
        assert_eq!(rig.store.held_removals().await.unwrap().len(), 39);
        rig.edit(json!({ "edit": "leave", "userid": leavers[0] }));
        replica.sync().await;
        assert_eq!(state(&replica, &leavers[0]).0, RecordState::Gone);
    }
);

both_databases!(
    async fn a_rejected_removal_is_kept_from_what_the_settings_leave_out(database: TestDatabase) {
        let rig = Rig::new(database, 120, 16, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let whole = replica.snapshot();
        let size = |id: &&DeptId| whole.total_members(**id);
        let out = *whole.children(DeptId::ROOT).iter().max_by_key(size).unwrap();
        rig.set(|settings| settings.exclude_departments = [out.0].into());
        let run = replica.sync().await;
        assert!(run.counts.held > 15, "{run:?}");

        let held = rig.store.held_removals().await.unwrap();
        let people = held.iter().filter_map(|it| it.record.user());
        let people: Vec<String> = people.map(|id| id.to_string()).collect();
        let (kept, approved) = people.split_at(5);
        let records = |ids: &[String]| {
            let records = ids.iter().map(|id| RecordId::User(id.as_str().into()));
            RemovalSelection::Records(records.collect())
        };
        let decide = async |waiting, decision| {
            let decided = replica.decide(&waiting, decision).await;
            assert!(decided.revision.is_some());
        };

        decide(records(kept), Decision::Reject).await;
        decide(records(approved), Decision::Approve).await;
        // Their departments wait still; then they are gone, too.
        for departments_wait in [true, false] {
            if !departments_wait {
                decide(RemovalSelection::All, Decision::Approve).await;
            }
            let run = replica.sync().await;
            assert_eq!(
                (run.verdict, run.revision, run.counts.held),
                (Some(Verdict::Complete), None, 0),
                "{run:?}"
            );
            for id in kept {
                assert_eq!(state(&replica, id), (RecordState::Active, None), "{id}");
            }
        }

        // Selected again, they are seen: the decision has served.
        rig.set(|settings| settings.exclude_departments.clear());
        replica.sync().await;
        assert!(rig.store.held_removals().await.unwrap().is_empty());
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_department_that_goes_after_its_people_were_held_waits_with_them(database: TestDatabase) {
        let rig = Rig::new(database, 200, 12, None).await;
        let config = SyncConfig {
            limits: RemovalLimits {
                count: 10,
                percent: 100,
                subtree: 1_000,
            },
            ..on_request()
        };
        let replica = rig.replica(config, 10_000);
        replica.sync().await;

        let snapshot = replica.snapshot();
        let top = snapshot
            .children(DeptId::ROOT)
            .iter()
            .copied()
            .filter(|id| snapshot.total_members(*id) >= 20)
            .min_by_key(|id| snapshot.total_members(*id))
            .unwrap();
        let only_there = snapshot.users().filter(|user| {
            let places = &user.facts.memberships;
            !places.is_empty() && places.iter().all(|it| snapshot.is_in_subtree(it.dept_id, top))
        });
        let leavers: Vec<String> = only_there.map(|user| user.facts.userid.to_string()).collect();

        let edits = leavers.iter().map(|id| json!({ "edit": "leave", "userid": id }));
        rig.edit(edits.collect());
        let run = replica.sync().await;
        assert_eq!(run.counts.held, leavers.len() as u64, "{run:?}");

        rig.edit(json!({ "edit": "remove_department", "dept_id": top.0 }));
        let refreshed = replica.engine.refresh_department(top, "eve").await.unwrap();
        assert!(refreshed.held, "{refreshed:?}");
        let standing = replica.snapshot().department(top).unwrap().standing.clone();
        assert_eq!(standing.state, RecordState::Held);
        let held = rig.store.held_removals().await.unwrap();
        assert!(
            held.len() > leavers.len() && held.iter().all(|it| !it.reason.is_other()),
            "{held:?}"
        );

        let decided = replica.decide(&RemovalSelection::Subtree(top), Decision::Approve).await;
        assert_eq!(decided.removals.len(), held.len());
        assert_eq!(state(&replica, &leavers[0]), (RecordState::Gone, Some(GoneCause::Left)));
    }
);

both_databases!(
    async fn a_removed_department_is_held_with_its_people_and_decided_by_subtree(database: TestDatabase) {
        let rig = Rig::new(database, 200, 12, None).await;
        let config = SyncConfig {
            limits: RemovalLimits {
                count: 1_000,
                percent: 100,
                subtree: 10,
            },
            ..on_request()
        };
        let replica = rig.replica(config, 10_000);
        replica.sync().await;

        let snapshot = replica.snapshot();
        let top = snapshot
            .children(DeptId::ROOT)
            .iter()
            .copied()
            .filter(|id| snapshot.total_members(*id) >= 20)
            .min_by_key(|id| snapshot.total_members(*id))
            .unwrap();
        let below: BTreeSet<DeptId> = snapshot.descendants(top, None).map(|(id, _)| id).chain([top]).collect();
        let only_there = snapshot.users().filter(|user| {
            let places = &user.facts.memberships;
            !places.is_empty() && places.iter().all(|it| below.contains(&it.dept_id))
        });
        let leavers: Vec<String> = only_there.map(|user| user.facts.userid.to_string()).collect();
        assert!(leavers.len() > 10, "{}", leavers.len());

        let edits: Vec<Value> = leavers
            .iter()
            .map(|id| json!({ "edit": "leave", "userid": id }))
            .collect();
        rig.edit(json!(edits));
        rig.edit(json!({ "edit": "remove_department", "dept_id": top.0 }));
        let elsewhere = rig.truth()["users"][0]["userid"].as_str().unwrap().to_owned();
        rig.edit(json!({ "edit": "leave", "userid": elsewhere }));

        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(
            state(&replica, &elsewhere).0,
            RecordState::Gone,
            "everything else goes on"
        );
        let held = rig.store.held_removals().await.unwrap();
        let people = held.iter().filter(|it| it.record.user().is_some()).count();
        assert_eq!(people, leavers.len(), "{:?}", run.findings);
        assert!(held.iter().all(|it| it.department == Some(top)), "{held:?}");
        assert!(
            replica.snapshot().department(top).unwrap().standing.is_present(),
            "their department stays with whoever is held"
        );

        let decided = replica.decide(&RemovalSelection::Subtree(top), Decision::Approve).await;
        assert_eq!(decided.removals.len(), held.len());
        let (mirror, truth) = (mirrored(&replica.snapshot()), real(&rig.truth()));
        assert_eq!(mirror.0, truth.0);
        assert_eq!(mirror.1.keys().collect::<Vec<_>>(), truth.1.keys().collect::<Vec<_>>());
    }
);
