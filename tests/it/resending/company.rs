//! A company whose people get messages, also again.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer},
};

pub(super) const SEND: &str =
    "mutation ($i: SendMessageInput!) { sendMessage(input: $i) { message { id } userErrors { message } } }";
pub(super) const RESEND: &str = "mutation ($i: ResendMessageInput!) { resendMessage(input: $i) { replayed notices message { id title
    resendOf { id } recipientCounts { state count } recipients(first: 50) { nodes { state userId reason resolutionStatus } } }
    userErrors { code field message } } }";

pub(super) struct Company {
    pub(super) dingtalk: TestDingTalk,
    pub(super) server: TestServer,
    /// People who use DingTalk.
    pub(super) people: Vec<String>,
}

impl Company {
    pub(super) async fn start(database: &TestDatabase) -> Self {
        let dingtalk = TestDingTalk::start(60, 8).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let query = "{ users(first: 500, filter: { active: true }) { nodes { userId } } }";
        let people = server.data(query, json!({})).await;
        let people = list(&people["users"]["nodes"]).iter();
        let people = people.map(|it| it["userId"].as_str().unwrap().to_owned()).collect();
        Self {
            dingtalk,
            server,
            people,
        }
    }

    pub(super) async fn send(&self, recipients: Value, content: Value) -> Value {
        let input = json!({ "recipients": recipients, "content": content });
        let mut data = self.server.data(SEND, json!({ "i": input })).await;
        assert_eq!(data["sendMessage"]["userErrors"], json!([]), "{data:#}");
        data["sendMessage"]["message"]["id"].take()
    }

    pub(super) async fn resend(&self, input: Value) -> Value {
        self.server.data(RESEND, json!({ "i": input })).await["resendMessage"].take()
    }

    /// The recipients, as soon as nobody waits any more: (id, state, userId).
    pub(super) async fn settled(&self, message: &Value) -> Vec<(Value, String, Value)> {
        let query = "query ($id: ID!) { message(id: $id) { recipients(first: 100) { nodes { id state userId } } } }";
        loop {
            let data = self.server.data(query, json!({ "id": message })).await;
            let rows: Vec<_> = list(&data["message"]["recipients"]["nodes"])
                .iter()
                .map(|it| {
                    (
                        it["id"].clone(),
                        it["state"].as_str().unwrap().to_owned(),
                        it["userId"].clone(),
                    )
                })
                .collect();
            let open = ["QUEUED", "SENDING", "ACCEPTED"];
            if !rows.iter().any(|(_, state, _)| open.contains(&state.as_str())) {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub(super) fn markdown(title: &str) -> Value {
    json!({ "markdown": { "title": title, "text": "**changed**" } })
}

pub(super) fn count(message: &Value, state: &str) -> u64 {
    let counts = list(&message["recipientCounts"]).iter();
    counts
        .filter(|it| it["state"] == state)
        .map(|it| it["count"].as_u64().unwrap())
        .sum()
}
