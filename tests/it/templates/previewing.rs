//! Previews: what would be sent, and what is wrong, as data.

use serde_json::{Value, json};

use super::{keep, mistakes};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

async fn preview(server: &TestServer, input: Value) -> Value {
    let query = "query ($input: PreviewMessageTemplateInput!) { previewMessageTemplate(input: $input) {
        msgType variables msg bytes maxBytes problems { code field message } } }";
    server.data(query, json!({ "input": input })).await["previewMessageTemplate"].take()
}

fn card() -> Value {
    json!({ "actionCard": {
        "title": "{{ page.title }}",
        "markdown": "**{{ page.title | escape_markdown }}** by [{{ author }}]({{ page.url }})",
        "single": { "title": "Open", "url": "{{ page.url }}" },
    } })
}

both_databases!(
    async fn a_preview_shows_the_message_its_size_and_its_problems(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        keep(&server, "card", card()).await;
        let variables =
            json!({ "page": { "title": "Q3 *计划*", "url": "https://wiki.example.com/x?a=b" }, "author": "Anna" });

        let shown = preview(&server, json!({ "name": "card", "variables": variables })).await;
        let expected = json!({ "msgtype": "action_card", "action_card": {
            "title": "Q3 *计划*",
            "markdown": "**Q3 \\*计划\\*** by [Anna](https://wiki.example.com/x?a=b)",
            "single_title": "Open",
            "single_url": "https://wiki.example.com/x?a=b",
        } });
        assert_eq!(shown["msg"], expected);
        assert_eq!(
            json!([
                shown["msgType"],
                shown["variables"],
                shown["maxBytes"],
                shown["problems"]
            ]),
            json!(["ACTION_CARD", ["author", "page.title", "page.url"], 2048, []])
        );
        assert_eq!(shown["bytes"], expected.to_string().len());

        let sidebar = json!({ "content": card(), "variables": variables, "openLinksIn": "SIDEBAR" });
        let shown = preview(&server, sidebar).await;
        let link = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fwiki.example.com%2Fx%3Fa%3Db&pc_slide=true";
        assert_eq!(shown["msg"]["action_card"]["single_url"], link);
        let text = shown["msg"]["action_card"]["markdown"].as_str().unwrap();
        assert!(text.ends_with(&format!("[Anna]({link})")), "{text}");

        let lacking = preview(
            &server,
            json!({ "name": "card", "variables": { "page": { "title": "x" } } }),
        )
        .await;
        assert_eq!(
            mistakes(&lacking),
            [
                "REQUIRED input.content.actionCard.markdown",
                "REQUIRED input.content.actionCard.single.url"
            ]
        );
        let message = lacking["problems"][1]["message"].as_str().unwrap();
        assert!(message.contains("`page.url` is undefined"), "{message}");
        assert_eq!(json!([lacking["msg"], lacking["bytes"]]), json!([null, null]));
        assert_eq!(lacking["variables"][0], "author");
        server.stop().await;
    }
);

#[tokio::test]
async fn what_dingtalk_would_refuse_is_told_beside_the_message() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let text = |content: &str| json!({ "text": { "content": content } });

    let long = preview(
        &server,
        json!({ "content": text("{{ x }}"), "variables": { "x": "长".repeat(700) } }),
    )
    .await;
    assert_eq!(mistakes(&long), ["TOO_LONG input.content"]);
    assert_eq!(
        long["bytes"],
        700 * 3
            + json!({ "msgtype": "text", "text": { "content": "" } })
                .to_string()
                .len()
    );
    assert!(long["msg"].is_object());

    for (input, expected) in [
        (json!({ "name": "nothing" }), "NOT_FOUND input.name"),
        (json!({}), "INVALID input.name"),
        (json!({ "name": "a", "content": text("x") }), "INVALID input.name"),
        (
            json!({ "content": text("x"), "variables": [1] }),
            "INVALID input.variables",
        ),
        (
            json!({ "content": { "template": { "name": "a" } } }),
            "INVALID input.content.template",
        ),
        (json!({ "content": text("{{ x") }), "INVALID input.content.text.content"),
        (
            json!({ "content": text("{% for a in range(99999) %}{{ a }}{% endfor %}") }),
            "TOO_LONG input.content.text.content",
        ),
        (json!({ "content": text("") }), "REQUIRED input.content.text.content"),
    ] {
        assert_eq!(mistakes(&preview(&server, input.clone()).await), [expected], "{input}");
    }
    server.stop().await;
}

/// What stands in a message and nobody wrote.
#[tokio::test]
async fn a_template_says_what_is_wrong_and_where() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let problem = async |text: &str, variables: Value| {
        let input = json!({ "content": { "text": { "content": text } }, "variables": variables });
        let shown = preview(&server, input).await;
        let problems = shown["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{text}: {shown:#}");
        problems[0]["message"].as_str().unwrap().to_owned()
    };

    for (text, variables, words) in [
        (
            "{{ a|attr(\"zz\")|upper }}",
            json!({ "a": {} }),
            &["a|attr(\"zz\")", "undefined"][..],
        ),
        ("{{ a|first }}", json!({ "a": [] }), &["a|first", "undefined"]),
        ("{{ dict }}", json!({}), &["dict", "call"]),
        ("{{ range | upper }}", json!({}), &["range", "call"]),
        ("{{ [dict] }}", json!({}), &["dict", "call"]),
        ("{{ 'a' ~ range }}", json!({}), &["range", "call"]),
        ("{{ a|float }}", json!({ "a": "inf" }), &["a|float", "no number"]),
        ("{{ a|float|string }}", json!({ "a": "nan" }), &["no number"]),
        ("{{ [a|float] | join(',') }}", json!({ "a": "inf" }), &["no number"]),
        ("{{ 1e308 * 10 }}", json!({}), &["no number"]),
        (
            "x\n{% for x in a %}{{ x }}{% endfor %}",
            json!({ "a": null }),
            &["line 2", "`a`", "null"],
        ),
        (
            "{% for x in a.b if x %}{{ x }}{% else %}none{% endfor %}",
            json!({ "a": { "b": null } }),
            &["`a.b`", "null"],
        ),
        (
            "{% if true %}{% for x in a %}{% endfor %}{% endif %}y",
            json!({ "a": null }),
            &["`a`", "null"],
        ),
    ] {
        let told = problem(text, variables).await;
        for word in words {
            assert!(told.contains(word), "{text}: {word} is missing from {told}");
        }
        assert!(!told.contains("minijinja") && !told.contains(": :"), "{told}");
    }

    let whole = preview(
        &server,
        json!({ "content": { "text": { "content": "{{ a }} {{ b }}" } }, "variables": { "a": 1e22, "b": 1.5 } }),
    )
    .await;
    assert_eq!(whole["msg"]["text"]["content"], "10000000000000000000000 1.5");

    let oa = json!({ "oa": { "messageUrl": "https://a.example", "headBgcolor": "FFBBBBBB", "headText": "x", "body": { "fileCount": -1 } } });
    let told = preview(&server, json!({ "content": oa })).await;
    let message = told["problems"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("oa.body.fileCount") && message.contains("-1"),
        "{message}"
    );
    server.stop().await;
}
