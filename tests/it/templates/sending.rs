//! Sending by a template, and links in DingTalk's own form: what the simulator's people received.

use std::time::Duration;

use serde_json::{Value, json};

use super::{keep, mistakes, save};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

async fn send(server: &TestServer, input: Value) -> Value {
    let send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
        message { id msgType content } replayed userErrors { code field message } } }";
    server.data(send, json!({ "input": input })).await["sendMessage"].take()
}

/// What this person has received, once it is `count` messages.
async fn received(dingtalk: &TestDingTalk, userid: &str, count: usize) -> Vec<Value> {
    for _ in 0..300 {
        let answer = dingtalk.control(&format!("messages?userid={userid}")).await;
        let received = answer["received"].as_array().unwrap();
        if received.len() >= count {
            return received.iter().map(|message| message["msg"].clone()).collect();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{userid} never received {count} messages");
}

/// A server with a company, and somebody in it.
async fn company(database: &TestDatabase) -> (TestDingTalk, TestServer) {
    let dingtalk = TestDingTalk::start(20, 4).await;
    let hire = json!([{ "edit": "hire", "userid": "anna", "fields": { "email": "anna@x.example", "active": true } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
    let server = TestServer::synced(database.target(), &dingtalk).await;
    (dingtalk, server)
}

both_databases!(
    async fn a_message_by_a_template_arrives_filled_in_and_with_links_for_the_sidebar(database: TestDatabase) {
        let (dingtalk, server) = company(database).await;
        let text = "### {{ page.title | escape_markdown }}\n{% for tag in tags %}\n- {{ tag }}\n{% endfor %}\n[打开]({{ page.url }})";
        keep(
            &server,
            "page",
            json!({ "markdown": { "title": "{{ page.title }}", "text": text } }),
        )
        .await;

        let variables =
            json!({ "page": { "title": "Q3 #计划", "url": "https://wiki.example.com/x?a=b c" }, "tags": ["a", "b"] });
        let input = json!({
            "recipients": { "userIds": ["anna"] },
            "content": { "template": { "name": "page", "variables": variables } },
            "openLinksIn": "SIDEBAR",
            "idempotencyKey": "page-1",
        });

        // A URL with a space is no URL: it stays, and Markdown shows it as it is.
        let sent = send(&server, input.clone()).await;
        assert_eq!(sent["userErrors"], json!([]), "{sent:#}");
        let expected = json!({ "msgtype": "markdown", "markdown": {
            "title": "Q3 #计划",
            "text": "### Q3 \\#计划\n- a\n- b\n[打开](https://wiki.example.com/x?a=b c)",
        } });
        assert_eq!(received(&dingtalk, "anna", 1).await, std::slice::from_ref(&expected));
        assert_eq!(
            json!([sent["message"]["content"], sent["message"]["msgType"]]),
            json!([expected, "MARKDOWN"])
        );
        assert_eq!(send(&server, input.clone()).await["replayed"], true);

        let mut second = input.clone();
        second["content"]["template"]["variables"]["page"]["url"] = json!("https://wiki.example.com/x?a=b");
        assert_eq!(
            mistakes(&send(&server, second.clone()).await),
            ["CONFLICT input.idempotencyKey"]
        );
        second["idempotencyKey"] = json!("page-2");
        assert_eq!(send(&server, second).await["userErrors"], json!([]));
        let link = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fwiki.example.com%2Fx%3Fa%3Db&pc_slide=true";
        assert_eq!(
            received(&dingtalk, "anna", 2).await[1]["markdown"]["text"],
            format!("### Q3 \\#计划\n- a\n- b\n[打开]({link})")
        );

        // The message keeps what was sent, whatever becomes of the template, and a retried job finds it.
        let changed = json!({ "name": "page", "content": { "text": { "content": "x" } }, "expectedVersion": "1" });
        assert_eq!(save(&server, changed).await["userErrors"], json!([]));
        let read = "query ($id: ID!) { node(id: $id) { ... on Message { content } } }";
        let data = server.data(read, json!({ "id": sent["message"]["id"] })).await;
        assert_eq!(data["node"]["content"], expected);
        let again = send(&server, input.clone()).await;
        assert_eq!(
            (&again["replayed"], &again["message"]["id"]),
            (&json!(true), &sent["message"]["id"])
        );

        let delete = "mutation { deleteMessageTemplate(input: { name: \"page\", expectedVersion: \"2\" }) { userErrors { message } } }";
        let deleted = server.data(delete, json!({})).await;
        assert_eq!(deleted["deleteMessageTemplate"]["userErrors"], json!([]));
        let again = send(&server, input.clone()).await;
        assert_eq!((&again["replayed"], &again["userErrors"]), (&json!(true), &json!([])));
        let mut new = input;
        new["idempotencyKey"] = json!("page-3");
        assert_eq!(
            mistakes(&send(&server, new).await),
            ["NOT_FOUND input.content.template.name"]
        );
        server.stop().await;
    }
);

both_databases!(
    async fn nothing_is_sent_while_the_template_cannot_be_filled_in(database: TestDatabase) {
        let (dingtalk, server) = company(database).await;
        keep(
            &server,
            "page",
            json!({ "markdown": { "title": "{{ title }}", "text": "a\n{{ page.author }}" } }),
        )
        .await;
        let by = |name: &str, variables: Value| {
            let content = json!({ "template": { "name": name, "variables": variables } });
            json!({ "recipients": { "userIds": ["anna"] }, "content": content })
        };

        let unknown = send(&server, by("pages", json!({}))).await;
        assert_eq!(mistakes(&unknown), ["NOT_FOUND input.content.template.name"]);
        let message = unknown["userErrors"][0]["message"].as_str().unwrap();
        assert!(
            message.contains("`pages`") && message.contains("messageTemplates"),
            "{message}"
        );

        let lacking = send(&server, by("page", json!({ "page": {} }))).await;
        let path = "REQUIRED input.content.template.variables";
        assert_eq!(mistakes(&lacking), [path, path]);
        let message = |at: usize| lacking["userErrors"][at]["message"].as_str().unwrap();
        assert!(
            message(0).contains("markdown.title") && message(0).contains("`title`"),
            "{}",
            message(0)
        );
        assert!(
            message(1).contains("markdown.text, line 2") && message(1).contains("`page.author`"),
            "{}",
            message(1)
        );
        assert_eq!(
            mistakes(&send(&server, by("page", json!("x"))).await),
            ["INVALID input.content.template.variables"]
        );

        // What DingTalk would refuse is found in what is sent; the caller's input has no such field, but a template.
        let long = json!({ "title": "t\nt", "page": { "author": "长".repeat(700) } });
        assert_eq!(
            mistakes(&send(&server, by("page", long)).await),
            ["INVALID input.content.template", "TOO_LONG input.content.template"]
        );
        assert_eq!(dingtalk.control("messages").await["tasks"], json!([]));
        server.stop().await;
    }
);

both_databases!(
    async fn links_of_any_message_open_where_it_says(database: TestDatabase) {
        let (dingtalk, server) = company(database).await;
        // Another text each time: the same again on one day would be dropped.
        let input = |count: usize, url: &str, target: Value| {
            let single = json!({ "title": "Open", "url": url });
            let card = json!({ "markdown": format!("m{count}"), "single": single });
            json!({ "recipients": { "userIds": ["anna"] }, "content": { "actionCard": card }, "openLinksIn": target })
        };
        let url = "https://wiki.example.com/x";

        for (count, (target, expected)) in [
            (json!("AS_GIVEN"), url.to_owned()),
            (Value::Null, url.to_owned()),
            (
                json!("SIDEBAR"),
                "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fwiki.example.com%2Fx&pc_slide=true".to_owned(),
            ),
            (
                json!("BROWSER"),
                "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fwiki.example.com%2Fx&pc_slide=false".to_owned(),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(send(&server, input(count, url, target)).await["userErrors"], json!([]));
            let last = received(&dingtalk, "anna", count + 1).await.pop().unwrap();
            assert_eq!(last["action_card"]["single_url"], expected);
        }

        // 500 characters are DingTalk's limit for what is sent, not for what was given.
        let long = format!("{url}{}", "y".repeat(450));
        let told = send(&server, input(9, &long, json!("SIDEBAR"))).await;
        assert_eq!(mistakes(&told), ["TOO_LONG input.content.actionCard.single.url"]);
        server.stop().await;
    }
);

both_databases!(
    async fn newlines_that_are_no_line_breaks_are_told_and_kept_where_that_is_asked_for(database: TestDatabase) {
        let (dingtalk, server) = company(database).await;
        let markdown = json!({ "title": "t", "text": "a {{ n }}\nb\n\n- c\n- d" });
        keep(&server, "lines", json!({ "markdown": markdown })).await;
        let send =
            "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { notices userErrors { message } } }";
        let preview =
            "query ($input: PreviewMessageTemplateInput!) { previewMessageTemplate(input: $input) { msg notices } }";

        for (count, keep) in [json!(false), json!(true)].iter().enumerate() {
            let variables = json!({ "n": count });
            let template = json!({ "template": { "name": "lines", "variables": variables } });
            let input = json!({ "recipients": { "userIds": ["anna"] }, "content": template, "keepLineBreaks": keep });
            let sent = server.data(send, json!({ "input": input })).await["sendMessage"].take();
            assert_eq!(sent["userErrors"], json!([]));

            let seen = json!({ "input": { "name": "lines", "variables": variables, "keepLineBreaks": keep } });
            let seen = server.data(preview, seen).await["previewMessageTemplate"].take();
            assert_eq!(seen["notices"], sent["notices"]);

            let last = received(&dingtalk, "anna", count + 1).await.pop().unwrap();
            assert_eq!(last, seen["msg"]);
            if keep == &json!(true) {
                assert_eq!(sent["notices"], json!([]));
                assert_eq!(last["markdown"]["text"], "a 1  \nb\n\n- c\n- d");
            } else {
                let told = sent["notices"][0].as_str().unwrap();
                assert!(
                    told.starts_with("One newline") && told.contains("keepLineBreaks"),
                    "{told}"
                );
                assert_eq!(last["markdown"]["text"], "a 0\nb\n\n- c\n- d");
            }
        }
        server.stop().await;
    }
);
