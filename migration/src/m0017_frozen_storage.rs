//! Lists of recipients are there for a moment only: compressing one takes several times as long as writing it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        store_as(manager, "EXTERNAL").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        store_as(manager, "EXTENDED").await
    }
}

/// SQLite doesn't compress.
async fn store_as(manager: &SchemaManager<'_>, storage: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != sea_orm::DbBackend::Postgres {
        return Ok(());
    }
    let alter = format!("ALTER TABLE frozen_recipients ALTER COLUMN recipients SET STORAGE {storage}");
    manager.get_connection().execute_unprepared(&alter).await.map(drop)
}
