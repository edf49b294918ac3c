//! A large department that goes keeps nobody else's news back.

use std::time::Duration;

use dingmirror::directory::DeptId;
use serde_json::{Value, json};

use super::rig::{Channel, Rig, patient};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// At the legal speed reading the people of the department takes fifteen seconds …
const PEOPLE: usize = 300;
const A_SECOND: u32 = 20;
/// … and nobody else waits for that.
const OTHERS_WAIT: Duration = Duration::from_secs(8);

both_databases!(
    async fn others_are_not_held_up_by_the_people_of_a_removed_department(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 4).await;
        dingtalk.tell(reqwest::Method::PUT, "events", patient()).await;
        let department = json!({ "edit": "create_department", "dept_id": 987_654, "name": "大部门", "parent_id": 1 });
        let hires =
            (0..PEOPLE).map(|n| json!({ "edit": "hire", "userid": format!("one{n}"), "departments": [987_654] }));
        let edits: Vec<Value> = std::iter::once(department).chain(hires).collect();
        dingtalk.tell(reqwest::Method::POST, "edits", json!(edits)).await;
        let rig = Rig::new(database, dingtalk, Channel::Push, A_SECOND).await;
        let truth = rig.dingtalk.control("directory").await;
        let leaver = truth["users"][20]["userid"].as_str().unwrap().to_owned();
        let before = rig.calls("/topapi/v2/user/get").await;

        // Each of its people has an event of their own, beside the department's.
        rig.edit(json!({ "edit": "remove_department", "dept_id": 987_654 }))
            .await;
        // Its people are being read.
        while rig.calls("/topapi/v2/user/get").await < before + 10 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        rig.edit(json!([
            { "edit": "hire", "userid": "newcomer", "departments": [1] },
            { "edit": "leave", "userid": leaver },
        ]))
        .await;
        let others =
            format!("{{ a: user(userId: \"newcomer\") {{ state }} b: user(userId: \"{leaver}\") {{ state }} }}");
        let took = rig
            .until_within(OTHERS_WAIT, &others, |it| {
                it["a"]["state"] == "ACTIVE" && it["b"]["state"] == "GONE"
            })
            .await;
        println!("others were seen after {took:?}");

        let gone = "{ department(deptId: \"987654\") { state } }";
        rig.until_within(Duration::from_secs(60), gone, |it| it["department"]["state"] == "GONE")
            .await;
        let snapshot = rig.server.services.snapshots.current();
        assert!(
            snapshot.members(DeptId(1)).len() > PEOPLE,
            "with its department each of them is where they are now"
        );

        rig.settled().await;
        let readings = rig.calls("/topapi/v2/user/get").await - before;
        // Whoever was heard of only when they had been asked for is read once more: events and readings go side by
        // side.
        let most = (PEOPLE + PEOPLE / 2) as u64;
        assert!(readings <= most, "{PEOPLE} people cost {readings} readings");
        rig.server.stop().await;
    }
);
