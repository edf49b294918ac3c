//! What is written.

use dingmirror::auth::Permission;
use reqwest::Method;
use serde_json::{Value, json};

use super::{as_anna, detail, entries, only, synced};
use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer},
};

const SETTINGS: &str = "mutation ($i: UpdateSettingsInput!) { updateSettings(input: $i) { userErrors { message } } }";
const CREATE_KEY: &str =
    "mutation ($i: CreateApiKeyInput!) { createApiKey(input: $i) { apiKey { id } secret userErrors { message } } }";
const REVOKE_KEY: &str = "mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }";
const REVOKE_TOKENS: &str = "mutation { revokeTokens(input: { tokenId: \"lost\" }) { userErrors { message } } }";
const LINK: &str =
    "mutation ($i: LinkIdentityInput!) { linkIdentity(input: $i) { link { id } userErrors { message } } }";
const UNLINK: &str = "mutation ($id: ID!) { unlinkIdentity(input: { id: $id }) { userErrors { message } } }";
const IMPORT: &str =
    "mutation ($csv: String!) { importIdentityLinks(input: { csv: $csv }) { applied userErrors { message } } }";
const SAVE: &str =
    "mutation ($i: SaveMessageTemplateInput!) { saveMessageTemplate(input: $i) { userErrors { message } } }";
const DELETE: &str =
    "mutation { deleteMessageTemplate(input: { name: \"page\", expectedVersion: \"1\" }) { userErrors { message } } }";
const START: &str = "mutation ($mode: SyncMode) { startSync(input: { mode: $mode }) { run { id } alreadyRunning userErrors { message } } }";
const TEST: &str = "mutation { testSettings(input: {}) { state userErrors { message } } }";
const SEND: &str =
    "mutation ($i: SendMessageInput!) { sendMessage(input: $i) { message { id } userErrors { message } } }";
const RECALL: &str = "mutation ($id: ID!) { recallMessage(input: { messageId: $id }) { userErrors { message } } }";
const RESEND: &str =
    "mutation ($i: ResendMessageInput!) { resendMessage(input: $i) { message { id } userErrors { message } } }";

async fn version(server: &TestServer) -> Value {
    server.data("{ settings { version } }", json!({})).await["settings"]["version"].take()
}

both_databases!(
    async fn whoever_changes_something_is_in_the_log_with_how_and_from_where(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 5).await;
        let server = synced(database.target(), &dingtalk).await;

        // Settings: which fields, and no value.
        let change = json!({ "expectedVersion": version(&server).await, "appSecret": "another-app-secret",
            "matchingMethod": "USERNAME_TO_JOB_NUMBER" });
        as_anna(&server, SETTINGS, json!({ "i": change })).await;
        let changed = only(&server, "SETTINGS_CHANGED").await;
        assert_eq!(detail(&changed, "fields"), "appSecret matchingMethod");
        assert_eq!(json!(detail(&changed, "version")), version(&server).await);
        assert!(!changed.to_string().contains("another-app-secret"), "{changed}");
        assert_eq!(
            (&changed["proof"], &changed["issuer"]),
            (&json!("TOKEN"), &json!("dingmirror"))
        );
        assert_eq!(changed["address"], "127.0.0.1");
        assert!(
            changed["requestId"].as_str().is_some_and(|id| id.len() == 36),
            "{changed}"
        );

        // Nothing that was refused, and nothing that changed nothing.
        let wrong = json!({ "expectedVersion": "0", "agentId": "1" });
        server.data(SETTINGS, json!({ "i": wrong })).await;
        let same = json!({ "expectedVersion": version(&server).await, "matchingMethod": "USERNAME_TO_JOB_NUMBER" });
        as_anna(&server, SETTINGS, json!({ "i": same })).await;
        only(&server, "SETTINGS_CHANGED").await;

        // Keys, and what is done with one.
        let until = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
        let key = json!({ "name": "plugin", "permissions": ["SETTINGS_WRITE", "SYNC_RUN"], "expiresAt": until });
        let made = as_anna(&server, CREATE_KEY, json!({ "i": key })).await;
        let (id, secret) = (&made["apiKey"]["id"], made["secret"].as_str().unwrap());
        let created = only(&server, "API_KEY_CREATED").await;
        assert_eq!(created["targetId"], *id);
        assert_eq!(detail(&created, "name"), "plugin");
        assert_eq!(detail(&created, "permissions"), "settings:write sync:run");
        let template = json!({ "name": "page", "content": { "text": { "content": "a template's words" } } });
        let saved = server.graphql(secret, SAVE, json!({ "i": template })).await;
        assert_eq!(saved["data"]["saveMessageTemplate"]["userErrors"], json!([]), "{saved}");
        let by_key = entries(&server, json!({ "subject": "key:plugin" })).await;
        assert_eq!(by_key.len(), 1, "{by_key:#?}");
        assert_eq!(
            (&by_key[0]["action"], &by_key[0]["target"]),
            (&json!("TEMPLATE_SAVED"), &json!("page"))
        );
        assert_eq!((&by_key[0]["proof"], &by_key[0]["apiKeyId"]), (&json!("API_KEY"), id));
        as_anna(&server, REVOKE_KEY, json!({ "id": id })).await;
        as_anna(&server, REVOKE_KEY, json!({ "id": id })).await;
        assert_eq!(only(&server, "API_KEY_REVOKED").await["targetId"], *id, "once");

        as_anna(&server, REVOKE_TOKENS, json!({})).await;
        let revoked = only(&server, "TOKENS_REVOKED").await;
        assert_eq!(
            (&revoked["target"], detail(&revoked, "issuer")),
            (&json!("lost"), "dingmirror")
        );

        as_anna(&server, DELETE, json!({})).await;
        assert_eq!(only(&server, "TEMPLATE_DELETED").await["target"], "page");
        as_anna(&server, TEST, json!({})).await;
        detail(&only(&server, "SETTINGS_TRIED").await, "state");
        server.stop().await;
    }
);

