//! Searching as somebody types, through the server.

use dingmirror::{
    auth::Permission,
    directory::search::{Query, judge},
};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer},
};

const SEARCH: &str = "query ($query: String!, $kinds: [SearchKind!], $first: Int, $after: String) {
    search(query: $query, kinds: $kinds, first: $first, after: $after) {
        nodes { item { __typename ... on User { userId name } ... on Department { deptId deptName: name } }
            matches { field from to } departmentPath }
        edges { cursor node { item { __typename } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }";

const FILTERED: &str = "query ($search: String!) {
    users(filter: { search: $search }, first: 300) { nodes { userId } totalCount }
    departments(filter: { search: $search }, first: 300) { nodes { deptId } totalCount }
    either: users(filter: { or: [{ search: $search }, { search: $search, subtreeOf: 1 }] }, first: 300) {
        nodes { userId } totalCount }
    others: users(filter: { not: { search: $search } }, first: 1) { totalCount }
    all: users(first: 1) { totalCount }
    company: department(deptId: 1) {
        members(includeSubtree: true, filter: { search: $search }, first: 300) { nodes { user { userId } } totalCount }
    } }";

/// The ids of a counted list of people, memberships or departments.
fn filtered(told: &Value) -> Vec<Value> {
    let nodes = list(&told["nodes"]).iter();
    let id = |node: &Value| {
        let item = node.get("user").unwrap_or(node);
        item.get("userId").or(item.get("deptId")).unwrap().clone()
    };
    let ids: Vec<_> = nodes.map(id).collect();
    assert_eq!(told["totalCount"], ids.len(), "{told:#}");
    sorted(ids)
}

fn sorted(mut ids: Vec<Value>) -> Vec<Value> {
    ids.sort_by_key(Value::to_string);
    ids
}

fn ids(answer: &Value) -> Vec<Value> {
    let nodes = list(&answer["data"]["search"]["nodes"]).iter();
    let id = |node: &Value| {
        let item = &node["item"];
        item.get("userId").or(item.get("deptId")).unwrap().clone()
    };
    nodes.map(id).collect()
}

/// Somebody whose name, mobile number and address are nobody else's.
fn somebody(server: &TestServer) -> dingmirror::directory::User {
    let snapshot = server.services.snapshots.current();
    let names: Vec<_> = snapshot.users().map(|user| user.facts.name.clone()).collect();
    let alone = snapshot.users().find(|user| {
        let facts = &user.facts;
        let has_contact = facts.email.as_deref().is_some_and(|it| it.contains('@')) && facts.mobile.is_some();
        let is_only = names
            .iter()
            .filter(|name| name.starts_with(facts.name.as_str()))
            .count()
            == 1;
        has_contact && is_only && facts.name.chars().count() > 2
    });
    dingmirror::directory::User::clone(alone.unwrap())
}

both_databases!(
    async fn somebody_is_found_letter_by_letter_with_what_matched(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(200, 12).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let admin = server.admin_token();
        let user = somebody(&server);
        let name = user.facts.name.to_string();

        for query in [name.clone(), format!(" {name} "), user.facts.userid.to_string()] {
            let answer = server.graphql(&admin, SEARCH, json!({ "query": query })).await;
            assert_eq!(
                ids(&answer)[0],
                json!(user.facts.userid.as_str()),
                "{query}: {answer:#}"
            );
        }

        let answer = server.graphql(&admin, SEARCH, json!({ "query": name })).await;
        let node = &answer["data"]["search"]["nodes"][0];
        let length = name.encode_utf16().count();
        assert_eq!(
            node["matches"],
            json!([{ "field": "NAME", "from": 0, "to": length }]),
            "{node:#}"
        );
        let company = server.data("{ department(deptId: \"1\") { name } }", json!({})).await;
        assert_eq!(node["departmentPath"][0], company["department"]["name"], "{node:#}");

        server.stop().await;
    }
);

both_databases!(
    async fn hits_come_page_by_page_and_of_the_kinds_that_are_asked_for(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(200, 12).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let admin = server.admin_token();
        let search = async |variables: Value| server.graphql(&admin, SEARCH, variables).await;

        let whole = search(json!({ "query": "部", "first": 500 })).await;
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = search(json!({ "query": "部", "first": 3, "after": after })).await;
            paged.extend(ids(&page));
            let info = &page["data"]["search"]["pageInfo"];
            assert_eq!(info["hasPreviousPage"], json!(!after.is_null()));
            after = info["endCursor"].clone();
            if info["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged, ids(&whole));
        assert!(paged.len() > 3, "{whole:#}");

        let departments = search(json!({ "query": "部", "first": 500, "kinds": ["DEPARTMENT"] })).await;
        assert!(
            list(&departments["data"]["search"]["nodes"])
                .iter()
                .all(|it| it["item"]["__typename"] == "Department")
        );
        let people = search(json!({ "query": "w", "kinds": ["USER"] })).await;
        assert!(
            list(&people["data"]["search"]["nodes"])
                .iter()
                .all(|it| it["item"]["__typename"] == "User")
        );

        for blank in ["", "  ", "·"] {
            assert_eq!(ids(&search(json!({ "query": blank })).await), Vec::<Value>::new());
        }
        for (variables, named) in [
            (json!({ "query": "x".repeat(65) }), "`query`"),
            (json!({ "query": "x", "first": 501 }), "`first`"),
            (json!({ "query": "x", "after": "no cursor" }), "`after`"),
        ] {
            let answer = search(variables).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                "{answer:#}"
            );
            assert!(
                answer["errors"][0]["message"].as_str().unwrap().contains(named),
                "{answer:#}"
            );
        }
        server.stop().await;
    }
);

both_databases!(
    async fn addresses_and_numbers_find_people_for_those_who_may_see_them(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(200, 12).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let reader = server.token_of("reader", &[Permission::DirectoryRead]);
        let contact = server.token_of("contact", &[Permission::DirectoryRead, Permission::DirectoryContact]);
        let stranger = server.token_of("stranger", &[Permission::DirectoryContact]);

        let user = somebody(&server);
        let (email, mobile) = (user.facts.email.clone().unwrap(), user.facts.mobile.clone().unwrap());
        let local = email.split('@').next().unwrap();
        let id = json!(user.facts.userid.as_str());

        for (field, typed) in [
            ("EMAIL", email.as_str()),
            ("EMAIL", &format!("{local}@")),
            ("MOBILE", &mobile[3..]),
        ] {
            let answer = server
                .graphql(&contact, SEARCH, json!({ "query": typed, "first": 500 }))
                .await;
            assert!(ids(&answer).contains(&id), "{typed}: {answer:#}");
            let fields = answer["data"]["search"]["nodes"].to_string();
            assert!(fields.contains(field), "{typed}: {answer:#}");

            let answer = server
                .graphql(&reader, SEARCH, json!({ "query": typed, "first": 500 }))
                .await;
            assert!(!ids(&answer).contains(&id), "{typed}: {answer:#}");
        }

        let answer = server.graphql(&stranger, SEARCH, json!({ "query": "w" })).await;
        assert_eq!(answer["data"]["search"], Value::Null, "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        server.stop().await;
    }
);

both_databases!(
    async fn a_filter_finds_whom_the_search_finds_and_counts_them(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(200, 12).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let reader = server.token_of("reader", &[Permission::DirectoryRead]);
        let contact = server.token_of("contact", &[Permission::DirectoryRead, Permission::DirectoryContact]);

        let user = somebody(&server);
        let email = user.facts.email.clone().unwrap();
        let mobile = user.facts.mobile.clone().unwrap();
        let local = email.split('@').next().unwrap().to_owned();
        let misspelled = format!("q{}", &local[1..]);
        let typed = [
            user.facts.name.as_str(),
            user.facts.job_number.as_deref().unwrap(),
            user.facts.userid.as_str(),
            "w",
            "wang",
            "ww",
            "部",
            "yanfa",
            "部 研",
            &local,
            &misspelled,
            &format!("{local}@"),
            &mobile[3..],
        ];
        for token in [&reader, &contact] {
            for typed in typed {
                let found = server.graphql(
                    token,
                    SEARCH,
                    json!({ "query": typed, "first": 500, "kinds": ["USER"] }),
                );
                let users = sorted(ids(&found.await));
                let found = server.graphql(
                    token,
                    SEARCH,
                    json!({ "query": typed, "first": 500, "kinds": ["DEPARTMENT"] }),
                );
                let departments = sorted(ids(&found.await));

                let answer = server.graphql(token, FILTERED, json!({ "search": typed })).await;
                assert_eq!(answer["errors"], Value::Null, "{answer:#}");
                let told = &answer["data"];
                assert_eq!(filtered(&told["users"]), users, "{typed}");
                assert_eq!(filtered(&told["either"]), users, "{typed}");
                assert_eq!(filtered(&told["company"]["members"]), users, "{typed}");
                assert_eq!(filtered(&told["departments"]), departments, "{typed}");

                let count = |list: &str| told[list]["totalCount"].as_u64().unwrap();
                assert_eq!(count("others") + users.len() as u64, count("all"), "{typed}");
            }
        }

        let answer = server
            .graphql(&reader, FILTERED, json!({ "search": "x".repeat(65) }))
            .await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{answer:#}"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn who_comes_and_who_goes_is_found_at_once_and_no_more(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(120, 8).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let admin = server.admin_token();
        let user = somebody(&server);
        let (id, name) = (json!(user.facts.userid.as_str()), user.facts.name.to_string());

        let leave = json!([{ "edit": "leave", "userid": id }]);
        dingtalk.tell(reqwest::Method::POST, "edits", leave).await;
        server.sync().await;
        let answer = server
            .graphql(&admin, SEARCH, json!({ "query": name, "first": 500 }))
            .await;
        assert!(!ids(&answer).contains(&id), "{answer:#}");

        // The index of a snapshot says what its records say.
        let snapshot = server.services.snapshots.current();
        let query = Query::new("wang").unwrap();
        let matching = snapshot.matching(&query, true);
        for user in snapshot.users() {
            let record = dingmirror::directory::search::Record::User(user.clone());
            let is_met = judge(&record, &query, true).is_some();
            assert_eq!(
                matching.has_user(user.facts.userid.as_str()),
                is_met,
                "{}",
                user.facts.name
            );
        }

        // Who left is found among those who left, by the same rule.
        let left = "query ($search: String!) { users(filter: { search: $search, states: [GONE] }) { nodes { userId } totalCount } }";
        let found = server.data(left, json!({ "search": name })).await["users"].take();
        assert_eq!(found["nodes"], json!([{ "userId": id }]));
        server.stop().await;
    }
);
