//! PgBouncer in between: by sessions everything works, by transactions nothing is begun.

use std::collections::BTreeSet;

use dingmirror::message::RecipientState;
use dingmirror::store::Target;
use serde_json::json;

use crate::{
    replicas::{people, send, sent, states},
    support::{
        database::TestDatabase,
        pooler::Pooler,
        process::{Home, Process, program, serve},
        server::{TestDingTalk, TestServer},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_of_sessions_replicas_sync_send_and_hear_of_each_other() {
    // Without tables: they are made through it, too.
    let database = TestDatabase::postgres().await;
    let url = database.url().unwrap();
    let pooler = Pooler::start(url, "session").await;
    let target = || Target::Postgres {
        url: pooler.url(url).into(),
        // PgBouncer has twenty for each database by default.
        max_connections: 8,
    };

    let dingtalk = TestDingTalk::start(60, 8).await;
    let a = TestServer::synced(target(), &dingtalk).await;
    let b = TestServer::start(target(), &dingtalk).await;
    let users = people(&dingtalk).await;
    let id = send(&a, &users).await["message"]["id"].take();
    sent(&a, &id, "through the pooler").await;
    let told: BTreeSet<_> = states(&a, &id)
        .await
        .into_iter()
        .map(|state| format!("{state:?}"))
        .collect();
    assert!(!told.contains(&format!("{:?}", RecipientState::Failed)), "{told:?}");

    // Settings of the one are the other's.
    let version = a.services.settings.current().version;
    let off = dingmirror::settings::SettingsPatch {
        enabled: Some(false),
        ..Default::default()
    };
    assert!(a.services.admin.update(version, off, "test").await.is_ok());
    for _ in 0..100 {
        if b.services.settings.current().version > version {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(b.services.settings.current().version > version);
    a.stop().await;
    b.stop().await;

    // The program itself: its start, its readiness, its backup.
    let home = Home::postgres(&pooler.url(url));
    let server = Process::start(serve(&dingtalk, &[]), &home).await;
    let users = server.data("{ mirror { userCount } }", json!({})).await;
    assert_eq!(users["mirror"]["userCount"], 60);
    let dir = tempfile::tempdir().unwrap();
    let mut backup = program(&["backup", dir.path().join("x").to_str().unwrap()]);
    home.give_to(&mut backup);
    let backup = backup.output().unwrap();
    assert!(backup.status.success(), "{backup:?}");
    server.end_by("TERM").await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_of_transactions_or_statements_is_refused_at_the_start() {
    let database = TestDatabase::postgres().await;
    let url = database.url().unwrap();
    for mode in ["transaction", "statement"] {
        let pooler = Pooler::start(url, mode).await;
        for args in [&["serve"][..], &["migrate"], &["doctor"]] {
            let mut command = program(args);
            Home::postgres(&pooler.url(url)).give_to(&mut command);
            let output = command.env("DINGMIRROR_LISTEN", "127.0.0.1:0").output().unwrap();
            let told = [output.stdout, output.stderr].concat();
            let told = String::from_utf8_lossy(&told);
            assert!(!output.status.success(), "{mode} {args:?} {told}");
            assert!(
                told.contains("the connection pooler before the database loses prepared statements")
                    && told.contains("pool_mode = session"),
                "{mode} {args:?} {told}"
            );
        }
    }

    // Nothing was begun.
    let mut status = program(&["migrate", "status"]);
    Home::postgres(url).give_to(&mut status);
    let status = status.output().unwrap();
    assert!(
        !String::from_utf8_lossy(&status.stdout).contains("applied"),
        "{status:?}"
    );
    database.remove().await;
}
