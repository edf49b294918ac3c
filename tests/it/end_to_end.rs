//! The whole path on both databases: a first sync mirrors the simulated company exactly, and answers from it.

use std::collections::{BTreeMap, BTreeSet};

use dingmirror::directory::Verdict;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

both_databases!(
    async fn a_first_sync_mirrors_every_department_and_person_of_the_company(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(300, 40).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;
        let run = server.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:#?}");

        let truth = dingtalk.control("directory").await;
        let departments = all(&server, "departments", "deptId name parentId").await;
        let mirrored: BTreeMap<String, (String, Option<String>)> = departments
            .iter()
            .map(|d| {
                (
                    text(&d["deptId"]),
                    (text(&d["name"]), d["parentId"].as_str().map(str::to_owned)),
                )
            })
            .collect();
        let expected: BTreeMap<String, (String, Option<String>)> = truth["departments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| {
                let parent = d["parent_id"].as_i64().map(|id| id.to_string());
                (d["dept_id"].as_i64().unwrap().to_string(), (text(&d["name"]), parent))
            })
            .collect();
        assert_eq!(mirrored, expected);

        let users = all(
            &server,
            "users",
            "userId name jobNumber email mobile memberships(first: 100) { nodes { department { deptId } } }",
        )
        .await;
        let mirrored: BTreeMap<String, Value> = users.iter().map(|u| (text(&u["userId"]), person(u))).collect();
        let expected: BTreeMap<String, Value> = truth["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|u| {
                let departments: BTreeSet<String> = u["dept_id_list"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_i64)
                    .filter(|id| *id > 0)
                    .map(|id| id.to_string())
                    .collect();
                let person = json!({ "name": u["name"], "departments": departments });
                (text(&u["userid"]), person)
            })
            .collect();
        assert_eq!(mirrored.len(), 300);
        assert_eq!(mirrored, expected);

        let mirror = server
            .data("{ mirror { revision verdict departmentCount userCount } }", json!({}))
            .await;
        assert_eq!(mirror["mirror"]["departmentCount"], truth["counts"]["departments"]);
        assert_eq!(mirror["mirror"]["userCount"], truth["counts"]["users"]);

        let figures = server
            .http
            .get(format!("{}/metrics", server.base))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        for figure in [
            "dingmirror_mirror_users 300",
            "dingmirror_sync_last_complete 1",
            "dingmirror_sync_running 0",
        ] {
            assert!(figures.contains(figure), "{figure} is missing from {figures}");
        }
        assert!(
            figures.contains("dingmirror_dingtalk_calls_total{api=\"/auth/scopes\"} 1"),
            "{figures}"
        );

        // The second sync finds nothing to write.
        let again = server.sync().await;
        assert_eq!(
            (
                again.revision,
                again.counts.users_changed,
                again.counts.departments_changed
            ),
            (None, 0, 0),
            "{again:#?}"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn a_directory_edit_reaches_the_mirror_and_the_change_feed_with_the_next_sync(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 12).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let before = server
            .data(
                "{ mirror { revision } changes(first: 500) { pageInfo { endCursor } } }",
                json!({}),
            )
            .await;

        let truth = dingtalk.control("directory").await;
        let leaver = text(&truth["users"][7]["userid"]);
        let moved = text(&truth["users"][8]["userid"]);
        let department = truth["departments"].as_array().unwrap().last().unwrap()["dept_id"].clone();
        dingtalk
            .tell(
                reqwest::Method::POST,
                "edits",
                json!([
                    { "edit": "leave", "userid": leaver },
                    { "edit": "move", "userid": moved, "departments": [department] },
                    { "edit": "rename_department", "dept_id": department, "name": "改名后的部门" },
                ]),
            )
            .await;
        let run = server.sync().await;
        assert_eq!(run.verdict, Some(Verdict::Complete), "{run:#?}");

        let query = "query ($left: String!, $moved: String!, $dept: BigInt!, $after: String) {
        left: user(userId: $left) { state goneCause }
        moved: user(userId: $moved) { memberships { nodes { department { deptId name } } } }
        department(deptId: $dept) { name }
        changes(first: 500, after: $after) { nodes { entity entityId kind revision } }
    }";
        let data = server.data(query, json!({
        "left": leaver, "moved": moved, "dept": department.to_string(), "after": before["changes"]["pageInfo"]["endCursor"],
    })).await;
        assert_eq!(data["left"], json!({ "state": "GONE", "goneCause": "LEFT" }));
        assert_eq!(data["department"]["name"], "改名后的部门");
        assert_eq!(
            data["moved"]["memberships"]["nodes"],
            json!([{ "department": { "deptId": department.to_string(), "name": "改名后的部门" } }])
        );
        let changes: BTreeSet<(String, String)> = data["changes"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| (text(&c["entityId"]), text(&c["kind"])))
            .collect();
        for expected in [
            (leaver, "REMOVED"),
            (moved, "MOVED"),
            (department.to_string(), "UPDATED"),
        ] {
            assert!(
                changes.contains(&(expected.0.clone(), expected.1.to_owned())),
                "{expected:?} is missing from {changes:?}"
            );
        }
        server.stop().await;
    }
);

both_databases!(
    async fn a_restarted_server_answers_from_its_mirror_while_dingtalk_is_away(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 8).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let asked = "{ mirror { revision userCount departmentCount } users(first: 500) { nodes { userId name memberships { nodes { leader order department { deptId } } } } } }";
        let before = server.data(asked, json!({})).await;
        server.stop().await;
        dingtalk.shutdown.cancel();

        let server = TestServer::start(database.target(), &dingtalk).await;
        assert_eq!(server.data(asked, json!({})).await, before);
        server.stop().await;
    }
);

/// Every node of a root connection, page by page.
async fn all(server: &TestServer, field: &str, selection: &str) -> Vec<Value> {
    let query = format!(
        "query ($after: String) {{ {field}(first: 97, after: $after) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}"
    );
    let (mut found, mut after) = (Vec::new(), Value::Null);

    loop {
        let page = server.data(&query, json!({ "after": after })).await;
        let page = &page[field];
        found.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], found.len());
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn person(user: &Value) -> Value {
    let departments: BTreeSet<String> = user["memberships"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|membership| text(&membership["department"]["deptId"]))
        .collect();
    json!({ "name": user["name"], "departments": departments })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
