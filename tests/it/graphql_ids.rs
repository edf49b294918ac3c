//! An id is unique or absent: clients with a normalising cache take two objects of one type with one id for the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::{
    database::TestDatabase,
    schema::{list, name, types},
    server::{TestDingTalk, TestServer},
};

/// All that can be asked of a type without arguments of one's own, some levels deep; of lists the first two.
struct Selection(BTreeMap<String, Value>);

impl Selection {
    async fn new() -> Self {
        let types = types().await.into_iter();
        Self(types.map(|kind| (name(&kind).to_owned(), kind)).collect())
    }

    fn of(&self, kind: &str, depth: usize) -> String {
        let fields = list(&self.0[kind]["fields"]).iter().filter_map(|field| {
            let of = innermost(&field["type"]);
            let is_object = self.0[of]["kind"] == "OBJECT";
            if is_object && depth == 0 {
                return None;
            }
            let takes_first = list(&field["args"]).iter().any(|it| name(it) == "first");
            let arguments = if takes_first { "(first: 2)" } else { "" };
            let inner = if is_object {
                self.of(of, depth - 1)
            } else {
                String::new()
            };
            Some(format!("{}{arguments}{inner}", name(field)))
        });

        format!("{{ __typename {} }}", fields.collect::<Vec<_>>().join(" "))
    }
}

fn innermost(kind: &Value) -> &str {
    match &kind["ofType"] {
        Value::Null => name(kind),
        inner => innermost(inner),
    }
}

/// What a normalising cache holds of an answer, or the first thing that it would lose.
#[derive(Default)]
struct Cache(BTreeMap<(String, String), Map<String, Value>>);

impl Cache {
    fn take(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.take(item)),
            Value::Object(object) => {
                object.values().try_for_each(|part| self.take(part))?;
                let (Some(kind), Some(id)) = (object.get("__typename"), object.get("id")) else {
                    return Ok(());
                };

                let kind = kind.as_str().unwrap();
                let id = id
                    .as_str()
                    .ok_or_else(|| format!("{kind}: an id that is none: {object:?}"))?;
                let known = self.0.entry((kind.to_owned(), id.to_owned())).or_default();
                for (field, value) in object.iter().filter(|(_, value)| !holds_objects(value)) {
                    let before = known.entry(field.clone()).or_insert_with(|| value.clone());
                    if before != value {
                        return Err(format!("{kind} {id}: {field} is {before} and {value}"));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Objects below are looked at for themselves: here they may be selected otherwise.
fn holds_objects(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.contains_key("__typename"),
        Value::Array(items) => items.iter().any(holds_objects),
        _ => false,
    }
}

/// The fields of one document, each with all that it has.
async fn merged(server: &TestServer, document: String) -> Result<Value, String> {
    let data = server.data(&document, json!({})).await;
    let mut cache = Cache::default();
    let roots = data.as_object().unwrap();
    roots.values().try_for_each(|root| cache.take(root)).map(|()| data)
}

#[tokio::test]
async fn no_two_different_objects_of_an_answer_have_one_id() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let hire = |userid: &str, number: &str| {
        json!({ "edit": "hire", "userid": userid,
        "fields": { "email": format!("{userid}@x.example"), "job_number": number, "active": true } })
    };
    let edits = json!([hire("anna", "0101"), hire("ben", "0102")]);
    dingtalk.tell(reqwest::Method::POST, "edits", edits).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let ask = Selection::new().await;

    // By email anna, by job number ben: who an identity is depends on the method.
    let resolve = "{ resolve(identities: [{ username: \"0102\", email: \"anna@x.example\" }, { username: \"0101\" }]) { status } }";
    server.data(resolve, json!({})).await;
    server.services.matching.turn().await.unwrap();

    let input = "input: { recipients: { userIds: [\"anna\", \"ben\"], identities: [{ email: \"nobody@x.example\" }], departments: [{ deptId: \"1\" }] },
        content: { text: { content: \"x\" } } }";
    let preview = ask.of("MessagePreview", 2);
    let previews = format!("{{ a: previewMessage({input}) {preview} b: previewMessage({input}) {preview} }}");
    let shown = merged(&server, previews).await.unwrap();
    assert!(list(&shown["a"]["recipients"]).len() > 10, "{shown:#}");

    let all = "(statuses: [MATCHED, UNMATCHED, AMBIGUOUS], first: 10)";
    let identities = |method: &str| {
        let nodes = ask.of("KnownIdentity", 1);
        format!(
            "matchingCensus(method: {method}) {{ __typename method identities{all} {{ __typename nodes {nodes} }} }}"
        )
    };
    let rehearsal = format!(
        "rehearseMatching(method: USERNAME_TO_JOB_NUMBER) {{ __typename changesPerson {{ __typename nodes {} }} }}",
        ask.of("MatchMove", 2)
    );
    let looks = format!(
        "{{ e: {} u: {} r: {rehearsal} }}",
        identities("EMAIL_TO_EMAIL"),
        identities("USERNAME_TO_JOB_NUMBER")
    );

    let shown = merged(&server, looks).await.unwrap();
    let of = |root: &str| {
        let nodes = list(&shown[root]["identities"]["nodes"]).iter();
        let mut found = nodes.filter(|it| it["identity"]["username"] == "0102");
        found.next().cloned().unwrap()
    };
    assert_eq!(
        (&of("e")["user"]["userId"], &of("u")["user"]["userId"]),
        (&json!("anna"), &json!("ben"))
    );

    // Each leads back to itself by `node`, as a cache that reads again needs it.
    for root in ["e", "u"] {
        let node = "query ($id: ID!) { node(id: $id) { id ... on KnownIdentity { status user { userId } } } }";
        let again = server.data(node, json!({ "id": of(root)["id"] })).await["node"].take();
        assert_eq!(again["id"], of(root)["id"]);
        assert_eq!(again["user"]["userId"], of(root)["user"]["userId"]);
    }
    server.stop().await;
}

/// What is only previewed has no row, so that no id could name it.
#[tokio::test]
async fn nothing_that_is_previewed_has_an_id_of_its_own() {
    let types = types().await;
    let named = |wanted: &str| types.iter().find(|kind| name(kind) == wanted).unwrap();

    let mut seen = 0;
    for preview in types
        .iter()
        .filter(|kind| kind["kind"] == "OBJECT" && name(kind).ends_with("Preview"))
    {
        seen += 1;
        let ids = |kind: &Value| {
            list(&kind["fields"])
                .iter()
                .any(|field| innermost(&field["type"]) == "ID")
        };
        assert!(!ids(preview), "{} has an id", name(preview));
        for field in list(&preview["fields"]) {
            let of = named(innermost(&field["type"]));
            let is_row = ["Message", "Recipient", "MessageTemplate", "SyncRun"].contains(&name(of));
            assert!(
                !is_row,
                "{}.{} shows a row that isn't there",
                name(preview),
                name(field)
            );
        }
    }

    assert!(seen >= 4, "{seen}");
}
