//! Every code on every call, by the real client over real HTTP.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use dingmirror::{
    backoff::Backoff,
    clock::Clock,
    dingtalk::{Class, Client, ClientConfig, Connection, Error, Session, Waits, known_codes},
    directory::{DeptId, UserId},
    settings::{AllowedHosts, Api},
};
use serde_json::{Value, json};

use super::{UNKNOWN, answer, head, row};
use crate::{
    delivery::outbox::settings,
    simulator::support::{Platform, small, start},
};

/// Calls in the table's columns: what one of them is answered, the others of its column mostly are, too.
const COLUMNS: [(&str, &[Api]); 10] = [
    ("gettoken", &[Api::GetToken]),
    ("scopes, count", &[Api::AuthScopes, Api::UserCount]),
    ("listsub, department/get", &[Api::DepartmentListSub, Api::DepartmentGet]),
    ("listid, user/list", &[Api::UserListId, Api::UserList]),
    ("user/get, getbymobile", &[Api::UserGet, Api::UserGetByMobile]),
    ("asyncsend_v2", &[Api::AsyncSend]),
    (
        "getsendprogress, getsendresult",
        &[Api::GetSendProgress, Api::GetSendResult],
    ),
    ("recall", &[Api::Recall]),
    ("failed pushes", &[Api::CallBackFailedResult]),
    ("stream", &[Api::StreamOpen]),
];

pub async fn write(text: &mut String) {
    text.push_str(
        "\n## Every code on every call\n\nThe class, and how many calls DingTalk got for one question, where it is more than one. A call \
         of a throttled read goes on until it is answered, which isn't counted here. Where the two calls of a column differ, both \
         are told; where the same code wrapped (`errcode` 88 with it as `sub_code`) means something else, it has a row of its own.\n\n",
    );
    let mut cells = vec!["code"];
    cells.extend(COLUMNS.map(|(name, _)| name));
    head(text, &cells);

    let platform = start(small()).await;
    let mut sentences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in known_codes().into_iter().chain(UNKNOWN.map(str::to_owned)) {
        let plain = line(&platform, &code, false, &mut sentences).await;
        print(text, &code, &plain);
        let wrapped = line(&platform, &code, true, &mut sentences).await;
        if wrapped != plain {
            print(text, &format!("{code} wrapped"), &wrapped);
        }
    }

    text.push_str("\n## What is said\n\n");
    head(text, &["sentence", "codes"]);
    for (sentence, codes) in sentences {
        row(text, &[&sentence, &codes.join(", ")]);
    }
    writeln!(text).unwrap();
}

fn print(text: &mut String, code: &str, cells: &[String]) {
    let code = format!("`{code}`");
    let mut all = vec![code.as_str()];
    all.extend(cells.iter().map(String::as_str));
    row(text, &all);
}

async fn line(
    platform: &Platform,
    code: &str,
    wrapped: bool,
    sentences: &mut BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let mut cells = Vec::new();
    // What is remembered of one call is over before the next; only whoever asks for a token must not have one.
    let (without_token, usual) = (session(platform), session(platform));

    for (_, apis) in COLUMNS {
        let mut told: Vec<String> = Vec::new();
        for api in apis {
            let session = if *api == Api::GetToken { &without_token } else { &usual };
            let (class, calls, error) = ask(platform, session, *api, answer(code, wrapped)).await;
            let cell = match calls {
                1 => class,
                calls => format!("{class} ×{calls}"),
            };
            if !told.contains(&cell) {
                told.push(cell);
            }
            if let Some(error) = error {
                let (code, api) = (code.to_owned(), api.path());
                let sentence = error.message.to_string().replace(&format!(" (code {code})"), "");
                let sentence = sentence.replace("{path}", api);
                let codes = sentences.entry(sentence).or_default();
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
        }
        cells.push(told.join(" / "));
    }
    cells
}

/// The class of `answer` on `api`, and the calls that it took to be told.
async fn ask(platform: &Platform, session: &Session, api: Api, answer: Value) -> (String, u64, Option<Error>) {
    platform.control.remove_faults(None);
    let rule = json!({ "api": api.path(), "kind": "answer", "body": answer });
    platform.control.add_faults(rule).unwrap();

    let asked = match api {
        Api::GetToken | Api::UserGet => session.user_get(&"manager1".into()).await.map(drop),
        Api::DepartmentListSub => session.department_list_sub(DeptId::ROOT).await.map(drop),
        Api::DepartmentGet => session.department_get(DeptId::ROOT).await.map(drop),
        Api::UserListId => session.user_list_id(DeptId::ROOT).await.map(drop),
        Api::UserList => session.user_list(DeptId::ROOT, 0).await.map(drop),
        Api::UserGetByMobile => session.user_get_by_mobile("13800000000").await.map(drop),
        Api::UserCount => session.user_count(false).await.map(drop),
        Api::AuthScopes => session.auth_scopes().await.map(drop),
        Api::AsyncSend => session
            .async_send(&[UserId::from("manager1")], r#"{"msgtype":"text"}"#)
            .await
            .map(drop),
        Api::GetSendProgress => session.get_send_progress(1).await.map(drop),
        Api::GetSendResult => session.get_send_result(1).await.map(drop),
        Api::Recall => session.recall(1).await,
        Api::CallBackFailedResult => session.callback_failed_list().await.map(drop),
        Api::StreamOpen => session.stream_open().await.map(drop),
    };

    let calls = platform.control.faults()["rules"][0]["struck"].as_u64().unwrap();
    match asked {
        // Nobody has that number.
        Ok(()) => ("Gone".to_owned(), calls, None),
        Err(error) if error.class() == Class::Throttled => ("Throttled".to_owned(), 1, Some(error)),
        Err(error) => {
            // Of a message the client itself says what is open.
            let class = format!("{:?}", error.class());
            (class, calls, Some(error))
        }
    }
}

/// A client that remembers rests for no longer than a moment.
fn session(platform: &Platform) -> Session {
    let quick = Backoff::new(Duration::from_micros(100), Duration::from_millis(1));
    let waits = Waits {
        throttle_floor: Duration::from_micros(10),
        throttle: quick,
        throttled_for: Duration::from_millis(1),
        throttled_attempts: 1,
        busy: quick,
        ban: Duration::from_millis(1),
        token_failure: Duration::from_millis(1),
        token_renewal: Duration::ZERO,
    };
    let config = ClientConfig {
        allowed_hosts: AllowedHosts::parse("127.0.0.1").unwrap(),
        calls_per_second: 10_000,
        ..ClientConfig::default()
    };

    let client = Client::with_waits(config, waits, Clock::system()).unwrap();
    let settings = settings(&platform.base, &small());
    client.with(Connection::from_settings(&settings).unwrap().into())
}
