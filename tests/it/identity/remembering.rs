//! Whom callers asked for is remembered, found again from the DingTalk user, counted, and forgotten.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dingmirror::{
    auth::Permission,
    id::id_at,
    identity::{ConfluenceIdentity, JudgedBy, KnownIdentity, MatchOutcome, ResolutionStatus},
    store::Store,
};
use serde_json::{Value, json};

use super::support::Company;
use crate::support::database::TestDatabase;

const PEOPLE: &[super::support::Hire] = &[
    ("anna", "anna@x.example", "0101"),
    ("twin1", "twin@x.example", "0201"),
    ("twin2", "twin@x.example", "0202"),
];

async fn identities_of(company: &Company, userid: &str) -> Value {
    let query = "query ($id: String!) { user(userId: $id) { confluenceIdentities { totalCount nodes { status linked identity { username email userKey } } } } }";
    let mut data = company.data(query, json!({ "id": userid })).await;
    data["user"]["confluenceIdentities"].take()
}

both_databases!(
    async fn a_user_shows_the_confluence_identities_that_were_seen_for_him(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        assert_eq!(identities_of(&company, "anna").await["totalCount"], 0);
        company
            .resolve(json!({ "username": "a", "email": "Anna@x.example" }))
            .await;
        company
            .resolve(json!({ "username": "A", "email": "anna@x.example", "displayName": "Anna" }))
            .await;
        company
            .resolve(json!({ "userKey": "k1", "email": "anna@x.example" }))
            .await;
        company
            .resolve(json!({ "displayName": "nobody can be told apart by this" }))
            .await;
        company
            .resolve(json!({ "username": "bad\u{0}name", "email": "anna@x.example" }))
            .await;
        company.turn().await;

        let found = identities_of(&company, "anna").await;
        assert_eq!(found["totalCount"], 2, "{found:#}");
        let names: Vec<_> = found["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["identity"]["userKey"])
            .collect();
        assert!(names.contains(&&json!("k1")), "{found:#}");

        company
            .link(json!({ "identity": { "accountId": "acc" }, "userId": "twin1" }))
            .await
            .unwrap();
        company.turn().await;
        let found = identities_of(&company, "twin1").await;
        assert_eq!(
            (&found["totalCount"], &found["nodes"][0]["linked"]),
            (&json!(1), &json!(true))
        );
        let store = &company.server.services.store;
        assert_eq!(store.load_known(0).await.unwrap().1.len(), 3);
        company.server.stop().await;
    }
);

both_databases!(
    async fn the_census_counts_and_lists_whom_a_method_leaves_out(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        for email in [
            "anna@x.example",
            "twin@x.example",
            "nobody@x.example",
            "other@x.example",
        ] {
            company.resolve(json!({ "username": email, "email": email })).await;
        }
        company.turn().await;

        let query = "query ($method: MatchingMethod, $dept: BigInt) { matchingCensus(method: $method) {
            method users usersWithKey usersBlank usersHidden sharedKeyCount usersSharingAKey
            knownIdentities matched unmatched ambiguous inactive held
            sharedKeys(subtreeOf: $dept) { totalCount nodes { key count users { userId } } }
            usersWithoutKey(first: 500, subtreeOf: $dept) { totalCount nodes { userId jobNumber } }
            ambiguousOnes: identities(statuses: [AMBIGUOUS], subtreeOf: $dept) { totalCount nodes { status identity { email } candidates { userId } reason } }
            left: identities(first: 1) { totalCount nodes { status } pageInfo { hasNextPage endCursor } }
        } }";

        let census = company.data(query, json!({ "method": "EMAIL_TO_EMAIL" })).await["matchingCensus"].take();
        assert_eq!(census["users"], 23, "{census:#}");
        let sum = ["usersWithKey", "usersBlank", "usersHidden"].map(|it| census[it].as_i64().unwrap());
        assert_eq!(sum.iter().sum::<i64>(), 23);
        let counts = [
            "knownIdentities",
            "matched",
            "unmatched",
            "ambiguous",
            "inactive",
            "held",
        ]
        .map(|it| census[it].as_i64().unwrap());
        assert_eq!(counts, [4, 1, 2, 1, 0, 0], "{census:#}");

        let twins = census["sharedKeys"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["key"] == "twin@x.example");
        assert_eq!(
            twins.unwrap()["users"],
            json!([{ "userId": "twin1" }, { "userId": "twin2" }])
        );
        assert_eq!(census["ambiguousOnes"]["totalCount"], 1);
        assert_eq!(
            census["ambiguousOnes"]["nodes"][0]["identity"]["email"],
            "twin@x.example"
        );
        assert_eq!(
            (
                &census["left"]["totalCount"],
                &census["left"]["pageInfo"]["hasNextPage"]
            ),
            (&json!(3), &json!(true))
        );
        let without = census["usersBlank"].as_i64().unwrap() + census["usersHidden"].as_i64().unwrap();
        assert_eq!(census["usersWithoutKey"]["totalCount"], without);

        let departments = company
            .data("{ departments(first: 10) { nodes { deptId } } }", json!({}))
            .await;
        let below = departments["departments"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["deptId"] != "1")
            .unwrap();
        let there = json!({ "method": "EMAIL_TO_EMAIL", "dept": below["deptId"] });
        let census = company.data(query, there).await["matchingCensus"].take();
        assert_eq!(
            census["ambiguousOnes"]["totalCount"], 0,
            "both twins are in the root alone"
        );

        let numbers = company.data(query, json!({ "method": "USERNAME_TO_JOB_NUMBER" })).await["matchingCensus"].take();
        assert_eq!((&numbers["matched"], &numbers["unmatched"]), (&json!(0), &json!(4)));
        company.server.stop().await;
    }
);

