//! One event of each kind is seen in a query soon after, by either channel; nothing else than what it names is read.

use serde_json::json;

use super::rig::{Channel, Rig};
use crate::support::{database::TestDatabase, server::TestDingTalk};

both_databases!(
    async fn every_kind_of_event_arrives_by_push(database: TestDatabase) {
        each_kind(database, Channel::Push, "pascal").await;
    }
);

both_databases!(
    async fn every_kind_of_event_arrives_by_stream(database: TestDatabase) {
        each_kind(database, Channel::Stream, "camel").await;
    }
);

async fn each_kind(database: &TestDatabase, channel: Channel, style: &str) {
    let dingtalk = TestDingTalk::start(80, 12).await;
    dingtalk
        .tell(
            reqwest::Method::PUT,
            "events",
            json!({ "key_style": style, "duplicates": true }),
        )
        .await;
    let rig = Rig::new(database, dingtalk, channel, 10_000).await;
    let truth = rig.dingtalk.control("directory").await;
    let departments = truth["departments"].as_array().unwrap();
    let top = departments.iter().find(|it| it["parent_id"] == 1).unwrap()["dept_id"].clone();
    let anna = truth["users"][20]["userid"].as_str().unwrap().to_owned();
    let calls = rig.calls("/topapi/v2/user/list").await;

    rig.edit(json!({ "edit": "create_department", "dept_id": 987_654, "name": "新设部", "parent_id": 1 }))
        .await;
    let mut took = vec![];
    took.push(
        rig.until("{ department(deptId: \"987654\") { name } }", |it| {
            it["department"]["name"] == "新设部"
        })
        .await,
    );
    rig.edit(json!({ "edit": "hire", "userid": "newcomer", "departments": [987_654] }))
        .await;
    let hired = "{ user(userId: \"newcomer\") { state memberships { nodes { department { name } } } } }";
    took.push(
        rig.until(hired, |it| {
            it["user"]["memberships"]["nodes"][0]["department"]["name"] == "新设部"
        })
        .await,
    );
    rig.edit(json!({ "edit": "move", "userid": anna, "departments": [987_654] }))
        .await;
    let moved =
        format!("{{ user(userId: \"{anna}\") {{ state memberships {{ nodes {{ department {{ deptId }} }} }} }} }}");
    took.push(
        rig.until(&moved, |it| {
            it["user"]["memberships"]["nodes"] == json!([{ "department": { "deptId": "987654" } }])
        })
        .await,
    );
    rig.edit(json!({ "edit": "rename_department", "dept_id": top, "name": "改名部" }))
        .await;
    let named = format!("{{ department(deptId: {top}) {{ name }} }}");
    took.push(rig.until(&named, |it| it["department"]["name"] == "改名部").await);
    rig.edit(json!({ "edit": "leave", "userid": "newcomer" })).await;
    took.push(rig.until(hired, |it| it["user"]["state"] == "GONE").await);
    rig.edit(json!({ "edit": "create_department", "dept_id": 987_655, "name": "下级", "parent_id": 987_654 }))
        .await;
    took.push(
        rig.until("{ department(deptId: \"987655\") { name } }", |it| {
            it["department"]["name"] == "下级"
        })
        .await,
    );
    rig.edit(json!({ "edit": "remove_department", "dept_id": 987_654 }))
        .await;
    let gone = "{ a: department(deptId: \"987654\") { state } b: department(deptId: \"987655\") { state } }";
    took.push(
        rig.until(gone, |it| it["a"]["state"] == "GONE" && it["b"]["state"] == "GONE")
            .await,
    );
    rig.until(&moved, |it| {
        it["user"]["state"] == "ACTIVE"
            && it["user"]["memberships"]["nodes"] != json!([{ "department": { "deptId": "987654" } }])
    })
    .await;
    println!("{channel:?}: from the edit to the answer {took:?}");

    rig.settled().await;
    assert_eq!(
        rig.calls("/topapi/v2/user/list").await,
        calls,
        "no department is listed for an event"
    );
    let changes = rig
        .server
        .data("{ changes(first: 500) { nodes { cause causeId } } }", json!({}))
        .await;
    let nodes = changes["changes"]["nodes"].as_array().unwrap();
    assert!(
        nodes
            .iter()
            .any(|it| it["cause"] == "EVENT" && it["causeId"].as_str().is_some_and(|id| !id.is_empty()))
    );
    let figures = rig.server.services.intake.figures();
    assert!(
        figures.repeated > 0 && figures.refused == 0,
        "each was delivered twice: {figures:?}"
    );
    // The whole mirror is the company's, not only what was looked at.
    let run = rig.server.sync().await;
    assert_eq!((run.revision, run.counts.users_changed), (None, 0), "{run:?}");
    rig.server.stop().await;
}

both_databases!(
    async fn what_is_outside_the_scope_or_gone_already_is_normal(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(60, 10).await;
        let truth = dingtalk.control("directory").await;
        let departments = truth["departments"].as_array().unwrap();
        let mut tops = departments
            .iter()
            .filter(|it| it["parent_id"] == 1)
            .map(|it| it["dept_id"].clone());
        let (seen, unseen) = (tops.next().unwrap(), tops.next().unwrap());
        dingtalk
            .tell(
                reqwest::Method::PUT,
                "scope",
                json!({ "authed_dept": [seen], "authed_user": [] }),
            )
            .await;
        let rig = Rig::new(database, dingtalk, Channel::Push, 10_000).await;
        let before = rig.server.services.snapshots.current().revision();
        rig.edit(json!([
            { "edit": "hire", "userid": "elsewhere", "departments": [unseen] },
            { "edit": "hire", "userid": "shortly", "departments": [unseen] },
            { "edit": "leave", "userid": "shortly" },
            { "edit": "rename_department", "dept_id": unseen, "name": "别处" },
        ]))
        .await;
        rig.edit(json!({ "edit": "hire", "userid": "here", "departments": [seen] }))
            .await;
        rig.until("{ user(userId: \"here\") { state } }", |it| {
            it["user"]["state"] == "ACTIVE"
        })
        .await;
        rig.settled().await;
        let snapshot = rig.server.services.snapshots.current();
        assert!(
            snapshot.revision() > before && snapshot.user("elsewhere").is_none() && snapshot.user("shortly").is_none()
        );
        rig.server.stop().await;
    }
);

both_databases!(
    async fn a_stream_that_is_cut_and_a_push_that_failed_lose_nothing(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        dingtalk
            .tell(
                reqwest::Method::PUT,
                "events",
                json!({ "redeliver_ms": [300, 600, 1200, 2400], "close_after_ms": 300 }),
            )
            .await;
        let rig = Rig::new(database, dingtalk, Channel::Stream, 10_000).await;
        for round in 0..4 {
            rig.dingtalk
                .tell(reqwest::Method::POST, "streams/disconnect", json!({}))
                .await;
            let id = format!("round{round}");
            rig.edit(json!({ "edit": "hire", "userid": id, "departments": [1] }))
                .await;
            let query = format!("{{ user(userId: \"{id}\") {{ state }} }}");
            rig.until(&query, |it| it["user"]["state"] == "ACTIVE").await;
        }
        rig.server.stop().await;
    }
);
