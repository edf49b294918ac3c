//! What a walk over the form proves and tells.

use dingmirror::settings::AllowedHosts;
use reqwest::Method;
use serde_json::{Value, json};

use super::walk::{AS_RIGHT, MOST_CALLS, arg, check, form, nothing_was_sent, said, told, walk};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

both_databases!(
    async fn settings_that_are_right_are_proved_call_by_call_stored_or_not_and_nobody_hears_of_it(
        database: TestDatabase,
    ) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        let server = TestServer::start(database.target(), &dingtalk).await;

        // Nothing is stored yet.
        let mut input = form(&dingtalk);
        input["clientMutationId"] = json!("mine");
        let walked = walk(&server, input).await;
        assert_eq!(told(&walked), AS_RIGHT, "{walked:#}");
        assert_eq!(
            (&walked["state"], &walked["userErrors"]),
            (&json!("LIMITED"), &json!([]))
        );
        assert_eq!(
            (&walked["settingsVersion"], &walked["clientMutationId"]),
            (&json!("0"), &json!("mine"))
        );
        assert!(
            (1..=MOST_CALLS).contains(&walked["calls"].as_i64().unwrap()),
            "{}",
            walked["calls"]
        );
        assert_eq!(
            check(&walked, "USER_COUNT")["message"],
            "DingTalk counts 40 people in the company."
        );
        for check in walked["checks"].as_array().unwrap() {
            assert!(
                check["document"]
                    .as_str()
                    .unwrap()
                    .starts_with("https://open.dingtalk.com/document/")
            );
            assert_eq!(check["message"], check["statement"]["text"]);
        }

        let stored = server
            .data("{ settings { version appKey appSecret { isSet } } }", json!({}))
            .await;
        assert_eq!(
            stored["settings"],
            json!({ "version": "0", "appKey": null, "appSecret": { "isSet": false } })
        );

        server.configure(dingtalk.settings()).await;
        let walked = walk(&server, json!({})).await;
        assert_eq!(told(&walked), AS_RIGHT, "{walked:#}");
        assert_eq!(walked["settingsVersion"], "1");
        assert!(!walked.to_string().contains(&dingtalk.config.app_secret));

        nothing_was_sent(&dingtalk).await;
        server.stop().await;
    }
);

both_databases!(
    async fn a_misspelled_url_and_one_in_the_wrong_row_are_told_with_the_right_one_and_the_rest_is_tested(
        database: TestDatabase,
    ) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;
        let at = |path: &str| format!("{}{path}", dingtalk.base);

        let input = json!({
            "asyncSendUrl": at("/topapi/message/corpcorversation/asynsend_v2"),
            "userGetUrl": at("/topapi/v2/user/getbymobile"),
            "userCountUrl": at("/topapi/user/cout"),
        });
        let walked = walk(&server, input.clone()).await;
        for (name, field, remedy, right) in [
            (
                "ASYNC_SEND_URL",
                "asyncSendUrl",
                "URL_MISSPELLED",
                "/topapi/message/corpconversation/asyncsend_v2",
            ),
            (
                "USER_GET_URL",
                "userGetUrl",
                "URL_OF_ANOTHER_CALL",
                "/topapi/v2/user/get",
            ),
            ("USER_COUNT_URL", "userCountUrl", "URL_MISSPELLED", "/topapi/user/count"),
        ] {
            assert_eq!(
                said(&walked, name),
                ("FAILED", "CALL_UNUSABLE", Some(remedy)),
                "{walked:#}"
            );
            let check = check(&walked, name);
            assert_eq!(
                (&check["field"], &check["suggestion"]),
                (&json!(field), &json!(at(right)))
            );
        }
        assert_eq!(said(&walked, "AGENT_ID").0, "SKIPPED");
        for name in [
            "TOKEN",
            "USER_LIST_ID_URL",
            "USER_GET_BY_MOBILE_URL",
            "CONTACT_SCOPE",
            "FIELD_EMAIL",
        ] {
            assert_eq!(check(&walked, name)["state"], "PASSED", "{name}: {walked:#}");
        }
        assert_eq!(walked["state"], "FAILED");

        // The form refuses them with the same.
        let update = "mutation ($i: UpdateSettingsInput!) { updateSettings(input: $i) {
            userErrors { code field message suggestion statement { code args { name value } text } } } }";
        let mut refused = input;
        refused["expectedVersion"] = json!("1");
        let data = server.data(update, json!({ "i": refused })).await;
        let errors = data["updateSettings"]["userErrors"].as_array().unwrap();
        assert_eq!(errors.len(), 3, "{errors:#?}");
        for error in errors {
            let check = walked["checks"].as_array().unwrap().iter();
            let mut check = check.filter(|check| check["field"] == error["field"][1]);
            let check = check.next().unwrap();
            assert_eq!(
                (&error["suggestion"], &error["message"]),
                (&check["suggestion"], &check["remedy"])
            );
            assert_eq!(error["statement"]["code"], check["remedyStatement"]["code"]);
            assert_eq!(error["statement"]["text"], error["message"]);
        }

        nothing_was_sent(&dingtalk).await;
        server.stop().await;
    }
);

