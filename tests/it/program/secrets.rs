//! Nothing that the program logs, at its most talkative, holds a secret, a token, somebody's number or a message; and
//! neither its database nor an export of it holds a secret or a token.

use std::{fs, path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dingmirror::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::support::{
    database::TestDatabase,
    process::{Home, PATIENCE, Process, SECRET_KEY, program},
    server::{JWT_SECRET, TestDingTalk},
};

const EVENT_TOKEN: &str = "mryue123456";
const OLD_AES_KEY: &str = "1234567890123456789012345678901234567890123";
const AES_KEY: &str = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7";
/// Each stands in a place of its own, so that a finding says where it came from.
const BODY: &str = "the-body-of-a-text-message";
const MARKDOWN: &str = "the-body-of-a-markdown-message";
const VARIABLE: &str = "a-variable-of-a-template";
const MOBILE: &str = "13912345678";
const EMAIL: &str = "newcomer.secret@x.example";
const ASKED_EMAIL: &str = "asked.for@y.example";
const IMPORTED_EMAIL: &str = "imported.link@z.example";
const IN_URL: &str = "a-token-in-an-address";
const IN_BODY: &str = "words-in-a-body-that-is-no-json";
const PASTED: &str = "a-secret-that-was-pasted-into-a-url";

/// The operator may have asked for everything of everything.
const TALKATIVE: &str = "trace,tungstenite=trace,tokio_tungstenite=trace,hyper=trace,hyper_util=trace,h2=trace,reqwest=trace,\
                         rustls=trace,sqlx=trace,sea_orm=trace,sea_orm_migration=trace,tower_http=trace,axum=trace,dingmirror=trace";

fn token(secret: &str) -> String {
    TokenIssuer::new(&secret.into(), Clock::system()).issue("a caller", &Permission::ALL, Duration::from_secs(600))
}

/// What must not be found, with what it is.
struct Needle {
    what: String,
    text: String,
    /// Whether the database has it by design: people's data and messages.
    is_kept: bool,
}

/// What must not be found anywhere, or in no log.
struct Needles(Vec<Needle>);

impl Needles {
    /// A secret.
    fn add(&mut self, what: &str, text: &str) {
        self.push(what, text, false);
    }

    /// What the database is for.
    fn add_kept(&mut self, what: &str, text: &str) {
        self.push(what, text, true);
    }

    fn push(&mut self, what: &str, text: &str, is_kept: bool) {
        assert!(text.len() >= 8, "{what} is too short to be looked for: {text}");
        self.0.push(Needle {
            what: what.to_owned(),
            text: text.to_owned(),
            is_kept,
        });
    }

    /// A JWT by its signature as well: a part of it would be as bad.
    fn add_token(&mut self, what: &str, token: &str) {
        self.add(what, token);
        self.add(what, token.rsplit('.').next().unwrap());
    }
}

async fn over_websocket(running: &Process, header: Option<&str>, payload: Value, document: &str) -> Option<Value> {
    let url = format!("{}/graphql/ws", running.base.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    if let Some(header) = header {
        headers.insert("authorization", header.parse().unwrap());
    }

    let (mut socket, _) = connect_async(request).await.ok()?;
    let init = json!({ "type": "connection_init", "payload": payload });
    socket.send(Message::text(init.to_string())).await.unwrap();
    let operation = json!({ "id": "1", "type": "subscribe", "payload": { "query": document } });
    socket.send(Message::text(operation.to_string())).await.unwrap();

    let answered = async {
        loop {
            match socket.next().await?.ok()? {
                Message::Text(text) => {
                    let said: Value = serde_json::from_str(text.as_str()).unwrap();
                    if said["type"] == "next" {
                        return Some(said["payload"].clone());
                    }
                }
                Message::Close(_) => return None,
                _ => {}
            }
        }
    };

    tokio::time::timeout(PATIENCE, answered)
        .await
        .expect("the socket says nothing")
}

both_databases!(
    async fn nothing_secret_is_ever_written(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(30, 5).await;
        let format = if database.url().is_some() { "json" } else { "human" };
        let settings = [
            ("DINGMIRROR_LOG", TALKATIVE),
            ("DINGMIRROR_LOG_FORMAT", format),
            ("RUST_LOG", "trace"),
            ("DINGMIRROR_STREAM", "on"),
            ("DINGMIRROR_EVENT_TOKEN", EVENT_TOKEN),
            ("DINGMIRROR_EVENT_AES_KEY", AES_KEY),
            ("DINGMIRROR_EVENT_AES_KEY_PREVIOUS", OLD_AES_KEY),
        ];
        let running = Process::serving(database, &dingtalk, &settings).await;

        let mut needles = Needles(Vec::new());
        needles.add("the tokens' secret", JWT_SECRET);
        needles.add("the sealing key", SECRET_KEY);
        needles.add("the event token", EVENT_TOKEN);
        needles.add("the AES key", AES_KEY);
        needles.add("the AES key of before", OLD_AES_KEY);
        needles.add("the appSecret", &dingtalk.config.app_secret);
        needles.add_token("a bearer token", &running.token.clone());

        configured_and_synced(&running, &dingtalk).await;
        let directory = dingtalk.control("directory").await;
        for user in directory["users"].as_array().unwrap() {
            for field in ["mobile", "email"] {
                if let Some(text) = user[field].as_str().filter(|text| !text.is_empty()) {
                    needles.add_kept(field, text);
                }
            }
        }
        sends_and_questions(&running, &directory["users"][0]).await;
        sockets_and_events(&running, &dingtalk, &mut needles).await;
        wrong_doors(&running, &mut needles).await;
        an_api_key(&running, &mut needles).await;
        let audit =
            "{ auditLog(first: 500) { nodes { action target subject issuer address details { name value } } } }";
        let audit = running.data(audit, json!({})).await.to_string();
        needles.add("DingTalk's token", &access_token(&dingtalk).await);

        // DingTalk goes away: what fails is told, without the address that it was asked at.
        dingtalk.shutdown.cancel();
        let start = "mutation { startSync(input: {}) { run { id } } }";
        running.data(start, json!({})).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let written = running.end_by("TERM").await;

        assert!(
            written.contains("TRACE") || written.contains("DEBUG"),
            "it was to be talkative"
        );
        assert!(written.contains("the operator"), "a request's line names who asked");
        for (what, text) in [
            ("a message", BODY),
            ("a message", MARKDOWN),
            ("a template's variable", VARIABLE),
            ("a newcomer's number", MOBILE),
            ("a newcomer's address", EMAIL),
            ("an address that was asked for", ASKED_EMAIL),
            ("an address of a file", IMPORTED_EMAIL),
        ] {
            needles.add_kept(what, text);
        }
        for (what, text) in [
            ("a token of a URL", IN_URL),
            ("a body that is no JSON", IN_BODY),
            ("a URL of the form", PASTED),
        ] {
            needles.add(what, text);
        }

        for Needle { what, text, .. } in &needles.0 {
            let found = written.lines().find(|line| line.contains(text.as_str()));
            assert!(found.is_none(), "{what} was written: {}", found.unwrap());
            assert!(!audit.contains(text.as_str()), "{what} is in the audit log: {audit}");
        }
        for action in [
            "SETTINGS_CHANGED",
            "TEMPLATE_SAVED",
            "LINKS_IMPORTED",
            "API_KEY_CREATED",
        ] {
            assert!(audit.contains(action), "no {action} in {audit}");
        }
        nothing_secret_is_kept(database, &needles).await;

        // Rust's own way of writing values has no place where programs read.
        for line in written.lines().filter(|_| format == "json") {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            for (field, value) in line.as_object().unwrap() {
                let text = value.as_str().unwrap_or_default();
                let is_rusts = text.starts_with("Some(") || text == "None" || text.contains("{ ");
                assert!(!is_rusts || field == "message", "{field} is written as Rust's: {line}");
            }
        }
    }
);

/// Looks for the secrets in everything that is kept, byte by byte.
async fn nothing_secret_is_kept(database: &TestDatabase, needles: &Needles) {
    let mut kept = match database.url() {
        None => files(&database.data_dir()),
        Some(_) => rows(database).await,
    };
    let export = database.data_dir().join("export");
    let mut command = program(&["export", "--with-mirror", export.to_str().unwrap()]);
    Home::from(database).give_to(&mut command);
    let exported = command.output().unwrap();
    assert!(exported.status.success(), "{exported:?}");
    kept.push(("the export".to_owned(), fs::read(&export).unwrap()));

    let is_in = |text: &str, bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    for (place, bytes) in &kept {
        for Needle { what, text, .. } in needles.0.iter().filter(|it| !it.is_kept) {
            assert!(!is_in(text, bytes), "{what} is in {place}");
        }
    }

    // What the database is for is found, so a secret would be.
    let ledger = kept.iter().filter(|(_, bytes)| is_in(BODY, bytes)).count();
    assert!(
        ledger >= 2,
        "the message's text is in the database and in the export: {ledger}"
    );
}

/// The files of a directory.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect()
}

/// The rows of every table, as Postgres writes them.
async fn rows(database: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    let mut beside = database.beside().await;
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let mut found = Vec::new();
    for table in beside.texts(tables).await {
        let rows = beside.texts(&format!("SELECT r::text FROM {table} AS r")).await;
        found.push((table, rows.join("\n").into_bytes()));
    }
    assert!(found.len() > 30, "these are not all tables");
    found
}

/// Makes a key, shows it, and revokes it.
async fn an_api_key(running: &Process, needles: &mut Needles) {
    let create = "mutation ($until: DateTime!) { createApiKey(input: { name: \"plugin\", permissions: [SETTINGS_READ],
        expiresAt: $until }) { secret apiKey { id } } }";
    let until = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let made = running.data(create, json!({ "until": until })).await["createApiKey"].take();
    let key = made["secret"].as_str().unwrap();
    needles.add("an API key", key);
    needles.add("an API key's secret", key.rsplit('_').next().unwrap());

    for shown in [key.to_owned(), format!("{key}0")] {
        let request = running.http.post(format!("{}/graphql", running.base));
        let request = request
            .bearer_auth(shown)
            .json(&json!({ "query": "{ viewer { subject } }" }));
        request.send().await.unwrap();
    }
    let revoke = "mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }";
    running.data(revoke, json!({ "id": made["apiKey"]["id"] })).await;
}

