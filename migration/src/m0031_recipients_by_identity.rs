//! Indexes by who was meant: recipients by the key that named them and by what finding them gave, and messages by the
//! one that they send again. Each ends with the message, as those of [`m0024`](crate::m0024_questions) do.

use sea_orm_migration::prelude::*;

use crate::OnlineIndex;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [OnlineIndex; 2] = [
    OnlineIndex {
        name: "recipients_by_resolution",
        table: "recipients",
        columns: &["resolution_status", "message_id", "position"],
        not_null: Some("resolution_status"),
    },
    OnlineIndex {
        name: "messages_by_origin",
        table: "messages",
        columns: &["resend_of", "id"],
        not_null: Some("resend_of"),
    },
];

/// Indexes by a field of the identity, and whether its letters' case doesn't matter.
const BY_KEY: [(&str, &str, bool); 4] = [
    ("recipients_by_account_id", "account_id", false),
    ("recipients_by_user_key", "user_key", false),
    ("recipients_by_username", "username", true),
    ("recipients_by_email", "email", true),
];

/// What is indexed, as the store asks for it.
fn key(manager: &SchemaManager<'_>, field: &str, is_folded: bool) -> String {
    let identity = match manager.get_database_backend() {
        sea_orm::DbBackend::Postgres => "identity::json",
        _ => "identity",
    };
    let key = format!("trim({identity} ->> '{field}')");
    if is_folded { format!("lower({key})") } else { key }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in &INDEXES {
            crate::online_index(manager, index).await?;
        }
        for (name, field, is_folded) in BY_KEY {
            let key = key(manager, field, is_folded);
            let on = format!("(({key}), message_id, position) WHERE ({key}) IS NOT NULL");
            crate::online_index_on(manager, name, "recipients", &on).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _, _) in BY_KEY {
            let drop = Index::drop().name(name).table("recipients").if_exists().to_owned();
            manager.drop_index(drop).await?;
        }
        for index in &INDEXES {
            let drop = Index::drop().name(index.name).table(index.table).if_exists().to_owned();
            manager.drop_index(drop).await?;
        }
        Ok(())
    }
}
