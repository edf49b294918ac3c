//! Tokens of other issuers, through the real server, by the configuration file.

mod forge;
mod jwks;
mod key_server;
mod mistakes;
mod outages;
mod signers;
mod table;

use std::path::Path;

use chrono::Utc;
use dingmirror::config::{Config, ConfigLayer};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

/// This server among the audiences of a token.
const OURS: &str = "https://mirror.example.com";

/// What the file with these issuers comes to.
fn load(dir: &Path, text: &str) -> Result<Config, String> {
    let path = dir.join("dingmirror.toml");
    std::fs::write(&path, text).unwrap();
    let args = ConfigLayer {
        config: Some(path.to_str().unwrap().into()),
        data_dir: Some(dir.join("data").to_str().unwrap().into()),
        ..ConfigLayer::default()
    };
    Config::load(args).map_err(|errors| errors.to_string())
}

/// A server with the issuers of a file whose text is made for a directory.
async fn server(database: &TestDatabase, dingtalk: &TestDingTalk, text: impl FnOnce(&Path) -> String) -> TestServer {
    let dir = tempfile::tempdir().unwrap();
    let text = text(dir.path());
    TestServer::start_with(Config {
        issuers: load(dir.path(), &text).unwrap().issuers,
        // They show more than an address may.
        refusals_per_minute: 0,
        sync_on_start: false,
        ..config(database.target(), dingtalk)
    })
    .await
}

/// Status, subject and permissions for a token.
async fn shown(server: &TestServer, token: &str) -> (u16, Value, Value) {
    let request = server.http.post(format!("{}/graphql", server.base)).bearer_auth(token);
    let request = request.json(&json!({ "query": "{ viewer { subject permissions } }" }));
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let mut body: Value = response.json().await.unwrap();
    let viewer = body["data"]["viewer"].take();
    (status, viewer["subject"].clone(), viewer["permissions"].clone())
}

/// Claims that are good for the issuer, with some others in their place; null leaves one out.
fn claims(issuer: &str, others: Value) -> Value {
    let now = Utc::now().timestamp();
    let mut claims = json!({ "iss": issuer, "aud": OURS, "sub": "anna", "exp": now + 300, "iat": now });
    for (name, value) in others.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}
