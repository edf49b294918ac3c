//! Sync runs as a page shows them: numbers, phases, the calls to come, and the evidence by side and kind.

use std::time::Duration;

use dingmirror::auth::Permission;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer},
};

const RUN: &str = "id number state phase verdict startedAt finishedAt phases { phase startedAt finishedAt }
    counts { totalCalls calls { api calls expected } }
    evidence { oneSidedUsers usersOnlyInLists usersOnlyInRecords absent absentUsers absentDepartments
        confirmedGone confirmedGoneUsers confirmedGoneDepartments fieldsWithheld withheld { permission users } }";

async fn newest(server: &TestServer) -> Value {
    let query = format!("{{ syncRuns(first: 1) {{ nodes {{ {RUN} }} }} }}");
    server.data(&query, json!({})).await["syncRuns"]["nodes"][0].take()
}

async fn numbers(server: &TestServer) -> Vec<Value> {
    let data = server
        .data("{ syncRuns(first: 10) { nodes { number } } }", json!({}))
        .await;
    list(&data["syncRuns"]["nodes"])
        .iter()
        .map(|it| it["number"].clone())
        .collect()
}

both_databases!(
    async fn runs_are_counted_and_their_phases_timed(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let before = numbers(&server).await.len();
        server.sync().await;
        let counted: Vec<Value> = (1..=before + 1).rev().map(|number| json!(number)).collect();
        assert_eq!(numbers(&server).await, counted);

        let run = newest(&server).await;
        let phases = list(&run["phases"]);
        let named: Vec<&str> = phases.iter().map(|it| it["phase"].as_str().unwrap()).collect();
        assert_eq!(named, ["PLANNING", "CRAWLING", "VERIFYING", "APPLYING"], "{run:#}");
        assert_eq!(phases[0]["startedAt"], run["startedAt"]);
        assert_eq!(phases[3]["finishedAt"], run["finishedAt"]);
        for pair in phases.windows(2) {
            assert_eq!(
                pair[0]["finishedAt"], pair[1]["startedAt"],
                "one begins where the other ends"
            );
        }
        for calls in list(&run["counts"]["calls"]) {
            assert_eq!(calls["calls"], calls["expected"], "it is over: {run:#}");
        }
        server.stop().await;
    }
);

