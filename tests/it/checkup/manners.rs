//! Whom a walk over the form disturbs, and who may ask for one.

use std::time::Duration;

use dingmirror::{auth::Permission, directory::RunState, intake::IntakeConfig, settings::AllowedHosts};
use reqwest::Method;
use serde_json::{Value, json};

use super::walk::{TEST, check, nothing_was_sent, said, walk};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

both_databases!(
    async fn a_test_disturbs_no_sync_and_makes_none_of_its_trouble(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(300, 20).await;
        let mut with = config(database.target(), &dingtalk);
        with.allowed_hosts = AllowedHosts::parse("127.0.0.1").unwrap();
        with.intake = IntakeConfig {
            stream: false,
            ..IntakeConfig::default()
        };
        let server = TestServer::start_with(with).await;
        server.configure(dingtalk.settings()).await;
        // So slow that the walks fall into it.
        let slow = json!({ "api": "/topapi/v2/user/get", "kind": "slow", "ms": 5 });
        dingtalk.tell(Method::POST, "faults", slow).await;

        let tests = async {
            for secret in ["wrong", "wrong again"] {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let walked = walk(
                    &server,
                    json!({ "appSecret": secret, "userGetUrl": "http://127.0.0.1:1/topapi/v2/user/get" }),
                )
                .await;
                assert_eq!(walked["state"], "FAILED");
            }
        };
        let (run, ()) = tokio::join!(server.sync(), tests);
        assert_eq!((run.state, run.error.clone()), (RunState::Finished, None), "{run:?}");
        assert!(run.findings.is_empty(), "{:?}", run.findings);
        nothing_was_sent(&dingtalk).await;
        server.stop().await;
    }
);

both_databases!(
    async fn one_test_runs_at_a_time_and_a_slow_dingtalk_ends_it_in_time(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;
        let slow = json!({ "api": "/gettoken", "kind": "slow", "ms": 1_500 });
        dingtalk.tell(Method::POST, "faults", slow).await;

        let second = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            walk(&server, json!({})).await
        };
        let (first, second) = tokio::join!(walk(&server, json!({})), second);
        assert_eq!(first["state"], "LIMITED", "{first:#}");
        assert_eq!((&second["checks"], &second["state"]), (&json!([]), &Value::Null));
        assert_eq!(second["userErrors"][0]["statement"]["code"], "TEST_RUNNING");
        assert_eq!(second["userErrors"][0]["code"], "CONFLICT");

        dingtalk.tell(Method::DELETE, "faults", json!({})).await;
        let slow = json!({ "api": "/topapi/v2/department/get", "kind": "slow", "ms": 30_000 });
        dingtalk.tell(Method::POST, "faults", slow).await;
        let began = std::time::Instant::now();
        let walked = walk(&server, json!({})).await;
        assert!(began.elapsed() < Duration::from_secs(20));
        assert_eq!(
            said(&walked, "DEPARTMENT_GET_URL"),
            ("LIMITED", "CALL_UNANSWERED", None),
            "{walked:#}"
        );
        assert_eq!(check(&walked, "USER_GET_URL")["state"], "PASSED");
        server.stop().await;
    }
);

both_databases!(
    async fn who_may_not_write_the_settings_may_not_test_them_and_who_may_not_read_them_learns_no_version(
        database: TestDatabase,
    ) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;

        let reader = server.token(&[Permission::SettingsRead]);
        let refused = server.graphql(&reader, TEST, json!({ "i": {} })).await;
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "FORBIDDEN");
        assert_eq!(
            extensions["statement"],
            json!({ "code": "PERMISSION_LACKING", "args": { "permission": "settings:write" } })
        );

        let writer = server.token(&[Permission::SettingsWrite]);
        let walked = server.graphql(&writer, TEST, json!({ "i": {} })).await;
        assert_eq!(walked["data"]["testSettings"]["settingsVersion"], Value::Null);
        assert_eq!(
            walked["errors"][0]["extensions"]["statement"]["args"]["permission"],
            "settings:read"
        );
        assert_eq!(walked["data"]["testSettings"]["state"], "LIMITED");
        server.stop().await;
    }
);
