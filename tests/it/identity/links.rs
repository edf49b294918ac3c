//! Links by hand: made, led elsewhere, removed, imported, exported, followed by replicas, and kept through syncs.

use dingmirror::{
    admin::{LinkError, Linking},
    auth::Permission,
    clock::Clock,
    identity::{ConfluenceIdentity, Identities, LinkRequest},
    problem::ProblemCode,
};
use serde_json::{Value, json};

use super::support::Company;
use crate::support::{database::TestDatabase, server::TestServer};

const PEOPLE: &[super::support::Hire] = &[("anna", "anna@x.example", "0101"), ("ben", "ben@x.example", "0102")];

async fn history(company: &Company) -> Vec<Value> {
    let query = "{ identityLinkHistory { totalCount nodes { action userIdBefore userIdAfter by reason imported } } }";
    let mut data = company.data(query, json!({})).await;
    let Value::Array(nodes) = data["identityLinkHistory"]["nodes"].take() else {
        panic!()
    };
    assert_eq!(data["identityLinkHistory"]["totalCount"], nodes.len());
    nodes
}

both_databases!(
    async fn a_link_comes_first_has_its_history_and_survives_syncs_and_restarts(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let asked = json!({ "username": "wiki.ben", "email": "anna@x.example" });
        assert_eq!(company.resolve(asked.clone()).await.1.as_deref(), Some("anna"));

        let identity = json!({ "username": "Wiki.Ben" });
        let link = company
            .link(json!({ "identity": identity, "userId": "ben", "reason": "asked him" }))
            .await
            .unwrap();
        assert_eq!((&link["userId"], &link["linkedBy"]), (&json!("ben"), &json!("test")));
        let found = company.resolve(asked.clone()).await;
        assert_eq!(
            (found.1.as_deref(), found.2.as_deref()),
            (Some("ben"), Some("LINK")),
            "{}",
            found.3
        );

        let again = company
            .link(json!({ "identity": identity, "userId": "ben" }))
            .await
            .unwrap();
        assert_eq!(again["id"], link["id"], "the same link takes no history");
        let other = json!({ "identity": identity, "userId": "anna" });
        assert_eq!(company.link(other).await.unwrap_err(), "CONFLICT");
        let replaced = json!({ "identity": identity, "userId": "anna", "replace": true, "reason": "was wrong" });
        assert_eq!(company.link(replaced).await.unwrap()["id"], link["id"]);

        for (input, code) in [
            (
                json!({ "identity": { "displayName": "Ben" }, "userId": "ben" }),
                "REQUIRED",
            ),
            (json!({ "identity": identity, "userId": "nobody" }), "NOT_FOUND"),
            (
                json!({ "identity": { "username": "x".repeat(256) }, "userId": "ben" }),
                "TOO_LONG",
            ),
            (
                json!({ "identity": { "username": "a\nb" }, "userId": "ben" }),
                "INVALID",
            ),
            (json!({ "identity": { "username": "a" }, "userId": " " }), "REQUIRED"),
        ] {
            assert_eq!(company.link(input.clone()).await.unwrap_err(), code, "{input}");
        }

        company
            .edit(json!({ "edit": "update_user", "userid": "anna", "fields": { "title": "x" } }))
            .await;
        assert_eq!(company.resolve(asked.clone()).await.1.as_deref(), Some("anna"));
        let restarted = company.server.services.store.load_links().await.unwrap();
        assert_eq!((restarted.len(), restarted.version()), (1, 2));

        let unlink = "mutation ($id: ID!) { unlinkIdentity(input: { id: $id, reason: \"left\" }) { link { userId } userErrors { code } } }";
        let done = company.data(unlink, json!({ "id": link["id"] })).await;
        assert_eq!(
            done["unlinkIdentity"],
            json!({ "link": { "userId": "anna" }, "userErrors": [] })
        );
        let done = company.data(unlink, json!({ "id": link["id"] })).await;
        assert_eq!(done["unlinkIdentity"]["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(company.resolve(asked).await.2.as_deref(), Some("EMAIL"));
        let entry = |action: &str, before: Value, after: Value, reason: &str| json!({ "action": action, "userIdBefore": before, "userIdAfter": after, "by": "test", "reason": reason, "imported": false });
        assert_eq!(
            history(&company).await,
            [
                entry("UNLINKED", json!("anna"), Value::Null, "left"),
                entry("RELINKED", json!("ben"), json!("anna"), "was wrong"),
                entry("LINKED", Value::Null, json!("ben"), "asked him"),
            ]
        );
        company.server.stop().await;
    }
);

both_databases!(
    async fn the_history_gives_nobody_a_reason_that_somebody_else_wrote(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let link = async |caller: &str, input: Value| {
            let mutation = "mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { link { reason linkedBy } userErrors { code } } }";
            let token = company.server.token_of(caller, &Permission::ALL);
            let answer = company
                .server
                .graphql(&token, mutation, json!({ "input": input }))
                .await;
            answer["data"]["linkIdentity"]["link"].clone()
        };

        let first = json!({ "identity": { "userKey": "k1" }, "userId": "anna", "reason": "asked her" });
        link("alice", first).await;
        let more = json!({ "identity": { "userKey": "k1", "username": "wiki" }, "userId": "anna" });
        let kept = json!({ "reason": "asked her", "linkedBy": "bob" });
        assert_eq!(link("bob", more).await, kept, "they are still linked for that");
        let elsewhere = json!({ "identity": { "userKey": "k1" }, "userId": "ben", "replace": true });
        assert_eq!(
            link("bob", elsewhere).await,
            json!({ "reason": null, "linkedBy": "bob" })
        );

        let told: Vec<_> = history(&company)
            .await
            .iter()
            .map(|it| (it["by"].clone(), it["reason"].clone()))
            .collect();
        let expected = [
            ("bob", Value::Null),
            ("bob", Value::Null),
            ("alice", json!("asked her")),
        ];
        assert_eq!(told, expected.map(|(by, reason)| (json!(by), reason)));
        company.server.stop().await;
    }
);

both_databases!(
    async fn a_link_to_somebody_who_left_is_reported_and_not_followed(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        company
            .link(json!({ "identity": { "userKey": "k-ben" }, "userId": "ben" }))
            .await
            .unwrap();
        company.edit(json!({ "edit": "leave", "userid": "ben" })).await;

        let found = company
            .resolve(json!({ "userKey": "k-ben", "email": "anna@x.example" }))
            .await;
        assert_eq!(
            (found.0.as_str(), found.1.as_deref(), found.2.as_deref()),
            ("INACTIVE", Some("ben"), Some("LINK"))
        );
        assert!(
            found.3.contains("the link is not followed") && found.3.contains("would say anna"),
            "{}",
            found.3
        );

        let broken =
            "{ identityLinks(filter: { followed: false }) { totalCount nodes { userId followed user { state } } } }";
        let data = company.data(broken, json!({})).await;
        assert_eq!(
            data["identityLinks"],
            json!({ "totalCount": 1, "nodes": [{ "userId": "ben", "followed": false, "user": { "state": "GONE" } }] })
        );

        let found = async |filter: Value| {
            let query = "query ($f: IdentityLinkFilter) { identityLinks(filter: $f) { totalCount } }";
            company.data(query, json!({ "f": filter })).await["identityLinks"]["totalCount"].clone()
        };
        for (filter, count) in [
            (json!({ "userId": "ben" }), 1),
            (json!({ "userId": "anna" }), 0),
            (json!({ "identity": { "userKey": "k-ben" } }), 1),
            (
                json!({ "identity": { "userKey": "k-ben" }, "userId": "ben", "followed": true }),
                0,
            ),
            (json!({ "identity": { "userKey": "K-BEN" } }), 0),
        ] {
            assert_eq!(found(filter.clone()).await, count, "{filter}");
        }

        let late = json!({ "identity": { "userKey": "other" }, "userId": "ben" });
        assert_eq!(company.link(late).await.unwrap_err(), "INVALID");
        company.server.stop().await;
    }
);

both_databases!(
    async fn a_file_is_imported_as_a_whole_or_not_at_all(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let import = "mutation ($csv: String!, $dry: Boolean) { importIdentityLinks(input: { csv: $csv, dryRun: $dry }) {
            applied linked relinked unchanged failed mistakes { line field code message } userErrors { code message } } }";
        let run = async |csv: &str, dry: bool| {
            let mut data = company.data(import, json!({ "csv": csv, "dry": dry })).await;
            data["importIdentityLinks"].take()
        };

        let wrong = "username,userId,reason\na,anna,x\nb,nobody,\nc\na,ben,\n,anna,\n";
        let told = run(wrong, false).await;
        assert_eq!(
            (&told["applied"], &told["failed"], &told["linked"]),
            (&json!(false), &json!(4), &json!(1)),
            "{told:#}"
        );
        let mistakes: Vec<_> = told["mistakes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["line"].as_i64().unwrap(),
                    it["code"].as_str().unwrap(),
                    it["field"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            mistakes,
            [
                (3, "NOT_FOUND", "userId"),
                (4, "INVALID", "csv"),
                (5, "CONFLICT", "identity"),
                (6, "REQUIRED", "identity")
            ]
        );
        assert_eq!(run("name\nx\n", false).await["userErrors"][0]["code"], "INVALID");
        assert!(history(&company).await.is_empty());

        let right = "username,userId,reason\na,anna,\"=x, y\"\nb,ben,\n";
        let dry = run(right, true).await;
        assert_eq!((&dry["applied"], &dry["linked"]), (&json!(false), &json!(2)));
        assert!(history(&company).await.is_empty());
        assert_eq!(run(right, false).await["applied"], true);
        assert_eq!(history(&company).await.len(), 2);
        assert_eq!(
            company.resolve(json!({ "username": "B" })).await.1.as_deref(),
            Some("ben")
        );

        let exported = company.data("{ exportIdentityLinks }", json!({})).await["exportIdentityLinks"].take();
        assert!(exported.as_str().unwrap().contains("'=x, y"), "{exported}");
        let back = run(exported.as_str().unwrap(), false).await;
        assert_eq!(
            (&back["unchanged"], &back["linked"], &back["failed"]),
            (&json!(2), &json!(0), &json!(0)),
            "{back:#}"
        );
        company.server.stop().await;
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_follows_links_and_two_who_link_at_once_both_do() {
    let database = TestDatabase::postgres().await;
    let company = Company::with(&database, PEOPLE).await;
    let other = TestServer::start(database.target(), &company.dingtalk).await;

    let query = "mutation ($u: String!, $id: String!) { linkIdentity(input: { identity: { username: $u }, userId: $id }) { link { id } userErrors { code message } } }";
    let (one, two) = tokio::join!(
        company.server.data(query, json!({ "u": "a", "id": "anna" })),
        other.data(query, json!({ "u": "b", "id": "ben" })),
    );
    assert!(
        one["linkIdentity"]["link"]["id"].is_string() && two["linkIdentity"]["link"]["id"].is_string(),
        "{one} {two}"
    );

    for server in [&company.server, &other] {
        server.services.matching.turn().await.unwrap();
        assert_eq!(server.services.identities.links.current().len(), 2);
        assert_eq!(server.services.identities.memory.known().len(), 2);
    }
    other.stop().await;
    company.server.stop().await;
    database.remove().await;
}

#[tokio::test]
async fn links_ask_for_their_permissions_and_hide_email_addresses() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, PEOPLE).await;
    let link = company
        .link(json!({ "identity": { "email": "wiki@x.example" }, "userId": "ben" }))
        .await
        .unwrap();
    let server = &company.server;
    use Permission::{DirectoryContact, DirectoryRead, IdentityRead, IdentityWrite};

    for (query, needed) in [
        (
            "mutation { linkIdentity(input: { identity: { username: \"u\" }, userId: \"ben\" }) { userErrors { code } } }",
            &[IdentityWrite][..],
        ),
        (
            "mutation { unlinkIdentity(input: { id: \"x\" }) { userErrors { code } } }",
            &[IdentityWrite],
        ),
        (
            "mutation { importIdentityLinks(input: { csv: \"\" }) { applied } }",
            &[IdentityWrite],
        ),
        ("{ identityLinks { totalCount } }", &[IdentityRead, DirectoryRead]),
        ("{ identityLinkHistory { totalCount } }", &[IdentityRead, DirectoryRead]),
        (
            "{ exportIdentityLinks }",
            &[IdentityRead, DirectoryRead, DirectoryContact],
        ),
        ("{ matchingCensus { users } }", &[IdentityRead, DirectoryRead]),
        (
            "{ rehearseMatching(method: EMAIL_TO_EMAIL) { token } }",
            &[IdentityRead, DirectoryRead],
        ),
        ("{ matchChanges { totalCount } }", &[IdentityRead, DirectoryRead]),
    ] {
        for lacking in needed {
            let others: Vec<_> = Permission::ALL.into_iter().filter(|it| it != lacking).collect();
            let answer = server.graphql(&server.token(&others), query, json!({})).await;
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{query}: {answer:#}"
            );
        }
        let answer = server.graphql(&server.token(needed), query, json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(*code != "FORBIDDEN", "{query}: {answer:#}");
    }

    let reader = server.token(&[IdentityRead, DirectoryRead]);
    let query = "query ($id: ID!) { node(id: $id) { id ... on IdentityLink { userId identity { email } } } }";
    let answer = server.graphql(&reader, query, json!({ "id": link["id"] })).await;
    assert_eq!(
        answer["data"]["node"],
        json!({ "id": link["id"], "userId": "ben", "identity": { "email": null } })
    );
    company.server.stop().await;
}

both_databases!(
    async fn a_replica_that_lags_knows_the_links_of_the_others_before_it_answers(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let services = &company.server.services;
        let (store, snapshots) = (services.store.clone(), services.snapshots.clone());
        // Nothing makes it follow but itself.
        let lagging = Linking::new(store, snapshots, Identities::default(), Clock::system());
        let to = |userid: &str| LinkRequest {
            identity: ConfluenceIdentity {
                username: Some("wiki".into()),
                ..Default::default()
            },
            userid: userid.into(),
            ..Default::default()
        };

        let made = services.linking.link(to("anna"), &"alice".into(), true).await.unwrap();
        let removed = lagging.unlink(made.id, None, &"bob".into(), true).await.unwrap();
        assert_eq!(removed.userid, "anna".into());

        let made = lagging.link(to("ben"), &"bob".into(), true).await.unwrap();
        services
            .linking
            .unlink(made.id, None, &"alice".into(), true)
            .await
            .unwrap();
        let again = lagging.link(to("ben"), &"bob".into(), true).await.unwrap();
        assert_ne!(again.id, made.id, "made anew, not unchanged");
        services
            .linking
            .unlink(again.id, None, &"alice".into(), true)
            .await
            .unwrap();
        let Err(LinkError::Problem(problem)) = lagging.unlink(again.id, None, &"bob".into(), true).await else {
            panic!("removed twice")
        };
        assert_eq!(problem.code, ProblemCode::NotFound);
        company.server.stop().await;
    }
);

both_databases!(
    async fn whoever_may_only_link_learns_of_nobody_elses_link(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let identity = json!({ "email": "boss@wiki.example", "accountId": "account-of-the-boss" });
        let made = json!({ "identity": identity, "userId": "ben", "reason": "asked the boss" });
        company.link(made).await.unwrap();

        let server = &company.server;
        let linker = server.token_of("linker", &[Permission::IdentityWrite]);
        let link = "mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) {
            link { userId reason identity { accountId email } } userErrors { code message } } }";
        let import = "mutation ($csv: String!) { importIdentityLinks(input: { csv: $csv, dryRun: true }) { mistakes { code message } } }";
        let by_email = json!({ "email": "boss@wiki.example" });
        let other_account = json!({ "email": "boss@wiki.example", "accountId": "another-account" });
        for (query, variables) in [
            (link, json!({ "input": { "identity": by_email, "userId": "anna" } })),
            (
                link,
                json!({ "input": { "identity": other_account, "userId": "anna" } }),
            ),
            (import, json!({ "csv": "email,userId\nboss@wiki.example,anna\n" })),
        ] {
            let told = server.graphql(&linker, query, variables.clone()).await.to_string();
            assert!(told.contains("CONFLICT"), "{told}");
            for secret in ["ben", "account-of-the-boss", "asked the boss", "by test"] {
                assert!(!told.contains(secret), "{variables} tells {secret}: {told}");
            }
            let told = company.data(query, variables).await.to_string();
            assert!(
                told.contains("ben"),
                "who may read links is told whom they lead to: {told}"
            );
        }

        // Right and wrong are told alike, with and without `replace`, in a file as one by one.
        let links = "mutation ($csv: String!, $replace: Boolean) { importIdentityLinks(input: { csv: $csv, dryRun: true, replace: $replace }) {
            linked relinked unchanged failed mistakes { code message } } }";
        let other_keys = json!({ "email": "boss@wiki.example", "accountId": "account-of-the-boss" });
        for replace in [false, true] {
            let told =
                async |query: &str, variables: Value| server.graphql(&linker, query, variables).await.to_string();
            let one = |identity: &Value, userid: &str| json!({ "input": { "identity": identity, "userId": userid, "replace": replace } });
            let right = told(link, one(&by_email, "ben")).await;
            assert!(
                right.contains("CONFLICT") && right.contains("directory:read"),
                "{right}"
            );
            for (identity, userid) in [(&by_email, "anna"), (&other_account, "ben"), (&other_keys, "ben")] {
                assert_eq!(told(link, one(identity, userid)).await, right, "{identity} {userid}");
            }
            let file = |line: &str| json!({ "csv": format!("email,accountId,userId\n{line}\n"), "replace": replace });
            let right = told(links, file("boss@wiki.example,,ben")).await;
            for line in [
                "boss@wiki.example,,anna",
                "boss@wiki.example,account-of-the-boss,ben",
                "boss@wiki.example,x,ben",
            ] {
                assert_eq!(told(links, file(line)).await, right, "{line}");
            }
        }

        // Their own links they may repeat, lead elsewhere and take away.
        let own = json!({ "email": "mine@wiki.example" });
        let one =
            |userid: &str, replace: bool| json!({ "input": { "identity": own, "userId": userid, "replace": replace } });
        let link = "mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { link { id userId linkedBy } userErrors { code } } }";
        let linked = async |variables: Value| {
            server.graphql(&linker, link, variables).await["data"]["linkIdentity"]["link"].clone()
        };
        let made = linked(one("anna", false)).await;
        assert_eq!((&made["userId"], &made["linkedBy"]), (&json!("anna"), &json!("linker")));
        assert_eq!(linked(one("anna", false)).await, made);
        let file = json!({ "csv": "email,userId\nmine@wiki.example,anna\n", "replace": false });
        let again = server.graphql(&linker, links, file).await;
        assert_eq!(again["data"]["importIdentityLinks"]["unchanged"], 1, "{again:#}");
        assert_eq!(linked(one("ben", true)).await["id"], made["id"]);

        let unlink =
            "mutation ($id: ID!) { unlinkIdentity(input: { id: $id }) { link { userId } userErrors { code } } }";
        let listed = company
            .data("{ identityLinks { nodes { id linkedBy } } }", json!({}))
            .await;
        let foreign = listed["identityLinks"]["nodes"].as_array().unwrap();
        let foreign = foreign.iter().find(|it| it["linkedBy"] == "test").unwrap();
        let kept = server.graphql(&linker, unlink, json!({ "id": foreign["id"] })).await;
        assert_eq!(
            kept["data"]["unlinkIdentity"],
            json!({ "link": null, "userErrors": [{ "code": "NOT_FOUND" }] })
        );
        let gone = server.graphql(&linker, unlink, json!({ "id": made["id"] })).await;
        assert_eq!(gone["data"]["unlinkIdentity"]["link"]["userId"], "ben", "{gone:#}");
        company.server.stop().await;
    }
);
