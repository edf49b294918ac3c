//! Tokens that are revoked before their time, through the real server.

mod commands;
mod replicas;
mod table;

use std::time::Duration;

use dingmirror::{
    auth::{IssuedToken, Permission, TokenIssuer},
    clock::Clock,
};
use serde_json::{Value, json};

use crate::{
    api_keys::shown,
    support::server::{JWT_SECRET, TestServer},
};

/// What revokes tokens.
pub const REVOKE: &str = "mutation ($input: RevokeTokensInput!) { revokeTokens(input: $input) {
    revokedAt userErrors { code field message } clientMutationId } }";

/// A token of this server's own, with its id.
pub fn issued(subject: &str) -> IssuedToken {
    issued_for(subject, &[Permission::DirectoryRead])
}

fn issued_for(subject: &str, permissions: &[Permission]) -> IssuedToken {
    let issuer = TokenIssuer::new(&JWT_SECRET.into(), Clock::system());
    issuer.issue_with_id(subject, permissions, Duration::from_secs(600))
}

/// Revokes, and gives the payload. Whoever does it isn't one of those whose tokens are revoked.
pub async fn revoke(server: &TestServer, input: Value) -> Value {
    let token = issued_for("administrator", &[Permission::SettingsWrite]).token;
    let mut answer = server.graphql(&token, REVOKE, json!({ "input": input })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["revokeTokens"].take()
}

/// The status of a question with this token.
pub async fn status(base: &str, http: &reqwest::Client, token: &str) -> u16 {
    shown(base, http, &format!("Bearer {token}")).await.0
}

/// What a token's holder is told.
async fn told(server: &TestServer, token: &str) -> (u16, String) {
    let (status, body) = shown(&server.base, &server.http, &format!("Bearer {token}")).await;
    let message = body["errors"][0]["message"].as_str().unwrap_or_default();
    (status, message.to_owned())
}
