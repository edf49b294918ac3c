//! A walk of the schema: no text with NUL is an internal error anywhere.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const INTROSPECTION: &str = "{ __schema { queryType { fields { ...F } } mutationType { fields { ...F } }
    types { kind name inputFields { name defaultValue type { ...T } } enumValues { name } } } }
    fragment F on __Field { name type { ...T } args { name defaultValue type { ...T } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The types as introspection tells them.
struct Schema(Value);

impl Schema {
    fn named(&self, name: &str) -> &Value {
        let types = self.0["__schema"]["types"].as_array().unwrap();
        types.iter().find(|it| it["name"] == name).unwrap()
    }

    /// Each value of a type that has one text of `nul` in it. `around`: the input types that it stands in. One that may
    /// stand in itself does so once: a filter in a filter is read like any other.
    fn with_nul(&self, kind: &Value, nul: &str, around: &[&str]) -> Vec<Value> {
        match kind["kind"].as_str().unwrap() {
            "NON_NULL" => self.with_nul(&kind["ofType"], nul, around),
            "LIST" => self
                .with_nul(&kind["ofType"], nul, around)
                .into_iter()
                .map(|it| json!([it]))
                .collect(),
            "SCALAR"
                if ["String", "ID", "BigInt", "DateTime"]
                    .iter()
                    .any(|it| kind["name"] == *it) =>
            {
                vec![json!(nul)]
            }
            "SCALAR" if kind["name"] == "JSON" => vec![json!({ "a": nul })],
            "INPUT_OBJECT" => {
                let name = kind["name"].as_str().unwrap();
                if around.iter().filter(|it| **it == name).count() > 1 {
                    return Vec::new();
                }

                let around = [around, &[name]].concat();
                let fields = self.named(name)["inputFields"].as_array().unwrap();
                let each = fields.iter().flat_map(|field| {
                    self.with_nul(&field["type"], nul, &around).into_iter().map(|value| {
                        let mut object = self.required(fields);
                        object.insert(field["name"].as_str().unwrap().to_owned(), value);
                        Value::Object(object)
                    })
                });
                each.collect()
            }
            _ => Vec::new(),
        }
    }

    fn required(&self, fields: &[Value]) -> Map<String, Value> {
        let needed = fields
            .iter()
            .filter(|it| it["type"]["kind"] == "NON_NULL" && it["defaultValue"].is_null());
        needed
            .map(|it| (it["name"].as_str().unwrap().to_owned(), self.plain(&it["type"])))
            .collect()
    }

    /// Any value of the type.
    fn plain(&self, kind: &Value) -> Value {
        match kind["kind"].as_str().unwrap() {
            "NON_NULL" => self.plain(&kind["ofType"]),
            "LIST" => json!([self.plain(&kind["ofType"])]),
            "ENUM" => self.named(kind["name"].as_str().unwrap())["enumValues"][0]["name"].clone(),
            "INPUT_OBJECT" => {
                let fields = self.named(kind["name"].as_str().unwrap())["inputFields"]
                    .as_array()
                    .unwrap();
                let mut object = self.required(fields);
                // One of those that want exactly one.
                if object.is_empty()
                    && let Some(first) = fields.iter().find(|it| it["name"] != "clientMutationId")
                {
                    object.insert(first["name"].as_str().unwrap().to_owned(), self.plain(&first["type"]));
                }
                Value::Object(object)
            }
            _ => match kind["name"].as_str().unwrap() {
                "Int" | "Float" => json!(1),
                "Boolean" => json!(true),
                "BigInt" => json!("1"),
                _ => json!("x"),
            },
        }
    }
}

fn text_of(kind: &Value) -> String {
    match kind["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", text_of(&kind["ofType"])),
        "LIST" => format!("[{}]", text_of(&kind["ofType"])),
        _ => kind["name"].as_str().unwrap().to_owned(),
    }
}

fn is_leaf(kind: &Value) -> bool {
    match kind["kind"].as_str().unwrap() {
        "NON_NULL" | "LIST" => is_leaf(&kind["ofType"]),
        kind => kind == "SCALAR" || kind == "ENUM",
    }
}

/// What is put into the texts: as it is, and in what looks like one of the API's own ids and cursors.
fn texts() -> Vec<String> {
    let opaque = [
        "User",
        "Message",
        "MessageTemplate",
        "users",
        "changes",
        "messages",
        "templates",
        "messageTemplates",
        "departments",
    ];
    let opaque = opaque.iter().map(|kind| URL_SAFE_NO_PAD.encode(format!("{kind}:x\0")));
    std::iter::once("x\0".to_owned()).chain(opaque).collect()
}

both_databases!(
    async fn no_text_with_nul_is_an_internal_error(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(5, 2).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let schema = Schema(server.data(INTROSPECTION, json!({})).await);

        let mut asked = 0;
        for (operation, root) in [("query", "queryType"), ("mutation", "mutationType")] {
            for field in schema.0["__schema"][root]["fields"].as_array().unwrap() {
                let (name, args) = (field["name"].as_str().unwrap(), field["args"].as_array().unwrap());
                let selection = if is_leaf(&field["type"]) { "" } else { "{ __typename }" };
                for arg in args {
                    for text in texts() {
                        for value in schema.with_nul(&arg["type"], &text, &[]) {
                            let mut variables = schema.required(args);
                            variables.insert(arg["name"].as_str().unwrap().to_owned(), value);
                            let used = args
                                .iter()
                                .filter(|it| variables.contains_key(it["name"].as_str().unwrap()));
                            let (mut declared, mut given) = (String::new(), String::new());
                            for it in used {
                                let arg = it["name"].as_str().unwrap();
                                declared += &format!("${arg}: {} ", text_of(&it["type"]));
                                given += &format!("{arg}: ${arg} ");
                            }
                            let document = format!("{operation} ({declared}) {{ {name}({given}) {selection} }}");
                            let answer = server.graphql(&server.admin_token(), &document, json!(variables)).await;
                            let bad = ["INTERNAL_ERROR", "DATABASE_"]
                                .iter()
                                .any(|code| answer.to_string().contains(code));
                            assert!(!bad, "{document} {variables:?}: {answer}");
                            asked += 1;
                        }
                    }
                }
            }
        }
        assert!(asked > 500, "the walk asked {asked} times only");

        let history = "{ identityLinkHistory(userId: \"x\\u0000\") { totalCount nodes { action } } }";
        let found = server.data(history, json!({})).await;
        assert_eq!(found["identityLinkHistory"]["totalCount"], 0);
        server.stop().await;
    }
);
