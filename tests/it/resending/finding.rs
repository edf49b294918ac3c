//! Who is found by whom, and who can be reached by taking a message back.

use dingmirror::{
    catalogue::Statement,
    {auth::Permission, settings::Api},
};
use serde_json::{Value, json};

use super::company::{Company, markdown};
use crate::support::{database::TestDatabase, schema::list};

both_databases!(
    async fn recipients_are_found_by_who_was_meant_and_by_what_that_came_to(database: TestDatabase) {
        let company = Company::start(database).await;
        let (server, people) = (&company.server, &company.people);
        let found = |name: &str| json!({ "username": name, "userKey": format!("key {name}"), "email": format!("{name}@X.example") });
        let link = "mutation ($u: String!) { linkIdentity(input: { identity: { userKey: \"key Anna\" }, userId: $u }) { link { id } } }";
        server.data(link, json!({ "u": people[0] })).await;
        let first = company
            .send(
                json!({ "userIds": [people[1]], "identities": [found("Anna"), found("Ben")] }),
                markdown("一"),
            )
            .await;
        let second = company
            .send(json!({ "identities": [found("Anna")] }), markdown("二"))
            .await;
        for message in [&first, &second] {
            company.settled(message).await;
        }

        let query =
            "query ($f: RecipientFilter) { recipientCounts(filter: $f) { count } recipients(filter: $f, first: 50) {
            totalCount nodes { messageId identity { username } } } }";
        let messages = async |filter: Value| {
            let data = server.data(query, json!({ "f": filter })).await;
            let nodes = list(&data["recipients"]["nodes"]);
            assert_eq!(data["recipients"]["totalCount"], nodes.len(), "{filter}");
            let counted: u64 = list(&data["recipientCounts"])
                .iter()
                .map(|it| it["count"].as_u64().unwrap())
                .sum();
            assert_eq!(counted, nodes.len() as u64, "{filter}");
            nodes.iter().map(|it| it["messageId"].clone()).collect::<Vec<_>>()
        };
        let both = vec![second.clone(), first.clone()];
        for (filter, expected) in [
            (json!({ "identity": { "username": "anna" } }), both.clone()),
            (json!({ "identity": { "email": "ANNA@x.example" } }), both.clone()),
            (json!({ "identity": { "userKey": "key Anna" } }), both.clone()),
            (json!({ "identity": { "userKey": "key anna" } }), vec![]),
            (
                json!({ "identity": { "accountId": "x", "username": "Anna", "email": "anna@x.example" } }),
                both.clone(),
            ),
            (
                json!({ "identity": { "username": "anna" }, "messageId": first }),
                vec![first.clone()],
            ),
            (
                json!({ "identity": { "username": "anna" }, "caller": "somebody else" }),
                vec![],
            ),
            (
                json!({ "identity": { "username": "ben" }, "states": ["UNMATCHED"] }),
                vec![first.clone()],
            ),
            (
                json!({ "identity": { "username": "ben" }, "resolutionStatuses": ["MATCHED"] }),
                vec![],
            ),
            (json!({ "resolutionStatuses": ["UNMATCHED"] }), vec![first.clone()]),
            (json!({ "resolutionStatuses": ["MATCHED", "INACTIVE"] }), both.clone()),
            (
                json!({ "resolutionStatuses": ["UNMATCHED", "AMBIGUOUS"], "states": ["FAILED"] }),
                vec![],
            ),
            (
                json!({ "resolutionStatuses": ["UNMATCHED"], "caller": "test" }),
                vec![first.clone()],
            ),
            (
                json!({ "resolutionStatuses": ["MATCHED"], "userId": people[0] }),
                both.clone(),
            ),
        ] {
            assert_eq!(messages(filter.clone()).await, expected, "{filter}");
        }

        // Page by page, from either end, each comes once.
        let walk = "query ($a: String) { recipients(filter: { identity: { username: \"anna\", email: \"anna@x.example\" } }, first: 1, after: $a) {
            nodes { messageId } pageInfo { hasNextPage endCursor } } }";
        let page = server.data(walk, json!({})).await["recipients"].take();
        let next = server.data(walk, json!({ "a": page["pageInfo"]["endCursor"] })).await["recipients"].take();
        assert_eq!(
            (&page["nodes"][0]["messageId"], &next["nodes"][0]["messageId"]),
            (&second, &first)
        );
        assert_eq!(
            (&page["pageInfo"]["hasNextPage"], &next["pageInfo"]["hasNextPage"]),
            (&json!(true), &json!(false))
        );
        let last = "{ recipients(filter: { identity: { username: \"anna\" } }, last: 1) { nodes { messageId } } }";
        assert_eq!(
            server.data(last, json!({})).await["recipients"]["nodes"][0]["messageId"],
            first
        );

        let reader = server.token(&[Permission::MessageRead]);
        for (filter, code) in [
            (json!({ "identity": { "email": "anna@x.example" } }), "FORBIDDEN"),
            (json!({ "identity": { "displayName": "Anna" } }), "BAD_USER_INPUT"),
        ] {
            let refused = server.graphql(&reader, query, json!({ "f": filter })).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], code, "{refused:#}");
        }
        company.server.stop().await;
    }
);

