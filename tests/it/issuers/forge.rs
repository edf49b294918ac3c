//! Tokens that Atlassian signs for calls of a Forge app.

use chrono::Utc;
use serde_json::{Value, json};

use super::{
    key_server::{KeyServer, set},
    server, shown,
    signers::Signer,
};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const APP: &str = "ari:cloud:ecosystem::app/d9e4002b-120b-426b-834b-402a4a5adce7";
const OTHER_APP: &str = "ari:cloud:ecosystem::app/0c1b2a39-0000-4000-8000-5f6e7d8c9b0a";
const INSTALLATION: &str = "ari:cloud:ecosystem::installation/11ac20df-be56-457d-af77-b776285cb0f0";
const SITE: &str = "866c3a03-ec62-4717-91c4-1ad078bfcc60";
const ANNA: &str = "557058:3731f189-7e58-46c0-b5c7-697c5a021aee";
const KID: &str = "forge/invocation-token/wf-f641e7a7-d1b6-472a-806b-5e4b03912149";

/// The claims of a token of a macro that Anna looks at.
fn claims() -> Value {
    let now = Utc::now().timestamp();
    let base = format!("https://api.atlassian.com/ex/confluence/{SITE}");
    json!({
        "app": {
            "id": APP, "version": "5", "installationId": INSTALLATION, "apiBaseUrl": base,
            "environment": { "type": "PRODUCTION", "id": "ari:cloud:ecosystem::environment/d9e4002b/1e468bcd" },
            "module": { "type": "xen:macro", "key": "my-dingtalk" },
            "installation": { "id": INSTALLATION, "contexts": [{ "name": "confluence", "apiBaseUrl": base }] },
        },
        "context": { "cloudId": SITE, "moduleKey": "my-dingtalk", "siteUrl": "https://x.atlassian.net",
            "extension": { "content": { "id": "1" } }, "accountType": "licensed", "accountId": ANNA },
        "principal": ANNA, "aud": APP, "iss": "forge/invocation-token",
        "iat": now, "nbf": now, "exp": now + 25, "jti": "c900303226dd9b698199667c9c7c2b91d7cef2ff",
    })
}

