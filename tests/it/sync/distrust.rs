//! Nobody is ever removed because DingTalk's answers fell short.

use dingmirror::directory::{DeptId, RecordState, RunMode, RunState, SyncRun, UserId, Verdict};
use serde_json::{Value, json};

use super::rig::{Replica, Rig};
use crate::support::database::TestDatabase;

async fn synced(database: &TestDatabase) -> (Rig, Replica) {
    let rig = Rig::new(database, 120, 20, None).await;
    let replica = rig.quiet();
    assert_eq!(replica.sync().await.verdict, Some(Verdict::Complete));
    (rig, replica)
}

fn nobody_gone(replica: &Replica, run: &SyncRun) {
    let snapshot = replica.snapshot();
    assert_eq!(
        (snapshot.user_count(), snapshot.department_count()),
        (120, 20),
        "{run:?}"
    );
    assert_eq!(run.counts.removed, 0);
}

both_databases!(
    async fn a_narrower_scope_is_not_leaving(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let some = rig.truth()["departments"][5]["dept_id"].clone();
        for scope in [
            json!({ "authed_dept": [some], "authed_user": [] }),
            json!({ "authed_dept": [], "authed_user": [] }),
        ] {
            assert!(rig.simulator.control().set_scope(scope).is_ok());
            let run = replica.sync().await;
            assert_eq!(
                (run.state, run.verdict),
                (RunState::Finished, Some(Verdict::Suspect)),
                "{run:?}"
            );
            assert!(
                run.findings.iter().any(|it| it.contains("通讯录权限范围")),
                "{:?}",
                run.findings
            );
            nobody_gone(&replica, &run);
        }

        assert!(
            rig.simulator
                .control()
                .set_scope(json!({ "authed_dept": [1], "authed_user": [] }))
                .is_ok()
        );

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.counts.removed),
            (Some(Verdict::Complete), 0),
            "{run:?}"
        );
        nobody_gone(&replica, &run);
        let held = replica.snapshot();
        assert!(
            held.users().all(|it| it.standing.state == RecordState::Active),
            "whoever was held is back"
        );
    }
);

both_databases!(
    async fn a_lost_root_is_not_leaving_either_where_the_settings_leave_a_part_out(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        rig.set(|settings| settings.exclude_departments = [77].into());
        let snapshot = replica.snapshot();
        let mut tops = snapshot.children(DeptId::ROOT).to_vec();
        tops.sort_by_key(|id| snapshot.total_members(*id));
        let scope = json!({ "authed_dept": tops[1..], "authed_user": [] });
        assert!(rig.simulator.control().set_scope(scope).is_ok());

        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Suspect), "{run:?}");
        assert!(
            run.findings
                .iter()
                .any(|it| it.contains("root department no longer is")),
            "{:?}",
            run.findings
        );
        nobody_gone(&replica, &run);
    }
);

both_databases!(
    async fn the_root_department_is_never_removed_on_one_answer(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        for code in [60003, 50004] {
            rig.fault(json!([
                { "api": "/topapi/v2/department/get", "kind": "errcode", "code": code, "msg": "x", "dept_id": 1 },
            ]));
            let refreshed = replica.engine.refresh_department(DeptId::ROOT, "eve").await.unwrap();
            assert!(refreshed.untold.is_some(), "{code}: {refreshed:?}");
            assert_eq!((refreshed.revision, refreshed.held), (None, false), "{code}");

            let run = replica.sync().await;
            assert_ne!(run.verdict, Some(Verdict::Complete), "{code}: {run:?}");
            nobody_gone(&replica, &run);
            rig.mend();
        }
    }
);

