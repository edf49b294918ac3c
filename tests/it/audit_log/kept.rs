//! What becomes of entries: nothing, until they are older than they are kept.

use chrono::{TimeDelta, Utc};
use dingmirror::{
    audit::{AuditAction, AuditQuery, Author, Deed},
    clock::Clock,
    message::{Content, NewTemplate},
    page::PageRequest,
    store::{Store, TemplateChange},
};

use crate::support::database::TestDatabase;

async fn open(database: &TestDatabase, clock: Clock) -> Store {
    let store = Store::connect(database.target(), clock).await.unwrap();
    store.migrate().await.unwrap();
    store
}

async fn targets(store: &Store) -> Vec<String> {
    let page = store
        .audit_log(&AuditQuery::default(), PageRequest::new(100, None))
        .await;
    page.unwrap().items.into_iter().filter_map(|it| it.target).collect()
}

fn deed(target: &str) -> Deed {
    Deed::new(AuditAction::TemplateSaved, &Author::from("anna")).on(target)
}

both_databases!(
    async fn an_entry_is_neither_changed_nor_deleted(database: TestDatabase) {
        let store = open(database, Clock::system()).await;
        store.note_deed(&deed("a")).await.unwrap();

        let mut beside = database.beside().await;
        for sql in [
            "UPDATE audit_log SET subject = 'somebody else'",
            "DELETE FROM audit_log",
        ] {
            let refused = beside.refusal(sql).await;
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
        if database.url().is_some() {
            let refused = beside.refusal("TRUNCATE audit_log").await;
            assert!(refused.contains("append-only"), "{refused}");
        }
        assert_eq!(targets(&store).await, ["a"]);
    }
);

both_databases!(
    async fn what_is_old_is_forgotten_and_nothing_else(database: TestDatabase) {
        let now = Utc::now();
        let store = open(database, Clock::fixed(now - TimeDelta::days(400))).await;
        store.note_deed(&deed("old")).await.unwrap();
        drop(store);

        let store = open(database, Clock::fixed(now)).await;
        store.note_deed(&deed("new")).await.unwrap();
        let before = now - TimeDelta::days(399);
        assert_eq!(store.forget_audit_log(before).await.unwrap(), 1);
        assert_eq!(store.forget_audit_log(before).await.unwrap(), 0);
        assert_eq!(targets(&store).await, ["new"]);

        let refused = database.beside().await.refusal("DELETE FROM audit_log").await;
        assert!(refused.contains("append-only"), "the door is shut again: {refused}");
    }
);

both_databases!(
    async fn nothing_is_changed_that_the_log_cannot_have(database: TestDatabase) {
        let store = open(database, Clock::system()).await;
        let template = |name: &str| NewTemplate {
            name: name.to_owned(),
            description: None,
            content: Content::Text {
                content: "x".to_owned(),
            },
        };
        let saved = store
            .save_template(None, template("a"), Utc::now(), "anna")
            .await
            .unwrap();
        assert!(matches!(saved, TemplateChange::Done(_)));

        let mut beside = database.beside().await;
        beside.run("ALTER TABLE audit_log RENAME TO audit_log_away").await;
        store
            .save_template(None, template("b"), Utc::now(), "anna")
            .await
            .unwrap_err();
        store.delete_template("a", 1, "anna").await.unwrap_err();
        beside.run("ALTER TABLE audit_log_away RENAME TO audit_log").await;

        assert_eq!(store.count_templates().await.unwrap(), 1, "neither was done");
        assert_eq!(targets(&store).await, ["a"]);
    }
);