#[tokio::test]
async fn an_identity_is_found_by_the_department_of_whoever_shares_its_key_however_many_do() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, &[]).await;
    let departments = company
        .data("{ departments(first: 10) { nodes { deptId } } }", json!({}))
        .await;
    let mut departments = departments["departments"]["nodes"].as_array().unwrap().iter();
    let below = departments.find(|it| it["deptId"] != "1").unwrap()["deptId"].clone();
    let there: i64 = below.as_str().unwrap().parse().unwrap();

    // An answer lists twenty of them, by userid.
    let hire = |n: usize| {
        let dept = if n == 24 { there } else { 1 };
        json!({ "edit": "hire", "userid": format!("same{n:02}"), "departments": [dept], "fields": { "email": "all@x.example" } })
    };
    let edits = json!((0..25).map(hire).collect::<Vec<_>>());
    company.dingtalk.tell(reqwest::Method::POST, "edits", edits).await;
    company.server.sync().await;
    company
        .resolve(json!({ "username": "all", "email": "all@x.example" }))
        .await;
    company.turn().await;

    let query = "query ($dept: BigInt) { matchingCensus(method: EMAIL_TO_EMAIL) {
        identities(statuses: [AMBIGUOUS], subtreeOf: $dept) { totalCount nodes { candidates { userId } } } } }";
    let data = company.data(query, json!({ "dept": below })).await;
    let found = &data["matchingCensus"]["identities"];
    assert_eq!(found["totalCount"], 1, "{found:#}");
    assert_eq!(found["nodes"][0]["candidates"].as_array().unwrap().len(), 20);
    company.server.stop().await;
}

both_databases!(
    async fn the_list_of_shared_keys_goes_on_behind_its_key_whatever_a_sync_did_and_tells_no_hidden_one(
        database: TestDatabase,
    ) {
        let pairs = [
            ("a1", "a@x.example", "1"),
            ("a2", "a@x.example", "2"),
            ("b1", "b@x.example", "3"),
            ("b2", "b@x.example", "4"),
            ("c1", "c@x.example", "5"),
            ("c2", "c@x.example", "6"),
        ];
        let company = Company::with(database, &pairs).await;
        let query =
            "query ($after: String) { matchingCensus(method: EMAIL_TO_EMAIL) { sharedKeys(first: 1, after: $after) {
            nodes { count users { userId } } pageInfo { hasNextPage endCursor } } } }";

        let everything = company.server.admin_token();
        let without_contacts = company
            .server
            .token(&[Permission::IdentityRead, Permission::DirectoryRead]);
        let page = async |token: &str, after: &Value| {
            let answer = company.server.graphql(token, query, json!({ "after": after })).await;
            assert!(answer.get("errors").is_none(), "{answer:#}");
            let keys = &answer["data"]["matchingCensus"]["sharedKeys"];
            let holder = keys["nodes"][0]["users"][0]["userId"].as_str().map(ToOwned::to_owned);
            (holder, keys["pageInfo"]["endCursor"].clone())
        };
        let rest = async |token: &str, mut after: Value| {
            let mut holders = Vec::new();
            while let (Some(holder), next) = page(token, &after).await {
                holders.push(holder);
                after = next;
            }
            holders.sort();
            holders
        };

        let (first, after) = page(&everything, &Value::Null).await;
        let (hidden, hidden_after) = page(&without_contacts, &Value::Null).await;
        let hidden = hidden.unwrap();
        assert_eq!(first.as_deref(), Some("a1"), "by the alphabet where keys are shown");
        let cursor = URL_SAFE_NO_PAD.decode(hidden_after.as_str().unwrap()).unwrap();
        let cursor = String::from_utf8(cursor).unwrap();
        assert!(!cursor.contains('@'));
        // A digest of an address is as good as the address: there are few to try.
        let longest = cursor.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max();
        assert!(longest < Some(16), "{cursor}");

        // Both keys that were shown are no longer shared: the others are behind them all the same.
        for (userid, email) in [
            ("a2", "other@x.example"),
            (hidden.replace('1', "2").as_str(), "more@x.example"),
        ] {
            let fields = json!({ "email": email });
            company
                .edit(json!({ "edit": "update_user", "userid": userid, "fields": fields }))
                .await;
        }
        let mut left = vec!["b1".to_owned(), "c1".to_owned()];
        left.retain(|it| *it != hidden);
        assert_eq!(rest(&everything, after).await, left);
        assert_eq!(rest(&without_contacts, hidden_after).await, left);
        company.server.stop().await;
    }
);