async fn configured_and_synced(running: &Process, dingtalk: &TestDingTalk) {
    let update = "mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { userErrors { code } } }";
    let pasted = format!("https://oapi.dingtalk.com/gettoken?appsecret={PASTED}");
    let wrong = json!({ "input": { "expectedVersion": "0", "getTokenUrl": pasted } });
    let refused = running.data(update, wrong).await;
    assert_ne!(refused["updateSettings"]["userErrors"], json!([]));

    running.configure(dingtalk, &json!({})).await;
    let is_there = |data: &Value| data["mirror"]["userCount"] == 30;
    running.until("{ mirror { userCount } }", json!({}), is_there).await;

    // An expired token of DingTalk's, and answers that are none.
    dingtalk.tell(reqwest::Method::POST, "tokens/expire", json!({})).await;
    let odd = json!({ "api": "/topapi/v2/user/get", "kind": "truncated_json", "count": 1 });
    dingtalk.tell(reqwest::Method::POST, "faults", odd).await;
}

async fn sends_and_questions(running: &Process, somebody: &Value) {
    let send =
        "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { message } } }";
    let user = &somebody["userid"];
    for content in [
        json!({ "text": { "content": BODY } }),
        json!({ "markdown": { "title": "Page updated", "text": MARKDOWN } }),
    ] {
        let input = json!({ "recipients": { "userIds": [user] }, "content": content });
        let sent = running.data(send, json!({ "input": input })).await;
        assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
    }

    let save = "mutation ($input: SaveMessageTemplateInput!) { saveMessageTemplate(input: $input) { userErrors { message } } }";
    let template = json!({ "name": "page", "content": { "text": { "content": "{{ page.title }}" } } });
    running.data(save, json!({ "input": template })).await;
    let filled = json!({ "template": { "name": "page", "variables": { "page": { "title": VARIABLE } } } });
    let input = json!({ "recipients": { "identities": [{ "email": ASKED_EMAIL }, { "email": somebody["email"] }] }, "content": filled });
    running.data(send, json!({ "input": input })).await;

    let resolve =
        "query ($i: [ConfluenceIdentityInput!]!) { resolve(identities: $i) { status reason user { mobile email } } }";
    running
        .data(
            resolve,
            json!({ "i": [{ "email": ASKED_EMAIL }, { "email": somebody["email"] }] }),
        )
        .await;
    let by_mobile = "query ($mobile: String!) { userByMobile(mobile: $mobile) { __typename } }";
    running
        .ask(by_mobile, json!({ "mobile": somebody["mobile"] }))
        .await
        .unwrap();

    let import = "mutation ($csv: String!) { importIdentityLinks(input: { csv: $csv }) { applied } }";
    let csv = format!("email,userId\n{IMPORTED_EMAIL},{}\n", user.as_str().unwrap());
    running.data(import, json!({ "csv": csv })).await;
    let all_sent = |data: &Value| data["delivery"]["queued"] == 0;
    running.until("{ delivery { queued } }", json!({}), all_sent).await;
}

