//! Message templates through the API: kept, previewed, sent.

mod keeping;
mod previewing;
mod sending;

use serde_json::{Value, json};

use crate::support::server::TestServer;

const SAVE: &str = "mutation ($input: SaveMessageTemplateInput!) { saveMessageTemplate(input: $input) {
    template { id name description msgType content variables version updatedBy } userErrors { code field message } clientMutationId } }";

/// What `saveMessageTemplate` answers.
async fn save(server: &TestServer, input: Value) -> Value {
    server.data(SAVE, json!({ "input": input })).await["saveMessageTemplate"].take()
}

/// Keeps a new template, which must be good.
async fn keep(server: &TestServer, name: &str, content: Value) {
    let saved = save(server, json!({ "name": name, "content": content })).await;
    assert_eq!(saved["userErrors"], json!([]), "{saved:#}");
}

/// Code and field of each mistake.
fn mistakes(answer: &Value) -> Vec<String> {
    let errors = answer["userErrors"].as_array().or(answer["problems"].as_array());
    let told = errors.unwrap().iter().map(|error| {
        let path: Vec<_> = error["field"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
    });
    told.collect()
}
