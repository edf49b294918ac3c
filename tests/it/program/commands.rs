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

/// What the program says with these settings and a data directory of its own.
fn refused(settings: &[(&str, &str)], flags: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let output = run(program(&["serve"])
        .args(flags)
        .env("DINGMIRROR_LISTEN", "127.0.0.1:1")
        .env("DINGMIRROR_DATA_DIR", dir.path())
        .envs(settings.iter().copied()));
    assert!(!output.status.success(), "{settings:?} {flags:?}");
    told(&output)
}

#[test]
fn a_reader_that_has_enough_ends_a_command_quietly() {
    use std::{io::Read, process::Stdio};

    let dir = tempfile::tempdir().unwrap();
    for (args, enough) in [
        (&["schema"][..], 1),
        (&["completions", "bash"], 1),
        (&["migrate", "status"], 0),
        (&["migrate"], 0),
        (&["token", "--all"], 0),
        (&["--help"], 0),
    ] {
        let mut child = program(args)
            .env("DINGMIRROR_DATA_DIR", dir.path())
            .env(
                "DINGMIRROR_JWT_SECRET",
                "a secret that the server has, too, and long enough",
            )
            .env("DINGMIRROR_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();

        let mut reader = child.stdout.take().unwrap();
        let mut first = [0_u8; 1];
        if enough > 0 {
            reader.read_exact(&mut first).unwrap();
        }
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        // A token's id goes beside it: it is needed to revoke it.
        let told = told(&output);
        let is_id = args[0] == "token" && told.starts_with("the token ") && told.lines().count() == 1;
        assert!(told.is_empty() || is_id, "{args:?}: {told}");
    }

    // What was asked for was done all the same.
    let output = run(program(&["migrate", "status"]).env("DINGMIRROR_DATA_DIR", dir.path()));
    let status = String::from_utf8_lossy(&output.stdout);
    assert!(status.contains("applied") && !status.contains("pending"), "{status}");
}

#[test]
fn a_word_that_is_no_level_is_told_with_every_other_mistake() {
    let all = refused(
        &[("DINGMIRROR_LOG", "inof"), ("DINGMIRROR_CALLS_PER_SECOND", "100")],
        &[],
    );
    assert!(
        all.contains("DINGMIRROR_LOG") && all.contains("`inof`") && all.contains("info"),
        "{all}"
    );
    assert!(all.contains("DINGMIRROR_CALLS_PER_SECOND"), "{all}");

    for wrong in [
        "dingmirror",
        "info,dingmirror::sync",
        "warn,sync:debug",
        "dingmirror=inof",
        "info;debug",
        "6",
    ] {
        let told = refused(&[("DINGMIRROR_LOG", wrong)], &[]);
        assert!(told.contains("DINGMIRROR_LOG"), "{wrong}: {told}");
    }

    // Refused for its address alone.
    for right in [
        "info",
        "WARN",
        "off",
        "info,dingmirror::sync=debug",
        "trace,hyper=off",
        "info,dingmirror[graphql{request.id=x}]=debug",
    ] {
        let told = refused(
            &[("DINGMIRROR_LOG", right), ("DINGMIRROR_CALLS_PER_SECOND", "100")],
            &[],
        );
        assert!(!told.contains("DINGMIRROR_LOG"), "{right}: {told}");
    }
}

#[test]
fn a_time_has_a_unit_wherever_it_is_read() {
    for name in [
        "DINGMIRROR_SYNC_INTERVAL",
        "DINGMIRROR_SYNC_LEASE",
        "DINGMIRROR_REMEMBER_IDENTITIES",
        "DINGMIRROR_KEEP_MESSAGE_BODIES",
        "DINGMIRROR_KEEP_MESSAGES",
        "DINGMIRROR_KEEP_SYNC_RUNS",
        "DINGMIRROR_KEEP_CHANGES",
        "DINGMIRROR_KEEP_AUDIT_LOG",
        "DINGMIRROR_SEND_CLAIM",
        "DINGMIRROR_REPEAT_AFTER",
        "DINGMIRROR_SHUTDOWN_GRACE",
        "DINGMIRROR_TOKEN_MAX_LIFETIME",
        "DINGMIRROR_WAIT_FOR_DATABASE",
    ] {
        let told = refused(&[(name, "90000")], &[]);
        assert!(
            told.contains(name) && told.contains("`90000s`") && told.contains("unit"),
            "{told}"
        );
    }
}

#[test]
fn a_mistake_in_the_file_is_told_with_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dingmirror.toml");
    for (line, remedy) in [
        ("data_dir = 5", "data_dir = \"/var/lib/dingmirror\""),
        ("stream = true", "stream = \"on\""),
        ("log = true", "log = \"info\""),
        ("calls_per_second = true", "calls_per_second = 20"),
        ("sync_interval = 1.5", "sync_interval = \"1h\""),
        ("allowed_hosts = 5", "allowed_hosts = [\"oapi.dingtalk.com\"]"),
        ("listen = 127.0.0.1:9", "listen = \"127.0.0.1:8080\""),
        ("log = info", "log = \"info\""),
        ("jwt_secret = hunter2", "jwt_secret = \"…\""),
        ("secret_key = 5", "secret_key = \"…\""),
    ] {
        std::fs::write(&file, format!("{line}\n")).unwrap();
        let told = refused(&[("DINGMIRROR_CONFIG", file.to_str().unwrap())], &[]);
        assert!(told.contains("line 1") && told.contains(remedy), "{line}: {told}");
        assert!(!told.contains("hunter2") && !told.contains("127.0.0.1:9"), "{told}");
    }
}

#[test]
fn a_mistake_is_laid_at_the_right_door() {
    let postgres = ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/x");
    let told = refused(&[postgres, ("DINGMIRROR_DATA_DIR", "/proc/nope")], &[]);
    assert!(
        told.contains("DINGMIRROR_DATA_DIR") && told.contains("/proc/nope"),
        "{told}"
    );
    assert_eq!(told.matches("/proc/nope").count(), 1, "{told}");
    assert!(told.contains("1 mistake"), "{told}");

    let told = refused(&[], &["--event-corp-id", "dingcorp"]);
    assert!(
        told.contains("DINGMIRROR_EVENT_TOKEN") && told.contains("DINGMIRROR_EVENT_AES_KEY"),
        "{told}"
    );

    for subject in ["", "  "] {
        let output = run(program(&["token", "--all", "--subject", subject]).env(
            "DINGMIRROR_JWT_SECRET",
            "a secret that the server has, too, and long enough",
        ));
        let told = self::told(&output);
        assert!(!output.status.success() && told.contains("--subject"), "{told}");
    }
}
