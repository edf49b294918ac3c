//! What time the database has it.

use std::time::{Duration, Instant};

use chrono::DateTime;
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

    /// Asks Postgres for its time, which the clock follows from then on; with SQLite the machine's counts. The step
    /// that the time made thereby, if it made one.
    pub async fn follow_time(&self) -> Result<Option<Step>, StoreError> {
        if !self.is_postgres() {
            return Ok(self.clock.look());
        }

        let asked = Instant::now();
        let row = self.read.query_one_raw(dialect::clock_us()).await?;
        let took = asked.elapsed();
        if took > PROMPT {
            return Ok(None);
        }

        let micros: i64 = row.map_or(Ok(0), |row| row.try_get("", "now"))?;
        let time = DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| StoreError::Corrupt(format!("the database's clock shows {micros} µs")))?;
        Ok(self.clock.database_says(time, asked + took / 2, took / 2))
    }
}
