//! A token with one permission learns nothing by the detours of its own field: what may not be read may not be tested
//! either.

use dingmirror::{auth::Permission, settings::SettingsPatch};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::list,
    server::{TestDingTalk, TestServer},
};

/// Two departments that don't hold each other's people: each with its `deptId`, somebody of it, and their email
/// address.
async fn two_departments(server: &TestServer) -> [(Value, Value, Value); 2] {
    let query = "{ departments(first: 20) { nodes { deptId members(first: 200) { nodes { user { userId email active } } } } } }";
    let data = server.data(query, json!({})).await;
    let all = data.to_string().to_lowercase();
    let mut found: Vec<(Value, Value, Value)> = Vec::new();

    for department in list(&data["departments"]["nodes"]) {
        let members: Vec<_> = list(&department["members"]["nodes"])
            .iter()
            .map(|it| &it["user"])
            .collect();
        let is_elsewhere = |id: &Value| found.iter().any(|(_, user, _)| user == id);
        if members.len() < 2 || members.iter().any(|user| is_elsewhere(&user["userId"])) {
            continue;
        }

        // Neither the person nor their address stands anywhere else.
        let alone = |text: &Value| all.matches(&text.to_string().to_lowercase()).count() == 1;
        let good = members.iter().find(|user| {
            let has_email = user["email"].as_str().is_some_and(|email| !email.is_empty());
            has_email && user["active"] == true && alone(&user["userId"]) && alone(&user["email"])
        });
        if let Some(user) = good {
            found.push((
                department["deptId"].clone(),
                user["userId"].clone(),
                user["email"].clone(),
            ));
        }
        if let [one, other] = found.as_slice() {
            return [one.clone(), other.clone()];
        }
    }

    panic!("no two departments: {found:?}")
}

const PREVIEW: &str = "query ($i: SendMessageInput!) { previewMessage(input: $i) {
    recipientCounts { state count } notices recipients { state reason position prediction } userErrors { code message } } }";

both_databases!(
    async fn a_preview_tells_nobody_who_may_only_send_who_is_in_a_department(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(120, 8).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let [(dept, inside, inside_email), (_, outside, outside_email)] = two_departments(&server).await;
        let sender = server.token_of("plugin", &[Permission::MessageSend]);
        let reader = server.token_of("plugin", &[Permission::MessageSend, Permission::DirectoryRead]);

        // What was sent before says whom DingTalk would drop the same content for.
        let send = "mutation ($i: SendMessageInput!) { sendMessage(input: $i) { message { recipientCounts { state count } } userErrors { message } } }";
        let before = |user: &Value| json!({ "recipients": { "userIds": [user] }, "content": { "text": { "content": format!("to {user}") } } });
        for user in [&inside, &outside] {
            let sent = server.graphql(&sender, send, json!({ "i": before(user) })).await;
            assert_eq!(sent["data"]["sendMessage"]["userErrors"], json!([]), "{sent:#}");
        }

        let of_dept = json!([{ "deptId": dept, "includeSubtree": false }]);
        let named = |user: &Value, email: &Value| {
            let with = |recipients: Value, content: &str| json!({ "recipients": recipients, "content": { "text": { "content": content } } });
            [
                with(json!({ "departments": of_dept, "except": { "userIds": [user] } }), "x"),
                with(
                    json!({ "departments": of_dept, "except": { "identities": [{ "email": email }] } }),
                    "x",
                ),
                with(json!({ "departments": of_dept, "userIds": [user] }), "x"),
                with(
                    json!({ "departments": of_dept, "identities": [{ "email": email }] }),
                    "x",
                ),
                with(json!({ "userIds": [user], "except": { "departments": of_dept } }), "x"),
                with(
                    json!({ "identities": [{ "email": email }], "except": { "departments": of_dept } }),
                    "x",
                ),
                with(json!({ "departments": of_dept }), &format!("to {user}")),
            ]
        };

        let pairs = named(&inside, &inside_email)
            .into_iter()
            .zip(named(&outside, &outside_email));
        for (of_inside, of_outside) in pairs {
            let told = async |token: &str, input: &Value| {
                let answer = server.graphql(token, PREVIEW, json!({ "i": input })).await;
                assert!(answer.get("errors").is_none(), "{answer:#}");
                let preview = answer["data"]["previewMessage"].clone();
                assert_eq!(preview["userErrors"], json!([]), "{input}");
                preview
            };
            assert_eq!(
                told(&sender, &of_inside).await,
                told(&sender, &of_outside).await,
                "{of_inside} tells who is in the department"
            );
            assert_ne!(
                told(&reader, &of_inside).await,
                told(&reader, &of_outside).await,
                "who may read the directory sees what would be sent: {of_inside}"
            );
        }

        // The department's own size is no secret of anybody's, and what is sent is what was asked for.
        let alone = json!({ "recipients": { "departments": of_dept }, "content": { "text": { "content": "y" } } });
        let counts = server.graphql(&sender, PREVIEW, json!({ "i": alone })).await;
        let counts = list(&counts["data"]["previewMessage"]["recipientCounts"]);
        assert!(counts.iter().any(|it| it["state"] == "QUEUED"), "{counts:?}");

        let sent = server
            .graphql(&sender, send, json!({ "i": named(&inside, &inside_email)[4] }))
            .await;
        let sent = &sent["data"]["sendMessage"]["message"]["recipientCounts"];
        assert_eq!(sent, &json!([{ "state": "EXCLUDED", "count": 1 }]));
        server.stop().await;
    }
);

