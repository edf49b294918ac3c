//! Saving, reading and deleting templates.

use serde_json::{Value, json};

use super::{keep, mistakes, save};
use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const DELETE: &str = "mutation ($name: String!, $version: BigInt!) { deleteMessageTemplate(input: { name: $name, expectedVersion: $version }) {
    template { name version } userErrors { code field message } } }";

fn markdown(text: &str) -> Value {
    json!({ "markdown": { "title": "{{ page.title }}", "text": text } })
}

both_databases!(
    async fn a_template_is_made_read_changed_and_deleted(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        let text = "{% for t in tags %}{{ t }}{% endfor %}";
        let made = save(
            &server,
            json!({ "name": "page-created", "description": "A new page", "content": markdown(text), "clientMutationId": "m1" }),
        )
        .await;
        let template = &made["template"];
        assert_eq!(
            json!([
                template["name"],
                template["msgType"],
                template["variables"],
                template["version"],
                template["updatedBy"]
            ]),
            json!(["page-created", "MARKDOWN", ["page.title", "tags"], "1", "test"]),
            "{made:#}"
        );
        assert_eq!(
            (&template["content"], &made["clientMutationId"]),
            (&markdown(text), &json!("m1"))
        );

        let again = json!({ "name": "page-created", "content": markdown("x") });
        let refused = save(&server, again.clone()).await;
        assert_eq!(mistakes(&refused), ["VERSION_CONFLICT input.expectedVersion"]);
        let mut changed = again.clone();
        changed["expectedVersion"] = json!("1");
        assert_eq!(save(&server, changed.clone()).await["template"]["version"], "2");
        assert_eq!(
            mistakes(&save(&server, changed).await),
            ["VERSION_CONFLICT input.expectedVersion"]
        );
        let unknown = json!({ "name": "unknown", "content": markdown("x"), "expectedVersion": "1" });
        assert_eq!(mistakes(&save(&server, unknown).await), ["NOT_FOUND input.name"]);

        let read = "query ($id: ID!) { messageTemplate(name: \"page-created\") { version description content }
            none: messageTemplate(name: \"PAGE-CREATED\") { version } node(id: $id) { id ... on MessageTemplate { name } } }";
        let data = server.data(read, json!({ "id": template["id"] })).await;
        assert_eq!(
            data["messageTemplate"],
            json!({ "version": "2", "description": null, "content": markdown("x") })
        );
        assert_eq!(
            json!([data["none"], data["node"]["name"]]),
            json!([null, "page-created"])
        );

        let delete = async |version: &str| {
            let variables = json!({ "name": "page-created", "version": version });
            server.data(DELETE, variables).await["deleteMessageTemplate"].take()
        };
        assert_eq!(mistakes(&delete("1").await), ["VERSION_CONFLICT input.expectedVersion"]);
        assert_eq!(
            delete("2").await["template"],
            json!({ "name": "page-created", "version": "2" })
        );
        assert_eq!(mistakes(&delete("2").await), ["NOT_FOUND input.name"]);
        server.stop().await;
    }
);

both_databases!(
    async fn templates_are_listed_by_name(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        for name in ["c", "a", "b"] {
            keep(&server, name, json!({ "text": { "content": "x" } })).await;
        }

        let query = "query ($after: String) { messageTemplates(first: 2, after: $after) {
            totalCount nodes { name } pageInfo { hasNextPage endCursor } } }";
        let first = server.data(query, json!({})).await["messageTemplates"].take();
        assert_eq!(
            (&first["totalCount"], &first["pageInfo"]["hasNextPage"]),
            (&json!(3), &json!(true))
        );
        assert_eq!(first["nodes"], json!([{ "name": "a" }, { "name": "b" }]));

        let after = &first["pageInfo"]["endCursor"];
        let second = server.data(query, json!({ "after": after })).await["messageTemplates"].take();
        assert_eq!(second["nodes"], json!([{ "name": "c" }]));
        server.stop().await;
    }
);

