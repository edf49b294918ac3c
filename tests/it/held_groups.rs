//! Held removals in groups: what would go and what depends on it, and a decision about just that.

use std::collections::BTreeMap;

use dingmirror::{auth::Permission, catalogue::Statement};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer},
};

const GROUPS: &str = "query ($s: HeldState) { heldRemovalGroups(state: $s) { totalCount nodes {
    under { deptId name } deptId cause state users departments queuedMessages links oldestHeldAt newestHeldAt reasons reasonStatements { code text } } } }";

async fn groups(server: &TestServer) -> Vec<Value> {
    let data = server.data(GROUPS, json!({ "s": "PENDING" })).await;
    let nodes = list(&data["heldRemovalGroups"]["nodes"]).to_vec();
    assert_eq!(data["heldRemovalGroups"]["totalCount"], nodes.len());
    nodes
}

/// Thirty people leave at once, which waits for somebody; by the department that each is decided with.
async fn thirty_leave(dingtalk: &TestDingTalk, server: &TestServer) -> BTreeMap<String, Vec<String>> {
    let truth = dingtalk.control("directory").await;
    let leavers = list(&truth["users"])[10..40].iter().map(|it| it["userid"].clone());
    let edits: Vec<Value> = leavers.map(|id| json!({ "edit": "leave", "userid": id })).collect();
    dingtalk.tell(Method::POST, "edits", json!(edits)).await;
    server.sync().await;

    let query = "{ heldRemovals(first: 500, state: PENDING) { nodes { entityId under { deptId } } } }";
    let data = server.data(query, json!({})).await;
    let mut by_department: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for held in list(&data["heldRemovals"]["nodes"]) {
        let under = held["under"]["deptId"].as_str().unwrap().to_owned();
        let id = held["entityId"].as_str().unwrap().to_owned();
        by_department.entry(under).or_default().push(id);
    }
    assert!(by_department.len() > 2, "they are of several departments");
    by_department
}

/// Messages that wait, and a link by hand, for these people.
async fn depend_on(server: &TestServer, people: &[String]) {
    let stop = dingmirror::store::Stop {
        until: server.services.clock.now() + chrono::TimeDelta::hours(1),
        code: None,
        reason: Statement::other("The test stops it."),
    };
    server.services.store.stop_sending(&stop).await.unwrap();

    let send = "mutation ($u: [String!]!, $t: String!) { sendMessage(input: { recipients: { userIds: $u },
        content: { text: { content: $t } } }) { message { id } userErrors { message } } }";
    for text in ["to both", "to both again"] {
        let sent = server.data(send, json!({ "u": people, "t": text })).await;
        assert!(sent["sendMessage"]["message"]["id"].is_string(), "{sent}");
    }
    let link = "mutation ($u: String!) { linkIdentity(input: { identity: { username: \"linked\" }, userId: $u }) { link { id } } }";
    server.data(link, json!({ "u": people[0] })).await;
}

