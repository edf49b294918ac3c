//! Those whose small requests make the server compute for long.

use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{
    Attack,
    large::{posts, writes},
    slow::attack,
};

/// Steps enough for the longest that a text may take.
const LOOP: &str = "{% for a in range(6000) %}{% endfor %}";

pub(super) const ALL: &[Attack] = &[
    attack!("a variable of 150 kB used 99 times, without a token", |t, f, y| posts(
        t,
        f,
        y,
        false,
        one_variable_99_times(),
        ""
    )),
    attack!("a variable of 150 kB used 99 times", |t, f, y| posts(
        t,
        f,
        y,
        true,
        one_variable_99_times(),
        ""
    )),
    attack!("one field 490 times, without a token", |t, f, y| posts(
        t,
        f,
        y,
        false,
        body(&format!("{{{}}}", "viewer{subject} ".repeat(490)), json!({})),
        ""
    )),
    attack!("a block string of 32,000 lines, without a token", |t, f, y| posts(
        t,
        f,
        y,
        false,
        body(
            &format!("{{node(id:\"\"\"{}\"\"\"){{id}}}}", "\n ".repeat(32_000)),
            json!({})
        ),
        ""
    )),
    attack!("32,000 comments, without a token", |t, f, y| posts(
        t,
        f,
        y,
        false,
        body(&format!("{{version}}{}", "#\n".repeat(32_000)), json!({})),
        ""
    )),
    attack!("templates that loop, 50 previews", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "query($i:PreviewMessageTemplateInput!)",
                50,
                "previewMessageTemplate(input:$i){bytes problems{message}}"
            ),
            json!({ "i": { "content": looping(), "variables": {} } })
        ),
        ""
    )),
    attack!("templates that loop, 10 messages", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "mutation($i:SaveMessageTemplateInput!)",
                10,
                "saveMessageTemplate(input:$i){userErrors{message}}"
            ),
            json!({ "i": { "name": "loops", "content": looping() } })
        ),
        ""
    )),
    attack!("900 equal departments, 10 previews", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "query($i:SendMessageInput!)",
                10,
                "previewMessage(input:$i){recipientCounts{count}}"
            ),
            json!({ "i": {
                "recipients": { "departments": vec![json!({ "deptId": 1 }); 900] },
                "content": { "text": { "content": "x" } }
            } })
        ),
        ""
    )),
    attack!("an import of 19,000 lines, rehearsed", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "mutation($c:String!)",
                2,
                "importIdentityLinks(input:{csv:$c,dryRun:true}){failed}"
            ),
            json!({ "c": csv() })
        ),
        ""
    )),
    attack!("a department selection previewed 20 times", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "",
                20,
                "previewDepartmentSelection(excludeDepartments:[1]){selectedUsers usersFallingOut(first:1){totalCount}}"
            ),
            json!({})
        ),
        ""
    )),
    attack!("Markdown of 2,500 brackets, 40 previews", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "query($i:PreviewMessageTemplateInput!)",
                40,
                "previewMessageTemplate(input:$i){bytes}"
            ),
            json!({ "i": {
                "openLinksIn": "SIDEBAR",
                "content": { "markdown": { "title": "t", "text": "[".repeat(2_500) + &"](http://x.y)".repeat(150) } },
                "variables": {}
            } })
        ),
        ""
    )),
    attack!("the census 10 times", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases(
                "",
                10,
                "matchingCensus(method:USERNAME_TO_JOB_NUMBER){matched usersSharingAKey sharedKeyCount}"
            ),
            json!({})
        ),
        ""
    )),
    attack!("40 searches for nobody", |t, f, y| posts(
        t,
        f,
        y,
        true,
        body(
            &aliases("", 40, "users(filter:{search:\"zz\"},first:1){totalCount}"),
            json!({})
        ),
        ""
    )),
    attack!("the schema in brotli, without a token", |t, f, y| writes(
        t,
        f,
        y,
        "GET /schema.graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: br\r\n\r\n".to_owned()
    )),
];

/// Whatever operation `head` begins, with a field under many aliases.
fn aliases(head: &str, count: usize, field: &str) -> String {
    format!("{head}{}", super::large::aliases("", count, field, ""))
}

fn body(query: &str, variables: Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}

fn one_variable_99_times() -> String {
    body(
        &aliases(
            "query($i:[ConfluenceIdentityInput!]!)",
            99,
            "resolve(identities:$i){status}",
        ),
        json!({ "i": vec![json!({ "email": "a" }); 9_000] }),
    )
}

/// Each of its 91 texts takes as long as one may.
fn looping() -> Value {
    json!({ "oa": {
        "messageUrl": "http://a.b",
        "headBgcolor": "FFBBBBBB",
        "headText": LOOP,
        "body": { "form": vec![json!({ "key": LOOP, "value": LOOP }); 45] }
    } })
}

fn csv() -> String {
    let lines = (0..19_000).map(|n| format!("nobody{n},a{n}@example.com\n"));
    format!("userId,email\n{}", lines.collect::<String>())
}
