//! Messages through the API: whom they go to, what they would do, and what becomes of them.

use std::{collections::BTreeSet, time::Duration};

use dingmirror::{
    auth::{Caller, Permission},
    clock::Clock,
    graphql::schema,
    settings::SettingsPatch,
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const SEND: &str = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { replayed notices
    message { id state followUp deliveryMode onUnknown onDuplicate expiresAt recipientCounts { state count }
        recipients(first: 500) { totalCount nodes { position state userId reason department { deptId } } } }
    userErrors { code field message } } }";

async fn started(database: &TestDatabase) -> (TestDingTalk, TestServer) {
    let dingtalk = TestDingTalk::start(120, 12).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    (dingtalk, server)
}

fn text(content: &str) -> Value {
    json!({ "text": { "content": content } })
}

/// A department with departments and people below it, and the `userId`s of its own people and of the whole subtree.
async fn subtree(server: &TestServer) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let query = "{ departments(first: 500) { nodes { deptId childCount memberCount totalMemberCount level } } }";
    let data = server.data(query, json!({})).await;
    let nodes = data["departments"]["nodes"].as_array().unwrap();
    let found = nodes.iter().find(|it| {
        it["childCount"].as_i64() > Some(0)
            && it["memberCount"].as_i64() > Some(1)
            && it["totalMemberCount"].as_i64() > it["memberCount"].as_i64()
            && it["totalMemberCount"].as_i64() < Some(100)
    });
    let dept = found.unwrap_or_else(|| panic!("{nodes:#?}"))["deptId"]
        .as_str()
        .unwrap()
        .to_owned();
    let own = people(server, &dept, false).await;
    let all = people(server, &dept, true).await;
    (dept, own, all)
}

