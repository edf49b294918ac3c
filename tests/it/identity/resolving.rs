//! `resolve`: many Confluence users at once, each with an answer of its own.

use serde_json::{Value, json};

use super::support::Company;
use crate::support::database::TestDatabase;

const PEOPLE: &[super::support::Hire] = &[
    ("anna", "anna@x.example", "0101"),
    ("ben", "ben@x.example", "0102"),
    ("twin1", "twin@x.example", "0201"),
    ("twin2", "twin@x.example", "0202"),
    ("left", "left@x.example", "0301"),
    ("asleep", "asleep@x.example", "0302"),
];

const RESOLVE: &str =
    "query ($i: [ConfluenceIdentityInput!]!, $method: MatchingMethod) { resolve(identities: $i, method: $method) {
    status rule key identity { username } user { userId } candidates { userId } } }";

/// Status, rule and `userId` of an answer.
fn said(answer: &Value) -> Value {
    json!([answer["status"], answer["rule"], answer["user"]["userId"]])
}

both_databases!(
    async fn each_identity_has_its_own_answer_in_the_order_asked(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let asleep = json!({ "edit": "update_user", "userid": "asleep", "fields": { "active": false } });
        company.edit(asleep).await;
        company.edit(json!({ "edit": "leave", "userid": "left" })).await;
        company
            .link(json!({ "identity": { "userKey": "k1" }, "userId": "ben" }))
            .await
            .unwrap();

        let asked = [
            (
                json!({ "email": "twin@x.example" }),
                json!(["AMBIGUOUS", "EMAIL", null]),
            ),
            (json!({ "email": "nobody@x.example" }), json!(["UNMATCHED", null, null])),
            (
                json!({ "email": " ANNA@x.example" }),
                json!(["MATCHED", "EMAIL", "anna"]),
            ),
            (
                json!({ "email": "left@x.example" }),
                json!(["INACTIVE", "EMAIL", "left"]),
            ),
            (json!({ "displayName": "Anna" }), json!(["UNMATCHED", null, null])),
            (
                json!({ "email": "asleep@x.example" }),
                json!(["INACTIVE", "EMAIL", "asleep"]),
            ),
            (
                json!({ "userKey": "k1", "email": "anna@x.example" }),
                json!(["MATCHED", "LINK", "ben"]),
            ),
            (
                json!({ "email": "anna@x.example" }),
                json!(["MATCHED", "EMAIL", "anna"]),
            ),
        ];

        let (identities, expected): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let data = company.data(RESOLVE, json!({ "i": identities })).await;
        let answers = data["resolve"].as_array().unwrap();
        assert_eq!(answers.iter().map(said).collect::<Vec<_>>(), expected);
        assert_eq!(
            (&answers[0]["candidates"], &answers[0]["key"]),
            (
                &json!([{ "userId": "twin1" }, { "userId": "twin2" }]),
                &json!("twin@x.example")
            )
        );
        company.server.stop().await;
    }
);

both_databases!(
    async fn a_method_of_the_call_takes_the_place_of_the_settings(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let identity = json!([{ "username": "0101", "email": "ben@x.example" }]);
        for (method, expected) in [
            (Value::Null, json!(["MATCHED", "EMAIL", "ben"])),
            (
                json!("USERNAME_TO_JOB_NUMBER"),
                json!(["MATCHED", "JOB_NUMBER", "anna"]),
            ),
            (json!("EMAIL_TO_EMAIL"), json!(["MATCHED", "EMAIL", "ben"])),
        ] {
            let data = company.data(RESOLVE, json!({ "i": identity, "method": method })).await;
            assert_eq!(said(&data["resolve"][0]), expected, "{method}");
        }
        company.server.stop().await;
    }
);

#[tokio::test]
async fn a_thousand_are_answered_and_neither_more_nor_none() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, PEOPLE).await;
    let asked = |count: usize| -> Vec<Value> {
        let email = |n: usize| {
            if n.is_multiple_of(3) {
                "anna@x.example"
            } else {
                "nobody@x.example"
            }
        };
        (0..count)
            .map(|n| json!({ "username": n.to_string(), "email": email(n) }))
            .collect()
    };

    let data = company.data(RESOLVE, json!({ "i": asked(1_000) })).await;
    let answers = data["resolve"].as_array().unwrap();
    assert_eq!(answers.len(), 1_000);
    for (n, answer) in answers.iter().enumerate() {
        let status = if n.is_multiple_of(3) { "MATCHED" } else { "UNMATCHED" };
        assert_eq!(
            (&answer["identity"]["username"], &answer["status"]),
            (&json!(n.to_string()), &json!(status))
        );
    }

    let token = company.server.admin_token();
    for count in [0, 1_001] {
        let variables = json!({ "i": asked(count) });
        let answer = company.server.graphql(&token, RESOLVE, variables).await;
        assert_eq!(answer["data"], json!({ "resolve": null }), "{count}");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert!(error["message"].as_str().unwrap().contains("1 to 1000"), "{answer:#}");
    }
    company.server.stop().await;
}
