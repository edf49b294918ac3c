//! What Postgres says by the way.

use crate::support::{database::TestDatabase, process::Process, server::TestDingTalk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_failed_is_told_and_its_rollback_is_not() {
    let database = TestDatabase::postgres().await;
    let dingtalk = TestDingTalk::start(3, 2).await;
    let server = Process::serving(&database, &dingtalk, &[]).await;
    // A constraint that is looked at when the transaction ends.
    database
        .beside()
        .await
        .run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'refused at the end'; END $$; \
             CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON sync_marks DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await;

    server.until_not_ready().await;
    let log = server.end_by("TERM").await;
    assert!(log.contains("refused at the end"), "{log}");
    assert!(!log.contains("no transaction in progress"), "{log}");
    database.remove().await;
}
