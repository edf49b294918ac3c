//! The audit log: everything that somebody changes has its entry, written with the change, and nobody takes it back.

mod commands;
mod kept;
mod written;

use dingmirror::auth::Permission;
use serde_json::{Value, json};

use crate::support::{
    schema::list,
    server::{TestDingTalk, TestServer},
};

const LOG: &str = "query ($filter: AuditLogFilter) { auditLog(first: 100, filter: $filter) { totalCount nodes {
    action target targetId details { name value } subject proof issuer apiKeyId account address requestId at } } }";

/// A server with settings and a mirror.
async fn synced(target: dingmirror::store::Target, dingtalk: &TestDingTalk) -> TestServer {
    TestServer::synced(target, dingtalk).await
}

/// The entries that the filter names, oldest first.
async fn entries(server: &TestServer, filter: Value) -> Vec<Value> {
    let mut data = server.data(LOG, json!({ "filter": filter })).await;
    let found = list(&data["auditLog"]["nodes"].take()).to_vec();
    assert_eq!(data["auditLog"]["totalCount"], found.len());
    found.into_iter().rev().collect()
}

/// The one entry of this action.
async fn only(server: &TestServer, action: &str) -> Value {
    let found = entries(server, json!({ "actions": [action], "subject": "anna" })).await;
    let [entry] = found.as_slice() else {
        panic!("{action}: {found:#?}")
    };
    entry.clone()
}

/// The value of one of an entry's details.
fn detail<'e>(entry: &'e Value, name: &str) -> &'e str {
    let found = list(&entry["details"]).iter().find(|it| it["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name}: {entry:#}"));
    found["value"].as_str().unwrap()
}

/// What anna asks for; what she must not get wrong.
async fn as_anna(server: &TestServer, query: &str, variables: Value) -> Value {
    let token = server.token_of("anna", &Permission::ALL);
    let mut answer = server.graphql(&token, query, variables).await;
    assert!(answer.get("errors").is_none(), "{query}: {answer:#}");
    let (_, payload) = answer["data"].as_object_mut().unwrap().into_iter().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]), "{query}: {payload:#}");
    payload.take()
}
