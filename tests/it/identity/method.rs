//! Changing the matching method: rehearsed, and with the rehearsal's token where somebody would be another person.

use dingmirror::auth::Permission;
use serde_json::{Value, json};

use super::support::Company;
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer, config},
};

const PEOPLE: &[super::support::Hire] = &[
    ("anna", "anna@x.example", "0101"),
    ("ben", "ben@x.example", "0102"),
    ("carl", "carl@x.example", "0103"),
];

const REHEARSE: &str = "query ($method: MatchingMethod!) { rehearseMatching(method: $method) { token notices settingsVersion revision knownIdentities
    gains { totalCount nodes { statusBefore statusAfter reasonAfter userAfter { userId } } }
    loses { totalCount nodes { statusBefore statusAfter reasonAfter reasonAfterStatement { code text } userBefore { userId } identity { identity { username } } } }
    changesPerson { totalCount nodes { userBefore { userId } userAfter { userId } identity { identity { username } } } } } }";

async fn rehearse(company: &Company) -> Value {
    let mut data = company
        .data(REHEARSE, json!({ "method": "USERNAME_TO_JOB_NUMBER" }))
        .await;
    data["rehearseMatching"].take()
}

/// The code of what is wrong, or the version that the settings then have.
async fn change(company: &Company, token: Option<&str>) -> Result<Value, String> {
    let version = company.server.services.settings.current().version;
    let query = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { version } userErrors { code field message } } }";
    let input =
        json!({ "expectedVersion": version, "matchingMethod": "USERNAME_TO_JOB_NUMBER", "rehearsalToken": token });
    let data = company.data(query, json!({ "input": input })).await;
    match data["updateSettings"]["userErrors"][0]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(data["updateSettings"]["settings"]["version"].clone()),
    }
}

both_databases!(
    async fn a_method_that_takes_somebody_for_another_needs_the_rehearsals_token(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        // By email anna; by job number ben.
        company
            .resolve(json!({ "username": "0102", "email": "anna@x.example" }))
            .await;
        // Found by job number alone, by email alone, and by both as the same.
        company.resolve(json!({ "username": "0101" })).await;
        company
            .resolve(json!({ "username": "carl", "email": "carl@x.example" }))
            .await;
        company
            .resolve(json!({ "username": "0103", "email": "carl@x.example" }))
            .await;
        company.turn().await;

        let seen = rehearse(&company).await;
        let counts = ["gains", "loses", "changesPerson"].map(|it| seen[it]["totalCount"].as_i64().unwrap());
        assert_eq!((counts, &seen["knownIdentities"]), ([1, 1, 1], &json!(4)), "{seen:#}");
        assert_eq!(seen["notices"], json!([]));
        assert_eq!(seen["gains"]["nodes"][0]["userAfter"]["userId"], "anna");
        assert_eq!(seen["loses"]["nodes"][0]["userBefore"]["userId"], "carl");
        let why = |list: &str| seen[list]["nodes"][0]["reasonAfter"].as_str().unwrap();
        assert!(
            why("loses").contains("carl") && !why("gains").is_empty(),
            "by the other method: {seen:#}"
        );
        let lost = &seen["loses"]["nodes"][0];
        let said = &lost["reasonAfterStatement"];
        assert_eq!(
            (&said["code"], &said["text"]),
            (&json!("JOB_NUMBER_UNKNOWN"), &lost["reasonAfter"])
        );
        let reader = [Permission::IdentityRead, Permission::DirectoryRead];
        let (token, method) = (
            company.server.token(&reader),
            json!({ "method": "USERNAME_TO_JOB_NUMBER" }),
        );
        let hidden = company.server.graphql(&token, REHEARSE, method).await;
        let lost = &hidden["data"]["rehearseMatching"]["loses"]["nodes"][0];
        assert_eq!(
            (
                &lost["reasonAfter"],
                &lost["reasonAfterStatement"],
                &lost["statusAfter"]
            ),
            (&Value::Null, &Value::Null, &json!("UNMATCHED")),
            "{hidden:#}"
        );
        let person = &seen["changesPerson"]["nodes"][0];
        assert_eq!(
            (&person["userBefore"]["userId"], &person["userAfter"]["userId"]),
            (&json!("anna"), &json!("ben"))
        );

        assert_eq!(change(&company, None).await.unwrap_err(), "NOT_REHEARSED");
        assert_eq!(change(&company, Some("guessed")).await.unwrap_err(), "NOT_REHEARSED");
        let token = seen["token"].as_str().unwrap();
        company
            .edit(json!({ "edit": "update_user", "userid": "carl", "fields": { "title": "x" } }))
            .await;
        let again = rehearse(&company).await;
        assert_ne!(again["revision"], seen["revision"]);
        assert_eq!(again["token"], token, "the same people would change");

        // By email ben; by job number carl.
        company
            .resolve(json!({ "username": "0103", "email": "ben@x.example" }))
            .await;
        company.turn().await;
        assert_eq!(
            change(&company, Some(token)).await.unwrap_err(),
            "NOT_REHEARSED",
            "one more would change"
        );

        let seen = rehearse(&company).await;
        change(&company, seen["token"].as_str()).await.unwrap();
        assert_eq!(
            company
                .resolve(json!({ "username": "0102", "email": "anna@x.example" }))
                .await
                .1
                .as_deref(),
            Some("ben")
        );

        let reset = "mutation ($v: BigInt!) { resetSettings(input: { expectedVersion: $v }) { userErrors { code } } }";
        let version = company.server.services.settings.current().version;
        let back = company.data(reset, json!({ "v": version })).await;
        assert_eq!(
            back["resetSettings"]["userErrors"][0]["code"], "NOT_REHEARSED",
            "the default is the other method"
        );
        company.server.stop().await;
    }
);

