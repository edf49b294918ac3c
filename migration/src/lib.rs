//! The tables of dingmirror, one topic a file.
//!
//! Rules that let one text serve SQLite and Postgres: migrations only add; ids of DingTalk are natural keys; enums,
//! UUIDs and JSON are text (JSON as text keeps DingTalk's integers above 2^53 exact); times are bound by the program,
//! never by the database, but for leases, which live in database time as milliseconds since the epoch.
//!
//! Another version serves while a migration runs: each is a transaction of its own, adds what that version doesn't look
//! at, and rewrites no table. An index on a table that may be large is [made beside its writers](online_index), by a
//! migration that says `use_transaction` is `Some(false)`.

use sea_orm_migration::{prelude::*, schema::*};

mod m0001_directory;
mod m0002_changes;
mod m0003_settings;
mod m0004_runs;
mod m0005_leases;
mod m0006_messages;
mod m0007_sync;
mod m0008_events;
mod m0009_selection;
mod m0010_identity;
mod m0011_message_templates;
mod m0012_delivery;
mod m0013_frozen_recipients;
mod m0014_recall_schedule;
mod m0015_lanes;
mod m0016_claims_and_times;
mod m0017_frozen_storage;
mod m0019_epoch;
mod m0020_together;
mod m0021_readings;
mod m0022_message_updates;
mod m0023_time;
mod m0024_questions;
mod m0025_ledger_days;
mod m0026_feed;
mod m0027_change_steps;
mod m0028_shown_from;
mod m0029_run_numbers;
mod m0030_resends;
mod m0031_recipients_by_identity;
mod m0032_quota;
mod m0033_follow_up;
mod m0034_api_keys;
mod m0035_token_revocations;
mod m0036_audit_log;

/// Every migration, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_directory::Migration),
            Box::new(m0002_changes::Migration),
            Box::new(m0003_settings::Migration),
            Box::new(m0004_runs::Migration),
            Box::new(m0005_leases::Migration),
            Box::new(m0006_messages::Migration),
            Box::new(m0007_sync::Migration),
            Box::new(m0008_events::Migration),
            Box::new(m0009_selection::Migration),
            Box::new(m0010_identity::Migration),
            Box::new(m0011_message_templates::Migration),
            Box::new(m0012_delivery::Migration),
            Box::new(m0013_frozen_recipients::Migration),
            Box::new(m0014_recall_schedule::Migration),
            Box::new(m0015_lanes::Migration),
            Box::new(m0016_claims_and_times::Migration),
            Box::new(m0017_frozen_storage::Migration),
            Box::new(m0019_epoch::Migration),
            Box::new(m0020_together::Migration),
            Box::new(m0021_readings::Migration),
            Box::new(m0022_message_updates::Migration),
            Box::new(m0023_time::Migration),
            Box::new(m0024_questions::Migration),
            Box::new(m0025_ledger_days::Migration),
            Box::new(m0026_feed::Migration),
            Box::new(m0027_change_steps::Migration),
            Box::new(m0028_shown_from::Migration),
            Box::new(m0029_run_numbers::Migration),
            Box::new(m0030_resends::Migration),
            Box::new(m0031_recipients_by_identity::Migration),
            Box::new(m0032_quota::Migration),
            Box::new(m0033_follow_up::Migration),
            Box::new(m0034_api_keys::Migration),
            Box::new(m0035_token_revocations::Migration),
            Box::new(m0036_audit_log::Migration),
        ]
    }
}

/// Creates an index `name` on `columns` of `table`.
async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.take()).await
}

/// An index that is made while others read and write its table.
struct OnlineIndex {
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
    /// Only rows that have a value here.
    not_null: Option<&'static str>,
}

/// Makes an index without keeping anybody from its table: `CONCURRENTLY` on Postgres, which takes no transaction around
/// it. What a process that died left of it is begun anew. On SQLite there is one process, which waits for it.
async fn online_index(manager: &SchemaManager<'_>, index: &OnlineIndex) -> Result<(), DbErr> {
    let OnlineIndex {
        name,
        table,
        columns,
        not_null,
    } = index;
    let columns = columns.iter().map(|column| format!("\"{column}\""));
    let only = not_null.map_or(String::new(), |column| format!(" WHERE {column} IS NOT NULL"));
    let on = format!("({}){only}", columns.collect::<Vec<_>>().join(", "));
    online_index_on(manager, name, table, &on).await
}

/// [`online_index`] of what has no columns of its own: `on` is the rest of the statement.
async fn online_index_on(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    on: &str,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if !is_in_use(manager, table).await? {
        let create = format!("CREATE INDEX IF NOT EXISTS {name} ON {table} {on}");
        return db.execute_unprepared(&create).await.map(drop);
    }

    let broken = format!("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('{name}') AND NOT indisvalid");
    let broken = sea_orm::Statement::from_string(manager.get_database_backend(), broken);
    if db.query_one_raw(broken).await?.is_some() {
        db.execute_unprepared(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
            .await?;
    }

    let create = format!("CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} {on}");
    db.execute_unprepared(&create).await.map(drop)
}

/// Drops an index without keeping anybody from its table. On an empty table, which nobody uses yet, as others do: the
/// first start makes all migrations in one transaction.
async fn drop_online(manager: &SchemaManager<'_>, index: &OnlineIndex) -> Result<(), DbErr> {
    let beside = if is_in_use(manager, index.table).await? {
        "CONCURRENTLY "
    } else {
        ""
    };
    let drop = format!("DROP INDEX {beside}IF EXISTS {}", index.name);
    manager
        .get_connection()
        .execute_unprepared(&drop)
        .await
        .map(std::mem::drop)
}

/// Whether others may be using this table meanwhile.
async fn is_in_use(manager: &SchemaManager<'_>, table: &'static str) -> Result<bool, DbErr> {
    let first = Query::select().expr(Expr::val(1)).from(table).limit(1).take();
    let is_postgres = manager.get_database_backend() == sea_orm::DbBackend::Postgres;
    Ok(is_postgres && manager.get_connection().query_one(&first).await?.is_some())
}

/// Whether a migration of this name runs outside of any transaction, beside others who use its tables.
pub fn is_online(name: &str) -> bool {
    let named = Migrator::migrations().into_iter().find(|it| it.name() == name);
    named.is_some_and(|it| it.use_transaction() == Some(false))
}

/// A table of one row, whose `newest` is the last number that was given.
async fn count(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    let mut count = Table::create();
    count
        .table(table)
        .col(integer("id").primary_key())
        .col(big_integer("newest"));
    manager.create_table(count).await?;

    let first = Query::insert()
        .into_table(table)
        .columns(["id", "newest"])
        .values_panic([1.into(), 0_i64.into()])
        .take();
    manager.execute(first).await
}

/// Drops `tables` in order.
async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).if_exists().take())
            .await?;
    }
    Ok(())
}
