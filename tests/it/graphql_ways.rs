//! The ways into the directory: no field leads to departments or people whom the caller may not read.

use std::collections::{BTreeMap, BTreeSet};

use dingmirror::auth::Permission;
use serde_json::json;

use crate::support::{
    database::TestDatabase,
    schema::{list, name, types},
    server::{TestDingTalk, TestServer},
};

const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// What the directory consists of: records, and words about single records.
const DIRECTORY: [&str; 6] = [
    "Department",
    "User",
    "Membership",
    "SyncChange",
    "EntryError",
    "HeldRemoval",
];

/// How a description says that a field asks for the permission.
const GUARDED: &str = "`directory:read`";

/// Fields that lead to somebody whom the caller has named by something that they must know, and to nobody else; with
/// the permission that they ask for. `node` and `nodes` ask for that of the record's kind: see below.
const NAMED_BY_THE_CALLER: [&str; 6] = [
    "Resolution.user",
    "Resolution.candidates",
    "UserByMobileResult.user",
    "UserByMobileResult.mirrorUser",
    "Query.node",
    "Query.nodes",
];

type Fields = Vec<(String, String, bool)>;

/// The fields of each type: name, type, and whether it asks for `directory:read`. Of an interface: the types it can be.
async fn fields() -> BTreeMap<String, Fields> {
    let mut all = BTreeMap::new();
    for kind in types().await {
        let mut fields = Fields::new();
        for field in list(&kind["fields"]) {
            let mut of = &field["type"];
            while of["name"].is_null() {
                of = &of["ofType"];
            }
            let is_guarded = field["description"].as_str().is_some_and(|it| it.contains(GUARDED));
            fields.push((name(field).to_owned(), name(of).to_owned(), is_guarded));
        }
        for possible in list(&kind["possibleTypes"]).iter().map(name) {
            fields.push((format!("({possible})"), possible.to_owned(), false));
        }
        all.insert(name(&kind).to_owned(), fields);
    }
    all
}

#[tokio::test]
async fn no_way_leads_into_the_directory_past_its_permission() {
    let types = fields().await;
    let mut waiting = ROOTS.map(|root| (root.to_owned(), root.to_owned())).to_vec();
    let (mut seen, mut open) = (BTreeSet::new(), BTreeSet::new());
    let mut excepted = BTreeSet::new();

    while let Some((kind, path)) = waiting.pop() {
        if !seen.insert(kind.clone()) {
            continue;
        }
        for (field, of, is_guarded) in &types[&kind] {
            let name = format!("{kind}.{field}");
            if NAMED_BY_THE_CALLER.contains(&name.as_str()) {
                excepted.insert(name);
            } else if !is_guarded {
                let path = format!("{path}.{field}");
                if DIRECTORY.contains(&of.as_str()) {
                    open.insert(path.clone());
                }
                waiting.push((of.clone(), path));
            }
        }
    }

    assert!(
        open.is_empty(),
        "these lead to the directory without a word of {GUARDED} in a description on the way; guard the field (see \
         graphql/guard.rs), say so, and add it to the test below: {open:#?}"
    );

    // From whom the caller named, no way leads on to anybody else.
    let on: Vec<_> = types["User"]
        .iter()
        .filter(|(_, of, is_guarded)| !is_guarded && (DIRECTORY.contains(&of.as_str()) || of.ends_with("Connection")))
        .collect();
    assert!(on.is_empty(), "{on:?}");

    assert_eq!(
        excepted.len(),
        NAMED_BY_THE_CALLER.len(),
        "an exception is over: {excepted:?}"
    );
}

/// What the descriptions say holds: the mutation works, and the field is refused.
#[tokio::test]
async fn whoever_may_only_have_something_done_reads_nothing_by_it() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(30, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let truth = dingtalk.control("directory").await;
    let anna = truth["users"][20]["userid"].clone();
    let runner = server.token(&[Permission::SyncRun]);
    let linker = server.token(&[Permission::IdentityWrite]);
    let table = [
        (
            &runner,
            "mutation { done: refreshDepartment(input: { deptId: \"1\" }) { userErrors { code }
                department { descendants { nodes { name members { nodes { user { name } } } } } } } }",
            vec!["department"],
        ),
        (
            &runner,
            "mutation ($id: String!) { done: refreshUser(input: { userId: $id }) { userErrors { code } user { name } } }",
            vec!["user"],
        ),
        (
            &runner,
            "mutation { done: startSync(input: { mode: DRY_RUN }) { userErrors { code }
                run { mode phase findings changes { nodes { entityId } } entryErrors { nodes { subject } } } } }",
            vec!["changes", "entryErrors"],
        ),
        (
            &linker,
            "mutation ($id: String!) { done: linkIdentity(input: { identity: { username: \"li\" }, userId: $id }) {
                userErrors { code } link { userId user { name } } } }",
            vec!["user"],
        ),
    ];

    for (token, mutation, refused) in table {
        let answer = server.graphql(token, mutation, json!({ "id": anna })).await;
        assert_eq!(answer["data"]["done"]["userErrors"], json!([]), "{answer:#}");
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        let paths: Vec<_> = errors
            .iter()
            .map(|error| {
                assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{error}");
                assert!(error["message"].as_str().unwrap().contains("directory:read"), "{error}");
                error["path"].as_array().unwrap().last().unwrap().as_str().unwrap()
            })
            .collect();
        assert_eq!(paths, refused, "{answer:#}");
        assert!(!answer["data"].to_string().contains("\"name\":\""), "{answer:#}");
    }

    let whole = server.token(&[Permission::SyncRun, Permission::DirectoryRead]);
    let document = "mutation { refreshDepartment(input: { deptId: \"1\" }) { department { name } } }";
    let answer = server.graphql(&whole, document, json!({})).await;
    assert!(
        answer["data"]["refreshDepartment"]["department"]["name"].is_string(),
        "{answer:#}"
    );

    let ids = "{ department(deptId: \"1\") { id } users(first: 1) { nodes { id } } syncRuns { nodes { id } } }";
    let ids = server.data(ids, json!({})).await;
    let all_but_reading: Vec<_> = Permission::ALL
        .into_iter()
        .filter(|it| *it != Permission::DirectoryRead)
        .collect();
    let stranger = server.token(&all_but_reading);
    for id in ["/department/id", "/users/nodes/0/id", "/syncRuns/nodes/0/id"] {
        let by_id = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }";
        let answer = server
            .graphql(&stranger, by_id, json!({ "id": ids.pointer(id).unwrap() }))
            .await;
        assert_eq!(
            answer["data"],
            json!({ "node": null, "nodes": [null] }),
            "{id}: {answer:#}"
        );
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{id}: {answer:#}"
        );
    }

    // A subscription asks once, at its beginning.
    let progress = server
        .http
        .post(format!("{}/graphql", server.base))
        .bearer_auth(&runner)
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription { syncProgress { phase } }" }))
        .send()
        .await
        .unwrap();
    let text = progress.text().await.unwrap();
    assert!(text.contains("FORBIDDEN") && text.contains("directory:read"), "{text}");

    let preview = "{ previewDepartmentSelection { selectedUsers } }";
    for lacking in [Permission::SettingsRead, Permission::DirectoryRead] {
        let others: Vec<_> = Permission::ALL.into_iter().filter(|it| *it != lacking).collect();
        let answer = server.graphql(&server.token(&others), preview, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
    }
    server.stop().await;
}
