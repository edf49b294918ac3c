//! Sending a message again to some of its recipients.

use dingmirror::{auth::Permission, settings::Api};
use reqwest::Method;
use serde_json::{Value, json};

use super::company::{Company, RESEND, SEND, count, markdown};
use crate::support::{database::TestDatabase, schema::list};

both_databases!(
    async fn whoever_was_not_found_gets_it_after_a_link_and_nobody_twice(database: TestDatabase) {
        let company = Company::start(database).await;
        let (server, people) = (&company.server, &company.people);
        let unknown = |name: &str| json!({ "username": name, "email": format!("{name}@nowhere.example") });
        let recipients = json!({ "userIds": [people[0]], "identities": [unknown("li.meng"), unknown("wang.lei"), unknown("chen.shi")] });
        let message = company.send(recipients, markdown("页面更新")).await;
        company.settled(&message).await;

        // One of them turns out to be somebody who has it already.
        let link = "mutation ($n: String!, $u: String!) { linkIdentity(input: { identity: { username: $n }, userId: $u }) { link { id } } }";
        for (name, user) in [("li.meng", &people[1]), ("wang.lei", &people[0])] {
            server.data(link, json!({ "n": name, "u": user })).await;
        }

        let preview = "query ($i: ResendMessageInput!) { previewResend(input: $i) { content notices recipientCounts { state count }
            recipients { state userId } userErrors { message } } }";
        let input = json!({ "messageId": message, "states": ["UNMATCHED"], "idempotencyKey": "again" });
        let previewed = server.data(preview, json!({ "i": input })).await["previewResend"].take();
        assert_eq!(previewed["content"]["markdown"]["title"], "页面更新");
        assert_eq!(
            server.data("{ messages { totalCount } }", json!({})).await["messages"]["totalCount"],
            1,
            "a preview records nothing"
        );

        let again = company.resend(input.clone()).await;
        let new = &again["message"];
        assert_eq!(again["userErrors"], json!([]), "{again:#}");
        assert_eq!((&new["title"], &new["resendOf"]["id"]), (&json!("页面更新"), &message));
        let told: Vec<(Value, Value)> = list(&new["recipients"]["nodes"])
            .iter()
            .map(|it| (it["state"].clone(), it["userId"].clone()))
            .collect();
        assert_eq!(
            told,
            [
                (json!("QUEUED"), json!(people[1])),
                (json!("DUPLICATE"), Value::Null),
                (json!("UNMATCHED"), Value::Null)
            ]
        );
        let states = |of: &Value| list(of).iter().map(|it| it["state"].clone()).collect::<Vec<_>>();
        assert_eq!(states(&previewed["recipients"]), states(&new["recipients"]["nodes"]));
        let why = new["recipients"]["nodes"][1]["reason"].as_str().unwrap();
        assert!(why.contains("has the message that is sent again"), "{why}");

        let replayed = company.resend(input).await;
        assert_eq!(
            (&replayed["replayed"], &replayed["message"]["id"]),
            (&json!(true), &new["id"])
        );
        let other = json!({ "messageId": message, "states": ["FAILED", "UNMATCHED"], "idempotencyKey": "again" });
        assert_eq!(company.resend(other).await["userErrors"][0]["code"], "CONFLICT");

        company.settled(&new["id"]).await;
        let back = "query ($id: ID!) { message(id: $id) { resends { totalCount nodes { id caller } } }
            messages(filter: { resendOf: $id }) { totalCount } }";
        let back = server.data(back, json!({ "id": message })).await;
        assert_eq!(
            back["message"]["resends"]["nodes"],
            json!([{ "id": new["id"], "caller": "test" }])
        );
        assert_eq!(
            (
                &back["message"]["resends"]["totalCount"],
                &back["messages"]["totalCount"]
            ),
            (&json!(1), &json!(1))
        );

        // A third time is told, and goes to nobody: the one who was meant has it by now.
        let third = company
            .resend(json!({ "messageId": message, "states": ["UNMATCHED"] }))
            .await;
        let notices = third["notices"].to_string();
        assert!(
            notices.contains("It was sent again before") && notices.contains("Nobody is left"),
            "{third:#}"
        );
        assert_eq!(
            (
                count(&third["message"], "DUPLICATE"),
                count(&third["message"], "UNMATCHED")
            ),
            (2, 1)
        );
        company.server.stop().await;
    }
);

