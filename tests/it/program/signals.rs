//! A terminal that is closed, or a session that ends, sends SIGHUP: the server ends as softly as by SIGTERM.

use serde_json::json;

use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program_after},
    server::TestDingTalk,
};

both_databases!(
    async fn sighup_ends_softly_and_loses_no_send(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 5).await;
        let running = Process::serving(database, &dingtalk, &[]).await;
        running.configure(&dingtalk, &json!({})).await;
        running
            .until("{ mirror { userCount } }", json!({}), |data| {
                data["mirror"]["userCount"] == 30
            })
            .await;

        let slow = json!({ "api": "/topapi/message/corpconversation/asyncsend_v2", "kind": "slow", "ms": 1500 });
        dingtalk.tell(reqwest::Method::POST, "faults", slow).await;
        let user = dingtalk.control("directory").await["users"][0]["userid"].clone();
        let send = "mutation ($user: String!) { sendMessage(input: { recipients: { userIds: [$user] }, content: { text: { content: \"挂断之前\" } } }) { message { id } userErrors { message } } }";
        let sent = running.data(send, json!({ "user": user })).await;
        assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;

        let log = running.end_by("HUP").await;
        assert!(log.contains("SIGHUP"), "{log}");
        let messages = dingtalk.control("messages").await.to_string();
        assert_eq!(
            messages.matches("挂断之前").count(),
            1,
            "the call under way was finished"
        );
    }
);

#[tokio::test]
async fn under_nohup_sighup_stays_ignored() {
    let database = TestDatabase::sqlite().await;
    let running = Process::start(program_after("trap '' HUP", &["serve"]), &Home::from(&database)).await;
    running.signal("HUP");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    running.data("{ mirror { userCount } }", json!({})).await;
    running.end_by("TERM").await;
}
