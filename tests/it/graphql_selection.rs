//! The department selection: kept in the settings, previewed against the mirror.

use std::collections::{BTreeMap, BTreeSet};

use dingmirror::auth::Permission;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const PREVIEW: &str = "query ($include: [BigInt!], $exclude: [BigInt!], $departments: String, $users: String) {
    previewDepartmentSelection(includeDepartments: $include, excludeDepartments: $exclude) {
        selectedDepartments selectedUsers unknownDepartments userErrors { code field message }
        departmentsFallingOut(first: 5, after: $departments) { totalCount nodes { deptId } pageInfo { hasNextPage endCursor } }
        usersFallingOut(first: 7, after: $users) { totalCount nodes { userId name } pageInfo { hasNextPage endCursor } }
    }
}";

const UPDATE: &str = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) {
    settings { version includeDepartments excludeDepartments } userErrors { code field message }
} }";

async fn preview(server: &TestServer, variables: Value) -> Value {
    server.data(PREVIEW, variables).await["previewDepartmentSelection"].take()
}

async fn update(server: &TestServer, fields: Value) -> Value {
    let mut input = fields;
    input["expectedVersion"] = json!(server.services.settings.current().version.to_string());
    server.data(UPDATE, json!({ "input": input })).await["updateSettings"].take()
}

/// All pages of one of the preview's lists.
async fn whole(server: &TestServer, variables: &Value, list: &str, cursor: &str, key: &str) -> BTreeSet<String> {
    let (mut found, mut variables) = (BTreeSet::new(), variables.clone());
    loop {
        let mut page = preview(server, variables.clone()).await[list].take();
        let nodes = page["nodes"].as_array().unwrap();
        found.extend(nodes.iter().map(|node| node[key].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], found.len());
            return found;
        }
        variables[cursor] = page["pageInfo"]["endCursor"].take();
    }
}

/// The simulated company as it is: parents by department, and people's departments.
struct Truth {
    parents: BTreeMap<i64, Option<i64>>,
    people: BTreeMap<String, Vec<i64>>,
}

impl Truth {
    async fn of(dingtalk: &TestDingTalk) -> Self {
        let directory = dingtalk.control("directory").await;
        let list = |name: &str| directory[name].as_array().unwrap().clone();
        let departments = list("departments");
        let users = list("users");
        let ids = |user: &Value| {
            let ids = user["dept_id_list"].as_array().unwrap();
            ids.iter().map(|id| id.as_i64().unwrap()).collect()
        };

        Self {
            parents: departments
                .iter()
                .map(|one| (one["dept_id"].as_i64().unwrap(), one["parent_id"].as_i64()))
                .collect(),
            people: users
                .iter()
                .map(|one| (one["userid"].as_str().unwrap().to_owned(), ids(one)))
                .collect(),
        }
    }

    fn parent(&self, id: i64) -> Option<i64> {
        self.parents.get(&id).copied().flatten()
    }

    fn selects(&self, include: &[i64], exclude: &[i64], id: i64) -> bool {
        match (exclude.contains(&id), include.contains(&id), self.parent(id)) {
            (true, ..) => false,
            (_, true, _) => true,
            (_, _, Some(parent)) => self.selects(include, exclude, parent),
            (_, _, None) => include.is_empty(),
        }
    }

    /// A department with its parent and grandparent, all three below the root.
    fn three_levels(&self) -> [i64; 3] {
        let line = |&id: &i64| {
            let parent = self.parent(id)?;
            let grandparent = self.parent(parent)?;
            self.parent(grandparent)?;
            Some([id, parent, grandparent])
        };
        self.parents.keys().find_map(line).expect("a company of four levels")
    }
}

