//! A transaction that knows when it is over.
//!
//! SQLite ends a transaction by itself on SQLITE_FULL, IOERR, NOMEM and some BUSY and INTERRUPT
//! (<https://www.sqlite.org/lang_transaction.html>, "Response To Errors Within A Transaction"), and the driver still
//! counts it as open: what follows would be committed statement by statement, or never. Postgres answers `COMMIT` of a
//! failed transaction with `ROLLBACK`, which is no error to the driver. So the first error of any statement ends it
//! here: later statements and the commit are refused, and the connection goes back to its pool only if it is found
//! outside of any transaction ([`is_idle`]).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};
use sqlx::{Connection, SqliteConnection};

use super::{column::storable, health::Health, patience::in_time};
use crate::critical_section::CriticalSection;

/// An open transaction. Dropped without [`Transaction::commit`] it is rolled back.
pub(super) struct Transaction {
    open: DatabaseTransaction,
    failed: AtomicBool,
    /// Of one that writes: who is told of its error.
    health: Option<Arc<Health>>,
    /// Its connection is one that others wait for.
    section: CriticalSection,
}

impl Transaction {
    /// `begin`: the library's way of beginning it.
    pub(super) async fn open(
        backend: DbBackend,
        begin: impl Future<Output = Result<DatabaseTransaction, DbErr>>,
    ) -> Result<Self, DbErr> {
        // From when its connection is waited for.
        let section = CriticalSection::enter();
        let open = in_time(backend, begin).await?;
        Ok(Self {
            open,
            failed: AtomicBool::new(false),
            health: None,
            section,
        })
    }

    /// Has `health` take notice of an error.
    pub(super) fn watched_by(self, health: &Arc<Health>) -> Self {
        Self {
            health: Some(health.clone()),
            ..self
        }
    }

    /// Makes everything since the beginning durable.
    ///
    /// # Errors
    /// What the database says, and a transaction in which any statement failed: nothing of it is kept.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.refuse_if_over()?;
        let Self {
            open, health, section, ..
        } = self;

        let ended = in_time(open.get_database_backend(), open.commit()).await;
        section.leave().await;
        if let (Err(error), Some(health)) = (&ended, health) {
            health.notice(error);
        }
        ended
    }

    /// The library's own handle, for the migrations, which ask for it. Their errors are the caller's to hand on: a
    /// transaction that is not committed is rolled back.
    pub(super) fn bare(&self) -> &DatabaseTransaction {
        &self.open
    }

    fn refuse_if_over(&self) -> Result<(), DbErr> {
        if self.failed.load(Ordering::Acquire) {
            return Err(DbErr::Custom(
                "a statement of this transaction failed before, so nothing of it is kept".to_owned(),
            ));
        }
        Ok(())
    }

    /// A statement's answer; the first error ends the transaction.
    async fn answer<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let answer = in_time(self.open.get_database_backend(), statement).await;
        if let Err(error) = &answer {
            self.failed.store(true, Ordering::Release);
            self.health.iter().for_each(|health| health.notice(error));
        }
        answer
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.open.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.refuse_if_over()?;
        self.answer(self.open.execute_raw(storable(statement))).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.refuse_if_over()?;
        self.answer(self.open.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.refuse_if_over()?;
        self.answer(self.open.query_one_raw(storable(statement))).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.refuse_if_over()?;
        self.answer(self.open.query_all_raw(storable(statement))).await
    }
}

