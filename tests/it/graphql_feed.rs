//! Asking the change feed: by filter, from either end, in either order; and one person's part of it.

use std::{collections::BTreeSet, time::Duration};

use dingmirror::{
    auth::{Caller, Permission},
    clock::Clock,
    directory::SnapshotHandle,
    graphql::{AppSchema, ChangeFeed, Services, schema},
};
use futures_util::{StreamExt, stream::BoxStream};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const PAGE: &str =
    "query ($first: Int, $after: String, $last: Int, $before: String, $filter: ChangeFilter, $by: ChangeOrder) {
    changes(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $by) {
        totalCount
        nodes { cursor at entity entityId kind cause }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

fn nodes(page: &Value) -> Vec<Value> {
    page["nodes"].as_array().unwrap().clone()
}

/// The whole list, page by page, from the front or from the end.
async fn walked(server: &TestServer, filter: &Value, by: &str, size: i32, backwards: bool) -> Vec<Value> {
    let (mut all, mut place) = (Vec::new(), Value::Null);
    loop {
        let variables = if backwards {
            json!({ "last": size, "before": place, "filter": filter, "by": by })
        } else {
            json!({ "first": size, "after": place, "filter": filter, "by": by })
        };
        let page = server.data(PAGE, variables).await["changes"].take();
        let info = &page["pageInfo"];
        let found = nodes(&page);
        if backwards {
            all.splice(0..0, found);
        } else {
            all.extend(found);
        }

        let (more, next) = if backwards {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        if info[more] == false {
            assert_eq!(page["totalCount"], all.len(), "{filter}");
            return all;
        }
        place = info[next].clone();
    }
}

/// A company in which something of each kind has happened.
async fn eventful(database: &TestDatabase) -> (TestDingTalk, TestServer) {
    let dingtalk = TestDingTalk::start(40, 8).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    for _ in 0..4 {
        dingtalk
            .tell(reqwest::Method::POST, "churn", json!({ "count": 15 }))
            .await;
        server.sync().await;
    }

    let people = dingtalk.control("directory").await["users"].take();
    let somebody = &people[3]["userid"];
    let edit = json!([{ "edit": "update_user", "userid": somebody, "fields": { "title": "refreshed" } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", edit).await;
    let refresh = "mutation ($id: String!) { refreshUser(input: { userId: $id }) { userErrors { message } } }";
    let done = server.data(refresh, json!({ "id": somebody })).await;
    assert_eq!(done["refreshUser"]["userErrors"], json!([]));
    (dingtalk, server)
}

fn takes(filter: &Value, change: &Value) -> bool {
    let one_of = |wanted: &Value, it: &Value| {
        let wanted = wanted.as_array().filter(|wanted| !wanted.is_empty());
        wanted.is_none_or(|wanted| wanted.contains(it))
    };
    let names_records = filter["userIds"].is_array() || filter["deptIds"].is_array();
    let named: Vec<(&str, &Value)> = [("USER", "userIds"), ("DEPARTMENT", "deptIds")]
        .into_iter()
        .flat_map(|(entity, ids)| filter[ids].as_array().into_iter().flatten().map(move |id| (entity, id)))
        .collect();

    one_of(&filter["entities"], &change["entity"])
        && one_of(&filter["kinds"], &change["kind"])
        && one_of(&filter["causes"], &change["cause"])
        && (!names_records || named.contains(&(change["entity"].as_str().unwrap(), &change["entityId"])))
        && filter["since"]
            .as_str()
            .is_none_or(|since| change["at"].as_str().unwrap() >= since)
}

both_databases!(
    async fn each_filter_finds_what_a_walk_over_everything_finds_from_both_ends_in_both_orders(database: TestDatabase) {
        let (_dingtalk, server) = eventful(database).await;
        let all = walked(&server, &Value::Null, "OLDEST_FIRST", 100, false).await;
        let kinds: BTreeSet<&str> = all.iter().map(|it| it["kind"].as_str().unwrap()).collect();
        assert!(
            ["CREATED", "UPDATED", "MOVED", "REMOVED"]
                .iter()
                .all(|it| kinds.contains(it)),
            "{kinds:?}"
        );
        let users: Vec<&Value> = all
            .iter()
            .filter(|it| it["entity"] == "USER")
            .map(|it| &it["entityId"])
            .collect();
        let (middle, last) = (&all[all.len() / 2], all.last().unwrap());
        let department = all.iter().find(|it| it["entity"] == "DEPARTMENT").unwrap();

        for filter in [
            json!({}),
            json!({ "entities": [], "kinds": [] }),
            json!({ "entities": ["DEPARTMENT"] }),
            json!({ "entities": ["USER", "DEPARTMENT"] }),
            json!({ "entities": ["IDENTITY"] }),
            json!({ "kinds": ["REMOVED", "RESTORED"] }),
            json!({ "kinds": ["UPDATED"], "entities": ["USER"] }),
            json!({ "causes": ["REQUEST"] }),
            json!({ "causes": ["RUN"], "kinds": ["MOVED"] }),
            json!({ "userIds": [last["entityId"]] }),
            json!({ "userIds": users[..9], "kinds": ["UPDATED", "MOVED"] }),
            json!({ "userIds": users[..3], "deptIds": [department["entityId"]] }),
            json!({ "userIds": users[..3], "entities": ["DEPARTMENT"] }),
            json!({ "userIds": ["nobody"] }),
            json!({ "userIds": [] }),
            json!({ "userIds": [], "deptIds": [department["entityId"]] }),
            json!({ "since": middle["at"] }),
            json!({ "since": middle["at"], "entities": ["USER"] }),
            json!({ "since": last["at"], "causes": ["REQUEST"] }),
            json!({ "since": "2999-01-01T00:00:00Z" }),
        ] {
            let mut expected: Vec<Value> = all.iter().filter(|it| takes(&filter, it)).cloned().collect();
            for by in ["OLDEST_FIRST", "NEWEST_FIRST"] {
                for (size, backwards) in [(7, false), (7, true), (500, false), (1 + all.len() as i32 / 3, true)] {
                    let found = walked(&server, &filter, by, size, backwards).await;
                    assert_eq!(found, expected, "{filter} {by} {size} {backwards}");
                }
                expected.reverse();
            }
        }

        let newest = server
            .data(
                "{ changes(last: 20) { nodes { cursor } pageInfo { hasNextPage hasPreviousPage } } }",
                json!({}),
            )
            .await;
        let cursors: Vec<&Value> = all[all.len() - 20..].iter().map(|it| &it["cursor"]).collect();
        assert_eq!(
            newest["changes"]["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| &it["cursor"])
                .collect::<Vec<_>>(),
            cursors
        );
        assert_eq!(
            newest["changes"]["pageInfo"],
            json!({ "hasNextPage": false, "hasPreviousPage": true })
        );
        server.stop().await;
    }
);

both_databases!(
    async fn a_reader_by_filter_keeps_a_place_that_moves_with_the_whole_feed(database: TestDatabase) {
        let (dingtalk, server) = eventful(database).await;
        let filter = json!({ "userIds": ["nobody yet"] });
        let page = server.data(PAGE, json!({ "filter": filter })).await["changes"].take();
        let all = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        assert_eq!(
            (nodes(&page), &page["pageInfo"]["endCursor"]),
            (vec![], &all.last().unwrap()["cursor"])
        );

        let hire = json!([{ "edit": "hire", "userid": "nobody yet" }, { "edit": "hire" }]);
        dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
        server.sync().await;
        let page = server
            .data(
                PAGE,
                json!({ "filter": filter, "after": page["pageInfo"]["endCursor"] }),
            )
            .await["changes"]
            .take();
        let found = nodes(&page);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (&found[0]["kind"], &found[0]["entityId"]),
            (&json!("CREATED"), &json!("nobody yet"))
        );
        server.stop().await;
    }
);

both_databases!(
    async fn a_list_with_the_newest_in_front_goes_on_behind_its_beginning(database: TestDatabase) {
        let (dingtalk, server) = eventful(database).await;
        let newest_first = async |variables: Value| server.data(PAGE, variables).await["changes"].take();
        let head = newest_first(json!({ "first": 3, "by": "NEWEST_FIRST" })).await;
        let empty = newest_first(json!({ "filter": { "userIds": [] }, "by": "NEWEST_FIRST" })).await;
        let whole = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        let place = &head["pageInfo"]["startCursor"];
        assert_eq!(place, &whole.last().unwrap()["cursor"]);
        assert_eq!(place, &empty["pageInfo"]["startCursor"], "{empty}");

        let hire = json!([{ "edit": "hire" }, { "edit": "hire" }]);
        dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
        server.sync().await;
        let newer = nodes(&newest_first(json!({ "after": place })).await);
        let mut in_front = nodes(&newest_first(json!({ "last": 50, "before": place, "by": "NEWEST_FIRST" })).await);
        in_front.reverse();
        assert!(newer.len() >= 2 && newer == in_front, "{newer:?} {in_front:?}");
        server.stop().await;
    }
);

type Events = BoxStream<'static, async_graphql::Response>;

/// A listener with these arguments, in parentheses.
fn subscribed(schema: &AppSchema, arguments: &str) -> Events {
    let query = format!("subscription {{ directoryChanges{arguments} {{ cursor at entity entityId kind cause }} }}");
    let request = async_graphql::Request::new(query).data(Caller {
        subject: "test".into(),
        permissions: Permission::ALL.into(),
        expires_at: Clock::system().now() + Duration::from_secs(600),
        key: None,
        issuer: None,
        token: None,
        leeway: chrono::TimeDelta::zero(),
    });
    schema.execute_stream(request).boxed()
}

/// The next change that is told.
async fn next(events: &mut Events) -> Value {
    let event = tokio::time::timeout(Duration::from_secs(10), events.next()).await;
    let event = event.expect("something is told").expect("it goes on");
    assert!(event.errors.is_empty(), "{:?}", event.errors);
    event.data.into_json().unwrap()["directoryChanges"].take()
}

/// Nothing is told for a moment.
async fn is_silent(events: &mut Events) {
    let event = tokio::time::timeout(Duration::from_millis(300), events.next()).await;
    assert!(event.is_err(), "{event:?}");
}

both_databases!(
    async fn a_subscription_tells_what_its_filter_takes_and_goes_on_behind_its_cursor(database: TestDatabase) {
        let (dingtalk, server) = eventful(database).await;
        let schema = schema(server.services.clone());
        let all = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        let heard = |after: &str| {
            let arguments = format!("({after} filter: {{ kinds: [REMOVED, CREATED], entities: [USER] }})");
            subscribed(&schema, &arguments)
        };
        let place = all[15]["cursor"].as_str().unwrap();
        let mut streams = [heard(&format!("after: \"{place}\"")), heard("")];
        // Polled once, so that it listens before the edits.
        is_silent(&mut streams[1]).await;

        for _ in 0..2 {
            dingtalk
                .tell(reqwest::Method::POST, "churn", json!({ "count": 30 }))
                .await;
            server.sync().await;
        }
        let after = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        let filter = json!({ "kinds": ["REMOVED", "CREATED"], "entities": ["USER"] });
        for (stream, from) in streams.iter_mut().zip([16, all.len()]) {
            let expected: Vec<&Value> = after[from..].iter().filter(|it| takes(&filter, it)).collect();
            assert!(!expected.is_empty());
            for change in expected {
                assert_eq!(next(stream).await, *change);
            }
        }
        server.stop().await;
    }
);

both_databases!(
    async fn what_another_replica_wrote_is_told_with_the_snapshot_that_shows_it(database: TestDatabase) {
        let (dingtalk, server) = eventful(database).await;
        let before = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        // A replica that doesn't show yet what the other one writes.
        let snapshots = SnapshotHandle::new((*server.services.snapshots.current()).clone());
        let behind = schema(Services {
            snapshots: snapshots.clone(),
            change_feed: ChangeFeed::default(),
            ..server.services.clone()
        });
        dingtalk
            .tell(reqwest::Method::POST, "churn", json!({ "count": 30 }))
            .await;
        server.sync().await;
        let all = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        assert!(all.len() > before.len());

        let place = before[before.len() - 3]["cursor"].as_str().unwrap();
        let mut first = subscribed(&behind, &format!("(after: \"{place}\")"));
        for change in &before[before.len() - 2..] {
            assert_eq!(next(&mut first).await, *change);
        }
        let mut second = subscribed(&behind, "");
        is_silent(&mut first).await;
        is_silent(&mut second).await;

        snapshots.publish((*server.services.snapshots.current()).clone());
        for stream in [&mut first, &mut second] {
            for change in &all[before.len()..] {
                assert_eq!(next(stream).await, *change);
            }
        }
        server.stop().await;
    }
);

#[tokio::test]
async fn fields_have_the_names_of_the_schema() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let people = dingtalk.control("directory").await["users"].take();
    let (somebody, other) = (&people[3]["userid"], &people[5]["userid"]);
    let made = json!([{ "edit": "create_department", "parent_id": 1, "name": "新", "dept_id": 777_777 }]);
    dingtalk.tell(reqwest::Method::POST, "edits", made).await;
    server.sync().await;

    let edits = json!([
        { "edit": "update_user", "userid": somebody, "fields": { "job_number": "0007", "org_email": "x@x.example" } },
        { "edit": "move", "userid": other, "departments": [777_777] },
        { "edit": "rename_department", "dept_id": 777_777, "name": "新新" },
    ]);
    dingtalk.tell(reqwest::Method::POST, "edits", edits).await;
    server.sync().await;

    let query = "query ($users: [String!]) { changes(last: 3, filter: { kinds: [UPDATED, MOVED], userIds: $users, deptIds: [777777] }) {
        nodes { entityId fields { field before after } } } }";
    let found = server.data(query, json!({ "users": [somebody, other] })).await;
    let fields = |id: &Value| {
        let nodes = found["changes"]["nodes"].as_array().unwrap();
        let change = nodes
            .iter()
            .find(|it| it["entityId"] == *id)
            .unwrap_or_else(|| panic!("{id}: {found:#}"));
        change["fields"].as_array().unwrap().clone()
    };

    let names: Vec<String> = fields(somebody)
        .iter()
        .map(|it| it["field"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["jobNumber", "orgEmail"]);
    let memberships: Vec<Value> = fields(other)
        .into_iter()
        .filter(|it| it["field"] == "memberships")
        .collect();
    assert_eq!(memberships.len(), 1, "{memberships:?}");
    assert_eq!(memberships[0]["after"][0]["deptId"], "777777");
    assert_eq!(
        fields(&json!("777777"))[0],
        json!({ "field": "name", "before": "新", "after": "新新" })
    );
    server.stop().await;
}

#[tokio::test]
async fn what_is_asked_of_the_feed_is_checked() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(10, 3).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let many: Vec<String> = (0..501).map(|n| n.to_string()).collect();
    for (variables, word) in [
        (json!({ "first": 1, "last": 1 }), "`first` and `last`"),
        (json!({ "last": 0 }), "`last`"),
        (json!({ "before": "x" }), "`before`"),
        (json!({ "filter": { "userIds": many } }), "`userIds` and `deptIds`"),
    ] {
        let answer = server.graphql(&server.admin_token(), PAGE, variables.clone()).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert!(
            error["message"].as_str().unwrap().contains(word),
            "{variables}: {error}"
        );
    }

    let others: Vec<_> = Permission::ALL
        .into_iter()
        .filter(|it| *it != Permission::DirectoryRead)
        .collect();
    let answer = server.graphql(&server.token(&others), PAGE, json!({ "last": 1 })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
    server.stop().await;
}

both_databases!(
    async fn a_person_and_a_department_tell_their_own_changes_wherever_they_stand(database: TestDatabase) {
        let (_dingtalk, server) = eventful(database).await;
        let all = walked(&server, &Value::Null, "OLDEST_FIRST", 500, false).await;
        let of = |entity: &str, id: &Value| -> Vec<Value> {
            let own = all.iter().filter(|it| it["entity"] == entity && it["entityId"] == *id);
            own.map(|it| it["cursor"].clone()).collect()
        };
        let cursors =
            |changes: &Value| -> Vec<Value> { nodes(changes).iter().map(|it| it["cursor"].clone()).collect() };

        let query = "{ departments(first: 30) { totalCount nodes {
            deptId name
            parent { name }
            changes(first: 10) { totalCount nodes { cursor department { name changes(last: 1) { nodes { cursor } } } } }
            members(first: 10) { edges { cursor node { leader user {
                userId name state
                changes(first: 2, orderBy: NEWEST_FIRST) { totalCount pageInfo { hasNextPage } nodes { cursor } }
            } } } }
        } } }";
        let data = server.data(query, json!({})).await["departments"].take();
        let mut people = 0;
        for department in nodes(&data) {
            let own = of("DEPARTMENT", &department["deptId"]);
            assert_eq!(
                cursors(&department["changes"]),
                own[..own.len().min(10)],
                "{department}"
            );
            assert_eq!(department["changes"]["totalCount"], own.len());
            for change in nodes(&department["changes"]) {
                assert_eq!(change["department"]["name"], department["name"]);
                assert_eq!(cursors(&change["department"]["changes"]), own[own.len() - 1..]);
            }
            for member in department["members"]["edges"].as_array().unwrap() {
                let user = &member["node"]["user"];
                let mut own = of("USER", &user["userId"]);
                assert_eq!(user["changes"]["totalCount"], own.len());
                assert_eq!(user["changes"]["pageInfo"]["hasNextPage"], own.len() > 2);
                own.reverse();
                own.truncate(2);
                assert_eq!(cursors(&user["changes"]), own, "{user}");
                people += 1;
            }
        }
        assert!(people > 20);

        let somebody = all.iter().rfind(|it| it["entity"] == "USER").unwrap()["entityId"].clone();
        let one = "query ($id: String!) { user(userId: $id) { id userId raw changes { nodes { cursor } } } }";
        let user = server.data(one, json!({ "id": somebody })).await["user"].take();
        assert_eq!(cursors(&user["changes"]), of("USER", &somebody));
        assert_eq!(user["raw"]["userid"], somebody);
        let node =
            "query ($id: ID!) { node(id: $id) { id ... on User { name changes(last: 1) { nodes { cursor } } } } }";
        let found = server.data(node, json!({ "id": user["id"] })).await["node"].take();
        assert_eq!(
            cursors(&found["changes"]),
            of("USER", &somebody)[of("USER", &somebody).len() - 1..]
        );

        let reader = server.token(&[Permission::DirectoryRead]);
        let wrong = "query ($id: String!) { user(userId: $id) { name mobile changes(first: 0) { totalCount } memberships { nodes { user { changes(last: 1) { nodes { kind } } } } } } }";
        let answer = server.graphql(&reader, wrong, json!({ "id": somebody })).await;
        let user = &answer["data"]["user"];
        assert!(
            user["name"].is_string() && user["mobile"].is_null() && user["changes"].is_null(),
            "{answer:#}"
        );
        assert!(
            user["memberships"]["nodes"][0]["user"]["changes"]["nodes"][0]["kind"].is_string(),
            "{answer:#}"
        );
        let errors = answer["errors"].as_array().unwrap();
        let told: BTreeSet<(&str, &str)> = errors
            .iter()
            .map(|it| {
                (
                    it["path"][1].as_str().unwrap(),
                    it["extensions"]["code"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(told, [("changes", "BAD_USER_INPUT"), ("mobile", "FORBIDDEN")].into());
        server.stop().await;
    }
);
