//! A field that is refused, or can't be answered, is null by itself: nobody and nothing beside it disappears.

use dingmirror::auth::Permission;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    schema::{list, name, types},
    server::{TestDingTalk, TestServer},
};

/// The path of each error with its code, in a fixed order.
fn refused(answer: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = list(&answer["errors"])
        .iter()
        .map(|error| {
            let code = error["extensions"]["code"].as_str().unwrap().to_owned();
            (error["path"].to_string(), code)
        })
        .collect();
    found.sort();
    found
}

both_databases!(
    async fn a_person_who_was_found_is_shown_whatever_else_of_them_is_refused(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let hire = |userid: &str| json!({ "edit": "hire", "userid": userid, "fields": { "email": format!("{userid}@x.example"), "active": true } });
        let edits = json!([hire("anna"), hire("ben")]);
        dingtalk.tell(reqwest::Method::POST, "edits", edits).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let plugin = server.token(&[Permission::IdentityRead]);

        let query = "{ resolve(identities: [{ email: \"anna@x.example\" }, { email: \"ben@x.example\" }]) {
            status user { userId memberships { totalCount } } candidates { userId memberships { totalCount } } } }";
        let answer = server.graphql(&plugin, query, json!({})).await;
        let found = |userid: &str| {
            let person = json!({ "userId": userid, "memberships": null });
            json!({ "status": "MATCHED", "user": person, "candidates": [person] })
        };
        assert_eq!(
            answer["data"]["resolve"],
            json!([found("anna"), found("ben")]),
            "{answer:#}"
        );
        let forbidden = |path: &str| (path.to_owned(), "FORBIDDEN".to_owned());
        assert_eq!(
            refused(&answer),
            [
                forbidden("[\"resolve\",0,\"candidates\",0,\"memberships\"]"),
                forbidden("[\"resolve\",0,\"user\",\"memberships\"]"),
                forbidden("[\"resolve\",1,\"candidates\",0,\"memberships\"]"),
                forbidden("[\"resolve\",1,\"user\",\"memberships\"]"),
            ]
        );
        server.stop().await;
    }
);

both_databases!(
    async fn a_list_that_is_asked_for_wrongly_is_null_beside_everything_else(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let admin = server.admin_token();

        let query = "{ department(deptId: \"1\") { deptId children(first: 0) { totalCount } members(after: \"x\") { totalCount }
            tooFar: descendants(depth: -1) { totalCount } tooMany: descendants(first: 501) { totalCount } } }";
        let answer = server.graphql(&admin, query, json!({})).await;
        let expected = json!({ "deptId": "1", "children": null, "members": null, "tooFar": null, "tooMany": null });
        assert_eq!(answer["data"]["department"], expected, "{answer:#}");
        let paths: Vec<_> = refused(&answer).into_iter().map(|(path, _)| path).collect();
        let own = |key: &str| format!("[\"department\",\"{key}\"]");
        assert_eq!(paths, ["children", "members", "tooFar", "tooMany"].map(own));

        let query = "{ users(first: 2) { nodes { userId memberships(first: -1) { totalCount } } } }";
        let answer = server.graphql(&admin, query, json!({})).await;
        let people = list(&answer["data"]["users"]["nodes"]);
        assert_eq!(people.len(), 2, "{answer:#}");
        assert!(
            people
                .iter()
                .all(|it| it["userId"].is_string() && it["memberships"].is_null())
        );

        // Here it matters most: the message is taken in, and the caller has to learn its id.
        let send = "mutation { sendMessage(input: { recipients: { userIds: [\"nobody\"] }, content: { text: { content: \"x\" } } }) {
            message { id recipients(first: 0) { totalCount } attempts(after: \"x\") { totalCount } } userErrors { message } } }";
        let answer = server.graphql(&admin, send, json!({})).await;
        let message = &answer["data"]["sendMessage"]["message"];
        assert!(message["id"].is_string(), "{answer:#}");
        assert_eq!(
            (&message["recipients"], &message["attempts"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(refused(&answer).len(), 2);
        server.stop().await;
    }
);

/// The library executes a failing field's neighbours, and then nulls the nearest parent that may be null: so whatever
/// takes an argument that can be wrong, or names a permission that it needs, has to be nullable itself.
#[tokio::test]
async fn whatever_can_be_refused_may_be_null() {
    /// Objects whose own fields are withheld one by one; nothing of them fails.
    const PARTLY_WITHHELD: [&str; 1] = ["ConfluenceIdentity"];

    let mut wrong = Vec::new();
    let mut seen = 0;
    for kind in types().await.iter().filter(|kind| kind["kind"] == "OBJECT") {
        // A subscription's errors end its stream, whatever its type says.
        if name(kind) == "Subscription" {
            continue;
        }
        for field in list(&kind["fields"]) {
            let about = field["description"].as_str().unwrap_or_default().to_lowercase();
            let is_guarded = about.contains("needs `") || !list(&field["args"]).is_empty();
            let required = field["type"]["kind"] == "NON_NULL";
            let withheld = || PARTLY_WITHHELD.contains(&field["type"]["ofType"]["name"].as_str().unwrap_or_default());
            seen += usize::from(is_guarded);
            if is_guarded && required && !withheld() {
                wrong.push(format!("{}.{}", name(kind), name(field)));
            }
        }
    }

    assert!(seen > 80, "the walk saw {seen} fields only");
    assert!(wrong.is_empty(), "make these nullable: {wrong:#?}");
}

#[tokio::test]
async fn a_wrong_scalar_is_told_in_one_short_sentence() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;

    for (query, variables, words) in [
        ("{ department(deptId: \"x\") { name } }", json!({}), "64 bits"),
        (
            "query ($d: BigInt) { department(deptId: $d) { name } }",
            json!({ "d": "x" }),
            "64 bits",
        ),
        (
            "{ messages(filter: { createdFrom: \"today\" }) { totalCount } }",
            json!({}),
            "RFC 3339",
        ),
        (
            "query ($f: MessageFilter) { messages(filter: $f) { totalCount } }",
            json!({ "f": { "createdFrom": 1 } }),
            "RFC 3339",
        ),
    ] {
        let answer = server.graphql(&server.admin_token(), query, variables).await;
        let told = answer["errors"][0]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer:#}"));
        assert!(
            told.contains(words) && told.len() < 170,
            "{} characters: {told}",
            told.len()
        );
        assert!(!told.contains("because"), "{told}");
    }
    server.stop().await;
}