#[tokio::test]
async fn a_document_holds_a_few_dozen_walks_over_everybody_not_more() {
    let database = TestDatabase::sqlite().await;
    let company = Company::with(&database, PEOPLE).await;
    let token = company.server.admin_token();
    for field in [
        "matchingCensus { users }",
        "rehearseMatching(method: EMAIL_TO_EMAIL) { token }",
        "previewMessage(input: { recipients: { departments: [{ deptId: \"1\" }] }, content: { text: { content: \"x\" } } }) { bytes }",
    ] {
        for (times, refused) in [(10, false), (60, true)] {
            let aliases: String = (0..times).map(|n| format!("a{n}: {field} ")).collect();
            let answer = company
                .server
                .graphql(&token, &format!("{{ {aliases} }}"), json!({}))
                .await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(*code == "LIMIT_EXCEEDED", refused, "{times} of {field}: {answer:#}");
        }
    }
    company.server.stop().await;
}

fn seen(name: &str, at: chrono::DateTime<chrono::Utc>, linked: bool) -> KnownIdentity {
    KnownIdentity {
        id: id_at(at),
        identity: ConfluenceIdentity {
            username: Some(name.into()),
            ..Default::default()
        },
        first_seen: at,
        last_seen: at,
        linked,
        outcome: MatchOutcome {
            status: ResolutionStatus::Unmatched,
            user: None,
        },
        judged_by: JudgedBy::default(),
    }
}

both_databases!(
    async fn the_store_keeps_the_first_id_and_forgets_whom_nobody_asks_for(database: TestDatabase) {
        let store = Store::connect(database.target(), dingmirror::clock::Clock::system())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let at = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let (old, linked) = (seen("old", at, false), seen("linked", at, true));
        store
            .save_known(&[old.clone(), linked.clone(), old.clone()])
            .await
            .unwrap();

        let later = at + Duration::from_secs(100);
        let again = KnownIdentity {
            id: id_at(later),
            last_seen: later,
            ..seen("Old", later, false)
        };
        store.save_known(&[again]).await.unwrap();

        let (version, rows) = store.load_known(0).await.unwrap();
        assert_eq!((version, rows.len()), (2, 2));
        let kept = rows.iter().find(|it| it.id == old.id).unwrap();
        assert_eq!((kept.first_seen, kept.last_seen), (at, later));
        assert_eq!(store.load_known(1).await.unwrap().1.len(), 1, "only what changed since");
        assert_eq!(store.forget_known(later).await.unwrap(), 0);
        assert_eq!(store.forget_known(later + Duration::from_secs(1)).await.unwrap(), 1);
        assert_eq!(store.load_known(0).await.unwrap().1, [linked]);
    }
);

both_databases!(
    async fn a_replica_that_lags_takes_nothing_away_that_another_one_learned(database: TestDatabase) {
        let store = Store::connect(database.target(), dingmirror::clock::Clock::system())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let at = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let learned = ConfluenceIdentity {
            user_key: Some("k1".into()),
            username: Some("anna".into()),
            email: Some("anna@x.example".into()),
            display_name: Some("Anna".into()),
            ..Default::default()
        };
        let known = |identity: ConfluenceIdentity, at| KnownIdentity {
            identity,
            ..seen("", at, false)
        };
        store.save_known(&[known(learned.clone(), at)]).await.unwrap();

        let later = at + Duration::from_secs(100);
        let little = ConfluenceIdentity {
            user_key: Some("k1".into()),
            email: Some("anna@y.example".into()),
            ..Default::default()
        };
        store.save_known(&[known(little, later)]).await.unwrap();

        let (_, rows) = store.load_known(0).await.unwrap();
        let expected = ConfluenceIdentity {
            email: Some("anna@y.example".into()),
            ..learned
        };
        assert_eq!(rows.len(), 1);
        assert_eq!((&rows[0].identity, rows[0].last_seen), (&expected, later));
    }
);

both_databases!(
    async fn who_was_asked_for_while_the_database_refused_it_is_remembered_afterwards(database: TestDatabase) {
        let company = Company::with(database, PEOPLE).await;
        let mut beside = database.beside().await;
        beside
            .run("ALTER TABLE known_identities RENAME TO known_identities_away")
            .await;
        company
            .resolve(json!({ "username": "a", "email": "anna@x.example" }))
            .await;
        company.server.services.matching.turn().await.unwrap_err();

        beside
            .run("ALTER TABLE known_identities_away RENAME TO known_identities")
            .await;
        company.turn().await;
        assert_eq!(identities_of(&company, "anna").await["totalCount"], 1);
    }
);
