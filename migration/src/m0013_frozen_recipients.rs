//! Recipients as they are taken in: a list, whose people become rows of `recipients` a moment later. And indexes that
//! follow how those are claimed.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Indexes until now. That of `userid` was the beginning of another, and that of `attempt_id` had an entry for
/// everybody who was never sent to.
const FORMER: [(&str, &[&str]); 5] = [
    ("recipients_by_day", &["userid", "sent_day"]),
    ("recipients_by_state", &["state", "not_before"]),
    ("recipients_by_content", &["content_digest", "state"]),
    ("recipients_by_user", &["userid"]),
    ("recipients_by_attempt", &["attempt_id"]),
];

/// Answers what somebody had on a day by itself; is in the order in which a claim takes them, so that it reads as many
/// rows as it takes, however many wait; tells what a message waits for without reading all of it.
const INDEXES: [(&str, &[&str]); 4] = [
    ("recipients_by_day", &["userid", "sent_day", "state"]),
    ("recipients_by_state", &["state", "not_before", "id"]),
    (
        "recipients_by_content",
        &["content_digest", "state", "not_before", "id"],
    ),
    ("recipients_by_message_state", &["message_id", "state"]),
];

/// Indexes of the few that have something: name, columns, which is not null.
const PARTIAL: [(&str, &[&str], &str); 2] = [
    ("recipients_by_attempt", &["attempt_id"], "attempt_id"),
    ("recipients_by_repetition", &["not_before", "id"], "repeat_until"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut frozen = Table::create();
        frozen
            .table("frozen_recipients")
            .col(text("message_id"))
            // The position of the first of them.
            .col(big_integer("first"))
            // A JSON list; its form is `store/message_rows.rs`'s.
            .col(text("recipients"))
            .col(text("content_digest"))
            .col(integer("sent_day"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("message_id").col("first"))
            .foreign_key(
                ForeignKey::create()
                    .from("frozen_recipients", "message_id")
                    .to("messages", "id"),
            );
        manager.create_table(frozen).await?;

        // Null in messages from before this migration.
        let digest = Table::alter()
            .table("messages")
            .add_column(text_null("content_digest"))
            .take();
        manager.alter_table(digest).await?;
        crate::index(
            manager,
            "messages_by_content",
            "messages",
            &["content_digest", "updated_at"],
        )
        .await?;

        for (name, _) in FORMER {
            drop_index(manager, name).await?;
        }
        for (name, columns) in INDEXES {
            crate::index(manager, name, "recipients", columns).await?;
        }

        for (name, columns, not_null) in PARTIAL {
            let mut index = Index::create();
            index.name(name).table("recipients");
            for column in columns {
                index.col(*column);
            }
            manager
                .create_index(index.and_where(Expr::col(not_null).is_not_null()).take())
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let some = Query::select()
            .expr(Expr::val(1))
            .from("frozen_recipients")
            .limit(1)
            .take();
        if manager.get_connection().query_one(&some).await?.is_some() {
            return Err(DbErr::Migration(
                "frozen_recipients has recipients that are no rows yet: start the server for a moment, and try again"
                    .to_owned(),
            ));
        }

        for (name, ..) in PARTIAL {
            drop_index(manager, name).await?;
        }
        for (name, _) in INDEXES {
            drop_index(manager, name).await?;
        }
        for (name, columns) in FORMER {
            crate::index(manager, name, "recipients", columns).await?;
        }

        manager
            .drop_index(Index::drop().name("messages_by_content").table("messages").to_owned())
            .await?;
        let digest = Table::alter().table("messages").drop_column("content_digest").take();
        manager.alter_table(digest).await?;
        crate::drop_tables(manager, &["frozen_recipients"]).await
    }
}

async fn drop_index(manager: &SchemaManager<'_>, name: &'static str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table("recipients").to_owned())
        .await
}
