//! Lists of the directory: pages, cursors and filters.

use std::collections::BTreeSet;

use dingmirror::directory::{RecordState, Snapshot, User};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

async fn ids(server: &TestServer, filter: Value) -> BTreeSet<String> {
    let query = "query ($filter: UserFilter) { users(filter: $filter, first: 500) { nodes { userId } totalCount } }";
    let users = server.data(query, json!({ "filter": filter })).await["users"].take();
    let found: BTreeSet<String> = list(&users["nodes"]).iter().map(|user| text(&user["userId"])).collect();
    assert_eq!(users["totalCount"], found.len(), "{filter}");
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test]
async fn a_page_is_asked_for_by_variables_that_may_be_left_out() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 8).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let query = "query ($first: Int, $after: String) { users(first: $first, after: $after) { nodes { userId } pageInfo { endCursor hasNextPage hasPreviousPage } } }";

    let page = server.data(query, json!({})).await["users"].take();
    assert_eq!(list(&page["nodes"]).len(), 50);
    assert_eq!(
        (&page["pageInfo"]["hasNextPage"], &page["pageInfo"]["hasPreviousPage"]),
        (&json!(true), &json!(false))
    );

    let rest = server
        .data(query, json!({ "after": page["pageInfo"]["endCursor"] }))
        .await["users"]
        .take();
    assert_eq!(
        (&rest["pageInfo"]["hasNextPage"], &rest["pageInfo"]["hasPreviousPage"]),
        (&json!(false), &json!(true))
    );
    let all: BTreeSet<_> = list(&page["nodes"])
        .iter()
        .chain(list(&rest["nodes"]))
        .map(|user| text(&user["userId"]))
        .collect();
    assert_eq!(all.len(), server.services.snapshots.current().user_count());

    for first in [0, -1, -2_147_483_648, 501, 2_147_483_647] {
        let answer = server
            .graphql(&server.admin_token(), query, json!({ "first": first }))
            .await;
        assert_eq!(answer["data"]["users"], Value::Null, "{answer:#}");
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{answer:#}"
        );
        assert!(text(&answer["errors"][0]["message"]).contains("`first`"), "{answer:#}");
    }

    let foreign = "query ($after: String) { departments(after: $after) { nodes { deptId } } }";
    let answer = server
        .graphql(
            &server.admin_token(),
            foreign,
            json!({ "after": page["pageInfo"]["endCursor"] }),
        )
        .await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
        "{answer:#}"
    );
    server.stop().await;
}

#[tokio::test]
async fn conditions_of_a_filter_hold_together_and_find_who_left() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(80, 10).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let all = ids(&server, json!({})).await;
    let somebody = all.iter().nth(11).cloned().unwrap();
    let query = "query ($id: String!) { user(userId: $id) { name jobNumber email unionId memberships { nodes { department { deptId } } } } }";
    let user = server.data(query, json!({ "id": somebody })).await["user"].take();
    let dept = &user["memberships"]["nodes"][0]["department"]["deptId"];
    let found_by = [
        json!({ "search": user["name"] }),
        json!({ "search": user["name"], "deptId": dept }),
        json!({ "search": format!("  {} ", text(&user["name"])), "subtreeOf": dept }),
        json!({ "deptId": dept, "states": [] }),
        json!({ "subtreeOf": "1" }),
    ];
    for filter in &found_by {
        assert!(ids(&server, filter.clone()).await.contains(&somebody), "{filter}");
    }
    assert_eq!(ids(&server, json!({ "search": "  " })).await, all);
    for filter in [
        json!({ "search": "nobody is called so", "deptId": dept }),
        json!({ "deptId": dept, "states": ["GONE"] }),
    ] {
        assert!(ids(&server, filter.clone()).await.is_empty(), "{filter}");
    }

    dingtalk
        .tell(
            reqwest::Method::POST,
            "edits",
            json!([{ "edit": "leave", "userid": somebody }]),
        )
        .await;
    server.sync().await;

    for filter in &found_by {
        assert!(!ids(&server, filter.clone()).await.contains(&somebody), "{filter}");
    }
    let left = json!({ "search": user["name"], "states": ["GONE"] });
    assert_eq!(ids(&server, left).await, BTreeSet::from([somebody.clone()]));
    // Where they were finds them, too, also from far above.
    for place in [
        json!({ "deptId": dept }),
        json!({ "subtreeOf": dept }),
        json!({ "subtreeOf": "1" }),
    ] {
        let mut filter = place.clone();
        filter["states"] = json!(["GONE"]);
        assert_eq!(
            ids(&server, filter).await,
            BTreeSet::from([somebody.clone()]),
            "{place}"
        );
    }

    let by_union_id = "query ($id: String!) { user(unionId: $id) { userId state } }";
    let found = server.data(by_union_id, json!({ "id": user["unionId"] })).await;
    assert_eq!(found["user"], json!({ "userId": somebody, "state": "GONE" }));
    server.stop().await;
}