both_databases!(
    async fn without_a_token_the_urls_are_proved_all_the_same(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;

        let walked = walk(&server, json!({ "appSecret": "wrong" })).await;
        let token = check(&walked, "TOKEN");
        assert_eq!(
            said(&walked, "TOKEN"),
            ("FAILED", "CALL_UNUSABLE", Some("DINGTALK_BAD_CREDENTIALS"))
        );
        assert_eq!(token["dingtalkCode"], "40096");
        assert!(
            token["remedy"].as_str().unwrap().contains("appKey or appSecret"),
            "{token:#}"
        );
        for (name, state, code) in told(&walked) {
            let expected = match name {
                "TOKEN" => continue,
                // It is opened by the secret itself.
                "STREAM_OPEN_URL" => ("LIMITED", "CALL_UNUSABLE"),
                "EVENTS" => ("LIMITED", "EVENTS_BY_SYNC"),
                url if url.ends_with("_URL") => ("LIMITED", "URL_PROVED_WITHOUT_TOKEN"),
                _ => ("SKIPPED", code),
            };
            assert_eq!((state, code), expected, "{name}: {walked:#}");
        }

        // Neither the key nor the secret is there.
        let walked = walk(&server, json!({ "appKey": null, "appSecret": null, "agentId": null })).await;
        assert_eq!(
            said(&walked, "TOKEN"),
            ("FAILED", "CALL_UNUSABLE", Some("SETTINGS_INCOMPLETE"))
        );
        let fields = arg(&check(&walked, "TOKEN")["remedyStatement"], "fields");
        assert_eq!(fields, Some("appKey, appSecret"));
        assert_eq!(
            said(&walked, "AGENT_ID"),
            ("FAILED", "AGENT_ID_MISSING", Some("SETTINGS_INCOMPLETE"))
        );

        // Something that can't be one.
        let walked = walk(&server, json!({ "agentId": "dingabc" })).await;
        assert_eq!(
            said(&walked, "AGENT_ID"),
            ("FAILED", "AGENT_ID_REFUSED", Some("AGENT_ID_FORM"))
        );
        assert_eq!(said(&walked, "TOKEN").0, "PASSED");
        // Another app's.
        let walked = walk(&server, json!({ "agentId": "1" })).await;
        assert_eq!(
            said(&walked, "AGENT_ID"),
            ("FAILED", "AGENT_ID_REFUSED", Some("DINGTALK_WRONG_AGENT"))
        );
        assert_eq!(said(&walked, "ASYNC_SEND_URL"), ("PASSED", "SEND_URL_PROVED", None));

        nothing_was_sent(&dingtalk).await;
        server.stop().await;
    }
);

