//! What is shown, what it opens, and who may make and revoke keys, case by case.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{CREATE, REVOKE, VIEWER, input, is_taken, made, made_for, manager, revoke, server, shown};
use crate::support::{database::TestDatabase, server::TestDingTalk};

/// The sentence of an answer that refuses, with its code.
fn refusal(body: &Value) -> (String, String) {
    let error = &body["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

both_databases!(
    async fn each_thing_that_may_be_shown_is_taken_or_refused_alike(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (_, key) = made(&server, "plugin", &["DIRECTORY_READ"]).await;
        let (_, other) = made(&server, "other", &["DIRECTORY_READ"]).await;
        let (id, revoked) = made(&server, "revoked", &["DIRECTORY_READ"]).await;
        revoke(&server, &id).await;
        let (_, over) = made_for(&server, "over", &["DIRECTORY_READ"], TimeDelta::milliseconds(300)).await;
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;

        // 36 characters: `dm_`, the id and `_`.
        let (beginning, secret) = key.split_at(36);
        let unknown = Uuid::new_v4().simple().to_string();
        let last = if key.ends_with('0') { "1" } else { "0" };
        let hash = {
            use aws_lc_rs::digest::{SHA256, digest};
            let bytes: Vec<u8> = (0..32)
                .map(|at| u8::from_str_radix(&secret[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            let hash = digest(&SHA256, &bytes);
            hash.as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };

        for (name, authorization) in [
            ("the key", format!("Bearer {key}")),
            ("another spelling of the scheme", format!("bearer {key}")),
            ("spaces around it", format!("Bearer   {key} ")),
        ] {
            let (status, body) = shown(&server.base, &server.http, &authorization).await;
            assert_eq!(status, 200, "{name}: {body:#}");
            assert_eq!(body["data"]["viewer"]["subject"], "key:plugin", "{name}");
            assert_eq!(
                body["data"]["viewer"]["permissions"],
                json!(["DIRECTORY_READ"]),
                "{name}"
            );
        }

        let mut told = Vec::new();
        for (name, text) in [
            ("the prefix alone", "dm_".to_owned()),
            ("the id alone", beginning.trim_end_matches('_').to_owned()),
            ("no secret", beginning.to_owned()),
            ("a digit too few", key[..key.len() - 1].to_owned()),
            ("a digit too many", format!("{key}0")),
            ("another last digit", format!("{}{last}", &key[..key.len() - 1])),
            (
                "the secret in capitals",
                format!("{beginning}{}", secret.to_uppercase() + "x"),
            ),
            ("another secret", format!("{beginning}{}", "0".repeat(64))),
            ("the secret of another key", format!("{beginning}{}", &other[36..])),
            ("the hash for the secret", format!("{beginning}{hash}")),
            ("an id that nobody has", format!("dm_{unknown}_{secret}")),
            (
                "hyphens in the id",
                format!("dm_{}_{secret}", Uuid::parse_str(&key[3..35]).unwrap()),
            ),
            ("two keys", format!("{key},{other}")),
            ("a revoked key", revoked.clone()),
            ("an expired key", over.clone()),
        ] {
            let (status, body) = shown(&server.base, &server.http, &format!("Bearer {text}")).await;
            assert_eq!(
                (status, refusal(&body).0.as_str()),
                (401, "UNAUTHENTICATED"),
                "{name}: {body:#}"
            );
            assert!(!body.to_string().contains(secret), "{name}: {body:#}");
            told.push(refusal(&body).1);
        }
        told.dedup();
        assert_eq!(told.len(), 1, "whoever tries keys is told apart: {told:?}");
        assert!(told[0].contains("key create"), "it says the remedy: {told:?}");

        for (name, authorization) in [
            ("a key of another scheme", format!("Basic {key}")),
            ("a key without a scheme", key.clone()),
            ("a key in capitals", format!("Bearer {}", key.to_uppercase())),
            ("the secret alone", format!("Bearer {secret}")),
        ] {
            let (status, body) = shown(&server.base, &server.http, &authorization).await;
            assert_eq!(
                (status, refusal(&body).0.as_str()),
                (401, "UNAUTHENTICATED"),
                "{name}: {body:#}"
            );
        }

        // In an address it would stand in logs: there it is none.
        let url = format!(
            "{}/graphql?query=%7Bviewer%7Bsubject%7D%7D&access_token={key}",
            server.base
        );
        let body: Value = server.http.get(url).send().await.unwrap().json().await.unwrap();
        assert!(body["data"]["viewer"].is_null(), "{body:#}");
        assert!(is_taken(&server, &other).await);
        server.stop().await;
    }
);

both_databases!(
    async fn a_key_opens_its_permissions_and_nothing_else(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (id, key) = made(
            &server,
            "plugin",
            &["DIRECTORY_READ", "SETTINGS_READ", "SETTINGS_WRITE"],
        )
        .await;
        let (_, sender) = made(&server, "sender", &["MESSAGE_SEND"]).await;

        let node = format!("{{ field: node(id: {id}) {{ id }} }}");
        for (which, query, opens) in [
            (&key, "{ field: mirror { revision } }", true),
            (&key, "{ field: apiKeys { totalCount } }", true),
            (&key, node.as_str(), true),
            (&key, "{ field: messages { totalCount } }", false),
            (&key, "{ field: identityLinks { totalCount } }", false),
            (&sender, "{ field: messageTemplates { totalCount } }", true),
            (&sender, "{ field: mirror { revision } }", false),
            (&sender, "{ field: settings { version } }", false),
            (&sender, "{ field: apiKeys { totalCount } }", false),
            (&sender, node.as_str(), false),
        ] {
            let answer = server.graphql(which, query, json!({})).await;
            let found = &answer["data"]["field"];
            assert_eq!(!found.is_null(), opens, "{query}: {answer:#}");
            assert_eq!(refusal(&answer).0 == "FORBIDDEN", !opens, "{query}: {answer:#}");
        }

        // By whatever other way a token goes.
        let url = format!("{}/graphql?query=%7Bviewer%7Bsubject%7D%7D", server.base);
        let body: Value = server
            .http
            .get(url)
            .bearer_auth(&key)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(body["data"]["viewer"]["subject"], "key:plugin");
        server.stop().await;
    }
);

both_databases!(
    async fn who_may_make_a_key_and_what_one_can_be(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let anna = manager(&server);
        let hour = TimeDelta::hours(1);
        let good = || input("plugin", &["SETTINGS_READ"], hour);
        let (_, key) = made(&server, "automation", &["SETTINGS_READ", "SETTINGS_WRITE"]).await;
        let long = "键".repeat(65);

        for (name, token, input, field, code) in [
            (
                "a blank name",
                &anna,
                input(" ", &["SETTINGS_READ"], hour),
                "input.name",
                "REQUIRED",
            ),
            (
                "a long name",
                &anna,
                input(&long, &["SETTINGS_READ"], hour),
                "input.name",
                "TOO_LONG",
            ),
            (
                "a line break",
                &anna,
                input("a\nb", &["SETTINGS_READ"], hour),
                "input.name",
                "INVALID",
            ),
            (
                "a NUL",
                &anna,
                input("a\0b", &["SETTINGS_READ"], hour),
                "input.name",
                "INVALID",
            ),
            (
                "no permission",
                &anna,
                input("p", &[], hour),
                "input.permissions",
                "REQUIRED",
            ),
            (
                "a permission that anna lacks",
                &anna,
                input("p", &["SETTINGS_READ", "MESSAGE_SEND"], hour),
                "input.permissions",
                "INVALID",
            ),
            (
                "a time that is over",
                &anna,
                input("p", &["SETTINGS_READ"], -hour),
                "input.expiresAt",
                "INVALID",
            ),
            (
                "a life that is too long",
                &anna,
                input("p", &["SETTINGS_READ"], TimeDelta::days(366)),
                "input.expiresAt",
                "TOO_LONG",
            ),
            ("made with a key", &key, good(), "input", "INVALID"),
        ] {
            let answer = server.graphql(token, CREATE, json!({ "input": input })).await;
            let made = &answer["data"]["createApiKey"];
            assert_eq!(
                (&made["apiKey"], &made["secret"]),
                (&Value::Null, &Value::Null),
                "{name}: {answer:#}"
            );
            let error = &made["userErrors"][0];
            let path: Vec<_> = error["field"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(
                (path.join(".").as_str(), error["code"].as_str().unwrap()),
                (field, code),
                "{name}: {answer:#}"
            );
        }

        let reader = server.token_of("reader", &[dingmirror::auth::Permission::SettingsRead]);
        for (name, token) in [("who may only read", &reader), ("nobody", &String::new())] {
            let answer = server.graphql(token, CREATE, json!({ "input": good() })).await;
            assert!(
                answer["data"]["createApiKey"].is_null() && answer["errors"].is_array(),
                "{name}: {answer:#}"
            );
        }

        // Only the two good ones are there.
        let mut good = good();
        good["clientMutationId"] = json!("x");
        good["name"] = json!(" 知识库 ");
        let answer = server.graphql(&anna, CREATE, json!({ "input": good })).await;
        let made = &answer["data"]["createApiKey"];
        assert_eq!(made["userErrors"], json!([]), "{answer:#}");
        assert_eq!(
            (
                &made["apiKey"]["name"],
                &made["apiKey"]["createdBy"],
                &made["clientMutationId"]
            ),
            (&json!("知识库"), &json!("anna"), &json!("x"))
        );
        let (prefix, secret) = (
            made["apiKey"]["prefix"].as_str().unwrap(),
            made["secret"].as_str().unwrap(),
        );
        assert!(secret.starts_with(&format!("{prefix}_")), "{answer:#}");

        let list = "{ apiKeys { totalCount nodes { name state permissions createdBy lastUsedAt } } }";
        let listed = server.graphql(&anna, list, json!({})).await;
        let keys = &listed["data"]["apiKeys"];
        assert_eq!(keys["totalCount"], 2);
        let names: Vec<_> = keys["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].clone())
            .collect();
        assert_eq!(names, [json!("知识库"), json!("automation")], "newest first");
        assert!(!listed.to_string().contains(&secret[36..]), "{listed:#}");
        server.stop().await;
    }
);

both_databases!(
    async fn a_key_is_revoked_once_and_both_who_made_and_who_revoked_it_stay(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (id, key) = made(&server, "plugin", &["SETTINGS_READ", "SETTINGS_WRITE"]).await;

        // Whoever may manage keys may give theirs up.
        let answer = server.graphql(&key, REVOKE, json!({ "input": { "id": id } })).await;
        let first = answer["data"]["revokeApiKey"]["apiKey"].clone();
        assert_eq!(
            (&first["state"], &first["revokedBy"]),
            (&json!("REVOKED"), &json!("key:plugin")),
            "{answer:#}"
        );
        assert!(!is_taken(&server, &key).await, "it is refused from then on");
        assert_eq!(revoke(&server, &id).await, first, "a second time changes nothing");

        let gone = "query ($id: ID!) { node(id: $id) { ... on ApiKey { createdBy revokedBy state } } }";
        let data = server.data(gone, json!({ "id": id })).await;
        assert_eq!(
            data["node"],
            json!({ "createdBy": "test", "revokedBy": "key:plugin", "state": "REVOKED" })
        );

        let nobody = base64_id(&format!("ApiKey:{}", Uuid::new_v4()));
        let data = server.data(REVOKE, json!({ "input": { "id": nobody } })).await;
        assert_eq!(data["revokeApiKey"]["userErrors"][0]["code"], "NOT_FOUND", "{data:#}");
        let other = base64_id("Settings:1");
        let answer = server
            .graphql(&manager(&server), REVOKE, json!({ "input": { "id": other } }))
            .await;
        assert_eq!(refusal(&answer).0, "BAD_USER_INPUT", "{answer:#}");

        // Who may change and not read is not shown what they revoked.
        let (id, _) = made(&server, "second", &["SETTINGS_READ"]).await;
        let writer = server.token_of("writer", &[dingmirror::auth::Permission::SettingsWrite]);
        let answer = server.graphql(&writer, REVOKE, json!({ "input": { "id": id } })).await;
        assert_eq!(answer["data"]["revokeApiKey"]["apiKey"], Value::Null, "{answer:#}");
        assert_eq!(refusal(&answer).0, "FORBIDDEN", "{answer:#}");
        server.stop().await;
    }
);

both_databases!(
    async fn the_last_use_of_a_key_is_told_and_keys_are_paged(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (_, key) = made(&server, "used", &["DIRECTORY_READ"]).await;
        made(&server, "unused", &["DIRECTORY_READ"]).await;
        assert_eq!(
            server.graphql(&key, VIEWER, json!({})).await["data"]["viewer"]["subject"],
            "key:used"
        );

        let list = "{ apiKeys(first: 10) { nodes { name lastUsedAt } } }";
        let last_used = async || {
            let data = server.data(list, json!({})).await;
            let nodes = data["apiKeys"]["nodes"].as_array().unwrap().clone();
            let of = |name: &str| nodes.iter().find(|it| it["name"] == name).unwrap()["lastUsedAt"].clone();
            (of("used"), of("unused"))
        };
        for tries in 0.. {
            let (used, unused) = last_used().await;
            assert!(unused.is_null());
            if used.is_string() {
                break;
            }
            assert!(tries < 50, "the use is not written down");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }

        let first = server
            .data(
                "{ apiKeys(first: 1) { nodes { name } pageInfo { endCursor hasNextPage } } }",
                json!({}),
            )
            .await;
        let page = &first["apiKeys"];
        assert_eq!(
            (&page["nodes"][0]["name"], &page["pageInfo"]["hasNextPage"]),
            (&json!("unused"), &json!(true))
        );
        let rest =
            "query ($after: String) { apiKeys(first: 1, after: $after) { nodes { name } pageInfo { hasNextPage } } }";
        let rest = server
            .data(rest, json!({ "after": page["pageInfo"]["endCursor"] }))
            .await;
        assert_eq!(rest["apiKeys"]["nodes"][0]["name"], "used");
        assert_eq!(rest["apiKeys"]["pageInfo"]["hasNextPage"], false);
        server.stop().await;
    }
);

fn base64_id(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(text)
}