both_databases!(
    async fn empty_lists_failing_departments_and_lost_permissions_remove_nobody(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let lists = ["/topapi/v2/department/listsub", "/topapi/v2/user/list"];
        for (faults, verdict) in [
            (
                json!(lists.map(|api| json!({ "api": api, "kind": "empty_list" }))),
                Some(Verdict::Suspect),
            ),
            (
                json!([{ "api": lists[1], "kind": "empty_list" }]),
                Some(Verdict::Suspect),
            ),
            (
                json!([{ "api": lists[1], "kind": "errcode", "code": 50004, "msg": "x", "skip": 10 }]),
                Some(Verdict::Suspect),
            ),
            (
                json!([{ "api": lists[1], "kind": "errcode", "code": 50004, "msg": "x", "skip": 19 }]),
                Some(Verdict::Partial),
            ),
            (
                json!([{ "api": lists[0], "kind": "errcode", "code": 60003, "msg": "x", "dept_id": 1 }]),
                Some(Verdict::Suspect),
            ),
        ] {
            rig.fault(faults.clone());
            let run = replica.sync().await;
            assert_eq!(
                (run.state, run.verdict),
                (RunState::Finished, verdict),
                "{faults}: {run:?}"
            );
            assert!(!run.findings.is_empty());
            nobody_gone(&replica, &run);
            rig.mend();
        }

        rig.simulator
            .control()
            .set_permissions(json!({ "points": ["qyapi_base", "qyapi_get_department_list"] }))
            .ok();
        rig.new_token().await;
        let run = replica.sync().await;
        assert_eq!(run.state, RunState::Failed, "{run:?}");
        assert!(
            run.error.as_ref().is_some_and(|it| it.contains("qyapi_get")),
            "{:?}",
            run.error
        );
        nobody_gone(&replica, &run);
    }
);

both_databases!(
    async fn a_field_permission_that_is_withdrawn_blanks_nobody(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let emails = |replica: &Replica| replica.snapshot().users().filter(|it| it.facts.email.is_some()).count();
        let before = emails(&replica);
        rig.simulator
            .control()
            .set_permissions(json!({ "personal": false, "mobile": false }))
            .ok();
        rig.new_token().await;

        let run = replica.sync().await;
        assert!(run.findings.iter().any(|it| it.contains("邮箱等个人信息")), "{run:?}");
        assert_eq!((emails(&replica), run.counts.users_changed), (before, 0));
    }
);

both_databases!(
    async fn a_field_permission_that_is_withdrawn_blanks_nobody_whose_own_record_is_read_again(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let known = |replica: &Replica| -> Vec<_> {
            let snapshot = replica.snapshot();
            let mut known: Vec<_> = snapshot
                .users()
                .map(|it| (it.facts.userid.clone(), it.facts.email.clone(), it.facts.mobile.clone()))
                .collect();
            known.sort();
            known
        };

        let before = known(&replica);
        rig.simulator
            .control()
            .set_permissions(json!({ "personal": false, "mobile": false }))
            .ok();
        rig.new_token().await;

        let run = replica.run(RunMode::Reconcile).await;
        assert!(
            run.counts.calls.values().sum::<u64>() > 0 && run.error.is_none(),
            "{run:?}"
        );
        assert_eq!(known(&replica), before, "{run:?}");
    }
);

both_databases!(
    async fn a_field_permission_that_is_withdrawn_blanks_nobody_one_by_one_either(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let truth = rig.truth();
        let users = truth["users"].as_array().unwrap();
        let has = |it: &&Value| {
            ["email", "mobile"]
                .iter()
                .all(|key| it[*key].as_str().is_some_and(|it| !it.is_empty()))
        };
        let them: Vec<UserId> = users
            .iter()
            .filter(has)
            .take(2)
            .map(|it| it["userid"].as_str().unwrap().into())
            .collect();
        let [anna, ben] = [&them[0], &them[1]];
        let known = |id: &UserId| {
            let facts = replica.snapshot().user(id.as_str()).unwrap().facts.clone();
            (facts.email, facts.mobile)
        };
        let before = [known(anna), known(ben)];

        // A cleared value is an empty text, and is taken over at once.
        rig.simulator
            .control()
            .set_permissions(json!({ "empty_fields": "blank" }))
            .ok();
        rig.new_token().await;
        rig.edit(json!({ "edit": "update_user", "userid": ben, "fields": { "email": "" } }));
        replica.engine.refresh_user(ben.clone(), "eve").await.unwrap();
        assert_eq!(known(ben), (Some("".into()), before[1].1.clone()));

        rig.simulator
            .control()
            .set_permissions(json!({ "personal": false, "mobile": false }))
            .ok();
        rig.new_token().await;
        rig.edit(json!({ "edit": "update_user", "userid": anna, "fields": { "title": "Moved up" } }));
        replica.engine.refresh_user(anna.clone(), "eve").await.unwrap();
        assert_eq!(
            replica.snapshot().user(anna.as_str()).unwrap().facts.title.as_deref(),
            Some("Moved up")
        );
        assert_eq!(known(anna), before[0], "one answer's silence is no news");

        let run = replica.sync().await;
        assert!(run.findings.iter().any(|it| it.contains("邮箱等个人信息")), "{run:?}");
        assert_eq!(known(anna), before[0]);
    }
);

