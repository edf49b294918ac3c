//! What time the database has it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;

use super::{dialect, error::StoreError, handle::Store};
use crate::clock::Step;

/// An answer that took longer, say because it waited for a connection, tells too little of the time.
const PROMPT: Duration = Duration::from_secs(5);

impl Store {
    /// Whether several processes may use the database: with Postgres. Then its time counts, and not this machine's.
    pub fn is_shared(&self) -> bool {
        self.is_postgres()
    }

    /// How far Postgres's clock is ahead of the machine's; `None`: with SQLite there is one clock.
    pub async fn ahead_of_machine(&self) -> Result<Option<TimeDelta>, StoreError> {
        if !self.is_postgres() {
            return Ok(None);
        }
        let asked = Instant::now();
        let time = self.database_time().await?;
        let halfway = TimeDelta::from_std(asked.elapsed() / 2).unwrap_or_default();
        Ok(Some(time + halfway - self.clock.machine()))
    }

    async fn database_time(&self) -> Result<DateTime<Utc>, StoreError> {
        let row = self.read.query_one_raw(dialect::clock_us()).await?;
        let micros: i64 = row.map_or(Ok(0), |row| row.try_get("", "now"))?;
        DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| StoreError::Corrupt(format!("the database's clock shows {micros} µs")))
    }

    /// Asks Postgres for its time, which the clock follows from then on; with SQLite the machine's counts. The step
    /// that the time made thereby, if it made one.
    pub async fn follow_time(&self) -> Result<Option<Step>, StoreError> {
        if !self.is_postgres() {
            return Ok(self.clock.look());
        }

        let asked = Instant::now();
        let time = self.database_time().await?;
        let took = asked.elapsed();
        if took > PROMPT {
            return Ok(None);
        }
        Ok(self.clock.database_says(time, asked + took / 2, took / 2))
    }
}