both_databases!(
    async fn a_message_says_whom_taking_it_back_would_reach(database: TestDatabase) {
        let company = Company::start(database).await;
        let (server, people) = (&company.server, &company.people);
        let reach = async |message: &Value| {
            let query = "query ($id: ID!) { message(id: $id) { title recallReach { waiting sent outOfReach until } } }";
            server.data(query, json!({ "id": message })).await["message"].take()
        };
        let text = json!({ "text": { "content": "值班表已更新\n周一：李萌" } });
        let message = company.send(json!({ "userIds": people[..3] }), text).await;
        company.settled(&message).await;
        let sent = reach(&message).await;
        assert_eq!(sent["title"], "值班表已更新");
        assert_eq!(
            (
                &sent["recallReach"]["waiting"],
                &sent["recallReach"]["sent"],
                &sent["recallReach"]["outOfReach"]
            ),
            (&json!(0), &json!(3), &json!(0)),
            "{sent:#}"
        );
        let until: chrono::DateTime<chrono::Utc> = sent["recallReach"]["until"].as_str().unwrap().parse().unwrap();
        let left = until - server.services.clock.now();
        assert!(
            left > chrono::TimeDelta::hours(23) && left <= chrono::TimeDelta::hours(24),
            "{left}"
        );

        let stop = dingmirror::store::Stop {
            until: server.services.clock.now() + chrono::TimeDelta::hours(1),
            code: None,
            reason: Statement::other("The test stops it."),
        };
        server.services.store.stop_sending(&stop).await.unwrap();
        let waiting = company.send(json!({ "userIds": people[..2] }), markdown("等着")).await;
        let waits = reach(&waiting).await["recallReach"].take();
        assert_eq!(
            waits,
            json!({ "waiting": 2, "sent": 0, "outOfReach": 0, "until": null })
        );

        let without = dingmirror::settings::SettingsPatch {
            urls: [(Api::Recall, None)].into(),
            ..Default::default()
        };
        server.configure(without).await;
        let out = reach(&message).await["recallReach"].take();
        assert_eq!(out, json!({ "waiting": 0, "sent": 0, "outOfReach": 3, "until": null }));

        let recall = "mutation ($id: ID!) { recallMessage(input: { messageId: $id }) { message { state } } }";
        server.data(recall, json!({ "id": waiting })).await;
        let back = reach(&waiting).await["recallReach"].take();
        assert_eq!(back, json!({ "waiting": 0, "sent": 0, "outOfReach": 0, "until": null }));
        company.server.stop().await;
    }
);
