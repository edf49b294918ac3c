use std::process::{Command, Output};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
    server::TestDingTalk,
};

fn doctor(home: &Home, dingtalk: &TestDingTalk, args: &[&str]) -> Command {
    let mut command = program(&["doctor"]);
    home.give_to(&mut command);
    command
        .args(args)
        .env("DINGMIRROR_ALLOWED_HOSTS", dingtalk.base.trim_start_matches("http://"))
        .env("DINGMIRROR_CALLS_PER_SECOND", "60")
        .env("DINGMIRROR_LOG", "error");
    command
}

/// Runs it beside this test, which goes on serving its DingTalk.
async fn seen(mut command: Command) -> (bool, String, String) {
    let output: Output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

fn check(report: &Value, name: &str) -> (String, String) {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name);
    let check = check.unwrap_or_else(|| panic!("no {name}: {report:#}"));
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    (word(&check["state"]), word(&check["statement"]["code"]))
}

async fn reported(home: &Home, dingtalk: &TestDingTalk) -> (bool, Value) {
    let (ended_well, out, err) = seen(doctor(home, dingtalk, &["--json"])).await;
    let report = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {err}"));
    (ended_well, report)
}

fn pair(state: &str, code: &str) -> (String, String) {
    (state.to_owned(), code.to_owned())
}

both_databases!(
    async fn a_doctor_looks_at_the_installation_and_makes_the_checks_of_the_settings(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let home = Home::from(database);

        let new = match &home.url {
            Some(_) => TestDatabase::postgres().await,
            None => TestDatabase::sqlite().await,
        };
        let (ended_well, report) = reported(&Home::from(&new), &dingtalk).await;
        assert!(ended_well, "nothing failed yet: {report:#}");
        assert_eq!(check(&report, "CONFIGURATION"), pair("PASSED", "CONFIGURATION_READ"));
        assert_eq!(check(&report, "DATABASE"), pair("PASSED", "DATABASE_REACHED"));
        assert_eq!(
            check(&report, "DATABASE_VERSION"),
            pair("LIMITED", "DATABASE_BEHIND"),
            "it makes no tables"
        );
        assert_eq!(check(&report, "TOKEN"), pair("SKIPPED", "UNTESTED_FOR_THE_DATABASE"));
        new.remove().await;

        let settings = [("DINGMIRROR_SYNC_INTERVAL", "0")];
        let server = Process::serving(database, &dingtalk, &settings).await;
        server.configure(&dingtalk, &json!({})).await;
        server.until_synced().await;

        let (_, beside) = reported(&home, &dingtalk).await;
        if home.url.is_some() {
            assert_eq!(
                check(&beside, "TOKEN"),
                pair("PASSED", "CALL_WORKS"),
                "a Postgres is shared"
            );
        } else {
            assert_eq!(check(&beside, "DATABASE"), pair("LIMITED", "DATABASE_IN_USE"));
        }
        server.end_by("TERM").await;

        let (ended_well, report) = reported(&home, &dingtalk).await;
        assert!(ended_well && report["state"] == "LIMITED", "{report:#}");
        for (name, code) in [
            ("DATABASE_VERSION", "DATABASE_UP_TO_DATE"),
            ("DATABASE_WRITES", "DATABASE_WRITABLE"),
            ("SECRET", "SECRET_OPENED"),
            ("EPOCH", "EPOCH_GOES_ON"),
            ("API_KEYS", "API_KEYS_IN_FORCE"),
            ("QUOTA", "QUOTA_LASTS"),
            ("TOKEN", "CALL_WORKS"),
            ("ASYNC_SEND_URL", "SEND_URL_PROVED"),
            ("CONTACT_SCOPE", "SCOPE_WHOLE_COMPANY"),
            ("FIELD_EMAIL", "EMAILS_SEEN"),
        ] {
            assert_eq!(check(&report, name), pair("PASSED", code), "{report:#}");
        }
        if home.url.is_some() {
            assert_eq!(check(&report, "CLOCK"), pair("PASSED", "CLOCK_AGREES"));
        }
        assert!(!report.to_string().contains(&dingtalk.config.app_secret));

        // Another key opens no secret.
        let mut other = doctor(&home, &dingtalk, &["--json"]);
        other.env("DINGMIRROR_SECRET_KEY", "a key that sealed nothing here at all");
        let (ended_well, out, err) = seen(other).await;
        let report = serde_json::from_str(&out).unwrap();
        assert_eq!(check(&report, "SECRET"), pair("FAILED", "SECRET_UNREADABLE"));
        assert!(!ended_well && err.contains("failed"), "{err}");

        let messages = dingtalk.control("messages").await;
        assert_eq!(messages["tasks"], json!([]), "{messages:#}");
    }
);

both_databases!(
    async fn a_doctor_says_in_plain_lines_what_is_wrong_and_fails(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 4).await;
        let home = Home::from(database);
        let server = Process::serving(database, &dingtalk, &[("DINGMIRROR_SYNC_INTERVAL", "0")]).await;
        server
            .configure(&dingtalk, &json!({ "matchingMethod": "EMAIL_TO_EMAIL" }))
            .await;
        server.until_synced().await;
        server.end_by("TERM").await;

        dingtalk
            .tell(Method::PUT, "permissions", json!({ "personal": false }))
            .await;
        dingtalk.tell(Method::POST, "tokens/expire", json!({})).await;
        let (ended_well, out, err) = seen(doctor(&home, &dingtalk, &[])).await;
        assert!(!ended_well && err.contains("one check failed"), "{out}{err}");
        let line = out.lines().find(|line| line.contains("FIELD_EMAIL")).unwrap();
        assert!(
            line.starts_with("FAILED") && line.contains("will match nobody"),
            "{out}"
        );
        assert!(out.contains("邮箱等个人信息"), "{out}");
    }
);

#[tokio::test]
async fn a_doctor_says_what_is_wrong_with_the_configuration_and_where_no_database_is() {
    let dingtalk = TestDingTalk::start(3, 1).await;
    let dir = tempfile::tempdir().unwrap();
    let home = Home::sqlite(dir.path());

    let mut wrong = doctor(&home, &dingtalk, &["--json"]);
    wrong.env("DINGMIRROR_CALLS_PER_SECOND", "100");
    let (ended_well, out, err) = seen(wrong).await;
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {err}"));
    assert!(!ended_well);
    assert_eq!(check(&report, "CONFIGURATION"), pair("FAILED", "CONFIGURATION_WRONG"));
    assert!(out.contains("DINGMIRROR_CALLS_PER_SECOND"), "{out}");

    let nowhere = Home::postgres("postgres://nobody@127.0.0.1:1/x");
    let (ended_well, report) = reported(&nowhere, &dingtalk).await;
    assert!(!ended_well, "{report:#}");
    assert_eq!(check(&report, "DATABASE"), pair("FAILED", "DATABASE_UNREACHED"));
    assert_eq!(check(&report, "TOKEN"), pair("SKIPPED", "UNTESTED_FOR_THE_DATABASE"));
}
