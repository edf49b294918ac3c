//! One lasting flaw in what DingTalk says never keeps anybody else from being right.

use std::time::Duration;

use dingmirror::{
    clock::Clock,
    dingtalk::Waits,
    directory::{DeptId, RecordState, RunMode, RunState, Verdict},
    settings::Api,
    sync::SyncConfig,
};
use serde_json::{Value, json};

use super::{
    company::{mirrored, real},
    rig::{Rig, on_request},
};
use crate::support::database::TestDatabase;

/// Flaws that stay, each with what it looks like.
fn flaws(ids: &[String], department: &Value) -> Vec<(&'static str, Value)> {
    vec![
        (
            "a record that is refused",
            json!({ "api": Api::UserGet.path(), "userid": ids[5], "kind": "errcode", "code": 40035, "msg": "不合法的参数" }),
        ),
        (
            "a list that is refused",
            json!({ "api": Api::UserList.path(), "skip": 7, "count": 1, "kind": "errcode", "code": 40035, "msg": "不合法的参数" }),
        ),
        (
            "a department's record that is refused",
            json!({ "api": Api::DepartmentGet.path(), "skip": 5, "count": 1, "kind": "errcode", "code": 40035, "msg": "不合法的参数" }),
        ),
        (
            "a record that lacks an authorisation, as if the app did",
            json!({ "api": Api::UserGet.path(), "userid": ids[5], "kind": "errcode", "code": 43007, "msg": "需要授权" }),
        ),
        (
            "a record that is nowhere, as if the URL were wrong",
            json!({ "api": Api::UserGet.path(), "userid": ids[5], "kind": "errcode", "code": 404, "msg": "请求的URI地址不存在" }),
        ),
        (
            "a department's record that lacks an authorisation",
            json!({ "api": Api::DepartmentGet.path(), "dept_id": department, "kind": "errcode", "code": 43007, "msg": "需要授权" }),
        ),
        (
            "a department's list that lacks an authorisation",
            json!({ "api": Api::UserList.path(), "dept_id": department, "kind": "errcode", "code": 43007, "msg": "需要授权" }),
        ),
    ]
}