both_databases!(
    async fn links_removals_and_syncs_are_in_the_log(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(120, 20).await;
        let server = synced(database.target(), &dingtalk).await;
        let directory = dingtalk.control("directory").await;
        let userid = |n: usize| directory["users"][n]["userid"].clone();

        let link = |n: usize, replace: bool| json!({ "i": { "identity": { "username": "wiki" }, "userId": userid(n), "replace": replace } });
        let id = as_anna(&server, LINK, link(0, false)).await["link"]["id"].take();
        as_anna(&server, LINK, link(0, false)).await;
        as_anna(&server, LINK, link(1, true)).await;
        as_anna(&server, UNLINK, json!({ "id": id })).await;
        for action in ["LINK_MADE", "LINK_CHANGED", "LINK_REMOVED"] {
            assert_eq!(only(&server, action).await["targetId"], id, "{action}");
        }
        let csv = format!(
            "username,userId\na,{}\nb,{}\n",
            userid(2).as_str().unwrap(),
            userid(3).as_str().unwrap()
        );
        assert_eq!(as_anna(&server, IMPORT, json!({ "csv": csv })).await["applied"], true);
        assert_eq!(detail(&only(&server, "LINKS_IMPORTED").await, "linked"), "2");

        // Whoever leaves in such numbers waits for somebody's decision.
        let leavers: Vec<_> = (20..60).map(userid).collect();
        let edits: Vec<_> = leavers
            .iter()
            .map(|id| json!({ "edit": "leave", "userid": id }))
            .collect();
        dingtalk.tell(Method::POST, "edits", json!(edits)).await;
        let run = loop {
            let mut started = as_anna(&server, START, json!({ "mode": "FULL" })).await;
            if started["alreadyRunning"] == false {
                break started["run"]["id"].take();
            }
        };
        let requested = only(&server, "SYNC_REQUESTED").await;
        assert_eq!((&requested["targetId"], detail(&requested, "mode")), (&run, "FULL"));
        until_over(&server, &run).await;

        let reject = "mutation ($ids: [String!]) { rejectRemovals(input: { userIds: $ids }) { decided userErrors { message } } }";
        let approve = "mutation { approveRemovals(input: { all: true }) { decided remaining userErrors { message } } }";
        assert_eq!(
            as_anna(&server, reject, json!({ "ids": leavers[..3] })).await["decided"],
            3
        );
        assert_eq!(as_anna(&server, approve, json!({})).await["decided"], 37);
        assert_eq!(detail(&only(&server, "REMOVALS_REJECTED").await, "users"), "3");
        let approved = entries(&server, json!({ "actions": ["REMOVALS_APPROVED"] })).await;
        let users: u32 = approved
            .iter()
            .map(|it| detail(it, "users").parse::<u32>().unwrap())
            .sum();
        assert_eq!(users, 37, "{approved:#?}");
        assert_eq!(as_anna(&server, approve, json!({})).await["decided"], 0);
        assert_eq!(
            entries(&server, json!({ "actions": ["REMOVALS_APPROVED"] })).await,
            approved
        );

        // No entry tells whom it is about to somebody who may not read the directory.
        let all = json!(entries(&server, json!({})).await).to_string();
        assert!(leavers.iter().all(|id| !all.contains(id.as_str().unwrap())), "{all}");
        server.stop().await;
    }
);

