//! `asOf`: the directory as it was.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use dingmirror::{auth::Permission, clock::Clock};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

/// All that the log knows, by lists and by what is below them.
const EVERYTHING: &str = "query ($asOf: DateTime) {
    departments(first: 80, asOf: $asOf, filter: { states: [ACTIVE, HELD, GONE] }) {
        totalCount
        nodes {
            deptId name parentId level state order memberCount totalMemberCount childCount revision
            parent { deptId name }
            managers { userId name }
            children(first: 20) { nodes { deptId name } }
            members(first: 40) { totalCount nodes { order leader user { userId name } } }
        }
    }
    users(first: 150, asOf: $asOf, filter: { states: [ACTIVE, HELD, GONE] }) {
        totalCount
        nodes {
            userId name title jobNumber email orgEmail mobile telephone workPlace remark extension hiredDate active state revision
            manager { userId name }
            memberships(first: 5) { nodes { order leader department { deptId name } } }
        }
    }
    user(userId: \"somebody\", asOf: $asOf) { title }
    found: users(first: 100, filter: { search: \"高级\" }, asOf: $asOf) { totalCount nodes { userId title } }
}";

async fn everything(server: &TestServer, as_of: Option<DateTime<Utc>>) -> Value {
    let mut all = server.data(EVERYTHING, json!({ "asOf": as_of })).await;
    for department in all["departments"]["nodes"].as_array_mut().unwrap() {
        let managers = department["managers"].as_array_mut().unwrap();
        // Their order means nothing.
        managers.sort_by_key(|it| it["userId"].as_str().unwrap().to_owned());
    }
    all
}

/// What happens in a later step: something of each kind.
fn later(step: usize, directory: &Value) -> Value {
    let others = directory["users"].as_array().unwrap().iter();
    let others: Vec<&Value> = others.map(|it| &it["userid"]).filter(|id| *id != "somebody").collect();
    let mut edits = json!([
        { "edit": "update_user", "userid": "somebody", "fields": { "title": format!("title {step}") } },
        { "edit": "leave", "userid": others[0] },
        { "edit": "hire", "userid": format!("newcomer {step}"), "fields": { "email": format!("{step}@x.example") } },
    ]);

    let department = 888_888;
    let more = match step % 3 {
        1 => json!([
            { "edit": "create_department", "parent_id": 1, "name": "新部门", "dept_id": department },
            { "edit": "move", "userid": others[1], "departments": [1, department] },
        ]),
        2 => json!([
            { "edit": "rename_department", "dept_id": department, "name": "老部门" },
            { "edit": "move", "userid": others[2], "departments": [department] },
        ]),
        _ => json!([{ "edit": "remove_department", "dept_id": department }]),
    };
    edits
        .as_array_mut()
        .unwrap()
        .extend(more.as_array().unwrap().iter().cloned());
    edits
}

/// The server, and what it said after each of some steps, with the time.
async fn lived(database: &TestDatabase, steps: usize) -> (TestDingTalk, TestServer, Vec<(DateTime<Utc>, Value)>) {
    let dingtalk = TestDingTalk::start(30, 8).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let mut past = vec![(Clock::system().now(), everything(&server, None).await)];

    for step in 0..steps {
        let edits = match step {
            0 => {
                // Later it might be somebody who leaves.
                dingtalk
                    .tell(reqwest::Method::POST, "churn", json!({ "count": 40 }))
                    .await;
                json!([{ "edit": "hire", "userid": "somebody", "fields": { "title": "title 0" } }])
            }
            step => later(step, &dingtalk.control("directory").await),
        };
        dingtalk.tell(reqwest::Method::POST, "edits", edits).await;
        server.sync().await;
        past.push((Clock::system().now(), everything(&server, None).await));
    }
    (dingtalk, server, past)
}

both_databases!(
    async fn the_past_is_told_as_it_was_told_then(database: TestDatabase) {
        let (_dingtalk, server, past) = lived(database, 5).await;
        for (step, (at, then)) in past.iter().enumerate().rev().chain(past.iter().enumerate()) {
            let now = everything(&server, Some(*at)).await;
            for list in ["departments", "users", "user", "found"] {
                assert_eq!(now[list], then[list], "{list} after step {step}");
            }
        }
        assert_eq!(
            everything(&server, None).await,
            past.last().unwrap().1,
            "what is stays as it is"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn a_moment_that_the_log_does_not_tell_of_is_refused_with_the_oldest_that_it_does(database: TestDatabase) {
        let (_dingtalk, server, past) = lived(database, 2).await;
        let refused = async |at: DateTime<Utc>| {
            let query = "query ($at: DateTime) { department(deptId: \"1\", asOf: $at) { name } }";
            let answer = server.graphql(&server.admin_token(), query, json!({ "at": at })).await;
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
            error["message"].as_str().unwrap().to_owned()
        };
        let oldest = async || {
            let first = server.data("{ changes(first: 1) { nodes { at } } }", json!({})).await;
            first["changes"]["nodes"][0]["at"]
                .as_str()
                .unwrap()
                .parse::<DateTime<Utc>>()
                .unwrap()
        };

        let before = oldest().await;
        let told = refused(before - TimeDelta::seconds(1)).await;
        let named: DateTime<Utc> = told
            .split(' ')
            .find_map(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("{told}"));
        assert_eq!(named, before);
        assert_eq!(everything(&server, Some(past[0].0)).await["users"], past[0].1["users"]);

        let later = Clock::system().now() + TimeDelta::days(1);
        assert!(refused(later).await.contains("future"));
        while server.services.store.forget_changes(past[1].0).await.unwrap() > 0 {}
        let kept = oldest().await;
        assert!(kept > before);
        let told = refused(past[0].0).await;
        assert!(
            told.contains(&kept.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            "{told} {kept}"
        );
        let then = everything(&server, Some(kept)).await;
        assert_eq!(then["users"]["totalCount"], past[2].1["users"]["totalCount"]);
        server.stop().await;
    }
);

#[tokio::test]
async fn what_was_has_an_id_of_its_own_and_needs_the_permissions_of_what_is() {
    let database = TestDatabase::sqlite().await;
    let (_dingtalk, server, past) = lived(&database, 3).await;
    let at = past[1].0;
    let query = "query ($at: DateTime) {
        now: user(userId: \"somebody\") { id title }
        then: user(userId: \"somebody\", asOf: $at) { id title raw lastVerifiedAt manager { id } }
        department(deptId: \"1\", asOf: $at) { id children { nodes { id } } }
    }";
    let data = server.data(query, json!({ "at": at })).await;
    let id = data["then"]["id"].as_str().unwrap();
    assert_ne!(data["now"]["id"], id);
    assert_eq!(
        (&data["now"]["title"], &data["then"]["title"]),
        (&json!("title 2"), &json!("title 0"))
    );
    assert_eq!(data["then"]["raw"], Value::Null, "what the log doesn't have");
    let verified: DateTime<Utc> = data["then"]["lastVerifiedAt"].as_str().unwrap().parse().unwrap();
    assert!(verified <= at);

    let by_id = "query ($id: ID!) { node(id: $id) { id ... on User { title } } user(id: $id) { id title } }";
    let found = server.data(by_id, json!({ "id": id })).await;
    assert_eq!(found["node"], found["user"]);
    assert_eq!(
        (&found["node"]["id"], &found["node"]["title"]),
        (&json!(id), &json!("title 0"))
    );

    // Each moment is made for itself, so that ids of many cost too much, in the document or in a variable.
    let micros = at.timestamp_micros();
    let then = |n: i64| URL_SAFE_NO_PAD.encode(format!("User@{}:somebody", micros + n));
    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    for _ in 0..3 {
        let of_one: Vec<_> = (0..500).map(|_| then(0)).collect();
        let told = server.data(nodes, json!({ "ids": of_one })).await;
        assert_eq!(told["nodes"][499]["id"], id);

        let of_many: Vec<_> = (0..500).map(then).collect();
        let document = format!("{{ nodes(ids: {of_many:?}) {{ id }} }}");
        for (document, variables) in [(nodes, json!({ "ids": of_many })), (document.as_str(), json!({}))] {
            let answer = server.graphql(&server.admin_token(), document, variables).await;
            let error = &answer["errors"][0]["extensions"];
            assert_eq!(
                (&error["limit"], &error["costliestField"]),
                (&json!("complexity"), &json!("nodes"))
            );
        }
    }

    let reader = server.token(&[Permission::DirectoryRead]);
    let contact = "query ($at: DateTime) { user(userId: \"somebody\", asOf: $at) { name email } }";
    let answer = server.graphql(&reader, contact, json!({ "at": at })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
    let nobody = server.token(&[Permission::IdentityRead]);
    let answer = server
        .graphql(&nobody, contact, json!({ "at": "1970-01-01T00:00:00Z" }))
        .await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "before it is looked for: {answer:#}"
    );
    server.stop().await;
}

both_databases!(
    async fn after_a_failover_now_is_the_present(database: TestDatabase) {
        let (_dingtalk, server, past) = lived(database, 1).await;
        let query =
            "query ($at: DateTime) { mirror { epoch revision } user(userId: \"somebody\", asOf: $at) { id title } }";
        let before = server.data(query, json!({})).await;
        database
            .beside()
            .await
            .run("UPDATE database_epoch SET place = 'elsewhere', alive_at_ms = alive_at_ms - 600000")
            .await;

        let mut present = before.clone();
        for _ in 0..100 {
            if present["mirror"]["epoch"] != before["mirror"]["epoch"] {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            present = server.data(query, json!({})).await;
        }
        assert_ne!(present["mirror"]["epoch"], before["mirror"]["epoch"]);
        assert_ne!(present["mirror"]["revision"], before["mirror"]["revision"], "it jumps");

        let now = server.data(query, json!({ "at": Clock::system().now() })).await;
        assert_eq!(now, present, "nothing has changed");
        let then = server.data(query, json!({ "at": past[0].0 })).await;
        assert_eq!(then["user"], Value::Null, "what was is told on");
        server.stop().await;
    }
);
