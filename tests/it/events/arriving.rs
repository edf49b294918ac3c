//! One event of each kind is seen in a query soon after, by either channel; nothing else than what it names is read.

use std::time::Duration;

use serde_json::{Value, json};

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

/// So soon after the edit, DingTalk's own answer times and the push included, one event is seen.
const SOON: Duration = Duration::from_secs(1);
/// One of so many has to be; the others may have met a busy machine.
const TRIES: i64 = 6;

/// Tries until an event of this kind was seen soon: `once` gives how long it took, with a number of its own.
async fn soon(kind: &str, mut once: impl AsyncFnMut(i64) -> Duration) {
    let mut took = Vec::new();
    for n in 0..TRIES {
        took.push(once(n).await);
        if took.last() < Some(&SOON) {
            println!("{kind}: from the edit to the answer {took:?}");
            return;
        }
    }
    panic!("{kind}: never within {SOON:?}: {took:?}");
}

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

    let create = |id: i64, parent: i64| json!({ "edit": "create_department", "dept_id": id, "name": format!("新设部{id}"), "parent_id": parent });
    let hire = |id: &str, dept: i64| json!({ "edit": "hire", "userid": id, "departments": [dept] });
    let place = |id: &str| {
        format!("{{ user(userId: \"{id}\") {{ state memberships {{ nodes {{ department {{ deptId }} }} }} }} }}")
    };
    let is_in = |it: &Value, dept: i64| {
        it["user"]["memberships"]["nodes"] == json!([{ "department": { "deptId": dept.to_string() } }])
    };

    soon("a new department", async |n| {
        let id = 987_000 + n;
        rig.edit(create(id, 1)).await;
        let query = format!("{{ department(deptId: \"{id}\") {{ name }} }}");
        rig.until(&query, |it| it["department"]["name"] == format!("新设部{id}"))
            .await
    })
    .await;
    soon("a hire", async |n| {
        let id = format!("newcomer{n}");
        rig.edit(hire(&id, 987_000)).await;
        rig.until(&place(&id), |it| it["user"]["state"] == "ACTIVE" && is_in(it, 987_000))
            .await
    })
    .await;
    soon("a move", async |n| {
        let dept = if n % 2 == 0 { 987_000 } else { 1 };
        rig.edit(json!({ "edit": "move", "userid": anna, "departments": [dept] }))
            .await;
        rig.until(&place(&anna), |it| is_in(it, dept)).await
    })
    .await;
    soon("a rename", async |n| {
        let name = format!("改名部{n}");
        rig.edit(json!({ "edit": "rename_department", "dept_id": top, "name": name }))
            .await;
        let query = format!("{{ department(deptId: {top}) {{ name }} }}");
        rig.until(&query, |it| it["department"]["name"] == name).await
    })
    .await;

    soon("a leaver", async |n| {
        let id = format!("leaver{n}");
        rig.edit(hire(&id, 1)).await;
        rig.until(&place(&id), |it| it["user"]["state"] == "ACTIVE").await;
        rig.settled().await;
        rig.edit(json!({ "edit": "leave", "userid": id })).await;
        rig.until(&place(&id), |it| it["user"]["state"] == "GONE").await
    })
    .await;
    soon("a removed department with its subtree", async |n| {
        let (above, below, inside) = (988_000 + n, 989_000 + n, format!("inside{n}"));
        rig.edit(json!([create(above, 1), create(below, above), hire(&inside, below)]))
            .await;
        rig.until(&place(&inside), |it| is_in(it, below)).await;
        rig.settled().await;
        rig.edit(json!({ "edit": "remove_department", "dept_id": above })).await;
        let gone = format!(
            "{{ a: department(deptId: \"{above}\") {{ state }} b: department(deptId: \"{below}\") {{ state }} {}",
            &place(&inside)[1..]
        );
        rig.until(&gone, |it| {
            it["a"]["state"] == "GONE" && it["b"]["state"] == "GONE" && it["user"]["state"] == "ACTIVE" && is_in(it, 1)
        })
        .await
    })
    .await;

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
                // Connections that end soon are opened anew after ever longer waits, up to eight seconds here.
                json!({ "redeliver_ms": [300, 600, 1200, 2400, 4800, 9600], "close_after_ms": 300 }),
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
