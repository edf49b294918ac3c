//! From the embedded database to Postgres and back, by the commands that an operator gives.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program, serve},
    server::TestDingTalk,
};

const LINK: &str =
    "mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { userErrors { code message } } }";

const SAVE: &str = "mutation ($input: SaveMessageTemplateInput!) {
    saveMessageTemplate(input: $input) { userErrors { code message } } }";

const SEND: &str =
    "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { message } } }";

/// What is anybody's own, and what is the mirror's.
const OWN: &str =
    "{ settings { agentId appKey appSecret { isSet } enabled deliveryMode matchingMethod updatedBy asyncSendUrl }
    identityLinks(first: 10) { nodes { identity { username } userId reason linkedBy linkedAt } }
    identityLinkHistory(first: 10) { nodes { at action } }
    messageTemplates(first: 10) { nodes { name description updatedBy updatedAt } }
    messages(first: 10) { nodes { id createdAt title state recipients(first: 10) { nodes { userId taskId } } } } }";

const MIRROR: &str =
    "{ users(first: 500) { nodes { userId name } totalCount } departments(first: 500) { nodes { deptId name } }
    changes(first: 500) { totalCount nodes { at kind entityId } } }";

fn run(home: &Home, args: &[&str]) -> Output {
    let mut command = program(args);
    home.give_to(&mut command);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until what was sent is settled, and looks.
async fn own(process: &Process) -> Value {
    let settled = |data: &Value| data["messages"]["nodes"][0]["state"] == "DONE";
    process.until(OWN, json!({}), settled).await
}

async fn on(home: &Home, dingtalk: &TestDingTalk) -> Process {
    // Nothing of its own comes between: what is there was brought in.
    Process::start(serve(dingtalk, &[("DINGMIRROR_SYNC_INTERVAL", "0")]), home).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_moved_to_postgres_and_back_by_one_command_each() {
    let dingtalk = TestDingTalk::start(30, 5).await;
    let (sqlite, postgres, back) = (
        TestDatabase::sqlite().await,
        TestDatabase::postgres().await,
        tempfile::tempdir().unwrap(),
    );
    let home = Home::from(&sqlite);
    let server = on(&home, &dingtalk).await;
    server.configure(&dingtalk, &json!({})).await;
    server.until_synced().await;
    let anybody = server.data("{ users(first: 3) { nodes { userId } } }", json!({})).await;
    let users: Vec<&str> = anybody["users"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["userId"].as_str().unwrap())
        .collect();
    let text = |words: &str| json!({ "text": { "content": words } });
    server
        .data(
            LINK,
            json!({ "input": { "identity": { "username": "anna" }, "userId": users[0], "reason": "by hand" } }),
        )
        .await;
    server
        .data(
            SAVE,
            json!({ "input": { "name": "welcome", "content": text("hello {{ name }}") } }),
        )
        .await;
    let sent = server
        .data(
            SEND,
            json!({ "input": { "recipients": { "userIds": users }, "content": text("news 新闻") } }),
        )
        .await;
    assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
    let (owned, mirrored) = (own(&server).await, server.data(MIRROR, json!({})).await);
    assert_eq!(mirrored["users"]["totalCount"], 30);

    // Beside the server it can be exported, and not moved.
    let file = sqlite.data_dir().join("export.jsonl");
    let exported = said(&run(&home, &["export", file.to_str().unwrap()]));
    assert!(
        exported.contains("counted on both sides") && exported.contains("message_templates"),
        "{exported}"
    );
    let lines = std::fs::read_to_string(&file).unwrap();
    assert!(
        !lines.contains(&dingtalk.config.app_secret) && !lines.contains("\"departments\""),
        "{lines}"
    );
    let data_dir = sqlite.data_dir();
    let from = ["import", "--from-database", data_dir.to_str().unwrap()];
    let in_use = run(&Home::from(&postgres), &from);
    assert!(
        String::from_utf8_lossy(&in_use.stderr).contains("another dingmirror uses"),
        "{in_use:?}"
    );
    server.end_by("TERM").await;

    let moved = said(&run(&Home::from(&postgres), &from));
    assert!(
        moved.contains("30  users") && moved.contains("counted on both sides"),
        "{moved}"
    );
    let server = on(&Home::from(&postgres), &dingtalk).await;
    assert_eq!(own(&server).await, owned);
    assert_eq!(
        server.data(MIRROR, json!({})).await,
        mirrored,
        "without reading anything of DingTalk anew"
    );
    server.end_by("TERM").await;

    let there = Home::sqlite(back.path());
    let moved = said(&run(&there, &["import", "--from-database", postgres.url().unwrap()]));
    assert!(moved.contains("30  users"), "{moved}");
    let server = on(&there, &dingtalk).await;
    assert_eq!(own(&server).await, owned);
    assert_eq!(server.data(MIRROR, json!({})).await, mirrored);
    server.end_by("TERM").await;

    // The file has what DingTalk doesn't know; the rest comes by a sync.
    let alone = tempfile::tempdir().unwrap();
    let home = Home::sqlite(alone.path());
    let imported = said(&run(&home, &["import", file.to_str().unwrap()]));
    assert!(!imported.contains("secret-key"), "{imported}");
    let server = on(&home, &dingtalk).await;
    server.until_synced().await;
    assert_eq!(own(&server).await, owned);
    server.end_by("TERM").await;

    // Another key can't open the secret, and that is said.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut other_key = program(&["import", file.to_str().unwrap()]);
    Home::sqlite(elsewhere.path()).give_to(&mut other_key);
    other_key.env("DINGMIRROR_SECRET_KEY", "another key of the tests that is long enough");
    let told = said(&other_key.output().unwrap());
    assert!(told.contains("sealed with another secret-key"), "{told}");
    postgres.remove().await;
}