both_databases!(
    async fn a_landslide_is_not_believed(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let truth = rig.truth();
        let ids = truth["users"].as_array().unwrap().iter().map(|it| it["userid"].clone());
        rig.edit(
            ids.skip(20)
                .take(40)
                .map(|id| json!({ "edit": "leave", "userid": id }))
                .collect(),
        );

        let run = replica.sync().await;
        assert_eq!((run.verdict, run.counts.held), (Some(Verdict::Complete), 40), "{run:?}");
        assert!(run.findings[0].contains("heldRemovals"), "{:?}", run.findings);
        nobody_gone(&replica, &run);
    }
);

both_databases!(
    async fn a_permission_lost_in_mid_run_or_half_of_the_departments_failing_removes_nobody(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let id = rig.truth()["users"][30]["userid"].clone();
        rig.edit(json!({ "edit": "leave", "userid": id }));
        let departments = rig.truth()["departments"].as_array().unwrap().clone();
        let every_other = departments.iter().step_by(2).map(|it| {
            json!({ "api": "/topapi/v2/user/list", "kind": "errcode", "code": -1, "msg": "系统繁忙", "dept_id": it["dept_id"] })
        });
        let refused = json!([
            { "api": "/topapi/v2/department/listsub", "kind": "errcode", "code": 60011, "msg": "x", "wrapped": true, "skip": 8 },
        ]);
        let no_root = json!([{ "api": "/topapi/v2/department/listsub", "kind": "empty_list", "dept_id": 1 }]);

        for (faults, part) in [
            (refused, "qyapi_get_department_list"),
            (json!(every_other.collect::<Vec<_>>()), "could not be listed"),
            (no_root, "were seen where the mirror has"),
        ] {
            rig.fault(faults);
            let run = replica.sync().await;
            assert_eq!(run.verdict, Some(Verdict::Suspect), "{run:?}");
            assert!(
                run.findings.iter().any(|it| it.contains(part)),
                "{part}: {:?}",
                run.findings
            );

            // Of whoever left their own record says so.
            let snapshot = replica.snapshot();
            let gone = snapshot.users().filter(|it| it.standing.state != RecordState::Active);
            assert!(gone.into_iter().all(|it| *it.facts.userid.as_str() == id), "{run:?}");
            assert_eq!(snapshot.department_count(), 20);
            rig.mend();
        }

        rig.new_token().await;
        let run = replica.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
        let left = replica.snapshot().user(id.as_str().unwrap()).unwrap().standing.state;
        assert_ne!(left, RecordState::Active, "{run:?}");
    }
);

both_databases!(
    async fn passing_trouble_is_ridden_out(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        rig.edit(json!({ "edit": "hire", "userid": "newcomer", "departments": [1] }));
        rig.fault(json!([
            { "kind": "busy", "count": 2, "skip": 3 },
            { "kind": "timeout15", "count": 2, "skip": 9 },
            { "kind": "empty_sub_code_88", "count": 1, "skip": 12 },
            { "kind": "truncated_json", "count": 1, "skip": 20 },
            { "kind": "close_connection", "count": 1, "skip": 25 },
            { "kind": "throttle", "count": 2, "skip": 30 },
        ]));

        let run = replica.sync().await;
        assert_eq!(
            (run.state, run.verdict),
            (RunState::Finished, Some(Verdict::Complete)),
            "{run:?}"
        );
        assert_eq!(replica.snapshot().user_count(), 121);
    }
);

