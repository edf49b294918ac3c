//! Statements outside of any transaction of ours, each a transaction of its own.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    prelude::async_trait::async_trait,
};

use super::{column::storable, driver_error::told, health::Health, patience::in_time, repeat::Repetitions};
use crate::critical_section::CriticalSection;

/// A pool for single statements, each of which is repeated as a transaction is.
#[derive(Clone)]
pub(super) struct Single {
    pool: DatabaseConnection,
    /// Of the writing side: what is looked at before a write, and told of its error.
    health: Option<Arc<Health>>,
}

impl Single {
    pub(super) fn reading(pool: DatabaseConnection) -> Self {
        Self { pool, health: None }
    }

    pub(super) fn writing(pool: DatabaseConnection, health: Arc<Health>) -> Self {
        Self {
            pool,
            health: Some(health),
        }
    }

    /// For transactions and pings.
    pub(super) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// What is written to a file without a name is gone at the next start.
    fn refuse_if_files_vanished(&self) -> Result<(), DbErr> {
        let missing = self.health.as_ref().and_then(|health| health.missing_files());
        missing.map_or(Ok(()), |why| Err(DbErr::Conn(RuntimeErr::Internal(why))))
    }

    fn noticing<T>(&self, ended: Result<T, DbErr>) -> Result<T, DbErr> {
        if let (Err(error), Some(health)) = (&ended, &self.health) {
            health.notice(error);
        }
        ended
    }
}

/// Runs one statement again as long as it was in another's way.
macro_rules! again {
    ($single:expr, $statement:expr) => {{
        $single.refuse_if_files_vanished()?;

        let section = CriticalSection::enter();
        let mut repetitions = Repetitions::default();
        let ended = loop {
            let ended = in_time($single.get_database_backend(), $statement).await;
            let conflict = ended.as_ref().err().is_some_and(is_conflict);
            if !conflict || !repetitions.next().await {
                break ended;
            }
        };

        section.leave().await;
        $single.noticing(ended)
    }};
}

fn is_conflict(error: &DbErr) -> bool {
    told(error).is_conflict()
}

#[async_trait]
impl ConnectionTrait for Single {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let statement = storable(statement);
        again!(self, self.pool.execute_raw(statement.clone()))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        again!(self, self.pool.execute_unprepared(sql))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let statement = storable(statement);
        again!(self, self.pool.query_one_raw(statement.clone()))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = storable(statement);
        again!(self, self.pool.query_all_raw(statement.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::{
        clock::Clock,
        store::{Store, StoreError, Target, marks::put},
    };

    #[tokio::test]
    async fn a_single_write_to_a_file_without_a_name_is_refused_and_a_read_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().to_owned();
        let store = Store::connect(Target::Sqlite { data_dir }, Clock::system())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        put(&store.write, "before", "there").await.unwrap();

        let (file, aside) = (dir.path().join("dingmirror.db"), dir.path().join("aside"));
        fs::rename(&file, &aside).unwrap();
        let refused = put(&store.write, "meanwhile", "x").await.unwrap_err();
        let StoreError::Connect(why) = refused else {
            panic!("{refused:?}")
        };
        assert!(why.contains("dingmirror.db is gone"), "{why}");
        assert_eq!(store.mark("before").await.unwrap().as_deref(), Some("there"));

        fs::rename(&aside, &file).unwrap();
        put(&store.write, "after", "there").await.unwrap();
        assert_eq!(store.mark("meanwhile").await.unwrap(), None);
    }
}