/// The claims with other values at these places.
fn with(places: &[(&str, Value)]) -> Value {
    let mut claims = claims();
    for (pointer, value) in places {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        claims.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    claims
}

/// A server that takes calls of one app, on one site or on any.
async fn forge(database: &TestDatabase, dingtalk: &TestDingTalk, keys: &KeyServer, sites: &str) -> TestServer {
    let text = format!(
        "[[issuers]]\nkind = 'forge'\naudience = ['{APP}']\njwks_url = '{}'\n{sites}permissions = ['identity:read', \
         'message:send']\n",
        keys.url
    );
    server(database, dingtalk, |_| text).await
}

both_databases!(
    async fn people_and_installations_call_by_forge(database: TestDatabase) {
        let (signer, stranger) = (Signer::rsa(), Signer::rsa());
        let dingtalk = TestDingTalk::start(3, 2).await;
        let keys = KeyServer::start(set(&[
            signer.jwk(KID, json!({ "alg": "RS256" })),
            Signer::rsa().jwk("2", json!({})),
        ]))
        .await;
        let sites = format!("cloud_ids = ['{SITE}']\n");
        let server = forge(database, &dingtalk, &keys, &sites).await;
        let header = json!({ "alg": "RS256", "kid": KID });

        let (anna, app) = (
            format!("{ANNA}@forge/invocation-token"),
            format!("{INSTALLATION}@forge/invocation-token"),
        );
        let none = Value::Null;
        for (name, places, subject) in [
            ("a macro", vec![], &anna),
            (
                "a page",
                vec![("/app/module/type", json!("confluence:globalPage"))],
                &anna,
            ),
            (
                "trusted context alone",
                vec![("/context", json!({ "cloudId": SITE }))],
                &anna,
            ),
            ("a list of audiences", vec![("/aud", json!([OTHER_APP, APP]))], &anna),
            (
                "permissions of its own",
                vec![("/permissions", json!(["settings:write"]))],
                &anna,
            ),
            ("a resolver", vec![("/context", none.clone())], &app),
            ("a trigger", vec![("/app/module/type", json!("core:trigger"))], &app),
            (
                "a scheduled trigger",
                vec![
                    ("/app/module/type", json!("scheduledTrigger")),
                    ("/principal", none.clone()),
                ],
                &app,
            ),
            (
                "a web trigger",
                vec![("/app/module/type", json!("core:webtrigger"))],
                &app,
            ),
            ("no module", vec![("/app/module", none.clone())], &app),
            (
                "nobody",
                vec![("/principal", none.clone()), ("/context/accountId", none.clone())],
                &app,
            ),
        ] {
            let told = shown(&server, &signer.token(&header, &with(&places))).await;
            assert_eq!(
                told,
                (200, json!(subject), json!(["IDENTITY_READ", "MESSAGE_SEND"])),
                "{name}"
            );
        }

        let now = Utc::now().timestamp();
        let other_site = "https://api.atlassian.com/ex/confluence/4869c4ef-cb0d-4108-8243-8929ac7cc1fa";
        let mut cases: Vec<(&str, String)> = [
            (
                "another app",
                vec![("/aud", json!(OTHER_APP)), ("/app/id", json!(OTHER_APP))],
            ),
            ("another app's audience", vec![("/aud", json!(OTHER_APP))]),
            ("another app's id", vec![("/app/id", json!(OTHER_APP))]),
            (
                "the app's bare id",
                vec![("/aud", json!("d9e4002b-120b-426b-834b-402a4a5adce7"))],
            ),
            ("no audience", vec![("/aud", none.clone())]),
            ("no app", vec![("/app", none.clone())]),
            ("an app as a text", vec![("/app", json!(APP))]),
            ("no installation", vec![("/app/installationId", none.clone())]),
            (
                "two installations",
                vec![("/app/installationId", json!("ari:cloud:ecosystem::installation/2"))],
            ),
            ("another site in the context", vec![("/context/cloudId", json!("2"))]),
            ("another site's base", vec![("/app/apiBaseUrl", json!(other_site))]),
            (
                "another site of the installation",
                vec![("/app/installation/contexts/0/apiBaseUrl", json!(other_site))],
            ),
            (
                "a site that isn't the operator's",
                vec![
                    ("/context/cloudId", json!("4869c4ef-cb0d-4108-8243-8929ac7cc1fa")),
                    ("/app/apiBaseUrl", json!(other_site)),
                    ("/app/installation/contexts/0/apiBaseUrl", json!(other_site)),
                ],
            ),
            (
                "no site at all",
                vec![
                    ("/context/cloudId", none.clone()),
                    ("/app/apiBaseUrl", none.clone()),
                    ("/app/installation", none.clone()),
                ],
            ),
            ("isolated", vec![("/icLabel", json!("ic-1"))]),
            ("isolated, and empty", vec![("/icLabel", json!(""))]),
            ("two people", vec![("/principal", json!("557058:another"))]),
            ("a person in the context alone", vec![("/principal", none.clone())]),
            (
                "an installation for a person",
                vec![
                    ("/principal", json!(INSTALLATION)),
                    ("/context/accountId", none.clone()),
                ],
            ),
            ("over", vec![("/exp", json!(now - 60))]),
            ("not yet", vec![("/nbf", json!(now + 120))]),
            ("no end", vec![("/exp", none.clone())]),
            ("no time of issue", vec![("/iat", none.clone())]),
            ("no `nbf`", vec![("/nbf", none.clone())]),
            ("another issuer", vec![("/iss", json!("forge/invocation-token/"))]),
        ]
        .into_iter()
        .map(|(name, places)| (name, signer.token(&header, &with(&places))))
        .collect();
        cases.extend([
            ("a stranger's key", stranger.token(&header, &claims())),
            (
                "another of Forge's keys",
                signer.token(&json!({ "alg": "RS256", "kid": "2" }), &claims()),
            ),
            ("no key", signer.token(&json!({ "alg": "RS256" }), &claims())),
            (
                "no algorithm",
                signer.token(&json!({ "alg": "none", "kid": KID }), &claims()),
            ),
            (
                "the public key as a secret",
                Signer::Secret(signer.file()).token(&json!({ "alg": "HS256", "kid": KID }), &claims()),
            ),
        ]);
        assert!(cases.len() >= 30, "{}", cases.len());
        for (name, token) in cases {
            assert_eq!(shown(&server, &token).await, (401, Value::Null, Value::Null), "{name}");
        }
        server.stop().await;
    }
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_list_each_site_that_has_the_app_may_call() {
    let signer = Signer::rsa();
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let keys = KeyServer::start(set(&[signer.jwk(KID, json!({}))])).await;
    let server = forge(&database, &dingtalk, &keys, "").await;

    let other = "https://api.atlassian.com/ex/confluence/2";
    let claims = with(&[
        ("/context/cloudId", json!("2")),
        ("/app/apiBaseUrl", json!(other)),
        ("/app/installation/contexts/0/apiBaseUrl", json!(other)),
    ]);
    let token = signer.token(&json!({ "alg": "RS256", "kid": KID }), &claims);
    assert_eq!(shown(&server, &token).await.0, 200);
    server.stop().await;
    database.remove().await;
}
