//! Syncs through the API: modes, evidence, what a run changed or would change, held removals, reading one record now.

use dingmirror::{
    auth::Permission,
    catalogue::Statement,
    directory::{Cause, GoneCause, RecordState},
};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const START: &str = "mutation ($mode: SyncMode) { startSync(input: { mode: $mode }) { run { id mode resumed } alreadyRunning userErrors { message } } }";

/// Runs a sync of this mode and gives the run as the API shows it at its end.
async fn run(server: &TestServer, mode: &str) -> Value {
    // A run's row says that it is over a moment before the next one may start.
    let started = loop {
        let started = server.data(START, json!({ "mode": mode })).await;
        if started["startSync"]["alreadyRunning"] == false {
            break started;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    };

    let id = started["startSync"]["run"]["id"].clone();
    assert_eq!(started["startSync"]["run"]["mode"], mode, "{started}");
    let query = "query ($id: ID!) { syncRun(id: $id) { state mode verdict findings revision resumed
        counts { totalCalls removed held usersChanged resumedAnswers calls { api calls } }
        evidence { departmentsSeen departmentsReadable departmentsUnreadable { code departments } homeSchoolDepartments
            usersByDepartments usersRead oneSidedUsers userCount usersInMirror absent confirmedGone fieldsWithheld }
        changes(first: 100) { totalCount nodes { entity entityId kind fields { field after } } } } }";

    loop {
        let shown = server.data(query, json!({ "id": id })).await["syncRun"].take();
        if shown["state"] != "RUNNING" {
            return shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

both_databases!(
    async fn a_run_shows_its_evidence_and_a_dry_run_what_it_would_change(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let leaver = dingtalk.control("directory").await["users"][20]["userid"].clone();
        dingtalk
            .tell(
                reqwest::Method::POST,
                "edits",
                json!([
                    { "edit": "leave", "userid": leaver },
                    { "edit": "hire", "userid": "newcomer", "departments": [1] },
                ]),
            )
            .await;

        let dry = run(&server, "DRY_RUN").await;
        assert_eq!(
            (&dry["state"], &dry["revision"]),
            (&json!("FINISHED"), &Value::Null),
            "{dry:#}"
        );
        let kinds = |run: &Value| {
            let nodes = run["changes"]["nodes"].as_array().unwrap();
            let mut kinds: Vec<(Value, Value)> = nodes
                .iter()
                .map(|it| (it["entityId"].clone(), it["kind"].clone()))
                .collect();
            kinds.sort_by_key(|it| it.0.to_string());
            kinds
        };
        let mut expected = vec![
            (leaver.clone(), json!("REMOVED")),
            (json!("newcomer"), json!("CREATED")),
        ];
        expected.sort_by_key(|it| it.0.to_string());
        assert_eq!(kinds(&dry), expected);

        let absent = server.data("{ user(userId: \"newcomer\") { state } }", json!({})).await;
        assert_eq!(absent["user"], Value::Null, "nothing was written");

        let full = run(&server, "FULL").await;
        assert_eq!(kinds(&full), expected);
        assert_eq!(full["changes"]["totalCount"], 2);
        let evidence = &full["evidence"];
        assert_eq!(
            (
                &evidence["departmentsSeen"],
                &evidence["departmentsReadable"],
                &evidence["homeSchoolDepartments"]
            ),
            (&json!(9), &json!(9), &json!(2)),
            "{evidence:#}"
        );
        assert_eq!(
            (&evidence["usersByDepartments"], &evidence["userCount"]),
            (&json!(60), &json!(60))
        );
        assert_eq!(
            (
                &evidence["absent"],
                &evidence["confirmedGone"],
                &evidence["oneSidedUsers"]
            ),
            (&json!(1), &json!(1), &json!(0))
        );

        let again = run(&server, "RECONCILE").await;
        assert_eq!(
            (&again["verdict"], &again["revision"]),
            (&json!("COMPLETE"), &Value::Null),
            "{again:#}"
        );
        let verified = server.data("{ user(userId: \"newcomer\") { firstSeen lastVerifiedAt } mirror { verificationCycleSeconds pendingEvents } }", json!({})).await;
        let at = |key: &str| verified["user"][key].as_str().unwrap().to_owned();
        assert!(at("lastVerifiedAt") >= at("firstSeen"), "{verified}");
        assert_eq!(verified["mirror"]["pendingEvents"], 0);
        server.stop().await;
    }
);

/// A message that waits for this person, and a link by hand that leads to them.
async fn affected(server: &TestServer, user: &Value) {
    let stop = dingmirror::store::Stop {
        until: dingmirror::clock::Clock::system().now() + std::time::Duration::from_secs(3_600),
        code: None,
        reason: Statement::other("The test stops it."),
    };
    server.services.store.stop_sending(&stop).await.unwrap();

    let active = "mutation ($u: String!) {
        sendMessage(input: { recipients: { userIds: [$u] }, content: { text: { content: \"hi\" } } }) { message { state } userErrors { message } }
        linkIdentity(input: { identity: { username: \"linked\" }, userId: $u }) { link { id } userErrors { message } } }";
    let done = server.data(active, json!({ "u": user })).await;
    assert_eq!(done["sendMessage"]["message"]["state"], "QUEUED", "{done}");
    assert!(done["linkIdentity"]["link"]["id"].is_string(), "{done}");
}

both_databases!(
    async fn held_removals_are_listed_and_decided(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(80, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let truth = dingtalk.control("directory").await;
        let leavers: Vec<Value> = truth["users"].as_array().unwrap()[10..40]
            .iter()
            .map(|it| it["userid"].clone())
            .collect();
        let edits: Vec<Value> = leavers
            .iter()
            .map(|id| json!({ "edit": "leave", "userid": id }))
            .collect();
        let mut active = truth["users"].as_array().unwrap()[10..40].iter();
        let busy = active.find(|it| it["active"] == true).unwrap()["userid"].clone();
        affected(&server, &busy).await;

        dingtalk.tell(reqwest::Method::POST, "edits", json!(edits)).await;
        let held = run(&server, "FULL").await;
        assert_eq!(
            (&held["verdict"], &held["counts"]["held"], &held["counts"]["removed"]),
            (&json!("COMPLETE"), &json!(30), &json!(0))
        );

        let query = "query ($after: String) { heldRemovals(first: 7, after: $after, state: PENDING) { totalCount pageInfo { hasNextPage endCursor }
            nodes { entity entityId cause state reason queuedMessages links { identity { username } } under { deptId } user { userId state goneCause } } } }";
        let (mut listed, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = server.data(query, json!({ "after": after })).await["heldRemovals"].take();
            assert_eq!(page["totalCount"], 30);
            listed.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(listed.len(), 30);

        let affected: Vec<_> = listed.iter().filter(|it| it["queuedMessages"] == 1).collect();
        assert_eq!(affected.len(), 1);
        assert_eq!(affected[0]["entityId"], busy);
        assert_eq!(affected[0]["links"], json!([{ "identity": { "username": "linked" } }]));
        assert!(
            listed
                .iter()
                .filter(|it| it["entityId"] != busy)
                .all(|it| it["links"] == json!([]))
        );
        assert!(listed.iter().all(|it| it["user"]["state"] == "HELD"
            && it["user"]["goneCause"] == "LEFT"
            && it["under"]["deptId"].is_string()));
        assert!(
            listed[0]["reason"].as_str().unwrap().contains("more than 10 %"),
            "{}",
            listed[0]
        );

        let reader = server.token(&[Permission::DirectoryRead]);
        let refused = server
            .graphql(
                &reader,
                "mutation { approveRemovals(input: { all: true }) { decided } }",
                json!({}),
            )
            .await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        for (input, part) in [
            (json!({}), "exactly one"),
            (json!({ "all": true, "deptId": "1" }), "exactly one"),
            (json!({ "userIds": vec!["x"; 1_001] }), "1001"),
        ] {
            let decide = "mutation ($input: DecideRemovalsInput!) { approveRemovals(input: $input) { decided userErrors { message field } } }";
            let answer = server.data(decide, json!({ "input": input })).await;
            assert!(
                answer["approveRemovals"]["userErrors"][0]["message"]
                    .as_str()
                    .unwrap()
                    .contains(part),
                "{answer}"
            );
        }

        let decide = "mutation ($id: String!) { rejectRemovals(input: { userIds: [$id] }) { decided revision } }";
        let rejected = server.data(decide, json!({ "id": leavers[0] })).await;
        assert_eq!(rejected["rejectRemovals"]["decided"], 1);
        let approved = server
            .data(
                "mutation { approveRemovals(input: { deptId: \"1\" }) { decided revision userErrors { message } } }",
                json!({}),
            )
            .await;
        assert_eq!(
            approved["approveRemovals"]["decided"], 29,
            "the whole company is below its root: {approved}"
        );

        let states = server
            .data(
                "query ($a: ID!, $b: ID!) { a: user(userId: $a) { state } b: user(userId: $b) { state } mirror { userCount } }"
                    .replace("ID!", "String!")
                    .as_str(),
                json!({ "a": leavers[0], "b": leavers[1] }),
            )
            .await;
        assert_eq!(
            (
                &states["a"]["state"],
                &states["b"]["state"],
                &states["mirror"]["userCount"]
            ),
            (&json!("ACTIVE"), &json!("GONE"), &json!(51))
        );
        server.stop().await;
    }
);

both_databases!(
    async fn one_record_is_read_now(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 8).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let truth = dingtalk.control("directory").await;
        let (anna, ben) = (truth["users"][5]["userid"].clone(), truth["users"][6]["userid"].clone());
        let department = truth["departments"][4]["dept_id"].as_i64().unwrap();
        dingtalk
            .tell(
                reqwest::Method::POST,
                "edits",
                json!([
                    { "edit": "create_department", "dept_id": 777_777, "name": "新设", "parent_id": department },
                    { "edit": "move", "userid": anna, "departments": [777_777] },
                    { "edit": "leave", "userid": ben },
                    { "edit": "rename_department", "dept_id": department, "name": "改名" },
                ]),
            )
            .await;

        let user = "mutation ($id: String!) { refreshUser(input: { userId: $id }) { user { state memberships { nodes { department { name } } } } revision userErrors { code field message } } }";
        let moved = server.data(user, json!({ "id": anna })).await["refreshUser"].take();
        assert_eq!(
            moved["user"]["memberships"]["nodes"][0]["department"]["name"], "新设",
            "its department came along: {moved}"
        );

        let gone = server.data(user, json!({ "id": ben })).await["refreshUser"].take();
        assert_eq!(
            (&gone["user"]["state"], gone["revision"].is_string()),
            (&json!("GONE"), true),
            "{gone}"
        );

        let nobody = server.data(user, json!({ "id": "nobody-knows-me" })).await["refreshUser"].take();
        assert_eq!(
            (&nobody["user"], &nobody["userErrors"]),
            (&Value::Null, &json!([])),
            "{nobody}"
        );
        let wrong = server.data(user, json!({ "id": "" })).await["refreshUser"].take();
        assert_eq!(wrong["userErrors"][0]["field"], json!(["input", "userId"]));

        let department_query = "mutation ($id: BigInt!) { refreshDepartment(input: { deptId: $id }) { department { name state } revision userErrors { code field message } } }";
        let renamed = server
            .data(department_query, json!({ "id": department.to_string() }))
            .await["refreshDepartment"]
            .take();
        assert_eq!(renamed["department"]["name"], "改名", "{renamed}");

        dingtalk
            .tell(
                reqwest::Method::POST,
                "faults",
                json!({ "api": "/topapi/v2/department/get", "kind": "errcode", "code": 50004, "msg": "x" }),
            )
            .await;
        let outside = server
            .data(department_query, json!({ "id": department.to_string() }))
            .await["refreshDepartment"]
            .take();
        assert_eq!(
            (&outside["department"]["state"], &outside["userErrors"][0]["code"]),
            (&json!("ACTIVE"), &json!("UPSTREAM")),
            "{outside}"
        );

        let negative = server.data(department_query, json!({ "id": "-7" })).await["refreshDepartment"].take();
        assert_eq!(
            negative["userErrors"][0]["field"],
            json!(["input", "deptId"]),
            "{negative}"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn an_empty_page_of_changes_keeps_the_cursor(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(10, 2).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let query = "query ($after: String) { changes(first: 500, after: $after) { nodes { cursor } pageInfo { endCursor hasNextPage } } }";
        let all = server.data(query, json!({})).await["changes"].take();
        let last = all["pageInfo"]["endCursor"].clone();
        let none = server.data(query, json!({ "after": last })).await["changes"].take();
        assert_eq!((&none["nodes"], &none["pageInfo"]["endCursor"]), (&json!([]), &last));
        server.stop().await;
    }
);

both_databases!(
    async fn a_mirror_that_contradicts_itself_is_not_complete_until_it_is_read_again(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let verdict = async || server.data("{ mirror { verdict } }", json!({})).await["mirror"]["verdict"].take();
        assert_eq!(verdict().await, "COMPLETE");

        let snapshot = server.services.snapshots.current();
        let is_wanted = |id| !snapshot.members(id).is_empty() && snapshot.children(id).is_empty();
        let department = snapshot.departments().find(|it| is_wanted(it.facts.dept_id)).unwrap();
        let mut removed = (**department).clone();
        (removed.standing.state, removed.standing.cause) = (RecordState::Gone, Some(GoneCause::DepartmentRemoved));
        let set = crate::store::fixtures::batch(vec![removed], Vec::new());
        let cause = Cause::Request("test".into());
        server.services.store.apply(set, cause, None).await.unwrap();
        let mut revisions = server.services.snapshots.subscribe();
        revisions.wait_for(|it| *it > snapshot.revision()).await.unwrap();
        assert_eq!(verdict().await, "PARTIAL");

        run(&server, "FULL").await;
        assert_eq!(verdict().await, "COMPLETE");
        server.stop().await;
    }
);
