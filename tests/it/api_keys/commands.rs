//! `dingmirror key`, beside a server that runs.

use std::{process::Output, time::Duration};

use serde_json::{Value, json};

use super::{VIEWER, is_taken_by};
use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
    server::TestDingTalk,
};

/// Runs the program with these arguments on the server's database.
async fn key(home: &Home, args: &[&str]) -> Output {
    let mut command = program(&[&["key"][..], args].concat());
    home.give_to(&mut command);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

async fn listed(home: &Home) -> Vec<Value> {
    let output = key(home, &["list", "--json"]).await;
    assert!(output.status.success(), "{output:?}");
    let lines = text(&output.stdout);
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits until the server takes the key, or refuses it.
async fn until(process: &Process, key: &str, taken: bool) {
    for _ in 0..40 {
        if is_taken_by(process, key).await == taken {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server doesn't hear of it within two seconds");
}

both_databases!(
    async fn keys_are_made_listed_and_revoked_beside_the_server(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let home = Home::from(database);
        let trace = [("DINGMIRROR_LOG", "trace"), ("DINGMIRROR_SYNC_INTERVAL", "0")];
        let mut server = Process::serving(database, &dingtalk, &trace).await;
        server.until_ready().await;

        let args = [
            "create",
            "--name",
            "confluence",
            "--permission",
            "message:send",
            "-p",
            "identity:read",
        ];
        let made = key(&home, &[&args[..], &["--expires", "90d"]].concat()).await;
        assert!(made.status.success(), "{made:?}");
        let (shown, about) = (text(&made.stdout), text(&made.stderr));
        assert_eq!(
            (shown.len(), &shown[..3]),
            (100, "dm_"),
            "the key and nothing else: {shown}"
        );
        assert!(
            about.contains("key:confluence") && !about.contains(&shown[36..]),
            "{about}"
        );
        until(&server, &shown, true).await;

        let keys = listed(&home).await;
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0]["name"], "confluence");
        assert_eq!(keys[0]["permissions"], json!(["identity:read", "message:send"]));
        assert_eq!(
            (&keys[0]["state"], &keys[0]["createdBy"]),
            (&json!("ACTIVE"), &json!("command line"))
        );
        let id = keys[0]["id"].as_str().unwrap().to_owned();
        let of_api = server
            .data("{ apiKeys { nodes { createdBy prefix } } }", json!({}))
            .await;
        assert_eq!(of_api["apiKeys"]["nodes"][0]["createdBy"], "command line");
        assert!(shown.starts_with(of_api["apiKeys"]["nodes"][0]["prefix"].as_str().unwrap()));

        let revoked = key(&home, &["revoke", &id]).await;
        assert!(revoked.status.success(), "{revoked:?}");
        until(&server, &shown, false).await;
        let words = text(&key(&home, &["list"]).await.stdout);
        assert!(
            words.contains("REVOKED") && words.contains("confluence: identity:read message:send"),
            "{words}"
        );
        assert_eq!(listed(&home).await[0]["revokedBy"], "command line");

        // A key that lived for a moment, and mistakes that say the remedy.
        let short = key(
            &home,
            &["create", "--name", "short", "-p", "sync:run", "--expires", "1s"],
        )
        .await;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(listed(&home).await[0]["state"], "EXPIRED");
        for (args, told) in [
            (
                vec!["create", "--name", "x", "-p", "sync:run", "--expires", "366d"],
                "DINGMIRROR_TOKEN_MAX_LIFETIME",
            ),
            (vec!["create", "--name", " ", "-p", "sync:run"], "name is blank"),
            (
                vec!["create", "--name", "x", "-p", "sync:run", "--expires", "90"],
                "no unit",
            ),
            (vec!["create", "--name", "x", "-p", "sync:everything"], "directory:read"),
            (vec!["create", "--name", "x"], "--permission"),
            (vec!["revoke", "00000000-0000-4000-8000-000000000000"], "key list"),
            (vec!["revoke", "nonsense"], "key list"),
        ] {
            let output = key(&home, &args).await;
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{args:?}: {output:?}"
            );
            assert!(text(&output.stderr).contains(told), "{args:?}: {output:?}");
        }

        // The server has seen both keys, and nothing that it wrote has the secret of either.
        let answer = server.http.post(format!("{}/graphql", server.base)).bearer_auth(&shown);
        let answer = answer.json(&json!({ "query": VIEWER })).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let written = server.end_by("TERM").await;
        assert!(
            written.contains(&id.replace('-', "")),
            "the log tells which key was refused"
        );
        let mut everything = vec![written.into_bytes()];
        if home.url.is_none() {
            let files = std::fs::read_dir(&home.data_dir)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            everything.extend(
                files
                    .filter(|path| path.is_file())
                    .map(|path| std::fs::read(path).unwrap()),
            );
        }
        for secret in [&shown[36..], &text(&short.stdout)[36..]] {
            let found = everything
                .iter()
                .any(|bytes| bytes.windows(64).any(|window| window == secret.as_bytes()));
            assert!(!found, "the secret of a key was written down");
        }
    }
);

#[tokio::test]
async fn no_key_is_made_where_no_server_has_its_database() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nobody/was/here");
    for args in [
        &["list"][..],
        &["create", "--name", "x", "-p", "sync:run"],
        &["revoke", "00000000-0000-4000-8000-000000000000"],
    ] {
        let output = key(&Home::sqlite(&nowhere), args).await;
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        let told = text(&output.stderr);
        assert!(
            told.contains(nowhere.to_str().unwrap()) && told.contains("--data-dir"),
            "{told}"
        );
    }
    assert!(!dir.path().join("nobody").exists(), "nothing was made");
}