both_databases!(
    async fn a_lasting_flaw_keeps_no_leaver_in_the_mirror(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people();
        let department = rig.truth()["departments"][3]["dept_id"].clone();

        for (n, (flaw, fault)) in flaws(&them, &department).into_iter().enumerate() {
            let (leaver, changed) = (&them[20 + n], &them[30 + n]);
            rig.edit(json!([
                { "edit": "update_user", "userid": them[5], "fields": { "title": flaw } },
                { "edit": "leave", "userid": leaver },
                { "edit": "update_user", "userid": changed, "fields": { "title": flaw } },
            ]));
            rig.fault(fault);

            let run = replica.sync().await;
            assert_ne!(run.verdict, Some(Verdict::Complete), "{flaw}: {run:?}");
            assert_eq!(replica.state(leaver), RecordState::Gone, "{flaw}: {run:?}");
            assert_eq!(
                replica.snapshot().user(changed).unwrap().facts.title.as_deref(),
                Some(flaw),
                "{run:?}"
            );
            assert_eq!(run.counts.removed, 1, "{flaw}: {run:?}");
            rig.mend();
        }

        replica.sync().await;
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_record_that_is_refused_like_the_app_costs_nothing_else_even_where_nobody_else_is_asked_for(
        database: TestDatabase,
    ) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people();
        for (n, (code, msg)) in [(43007, "需要授权"), (404, "请求的URI地址不存在")]
            .into_iter()
            .enumerate()
        {
            let changed = &them[10 + n];
            rig.edit(json!({ "edit": "update_user", "userid": changed, "fields": { "title": msg } }));
            rig.fault(
                json!({ "api": Api::UserGet.path(), "userid": changed, "kind": "errcode", "code": code, "msg": msg }),
            );

            let run = replica.sync().await;
            assert_eq!(
                (run.state, run.verdict, run.counts.entry_errors),
                (RunState::Finished, Some(Verdict::Partial), 1),
                "{code}: {run:?}"
            );
            rig.mend();
            replica.sync().await;
        }

        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_leaver_about_whom_dingtalk_refuses_to_tell_stays_and_nobody_else_waits_for_that(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people();
        for (n, (code, msg)) in [
            (43007, "需要授权"),
            (404, "请求的URI地址不存在"),
            (60020, "访问ip不在白名单之中"),
        ]
        .into_iter()
        .enumerate()
        {
            let (refused, leaver) = (&them[20 + n], &them[30 + n]);
            rig.fault(
                json!({ "api": Api::UserGet.path(), "userid": refused, "kind": "errcode", "code": code, "msg": msg }),
            );
            rig.edit(json!([{ "edit": "leave", "userid": refused }]));
            let run = replica.sync().await;
            assert_eq!(
                (run.state, run.verdict),
                (RunState::Finished, Some(Verdict::Partial)),
                "{code}: {run:?}"
            );
            assert_eq!(
                replica.state(refused),
                RecordState::Active,
                "{code}: nobody said so: {run:?}"
            );

            rig.edit(json!([{ "edit": "leave", "userid": leaver }]));
            let run = replica.sync().await;
            assert_eq!(replica.state(leaver), RecordState::Gone, "{code}: {run:?}");
            rig.mend();
            replica.sync().await;
        }

        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_firewalls_page_for_one_record_is_no_ban_of_everybody(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let waits = Waits {
            ban: Duration::from_millis(500),
            ..Waits::default()
        };
        let config = SyncConfig {
            patience: Duration::from_secs(20),
            ..on_request()
        };
        let replica = rig.replica_with(config, 10_000, waits, Clock::system());

        let them = rig.people();
        let f5 =
            "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>";
        let alb = "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>";
        for (n, (fault, status)) in [(None, 0), (Some(f5), 200), (Some(alb), 403)].into_iter().enumerate() {
            let record = &them[10 + n];
            rig.edit(json!({ "edit": "update_user", "userid": record, "fields": { "title": format!("Title {n}") } }));
            rig.fault(match fault {
                None => json!({ "api": Api::UserGet.path(), "userid": record, "kind": "html_ban" }),
                Some(page) => {
                    json!({ "api": Api::UserGet.path(), "userid": record, "kind": "answer", "status": status, "body": page })
                }
            });
            let leaver = &them[20 + n];
            rig.edit(json!([{ "edit": "leave", "userid": leaver }]));

            let run = replica.sync().await;
            assert_eq!(
                (run.state, run.verdict, run.counts.entry_errors),
                (RunState::Finished, Some(Verdict::Partial), 1),
                "{status}: {run:?}"
            );
            let gone = replica
                .snapshot()
                .user(leaver)
                .is_none_or(|it| it.standing.state == RecordState::Gone);
            assert!(gone, "{status}: {run:?}");
            rig.mend();
        }

        replica.sync().await;
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn an_included_department_that_is_gone_keeps_no_leaver_in_the_mirror(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        rig.set(|settings| settings.include_departments = [1, 77].into());
        let leaver = rig.people()[20].clone();
        rig.edit(json!({ "edit": "leave", "userid": leaver }));
        let run = replica.sync().await;
        assert_ne!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(replica.state(&leaver), RecordState::Gone, "{run:?}");
        assert!(run.findings.iter().any(|it| it.contains("77")), "{run:?}");
    }
);

both_databases!(
    async fn whoever_is_missing_in_a_landslide_is_held_until_somebody_decides(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        rig.set(|settings| drop(settings.urls.remove(&Api::UserCount)));
        let replica = rig.quiet();
        replica.sync().await;
        let them = rig.people();
        let edits = them[20..55].iter().map(|id| json!({ "edit": "leave", "userid": id }));
        rig.edit(Value::Array(edits.collect()));

        let run = replica.sync().await;
        assert_eq!((run.verdict, run.counts.held), (Some(Verdict::Suspect), 35), "{run:?}");
        assert!(them[20..55].iter().all(|id| replica.state(id) == RecordState::Held));

        let decided = replica
            .decide(
                &dingmirror::sync::RemovalSelection::All,
                dingmirror::directory::Decision::Approve,
            )
            .await;
        assert_eq!(decided.removals.len(), 35);

        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_scope_that_was_narrowed_on_purpose_is_healed_by_a_decision(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        replica.sync().await;
        let top = replica.snapshot().children(DeptId::ROOT)[0];
        let scope = json!({ "authed_dept": [top], "authed_user": [] });
        assert!(rig.simulator.control().set_scope(scope).is_ok());

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.counts.removed),
            (Some(Verdict::Suspect), 0),
            "{run:?}"
        );
        assert!(run.counts.held > 0, "{run:?}");
        assert_eq!(replica.snapshot().user_count(), 57, "whoever is held is served");

        replica
            .decide(
                &dingmirror::sync::RemovalSelection::All,
                dingmirror::directory::Decision::Approve,
            )
            .await;

        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert!(
            replica
                .snapshot()
                .department(DeptId::ROOT)
                .is_some_and(|it| !it.standing.is_present())
        );
    }
);

both_databases!(
    async fn a_department_that_goes_is_no_persons_any_more_after_a_reconciliation(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        rig.set(|settings| drop(settings.urls.remove(&Api::UserList)));
        let replica = rig.quiet();
        replica.sync().await;
        let anna = rig.people()[20].clone();
        let before: Vec<i64> = replica.snapshot().departments().map(|it| it.facts.dept_id.0).collect();

        rig.edit(json!({ "edit": "create_department", "parent_id": 1, "name": "Short lived" }));
        let truth = rig.truth();
        let all = truth["departments"].as_array().unwrap().iter();
        let mut ids = all.map(|it| it["dept_id"].as_i64().unwrap());
        let short_lived = ids.find(|id| *id > 0 && !before.contains(id)).unwrap();

        rig.edit(json!({ "edit": "move", "userid": anna, "departments": [1, short_lived] }));
        replica.sync().await;
        assert_eq!(replica.snapshot().members(DeptId(short_lived)).len(), 1);

        rig.edit(json!({ "edit": "move", "userid": anna, "departments": [1] }));
        rig.edit(json!({ "edit": "remove_department", "dept_id": short_lived }));
        let run = replica.run(RunMode::Reconcile).await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        assert_eq!(replica.snapshot().all_contradictions(), Vec::<String>::new());
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn a_stray_refusal_in_the_middle_costs_a_moment_and_nothing_else(database: TestDatabase) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        let gone = json!({ "kind": "errcode", "code": 404, "msg": "请求的URI地址不存在", "count": 1 });
        let barred = json!({ "kind": "errcode", "code": 60020, "msg": "访问ip不在白名单之中", "count": 1, "skip": 3 });
        let with = |rule: &Value, api: Api, skip: u64| {
            let mut rule = rule.clone();
            (rule["api"], rule["skip"]) = (api.path().into(), skip.into());
            rule
        };
        rig.fault(json!([
            with(&gone, Api::UserList, 0),
            with(&gone, Api::UserGet, 30),
            with(&barred, Api::DepartmentGet, 3),
        ]));

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.strategy.as_deref()),
            (Some(Verdict::Complete), Some("BULK")),
            "{run:?}"
        );
        assert_eq!(mirrored(&replica.snapshot()), real(&rig.truth()));
    }
);