both_databases!(
    async fn groups_count_what_would_go_and_what_depends_on_it(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(80, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let held = thirty_leave(&dingtalk, &server).await;
        let active = server
            .data(
                "{ users(first: 500, filter: { active: true }) { nodes { userId } } }",
                json!({}),
            )
            .await;
        let active: Vec<&str> = list(&active["users"]["nodes"])
            .iter()
            .map(|it| it["userId"].as_str().unwrap())
            .collect();
        let two = held.iter().find_map(|(dept, people)| {
            let there: Vec<String> = people
                .iter()
                .filter(|id| active.contains(&id.as_str()))
                .cloned()
                .collect();
            (there.len() > 1).then(|| (dept.clone(), there[..2].to_vec()))
        });
        let (busy, people) = two.expect("two people of one department who use DingTalk");
        depend_on(&server, &people).await;

        let found = groups(&server).await;
        assert_eq!(found.len(), held.len());
        for group in &found {
            let dept = group["deptId"].as_str().unwrap();
            assert_eq!(group["under"]["deptId"], dept);
            assert_eq!(
                (&group["users"], &group["departments"], &group["cause"]),
                (&json!(held[dept].len()), &json!(0), &json!("LEFT"))
            );
            let depends = if dept == busy { (2, 1) } else { (0, 0) };
            assert_eq!(
                (&group["queuedMessages"], &group["links"]),
                (&json!(depends.0), &json!(depends.1)),
                "each message once, however many of the group wait for it: {group:#}"
            );
            assert!(group["oldestHeldAt"].as_str() <= group["newestHeldAt"].as_str());
            assert!(
                group["reasons"][0].as_str().unwrap().contains("more than 10 %"),
                "{group:#}"
            );
            let said = json!([{ "code": "REMOVALS_OF_PEOPLE", "text": group["reasons"][0] }]);
            assert_eq!(group["reasonStatements"], said);
        }

        let of_group = "query ($g: HeldRemovalGroupInput) { heldRemovals(first: 500, group: $g) { totalCount nodes { entityId } } }";
        let data = server
            .data(of_group, json!({ "g": { "deptId": busy, "cause": "LEFT" } }))
            .await;
        let ids: Vec<String> = list(&data["heldRemovals"]["nodes"])
            .iter()
            .map(|it| it["entityId"].as_str().unwrap().to_owned())
            .collect();
        let mut expected = held[&busy].clone();
        expected.sort();
        assert_eq!(ids, expected);
        for group in [json!({ "deptId": busy, "cause": "OUT_OF_SCOPE" }), json!({})] {
            let none = server.data(of_group, json!({ "g": group })).await;
            assert_eq!(none["heldRemovals"]["totalCount"], 0, "{group}");
        }

        // Page by page it is the same list, and whoever may not read links is told so and nothing else.
        let mut paged = Vec::new();
        let mut after = Value::Null;
        loop {
            let query = "query ($a: String) { heldRemovalGroups(first: 1, after: $a) { nodes { deptId } pageInfo { hasNextPage endCursor } } }";
            let page = server.data(query, json!({ "a": after })).await["heldRemovalGroups"].take();
            paged.extend(list(&page["nodes"]).iter().map(|it| it["deptId"].clone()));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let all: Vec<Value> = found.iter().map(|it| it["deptId"].clone()).collect();
        assert_eq!(paged, all);

        let reader = server.token(&[Permission::DirectoryRead]);
        let told = server.graphql(&reader, GROUPS, json!({})).await;
        let first = &told["data"]["heldRemovalGroups"]["nodes"][0];
        assert_eq!(
            (&first["links"], first["users"].is_i64()),
            (&Value::Null, true),
            "{told:#}"
        );
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN");
        server.stop().await;
    }
);

both_databases!(
    async fn a_decision_is_about_the_groups_as_somebody_saw_them(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(80, 9).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let held = thirty_leave(&dingtalk, &server).await;
        let found = groups(&server).await;
        let (first, second) = (&found[0], &found[1]);
        let seen = first["newestHeldAt"].as_str().unwrap();
        let named = |group: &Value| json!({ "deptId": group["deptId"], "cause": group["cause"] });
        let size = |group: &Value| held[group["deptId"].as_str().unwrap()].len();

        let decide = "mutation ($i: DecideRemovalsInput!) { approveRemovals(input: $i) { decided back remaining userErrors { code field message } } }";
        let nothing_yet = json!({ "groups": [named(first)], "heldUntil": "2020-01-01T00:00:00Z" });
        let decided = server.data(decide, json!({ "i": nothing_yet })).await;
        assert_eq!(decided["approveRemovals"]["decided"], 0, "all of it came later");

        // One of the first group comes back before somebody decides.
        let back = &held[first["deptId"].as_str().unwrap()][0];
        let again = json!({ "edit": "hire", "userid": back, "departments": [1] });
        dingtalk.tell(Method::POST, "edits", again).await;
        let input = json!({ "groups": [named(first)], "heldUntil": seen });
        let approved = server.data(decide, json!({ "i": input })).await["approveRemovals"].take();
        assert_eq!(
            (&approved["decided"], &approved["back"], &approved["remaining"]),
            (&json!(size(first) - 1), &json!(1), &json!(0)),
            "{approved:#}"
        );

        let reject = decide.replace("approveRemovals", "rejectRemovals");
        let without_cause = json!({ "groups": [{ "deptId": second["deptId"] }] });
        let rejected = server.data(&reject, json!({ "i": without_cause })).await["rejectRemovals"].take();
        assert_eq!(rejected["decided"], size(second), "of whatever cause: {rejected:#}");

        let left = groups(&server).await;
        assert_eq!(left.len(), found.len() - 2);
        let kept = server.data(GROUPS, json!({ "s": "REJECTED" })).await;
        assert_eq!(kept["heldRemovalGroups"]["nodes"][0]["deptId"], second["deptId"]);
        assert_eq!(kept["heldRemovalGroups"]["nodes"][0]["users"], size(second));

        for (input, code, part) in [
            (
                json!({ "groups": [named(first)], "all": true }),
                "REQUIRED",
                "exactly one",
            ),
            (json!({ "groups": [] }), "REQUIRED", "exactly one"),
            (json!({ "heldUntil": seen }), "REQUIRED", "exactly one"),
            (json!({ "groups": vec![named(first); 101] }), "TOO_LONG", "101"),
        ] {
            let refused = server.data(decide, json!({ "i": input })).await["approveRemovals"].take();
            let error = &refused["userErrors"][0];
            assert_eq!(error["code"], code, "{refused:#}");
            assert!(error["message"].as_str().unwrap().contains(part), "{refused:#}");
        }
        server.stop().await;
    }
);