#[tokio::test]
async fn a_blank_key_matches_nobody_not_even_somebody_who_has_none() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(10, 2).await;
    let hire = |id: &str, fields: Value| json!({ "edit": "hire", "userid": id, "fields": fields });
    let hires = json!([
        hire("with", json!({ "email": "both@x.example", "job_number": "００77" })),
        hire("without", json!({ "email": "both@x.example", "job_number": "" })),
    ]);
    dingtalk.tell(reqwest::Method::POST, "edits", hires).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let of = async |job_number: &str| ids(&server, json!({ "email": "Both@x.example", "jobNumber": job_number })).await;
    assert_eq!(of("0077").await, BTreeSet::from(["with".to_owned()]));
    for nobodys in [" ", "77"] {
        assert!(of(nobodys).await.is_empty(), "{nobodys:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn descendants_are_the_tree_that_children_tell() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(40, 30).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let query = "query ($after: String) { department(deptId: 1) { totalMemberCount descendants(first: 7, after: $after) { totalCount nodes { deptId parentId level ancestors { deptId } children(first: 500) { nodes { deptId } totalCount } childCount } pageInfo { hasNextPage endCursor } } } }";

    let (mut flat, mut after) = (Vec::new(), Value::Null);
    loop {
        let root = server.data(query, json!({ "after": after })).await["department"].take();
        assert_eq!(
            root["totalMemberCount"],
            server.services.snapshots.current().user_count()
        );
        let page = &root["descendants"];
        flat.extend(list(&page["nodes"]).iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], flat.len());
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(flat.len() + 1, server.services.snapshots.current().department_count());

    for (place, department) in flat.iter().enumerate() {
        assert_eq!(
            department["level"],
            list(&department["ancestors"]).len(),
            "{department}"
        );
        let children = list(&department["children"]["nodes"]);
        assert_eq!(
            (&department["children"]["totalCount"], &department["childCount"]),
            (&json!(children.len()), &json!(children.len()))
        );
        if let Some(child) = children.first() {
            assert_eq!(
                flat[place + 1]["deptId"],
                child["deptId"],
                "a department stands before its children"
            );
            assert_eq!(flat[place + 1]["parentId"], department["deptId"]);
        }
    }

    let near = server.data("{ department(deptId: 1) { childCount descendants(depth: 1, first: 500) { totalCount nodes { parentId } } } }", json!({})).await["department"].take();
    assert_eq!(near["descendants"]["totalCount"], near["childCount"]);
    assert!(
        list(&near["descendants"]["nodes"])
            .iter()
            .all(|department| department["parentId"] == "1")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_department_that_is_gone_is_found_where_it_was_and_so_are_its_people() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(120, 20).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let query =
        "{ departments(first: 500) { nodes { deptId parentId level childCount memberCount ancestors { deptId } } } }";
    let data = server.data(query, json!({})).await;
    let leaf = |it: &&Value| it["childCount"] == 0 && it["level"].as_i64() > Some(1);
    let gone = list(&data["departments"]["nodes"])
        .iter()
        .filter(leaf)
        // So few that their leaving is below the limits.
        .min_by_key(|it| it["memberCount"].as_i64())
        .expect("a leaf below others")
        .clone();
    let dept = &gone["deptId"];
    let people = ids(&server, json!({ "deptId": dept })).await;

    let mut edits: Vec<Value> = people
        .iter()
        .map(|it| json!({ "edit": "leave", "userid": it }))
        .collect();
    edits.push(json!({ "edit": "remove_department", "dept_id": text(dept).parse::<i64>().unwrap() }));
    dingtalk.tell(reqwest::Method::POST, "edits", Value::Array(edits)).await;
    server.sync().await;

    let query = "query ($f: DepartmentFilter!) { departments(filter: $f, first: 500) { totalCount
        nodes { deptId parentId level parent { deptId } ancestors { deptId } } } }";
    for place in [
        json!({ "parentId": gone["parentId"] }),
        json!({ "subtreeOf": gone["parentId"] }),
        json!({ "subtreeOf": "1" }),
        json!({ "subtreeOf": dept }),
    ] {
        let mut filter = place.clone();
        filter["states"] = json!(["GONE"]);
        let found = server.data(query, json!({ "f": filter })).await["departments"].take();
        assert_eq!(found["totalCount"], 1, "{place}: {found:#}");
        let node = &found["nodes"][0];
        assert_eq!((&node["deptId"], &node["level"]), (dept, &gone["level"]));
        assert_eq!(node["parent"]["deptId"], gone["parentId"]);
        assert_eq!(node["ancestors"], gone["ancestors"]);
        let present = server.data(query, json!({ "f": place })).await["departments"].take();
        assert!(
            list(&present["nodes"]).iter().all(|it| it["deptId"] != *dept),
            "{place}"
        );
    }

    let left = ids(&server, json!({ "subtreeOf": gone["parentId"], "states": ["GONE"] })).await;
    assert!(left.is_superset(&people), "{left:?} {people:?}");
    server.stop().await;
}

#[tokio::test]
async fn whoever_has_left_manages_nothing_though_dingtalk_names_them_still() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 8).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let query =
        "query ($id: BigInt!) { department(deptId: $id) { managers { userId } members(first: 1) { totalCount } } }";

    let snapshot = server.services.snapshots.current();
    let managed = snapshot.departments().find(|it| it.facts.manager_userids.len() > 1);
    let managed = managed.or_else(|| snapshot.departments().find(|it| !it.facts.manager_userids.is_empty()));
    let managed = managed.expect("somebody manages something").clone();
    let (leaver, others) = managed.facts.manager_userids.split_last().expect("a manager");

    let variables = json!({ "id": managed.facts.dept_id.to_string() });
    let before = server.data(query, variables.clone()).await["department"].take();
    assert_eq!(list(&before["managers"]).len(), managed.facts.manager_userids.len());

    // As after an event that told of their leaving alone.
    let users = snapshot.users().map(|user| {
        let mut user = User::clone(user);
        if user.facts.userid == *leaver {
            user.standing.state = RecordState::Gone;
        }
        user
    });
    let departments = snapshot.departments().map(|it| (**it).clone()).collect();
    let next =
        Snapshot::build(snapshot.revision() + 1, departments, users.collect()).of_epoch(snapshot.epoch().clone());
    server.services.snapshots.publish(next);

    let after = server.data(query, variables).await["department"].take();
    assert_eq!(list(&after["managers"]).len(), others.len(), "{after:#}");
    server.stop().await;
}