async fn sockets_and_events(running: &Process, dingtalk: &TestDingTalk, needles: &mut Needles) {
    let [in_payload, bare, in_header] = [1, 2, 3].map(|_| token(JWT_SECRET));
    needles.add_token("a token of a connection_init", &in_payload);
    needles.add_token("a token of a socket's header", &in_header);

    let changes = "subscription { directoryChanges { entityId fields { field before after } } }";
    let payload = json!({ "authorization": format!("Bearer {in_payload}") });
    let hired = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let fields = json!({ "mobile": MOBILE, "email": EMAIL });
        let hire = json!([{ "edit": "hire", "userid": "newcomer", "departments": [1], "fields": fields }]);
        dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
    };
    let (change, ()) = tokio::join!(over_websocket(running, None, payload, changes), hired);
    assert!(change.is_some(), "the change arrives by stream and socket");

    let viewer = "{ viewer { subject } users(first: 100) { nodes { mobile email } } }";
    assert!(
        over_websocket(running, None, json!({ "token": bare }), viewer)
            .await
            .is_some()
    );
    let header = format!("Bearer {in_header}");
    assert!(
        over_websocket(running, Some(&header), json!({}), viewer)
            .await
            .is_some()
    );

    let forged = token("another secret that nobody gave to this server");
    needles.add_token("a forged token", &forged);
    assert!(
        over_websocket(running, None, json!({ "token": forged }), viewer)
            .await
            .is_none()
    );

    // The same by push, once it can be: a push tells of another newcomer.
    let push = json!({ "url": format!("{}/dingtalk/events", running.base), "token": EVENT_TOKEN, "aes_key": AES_KEY });
    dingtalk.tell(reqwest::Method::PUT, "push", push).await;
    let hire =
        json!([{ "edit": "hire", "userid": "second", "departments": [1], "fields": { "mobile": "13987654321" } }]);
    dingtalk.tell(reqwest::Method::POST, "edits", hire).await;
    needles.add_kept("a second newcomer's number", "13987654321");
    let is_there = |data: &Value| data["user"]["userId"] == "second";
    running
        .until("{ user(userId: \"second\") { userId } }", json!({}), is_there)
        .await;
}