both_databases!(
    async fn what_is_unknown_or_failed_is_sent_again_and_dingtalks_drop_foretold(database: TestDatabase) {
        let company = Company::start(database).await;
        let people = &company.people;
        let lost =
            json!({ "api": Api::AsyncSend.path(), "kind": "close_connection", "count": 1, "after_effect": true });
        company.dingtalk.tell(Method::POST, "faults", lost).await;
        let message = company
            .send(
                json!({ "userIds": [people[0], people[1], "nobody"] }),
                markdown("会议纪要"),
            )
            .await;
        let rows = company.settled(&message).await;
        let states: Vec<&str> = rows.iter().map(|(_, state, _)| state.as_str()).collect();
        assert_eq!(states, ["UNKNOWN", "UNKNOWN", "FAILED"]);

        let one = json!({ "messageId": message, "recipientIds": [rows[0].0] });
        let sent = company.resend(one).await;
        assert_eq!(sent["userErrors"], json!([]), "{sent:#}");
        let notices = sent["notices"].to_string();
        assert!(notices.contains("Of 1 of them nobody knows"), "{notices}");
        assert!(
            notices.contains("same content today already"),
            "the former send may have arrived, so DingTalk may drop this one: {notices}"
        );
        assert_eq!(count(&sent["message"], "QUEUED"), 1);
        let after = company.settled(&sent["message"]["id"]).await;
        assert_eq!(after[0].1, "DROPPED_DUPLICATE", "it had arrived");

        let marked = json!({ "messageId": message, "states": ["UNKNOWN", "FAILED"], "onDuplicate": "MARK" });
        let marked = company.resend(marked).await;
        let told: Vec<&Value> = list(&marked["message"]["recipients"]["nodes"])
            .iter()
            .map(|it| &it["state"])
            .collect();
        assert_eq!(told, ["QUEUED", "QUEUED", "FAILED"], "{marked:#}");
        let rows = company.settled(&marked["message"]["id"]).await;
        assert!(
            rows[..2]
                .iter()
                .all(|(_, state, _)| state == "DELIVERED_UNREAD" || state == "READ"),
            "{rows:?}"
        );
        company.server.stop().await;
    }
);

