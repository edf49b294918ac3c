//! Indexes that follow how claims look for the rest of a batch and for the calls of the last minute, and messages by
//! their time.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Who waits for the same content, in the order in which claims look for them: since there are lanes, lane by lane.
const SAME_CONTENT: &str = "recipients_by_content";
const BEFORE: [&str; 4] = ["content_digest", "state", "not_before", "id"];
const AFTER: [&str; 5] = ["content_digest", "state", "lane", "not_before", "id"];

/// The pace counts the calls under way, which have no end yet, and those that ended a moment ago.
const BY_END: &str = "attempts_by_end";

/// Callers ask for messages of a time, whatever became of their bodies.
const BY_TIME: &str = "messages_by_time";
/// Bodies that are there yet: the older ones, which are erased, are most of all, and are not looked through for the
/// next.
const WITH_BODY: &str = "messages_with_body";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, SAME_CONTENT, "recipients").await?;
        crate::index(manager, SAME_CONTENT, "recipients", &AFTER).await?;
        crate::index(manager, BY_END, "attempts", &["finished_at"]).await?;
        crate::index(manager, BY_TIME, "messages", &["created_at"]).await?;

        let with_body = Index::create()
            .name(WITH_BODY)
            .table("messages")
            .col("created_at")
            .and_where(Expr::col("erased_at").is_null())
            .take();
        manager.create_index(with_body).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, WITH_BODY, "messages").await?;
        drop(manager, BY_TIME, "messages").await?;
        drop(manager, BY_END, "attempts").await?;
        drop(manager, SAME_CONTENT, "recipients").await?;
        crate::index(manager, SAME_CONTENT, "recipients", &BEFORE).await
    }
}

async fn drop(manager: &SchemaManager<'_>, name: &'static str, table: &'static str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table(table).to_owned())
        .await
}