both_databases!(
    async fn whoever_was_always_out_of_scope_and_listed_is_not_removed_because_a_list_is_not_read(
        database: TestDatabase,
    ) {
        let rig = Rig::new(database, 57, 8, None).await;
        let replica = rig.quiet();
        let person = &rig.people()[20];
        rig.edit(json!([
            { "edit": "create_department", "parent_id": 1, "name": "Above", "dept_id": 4_040 },
            { "edit": "create_department", "parent_id": 4_040, "name": "Below", "dept_id": 4_041 },
            { "edit": "create_department", "parent_id": 1, "name": "Elsewhere", "dept_id": 4_050 },
            { "edit": "move", "userid": person, "departments": [4_041] },
        ]));
        let outside = json!({
            "api": Api::UserGet.path(), "userid": person, "kind": "errcode", "code": 50_002, "msg": "请求的员工userid不在授权范围内",
        });
        rig.fault(outside.clone());
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");

        let unread = |api: Api, department: i64| json!({ "api": api.path(), "dept_id": department, "kind": "errcode", "code": 40_035, "msg": "不合法的参数" });
        let unseen = json!({
            "api": Api::DepartmentGet.path(), "dept_id": 4_041, "kind": "errcode", "code": 50_004, "msg": "请求的部门id不在授权范围内",
        });
        for (case, faults, place) in [
            ("their list", vec![unread(Api::UserList, 4_041)], 4_041),
            (
                "the list of departments that theirs stands in",
                vec![unread(Api::DepartmentListSub, 4_040), unseen],
                4_041,
            ),
            (
                "the list that they were moved to",
                vec![unread(Api::UserList, 4_050)],
                4_050,
            ),
        ] {
            rig.mend();
            rig.fault(outside.clone());
            rig.edit(json!({ "edit": "move", "userid": person, "departments": [place] }));
            faults.into_iter().for_each(|fault| rig.fault(fault));
            for mode in [RunMode::Full, RunMode::Reconcile] {
                let run = replica.run(mode).await;
                assert_eq!(run.verdict, Some(Verdict::Partial), "{case}: {run:?}");
                assert_eq!(replica.state(person), RecordState::Active, "{case}: {run:?}");
                let below = replica.snapshot().department(DeptId(4_041)).unwrap().standing.state;
                assert_eq!(below, RecordState::Active, "{case}: {run:?}");
            }
        }

        rig.mend();
        rig.fault(outside);
        rig.edit(json!({ "edit": "leave", "userid": person }));
        replica.sync().await;
        assert_eq!(replica.state(person), RecordState::Gone, "no list names them");
    }
);