both_databases!(
    async fn nothing_is_sent_again_that_should_not_be(database: TestDatabase) {
        let company = Company::start(database).await;
        let (server, people) = (&company.server, &company.people);
        let message = company
            .send(json!({ "userIds": [people[0], "nobody"] }), markdown("一"))
            .await;
        let rows = company.settled(&message).await;
        let other = company
            .send(json!({ "userIds": ["nobody either"] }), markdown("二"))
            .await;
        let others = company.settled(&other).await;

        let refused = async |input: Value, code: &str, field: Value| {
            let answer = company.resend(input).await;
            let error = &answer["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &field), "{answer:#}");
            assert_eq!(answer["message"], Value::Null);
        };
        let of = |rest: Value| {
            let mut input = json!({ "messageId": message });
            input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            input
        };
        let at = |path: &[&str]| json!([&["input"], path].concat());
        refused(of(json!({})), "REQUIRED", at(&[])).await;
        refused(
            of(json!({ "states": ["FAILED"], "recipientIds": [] })),
            "REQUIRED",
            at(&[]),
        )
        .await;
        refused(of(json!({ "states": [] })), "REQUIRED", at(&["states"])).await;
        refused(
            of(json!({ "states": ["FAILED", "READ"] })),
            "INVALID",
            at(&["states", "1"]),
        )
        .await;
        refused(of(json!({ "states": ["UNMATCHED"] })), "NOT_FOUND", at(&["states"])).await;
        refused(of(json!({ "recipientIds": [] })), "REQUIRED", at(&["recipientIds"])).await;
        refused(
            of(json!({ "recipientIds": [rows[0].0] })),
            "CONFLICT",
            at(&["recipientIds", "0"]),
        )
        .await;
        refused(
            of(json!({ "recipientIds": [rows[1].0, others[0].0] })),
            "NOT_FOUND",
            at(&["recipientIds", "1"]),
        )
        .await;
        let late = json!({ "states": ["FAILED"], "expiresInSeconds": 0 });
        refused(of(late), "INVALID", at(&["expiresInSeconds"])).await;

        // Whoever may only send sends their own again, and learns nothing of others' messages.
        let ours = json!({ "messageId": message, "states": ["FAILED"] });
        let stranger = server.token_of("stranger", &[Permission::MessageSend]);
        let told = server.graphql(&stranger, RESEND, json!({ "i": ours })).await;
        let error = &told["data"]["resendMessage"]["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("NOT_FOUND"), &at(&["messageId"])),
            "{told:#}"
        );
        let reader = server.token_of("reader", &[Permission::MessageRead]);
        let told = server.graphql(&reader, RESEND, json!({ "i": ours })).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN");

        let recall = "mutation ($id: ID!) { recallMessage(input: { messageId: $id }) { userErrors { message } } }";
        server.data(recall, json!({ "id": message })).await;
        refused(ours, "CONFLICT", at(&["messageId"])).await;

        let erased = server
            .services
            .store
            .erase_bodies(server.services.clock.now() + chrono::TimeDelta::hours(1))
            .await;
        assert!(erased.unwrap() >= 1);
        let query = "query ($id: ID!) { message(id: $id) { title content erasedAt } }";
        let gone = server.data(query, json!({ "id": other })).await["message"].take();
        assert_eq!(
            (&gone["title"], &gone["content"]),
            (&Value::Null, &Value::Null),
            "a title is content"
        );
        refused(
            json!({ "messageId": other, "states": ["FAILED"] }),
            "NOT_FOUND",
            at(&["messageId"]),
        )
        .await;
        company.server.stop().await;
    }
);

both_databases!(
    async fn an_address_that_somebody_named_stays_hidden_from_whoever_sends_it_again(database: TestDatabase) {
        let company = Company::start(database).await;
        let server = &company.server;
        let plugin = server.token_of("plugin", &Permission::ALL);
        let input = json!({ "recipients": { "identities": [{ "username": "li.meng", "email": "li.meng@nowhere.example" }] },
            "content": markdown("路线图") });
        let sent = server.graphql(&plugin, SEND, json!({ "i": input })).await;
        let message = sent["data"]["sendMessage"]["message"]["id"].clone();

        let helper = server.token_of("helper", &[Permission::MessageSend, Permission::MessageRead]);
        let again = json!({ "messageId": message, "states": ["UNMATCHED"] });
        let told = server.graphql(&helper, RESEND, json!({ "i": again })).await;
        let new = told["data"]["resendMessage"]["message"]["id"].clone();
        assert!(new.is_string(), "{told:#}");

        let read = "query ($id: ID!) { message(id: $id) { caller recipients { nodes { reason identity { username email } } } } }";
        for token in [&helper, &server.token_of("helper", &[Permission::MessageRead])] {
            let shown = server.graphql(token, read, json!({ "id": new })).await;
            let recipient = &shown["data"]["message"]["recipients"]["nodes"][0];
            assert_eq!(shown["data"]["message"]["caller"], "helper");
            assert_eq!(
                recipient["identity"],
                json!({ "username": "li.meng", "email": null }),
                "{shown:#}"
            );
            assert_eq!(recipient["reason"], Value::Null, "it quotes the address: {shown:#}");
        }
        let preview =
            "query ($i: ResendMessageInput!) { previewResend(input: $i) { recipients { reason identity { email } } } }";
        let shown = server.graphql(&helper, preview, json!({ "i": again })).await;
        let recipient = &shown["data"]["previewResend"]["recipients"][0];
        assert_eq!(
            (&recipient["identity"]["email"], &recipient["reason"]),
            (&Value::Null, &Value::Null),
            "{shown:#}"
        );
        let shown = server.graphql(&plugin, read, json!({ "id": new })).await;
        assert_eq!(
            shown["data"]["message"]["recipients"]["nodes"][0]["identity"]["email"], "li.meng@nowhere.example",
            "whoever named it may read it: {shown:#}"
        );
        company.server.stop().await;
    }
);
