//! Somebody whose removal waits for approval is told as such, and messages still reach them.

use std::time::Duration;

use dingmirror::directory::{Cause, Change, ChangeKind, ChangeSet, RecordId, RecordState, User};
use serde_json::json;

use super::support::Company;
use crate::support::database::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn a_held_person_is_resolved_as_held_and_sent_to() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, &[("anna", "anna@x.example", "0101")]).await;
    let services = &company.server.services;
    let mut held = User::clone(services.snapshots.current().user("anna").unwrap());
    held.standing.state = RecordState::Held;
    let set = ChangeSet {
        departments: Vec::new(),
        users: vec![held],
        changes: vec![Change {
            entity: RecordId::User("anna".into()).into(),
            kind: ChangeKind::Held,
            fields: Vec::new(),
        }],
        held: Vec::new(),
    };

    let mut revisions = services.snapshots.subscribe();
    let revision = services
        .store
        .apply(set, Cause::Request("test".into()), None)
        .await
        .unwrap()
        .unwrap();
    let followed = revisions.wait_for(|seen| *seen >= revision);
    tokio::time::timeout(Duration::from_secs(10), followed)
        .await
        .unwrap()
        .unwrap();

    let asked = json!({ "email": "anna@x.example" });
    let found = company.resolve(asked.clone()).await;
    assert_eq!(
        (found.0.as_str(), found.1.as_deref()),
        ("HELD", Some("anna")),
        "{}",
        found.3
    );

    let send = "mutation ($i: ConfluenceIdentityInput!) { sendMessage(input: { recipients: { identities: [$i] },
        content: { text: { content: \"held\" } }, requireAllMatched: true }) {
        userErrors { message } message { recipients { nodes { userId resolutionStatus state } } } } }";
    let sent = company.data(send, json!({ "i": asked })).await["sendMessage"].take();
    let recipient = &sent["message"]["recipients"]["nodes"][0];
    assert_eq!(
        (&recipient["userId"], &recipient["resolutionStatus"]),
        (&json!("anna"), &json!("HELD")),
        "{sent:#}"
    );
    assert_ne!(recipient["state"], "FAILED");

    company
        .link(json!({ "identity": { "username": "a" }, "userId": "anna" }))
        .await
        .unwrap();
    assert_eq!(company.resolve(json!({ "username": "a" })).await.0, "HELD");
    company.server.stop().await;
}
