//! Sentences as data: beside each sentence stands its code with arguments, whatever version stored it; the catalogue's
//! page says what the catalogue has.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use dingmirror::{
    catalogue::{self, Statement, delivery::STOPPED_FOR_NOW, meaning_of},
    store::Stop,
};
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    server::{TestDingTalk, TestServer},
};

const DATA: &str = "code text args { name value statement { code args { name value } text } }";

/// The arguments by name.
fn args(statement: &Value) -> Vec<(&str, &str)> {
    let args = statement["args"].as_array().unwrap().iter();
    args.map(|arg| (arg["name"].as_str().unwrap(), arg["value"].as_str().unwrap()))
        .collect()
}

both_databases!(
    async fn why_somebody_is_found_or_not_is_told_in_english_and_as_data(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        let directory = dingtalk.control("directory").await;
        let people = directory["users"].as_array().unwrap();
        let with_email =
            |it: &&Value| it["email"].as_str().is_some_and(|email| !email.is_empty()) && it["active"] == true;
        let known = people.iter().find(with_email).unwrap();
        let (userid, email) = (known["userid"].as_str().unwrap(), known["email"].as_str().unwrap());

        let query = format!(
            "query ($i: [ConfluenceIdentityInput!]!) {{ resolve(identities: $i, method: EMAIL_TO_EMAIL) {{
                reason reasonStatement {{ {DATA} }} }} }}"
        );
        let asked = json!([{ "email": email }, { "email": "nobody@nowhere.example" }, { "username": "x" }]);
        let data = server.data(&query, json!({ "i": asked })).await;
        let found = &data["resolve"];
        for answer in found.as_array().unwrap() {
            assert_eq!(answer["reason"], answer["reasonStatement"]["text"]);
        }

        let [matched, unknown, missing] = [0, 1, 2].map(|at| &found[at]["reasonStatement"]);
        assert_eq!(matched["code"], "KEY_FOUND");
        let key = email.to_lowercase();
        assert_eq!(
            args(matched),
            [
                ("user", userid),
                ("field", "email"),
                ("key", key.as_str()),
                ("former", "0")
            ]
        );
        assert_eq!(
            (&unknown["code"], &missing["code"]),
            (&json!("EMAIL_UNKNOWN"), &json!("KEY_MISSING"))
        );
        assert!(args(missing).contains(&("method", "EMAIL_TO_EMAIL")));
        server.stop().await;
    }
);

both_databases!(
    async fn a_sentence_within_a_sentence_is_data_and_one_that_an_earlier_version_stored_is_told(
        database: TestDatabase,
    ) {
        let dingtalk = TestDingTalk::start(10, 2).await;
        let server = TestServer::start(database.target(), &dingtalk).await;
        let query = format!("{{ delivery {{ stoppedReason stoppedStatement {{ {DATA} }} }} }}");
        let now = server.services.clock.now();
        let stop = |minutes: i64, reason: Statement| Stop {
            until: now + chrono::TimeDelta::minutes(minutes),
            code: None,
            reason,
        };

        // As it was stored before there was a catalogue.
        let former = "Nothing is sent for now: somebody has to look.";
        server
            .services
            .store
            .stop_sending(&stop(10, Statement::other(former)))
            .await
            .unwrap();
        let data = server.data(&query, json!({})).await;
        let told = &data["delivery"];
        assert_eq!(
            (&told["stoppedReason"], &told["stoppedStatement"]["code"]),
            (&json!(former), &json!("OTHER"))
        );
        assert_eq!(told["stoppedStatement"]["text"], former);

        let why = catalogue::settings::URL_NOT_SET { field: "asyncSendUrl" };
        let (until, why) = (now + chrono::TimeDelta::minutes(20), Statement::from(why));
        let stopped = STOPPED_FOR_NOW { why: &why, until };
        server
            .services
            .store
            .stop_sending(&stop(20, stopped.into()))
            .await
            .unwrap();
        let data = server.data(&query, json!({})).await;
        let statement = &data["delivery"]["stoppedStatement"];
        assert_eq!(
            (&statement["code"], &statement["text"]),
            (&json!("STOPPED_FOR_NOW"), &data["delivery"]["stoppedReason"])
        );
        assert_eq!(args(statement)[0], ("why", why.to_string().as_str()));
        let within = &statement["args"][0]["statement"];
        assert_eq!(
            (&within["code"], args(within)),
            (&json!("URL_NOT_SET"), vec![("field", "asyncSendUrl")])
        );
        assert_eq!(statement["args"][1]["statement"], Value::Null);
        server.stop().await;
    }
);