#[tokio::test]
async fn a_method_that_takes_nobody_for_another_needs_no_token() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, PEOPLE).await;
    company
        .resolve(json!({ "username": "0103", "email": "carl@x.example" }))
        .await;
    company.turn().await;
    change(&company, None).await.unwrap();

    let reader = company
        .server
        .token(&[Permission::IdentityRead, Permission::DirectoryRead]);
    let answer = company
        .server
        .graphql(&reader, REHEARSE, json!({ "method": "EMAIL_TO_EMAIL" }))
        .await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    company.server.stop().await;
}

both_databases!(
    async fn somebody_elses_notifications_of_a_person_who_left_need_the_token_too(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        company
            .resolve(json!({ "username": "0102", "email": "anna@x.example" }))
            .await;
        company.edit(json!({ "edit": "leave", "userid": "anna" })).await;
        company.turn().await;

        let seen = rehearse(&company).await;
        let counts = ["gains", "loses", "changesPerson"].map(|it| seen[it]["totalCount"].as_i64().unwrap());
        assert_eq!(counts, [0, 0, 1], "{seen:#}");
        let person = &seen["changesPerson"]["nodes"][0];
        assert_eq!(
            (&person["userBefore"]["userId"], &person["userAfter"]["userId"]),
            (&json!("anna"), &json!("ben"))
        );

        assert_eq!(change(&company, None).await.unwrap_err(), "NOT_REHEARSED");
        change(&company, seen["token"].as_str()).await.unwrap();
        company.server.stop().await;
    }
);

both_databases!(
    async fn somebody_who_never_logged_in_is_another_person_too(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        company
            .resolve(json!({ "username": "0102", "email": "anna@x.example" }))
            .await;
        company
            .edit(json!({ "edit": "update_user", "userid": "ben", "fields": { "active": false } }))
            .await;
        company.turn().await;

        for both in [false, true] {
            if both {
                company
                    .edit(json!({ "edit": "update_user", "userid": "anna", "fields": { "active": false } }))
                    .await;
                company.turn().await;
            }
            let seen = rehearse(&company).await;
            let counts = ["gains", "loses", "changesPerson"].map(|it| seen[it]["totalCount"].as_i64().unwrap());
            assert_eq!(counts, [0, 0, 1], "{seen:#}");
            assert_eq!(change(&company, None).await.unwrap_err(), "NOT_REHEARSED");
        }
        company.server.stop().await;
    }
);

#[tokio::test]
async fn a_rehearsal_says_that_a_server_without_memory_sees_little() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(5, 2).await;
    let mut config = config(database.target(), &dingtalk);
    config.remember_identities = None;
    let server = TestServer::start_with(config).await;
    let company = Company { dingtalk, server };

    let seen = rehearse(&company).await;
    let notice = seen["notices"][0].as_str().unwrap();
    assert!(
        notice.contains("only Confluence identities that are linked by hand"),
        "{notice}"
    );
    company.server.stop().await;
}