/// Whether a SQLite connection is outside of any transaction, by the driver's count and by SQLite itself. Asked as it
/// goes back to its pool; one that is not is closed, and the next taker gets a new one.
pub(super) async fn is_idle(connection: &mut SqliteConnection) -> bool {
    // Commands run in order: after this a rollback that a dropped transaction queued has run, too.
    if connection.ping().await.is_err() || connection.is_in_transaction() {
        return false;
    }

    // SQLite refuses to begin inside a transaction. A deferred one takes no lock and touches no file.
    sqlx::raw_sql("BEGIN; ROLLBACK").execute(connection).await.is_ok()
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement};
    use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};

    use crate::{
        clock::Clock,
        store::{Store, Target},
    };

    const MARK: &str = "INSERT INTO sync_marks (name, value) VALUES ";

    async fn store(dir: &std::path::Path) -> Store {
        let target = Target::Sqlite {
            data_dir: dir.to_owned(),
        };
        let store = Store::connect(target, Clock::system()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// The names of the marks that another connection sees: what is durable, not what a transaction shows to itself.
    async fn durable(dir: &std::path::Path) -> Vec<String> {
        let file = SqliteConnectOptions::new().filename(dir.join("dingmirror.db"));
        let mut beside = file.connect().await.unwrap();
        let rows = sqlx::query("SELECT name FROM sync_marks WHERE name LIKE 't-%' ORDER BY name")
            .fetch_all(&mut beside)
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Makes the present writing connection's file full: SQLite then answers SQLITE_FULL and ends the transaction by
    /// itself.
    async fn fill(store: &Store) {
        let rows = Statement::from_string(store.write.get_database_backend(), "PRAGMA page_count");
        let pages: i64 = store
            .write
            .query_one_raw(rows)
            .await
            .unwrap()
            .unwrap()
            .try_get_by_index(0)
            .unwrap();

        store
            .write
            .execute_unprepared(&format!("PRAGMA max_page_count = {pages}"))
            .await
            .unwrap();
    }

    fn large(name: &str) -> String {
        format!("{MARK} ('{name}', '{}')", "x".repeat(100_000))
    }

    #[tokio::test]
    async fn after_a_full_disk_nothing_is_acknowledged_that_is_not_durable() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path()).await;
        fill(&store).await;

        let transaction = store.begin().await.unwrap();
        transaction
            .execute_unprepared(&format!("{MARK} ('t-before', 'x')"))
            .await
            .unwrap();
        transaction.execute_unprepared(&large("t-large")).await.unwrap_err();
        // SQLite would run this one outside of any transaction, and keep it.
        transaction
            .execute_unprepared(&format!("{MARK} ('t-after', 'x')"))
            .await
            .unwrap_err();
        transaction.commit().await.unwrap_err();
        assert_eq!(durable(dir.path()).await, [""; 0]);

        // There is room again (the limit went with the connection): each acknowledged one is there at once.
        for name in ["t-1", "t-2", "t-3"] {
            let transaction = store.begin().await.unwrap();
            transaction
                .execute_unprepared(&format!("{MARK} ('{name}', 'x')"))
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            assert!(durable(dir.path()).await.contains(&name.to_owned()), "{name}");
        }
    }

    #[tokio::test]
    async fn an_error_that_is_passed_over_does_not_commit_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path()).await;
        let transaction = store.begin().await.unwrap();

        transaction
            .execute_unprepared(&format!("{MARK} ('t-1', 'x')"))
            .await
            .unwrap();
        transaction
            .execute_unprepared("INSERT INTO nowhere VALUES (1)")
            .await
            .unwrap_err();

        assert!(
            transaction
                .commit()
                .await
                .unwrap_err()
                .to_string()
                .contains("failed before")
        );
        assert_eq!(durable(dir.path()).await, [""; 0]);
    }

    #[tokio::test]
    async fn a_transaction_that_is_given_up_holds_nobody_up_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path()).await;
        for full in [false, true] {
            if full {
                fill(&store).await;
            }
            let transaction = store.begin().await.unwrap();
            drop(transaction.execute_unprepared(&large("t-given-up")).await);
            drop(transaction);

            let transaction = store.begin().await.unwrap();
            let name = format!("t-{full}");
            transaction
                .execute_unprepared(&format!("{MARK} ('{name}', 'x')"))
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            assert!(durable(dir.path()).await.contains(&name));
        }

        assert_eq!(durable(dir.path()).await, ["t-false", "t-true"]);
    }

    #[tokio::test]
    async fn a_connection_inside_a_transaction_is_not_given_to_the_next_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path()).await;
        // Behind the driver's back, as a rollback that it did not notice is.
        store.write.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();

        let transaction = store.begin().await.unwrap();
        transaction
            .execute_unprepared(&format!("{MARK} ('t-1', 'x')"))
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(durable(dir.path()).await, ["t-1"]);
    }
}
