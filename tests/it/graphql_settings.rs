//! The settings form shows what is stored, used or not, and takes back what it shows.

use dingmirror::{config::Config, settings::AllowedHosts};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

const URLS: [&str; 15] = [
    "getTokenUrl",
    "departmentListSubUrl",
    "departmentGetUrl",
    "userListIdUrl",
    "userGetUrl",
    "userGetByMobileUrl",
    "asyncSendUrl",
    "authScopesUrl",
    "userListUrl",
    "userCountUrl",
    "getSendProgressUrl",
    "getSendResultUrl",
    "recallUrl",
    "callBackFailedResultUrl",
    "streamOpenUrl",
];

const OTHER_FIELDS: &str =
    "agentId appKey matchingMethod enabled deliveryMode redirectTo includeDepartments excludeDepartments";

/// The form's fields, and what is said of them.
async fn form(server: &TestServer) -> (Value, Value) {
    let query = format!(
        "{{ form: settings {{ {} {OTHER_FIELDS} }}
            about: settings {{ version missing appSecret {{ isSet setAt }} unused {{ field code message allow }} }} }}",
        URLS.join(" ")
    );
    let mut data = server.data(&query, json!({})).await;
    (data["form"].take(), data["about"].take())
}

/// Gives these fields back, as a page does that sends its whole form.
async fn save(server: &TestServer, mut fields: Value) {
    let version = server.services.settings.current().version;
    fields["expectedVersion"] = json!(version.to_string());
    let query =
        "mutation ($i: UpdateSettingsInput!) { updateSettings(input: $i) { userErrors { code field message } } }";
    let data = server.data(query, json!({ "i": fields })).await;
    assert_eq!(data["updateSettings"]["userErrors"], json!([]));
}

fn fields(about: &Value) -> Vec<(&str, &str, Option<&str>)> {
    let unused = about["unused"].as_array().unwrap().iter();
    unused
        .map(|it| {
            (
                it["field"].as_str().unwrap(),
                it["code"].as_str().unwrap(),
                it["allow"].as_str(),
            )
        })
        .collect()
}

both_databases!(
    async fn urls_whose_hosts_are_no_longer_allowed_are_shown_and_survive_the_form(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let simulator = dingtalk.base.trim_start_matches("http://").to_owned();
        let with = |hosts: &str| Config {
            allowed_hosts: AllowedHosts::parse(&format!("{simulator},{hosts}")).unwrap(),
            sync_on_start: false,
            ..config(database.target(), &dingtalk)
        };

        let wide = "gateway.example:8443,optional.example";
        let server = TestServer::start_with(with(wide)).await;
        server.configure(dingtalk.settings()).await;
        let gateway = json!({ "getTokenUrl": "https://gateway.example:8443/gettoken",
            "userCountUrl": "https://optional.example/topapi/user/count", "recallUrl": null });
        save(&server, gateway.clone()).await;
        let (before, about) = form(&server).await;
        assert_eq!((&about["unused"], &about["missing"]), (&json!([]), &json!([])));
        server.stop().await;

        // The operator takes the hosts from the list.
        let server = TestServer::start_with(with("another.example")).await;
        let (shown, about) = form(&server).await;
        assert_eq!(shown, before);
        assert_eq!(
            fields(&about),
            [
                ("getTokenUrl", "HOST_NOT_ALLOWED", Some("gateway.example:8443")),
                ("userCountUrl", "HOST_NOT_ALLOWED", Some("optional.example")),
            ]
        );
        let message = about["unused"][0]["message"].as_str().unwrap();
        assert!(
            message.contains("gateway.example:8443") && message.contains("DINGMIRROR_ALLOWED_HOSTS"),
            "{message}"
        );
        assert_eq!(about["missing"], json!(["getTokenUrl"]), "an optional one is no need");

        // Somebody changes another field, and sends the whole form.
        let mut back = shown.clone();
        back["agentId"] = json!("4711");
        save(&server, back).await;
        let (later, about) = form(&server).await;
        assert_eq!(
            (&later["agentId"], &later["getTokenUrl"]),
            (&json!("4711"), &gateway["getTokenUrl"])
        );
        assert_eq!(fields(&about).len(), 2);
        server.stop().await;

        // Allowed again, they are called again.
        let server = TestServer::start_with(with(wide)).await;
        let (again, about) = form(&server).await;
        for field in ["getTokenUrl", "userCountUrl", "recallUrl"] {
            assert_eq!(again[field], before[field], "{field}");
        }
        assert_eq!((&about["unused"], &about["missing"]), (&json!([]), &json!([])));
        server.stop().await;
    }
);

both_databases!(
    async fn a_secret_that_another_key_sealed_is_shown_as_stored_and_survives_the_form(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let with = |key: &str| Config {
            secret_key: key.into(),
            sync_on_start: false,
            ..config(database.target(), &dingtalk)
        };
        let (own, other) = (
            "a key of the tests that is long enough too",
            "another key, which is just as long as that",
        );

        let server = TestServer::start_with(with(own)).await;
        server.configure(dingtalk.settings()).await;
        let secret = form(&server).await.1["appSecret"].take();
        assert_eq!(secret["isSet"], true);
        server.stop().await;

        let server = TestServer::start_with(with(other)).await;
        let (shown, about) = form(&server).await;
        assert_eq!(about["appSecret"], secret);
        assert_eq!(fields(&about), [("appSecret", "INVALID", None)]);
        assert!(
            about["unused"][0]["message"]
                .as_str()
                .unwrap()
                .contains("DINGMIRROR_SECRET_KEY")
        );
        assert_eq!(about["missing"], json!(["appSecret"]));

        let mut back = shown.clone();
        back["agentId"] = json!("4711");
        save(&server, back).await;
        server.stop().await;

        let server = TestServer::start_with(with(own)).await;
        let (_, about) = form(&server).await;
        assert_eq!(
            (&about["appSecret"], &about["unused"], &about["missing"]),
            (&secret, &json!([]), &json!([]))
        );
        server.stop().await;
    }
);

both_databases!(
    async fn settings_that_a_failover_lost_are_in_force_no_more(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        server.configure(dingtalk.settings()).await;

        // The first change of all: its row is lost with it.
        let mut beside = database.beside().await;
        beside
            .run("BEGIN; DELETE FROM settings; UPDATE database_epoch SET place = 'elsewhere'; COMMIT")
            .await;

        for _ in 0..200 {
            if form(&server).await.0["agentId"].is_null() {
                server.stop().await;
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the lost settings are still in force");
    }
);
