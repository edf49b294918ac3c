//! Only what the settings select is mirrored; what falls out is out of scope, not left.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use dingmirror::{
    directory::{
        Decision, DeptId, GoneCause, HeldState, RecordState, RemovalLimits, RunMode, RunTrigger, SyncRun, Verdict,
    },
    settings::{Api, Settings},
    sync::{RemovalSelection, SyncConfig},
};
use serde_json::{Value, json};

use super::{
    company::{mirrored, real},
    rig::{Replica, Rig, on_request},
};
use crate::support::database::TestDatabase;

pub(super) fn unlimited() -> SyncConfig {
    SyncConfig {
        limits: RemovalLimits {
            count: 1_000,
            percent: 100,
            subtree: 1_000,
        },
        ..on_request()
    }
}

/// A company of which a part was selected before anything was read: nothing outside it is known.
struct Part {
    rig: Rig,
    /// The top of the largest subtree.
    top: i64,
    /// Everybody who is in that subtree alone.
    inside: Vec<String>,
    /// Everybody who isn't in it at all.
    outside: Vec<String>,
    /// A department in it that isn't its top, and one outside that isn't right below the root.
    deep: [i64; 2],
}

impl Part {
    async fn new(database: &TestDatabase) -> Self {
        let rig = Rig::new(database, 200, 40, None).await;
        let truth = rig.truth();
        let parents: BTreeMap<i64, Option<i64>> = truth["departments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["dept_id"].as_i64().unwrap(), it["parent_id"].as_i64()))
            .collect();

        let path = |id: i64| std::iter::successors(Some(id), |id| parents.get(id).copied().flatten());
        let places = |user: &Value| -> Vec<i64> {
            let places = user["departments"].as_array().unwrap().iter();
            places.map(|it| it["dept_id"].as_i64().unwrap()).collect()
        };
        let users = truth["users"].as_array().unwrap();
        let is_below = |id: i64, top: i64| path(id).any(|it| it == top);
        let within = |user: &&Value, top: i64| places(user).iter().all(|id| is_below(*id, top));
        let without = |user: &&Value, top: i64| !places(user).iter().any(|id| is_below(*id, top));

        let tops = parents
            .iter()
            .filter(|(_, parent)| **parent == Some(1))
            .map(|(id, _)| *id);
        let top = tops
            .max_by_key(|top| users.iter().filter(|it| within(it, *top)).count())
            .unwrap();
        let ids = |users: Vec<&Value>| -> Vec<String> {
            users
                .iter()
                .map(|it| it["userid"].as_str().unwrap().to_owned())
                .collect()
        };

        let mut deep = parents.keys().copied().filter(|id| path(*id).count() > 2);
        let below = deep.clone().find(|id| is_below(*id, top)).unwrap();
        let elsewhere = deep.find(|id| !is_below(*id, top)).unwrap();

        Self {
            inside: ids(users.iter().filter(|it| within(it, top)).collect()),
            outside: ids(users.iter().filter(|it| without(it, top)).collect()),
            deep: [below, elsewhere],
            rig,
            top,
        }
    }

    /// A dozen of `people` are moved to `to`, which isn't selected; then one of the others leaves.
    async fn moves_away(&self, select: impl FnOnce(&mut Settings), people: &[String], to: i64) {
        let rig = &self.rig;
        rig.set(select);
        let replica = rig.replica(unlimited(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));
        assert!(people.len() > 24, "{}", people.len());

        let (moved, left) = (&people[..12], &people[12]);
        let edits = moved
            .iter()
            .map(|id| json!({ "edit": "move", "userid": id, "departments": [to] }));
        rig.edit(edits.collect());
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");

        let standing = |id: &str| {
            let snapshot = replica.snapshot();
            let standing = &snapshot.user(id).unwrap().standing;
            (standing.state, standing.cause)
        };
        for id in moved {
            assert_eq!(standing(id), (RecordState::Gone, Some(GoneCause::OutOfScope)), "{id}");
        }

        let again = replica.sync().await;
        assert_eq!(
            (again.verdict, again.revision),
            (Some(Verdict::Complete), None),
            "{again:?}"
        );

        rig.edit(json!({ "edit": "leave", "userid": left }));
        replica.sync().await;
        assert_eq!(standing(left), (RecordState::Gone, Some(GoneCause::Left)));
        rig.edit(json!({ "edit": "move", "userid": moved[0], "departments": [self.top_of(people)] }));
        replica.sync().await;
        assert_eq!(standing(&moved[0]), (RecordState::Active, None), "they are back");
    }

    /// A selected department of these people.
    fn top_of(&self, people: &[String]) -> i64 {
        if people[0] == self.inside[0] { self.top } else { 1 }
    }
}

/// A full run that waits for the record of `slow`, while another replica acts on an event about `read`.
async fn run_and_read_meanwhile(rig: &Rig, syncing: &Replica, slow: &str, read: &str, title: &str) -> Arc<SyncRun> {
    rig.fault(json!({ "api": Api::UserGet.path(), "userid": slow, "count": 1, "kind": "slow", "ms": 6_000 }));
    let told = rig.newest_event();
    let asked = syncing.engine.start(RunTrigger::Request, RunMode::Full, None).await;
    tokio::time::sleep(Duration::from_secs(2)).await;

    rig.edit(json!({ "edit": "update_user", "userid": read, "fields": { "title": title } }));
    rig.deliver(told).await;
    syncing.end_of(asked.unwrap().run.id).await
}

both_databases!(
    async fn whoever_is_moved_out_of_the_included_subtree_is_out_of_scope(database: TestDatabase) {
        let part = Part::new(database).await;
        let (top, to) = (part.top, part.deep[1]);
        let include = |settings: &mut Settings| settings.include_departments = [top].into();
        part.moves_away(include, &part.inside, to).await;
    }
);

both_databases!(
    async fn whoever_is_moved_into_an_excluded_subtree_is_out_of_scope(database: TestDatabase) {
        let part = Part::new(database).await;
        let (top, to) = (part.top, part.deep[0]);
        let exclude = |settings: &mut Settings| settings.exclude_departments = [top].into();
        part.moves_away(exclude, &part.outside, to).await;
    }
);

both_databases!(
    async fn an_excluded_subtree_falls_out_and_comes_back(database: TestDatabase) {
        let rig = Rig::new(database, 120, 16, None).await;
        let replica = rig.replica(unlimited(), 10_000);
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

both_databases!(
    async fn what_is_left_out_is_not_mirrored_because_a_run_reads_somebody_of_it_again(database: TestDatabase) {
        let rig = Rig::new(database, 40, 8, None).await;
        let truth = rig.truth();
        let left_out = truth["departments"].as_array().unwrap();
        let left_out = left_out.iter().find(|it| it["parent_id"] == 1).unwrap()["dept_id"]
            .as_i64()
            .unwrap();
        let [both, slow] = [6, 7].map(|n: usize| truth["users"][n]["userid"].as_str().unwrap().to_owned());

        rig.edit(json!([
            { "edit": "create_department", "parent_id": left_out, "name": "Below", "dept_id": 4_040 },
            { "edit": "move", "userid": both, "departments": [4_040, 1] },
            { "edit": "move", "userid": slow, "departments": [1] },
        ]));
        rig.set(|settings| settings.exclude_departments = [left_out].into());
        let acting = SyncConfig {
            events: true,
            ..on_request()
        };
        let (syncing, _acting) = (rig.quiet(), rig.replica(acting, 10_000));

        let run = run_and_read_meanwhile(&rig, &syncing, &slow, &both, "Read again").await;

        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        let snapshot = syncing.snapshot();
        assert_eq!(snapshot.user(&both).unwrap().facts.title.as_deref(), Some("Read again"));
        for id in [left_out, 4_040] {
            assert!(snapshot.department(DeptId(id)).is_none(), "{id} is left out");
        }
    }
);

both_databases!(
    async fn whoever_is_outside_goes_although_somebody_else_read_them_meanwhile(database: TestDatabase) {
        let rig = Rig::new(database, 40, 8, None).await;
        let them = rig.people();
        let (read, slow) = (&them[20], &them[21]);
        rig.edit(json!([
            { "edit": "create_department", "parent_id": 1, "name": "Left out", "dept_id": 4_040 },
            { "edit": "move", "userid": read, "departments": [1] },
            { "edit": "move", "userid": slow, "departments": [1] },
        ]));
        rig.set(|settings| settings.exclude_departments = [4_040].into());
        let acting = SyncConfig {
            events: true,
            ..unlimited()
        };
        let (syncing, _acting) = (rig.replica(unlimited(), 10_000), rig.replica(acting, 10_000));
        assert_eq!(syncing.sync().await.verdict, Some(Verdict::Complete));

        rig.edit(json!([
            { "edit": "move", "userid": read, "departments": [4_040] },
            { "edit": "move", "userid": slow, "departments": [4_040] },
        ]));
        // Whoever acts on the event can't tell whether the scope names them, and leaves them to the run.
        rig.fault(json!({
            "api": Api::AuthScopes.path(), "skip": 1, "kind": "errcode", "code": 60_011, "msg": "没有调用该接口的权限",
        }));
        // Both are asked for by themselves, since no list has them; one of them was, when an event is acted upon.
        let run = run_and_read_meanwhile(&rig, &syncing, slow, read, "Read meanwhile").await;
        assert_eq!(
            (run.verdict, run.counts.removed),
            (Some(Verdict::Complete), 2),
            "{run:?}"
        );
        for id in [read, slow] {
            let snapshot = syncing.snapshot();
            let standing = &snapshot.user(id).unwrap().standing;
            assert_eq!(
                (standing.state, standing.cause),
                (RecordState::Gone, Some(GoneCause::OutOfScope)),
                "{id}"
            );
        }
    }
);

both_databases!(
    async fn what_the_settings_leave_out_goes_although_a_list_is_never_read(database: TestDatabase) {
        let rig = Rig::new(database, 40, 8, None).await;
        let them = rig.people();
        let [out, moved] = [&them[20], &them[21]];
        rig.edit(json!([
            { "edit": "create_department", "parent_id": 1, "name": "Left out", "dept_id": 4_040 },
            { "edit": "create_department", "parent_id": 1, "name": "Unread", "dept_id": 4_050 },
            { "edit": "move", "userid": out, "departments": [4_040] },
            { "edit": "move", "userid": moved, "departments": [4_040] },
        ]));
        let replica = rig.replica(unlimited(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        rig.fault(json!({
            "api": Api::UserList.path(), "dept_id": 4_050, "kind": "errcode", "code": 40_035, "msg": "不合法的参数",
        }));
        rig.edit(json!({ "edit": "move", "userid": moved, "departments": [4_050] }));
        rig.set(|settings| settings.exclude_departments = [4_040].into());
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Partial), "{run:?}");
        assert_eq!(replica.state(out), RecordState::Gone, "{run:?}");
        assert_eq!(replica.state(moved), RecordState::Active, "{run:?}");
        let left_out = replica.snapshot().department(DeptId(4_040)).unwrap().standing.clone();
        assert_eq!(
            (left_out.state, left_out.cause),
            (RecordState::Gone, Some(GoneCause::OutOfScope)),
            "{run:?}"
        );
    }
);

both_databases!(
    async fn what_leaves_the_scope_goes_although_the_settings_name_it(database: TestDatabase) {
        let rig = Rig::new(database, 40, 8, None).await;
        let them = rig.people();
        rig.edit(json!([
            { "edit": "create_department", "parent_id": 1, "name": "Withdrawn", "dept_id": 4_040 },
            { "edit": "create_department", "parent_id": 4_040, "name": "Below", "dept_id": 4_041 },
            { "edit": "move", "userid": them[20], "departments": [4_040] },
            { "edit": "move", "userid": them[21], "departments": [4_041] },
        ]));

        let other = rig.truth()["departments"].as_array().unwrap().iter().find_map(|it| {
            let id = it["dept_id"].as_i64().unwrap();
            (it["parent_id"] == 1 && id != 4_040).then_some(id)
        });
        let other = other.unwrap();
        rig.set(|settings| settings.include_departments = [other, 4_040].into());
        let replica = rig.replica(unlimited(), 10_000);
        assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));

        let scope = json!({ "authed_dept": [other], "authed_user": [] });
        assert!(rig.simulator.control().set_scope(scope).is_ok());
        let run = replica.sync().await;
        for id in [&them[20], &them[21]] {
            assert_ne!(replica.state(id), RecordState::Active, "{run:?}");
        }
    }
);

both_databases!(
    async fn whoever_the_scope_names_stays_although_somebody_else_read_them_meanwhile(database: TestDatabase) {
        let rig = Rig::new(database, 40, 8, None).await;
        let them = rig.people();
        let (named, slow) = (&them[20], &them[21]);
        rig.edit(json!([
            { "edit": "create_department", "parent_id": 1, "name": "Left out", "dept_id": 4_040 },
            { "edit": "move", "userid": named, "departments": [4_040] },
            { "edit": "move", "userid": slow, "departments": [1] },
        ]));
        let scope = json!({ "authed_dept": [1], "authed_user": [named] });
        assert!(rig.simulator.control().set_scope(scope).is_ok());
        rig.set(|settings| settings.exclude_departments = [4_040].into());
        let acting = SyncConfig {
            events: true,
            ..unlimited()
        };
        let (syncing, _acting) = (rig.replica(unlimited(), 10_000), rig.replica(acting, 10_000));
        assert_eq!(syncing.sync().await.verdict, Some(Verdict::Complete));
        assert_eq!(syncing.state(named), RecordState::Active);

        rig.edit(json!({ "edit": "move", "userid": slow, "departments": [4_040] }));
        let run = run_and_read_meanwhile(&rig, &syncing, slow, named, "Read meanwhile").await;
        assert_eq!(syncing.state(named), RecordState::Active, "{run:?}");
        assert_eq!(syncing.state(slow), RecordState::Gone, "{run:?}");
    }
);

both_databases!(
    async fn whoever_is_kept_while_a_run_asks_is_kept(database: TestDatabase) {
        let rig = Rig::new(database, 40, 8, None).await;
        let them = rig.people();
        rig.edit(json!({ "edit": "create_department", "parent_id": 1, "name": "Left out", "dept_id": 4_040 }));
        let moved = them[10..26].iter();
        rig.edit(
            moved
                .map(|id| json!({ "edit": "move", "userid": id, "departments": [4_040] }))
                .collect(),
        );
        let replica = rig.quiet();
        replica.sync().await;
        rig.set(|settings| settings.exclude_departments = [4_040].into());
        let run = replica.sync().await;
        assert!(run.counts.held > 10, "{run:?}");

        // Somebody is missing, and the question about them is slow.
        rig.edit(json!({ "edit": "leave", "userid": them[30] }));
        rig.fault(json!({ "api": Api::UserGet.path(), "userid": them[30], "count": 1, "kind": "slow", "ms": 4_000 }));
        let asked = replica.engine.start(RunTrigger::Request, RunMode::Full, None).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        replica.decide(&RemovalSelection::All, Decision::Reject).await;

        let run = replica.end_of(asked.unwrap().run.id).await;
        for id in &them[10..26] {
            assert_eq!(replica.state(id), RecordState::Active, "{id}: {run:?}");
        }
        assert_eq!(replica.state(&them[30]), RecordState::Gone, "{run:?}");
        let rejected = rig.store.held_removals().await.unwrap();
        assert!(
            rejected.iter().any(|it| it.state == HeldState::Rejected),
            "{rejected:?}"
        );
    }
);
