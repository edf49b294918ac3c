//! Only what the operator's list names is called, ever: DingTalk's own URLs are no exception.

use dingmirror::{
    directory::Verdict,
    settings::{Api, SettingsPatch},
};
use serde_json::json;

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

both_databases!(
    async fn with_a_gateway_named_the_default_urls_are_not_called(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 5).await;
        let server = TestServer::start(database.target(), &dingtalk).await;

        let names = "{ settings { missing getTokenUrl userListUrl authScopesUrl recallUrl streamOpenUrl } }";
        let before = server.data(names, json!({})).await;
        let missing = before["settings"]["missing"].as_array().unwrap();
        for api in Api::ALL.into_iter().filter(|api| api.is_required()) {
            assert!(
                missing.contains(&json!(api.field())),
                "{} is missing: {before}",
                api.field()
            );
        }

        // The gateway has the form's seven calls; the optional ones keep their defaults, which are DingTalk's own
        // hosts.
        let seven = SettingsPatch {
            urls: dingtalk
                .settings()
                .urls
                .into_iter()
                .filter(|(api, _)| api.is_required())
                .collect(),
            ..dingtalk.settings()
        };
        server.configure(seven).await;
        let settings = server.services.settings.current();
        assert!(settings.urls.keys().all(|api| api.is_required()), "{:?}", settings.urls);

        let run = server.sync().await;
        assert_eq!(
            (run.verdict, run.strategy.as_deref()),
            (Some(Verdict::Complete), Some("SEVEN_URLS")),
            "{run:?}"
        );
        let calls = server.services.client.stats().calls;
        assert!(calls.keys().all(|api| api.is_required()), "{calls:?}");

        // The default itself is what the form shows, and giving that back changes nothing; any other address there is
        // refused.
        let update = "mutation ($url: String!) { updateSettings(input: { expectedVersion: \"1\", userListUrl: $url }) { userErrors { code field } } }";
        let own = server
            .data(update, json!({ "url": "https://api.dingtalk.com/topapi/v2/user/list" }))
            .await;
        assert_eq!(
            own["updateSettings"]["userErrors"],
            json!([{ "code": "HOST_NOT_ALLOWED", "field": ["input", "userListUrl"] }]),
            "{own}"
        );
        server.stop().await;
    }
);
