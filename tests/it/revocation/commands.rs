//! `dingmirror token` and `dingmirror token revoke`, beside a server that runs.

use std::{process::Output, time::Duration};

use super::status;
use crate::support::{
    database::TestDatabase,
    process::{Home, Process, program},
    server::TestDingTalk,
};

/// Runs the program with these arguments on the server's database, and with its secret.
async fn token(home: &Home, args: &[&str]) -> Output {
    let mut command = program(&[&["token"][..], args].concat());
    home.give_to(&mut command);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// A token and its id.
async fn issued(home: &Home, subject: &str) -> (String, String) {
    let output = token(home, &["--subject", subject, "-p", "directory:read"]).await;
    assert!(output.status.success(), "{output:?}");
    let about = text(&output.stderr);
    let id = about.split("--id ").nth(1).and_then(|rest| rest.split('`').next());
    let id = id.unwrap_or_else(|| panic!("no id: {about}")).to_owned();
    let token = text(&output.stdout);
    assert_eq!(token.split('.').count(), 3, "the token and nothing else: {token}");
    assert!(!about.contains(&token), "{about}");
    (token, id)
}

async fn until_refused(process: &Process, token: &str) {
    for _ in 0..40 {
        if status(&process.base, &process.http, token).await == 401 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server doesn't hear of it within two seconds");
}

both_databases!(
    async fn tokens_are_revoked_beside_the_server(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(3, 2).await;
        let home = Home::from(database);
        let mut server = Process::serving(database, &dingtalk, &[("DINGMIRROR_SYNC_INTERVAL", "0")]).await;
        server.until_ready().await;
        let ((one, id), (other, _)) = (issued(&home, "anna").await, issued(&home, "anna").await);
        for token in [&one, &other] {
            assert_eq!(status(&server.base, &server.http, token).await, 200);
        }

        let done = token(&home, &["revoke", "--id", &id]).await;
        assert!(done.status.success(), "{done:?}");
        assert!(text(&done.stdout).contains(&id), "{done:?}");
        until_refused(&server, &one).await;
        assert_eq!(status(&server.base, &server.http, &other).await, 200);

        tokio::time::sleep(Duration::from_millis(1_100)).await;
        let done = token(&home, &["revoke", "--subject", "anna"]).await;
        assert!(done.status.success(), "{done:?}");
        assert!(text(&done.stdout).contains("anna"), "{done:?}");
        until_refused(&server, &other).await;

        for (args, told) in [
            (&["revoke"][..], "--id"),
            (&["revoke", "--id", "7", "--subject", "anna"], "--subject"),
            (&["revoke", "--subject", "anna", "--issuer", "idp"], "--subject"),
            (
                &["revoke", "--id", "7", "--issued-before", "2026-01-01T00:00:00Z"],
                "--id",
            ),
            (
                &["revoke", "--subject", "anna", "--issued-before", "yesterday"],
                "yesterday",
            ),
            (
                &["revoke", "--subject", "anna", "--issued-before", "2199-01-01T00:00:00Z"],
                "earlier time",
            ),
            (&["revoke", "--id", " "], "blank"),
        ] {
            let output = token(&home, args).await;
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{args:?}: {output:?}"
            );
            assert!(text(&output.stderr).contains(told), "{args:?}: {output:?}");
        }
        server.end_by("TERM").await;
    }
);

#[tokio::test]
async fn nothing_is_revoked_where_no_server_has_its_database() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nobody/was/here");
    let output = token(&Home::sqlite(&nowhere), &["revoke", "--id", "7"]).await;
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert!(text(&output.stderr).contains(nowhere.to_str().unwrap()), "{output:?}");
    assert!(!dir.path().join("nobody").exists(), "nothing was made");
}
