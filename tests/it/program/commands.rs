//! What the commands say to whoever got something wrong.

use std::process::{Command, Output};

use crate::support::process::program;

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

#[test]
fn a_token_is_signed_with_the_servers_secret_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nobody/was/here");
    let output = run(program(&["token", "--all"]).env("DINGMIRROR_DATA_DIR", &nowhere));
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    let told_path = nowhere.join("jwt-secret");
    let told = told(&output);
    assert!(
        told.contains(told_path.to_str().unwrap()),
        "it says where it looked: {told}"
    );
    assert!(
        told.contains("--data-dir") && told.contains("DINGMIRROR_JWT_SECRET"),
        "{told}"
    );
    assert!(
        !nowhere.exists() && !dir.path().join("nobody").exists(),
        "nothing was made"
    );

    let output = run(program(&["token", "--all", "--subject", "anna"])
        .env("DINGMIRROR_DATA_DIR", &nowhere)
        .env(
            "DINGMIRROR_JWT_SECRET",
            "a secret that the server has, too, and long enough",
        ));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim().split('.').count(), 3);

    let output = run(program(&["token", "--all", "--days", "3650"])
        .env("DINGMIRROR_DATA_DIR", &nowhere)
        .env(
            "DINGMIRROR_JWT_SECRET",
            "a secret that the server has, too, and long enough",
        ));
    let told = self::told(&output);
    assert!(!output.status.success() && told.contains("365 days"), "{told}");
}

#[test]
fn every_mistake_of_flags_environment_and_file_is_told_at_one_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dingmirror.toml");
    std::fs::write(
        &file,
        "lisen = '127.0.0.1:0'\ncalls_per_second = 100\nlog_format = 'xml'\nallowed_hosts = ['*.dingtalk.com', 'a;b', 'good.example']\n",
    )
    .unwrap();
    let output = run(program(&["serve", "--sync-interval", "soon"])
        .env("DINGMIRROR_CONFIG", &file)
        .env("DINGMIRROR_DATA_DIR", dir.path().join("data"))
        .env("DINGMIRROR_JWT_SECRET", "sh0rt")
        .env("DINGMIRROR_KEEP_CHANGE", "1d")
        .env("DINGMIRROR_TOKEN_MAX_LIFETIME", "11y"));
    assert!(!output.status.success());
    let told = told(&output);
    for mistake in [
        "there is no setting `lisen`: did you mean `listen`?",
        "DINGMIRROR_CALLS_PER_SECOND",
        "DINGMIRROR_LOG_FORMAT",
        "DINGMIRROR_SYNC_INTERVAL",
        "DINGMIRROR_JWT_SECRET",
        "DINGMIRROR_TOKEN_MAX_LIFETIME",
        "there is no variable DINGMIRROR_KEEP_CHANGE: did you mean DINGMIRROR_KEEP_CHANGES?",
        "'*.dingtalk.com' has a wildcard",
        "'a;b' is no host",
    ] {
        assert!(told.contains(mistake), "{mistake} is missing from {told}");
    }
    assert!(!told.contains("sh0rt") && !told.contains("good.example"), "{told}");
}
