//! Which tokens a revocation ends, and which it leaves.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use dingmirror::auth::Permission;
use serde_json::json;

use super::{REVOKE, issued, revoke, told};
use crate::{
    api_keys::{
        ends::{both_end, streamed, subscribed},
        server,
    },
    support::{database::TestDatabase, server::TestDingTalk},
};

both_databases!(
    async fn a_token_is_revoked_by_its_id_and_no_other(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let one = server(database.target(), &dingtalk).await;
        let (anna, other) = (issued("anna"), issued("anna"));
        for token in [&anna, &other] {
            assert_eq!(told(&one, &token.token).await.0, 200);
        }

        let done = revoke(&one, json!({ "tokenId": anna.id, "clientMutationId": "7" })).await;
        assert_eq!(
            (&done["userErrors"], &done["clientMutationId"]),
            (&json!([]), &json!("7"))
        );
        let (status, message) = told(&one, &anna.token).await;
        assert_eq!(status, 401);
        assert!(message.contains("revoked"), "{message}");
        assert_eq!(told(&one, &other.token).await.0, 200);

        // Once more it stays as it was; the same id of another issuer is another token.
        let again = revoke(&one, json!({ "tokenId": anna.id, "issuer": "dingmirror" })).await;
        assert_eq!(again["revokedAt"], done["revokedAt"]);
        revoke(
            &one,
            json!({ "tokenId": other.id, "issuer": "https://idp.example.com" }),
        )
        .await;
        assert_eq!(told(&one, &other.token).await.0, 200);

        // A server that starts on this database knows it.
        one.stop().await;
        let next = server(database.target(), &dingtalk).await;
        assert_eq!(told(&next, &anna.token).await.0, 401);
        assert_eq!(told(&next, &other.token).await.0, 200);
        next.stop().await;
    }
);

both_databases!(
    async fn all_of_somebodys_tokens_end_but_those_of_after(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (first, second, berta) = (issued("anna"), issued("anna"), issued("berta"));
        for token in [&first, &second, &berta] {
            assert_eq!(told(&server, &token.token).await.0, 200);
        }

        // Of before a moment that lies before all of them.
        let earlier = (Utc::now() - TimeDelta::minutes(1)).to_rfc3339();
        revoke(&server, json!({ "subject": "anna", "issuedBefore": earlier })).await;
        assert_eq!(told(&server, &first.token).await.0, 200);

        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let done = revoke(&server, json!({ "subject": "anna" })).await;
        assert!(done["revokedAt"].is_string(), "{done}");
        for token in [&first, &second] {
            assert_eq!(told(&server, &token.token).await.0, 401);
        }
        assert_eq!(told(&server, &berta.token).await.0, 200);

        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let later = issued("anna");
        assert_eq!(told(&server, &later.token).await.0, 200);
        // An earlier moment takes nothing back.
        let again = revoke(&server, json!({ "subject": "anna", "issuedBefore": earlier })).await;
        assert_eq!(again["revokedAt"], done["revokedAt"]);
        assert_eq!(told(&server, &first.token).await.0, 401);
        assert_eq!(told(&server, &later.token).await.0, 200);
        server.stop().await;
    }
);

both_databases!(
    async fn what_is_wrong_is_told_and_who_may_not_revokes_nothing(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let later = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
        for (input, fields) in [
            (json!({}), json!([["input", "tokenId"]])),
            (
                json!({ "tokenId": "7", "subject": "anna" }),
                json!([["input", "tokenId"]]),
            ),
            (json!({ "tokenId": " " }), json!([["input", "tokenId"]])),
            (
                json!({ "subject": "anna", "issuer": "idp" }),
                json!([["input", "issuer"]]),
            ),
            (
                json!({ "subject": "anna", "issuedBefore": later }),
                json!([["input", "issuedBefore"]]),
            ),
            (json!({ "subject": "a".repeat(2_000) }), json!([["input", "subject"]])),
        ] {
            let done = revoke(&server, input.clone()).await;
            let errors = done["userErrors"].as_array().unwrap();
            let told: Vec<_> = errors.iter().map(|error| error["field"].clone()).collect();
            assert_eq!((json!(told), &done["revokedAt"]), (fields, &json!(null)), "{input}");
        }

        let token = issued("anna");
        let reader = server.token(&[Permission::SettingsRead, Permission::DirectoryRead]);
        let input = json!({ "input": { "tokenId": token.id } });
        let refused = server.graphql(&reader, REVOKE, input).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        assert_eq!(told(&server, &token.token).await.0, 200);
        server.stop().await;
    }
);

both_databases!(
    async fn sockets_and_streams_end_when_their_token_is_revoked_and_others_go_on(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let server = server(database.target(), &dingtalk).await;
        let (anna, berta) = (issued("anna"), issued("berta"));
        let (mut socket, stream) = (
            subscribed(&server, &anna.token).await,
            streamed(&server, &anna.token).await,
        );
        let (mut of_berta, of_hers) = (
            subscribed(&server, &berta.token).await,
            streamed(&server, &berta.token).await,
        );

        revoke(&server, json!({ "tokenId": anna.id })).await;
        both_end(&mut socket, stream, "the token was revoked").await;
        of_berta.say(json!({ "type": "ping" })).await;
        assert_eq!(of_berta.hear().await, json!({ "type": "pong" }));

        tokio::time::sleep(Duration::from_millis(1_100)).await;
        revoke(&server, json!({ "subject": "berta" })).await;
        both_end(&mut of_berta, of_hers, "the token was revoked").await;
        server.stop().await;
    }
);