async fn people(server: &TestServer, dept: &str, whole: bool) -> BTreeSet<String> {
    let query = "query ($d: BigInt!) { department(deptId: $d) { members(first: 500) { nodes { user { userId } } }
        descendants(first: 20) { nodes { members(first: 100) { nodes { user { userId } } } } } } }";
    let data = server.data(query, json!({ "d": dept })).await;
    let ids = |node: &Value| -> Vec<String> {
        let people = node["members"]["nodes"].as_array().unwrap();
        people
            .iter()
            .map(|it| it["user"]["userId"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut found: BTreeSet<String> = ids(&data["department"]).into_iter().collect();
    if whole {
        for below in data["department"]["descendants"]["nodes"].as_array().unwrap() {
            found.extend(ids(below));
        }
    }
    found
}

fn users(message: &Value) -> BTreeSet<String> {
    let nodes = message["recipients"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|it| it["userId"].as_str().unwrap().to_owned())
        .collect()
}

both_databases!(
    async fn a_department_brings_its_people_once_minus_exceptions(database: TestDatabase) {
        let (_dingtalk, server) = started(database).await;
        let (dept, own, all) = subtree(&server).await;
        assert!(own.len() > 1 && all.len() > own.len());
        let send = async |recipients: Value, content: &str| {
            let input = json!({ "recipients": recipients, "content": text(content) });
            let mut data = server.data(SEND, json!({ "input": input })).await;
            assert_eq!(data["sendMessage"]["userErrors"], json!([]), "{data:#}");
            data["sendMessage"]["message"].take()
        };
        let alone = json!({ "departments": [{ "deptId": dept, "includeSubtree": false }] });
        let message = send(alone, "to the department").await;
        assert_eq!(users(&message), own);
        assert_eq!(message["recipients"]["nodes"][0]["department"]["deptId"], json!(dept));

        let often = json!({ "departments": vec![json!({ "deptId": dept }); 1_000] });
        let message = send(often, "to the subtree, said a thousand times").await;
        assert_eq!(
            (users(&message), &message["recipients"]["totalCount"]),
            (all.clone(), &json!(all.len()))
        );

        let named = own.iter().next().unwrap();
        let excepted = own.iter().nth(1).unwrap();
        let whole = json!({ "userIds": [named, excepted], "departments": [{ "deptId": dept }],
            "except": { "userIds": [excepted] } });
        let message = send(whole, "to the subtree").await;
        let nodes = message["recipients"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), all.len(), "each person once");
        assert_eq!(users(&message), all);
        assert_eq!(nodes[0]["department"], json!(null), "who is named comes first, by name");
        assert_eq!(nodes[1]["state"], "EXCLUDED", "who is named and excepted is told");

        let except = json!({ "departments": [{ "deptId": dept }],
            "except": { "departments": [{ "deptId": dept, "includeSubtree": false }] } });
        let message = send(except, "to the departments below").await;
        assert_eq!(users(&message), all.difference(&own).cloned().collect());

        let nowhere = json!({ "recipients": { "departments": [{ "deptId": "424242424242" }] }, "content": text("x") });
        let data = server.data(SEND, json!({ "input": nowhere })).await;
        let error = &data["sendMessage"]["userErrors"][0];
        assert_eq!(error["code"], "NOT_FOUND");
        assert_eq!(
            error["field"],
            json!(["input", "recipients", "departments", "0", "deptId"])
        );
        server.stop().await;
    }
);

both_databases!(
    async fn sending_to_nobody_is_said(database: TestDatabase) {
        let (dingtalk, server) = started(database).await;
        let empty = json!({ "edit": "create_department", "parent_id": 1, "name": "筹备组" });
        dingtalk.tell(reqwest::Method::POST, "edits", empty).await;
        server.sync().await;
        let query = "{ departments(first: 500) { nodes { deptId memberCount } } users(first: 3, filter: { active: true }) { nodes { userId } } }";
        let data = server.data(query, json!({})).await;
        let nodes = data["departments"]["nodes"].as_array().unwrap();
        let empty = nodes
            .iter()
            .find(|it| it["memberCount"] == 0)
            .expect("a department of departments alone");
        let empty = json!({ "deptId": empty["deptId"], "includeSubtree": false });
        let person = &data["users"]["nodes"][0]["userId"];
        let send = async |recipients: Value, strict: bool| {
            let input = json!({ "recipients": recipients, "requireAllMatched": strict, "content": text("to nobody") });
            let mut data = server.data(SEND, json!({ "input": input })).await;
            data["sendMessage"].take()
        };
        let notices = |sent: &Value| {
            sent["notices"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let fields = |sent: &Value| -> Vec<(String, String)> {
            let errors = sent["userErrors"].as_array().unwrap().iter();
            errors
                .map(|it| {
                    (
                        it["code"].as_str().unwrap().to_owned(),
                        it["field"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|part| part.as_str().unwrap())
                            .collect::<Vec<_>>()
                            .join("."),
                    )
                })
                .collect()
        };
        let not_found = |field: &str| vec![("NOT_FOUND".to_owned(), field.to_owned())];

        let sent = send(json!({ "departments": [empty] }), false).await;
        assert_eq!(sent["message"]["state"], "DONE");
        let told = notices(&sent);
        assert!(
            told[0].starts_with("recipients.departments.0: department") && told[0].contains("brings nobody"),
            "{told:?}"
        );
        assert!(told[1].starts_with("Nobody is left to send to"), "{told:?}");
        let sent = send(json!({ "departments": [empty] }), true).await;
        assert_eq!(fields(&sent), not_found("input.recipients.departments.0"));

        let but_all = json!({ "departments": [{ "deptId": "1" }], "except": { "departments": [{ "deptId": "1" }] } });
        let sent = send(but_all.clone(), false).await;
        assert_eq!(sent["message"]["state"], "DONE");
        assert!(notices(&sent)[0].starts_with("Nobody is left to send to"), "{sent:#}");
        assert_eq!(fields(&send(but_all, true).await), not_found("input.recipients"));

        // Whoever did something is mostly excepted, and often nobody else is left: that is told, and no error.
        let but_me = json!({ "userIds": [person], "except": { "userIds": [person] } });
        let sent = send(but_me, true).await;
        assert_eq!((&sent["message"]["state"], fields(&sent).len()), (&json!("DONE"), 0));
        assert!(notices(&sent)[0].starts_with("Nobody is left to send to"), "{sent:#}");

        let excepts_nobody = json!({ "userIds": [person], "except": { "departments": [empty] } });
        let sent = send(excepts_nobody.clone(), false).await;
        assert!(notices(&sent)[0].contains("nobody is left out for it"), "{sent:#}");
        assert_eq!(
            fields(&send(excepts_nobody, true).await),
            not_found("input.recipients.except.departments.0")
        );
        let sent = send(
            json!({ "userIds": [person], "departments": [{ "deptId": "1" }, { "deptId": "1" }] }),
            true,
        )
        .await;
        // That the person had the same content just before is another matter, and told.
        let of_nobody = notices(&sent).iter().any(|it| it.to_lowercase().contains("nobody"));
        assert_eq!(
            (fields(&sent).len(), of_nobody),
            (0, false),
            "said twice is not empty: {sent:#}"
        );
        server.stop().await;
    }
);

#[tokio::test]
async fn a_status_bar_counts_those_who_are_sent_to() {
    let database = TestDatabase::sqlite().await;
    let (_dingtalk, server) = started(&database).await;
    let data = server
        .data(
            "{ users(first: 8, filter: { active: true }) { nodes { userId } } }",
            json!({}),
        )
        .await;
    let people: Vec<Value> = data["users"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["userId"].clone())
        .collect();
    let send = async |excepted: usize| {
        let input = json!({
            "recipients": { "userIds": people, "except": { "userIds": people[..excepted] } },
            "content": { "oa": { "messageUrl": "https://a.example", "headBgcolor": "FFBBBBBB", "headText": "t",
                "statusBar": { "statusValue": "new" }, "body": { "title": "t" } } },
        });
        let mut data = server.data(SEND, json!({ "input": input })).await;
        data["sendMessage"].take()
    };
    let fits = send(3).await;
    assert_eq!(fits["userErrors"], json!([]), "five of eight are left");
    let error = &send(2).await["userErrors"][0];
    assert_eq!(error["field"], json!(["input", "content", "oa", "statusBar"]));
    assert!(error["message"].as_str().unwrap().contains("there are 6"), "{error:#}");
    server.stop().await;
}

both_databases!(
    async fn a_preview_tells_what_sending_does_and_does_nothing(database: TestDatabase) {
        let (dingtalk, server) = started(database).await;
        let (dept, ..) = subtree(&server).await;
        let preview = "query ($input: SendMessageInput!) { previewMessage(input: $input) { content bytes state deliveryMode notices
            recipientCounts { state count } recipients { userId state prediction } userErrors { code field message } } }";
        let input = json!({ "recipients": { "departments": [{ "deptId": dept }], "identities": [{ "email": "nobody@nowhere.example" }] },
            "content": { "markdown": { "title": "Page", "text": "**changed**" } } });
        let previewed = server.data(preview, json!({ "input": input })).await["previewMessage"].take();
        assert_eq!(previewed["userErrors"], json!([]));
        assert_eq!(previewed["content"]["markdown"]["text"], "**changed**");
        assert_eq!(previewed["bytes"], json!(previewed["content"].to_string().len()));
        assert_eq!(
            server.data("{ messages { totalCount } }", json!({})).await["messages"]["totalCount"],
            0
        );
        assert_eq!(dingtalk.control("messages").await["tasks"], json!([]));

        let sent = server.data(SEND, json!({ "input": input })).await["sendMessage"]["message"].take();
        let pairs = |nodes: &Value| -> Vec<(Value, bool)> {
            let nodes = nodes.as_array().unwrap().iter();
            nodes
                .map(|it| {
                    (
                        it["userId"].clone(),
                        it["state"] == "UNMATCHED" || it["state"] == "FAILED",
                    )
                })
                .collect()
        };
        assert_eq!(pairs(&previewed["recipients"]), pairs(&sent["recipients"]["nodes"]));

        let long =
            json!({ "recipients": { "userIds": ["x"] }, "content": text(&"字".repeat(900)), "expiresInSeconds": -1 });
        let refused = server.data(preview, json!({ "input": long })).await["previewMessage"].take();
        let fields: Vec<_> = refused["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["field"].clone())
            .collect();
        assert_eq!(
            fields,
            [json!(["input", "expiresInSeconds"]), json!(["input", "content"])],
            "{refused:#}"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn what_becomes_of_a_message_is_heard_until_it_is_taken_back(database: TestDatabase) {
        let (_dingtalk, server) = started(database).await;
        let (dept, ..) = subtree(&server).await;
        let input = json!({ "recipients": { "departments": [{ "deptId": dept }] }, "content": text("heard of") });
        let sent = server.data(SEND, json!({ "input": input })).await["sendMessage"]["message"].take();
        assert_eq!(sent["followUp"], "ON");
        let id = sent["id"].as_str().unwrap().to_owned();
        let schema = schema(server.services.clone());
        let caller = Caller {
            subject: "test".into(),
            permissions: [Permission::MessageRead].into(),
            expires_at: Clock::system().now() + Duration::from_secs(600),
            key: None,
            issuer: None,
            token: None,
            leeway: chrono::TimeDelta::zero(),
        };
        let query = format!(
            "subscription {{ messageUpdates(messageId: \"{id}\") {{ state recalledBy recipientCounts {{ state count }} }} }}"
        );
        let request = async_graphql::Request::new(query).data(caller);
        let mut heard = schema.execute_stream(request).boxed();
        let mut until = async |wanted: &dyn Fn(&Value) -> bool| loop {
            let event = tokio::time::timeout(Duration::from_secs(20), heard.next())
                .await
                .unwrap()
                .unwrap();
            assert!(event.errors.is_empty(), "{:?}", event.errors);
            let update = event.data.into_json().unwrap()["messageUpdates"].take();
            if wanted(&update) {
                break update;
            }
        };
        let in_state = |state: &'static str| {
            move |update: &Value| {
                update["recipientCounts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|it| it["state"] == state)
            }
        };
        until(&in_state("DELIVERED_UNREAD")).await;
        let recall = "mutation ($id: ID!) { recallMessage(input: { messageId: $id }) { message { state recalledBy } userErrors { code } } }";
        let recalled = server.data(recall, json!({ "id": id })).await;
        assert_eq!(
            recalled["recallMessage"]["message"],
            json!({ "state": "RECALLED", "recalledBy": "test" })
        );
        until(&in_state("RECALLED")).await;

        let unknown = server
            .data(
                recall,
                json!({ "id": "TWVzc2FnZTowMTk5YjZhMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA" }),
            )
            .await;
        assert_eq!(unknown["recallMessage"]["userErrors"][0]["code"], "NOT_FOUND");
        let found = "query ($id: ID!) { recipients(filter: { messageId: $id, states: [RECALLED] }) { totalCount nodes { state messageId } }
            messages(filter: { recipientStates: [RECALLED] }) { totalCount }
            none: messages(filter: { createdFrom: \"2099-01-01T00:00:00Z\" }) { totalCount }
            delivery { mode queued callsThisMonth recipientsThisMonth stoppedUntil } }";
        let data = server.data(found, json!({ "id": id })).await;
        assert!(data["recipients"]["totalCount"].as_i64() > Some(0));
        assert_eq!(data["recipients"]["nodes"][0]["messageId"], json!(id));
        assert_eq!(
            (&data["messages"]["totalCount"], &data["none"]["totalCount"]),
            (&json!(1), &json!(0))
        );
        assert_eq!(data["delivery"]["mode"], "ON");
        assert!(data["delivery"]["callsThisMonth"].as_i64() >= Some(2), "{data:#}");
        drop(heard);
        server.stop().await;
    }
);

both_databases!(
    async fn the_message_says_that_follow_up_is_off_where_its_url_is_not_set(database: TestDatabase) {
        let (_dingtalk, server) = started(database).await;
        server
            .configure(SettingsPatch {
                urls: [(dingmirror::settings::Api::GetSendResult, None)].into(),
                ..SettingsPatch::default()
            })
            .await;
        let (dept, ..) = subtree(&server).await;
        let input = json!({ "recipients": { "departments": [{ "deptId": dept }] }, "content": text("unfollowed") });
        let sent = server.data(SEND, json!({ "input": input })).await["sendMessage"].take();
        assert_eq!(sent["message"]["followUp"], "OFF");
        assert!(sent["notices"][0].as_str().unwrap().contains("getSendResultUrl"));
        server.stop().await;
    }
);

both_databases!(
    async fn a_key_is_forgotten_after_a_week(database: TestDatabase) {
        use dingmirror::{
            message::{MessageState, NewMessage},
            store::{InsertOutcome, KEYS_KEPT},
        };
        let (_dingtalk, server) = started(database).await;
        let now = Clock::system().now();
        let at = |created_at| NewMessage {
            state: MessageState::Done,
            created_at,
            expires_at: created_at,
            ..crate::store::message(Some("page-1"), &[])
        };
        let old = at(now - KEYS_KEPT - chrono::TimeDelta::seconds(1));
        let outcome = async |new| server.services.store.insert_message(new).await.unwrap().outcome;
        assert_eq!(outcome(old).await, InsertOutcome::Inserted);
        assert_eq!(
            outcome(at(now)).await,
            InsertOutcome::Inserted,
            "the old one has given it up"
        );
        assert_eq!(outcome(at(now)).await, InsertOutcome::Replayed);
        server.stop().await;
    }
);

both_databases!(
    async fn fifty_clients_with_one_key_at_once_make_one_message(database: TestDatabase) {
        let (dingtalk, server) = started(database).await;
        let (.., everybody) = subtree(&server).await;
        let input =
            json!({ "recipients": { "userIds": everybody }, "content": text("once"), "idempotencyKey": "job 1" });
        let calls = (0..50).map(|_| server.data(SEND, json!({ "input": input })));
        let answers = futures_util::future::join_all(calls).await;
        let sent = |answer: &Value| answer["sendMessage"].clone();
        let first: Vec<Value> = answers.iter().map(sent).filter(|it| it["replayed"] == false).collect();
        assert_eq!(first.len(), 1, "{first:#?}");
        let ids: BTreeSet<String> = answers.iter().map(|it| sent(it)["message"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        let all = "{ messages { totalCount } }";
        assert_eq!(server.data(all, json!({})).await["messages"]["totalCount"], 1);
        let open = "{ delivery { queued } }";
        while server.data(open, json!({})).await["delivery"]["queued"] != 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let tasks = dingtalk.control("messages").await["tasks"].take();
        assert_eq!(tasks.as_array().map(Vec::len), Some(1), "{tasks:#}");
        server.stop().await;
    }
);

both_databases!(
    async fn recipients_are_found_and_counted_by_whose_message_it_was_and_when(database: TestDatabase) {
        let (_dingtalk, server) = started(database).await;
        let (.., everybody) = subtree(&server).await;
        let one = everybody.first().unwrap();
        let before = Clock::system().now().to_rfc3339();
        for (caller, users) in [("wiki", json!(everybody)), ("jira", json!([one]))] {
            let input = json!({ "recipients": { "userIds": users }, "content": text(caller) });
            let token = server.token_of(caller, &Permission::ALL);
            let sent = server.graphql(&token, SEND, json!({ "input": input })).await;
            assert_eq!(sent["data"]["sendMessage"]["userErrors"], json!([]), "{sent:#}");
        }

        let query = "query ($f: RecipientFilter) { recipientCounts(filter: $f) { count } recipients(filter: $f) { totalCount } }";
        let all = everybody.len();
        for (filter, count) in [
            (json!({}), all + 1),
            (json!({ "caller": "wiki" }), all),
            (json!({ "caller": "jira", "userId": one }), 1),
            (json!({ "caller": "jira", "createdFrom": before }), 1),
            (json!({ "caller": "jira", "createdBefore": before }), 0),
            (json!({ "createdBefore": before }), 0),
        ] {
            let found = server.data(query, json!({ "f": filter })).await;
            let counted = found["recipientCounts"].as_array().unwrap().iter();
            let counted: u64 = counted.map(|it| it["count"].as_u64().unwrap()).sum();
            assert_eq!(
                (&found["recipients"]["totalCount"], counted),
                (&json!(count), count as u64),
                "{filter}"
            );
        }
        server.stop().await;
    }
);