#[tokio::test]
async fn the_preview_tells_what_the_company_would_lose() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(120, 40).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let truth = Truth::of(&dingtalk).await;
    let [child, middle, top] = truth.three_levels();

    let selections: [(&[i64], &[i64]); 6] = [
        (&[], &[]),
        (&[], &[top]),
        (&[top], &[]),
        (&[top], &[middle]),
        (&[1, child], &[middle]),
        (&[child], &[]),
    ];
    for (include, exclude) in selections {
        let variables = json!({ "include": include, "exclude": exclude });
        let selects = |id: i64| truth.selects(include, exclude, id);
        let departments: BTreeSet<_> = truth.parents.keys().filter(|id| !selects(**id)).collect();
        let falls = |ids: &&Vec<i64>| !ids.iter().any(|id| selects(*id));
        let people: BTreeSet<_> = truth
            .people
            .iter()
            .filter(|(_, ids)| falls(ids))
            .map(|(id, _)| id)
            .collect();
        // With the child selected again there may be nobody who falls out.
        if !variables["include"].as_array().unwrap().is_empty() && include != [1, child] {
            assert!(!people.is_empty(), "{variables} would show nothing");
        }

        let shown = preview(&server, variables.clone()).await;
        assert_eq!(
            shown["selectedDepartments"],
            truth.parents.len() - departments.len(),
            "{variables}"
        );
        assert_eq!(shown["selectedUsers"], truth.people.len() - people.len(), "{variables}");
        assert_eq!(
            (&shown["userErrors"], &shown["unknownDepartments"]),
            (&json!([]), &json!([]))
        );
        let found = whole(&server, &variables, "departmentsFallingOut", "departments", "deptId").await;
        assert_eq!(found, departments.iter().map(ToString::to_string).collect());
        let found = whole(&server, &variables, "usersFallingOut", "users", "userId").await;
        assert_eq!(found, people.into_iter().cloned().collect());
    }

    let unknown = preview(&server, json!({ "exclude": ["9007199254740993"] })).await;
    assert_eq!(unknown["unknownDepartments"], json!(["9007199254740993"]));
    server.stop().await;
}

#[tokio::test]
async fn a_selection_is_kept_and_previewed_until_it_is_cleared() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 12).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let truth = Truth::of(&dingtalk).await;
    let top = *truth.parents.keys().find(|id| **id != 1).unwrap();

    let saved = update(
        &server,
        json!({ "excludeDepartments": [top.to_string(), "77777777777"] }),
    )
    .await;
    assert_eq!(
        saved["userErrors"],
        json!([]),
        "ids that are not mirrored yet are accepted"
    );
    let mut lists = [top, 77_777_777_777];
    lists.sort_unstable();
    assert_eq!(
        saved["settings"]["excludeDepartments"],
        json!(lists.map(|id| id.to_string()))
    );
    assert_eq!(saved["settings"]["includeDepartments"], json!([]));

    let in_force = "{ previewDepartmentSelection { selectedDepartments unknownDepartments } }";
    let shown = server.data(in_force, json!({})).await["previewDepartmentSelection"].take();
    assert_eq!(shown["unknownDepartments"], json!(["77777777777"]));
    assert!(shown["selectedDepartments"].as_i64().unwrap() < truth.parents.len() as i64);
    let nothing = preview(&server, json!({ "exclude": null })).await;
    assert_eq!(nothing["usersFallingOut"]["totalCount"], 0);

    let cleared = update(&server, json!({ "excludeDepartments": null })).await;
    assert_eq!(cleared["settings"]["excludeDepartments"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn a_selection_that_cannot_be_is_refused_by_field_in_preview_and_settings() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let many: Vec<i64> = (1..=1_001).collect();

    for (include, exclude, wrong) in [
        (json!([0]), json!([]), json!([["INVALID", "includeDepartments"]])),
        (json!([]), json!(["-7"]), json!([["INVALID", "excludeDepartments"]])),
        (json!([1, 2]), json!([2]), json!([["INVALID", "excludeDepartments"]])),
        (
            json!(many),
            json!([-1]),
            json!([["TOO_LONG", "includeDepartments"], ["INVALID", "excludeDepartments"]]),
        ),
    ] {
        let told = |errors: &Value| -> Value {
            let errors = errors.as_array().unwrap().iter();
            errors
                .map(|error| json!([error["code"], error["field"].as_array().unwrap().last()]))
                .collect()
        };
        let shown = preview(&server, json!({ "include": include, "exclude": exclude })).await;
        assert_eq!(told(&shown["userErrors"]), wrong);
        assert_eq!(
            (&shown["selectedUsers"], &shown["usersFallingOut"]),
            (&Value::Null, &Value::Null)
        );

        let saved = update(
            &server,
            json!({ "includeDepartments": include, "excludeDepartments": exclude }),
        )
        .await;
        assert_eq!((told(&saved["userErrors"]), &saved["settings"]), (wrong, &Value::Null));
    }

    for lacking in [Permission::SettingsRead, Permission::DirectoryRead] {
        let others: Vec<_> = Permission::ALL.into_iter().filter(|one| *one != lacking).collect();
        let answer = server.graphql(&server.token(&others), PREVIEW, json!({})).await;
        assert_eq!(answer["data"]["previewDepartmentSelection"], Value::Null);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
    }
    server.stop().await;
}
