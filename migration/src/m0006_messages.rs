//! Messages, their recipients, and the attempts to deliver them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut messages = Table::create();
        messages
            .table("messages")
            .col(text("id").primary_key())
            .col(text("caller"))
            .col(text_null("idempotency_key"))
            .col(text("request_digest"))
            .col(text("content"))
            .col(text("rendered"))
            .col(text("state"))
            .col(timestamp_with_time_zone("created_at"));
        manager.create_table(messages).await?;
        let unique = Index::create()
            .name("messages_by_idempotency_key")
            .table("messages")
            .col("caller")
            .col("idempotency_key")
            .unique()
            .take();
        manager.create_index(unique).await?;

        let mut recipients = Table::create();
        recipients
            .table("recipients")
            .col(big_pk_auto("id"))
            .col(text("message_id"))
            .col(big_integer("position"))
            .col(text_null("identity"))
            .col(text_null("resolution_status"))
            .col(text_null("userid"))
            .col(text("state"))
            .col(text_null("reason"))
            .col(big_integer_null("task_id"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone_null("not_before"))
            .col(text_null("attempt_id"))
            .col(timestamp_with_time_zone_null("claim_expires_at"))
            .col(big_integer("attempts"))
            .foreign_key(
                ForeignKey::create()
                    .from("recipients", "message_id")
                    .to("messages", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(recipients).await?;
        crate::index(
            manager,
            "recipients_by_message",
            "recipients",
            &["message_id", "position"],
        )
        .await?;
        crate::index(manager, "recipients_by_state", "recipients", &["state", "not_before"]).await?;
        crate::index(manager, "recipients_by_user", "recipients", &["userid"]).await?;
        crate::index(manager, "recipients_by_attempt", "recipients", &["attempt_id"]).await?;

        let mut attempts = Table::create();
        attempts
            .table("attempts")
            .col(text("id").primary_key())
            .col(text("message_id"))
            .col(text("owner"))
            .col(big_integer("recipients"))
            .col(timestamp_with_time_zone("started_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .col(text_null("outcome"))
            .col(big_integer_null("task_id"))
            .col(text_null("code"))
            .col(text_null("detail"))
            .col(timestamp_with_time_zone_null("checked_at"))
            .col(timestamp_with_time_zone_null("follow_up_at"))
            .foreign_key(
                ForeignKey::create()
                    .from("attempts", "message_id")
                    .to("messages", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(attempts).await?;
        crate::index(manager, "attempts_by_message", "attempts", &["message_id", "id"]).await?;
        crate::index(manager, "attempts_by_follow_up", "attempts", &["follow_up_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["attempts", "recipients", "messages"]).await
    }
}