both_databases!(
    async fn each_missing_permission_is_told_by_name_with_what_is_not_to_be_had(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;
        let points = dingtalk.control("permissions").await["points"].clone();
        let points: Vec<String> = serde_json::from_value(points).unwrap();

        for (point, failed, limited) in [
            (
                "qyapi_get_department_list",
                &["DEPARTMENT_LIST_SUB_URL", "DEPARTMENT_GET_URL"][..],
                &[][..],
            ),
            (
                "qyapi_get_member",
                &["USER_LIST_ID_URL", "USER_GET_URL"],
                &["USER_COUNT_URL"],
            ),
            ("qyapi_get_department_member", &[], &["USER_LIST_URL"]),
            ("qyapi_get_member_by_mobile", &["USER_GET_BY_MOBILE_URL"], &[]),
            ("qyapi_base", &["ASYNC_SEND_URL"], &["AUTH_SCOPES_URL"]),
        ] {
            let granted: Vec<&String> = points.iter().filter(|it| *it != point).collect();
            dingtalk
                .tell(Method::PUT, "permissions", json!({ "points": granted }))
                .await;
            // A token keeps the permissions that it was issued with.
            dingtalk.tell(Method::POST, "tokens/expire", json!({})).await;

            let walked = walk(&server, json!({})).await;
            for (name, state, _) in told(&walked) {
                let expected = match name {
                    name if failed.contains(&name) => "FAILED",
                    name if limited.contains(&name) => "LIMITED",
                    _ => continue,
                };
                assert_eq!(state, expected, "{point} {name}: {walked:#}");
                let check = check(&walked, name);
                assert_eq!(said(&walked, name).2, Some("DINGTALK_PERMISSION_MISSING"), "{check:#}");
                assert_eq!(arg(&check["remedyStatement"], "permission"), Some(point), "{check:#}");
                assert_eq!(check["dingtalkCode"], "60011");
            }
        }

        dingtalk
            .tell(
                Method::PUT,
                "permissions",
                json!({ "points": points, "personal": false, "mobile": false }),
            )
            .await;
        dingtalk.tell(Method::POST, "tokens/expire", json!({})).await;
        let walked = walk(&server, json!({ "matchingMethod": "EMAIL_TO_EMAIL" })).await;
        let email = check(&walked, "FIELD_EMAIL");
        assert_eq!(
            said(&walked, "FIELD_EMAIL"),
            ("FAILED", "EMAILS_HIDDEN_FROM_MATCHING", Some("GRANT_PERMISSION"))
        );
        assert!(
            email["message"]
                .as_str()
                .unwrap()
                .starts_with("Email matching will match nobody"),
            "{email:#}"
        );
        assert_eq!(arg(&email["remedyStatement"], "permission"), Some("邮箱等个人信息"));
        let mobile = check(&walked, "FIELD_MOBILE");
        assert_eq!(
            said(&walked, "FIELD_MOBILE"),
            ("LIMITED", "MOBILES_HIDDEN", Some("GRANT_PERMISSION"))
        );
        assert_eq!(
            arg(&mobile["remedyStatement"], "permission"),
            Some("企业员工手机号信息")
        );

        let walked = walk(&server, json!({ "matchingMethod": "USERNAME_TO_JOB_NUMBER" })).await;
        assert_eq!(
            said(&walked, "FIELD_EMAIL").1,
            "EMAILS_HIDDEN",
            "the method does without"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn the_contact_scope_is_told_as_it_is(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 6).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;
        let directory = dingtalk.control("directory").await;
        let below = directory["departments"].as_array().unwrap();
        let below = below.iter().find(|it| it["parent_id"] == 1).unwrap()["dept_id"].clone();
        let userid = directory["users"][0]["userid"].clone();

        for (scope, said_of_it) in [
            (
                json!({ "authed_dept": [below], "authed_user": [userid] }),
                ("LIMITED", "SCOPE_PARTS", Some("WIDEN_SCOPE")),
            ),
            (
                json!({ "authed_dept": [], "authed_user": [] }),
                ("FAILED", "SCOPE_NOTHING", Some("WIDEN_SCOPE")),
            ),
            (
                json!({ "authed_dept": [1], "authed_user": [] }),
                ("PASSED", "SCOPE_WHOLE_COMPANY", None),
            ),
        ] {
            dingtalk.tell(Method::PUT, "scope", scope).await;
            let walked = walk(&server, json!({})).await;
            assert_eq!(said(&walked, "CONTACT_SCOPE"), said_of_it, "{walked:#}");
            for url in [
                "DEPARTMENT_LIST_SUB_URL",
                "DEPARTMENT_GET_URL",
                "USER_LIST_ID_URL",
                "USER_GET_URL",
            ] {
                assert_eq!(
                    check(&walked, url)["state"],
                    "PASSED",
                    "that it hides a record is an answer: {walked:#}"
                );
            }
        }
        server.stop().await;
    }
);

both_databases!(
    async fn hosts_that_are_not_allowed_or_not_there_are_told(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let mut with = config(database.target(), &dingtalk);
        with.allowed_hosts = AllowedHosts::parse("127.0.0.1").unwrap();
        let server = TestServer::start_with(with).await;
        server.configure(dingtalk.settings()).await;

        let elsewhere = json!({ "userGetUrl": "https://evil.example/topapi/v2/user/get" });
        let walked = walk(&server, elsewhere).await;
        assert_eq!(
            said(&walked, "USER_GET_URL"),
            ("FAILED", "CALL_UNUSABLE", Some("HOST_NOT_ALLOWED"))
        );
        assert_eq!(check(&walked, "USER_GET_URL")["suggestion"], Value::Null);

        // A port that nobody listens on.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = format!("http://{}", closed.local_addr().unwrap());
        drop(closed);
        let walked = walk(&server, json!({ "getTokenUrl": format!("{nobody}/gettoken") })).await;
        assert_eq!(
            said(&walked, "TOKEN"),
            ("FAILED", "CALL_UNUSABLE", Some("DINGTALK_NO_CONNECTION"))
        );
        assert_eq!(said(&walked, "USER_GET_URL").1, "URL_PROVED_WITHOUT_TOKEN");
        let walked = walk(&server, json!({ "userGetUrl": format!("{nobody}/topapi/v2/user/get") })).await;
        assert_eq!(
            said(&walked, "USER_GET_URL"),
            ("FAILED", "CALL_UNUSABLE", Some("DINGTALK_NO_CONNECTION"))
        );
        assert_eq!(check(&walked, "DEPARTMENT_GET_URL")["state"], "PASSED");

        // A gateway that knows the host and not the call.
        let gateway = format!("{}/gateway", dingtalk.base);
        let walked = walk(
            &server,
            json!({ "departmentGetUrl": format!("{gateway}/topapi/v2/department/get") }),
        )
        .await;
        assert_eq!(
            said(&walked, "DEPARTMENT_GET_URL"),
            ("FAILED", "CALL_UNUSABLE", Some("DINGTALK_URL_UNKNOWN")),
            "{walked:#}"
        );
        server.stop().await;
    }
);
