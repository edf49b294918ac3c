//! What a token's permissions open, and what they don't.

use dingmirror::auth::Permission;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

/// Somebody with an email address: `userId` and `email`.
async fn somebody(server: &TestServer) -> (Value, Value) {
    let data = server
        .data("{ users(first: 500) { nodes { userId email } } }", json!({}))
        .await;
    let users = data["users"]["nodes"].as_array().unwrap();
    let filled = |user: &&Value| user["email"].as_str().is_some_and(|email| !email.is_empty());
    let user = users.iter().rev().find(filled).expect("nobody has an email address");
    (user["userId"].clone(), user["email"].clone())
}

#[tokio::test]
async fn contact_fields_are_null_with_a_reason_and_the_rest_is_answered() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let (user, email) = somebody(&server).await;
    let reader = server.token(&[Permission::DirectoryRead]);

    let fields = [
        "email",
        "orgEmail",
        "mobile",
        "stateCode",
        "telephone",
        "remark",
        "extension",
        "raw",
    ];
    let query = format!(
        "query ($id: String!) {{ user(userId: $id) {{ name {} }} }}",
        fields.join(" ")
    );

    let answer = server.graphql(&reader, &query, json!({ "id": user })).await;
    assert!(answer["data"]["user"]["name"].is_string(), "{answer:#}");
    let errors = answer["errors"].as_array().unwrap();
    for field in fields {
        assert_eq!(answer["data"]["user"][field], Value::Null);
        let error = errors.iter().find(|error| error["path"] == json!(["user", field]));
        let error = error.unwrap_or_else(|| panic!("{field} has no error: {answer:#}"));
        assert_eq!(error["extensions"]["code"], "FORBIDDEN");
        assert!(error["message"].as_str().unwrap().contains("directory:contact"));
    }

    let answer = server
        .graphql(&reader, "{ users(first: 500) { nodes { userId email } } }", json!({}))
        .await;
    let found = answer["data"]["users"]["nodes"].as_array().unwrap();
    assert!(found.len() > 20 && found.iter().all(|user| user["email"].is_null()));
    assert!(
        answer["errors"].as_array().unwrap().len() <= 21,
        "an error for everybody"
    );

    let by_email = "query ($email: String) { users(filter: { email: $email }) { nodes { userId } } }";
    let answer = server.graphql(&reader, by_email, json!({ "email": email })).await;
    assert_eq!(
        (&answer["data"]["users"], &answer["errors"][0]["extensions"]["code"]),
        (&Value::Null, &json!("FORBIDDEN"))
    );
    for filter in [
        "or: [{ not: { and: [{ email: $email }] } }]",
        "not: { or: [{ active: true }, { email: $email }] }",
    ] {
        let deep = format!(
            "query ($email: String) {{ users(filter: {{ {filter} }}) {{ totalCount }}
                department(deptId: 1) {{ members(filter: {{ {filter} }}) {{ totalCount }} }} }}"
        );
        let answer = server.graphql(&reader, &deep, json!({ "email": email })).await;
        let data = json!({ "users": null, "department": { "members": null } });
        assert_eq!(answer["data"], data, "{answer:#}");
    }
    let found = server
        .data(by_email, json!({ "email": email.as_str().unwrap().to_uppercase() }))
        .await;
    assert!(
        found["users"]["nodes"]
            .as_array()
            .unwrap()
            .contains(&json!({ "userId": user }))
    );

    let feed = "{ changes(first: 500) { nodes { fields { field before after } } } }";
    let text = server.graphql(&reader, feed, json!({})).await.to_string();
    assert!(!text.contains(email.as_str().unwrap()));
    server.stop().await;
}

