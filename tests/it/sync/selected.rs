//! Only what the settings select is mirrored; what falls out is out of scope, not left.

use dingmirror::directory::{DeptId, GoneCause, RecordState, RemovalLimits, Verdict};
use serde_json::json;

use super::{
    company::{mirrored, real},
    rig::{Rig, on_request},
};
use crate::support::database::TestDatabase;

both_databases!(
    async fn an_excluded_subtree_falls_out_and_comes_back(database: TestDatabase) {
        let rig = Rig::new(database, 120, 16, None).await;
        let config = dingmirror::sync::SyncConfig {
            limits: RemovalLimits {
                count: 1_000,
                percent: 100,
                subtree: 1_000,
            },
            ..on_request()
        };
        let replica = rig.replica(config, 10_000);
        replica.sync().await;
        let whole = replica.snapshot();
        let smallest = |id: &&DeptId| (whole.total_members(**id) == 0, whole.total_members(**id));
        let out = *whole.children(DeptId::ROOT).iter().min_by_key(smallest).unwrap();
        rig.set(|settings| settings.exclude_departments = [out.0].into());
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        let part = replica.snapshot();
        let standing = part.department(out).unwrap().standing.clone();
        assert_eq!(
            (standing.state, standing.cause),
            (RecordState::Gone, Some(GoneCause::OutOfScope))
        );
        for user in whole.users() {
            let places = &user.facts.memberships;
            let is_out = !places.is_empty() && places.iter().all(|it| whole.is_in_subtree(it.dept_id, out));
            let now = part.user(user.facts.userid.as_str()).unwrap();
            assert_eq!(now.standing.state == RecordState::Gone, is_out, "{now:?}");
        }
        assert_eq!(replica.sync().await.revision, None, "and that is all");

        rig.set(|settings| settings.exclude_departments.clear());
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));

        rig.set(|settings| settings.include_departments = [out.0].into());
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(replica.snapshot().roots(), [out]);
        assert_eq!(replica.snapshot().user_count(), whole.total_members(out));
    }
);

both_databases!(
    async fn a_selection_that_leaves_most_people_out_waits_for_approval(database: TestDatabase) {
        let rig = Rig::new(database, 120, 16, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let whole = replica.snapshot();
        let largest = *whole
            .children(DeptId::ROOT)
            .iter()
            .max_by_key(|id| whole.total_members(**id))
            .unwrap();
        rig.set(|settings| settings.exclude_departments = [largest.0].into());
        let run = replica.sync().await;
        assert!(run.counts.held > 10, "{run:?}");
        assert_eq!(
            replica.snapshot().user_count(),
            120,
            "served on until somebody approves"
        );
        rig.edit(json!({ "edit": "hire", "userid": "newcomer", "departments": [1] }));
        replica.sync().await;
        assert!(replica.snapshot().user("newcomer").is_some(), "everything else goes on");
    }
);
