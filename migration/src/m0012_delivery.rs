//! Delivery that tells the truth: policies of a message, the day and the content of each send, repetitions, recalls,
//! retention, and the stop that an exhausted monthly quota puts on sending.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns by table. Null in every row from before this migration, which reads as the behaviour of that time.
fn columns() -> Vec<(&'static str, &'static str, ColumnDef)> {
    vec![
        // OFF, SHADOW, REDIRECT, ON; null: what `enabled` says.
        ("settings", "delivery_mode", text_null("delivery_mode")),
        ("settings", "redirect_to", text_null("redirect_to")),
        ("messages", "msg_type", text_null("msg_type")),
        ("messages", "mode", text_null("mode")),
        ("messages", "on_unknown", text_null("on_unknown")),
        ("messages", "on_duplicate", text_null("on_duplicate")),
        ("messages", "updated_at", timestamp_with_time_zone_null("updated_at")),
        ("messages", "expires_at", timestamp_with_time_zone_null("expires_at")),
        ("messages", "erased_at", timestamp_with_time_zone_null("erased_at")),
        ("messages", "recalled_at", timestamp_with_time_zone_null("recalled_at")),
        ("messages", "recalled_by", text_null("recalled_by")),
        // SHA-256 of what is sent: DingTalk drops the same content to the same person on the same day.
        ("recipients", "content_digest", text_null("content_digest")),
        // The Beijing day of the last attempt, or of being queued: days since 1970-01-01.
        ("recipients", "sent_day", integer_null("sent_day")),
        ("recipients", "prediction", text_null("prediction")),
        ("recipients", "dept_id", big_integer_null("dept_id")),
        // An attempt may have arrived, and may be repeated until then.
        (
            "recipients",
            "repeat_until",
            timestamp_with_time_zone_null("repeat_until"),
        ),
        ("recipients", "repeats", big_integer_null("repeats")),
        // Attempts of several messages with one content share a call.
        ("attempts", "call_id", text_null("call_id")),
        // Questions about it: they count against the monthly quota.
        ("attempts", "checks", big_integer_null("checks")),
        // Per cent, as getsendprogress told last.
        ("attempts", "progress", integer_null("progress")),
        ("attempts", "recall_state", text_null("recall_state")),
        ("attempts", "recall_detail", text_null("recall_detail")),
    ]
}

/// Indexes: name, table, columns.
const INDEXES: [(&str, &str, &[&str]); 6] = [
    ("messages_by_update", "messages", &["updated_at"]),
    ("messages_by_state", "messages", &["state", "expires_at"]),
    ("recipients_by_day", "recipients", &["userid", "sent_day"]),
    ("recipients_by_content", "recipients", &["content_digest", "state"]),
    ("attempts_by_start", "attempts", &["started_at"]),
    ("attempts_by_call", "attempts", &["call_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for (table, _, column) in columns() {
            manager
                .alter_table(Table::alter().table(table).add_column(column).take())
                .await?;
        }
        for (name, table, columns) in INDEXES {
            crate::index(manager, name, table, columns).await?;
        }

        let mut state = Table::create();
        state
            .table("delivery_state")
            .col(integer("id").primary_key())
            .col(timestamp_with_time_zone_null("stopped_until"))
            .col(text_null("stopped_code"))
            .col(text_null("stopped_reason"));
        manager.create_table(state).await?;

        // The one row: claims of all replicas queue up behind it.
        let row = Query::insert()
            .into_table("delivery_state")
            .columns(["id"])
            .values_panic([1.into()])
            .take();
        manager.execute(row).await?;

        // An attempt was a call of its own.
        let own = Query::update()
            .table("attempts")
            .value("call_id", Expr::col("id"))
            .take();
        manager.execute(own).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["delivery_state"]).await?;
        for (name, table, _) in INDEXES {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        for (table, name, _) in columns() {
            manager
                .alter_table(Table::alter().table(table).drop_column(name).take())
                .await?;
        }
        Ok(())
    }
}