#[tokio::test]
async fn whoever_may_resolve_sees_whom_he_resolved_and_nobody_else() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 6).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let (_, email) = somebody(&server).await;
    let plugin = server.token(&[Permission::IdentityRead]);

    let query =
        "query ($email: String!) { resolve(identities: [{ email: $email }]) { status candidates { userId name } } }";
    let answer = server.graphql(&plugin, query, json!({ "email": email })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    assert!(
        answer["data"]["resolve"][0]["candidates"][0]["name"].is_string(),
        "{answer:#}"
    );

    for beyond in [
        "memberships { nodes { department { members { nodes { user { name } } } } } }",
        "manager { name }",
    ] {
        let query = format!(
            "query ($email: String!) {{ resolve(identities: [{{ email: $email }}]) {{ user {{ {beyond} }} candidates {{ {beyond} }} }} }}"
        );
        let answer = server.graphql(&plugin, &query, json!({ "email": email })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("directory:read")
        );
        assert!(!answer["data"].to_string().contains("\"name\":\""), "{answer:#}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_recipient_opens_no_way_into_the_directory() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(60, 6).await;
    let directory = dingtalk.control("directory").await;
    let userids: Vec<&str> = directory["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["userid"].as_str().unwrap())
        .collect();
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let (userid, email) = somebody(&server).await;
    let sender = server.token_of("plugin", &[Permission::MessageSend, Permission::MessageRead]);

    let input = json!({
        "recipients": {
            "identities": [{ "email": email, "displayName": "Wang" }, { "email": "nobody@example.invalid" }],
            "departments": [{ "deptId": "1" }],
        },
        "content": { "text": { "content": "hello" } },
    });
    let fields = "state person: userId dept: department { name members { nodes { user { name } } } } user { userId name } reason identity { email displayName }";

    let of = |list: &Value, state: &str| -> Vec<Value> {
        let list = list.as_array().unwrap_or_else(|| panic!("no list: {list:#}"));
        list.iter().filter(|it| it["state"] == state).cloned().collect()
    };
    let is_own = |list: &Value| {
        let named = &list.as_array().unwrap()[0];
        assert_eq!(named["user"]["userId"], userid, "{named:#}");
        assert_eq!(named["person"], userid, "{named:#}");
        assert_eq!(named["identity"]["email"], email, "{named:#}");
        let unmatched = &of(list, "UNMATCHED")[0];
        assert!(unmatched["reason"].as_str().unwrap().contains("nobody@example.invalid"));
        for brought in &list.as_array().unwrap()[2..] {
            assert_eq!(
                (&brought["dept"], &brought["user"], &brought["person"]),
                (&Value::Null, &Value::Null, &Value::Null),
                "{brought:#}"
            );
            let reason = brought["reason"].as_str().unwrap_or_default();
            assert!(!userids.iter().any(|id| reason.contains(id)), "{brought:#}");
        }
        let asleep = of(list, "FAILED");
        assert!(!asleep.is_empty(), "somebody has never logged in: {list:#}");
        assert_eq!(asleep[0]["reason"], "This person has never logged in to DingTalk.");
    };
    let refused = |answer: &Value, path: &str, permission: &str| {
        let found = answer["errors"].as_array().unwrap().iter().any(|error| {
            error["path"].as_array().unwrap().last().unwrap() == path
                && error["extensions"]["code"] == "FORBIDDEN"
                && error["message"].as_str().unwrap().contains(permission)
        });
        assert!(found, "{path} was not refused for {permission}: {answer:#}");
    };

    let preview = format!(
        "query ($input: SendMessageInput!) {{ previewMessage(input: $input) {{ recipients {{ {fields} }} }} }}"
    );
    let answer = server.graphql(&sender, &preview, json!({ "input": input })).await;
    is_own(&answer["data"]["previewMessage"]["recipients"]);
    refused(&answer, "dept", "directory:read");
    refused(&answer, "person", "directory:read");
    refused(&answer, "user", "directory:read");

    let send = format!(
        "mutation ($input: SendMessageInput!) {{ sendMessage(input: $input) {{ message {{ id recipients {{ nodes {{ {fields} }} }} }} }} }}"
    );
    let answer = server.graphql(&sender, &send, json!({ "input": input })).await;
    let message = &answer["data"]["sendMessage"]["message"];
    is_own(&message["recipients"]["nodes"]);
    let id = &message["id"];

    // Somebody else who may read messages reads neither addresses that the sender brought nor the directory.
    let other = server.token_of("auditor", &[Permission::MessageRead]);
    let by_node = format!(
        "query ($id: ID!) {{ node(id: $id) {{ ... on Message {{ recipients {{ nodes {{ id {fields} }} }} }} }} }}"
    );
    let by_list = format!(
        "query ($id: ID!) {{ recipients(filter: {{ messageId: $id }}, first: 500) {{ nodes {{ id {fields} }} }} }}"
    );
    for (query, path) in [(&by_node, "/node/recipients/nodes"), (&by_list, "/recipients/nodes")] {
        let answer = server.graphql(&other, query, json!({ "id": id })).await;
        let list = answer["data"].pointer(path).unwrap_or_else(|| panic!("{answer:#}"));
        assert!(list.as_array().unwrap().len() > 10);
        let text = answer.to_string();
        assert!(
            !text.contains("nobody@example.invalid") && !text.contains(email.as_str().unwrap()),
            "{text}"
        );
        assert!(text.contains("Wang"), "the identity's name is no contact detail");
        assert!(
            list.as_array()
                .unwrap()
                .iter()
                .all(|it| it["user"].is_null() && it["dept"].is_null())
        );
        for path in ["dept", "user"] {
            refused(&answer, path, "directory:read");
        }

        // The sender sees what they brought, wherever they look.
        let answer = server.graphql(&sender, query, json!({ "id": id })).await;
        let text = answer["data"].to_string();
        assert!(
            text.contains("nobody@example.invalid") && text.contains(email.as_str().unwrap()),
            "{text}"
        );
    }

    // Whom a department brought is not to be found out by asking for them either.
    let brought = server
        .graphql(&server.token(&Permission::ALL), &by_list, json!({ "id": id }))
        .await;
    // The one who is named stands in the department, too.
    let brought = brought["data"]["recipients"]["nodes"].as_array().unwrap();
    let brought = brought[2..]
        .iter()
        .map(|it| &it["person"])
        .find(|person| person.is_string() && **person != userid)
        .expect("somebody else in the department")
        .clone();

    let filters = "query ($id: ID!, $u: String!) { recipients(filter: { messageId: $id, userId: $u }) { totalCount nodes { id } }
        recipientCounts(filter: { messageId: $id, userId: $u }) { count } messages(filter: { userId: $u }) { totalCount nodes { id } } }";
    let nothing = json!({ "recipients": { "totalCount": 0, "nodes": [] }, "recipientCounts": [],
        "messages": { "totalCount": 0, "nodes": [] } });
    for reader in [&sender, &other] {
        let asked =
            async |user: &Value| server.graphql(reader, filters, json!({ "id": id, "u": user })).await["data"].clone();
        assert_eq!(asked(&brought).await, nothing);
        assert_eq!(asked(&json!("nobody-has-this")).await, nothing);
        assert_eq!(
            asked(&userid).await["messages"]["totalCount"],
            1,
            "who is named is no secret"
        );
    }

    let directory = server.token(&[Permission::MessageRead, Permission::DirectoryRead]);
    let found = server
        .graphql(&directory, filters, json!({ "id": id, "u": brought }))
        .await;
    assert_eq!(found["data"]["recipients"]["totalCount"], 1, "{found:#}");

    let of_other = server.graphql(&other, &by_list, json!({ "id": id })).await;
    let unmatched = &of(&of_other["data"]["recipients"]["nodes"], "UNMATCHED")[0];
    let node = format!("query ($id: ID!) {{ node(id: $id) {{ ... on Recipient {{ {fields} }} }} }}");
    let answer = server.graphql(&other, &node, json!({ "id": unmatched["id"] })).await;
    refused(&answer, "reason", "directory:contact");
    let answer = server.graphql(&sender, &node, json!({ "id": unmatched["id"] })).await;
    assert_eq!(answer["data"]["node"]["identity"]["email"], "nobody@example.invalid");

    // Whoever can't read it can't take it back either.
    let recall = "mutation ($id: ID!) { recallMessage(input: { messageId: $id }) { message { id } userErrors { code message } } }";
    let stranger = server.token_of("stranger", &[Permission::MessageSend]);
    let answer = server.graphql(&stranger, recall, json!({ "id": id })).await;
    assert_eq!(answer["data"]["recallMessage"]["message"], Value::Null);
    assert_eq!(answer["data"]["recallMessage"]["userErrors"][0]["code"], "NOT_FOUND");
    let answer = server.graphql(&sender, recall, json!({ "id": id })).await;
    assert_eq!(&answer["data"]["recallMessage"]["message"]["id"], id);

    // Who may read the directory and its contact fields reads all of it.
    let all = server.token(&Permission::ALL);
    let answer = server.graphql(&all, &by_list, json!({ "id": id })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    server.stop().await;
}

#[tokio::test]
async fn every_root_field_asks_for_its_own_permission() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    use Permission::*;
    let table = [
        ("{ mirror { revision } }", DirectoryRead),
        ("{ department(deptId: 1) { name } }", DirectoryRead),
        ("{ departments { totalCount } }", DirectoryRead),
        ("{ user(userId: \"x\") { name } }", DirectoryRead),
        ("{ users { totalCount } }", DirectoryRead),
        ("{ changes { totalCount } }", DirectoryRead),
        ("{ syncRuns { totalCount } }", DirectoryRead),
        (
            "{ syncRun(id: \"U3luY1J1bjowMTkzMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA\") { mode } }",
            DirectoryRead,
        ),
        ("{ heldRemovals { totalCount } }", DirectoryRead),
        (
            "{ userByMobile(mobile: \"19900000000\") { outcome } }",
            DirectoryContact,
        ),
        ("{ resolve(identities: [{ email: \"x\" }]) { status } }", IdentityRead),
        ("{ settings { version } }", SettingsRead),
        ("{ messages { totalCount } }", MessageRead),
        (
            "mutation { updateSettings(input: { expectedVersion: 0 }) { userErrors { code } } }",
            SettingsWrite,
        ),
        (
            "mutation { resetSettings(input: { expectedVersion: 0 }) { userErrors { code } } }",
            SettingsWrite,
        ),
        (
            "mutation { sendMessage(input: { recipients: { userIds: [\"x\"] }, content: { text: { content: \"x\" } } }) { replayed } }",
            MessageSend,
        ),
        ("{ messageTemplate(name: \"x\") { version } }", MessageSend),
        ("{ messageTemplates { totalCount } }", MessageSend),
        (
            "{ previewMessageTemplate(input: { name: \"x\" }) { bytes } }",
            MessageSend,
        ),
        (
            "mutation { saveMessageTemplate(input: { name: \"\", content: { text: { content: \"x\" } } }) { userErrors { code } } }",
            SettingsWrite,
        ),
        (
            "mutation { deleteMessageTemplate(input: { name: \"x\", expectedVersion: 1 }) { userErrors { code } } }",
            SettingsWrite,
        ),
        (
            "mutation { releaseHeldMessages(input: {}) { released } }",
            SettingsWrite,
        ),
        ("mutation { startSync(input: {}) { alreadyRunning } }", SyncRun),
        (
            "mutation { refreshUser(input: { userId: \"x\" }) { revision } }",
            SyncRun,
        ),
        (
            "mutation { refreshDepartment(input: { deptId: \"1\" }) { revision } }",
            SyncRun,
        ),
        (
            "mutation { approveRemovals(input: { all: true }) { decided } }",
            SyncRun,
        ),
        ("mutation { rejectRemovals(input: { all: true }) { decided } }", SyncRun),
    ];

    for (query, needed) in table {
        let others: Vec<_> = Permission::ALL
            .into_iter()
            .filter(|permission| *permission != needed)
            .collect();
        let answer = server.graphql(&server.token(&others), query, json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{query}: {answer:#}");
        assert!(
            error["message"].as_str().unwrap().contains(&needed.to_string()),
            "{query}: {answer:#}"
        );
        let answer = server.graphql(&server.token(&[needed]), query, json!({})).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer:#}");
    }
    server.stop().await;
}

#[tokio::test]
async fn null_puts_the_default_of_a_setting_back_and_absence_leaves_it_alone() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { version matchingMethod enabled appKey recallUrl } userErrors { field message } } }";
    let settings = async |input: Value| {
        let mut data = server.data(update, json!({ "input": input })).await;
        assert_eq!(data["updateSettings"]["userErrors"], json!([]), "{data:#}");
        data["updateSettings"]["settings"].take()
    };

    let first = settings(json!({ "expectedVersion": 0, "matchingMethod": "USERNAME_TO_JOB_NUMBER", "enabled": true, "appKey": "dingkey" })).await;
    let second = settings(json!({ "expectedVersion": first["version"], "recallUrl": null })).await;
    assert_eq!(
        second,
        json!({ "version": "2", "matchingMethod": "USERNAME_TO_JOB_NUMBER", "enabled": true, "appKey": "dingkey", "recallUrl": null })
    );
    let third =
        settings(json!({ "expectedVersion": "2", "matchingMethod": null, "enabled": null, "appKey": null })).await;
    assert_eq!(
        third,
        json!({ "version": "3", "matchingMethod": "EMAIL_TO_EMAIL", "enabled": false, "appKey": null, "recallUrl": null })
    );
    server.stop().await;
}

/// By what lists are filtered, and what that takes beside the list's own permission. A new condition has to be put
/// here: what may not be read may not be asked for by a filter either.
#[test]
fn every_condition_of_a_filter_is_known_with_what_it_needs() {
    let known = [
        // Nobody of the directory stands in it; the log itself needs `settings:read`.
        ("AuditLogFilter", "actions since subject target until"),
        ("ChangeFilter", "causes deptIds entities kinds since userIds"),
        (
            "DepartmentFilter",
            "and deptIdIn managerId nameIn nameStartsWith not or parentId parentIdIn search states subtreeOf",
        ),
        // `email` needs `directory:contact`, however deep it stands.
        (
            "UserFilter",
            "active and deptId deptIdIn email hiredFrom hiredTo jobNumber jobNumberIn jobNumberStartsWith leader \
             managerId nameIn nameStartsWith not or search states subtreeOf titleIn titleStartsWith userIdIn",
        ),
        // `identity { email }` needs `directory:contact`; the list itself `directory:read`.
        ("IdentityLinkFilter", "followed identity userId"),
        // Without `directory:read` `userId` finds only whom the message names.
        (
            "MessageFilter",
            "caller createdBefore createdFrom idempotencyKey recipientStates resendOf states userId",
        ),
        // `identity { email }` needs `directory:contact`.
        (
            "RecipientFilter",
            "caller createdBefore createdFrom identity messageId resolutionStatuses states userId",
        ),
    ];

    let schema = include_str!("../../schema.graphql");
    let mut found = Vec::new();
    for block in schema.split("\ninput ").skip(1) {
        let (name, rest) = block.split_once(" {").unwrap();
        if !name.ends_with("Filter") {
            continue;
        }
        let body = rest.split("\n}").next().unwrap();
        // Descriptions stand between marks of three quotes.
        let code: String = body.split("\"\"\"").step_by(2).collect();
        let mut fields: Vec<&str> = code
            .lines()
            .filter_map(|line| line.trim().split_once(':'))
            .map(|(name, _)| name)
            .collect();
        fields.sort_unstable();
        found.push((name.to_owned(), fields.join(" ")));
    }

    found.sort();
    let mut expected = known.map(|(name, fields)| (name.to_owned(), fields.to_owned()));
    expected.sort();
    assert_eq!(found, expected);
}