#[tokio::test]
async fn every_type_of_content_is_read_in_the_form_that_saves_it() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let url = "https://wiki.example.com/{{ id }}";
    let contents = [
        json!({ "text": { "content": "{{ a }}" } }),
        json!({ "link": { "title": "{{ a }}", "text": "x", "messageUrl": url, "picUrl": "@x" } }),
        json!({ "oa": {
            "messageUrl": url, "pcMessageUrl": null, "headBgcolor": "FFBBBBBB", "headText": "Wiki",
            "statusBar": { "statusValue": "{{ state }}", "statusBg": null },
            "body": { "title": null, "form": [{ "key": "k", "value": "{{ v }}" }], "rich": { "num": "{{ n }}", "unit": null },
                "content": "c", "image": null, "fileCount": 3, "author": "{{ who }}" },
        } }),
        json!({ "actionCard": { "title": "t", "markdown": "{{ m }}", "single": { "title": "Open", "url": url } } }),
        json!({ "actionCard": { "title": null, "markdown": "m", "multi": { "orientation": "HORIZONTAL",
            "buttons": [{ "title": "{{ b }}", "actionUrl": url }] } } }),
        json!({ "image": { "mediaId": "{{ picture }}" } }),
        json!({ "voice": { "mediaId": "@x", "durationSeconds": 10 } }),
        json!({ "file": { "mediaId": "@x" } }),
    ];

    for (index, content) in contents.into_iter().enumerate() {
        let name = format!("t{index}");
        let saved = save(&server, json!({ "name": name, "content": content })).await;
        let read = &saved["template"]["content"];
        assert_eq!(*read, content, "{saved:#}");

        let again = save(
            &server,
            json!({ "name": name, "content": read, "expectedVersion": "1" }),
        )
        .await;
        assert_eq!(again["template"]["content"], content, "{again:#}");
    }
    server.stop().await;
}

#[tokio::test]
async fn everything_wrong_with_a_template_is_told_with_its_field_and_line() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    let buttons = json!([{ "title": "{{ a", "actionUrl": "{{ b | nonsense }}" }]);
    let card = json!({ "actionCard": { "markdown": "a\n{% if %}", "multi": { "buttons": buttons } } });

    let told = save(&server, json!({ "name": "a b", "content": card })).await;
    assert_eq!(
        mistakes(&told),
        [
            "INVALID input.name",
            "INVALID input.content.actionCard.markdown",
            "INVALID input.content.actionCard.multi.buttons.0.title",
            "INVALID input.content.actionCard.multi.buttons.0.actionUrl",
        ]
    );
    let message = |at: usize| told["userErrors"][at]["message"].as_str().unwrap();
    assert!(message(1).contains("line 2"), "{}", message(1));
    assert!(message(3).contains("nonsense"), "{}", message(3));

    let nested = json!({ "name": "a", "content": { "template": { "name": "b" } } });
    assert_eq!(
        mistakes(&save(&server, nested).await),
        ["INVALID input.content.template"]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_text_that_could_never_be_sent_is_not_kept() {
    let database = TestDatabase::sqlite().await;
    let dingtalk = TestDingTalk::start(20, 4).await;
    let server = TestServer::start(database.target(), &dingtalk).await;
    for (content, field) in [
        (json!({ "text": { "content": "x\u{0}" } }), "text.content"),
        (json!({ "text": { "content": "a{{ b }}\u{7}" } }), "text.content"),
        (markdown("x\u{1b}[1m"), "markdown.text"),
        (json!({ "image": { "mediaId": "@x\u{0}" } }), "image.mediaId"),
    ] {
        let told = save(&server, json!({ "name": "a", "content": content })).await;
        assert_eq!(mistakes(&told), [format!("INVALID input.content.{field}")], "{told:#}");
        let message = told["userErrors"][0]["message"].as_str().unwrap();
        assert!(
            message.contains(field) && message.contains("control character"),
            "{message}"
        );
    }

    let lines = json!({ "text": { "content": "a\r\n\tb" } });
    assert_eq!(
        save(&server, json!({ "name": "a", "content": lines })).await["userErrors"],
        json!([])
    );
    server.stop().await;
}
