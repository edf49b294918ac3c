//! DingTalk's events, as they were received: acted upon later, and known again when they come twice.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut events = Table::create();
        events
            .table("dingtalk_events")
            .col(big_pk_auto("seq"))
            .col(text("event_key").unique_key())
            .col(text("channel"))
            .col(text("kind"))
            .col(text("users"))
            .col(text("departments"))
            .col(timestamp_with_time_zone_null("born_at"))
            .col(timestamp_with_time_zone("received_at"))
            .col(text("state"))
            .col(timestamp_with_time_zone_null("done_at"));
        manager.create_table(events).await?;
        crate::index(
            manager,
            "dingtalk_events_by_state",
            "dingtalk_events",
            &["state", "seq"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["dingtalk_events"]).await
    }
}