async fn until_over(server: &TestServer, run: &Value) {
    let state = "query ($id: ID!) { syncRun(id: $id) { state } }";
    while server.data(state, json!({ "id": run })).await["syncRun"]["state"] == "RUNNING" {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

both_databases!(
    async fn recalls_and_resends_are_in_the_log_and_first_sends_are_not(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 5).await;
        let server = synced(database.target(), &dingtalk).await;
        let nobody = json!({ "recipients": { "identities": [{ "email": "nobody@x.example" }] },
            "content": { "text": { "content": "words of a message" } } });
        let sent = as_anna(&server, SEND, json!({ "i": nobody })).await["message"]["id"].take();
        assert_eq!(
            entries(&server, json!({ "subject": "anna" })).await,
            Vec::<Value>::new()
        );

        let again = json!({ "messageId": sent, "states": ["UNMATCHED"], "idempotencyKey": "once" });
        let resent = as_anna(&server, RESEND, json!({ "i": again })).await["message"]["id"].take();
        as_anna(&server, RESEND, json!({ "i": again })).await;
        let entry = only(&server, "MESSAGE_RESENT").await;
        assert_eq!(entry["targetId"], resent, "once, as its message was");
        for _ in 0..2 {
            as_anna(&server, RECALL, json!({ "id": sent })).await;
        }
        assert_eq!(only(&server, "MESSAGE_RECALLED").await["targetId"], sent, "once");
        let all = json!(entries(&server, json!({})).await).to_string();
        assert!(
            !all.contains("words of a message") && !all.contains("nobody@x"),
            "{all}"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn the_log_is_paged_filtered_and_only_for_whoever_may_read_settings(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 5).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        for n in 0..5 {
            let template = json!({ "name": format!("t{n}"), "content": { "text": { "content": "x" } } });
            as_anna(&server, SAVE, json!({ "i": template })).await;
        }

        let page = "query ($after: String) { auditLog(first: 2, after: $after, filter: { actions: [TEMPLATE_SAVED] }) {
            totalCount pageInfo { hasNextPage endCursor } edges { cursor node { cursor target at } } } }";
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let data = server.data(page, json!({ "after": after })).await["auditLog"].take();
            assert_eq!(data["totalCount"], 5);
            for edge in list(&data["edges"]) {
                assert_eq!(edge["cursor"], edge["node"]["cursor"]);
                seen.push(edge["node"].clone());
            }
            if data["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = data["pageInfo"]["endCursor"].clone();
        }
        let targets: Vec<_> = seen.iter().map(|it| it["target"].as_str().unwrap()).collect();
        assert_eq!(targets, ["t4", "t3", "t2", "t1", "t0"], "newest first");

        let filtered = async |filter: Value| {
            let found = entries(&server, filter).await;
            found.iter().map(|it| it["target"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(filtered(json!({ "target": "t2" })).await, ["t2"]);
        assert_eq!(
            filtered(json!({ "since": seen[1]["at"], "until": seen[0]["at"] })).await,
            ["t3"]
        );
        assert!(filtered(json!({ "subject": "ben" })).await.is_empty());
        assert!(
            filtered(json!({ "actions": ["LINK_MADE", "SYNC_REQUESTED"] }))
                .await
                .is_empty()
        );

        let others = Permission::ALL.into_iter().filter(|it| *it != Permission::SettingsRead);
        let token = server.token(&others.collect::<Vec<_>>());
        let refused = server.graphql(&token, "{ auditLog { totalCount } }", json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        server.stop().await;
    }
);
