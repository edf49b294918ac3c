//! Lists: from either end, in every order, while somebody goes, and who manages whom.

use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

/// A list: where it stands in a document (`LIST` is the field), its other arguments, and its items' key.
struct List {
    around: &'static str,
    field: &'static str,
    extra: &'static str,
    key: &'static str,
}

impl List {
    async fn page(&self, server: &TestServer, page: &str) -> Value {
        let Self {
            around,
            field,
            extra,
            key,
        } = self;
        let list = format!(
            "list: {field}({extra} {page}) {{ totalCount edges {{ cursor node {{ {key} }} }}
             pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }}"
        );
        let data = server
            .data(&format!("{{ {} }}", around.replace("LIST", &list)), json!({}))
            .await;
        find(&data).unwrap_or_else(|| panic!("{field}: {data}"))
    }

    /// Everything, in one page of the largest size.
    async fn whole(&self, server: &TestServer) -> Vec<Value> {
        nodes(&self.page(server, "first: 500").await)
    }

    /// The list page by page from either end is the list.
    async fn check(&self, server: &TestServer, size: usize) {
        let whole = self.whole(server).await;
        assert!(
            whole.len() > size,
            "{}({}) has {} items only",
            self.field,
            self.extra,
            whole.len()
        );

        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.page(server, &format!("first: {size} {after}")).await;
            let info = &page["pageInfo"];
            assert_eq!(info["hasPreviousPage"], !found.is_empty(), "{page:#}");
            assert_eq!(page["totalCount"], whole.len(), "{page:#}");
            found.extend(nodes(&page));
            if info["hasNextPage"] != true {
                break;
            }
            after = format!("after: {}", info["endCursor"]);
        }
        assert_eq!(found, whole, "{}({})", self.field, self.extra);

        let (mut found, mut before): (Vec<Value>, _) = (Vec::new(), String::new());
        loop {
            let page = self.page(server, &format!("last: {size} {before}")).await;
            let info = &page["pageInfo"];
            assert_eq!(info["hasNextPage"], !found.is_empty(), "{page:#}");
            found.splice(0..0, nodes(&page));
            if info["hasPreviousPage"] != true {
                break;
            }
            before = format!("before: {}", info["startCursor"]);
        }
        assert_eq!(found, whole, "{}({})", self.field, self.extra);
    }
}