async fn wrong_doors(running: &Process, needles: &mut Needles) {
    let url = format!("{}/graphql", running.base);
    let forged = token("another secret that nobody gave to this server");
    needles.add_token("a forged token", &forged);
    let basic = URL_SAFE_NO_PAD.encode("anna:the-password-of-anna");
    needles.add("a password", &basic);

    for header in [
        format!("Bearer {forged}"),
        format!("Basic {basic}"),
        "Bearer nonsense.of.somebody".to_owned(),
    ] {
        let request = running
            .http
            .post(&url)
            .header("authorization", header)
            .json(&json!({ "query": "{ __typename }" }));
        assert_eq!(request.send().await.unwrap().status(), 401);
    }

    let forms = [
        running
            .http
            .get(format!("{url}?access_token={IN_URL}&query=%7B__typename%7D")),
        running.http.get(format!("{}/nowhere?token={IN_URL}", running.base)),
        running
            .http
            .post(&url)
            .header("content-type", "application/json")
            .body(format!("{{\"query\": {IN_BODY}")),
        running
            .http
            .post(&url)
            .header("content-type", "text/plain")
            .body(IN_BODY),
        running
            .http
            .post(&url)
            .bearer_auth(&running.token)
            .json(&json!({ "query": format!("{{ nothing(x: \"{IN_BODY}\") }}") })),
        running
            .http
            .post(format!(
                "{}/dingtalk/events?signature={IN_URL}&timestamp=1&nonce=n",
                running.base
            ))
            .body(IN_BODY),
    ];

    for form in forms {
        let _ = form.send().await.unwrap().text().await;
    }
}

/// The token that DingTalk has given out: it gives the same one again.
async fn access_token(dingtalk: &TestDingTalk) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let credentials = [
        ("appkey", &dingtalk.config.app_key),
        ("appsecret", &dingtalk.config.app_secret),
    ];
    let request = client.get(format!("{}/gettoken", dingtalk.base)).query(&credentials);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
