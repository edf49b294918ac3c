//! A small company whose people are hired by the test, so that it knows their keys.

use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

pub struct Company {
    pub dingtalk: TestDingTalk,
    pub server: TestServer,
}

/// `userid`, `email`, `job_number`.
pub type Hire = (&'static str, &'static str, &'static str);

impl Company {
    pub async fn with(database: &TestDatabase, people: &[Hire]) -> Self {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let edits = people.iter().map(|(userid, email, job_number)| {
            json!({ "edit": "hire", "userid": userid, "fields": { "email": email, "job_number": job_number, "active": true } })
        });
        dingtalk.tell(reqwest::Method::POST, "edits", edits.collect()).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        Self { dingtalk, server }
    }

    pub async fn edit(&self, edit: Value) {
        self.dingtalk.tell(reqwest::Method::POST, "edits", json!([edit])).await;
        self.server.sync().await;
    }

    /// One turn of the matching engine, so that a test need not wait for its second.
    pub async fn turn(&self) {
        self.server.services.matching.turn().await.unwrap();
    }

    pub async fn data(&self, query: &str, variables: Value) -> Value {
        self.server.data(query, variables).await
    }

    /// Status, `userId`, rule and reason of one identity.
    pub async fn resolve(&self, identity: Value) -> (String, Option<String>, Option<String>, String) {
        let query = "query ($i: [ConfluenceIdentityInput!]!) { resolve(identities: $i) { status rule reason user { userId } } }";
        let data = self.data(query, json!({ "i": [identity] })).await;
        let found = &data["resolve"][0];
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        (
            text(&found["status"]).unwrap(),
            text(&found["user"]["userId"]),
            text(&found["rule"]),
            text(&found["reason"]).unwrap(),
        )
    }

    /// The link, or the code of what is wrong.
    pub async fn link(&self, input: Value) -> Result<Value, String> {
        let query = "mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) {
            link { id userId reason linkedBy followed identity { username userKey email } } userErrors { code field message } } }";
        let mut data = self.data(query, json!({ "input": input })).await;
        match data["linkIdentity"]["userErrors"][0]["code"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(data["linkIdentity"]["link"].take()),
        }
    }
}
