//! `dingmirror healthcheck`: the exit status and words of a container's health check.

use std::process::Output;

use serde_json::Value;

use crate::support::{
    database::TestDatabase,
    process::{Process, program},
    server::TestDingTalk,
};

/// Asks the server that listens there.
fn check(listen: &str, args: &[&str]) -> Output {
    let args = [&["healthcheck"], args].concat();
    program(&args).env("DINGMIRROR_LISTEN", listen).output().unwrap()
}

fn told(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn a_server_is_ready_not_ready_or_not_there() {
    let (database, dingtalk) = (TestDatabase::sqlite().await, TestDingTalk::start(5, 2).await);
    let server = Process::serving(&database, &dingtalk, &[]).await;
    let address = server.address.to_string();

    let ready = check(&address, &[]);
    let (said, complained) = told(&ready);
    assert!(ready.status.success() && complained.is_empty(), "{ready:?}");
    assert!(said.starts_with(&format!("ready: {address}")), "{said}");

    // As a container listens, and as a server with a file is asked.
    let everywhere = format!("0.0.0.0:{}", server.address.port());
    let in_json: Value = serde_json::from_slice(&check(&everywhere, &["--json"]).stdout).unwrap();
    assert_eq!(
        (&in_json["status"], &in_json["address"]),
        (&"ready".into(), &address.as_str().into())
    );
    let file = database.data_dir().join("listening.toml");
    std::fs::write(&file, format!("listen = '{address}'\n")).unwrap();
    let by_file = program(&["healthcheck", "--config", file.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(by_file.status.success(), "{by_file:?}");

    let data = database.data_dir().join("dingmirror.db");
    std::fs::rename(&data, database.data_dir().join("aside")).unwrap();
    server.until_not_ready().await;
    let not_ready = check(&address, &["--json"]);
    let (said, complained) = told(&not_ready);
    let in_json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(not_ready.status.code(), Some(1));
    assert_eq!(in_json["status"], "not ready");
    assert!(
        in_json["reason"].as_str().unwrap().contains("dingmirror.db is gone"),
        "{said}"
    );
    assert!(
        complained.contains("not ready") && complained.contains("dingmirror.db is gone"),
        "{complained}"
    );

    drop(server);
    let nobody = check(&address, &["--json"]);
    let in_json: Value = serde_json::from_slice(&nobody.stdout).unwrap();
    assert_eq!(
        (nobody.status.code(), &in_json["status"]),
        (Some(1), &"no answer".into())
    );
}

#[test]
fn it_needs_no_other_setting_and_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    let output = program(&["healthcheck"])
        .env("DINGMIRROR_LISTEN", "127.0.0.1:1")
        .env("DINGMIRROR_DATA_DIR", &nowhere)
        .env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/x")
        .output()
        .unwrap();
    let (_, complained) = told(&output);
    assert!(
        !output.status.success() && complained.contains("no answer: 127.0.0.1:1"),
        "{complained}"
    );
    assert!(!complained.contains("hunter2") && !nowhere.exists(), "{complained}");

    let (_, complained) = told(&check("here", &[]));
    assert!(complained.contains("DINGMIRROR_LISTEN"), "{complained}");
}
