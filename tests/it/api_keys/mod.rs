//! API keys, through the real server: what is taken, what it opens, and when it ends.

mod commands;
pub(crate) mod ends;
mod replicas;
mod table;

use chrono::{TimeDelta, Utc};
use dingmirror::auth::Permission;
use serde_json::{Value, json};

use crate::support::{
    process::Process,
    server::{TestDingTalk, TestServer},
};

/// What makes a key.
pub const CREATE: &str = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
    apiKey { id name prefix permissions state createdBy expiresAt lastUsedAt revokedAt revokedBy }
    secret userErrors { code field message } clientMutationId } }";

pub const REVOKE: &str = "mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) {
    apiKey { id state revokedAt revokedBy } userErrors { code field message } } }";

/// Who the caller is.
pub const VIEWER: &str = "{ viewer { subject permissions expiresAt } }";

/// A server without a sync.
pub async fn server(target: dingmirror::store::Target, dingtalk: &TestDingTalk) -> TestServer {
    let config = dingmirror::config::Config {
        sync_on_start: false,
        ..crate::support::server::config(target, dingtalk)
    };
    TestServer::start_with(config).await
}

/// The input for a key, as long as `life`.
pub fn input(name: &str, permissions: &[&str], life: TimeDelta) -> Value {
    json!({ "name": name, "permissions": permissions, "expiresAt": (Utc::now() + life).to_rfc3339() })
}

/// A key that is as good as any: its id and itself.
pub async fn made(server: &TestServer, name: &str, permissions: &[&str]) -> (Value, String) {
    made_for(server, name, permissions, TimeDelta::hours(1)).await
}

pub async fn made_for(server: &TestServer, name: &str, permissions: &[&str], life: TimeDelta) -> (Value, String) {
    let input = input(name, permissions, life);
    let data = server.data(CREATE, json!({ "input": input })).await;
    of_payload(&data)
}

fn of_payload(data: &Value) -> (Value, String) {
    let made = &data["createApiKey"];
    assert_eq!(made["userErrors"], json!([]), "{made:#}");
    (
        made["apiKey"]["id"].clone(),
        made["secret"].as_str().unwrap().to_owned(),
    )
}

pub async fn revoke(server: &TestServer, id: &Value) -> Value {
    let data = server.data(REVOKE, json!({ "input": { "id": id } })).await;
    assert_eq!(data["revokeApiKey"]["userErrors"], json!([]), "{data:#}");
    data["revokeApiKey"]["apiKey"].clone()
}

/// Status and body of an answer to this `Authorization`.
pub async fn shown(base: &str, http: &reqwest::Client, authorization: &str) -> (u16, Value) {
    let request = http
        .post(format!("{base}/graphql"))
        .header("authorization", authorization)
        .header("accept", "application/graphql-response+json")
        .json(&json!({ "query": VIEWER }));
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(
        status == 401,
        response.headers().contains_key("www-authenticate"),
        "{status}"
    );
    (status, response.json().await.unwrap())
}

pub async fn is_taken(server: &TestServer, key: &str) -> bool {
    shown(&server.base, &server.http, &format!("Bearer {key}")).await.0 == 200
}

pub async fn is_taken_by(process: &Process, key: &str) -> bool {
    shown(&process.base, &process.http, &format!("Bearer {key}")).await.0 == 200
}

/// A token of somebody who may manage keys and nothing else.
pub fn manager(server: &TestServer) -> String {
    server.token_of("anna", &[Permission::SettingsRead, Permission::SettingsWrite])
}