fn nodes(page: &Value) -> Vec<Value> {
    let edges = page["edges"].as_array().unwrap_or_else(|| panic!("{page:#}"));
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// The list, wherever it is.
fn find(data: &Value) -> Option<Value> {
    match data {
        Value::Object(fields) => match fields.get("list") {
            Some(list) => Some(list.clone()),
            None => fields.values().find_map(find),
        },
        Value::Array(items) => items.iter().find_map(find),
        _ => None,
    }
}

const ROOT: &str = "department(deptId: \"1\") { LIST }";

fn list(around: &'static str, field: &'static str, extra: &'static str, key: &'static str) -> List {
    List {
        around,
        field,
        extra,
        key,
    }
}

async fn refusal(server: &TestServer, document: &str) -> String {
    let answer = server.graphql(&server.admin_token(), document, json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
        "{answer:#}"
    );
    answer["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_directorys_lists_are_the_same_from_either_end_in_every_order() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(90, 14).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let people = [
        "",
        "orderBy: { field: NAME }",
        "orderBy: { field: NAME, direction: DESC }",
        "orderBy: { field: JOB_NUMBER }",
        "orderBy: { field: HIRED_DATE, direction: DESC }",
        "orderBy: { field: USER_ID, direction: DESC }",
        "orderBy: { field: DINGTALK }, filter: { subtreeOf: \"1\" }",
        "orderBy: { field: DINGTALK, direction: DESC }, filter: { subtreeOf: \"1\", states: [ACTIVE, GONE] }",
        "filter: { or: [{ active: true }, { not: { nameStartsWith: \"王\" } }] }, orderBy: { field: NAME }",
    ];
    for extra in people {
        list("LIST", "users", extra, "userId").check(&server, 17).await;
    }

    for extra in [
        "includeSubtree: true",
        "includeSubtree: true, orderBy: { field: DINGTALK, direction: DESC }",
        "includeSubtree: true, orderBy: { field: NAME }",
        "includeSubtree: true, filter: { leader: false }",
    ] {
        list(ROOT, "members", extra, "user { userId } department { deptId }")
            .check(&server, 17)
            .await;
    }

    for extra in [
        "",
        "orderBy: { field: DINGTALK }",
        "orderBy: { field: DINGTALK, direction: DESC }",
        "orderBy: { field: NAME }",
        "orderBy: { field: SIZE, direction: DESC }",
    ] {
        list("LIST", "departments", extra, "deptId").check(&server, 3).await;
    }
    list(ROOT, "descendants", "", "deptId").check(&server, 3).await;
    list(ROOT, "descendants", "depth: 1", "deptId").check(&server, 1).await;
    list(ROOT, "children", "", "deptId").check(&server, 1).await;
    for order in [
        "orderBy: { field: SIZE }",
        "orderBy: { field: DINGTALK, direction: DESC }",
    ] {
        list(ROOT, "children", order, "deptId").check(&server, 1).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn dingtalks_order_lists_whom_other_orders_list_and_those_who_are_gone_last() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(40, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let document = "{ users(first: 3) { nodes { userId primaryDepartment { deptId } } } }";
    let people = server.data(document, json!({})).await["users"]["nodes"].clone();
    let gone: Vec<_> = (0..3)
        .map(|at| people[at]["userId"].as_str().unwrap().to_owned())
        .collect();
    let edits: Vec<_> = gone.iter().map(|id| json!({ "edit": "leave", "userid": id })).collect();
    dingtalk.tell(reqwest::Method::POST, "edits", json!(edits)).await;
    server.sync().await;

    let document = "query ($filter: UserFilter, $order: UserOrder, $first: Int!, $after: String) {
        users(filter: $filter, orderBy: $order, first: $first, after: $after) {
            totalCount nodes { userId state } pageInfo { endCursor hasNextPage }
        }
    }";
    let department = &people[0]["primaryDepartment"]["deptId"];
    for filter in [
        json!({ "subtreeOf": "1", "states": ["GONE"] }),
        json!({ "subtreeOf": "1", "states": ["ACTIVE", "GONE"] }),
        json!({ "deptId": department, "states": ["ACTIVE", "GONE"] }),
        json!({ "deptId": department }),
    ] {
        let all = server.data(document, json!({ "filter": filter, "first": 500 })).await;
        let expected = sorted(&all["users"]["nodes"]);
        assert!(!expected.is_empty(), "{filter}");

        for direction in ["ASC", "DESC"] {
            let order = json!({ "field": "DINGTALK", "direction": direction });
            let (mut found, mut after) = (Vec::new(), Value::Null);
            loop {
                let variables = json!({ "filter": filter, "order": order, "first": 7, "after": after });
                let page = server.data(document, variables).await["users"].clone();
                assert_eq!(page["totalCount"], expected.len(), "{filter} {direction}");
                found.extend(page["nodes"].as_array().unwrap().clone());
                if page["pageInfo"]["hasNextPage"] != true {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            assert!(
                found.is_sorted_by_key(|it| it["state"] == "GONE"),
                "{filter} {direction}: {found:?}"
            );
            assert_eq!(sorted(&json!(found)), expected, "{filter} {direction}");
        }
    }
    server.stop().await;
}

fn sorted(people: &Value) -> Vec<String> {
    let people = people.as_array().unwrap().iter();
    let mut ids: Vec<_> = people.map(|it| it["userId"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

both_databases!(
    async fn the_databases_lists_are_the_same_from_either_end(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        for _ in 0..3 {
            server.sync().await;
        }

        list("LIST", "syncRuns", "", "id").check(&server, 2).await;
        list("syncRuns(last: 1) { nodes { LIST } }", "changes", "", "entityId")
            .check(&server, 7)
            .await;

        let people = list("LIST", "users", "", "userId").whole(&server).await;
        let people: Vec<_> = people.iter().map(|it| it["userId"].clone()).collect();
        let input = |n: usize| {
            json!({ "idempotencyKey": format!("k{n}"), "recipients": { "userIds": people },
                "content": { "text": { "content": format!("{n}") } } })
        };
        let send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { message } } }";
        for n in 0..4 {
            let sent = server.data(send, json!({ "input": input(n) })).await;
            assert_eq!(sent["sendMessage"]["userErrors"], json!([]), "{sent}");
        }
        list("LIST", "messages", "", "id").check(&server, 1).await;
        list(
            "LIST",
            "messages",
            "filter: { recipientStates: [QUEUED, SENDING, ACCEPTED, READ, INVALID] }",
            "id",
        )
        .check(&server, 1)
        .await;
        list("LIST", "recipients", "", "id").check(&server, 31).await;
        list("messages(first: 1) { nodes { LIST } }", "recipients", "", "position")
            .check(&server, 7)
            .await;
        server.stop().await;
    }
);

#[tokio::test]
async fn a_cursor_goes_on_from_its_place_when_its_item_is_gone() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 10).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let lists = [
        list("LIST", "users", "", "userId"),
        list("LIST", "users", "orderBy: { field: NAME }", "userId"),
        list(ROOT, "members", "includeSubtree: true", "userId: user { userId }"),
    ];
    let mut read = Vec::new();
    let somebody = lists[0].whole(&server).await[7]["userId"].clone();
    for list in &lists {
        let whole = list.whole(&server).await;
        let is = |node: &Value| node["userId"] == somebody || node["userId"]["userId"] == somebody;
        let at = whole.iter().position(is).unwrap();
        let page = list.page(&server, &format!("first: {}", at + 1)).await;
        read.push((
            page["pageInfo"]["endCursor"].clone(),
            whole[at + 1..].to_vec(),
            whole[..at].to_vec(),
        ));
    }

    let edit = json!([{ "edit": "leave", "userid": somebody }]);
    dingtalk.tell(reqwest::Method::POST, "edits", edit).await;
    server.sync().await;
    for (list, (cursor, behind, in_front)) in lists.iter().zip(read) {
        let page = list.page(&server, &format!("first: 500, after: {cursor}")).await;
        assert_eq!(nodes(&page), behind, "{}({})", list.field, list.extra);
        let page = list.page(&server, &format!("last: 500, before: {cursor}")).await;
        assert_eq!(nodes(&page), in_front, "{}({})", list.field, list.extra);
    }
    server.stop().await;
}

#[tokio::test]
async fn wrong_pages_orders_and_filters_are_refused_with_the_remedy() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;

    let by_name = list("LIST", "users", "orderBy: { field: NAME }", "userId");
    let cursor = by_name.page(&server, "first: 1").await["pageInfo"]["endCursor"].clone();
    let ids: Vec<String> = (0..501).map(|n| format!("\"u{n}\"")).collect();
    let deep = (0..11).fold("{ active: true }".to_owned(), |inner, _| format!("{{ not: {inner} }}"));
    for (document, names) in [
        ("{ users(first: 1, last: 1) { totalCount } }".to_owned(), "`last`"),
        ("{ users(last: 501) { totalCount } }".to_owned(), "`last` is 501"),
        (format!("{{ users(before: {cursor}) {{ totalCount }} }}"), "`before`"),
        (
            format!("{{ users(orderBy: {{ field: NAME, direction: DESC }}, after: {cursor}) {{ totalCount }} }}"),
            "`after`",
        ),
        (
            "{ users(orderBy: { field: DINGTALK }) { totalCount } }".to_owned(),
            "`deptId`",
        ),
        (
            "{ users(userIds: [], orderBy: { field: NAME }) { totalCount } }".to_owned(),
            "`userIds`",
        ),
        (
            format!("{{ users(userIds: [{}]) {{ totalCount }} }}", ids.join(",")),
            "`userIds` has 501",
        ),
        (
            format!(
                "{{ users(filter: {{ userIdIn: [{}] }}) {{ totalCount }} }}",
                ids.join(",")
            ),
            "`userIdIn` has 501",
        ),
        (format!("{{ users(filter: {deep}) {{ totalCount }} }}"), "`filter`"),
        (
            "{ users(filter: { hiredFrom: \"soon\" }) { totalCount } }".to_owned(),
            "`hiredFrom`",
        ),
    ] {
        let message = refusal(&server, &document).await;
        assert!(message.contains(names), "{document}: {message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn given_people_come_in_the_order_given_and_each_once() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let all: Vec<Value> = list("LIST", "users", "", "userId").whole(&server).await;
    let id = |at: usize| all[at]["userId"].as_str().unwrap();

    let given = format!(
        "userIds: [\"{}\", \"nobody\", \"{}\", \"{}\", \"{}\"]",
        id(5),
        id(2),
        id(5),
        id(9)
    );
    let given = list("LIST", "users", given.leak(), "userId");
    assert_eq!(
        given.whole(&server).await,
        [all[5].clone(), all[2].clone(), all[9].clone()]
    );
    given.check(&server, 1).await;
    server.stop().await;
}

#[tokio::test]
async fn managers_reports_and_paths_lead_up_and_down() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 10).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let snapshot = server.services.snapshots.current();

    let boss = snapshot
        .users()
        .max_by_key(|it| snapshot.report_count(it.facts.userid.as_str()).all)
        .unwrap();
    let count = snapshot.report_count(boss.facts.userid.as_str());
    let query = "query ($id: String!) { user(userId: $id) { reportCount { direct all isCircular }
        directReports(first: 500) { totalCount nodes { userId managementChain { userId } managementIsCircular
            departments { deptId } primaryDepartment { deptId path { deptId } ancestors { deptId } } } } } }";
    let user = server.data(query, json!({ "id": boss.facts.userid })).await["user"].take();
    assert_eq!(
        user["reportCount"],
        json!({ "direct": count.direct, "all": count.all, "isCircular": false })
    );
    assert_eq!(user["directReports"]["totalCount"], count.direct);

    for report in user["directReports"]["nodes"].as_array().unwrap() {
        assert_eq!(
            report["managementChain"][0]["userId"],
            json!(boss.facts.userid),
            "{report:#}"
        );
        assert_eq!(report["managementIsCircular"], false);
        let primary = &report["primaryDepartment"];
        assert_eq!(report["departments"][0]["deptId"], primary["deptId"], "{report:#}");
        let mut path = primary["ancestors"].as_array().unwrap().clone();
        path.push(json!({ "deptId": primary["deptId"] }));
        assert_eq!(primary["path"], json!(path));
    }

    // The two who manage each other are told, and nobody hangs.
    let other = snapshot.reports(boss.facts.userid.as_str())[0].clone();
    let edit = json!([{ "edit": "update_user", "userid": boss.facts.userid, "fields": { "manager_userid": other } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", edit).await;
    // No list tells the manager.
    let refresh = "mutation ($id: String!) { refreshUser(input: { userId: $id }) { userErrors { message } } }";
    server.data(refresh, json!({ "id": boss.facts.userid })).await;
    let query = "query ($id: String!) { user(userId: $id) { managementChain { userId } managementIsCircular reportCount { all isCircular } } }";
    let user = server.data(query, json!({ "id": boss.facts.userid })).await["user"].take();
    assert_eq!(
        user,
        json!({ "managementChain": [{ "userId": other }], "managementIsCircular": true,
            "reportCount": { "all": count.all, "isCircular": true } })
    );
    server.stop().await;
}
