//! The audit log: who changed or asked for what, when, and from where. Nothing of it is changed, and nothing deleted
//! but by a transaction that says so: its row of `sync_marks` is there for as long as the deletion takes, and nobody
//! else sees it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Whether a deletion is meant.
const IS_MEANT: &str = "EXISTS (SELECT 1 FROM sync_marks WHERE name = 'audit-log-forgets')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut log = Table::create();
        log.table("audit_log")
            .col(big_pk_auto("id"))
            .col(timestamp_with_time_zone("at"))
            .col(text("action"))
            .col(text_null("target"))
            .col(text("details"))
            .col(text("subject"))
            .col(text("proof"))
            .col(text_null("proof_detail"))
            .col(text_null("address"))
            .col(text_null("request_id"));
        manager.create_table(log).await?;
        crate::index(manager, "audit_log_by_subject", "audit_log", &["subject", "id"]).await?;
        crate::index(manager, "audit_log_by_target", "audit_log", &["target", "id"]).await?;
        crate::index(manager, "audit_log_by_time", "audit_log", &["at", "id"]).await?;

        for trigger in triggers(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&trigger).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["audit_log"]).await?;
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            let drop = "DROP FUNCTION IF EXISTS audit_log_is_append_only()";
            manager.get_connection().execute_unprepared(drop).await?;
        }
        Ok(())
    }
}

fn triggers(backend: sea_orm::DbBackend) -> Vec<String> {
    const REFUSAL: &str = "the audit log is append-only";
    if backend == sea_orm::DbBackend::Postgres {
        return vec![
            format!(
                "CREATE OR REPLACE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF TG_OP = 'DELETE' AND {IS_MEANT} THEN RETURN NULL; END IF; RAISE EXCEPTION '{REFUSAL}'; END $$"
            ),
            "CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log \
             FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()"
                .to_owned(),
        ];
    }

    vec![
        format!(
            "CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        ),
        format!(
            "CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log WHEN NOT {IS_MEANT} \
             BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        ),
    ]
}
