//! The server is away, full, read-only, or refuses: each is told apart, and passes by itself where it can.

use dingmirror::{app::App, clock::Clock, directory::RunState};
use serde_json::json;
use sqlx::Row;

use super::{code, ready, replica, save, target, until, until_not_ready};
use crate::support::{
    cluster::Cluster,
    server::{TestDingTalk, config},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_is_told_apart_and_what_was_acknowledged_is_kept() {
    let dingtalk = TestDingTalk::start(5, 2).await;
    let cluster = Cluster::start();
    let server = replica(cluster.port, &dingtalk).await;
    let raise = |state: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'words of the database' USING ERRCODE = '{state}'; END $$; \
             CREATE OR REPLACE TRIGGER refuse BEFORE INSERT OR UPDATE ON message_templates FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    };
    let over = "DROP TRIGGER refuse ON message_templates".to_owned();
    let read_only = |on: &str| format!("ALTER SYSTEM SET default_transaction_read_only = {on}");
    let reload = "SELECT pg_reload_conf()".to_owned();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dingmirror'".to_owned();

    let table: [(&str, Vec<String>, Vec<String>, &str); 5] = [
        (
            "disk full",
            vec![raise("53100")],
            vec![over.clone()],
            "DATABASE_UNAVAILABLE",
        ),
        (
            "a trigger's refusal",
            vec![raise("P0001")],
            vec![over.clone()],
            "DATABASE_FAILED",
        ),
        ("a missing right", vec![raise("42501")], vec![over], "DATABASE_FAILED"),
        (
            "read-only",
            vec![read_only("on"), reload.clone(), cut.clone()],
            vec![
                "SET default_transaction_read_only = off".into(),
                read_only("off"),
                reload,
                cut,
            ],
            "DATABASE_UNAVAILABLE",
        ),
        (
            "a table that is gone",
            vec!["ALTER TABLE message_templates RENAME TO away".into()],
            vec!["ALTER TABLE away RENAME TO message_templates".into()],
            "DATABASE_FAILED",
        ),
    ];

    let mut acknowledged = Vec::new();
    for (at, (fault, begin, end, expected)) in table.into_iter().enumerate() {
        for sql in begin {
            cluster.sql(&sql).await;
        }
        let told = save(&server, &format!("during-{at}"), "x", None).await.unwrap_err();
        assert_eq!(code(&told), expected, "{fault}: {told}");
        assert!(!told.to_string().contains("words of the database"), "{fault}: {told}");
        for sql in end {
            // ALTER SYSTEM can't be in one statement with others, and a read-only session writes nothing.
            cluster.sql(&sql).await;
        }
        let name = format!("after-{at}");
        until(fault, async || save(&server, &name, "x", None).await.is_ok()).await;
        acknowledged.push(name);
    }

    for (at, mode) in ["fast", "immediate"].into_iter().enumerate() {
        cluster.down(mode);
        let told = save(&server, "never", "x", None).await.unwrap_err();
        assert_eq!(code(&told), "DATABASE_UNAVAILABLE", "{told}");
        until_not_ready(&server).await;
        cluster.up();
        let name = format!("up-{at}");
        until("it is taken again", async || {
            save(&server, &name, "x", None).await.is_ok()
        })
        .await;
        until("it is ready", async || ready(&server).await).await;
        acknowledged.push(name);
    }

    // Killed while it writes: told, or kept.
    let mut beside = cluster.beside().await;
    for at in 0..40 {
        let name = format!("killed-{at}");
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dingmirror' AND state <> 'idle'";
        let (saved, _) = tokio::join!(save(&server, &name, "x", None), sqlx::query(kill).execute(&mut beside));
        if saved.is_ok() {
            acknowledged.push(name);
        }
    }

    let rows = sqlx::query("SELECT name FROM message_templates")
        .fetch_all(&mut beside)
        .await
        .unwrap();
    let kept: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for name in &acknowledged {
        assert!(kept.contains(name), "{name} was acknowledged and is gone");
    }
    assert!(!kept.iter().any(|name| name.starts_with("during") || name == "never"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_the_database_refuses_ends_and_says_its_words() {
    let dingtalk = TestDingTalk::start(5, 2).await;
    let cluster = Cluster::start();
    let server = replica(cluster.port, &dingtalk).await;
    server.configure(dingtalk.settings()).await;
    cluster
        .sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no answers today'; END $$; \
              CREATE TRIGGER refuse BEFORE INSERT ON sync_run_answers FOR EACH ROW EXECUTE FUNCTION refuse()")
        .await;

    let run = server.sync().await;
    assert_eq!(run.state, RunState::Failed, "{run:?}");
    let error = run.error.unwrap();
    assert!(
        error.contains("no answers today") && error.contains("trigger"),
        "{error}"
    );

    cluster.sql("DROP TRIGGER refuse ON sync_run_answers").await;
    assert_eq!(server.sync().await.state, RunState::Finished);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_told_at_the_start() {
    let dingtalk = TestDingTalk::start(5, 2).await;
    let cluster = Cluster::start();
    replica(cluster.port, &dingtalk).await.stop().await;
    cluster
        .sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)")
        .await;

    let told = match App::build(config(target(cluster.port), &dingtalk), Clock::system()).await {
        Ok(_) => panic!("it serves"),
        Err(error) => error.to_string(),
    };
    assert!(told.contains("m9999_future") && told.contains("newer"), "{told}");
    assert_eq!(json!(told.contains("does not answer")), json!(false));
}
