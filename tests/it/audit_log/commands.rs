//! What commands leave in the log.

use std::{fs, path::Path};

use dingmirror::{
    audit::{AuditAction, AuditEntry, AuditQuery, Proof},
    clock::Clock,
    page::PageRequest,
    store::Store,
};

use crate::support::{
    database::TestDatabase,
    process::{Home, program},
};

/// Runs a command on this database; it has to succeed.
fn run(home: &Home, args: &[&str]) -> String {
    let mut command = program(args);
    home.give_to(&mut command);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

async fn entries(database: &TestDatabase) -> Vec<AuditEntry> {
    let store = Store::connect_to_read(database.target(), Clock::system())
        .await
        .unwrap();
    let page = store
        .audit_log(&AuditQuery::default(), PageRequest::new(100, None))
        .await;
    page.unwrap().items.into_iter().rev().collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

both_databases!(
    async fn a_command_is_in_the_log_by_the_account_that_ran_it(database: TestDatabase) {
        let home = Home::from(database);
        run(&home, &["migrate"]);
        let key = run(
            &home,
            &["key", "create", "--name", "plugin", "--permission", "message:send"],
        );
        let id = key.trim().split('_').nth(1).unwrap();
        run(&home, &["key", "revoke", id]);
        let file = home.data_dir.join(format!("export-{id}"));
        run(&home, &["export", text(&file)]);

        let made = entries(database).await;
        let actions: Vec<_> = made.iter().map(|it| it.action).collect();
        assert_eq!(
            actions,
            [
                AuditAction::ApiKeyCreated,
                AuditAction::ApiKeyRevoked,
                AuditAction::DataExported
            ]
        );
        let whoami = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
        let account = String::from_utf8(whoami).unwrap().trim().to_owned();
        for entry in &made {
            assert_eq!(entry.by.subject, "command line");
            assert_eq!(
                entry.by.proof,
                Proof::CommandLine {
                    account: account.clone()
                }
            );
            assert_eq!(entry.by.origin, None);
        }
        assert_eq!(made[2].details["file"], text(&file));

        let printed = run(&home, &["audit", "--since", "1d"]);
        let printed: Vec<serde_json::Value> = printed.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        assert_eq!(printed.len(), 3);
        for (line, entry) in printed.iter().zip(&made) {
            assert_eq!(line["account"], account);
            assert_eq!(line["details"], serde_json::json!(entry.details));
        }

        // The export has the log, and so has what it is brought into, with that.
        run(&home, &["import", text(&file), "--replace"]);
        let after = entries(database).await;
        let actions: Vec<_> = after.iter().map(|it| it.action).collect();
        assert_eq!(
            actions,
            [
                AuditAction::ApiKeyCreated,
                AuditAction::ApiKeyRevoked,
                AuditAction::DataImported
            ],
            "the export's own entry came behind it"
        );
        assert_eq!(after[..2], made[..2]);
        assert_eq!(after[2].details["replace"], "true");
        fs::remove_file(file).unwrap();
    }
);
