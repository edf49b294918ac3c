//! An empty database for one test, of each kind.

mod template;

use std::path::PathBuf;

use dingmirror::store::Target;
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, SqliteConnection, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};
use tempfile::TempDir;
use uuid::Uuid;

/// A database that is gone when the test is over.
pub struct TestDatabase {
    dir: TempDir,
    postgres: Option<Postgres>,
}

struct Postgres {
    admin: PgConnectOptions,
    name: String,
    url: String,
}

impl TestDatabase {
    /// SQLite in a directory of its own.
    pub async fn sqlite() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    /// A new database on the server that `TEST_DATABASE_URL` names. Without one the test fails: a skipped test proves
    /// nothing.
    pub async fn postgres() -> Self {
        Self::postgres_like("template1").await
    }

    /// A new database with this version's tables in it: a copy of one that the first test of a build makes, as the
    /// migrations take longer than most tests.
    pub async fn postgres_with_tables() -> Self {
        let template = template::of_this_build(&admin()).await;
        Self::postgres_like(&template).await
    }

    async fn postgres_like(template: &str) -> Self {
        let admin = admin();
        let name = format!("test_{}", Uuid::new_v4().simple());
        let mut connection = admin.connect().await.expect("TEST_DATABASE_URL answers");
        connection
            .execute(sqlx::AssertSqlSafe(format!(
                "CREATE DATABASE {name} TEMPLATE {template}"
            )))
            .await
            .unwrap();
        connection.close().await.unwrap();

        let postgres = Postgres {
            url: url_of(&name),
            admin,
            name,
        };
        Self {
            dir: tempfile::tempdir().unwrap(),
            postgres: Some(postgres),
        }
    }

    /// What a store opens.
    pub fn target(&self) -> Target {
        match &self.postgres {
            None => Target::Sqlite {
                data_dir: self.data_dir(),
            },
            Some(postgres) => Target::Postgres {
                url: postgres.url.clone().into(),
                max_connections: 8,
            },
        }
    }

    /// `DATABASE_URL` for a process; `None` means SQLite in [`TestDatabase::data_dir`].
    pub fn url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|postgres| postgres.url.as_str())
    }

    /// A connection beside those of the store.
    pub async fn beside(&self) -> Beside {
        if let Some(postgres) = &self.postgres {
            let connection = PgConnection::connect(&postgres.url).await.unwrap();
            return Beside::Postgres(Box::new(connection));
        }
        let file = SqliteConnectOptions::new().filename(self.data_dir().join("dingmirror.db"));
        Beside::Sqlite(Box::new(file.connect().await.unwrap()))
    }

    /// A directory that lives as long as the database.
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Drops what a test left on the server.
    pub async fn remove(self) {
        if let Some(Postgres { admin, name, .. }) = self.postgres {
            let mut connection = admin.connect().await.unwrap();
            connection
                .execute(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
                .await
                .unwrap();
        }
    }
}

/// The server's own database.
fn admin() -> PgConnectOptions {
    server_url().as_str().parse().expect("TEST_DATABASE_URL")
}

/// The address of another database of the same server.
fn url_of(name: &str) -> String {
    let mut url = server_url();
    url.set_path(name);
    url.into()
}

fn server_url() -> url::Url {
    let url = std::env::var("TEST_DATABASE_URL").expect(
        "this test needs a Postgres: run it as `scripts/with-postgres cargo nextest run`, or set TEST_DATABASE_URL",
    );
    url::Url::parse(&url).expect("TEST_DATABASE_URL")
}

/// Somebody else who uses the database.
pub enum Beside {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

impl Beside {
    /// Runs a statement.
    pub async fn run(&mut self, sql: &'static str) {
        match self {
            Self::Sqlite(connection) => connection.execute(sql).await.map(drop).unwrap(),
            Self::Postgres(connection) => connection.execute(sql).await.map(drop).unwrap(),
        }
    }

    /// Why a statement is refused.
    pub async fn refusal(&mut self, sql: &'static str) -> String {
        let refused = match self {
            Self::Sqlite(connection) => connection.execute(sql).await.map(drop),
            Self::Postgres(connection) => connection.execute(sql).await.map(drop),
        };
        refused.expect_err(sql).to_string()
    }

    /// The texts that a question of one column finds.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let asked = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(asked).fetch_all(connection.as_mut()).await.unwrap(),
            Self::Postgres(connection) => sqlx::query_scalar(asked).fetch_all(connection.as_mut()).await.unwrap(),
        }
    }

    /// Takes a table away that every result of a call needs, as if the database were.
    pub async fn take_away(&mut self) {
        self.run("ALTER TABLE attempts RENAME TO attempts_away").await;
    }

    /// Brings it back.
    pub async fn bring_back(&mut self) {
        self.run("ALTER TABLE attempts_away RENAME TO attempts").await;
    }
}

/// Defines a test twice: `name::sqlite` and `name::postgres`.
macro_rules! both_databases {
    (async fn $name:ident($database:ident: TestDatabase $(,)?) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "a test may need little of its file")]
            use super::*;

            async fn scenario($database: &TestDatabase) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let database = TestDatabase::sqlite().await;
                scenario(&database).await;
                database.remove().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let database = TestDatabase::postgres_with_tables().await;
                scenario(&database).await;
                database.remove().await;
            }
        }
    };
}