both_databases!(
    async fn one_record_that_cannot_be_read_is_an_entry_error(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let id = rig.truth()["users"][30]["userid"].as_str().unwrap().to_owned();
        rig.edit(json!([
            { "edit": "update_user", "userid": id, "fields": { "title": "x" } },
            { "edit": "hire", "userid": "newcomer", "departments": [1] },
        ]));
        rig.fault(json!([
            { "api": "/topapi/v2/user/get", "kind": "errcode", "code": 400002, "msg": "无效的参数", "userid": id },
        ]));

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.counts.entry_errors),
            (Some(Verdict::Partial), 1),
            "{run:?}"
        );

        let page = dingmirror::page::PageRequest::new(10, None);
        let errors = rig.store.entry_errors(run.id, page).await.unwrap().items;
        assert_eq!(errors[0].1.subject, format!("user {id}"));
        assert_eq!(replica.snapshot().user_count(), 121, "the others were read");
    }
);

both_databases!(
    async fn without_bulk_permission_the_seven_urls_do_it(database: TestDatabase) {
        let rig = Rig::new(database, 60, 8, None).await;
        let points = ["qyapi_base", "qyapi_get_department_list", "qyapi_get_member"];
        rig.simulator
            .control()
            .set_permissions(json!({ "points": points }))
            .ok();
        let replica = rig.quiet();

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.strategy.as_deref()),
            (Some(Verdict::Complete), Some("SEVEN_URLS")),
            "{run:?}"
        );
        assert!(
            run.findings.iter().any(|it| it.contains("userListUrl")),
            "{:?}",
            run.findings
        );
        assert_eq!(replica.snapshot().user_count(), 60);
    }
);

both_databases!(
    async fn a_code_that_nobody_knows_is_no_evidence_and_its_words_are_told(database: TestDatabase) {
        let (rig, replica) = synced(database).await;
        let id = rig.truth()["users"][30]["userid"].as_str().unwrap().to_owned();
        rig.edit(json!({ "edit": "leave", "userid": id }));
        let user_get = "/topapi/v2/user/get";

        for (body, code) in [
            (json!({ "errcode": 987_654, "errmsg": "new words" }), "987654"),
            (
                json!({ "errcode": 88, "sub_code": "987654", "sub_msg": "new words" }),
                "987654",
            ),
            (
                json!({ "code": "some.new.word", "message": "new words" }),
                "some.new.word",
            ),
            (json!({ "errcode": 60_003, "errmsg": "new words" }), "60003"),
            (json!({ "errcode": 40_031, "errmsg": "new words" }), "40031"),
        ] {
            rig.fault(json!([{ "api": user_get, "kind": "answer", "body": body, "userid": id }]));
            let run = replica.sync().await;
            assert_eq!(run.counts.removed, 0, "{body}: {run:?}");
            assert_ne!(run.verdict, Some(Verdict::Complete), "{body}: {run:?}");

            let page = dingmirror::page::PageRequest::new(10, None);
            let errors = rig.store.entry_errors(run.id, page).await.unwrap().items;
            let told = errors.iter().find(|it| it.1.subject == format!("user {id}"));
            let told = &told.unwrap_or_else(|| panic!("{body}: {errors:?}")).1;
            assert_eq!(told.code.as_deref(), Some(code));
            assert!(
                told.message.contains("new words") && !told.message.contains("URL"),
                "{told:?}"
            );
            nobody_gone(&replica, &run);
            rig.mend();
        }

        let run = replica.sync().await;
        assert_eq!(
            (run.verdict, run.counts.removed),
            (Some(Verdict::Complete), 1),
            "{run:?}"
        );
    }
);
