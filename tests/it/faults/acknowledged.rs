//! What the program said that it keeps, and whether it has it.

use serde_json::{Value, json};

use crate::support::process::Process;

const SEND: &str = "mutation ($text: String!) { sendMessage(input: { recipients: { userIds: [\"somebody\"] }, \
                    content: { text: { content: $text } } }) { message { id } userErrors { message } } }";
const SAVE: &str = "mutation ($name: String!, $text: String!) { saveMessageTemplate(input: { name: $name, \
                    content: { text: { content: $text } } }) { userErrors { message } } }";
const UPDATE: &str = "mutation ($version: BigInt!, $agent: String!) { updateSettings(input: { expectedVersion: $version, \
                      agentId: $agent }) { settings { version } userErrors { message } } }";

/// Writes of one caller. An acknowledgement is an answer that says so; anything else, and no answer, is an error that
/// the caller had.
pub(super) struct Acknowledged {
    /// Tells this caller's writes from another's.
    caller: String,
    messages: Vec<String>,
    templates: Vec<String>,
    settings: i64,
    asked: usize,
}

impl Acknowledged {
    pub(super) fn by(caller: &str) -> Self {
        Self {
            caller: caller.to_owned(),
            messages: Vec::new(),
            templates: Vec::new(),
            settings: 0,
            asked: 0,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.messages.len() + self.templates.len() + usize::from(self.settings > 0)
    }

    /// Asks for the next write, of three kinds in turn. Whether it was acknowledged.
    pub(super) async fn write(&mut self, process: &Process) -> bool {
        self.asked += 1;
        let nth = self.asked;
        let text = format!("{} {nth} {}", self.caller, "x".repeat(1_500));

        match nth % 3 {
            0 => self.update(process).await,
            1 => {
                let data = answered(process, SEND, json!({ "text": text })).await;
                let id = data["sendMessage"]["message"]["id"].as_str().map(str::to_owned);
                let told = id.is_some();
                self.messages.extend(id);
                told
            }
            _ => {
                let name = format!("{}{nth}", self.caller);
                let data = answered(process, SAVE, json!({ "name": name, "text": text })).await;
                let told = data["saveMessageTemplate"]["userErrors"] == json!([]);
                self.templates.extend(told.then_some(name));
                told
            }
        }
    }

    async fn update(&mut self, process: &Process) -> bool {
        let before = version(&answered(process, "{ settings { version } }", json!({})).await["settings"]).unwrap_or(0);
        let variables = json!({ "version": before.to_string(), "agent": self.asked.to_string() });
        let data = answered(process, UPDATE, variables).await;
        let after = version(&data["updateSettings"]["settings"]);
        let told = after.is_some_and(|after| after > before);
        self.settings = after.filter(|_| told).unwrap_or(self.settings);
        told
    }

    /// Everything that was acknowledged is there.
    pub(super) async fn all_there(&self, process: &Process) {
        for id in &self.messages {
            let query = "query ($id: ID!) { message(id: $id) { id } }";
            let data = process.data(query, json!({ "id": id })).await;
            assert_eq!(data["message"]["id"], json!(id), "a message is lost");
        }
        for name in &self.templates {
            let query = "query ($name: String!) { messageTemplate(name: $name) { name } }";
            let data = process.data(query, json!({ "name": name })).await;
            assert_eq!(data["messageTemplate"]["name"], json!(name), "a template is lost");
        }
        let data = process.data("{ settings { version } }", json!({})).await;
        assert!(version(&data["settings"]) >= Some(self.settings), "settings are lost");
    }
}

fn version(settings: &Value) -> Option<i64> {
    settings["version"].as_str()?.parse().ok()
}

/// `data` of an answer, null where there is none.
async fn answered(process: &Process, query: &str, variables: Value) -> Value {
    let answer = process.ask(query, variables).await;
    answer.map_or(Value::Null, |mut answer| answer["data"].take())
}
