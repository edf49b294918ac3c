//! Nobody gets a message twice by several that are it sent again, however they come about.

use dingmirror::{auth::Permission, store::FAMILY_AT_MOST};
use serde_json::{Value, json};

use super::company::{Company, RESEND, count, markdown};
use crate::support::database::TestDatabase;

/// Somebody whom nobody knows yet.
fn guest(name: &str) -> Value {
    json!([{ "username": name }])
}

/// They turn out to be this person.
async fn link(company: &Company, name: &str, user: &str) {
    let link = "mutation ($n: String!, $u: String!) { linkIdentity(input: { identity: { username: $n }, userId: $u }) { link { id } } }";
    company.server.data(link, json!({ "n": name, "u": user })).await;
}

fn to_the_unmatched(message: &Value) -> Value {
    json!({ "messageId": message, "states": ["UNMATCHED"], "onDuplicate": "MARK" })
}

both_databases!(
    async fn of_many_who_send_it_again_at_once_one_does(database: TestDatabase) {
        let company = Company::start(database).await;
        let message = company
            .send(json!({ "identities": guest("one") }), markdown("一"))
            .await;
        company.settled(&message).await;
        link(&company, "one", &company.people[0]).await;

        let all = (0..6).map(|_| company.resend(to_the_unmatched(&message)));
        let all = futures_util::future::join_all(all).await;
        let goes: u64 = all.iter().map(|sent| count(&sent["message"], "QUEUED")).sum();
        let has_it: u64 = all.iter().map(|sent| count(&sent["message"], "DUPLICATE")).sum();
        assert_eq!((goes, has_it), (1, 5), "{all:#?}");
        company.server.stop().await;
    }
);

both_databases!(
    async fn whoever_has_it_by_any_generation_does_not_get_it_again(database: TestDatabase) {
        let company = Company::start(database).await;
        let people = &company.people;
        let to_guest = json!({ "userIds": [people[0]], "identities": guest("one") });
        let first = company.send(to_guest, markdown("一")).await;
        company.settled(&first).await;
        let second = company.resend(to_the_unmatched(&first)).await["message"]["id"].take();

        // Who has it by the first message turns out to be the one whom the second did not find.
        link(&company, "one", &people[0]).await;
        let up = company.resend(to_the_unmatched(&second)).await;
        assert_eq!(
            (count(&up["message"], "QUEUED"), count(&up["message"], "DUPLICATE")),
            (0, 1),
            "{up:#}"
        );

        // Who gets it by what the second was sent again as does not get it by the first once more.
        let first = company
            .send(json!({ "identities": guest("other") }), markdown("二"))
            .await;
        company.settled(&first).await;
        let second = company.resend(to_the_unmatched(&first)).await["message"]["id"].take();
        link(&company, "other", &people[1]).await;
        let third = company.resend(to_the_unmatched(&second)).await;
        assert_eq!(count(&third["message"], "QUEUED"), 1, "{third:#}");
        let down = company.resend(to_the_unmatched(&first)).await;
        assert_eq!(
            (count(&down["message"], "QUEUED"), count(&down["message"], "DUPLICATE")),
            (0, 1),
            "{down:#}"
        );
        company.server.stop().await;
    }
);

both_databases!(
    async fn a_family_has_an_end_and_tells_no_stranger_who_sent_it(database: TestDatabase) {
        let company = Company::start(database).await;
        let server = &company.server;
        let content = json!({ "recipients": { "identities": guest("one") }, "content": markdown("一") });
        let send = "mutation ($i: SendMessageInput!) { sendMessage(input: $i) { message { id } } }";
        let owner = server.token_of("owner", &[Permission::MessageSend]);
        let sent = server.graphql(&owner, send, json!({ "i": content })).await;
        let message = sent["data"]["sendMessage"]["message"]["id"].clone();
        company.settled(&message).await;

        let again = company.resend(to_the_unmatched(&message)).await;
        assert!(again["notices"].to_string().contains("Nobody is left"), "{again:#}");
        let told = server
            .graphql(&owner, RESEND, json!({ "i": to_the_unmatched(&message) }))
            .await;
        let notices = told["data"]["resendMessage"]["notices"].to_string();
        assert!(
            notices.contains("It was sent again before") && !notices.contains("by test"),
            "{told:#}"
        );

        // The message, and the two that are it sent again.
        for _ in 3..=FAMILY_AT_MOST {
            company.resend(to_the_unmatched(&message)).await;
        }
        let refused = company.resend(to_the_unmatched(&message)).await;
        assert_eq!(refused["userErrors"][0]["code"], "CONFLICT", "{refused:#}");
        assert_eq!(refused["message"], Value::Null);
        company.server.stop().await;
    }
);