both_databases!(
    async fn findings_errors_and_notices_are_told_as_data(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 6).await;
        let server = TestServer::synced(database.target(), &dingtalk).await;
        dingtalk
            .tell(
                reqwest::Method::PUT,
                "scope",
                json!({ "authed_dept": [], "authed_user": [] }),
            )
            .await;
        let run = server.sync().await;
        assert!(
            run.findings.iter().all(|finding| !finding.is_other()),
            "{:?}",
            run.findings
        );

        let query = format!(
            "{{ syncRuns(first: 1) {{ nodes {{ findings findingStatements {{ {DATA} }} error errorStatement {{ {DATA} }} }} }}
                heldRemovals(first: 1) {{ nodes {{ reason reasonStatement {{ {DATA} }} }} }} }}"
        );
        let data = server.data(&query, json!({})).await;
        let run = &data["syncRuns"]["nodes"][0];
        let texts: Vec<&Value> = run["findingStatements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["text"])
            .collect();
        assert_eq!(json!(texts), run["findings"]);
        let codes: Vec<&Value> = run["findingStatements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["code"])
            .collect();
        assert!(codes.contains(&&json!("SCOPE_EMPTY")), "{codes:?}");
        assert_eq!((&run["error"], &run["errorStatement"]), (&Value::Null, &Value::Null));
        let held = &data["heldRemovals"]["nodes"][0];
        assert_eq!(held["reasonStatement"]["code"], "REMOVALS_IN_LANDSLIDE", "{data:#}");
        assert_eq!(held["reason"], held["reasonStatement"]["text"]);

        let preview = format!(
            "query ($i: SendMessageInput!) {{ previewMessage(input: $i) {{ notices noticeStatements {{ {DATA} }}
                recipients {{ reason reasonStatement {{ {DATA} }} }} userErrors {{ message statement {{ {DATA} }} }} }} }}"
        );
        let input = json!({ "recipients": { "userIds": ["nobody"] },
            "content": { "markdown": { "title": "t", "text": "one\ntwo" } } });
        let data = server.data(&preview, json!({ "i": input })).await;
        let shown = &data["previewMessage"];
        let codes: Vec<&Value> = shown["noticeStatements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["code"])
            .collect();
        assert_eq!(codes, ["NOBODY_IS_LEFT", "NEWLINES_LOST"], "{shown:#}");
        assert_eq!(shown["recipients"][0]["reasonStatement"]["code"], "USER_NOT_IN_MIRROR");

        let input = json!({ "recipients": { "userIds": ["nobody"] }, "content": { "text": { "content": "" } } });
        let data = server.data(&preview, json!({ "i": input })).await;
        let error = &data["previewMessage"]["userErrors"][0];
        assert_eq!(
            (&error["statement"]["code"], &error["statement"]["text"]),
            (&json!("CONTENT_EMPTY"), &error["message"])
        );
        server.stop().await;
    }
);

const INTRODUCTION: &str = "\
# What the server says, as data

Made of the catalogue (`src/catalogue`) by `statements` of the tests, and checked by it; `DINGMIRROR_WRITE_DOCS=1` writes it anew.

Beside each English sentence of the API stands the same as data: a `Statement` with `code`, `args` and the `text`
([api.md](api.md#sentences-as-data)). Here are the codes, by subject, with the sentence that each stands for. A sentence is an
[ICU message](https://unicode-org.github.io/icu/userguide/format_parse/messages/); two forms are this server's own: `{at, moment}`
is a moment, told to the minute in Beijing's time, and `{why, phrase}` a sentence without its full stop.

A code keeps its meaning and its arguments. New ones may be added: treat an unknown one as `OTHER`.

## Arguments

An argument means the same wherever it stands. One that is not known, or not to be told, is absent, which a `select` takes as
`absent`.

";

/// The page of the catalogue.
fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    let names: BTreeSet<&str> = catalogue::all().flat_map(|entry| entry.arguments).copied().collect();
    text.push_str("| argument | what it is |\n|---|---|\n");
    for name in names {
        writeln!(text, "| `{name}` | {} |", meaning_of(name).unwrap()).unwrap();
    }

    for (subject, entries) in catalogue::subjects() {
        write!(text, "\n## {subject}\n\n| code | sentence |\n|---|---|\n").unwrap();
        for entry in entries {
            writeln!(text, "| `{}` | {} |", entry.code, entry.template.replace('|', "\\|")).unwrap();
        }
    }
    text
}

#[test]
fn the_page_of_statements_is_the_catalogue() {
    let (text, path) = (page(), Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statements.md"));
    if std::env::var_os("DINGMIRROR_WRITE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    assert!(
        text == kept,
        "docs/statements.md is out of date (DINGMIRROR_WRITE_DOCS=1 writes it anew); first: {differs:#?}"
    );
}
