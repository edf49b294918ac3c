//! An event that makes a Confluence identity somebody else is told as the cause.

use serde_json::json;

use super::rig::{Channel, Rig};
use crate::support::{database::TestDatabase, server::TestDingTalk};

both_databases!(
    async fn a_match_that_an_event_changed_names_the_event(database: TestDatabase) {
        let rig = Rig::new(database, TestDingTalk::start(20, 4).await, Channel::Stream, 10_000).await;
        let fields = json!({ "email": "anna@x.example", "active": true });
        rig.edit(json!([{ "edit": "hire", "userid": "anna", "fields": fields }]))
            .await;
        let user = "{ user(userId: \"anna\") { email } }";
        rig.until(user, |it| it["user"]["email"] == "anna@x.example").await;
        rig.settled().await;
        let resolve = "{ resolve(identities: [{ username: \"wiki\", email: \"anna@x.example\" }]) { status } }";
        let found = rig.server.data(resolve, json!({})).await;
        assert_eq!(found["resolve"][0]["status"], "MATCHED");
        rig.server.services.matching.turn().await.unwrap();

        let fields = json!({ "email": "anna@y.example" });
        rig.edit(json!([{ "edit": "update_user", "userid": "anna", "fields": fields }]))
            .await;
        let feed = "{ matchChanges { nodes { cause causeId statusBefore userIdBefore statusAfter userIdAfter } } }";
        rig.until(feed, |it| it["matchChanges"]["nodes"] != json!([])).await;

        let data = rig.server.data(feed, json!({})).await;
        let changes = data["matchChanges"]["nodes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{changes:#?}");
        let said = ["cause", "statusBefore", "userIdBefore", "statusAfter", "userIdAfter"].map(|it| &changes[0][it]);
        assert_eq!(
            json!(said),
            json!(["EVENT", "MATCHED", "anna", "UNMATCHED", null]),
            "{changes:#?}"
        );
        assert!(changes[0]["causeId"].as_str().is_some_and(|id| !id.is_empty()));
        rig.server.stop().await;
    }
);
