//! The database that others are copied from.

use std::{env, fs, time::UNIX_EPOCH};

use dingmirror::{
    clock::Clock,
    store::{Store, Target},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use super::url_of;

/// Tests run as processes of their own, side by side: one makes the template, the others wait for it.
const LOCK: &str = "SELECT pg_advisory_lock(4242)";

/// The name of a database with the tables of this build. The test that comes first makes it.
pub(super) async fn of_this_build(admin: &PgConnectOptions) -> String {
    let name = format!("tables_{}", build());
    let mut connection = admin.connect().await.expect("TEST_DATABASE_URL answers");
    if is_there(&mut connection, &name).await {
        connection.close().await.unwrap();
        return name;
    }

    connection.execute(LOCK).await.unwrap();
    if !is_there(&mut connection, &name).await {
        make(&mut connection, &name).await;
    }

    // Its end is the lock's.
    connection.close().await.unwrap();
    name
}

/// Under another name until it is whole, so that one who died over it leaves nothing that looks like it.
async fn make(connection: &mut PgConnection, name: &str) {
    let unfinished = format!("{name}_unfinished");
    for sql in [
        format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
        format!("CREATE DATABASE {unfinished}"),
    ] {
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    let target = Target::Postgres {
        url: url_of(&unfinished).into(),
        max_connections: 2,
    };
    let store = Store::connect(target, Clock::system()).await.unwrap();
    store.migrate().await.unwrap();
    drop(store);

    // Neither a name is changed nor a copy made while somebody is connected, and a pool's connections end in their own
    // time.
    for sql in [
        format!("ALTER DATABASE {unfinished} ALLOW_CONNECTIONS false"),
        format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{unfinished}'"),
        format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
    ] {
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

async fn is_there(connection: &mut PgConnection, name: &str) -> bool {
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(name);
    found.fetch_optional(connection).await.unwrap().is_some()
}

/// When the tests were built: another build may have other tables, and a server may outlive it.
fn build() -> u128 {
    let program = fs::metadata(env::current_exe().unwrap()).unwrap();
    program
        .modified()
        .unwrap()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos()
}
