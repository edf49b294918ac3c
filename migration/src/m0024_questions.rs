//! Indexes by what people ask of the ledger, each ending with the message's id: a page of an answer is a piece of one,
//! however rare or long ago that is.

use sea_orm_migration::prelude::*;

use crate::OnlineIndex;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [OnlineIndex; 5] = [
    OnlineIndex {
        name: "recipients_by_state_message",
        table: "recipients",
        columns: &["state", "message_id", "position"],
        not_null: None,
    },
    OnlineIndex {
        name: "recipients_by_user_message",
        table: "recipients",
        columns: &["userid", "message_id", "position"],
        not_null: None,
    },
    OnlineIndex {
        name: "messages_by_caller",
        table: "messages",
        columns: &["caller", "id"],
        not_null: None,
    },
    OnlineIndex {
        name: "messages_by_state_id",
        table: "messages",
        columns: &["state", "id"],
        not_null: None,
    },
    // The unique one begins with the caller.
    OnlineIndex {
        name: "messages_by_key",
        table: "messages",
        columns: &["idempotency_key"],
        not_null: Some("idempotency_key"),
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in &INDEXES {
            crate::online_index(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in &INDEXES {
            let drop = Index::drop().name(index.name).table(index.table).if_exists().to_owned();
            manager.drop_index(drop).await?;
        }
        Ok(())
    }
}