both_databases!(
    async fn a_run_at_work_tells_the_calls_to_come(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let done = newest(&server).await;
        let calls_of = |run: &Value, api: &str, field: &str| {
            let calls = list(&run["counts"]["calls"]).iter().find(|it| it["api"] == api);
            calls.and_then(|it| it[field].as_i64())
        };
        let departments = calls_of(&done, "department_get", "calls").unwrap();
        assert_eq!(departments, 9);

        let slow = json!({ "api": "/topapi/v2/department/get", "kind": "slow", "ms": 700, "count": 100 });
        dingtalk.tell(Method::POST, "faults", slow).await;
        let start = "mutation { startSync(input: {}) { run { id } userErrors { message } } }";
        while server.data(start, json!({})).await["startSync"]["run"]["id"] == done["id"] {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let crawling = loop {
            let run = newest(&server).await;
            assert_ne!(run["state"], "FINISHED", "it was never seen at work");
            if run["phase"] == "CRAWLING" && calls_of(&run, "department_get", "expected").is_some() {
                break run;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(
            calls_of(&crawling, "department_get", "expected"),
            Some(departments),
            "the mirror knows how many there are before the tree is found: {crawling:#}"
        );
        assert!(
            calls_of(&crawling, "department_get", "calls") <= Some(departments),
            "{crawling:#}"
        );
        let phases = list(&crawling["phases"]);
        assert!(
            phases[1]["finishedAt"].is_null() && phases[0]["finishedAt"].is_string(),
            "{crawling:#}"
        );
        dingtalk.tell(Method::DELETE, "faults", json!({})).await;
        server.stop().await;
    }
);

both_databases!(
    async fn the_evidence_tells_sides_and_kinds_apart(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let truth = dingtalk.control("directory").await;
        let leaf = list(&truth["departments"]).iter().find(|it| {
            let id = &it["dept_id"];
            it["dept_id"] != 1
                && !list(&truth["departments"])
                    .iter()
                    .any(|other| other["parent_id"] == *id)
        });
        let leaf = leaf.expect("a department without departments")["dept_id"].clone();
        let leaver = &truth["users"][20]["userid"];
        dingtalk
            .tell(
                Method::POST,
                "edits",
                json!([{ "edit": "remove_department", "dept_id": leaf }, { "edit": "leave", "userid": leaver }]),
            )
            .await;
        // Nobody's mobile number and email address is shown any more.
        let withdrawn = json!({ "personal": false, "mobile": false });
        dingtalk.tell(Method::PUT, "permissions", withdrawn).await;
        dingtalk.tell(Method::POST, "tokens/expire", json!({})).await;
        server.sync().await;

        let evidence = newest(&server).await["evidence"].take();
        for (all, users, departments) in [
            ("absent", "absentUsers", "absentDepartments"),
            ("confirmedGone", "confirmedGoneUsers", "confirmedGoneDepartments"),
        ] {
            assert_eq!(
                (&evidence[all], &evidence[users], &evidence[departments]),
                (&json!(2), &json!(1), &json!(1)),
                "{evidence:#}"
            );
        }
        assert_eq!(
            (
                &evidence["oneSidedUsers"],
                &evidence["usersOnlyInLists"],
                &evidence["usersOnlyInRecords"]
            ),
            (&json!(0), &json!(0), &json!(0))
        );

        let withheld = list(&evidence["withheld"]);
        let permissions: Vec<&Value> = withheld.iter().map(|it| &it["permission"]).collect();
        let mut told: Vec<&Value> = list(&evidence["fieldsWithheld"]).iter().collect();
        told.sort_by_key(|it| it.to_string());
        assert_eq!(permissions, told);
        assert!(!withheld.is_empty(), "{evidence:#}");
        let people = server.data("{ mirror { userCount } }", json!({})).await["mirror"]["userCount"].take();
        for fields in withheld {
            let count = fields["users"].as_i64();
            assert!(count > Some(0) && count <= people.as_i64(), "{evidence:#}");
        }

        let nobody = server.token(&[Permission::MessageRead]);
        let refused = server
            .graphql(&nobody, "{ syncRuns(first: 1) { nodes { number } } }", json!({}))
            .await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
        server.stop().await;
    }
);

both_databases!(
    async fn runs_of_an_earlier_version_are_numbered_in_their_order(database: TestDatabase) {
        use dingmirror::directory::{RunEvidence, RunState};
        let store = crate::store::open(database).await;
        for _ in 0..3 {
            let mut run = crate::store::run();
            (run.number, run.state, run.phases) = (None, RunState::Finished, Vec::new());
            run.evidence = Some(RunEvidence::default());
            store.insert_run(&run).await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        crate::store::migrated_before(&store, "m0029").await.unwrap();
        store.migrate().await.unwrap();
        drop(store);

        let dingtalk = TestDingTalk::start(10, 2).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let shown = numbers(&server).await;
        let counted: Vec<Value> = (1..=shown.len()).rev().map(|number| json!(number)).collect();
        assert_eq!(shown, counted);
        let query = format!("{{ syncRuns(last: 1) {{ nodes {{ {RUN} }} }} }}");
        let oldest = server.data(&query, json!({})).await["syncRuns"]["nodes"][0].take();
        assert_eq!(
            (
                &oldest["number"],
                &oldest["phases"],
                &oldest["evidence"]["absentUsers"],
                &oldest["evidence"]["withheld"]
            ),
            (&json!(1), &json!([]), &Value::Null, &Value::Null),
            "{oldest:#}"
        );
        server.stop().await;
    }
);