#[tokio::test]
async fn dingtalks_whole_object_needs_what_its_parts_need() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(30, 4).await;
    let mobile = "13900001234";
    let hire = json!([{ "edit": "hire", "userid": "anna", "fields": { "mobile": mobile, "email": "anna@x.example", "active": true } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    use Permission::{DirectoryContact, DirectoryRead, IdentityRead};
    let by_mobile = format!("{{ userByMobile(mobile: \"{mobile}\") {{ user {{ userId raw }} }} }}");
    let by_identity = "{ resolve(identities: [{ email: \"anna@x.example\" }]) { user { userId raw } } }";
    let of_department = "{ department(deptId: 1) { deptId raw } }";

    for (permissions, query, path, lacks) in [
        (
            &[DirectoryContact][..],
            by_mobile.as_str(),
            "/userByMobile/user",
            "directory:read",
        ),
        (
            &[IdentityRead, DirectoryContact],
            by_identity,
            "/resolve/0/user",
            "directory:read",
        ),
        (&[DirectoryRead], of_department, "/department", "directory:contact"),
    ] {
        let answer = server.graphql(&server.token(permissions), query, json!({})).await;
        let found = answer["data"].pointer(path).unwrap_or_else(|| panic!("{answer:#}"));
        assert!(found.is_object() && found["raw"].is_null(), "{query}: {answer:#}");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{query}: {answer:#}");
        assert!(error["message"].as_str().unwrap().contains(lacks), "{answer:#}");

        let answer = server.graphql(&server.admin_token(), query, json!({})).await;
        assert!(answer["data"].pointer(path).unwrap()["raw"].is_object(), "{answer:#}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_may_only_change_the_settings_does_not_read_them() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    server.configure(dingtalk.settings()).await;
    let writer = server.token(&[Permission::SettingsWrite]);
    let both = server.token(&[Permission::SettingsWrite, Permission::SettingsRead]);

    let update =
        "mutation ($v: BigInt!) { updateSettings(input: { expectedVersion: $v, matchingMethod: EMAIL_TO_EMAIL }) {
        settings { version agentId appKey } userErrors { code message } } }";
    let reset = "mutation ($v: BigInt!) { resetSettings(input: { expectedVersion: $v }) {
        settings { version agentId appKey } userErrors { code message } } }";
    for (mutation, name) in [(update, "updateSettings"), (reset, "resetSettings")] {
        let version = server.services.settings.current().version;
        let stale = server.graphql(&writer, mutation, json!({ "v": 977 })).await;
        let error = &stale["data"][name]["userErrors"][0];
        assert_eq!(error["code"], "VERSION_CONFLICT", "{stale:#}");
        let told = error["message"].as_str().unwrap();
        assert!(
            !told.contains(&version.to_string()) && told.contains("settings:read"),
            "{told}"
        );
        assert!(!told.contains("somebody"), "nobody did: {told}");

        let stale = server.graphql(&both, mutation, json!({ "v": 977 })).await;
        let told = stale["data"][name]["userErrors"][0]["message"].as_str().unwrap();
        let expected = format!("at version {version}, and you sent 977");
        assert!(told.contains(&expected), "{told}");

        let done = server.graphql(&writer, mutation, json!({ "v": version })).await;
        assert_eq!(
            done["data"][name],
            json!({ "settings": null, "userErrors": [] }),
            "{done:#}"
        );
        let error = &done["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["path"]),
            (&json!("FORBIDDEN"), &json!([name, "settings"])),
            "{done:#}"
        );

        let version = server.services.settings.current().version;
        let done = server.graphql(&both, mutation, json!({ "v": version })).await;
        assert!(done["data"][name]["settings"]["version"].is_string(), "{done:#}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_may_only_delete_a_template_does_not_read_it() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let save =
        "mutation { saveMessageTemplate(input: { name: \"a\", content: { text: { content: \"the secret words\" } } }) {
        template { version } userErrors { code } } }";
    server.data(save, json!({})).await;
    let writer = server.token(&[Permission::SettingsWrite]);
    let delete = "mutation ($v: BigInt!) { deleteMessageTemplate(input: { name: \"a\", expectedVersion: $v }) {
        template { content } userErrors { code message } } }";

    let stale = server.graphql(&writer, delete, json!({ "v": 977 })).await;
    let error = &stale["data"]["deleteMessageTemplate"]["userErrors"][0];
    assert_eq!(error["code"], "VERSION_CONFLICT", "{stale:#}");
    assert!(!error["message"].as_str().unwrap().contains("version 1"), "{stale:#}");

    let admins = server.data(delete, json!({ "v": 977 })).await;
    let told = admins["deleteMessageTemplate"]["userErrors"][0]["message"]
        .as_str()
        .unwrap();
    assert!(told.contains("at version 1, and you sent 977"), "{told}");

    let gone = server.graphql(&writer, delete, json!({ "v": 1 })).await;
    assert_eq!(gone["errors"][0]["extensions"]["code"], "FORBIDDEN", "{gone:#}");
    assert!(!gone.to_string().contains("the secret words"), "{gone:#}");
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_recipient_is_told_by_no_more_than_the_first_one_shows() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let hire =
        json!([{ "edit": "hire", "userid": "anna-0100", "fields": { "email": "anna@x.example", "active": true } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    let send = "mutation { sendMessage(input: { recipients: { identities: [{ email: \"anna@x.example\" }], userIds: [\"anna-0100\"] },
        content: { text: { content: \"x\" } } }) { message { id } } }";
    server.data(send, json!({})).await;

    let reader = server.token_of("auditor", &[Permission::MessageRead]);
    let answer = server
        .graphql(
            &reader,
            "{ recipients { nodes { position state userId reason } } }",
            json!({}),
        )
        .await;
    let repeated = list(&answer["data"]["recipients"]["nodes"])
        .iter()
        .find(|it| it["state"] == "DUPLICATE")
        .unwrap();
    let told = repeated["reason"].as_str().unwrap();
    assert!(told.contains("recipient 0") && !told.contains('@'), "{told}");

    // Whom the request names by userid is shown to whoever may read messages; it is the row that the text points at.
    let first = list(&answer["data"]["recipients"]["nodes"])
        .iter()
        .find(|it| it["position"] == 0);
    assert_eq!(first.unwrap()["userId"], "anna-0100");
    server.stop().await;
}

both_databases!(
    async fn a_tester_whom_the_mirror_does_not_have_is_refused(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        let update = "mutation ($i: UpdateSettingsInput!) { updateSettings(input: $i) { settings { redirectTo } userErrors { code field message } } }";
        let change = async |mut input: Value| {
            input["expectedVersion"] = json!(server.services.settings.current().version);
            server.data(update, json!({ "i": input })).await["updateSettings"].take()
        };

        // Before the first sync nobody is known, and the form may be filled in at once.
        let early = change(json!({ "redirectTo": "nobody-here", "deliveryMode": "REDIRECT" })).await;
        assert_eq!(early["userErrors"], json!([]), "{early:#}");
        change(json!({ "redirectTo": null, "deliveryMode": "OFF" })).await;
        server.configure(dingtalk.settings()).await;
        server.sync().await;

        let users = server.data("{ users(first: 1) { nodes { userId } } }", json!({})).await;
        let tester = users["users"]["nodes"][0]["userId"].clone();
        for input in [
            json!({ "redirectTo": "nobody-here", "deliveryMode": "REDIRECT" }),
            json!({ "redirectTo": "nobody-here" }),
        ] {
            let refused = change(input.clone()).await;
            let error = &refused["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("INVALID"), &json!(["input", "redirectTo"])),
                "{input}: {refused:#}"
            );
            let told = error["message"].as_str().unwrap();
            assert!(told.contains("nobody-here") && told.contains("sync"), "{told}");
        }

        let taken = change(json!({ "redirectTo": tester, "deliveryMode": "REDIRECT" })).await;
        assert_eq!(taken["settings"]["redirectTo"], tester, "{taken:#}");

        // Who was kept from before the first sync stays until somebody changes it, and senders hear of it.
        server
            .services
            .admin
            .update(
                server.services.settings.current().version,
                SettingsPatch {
                    redirect_to: Some(Some(tester.as_str().unwrap().to_owned())),
                    ..SettingsPatch::default()
                },
                "test",
            )
            .await
            .unwrap();
        let leave = json!([{ "edit": "leave", "userid": tester }]);
        dingtalk.tell(reqwest::Method::POST, "edits", leave).await;
        server.sync().await;
        let kept = change(json!({ "redirectTo": tester, "matchingMethod": "EMAIL_TO_EMAIL" })).await;
        assert_eq!(
            kept["userErrors"],
            json!([]),
            "what stands there is given back: {kept:#}"
        );

        let preview =
            json!({ "recipients": { "departments": [{ "deptId": 1 }] }, "content": { "text": { "content": "x" } } });
        let preview = server.data(PREVIEW, json!({ "i": preview })).await;
        let notices = preview["previewMessage"]["notices"].to_string();
        assert!(notices.contains("redirectTo"), "{notices}");
        server.stop().await;
    }
);
