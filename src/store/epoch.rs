//! The database's epochs: noticing that it is not the one any more that it was, and what follows from that.
//!
//! An asynchronous standby that was promoted, and a backup, lack what was acknowledged last, and would give the same revisions,
//! versions and fencing numbers again for something else. So before the first write to another server (or another copy) all of
//! them jump: no number of the lost time is ever given twice, and whatever was planned against one of them conflicts. Recipients
//! who may have been sent to in the lost time are UNKNOWN. All of that is one transaction, whoever makes it first.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;

use super::{
    connect::Store,
    dialect,
    entity::{database_epoch, identity_version, lease, message_template, revision, settings},
    error::StoreError,
    fault::FaultKind,
    transaction::Transaction,
};
use crate::directory::Epoch;

/// The one row.
const ROW: i32 = 1;

/// By so much every number jumps at least: more than anybody writes in the time that a standby may lag.
const JUMP: i64 = 100_000;

/// How exact the time is in which the database was last known to be the same.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// What stands in the row, and where it stands.
struct Present {
    epoch: String,
    recorded: String,
    place: String,
}

impl Present {
    fn is_entered(&self) -> bool {
        !self.epoch.is_empty() && is_same(&self.recorded, &self.place)
    }
}

/// Whether two places are one, as far as both are told.
fn is_same(recorded: &str, present: &str) -> bool {
    let (recorded, present) = (recorded.split('/'), present.split('/'));
    recorded.clone().count() == present.clone().count()
        && recorded.zip(present).all(|(a, b)| a == b || a == "-" || b == "-")
}

impl Store {
    /// The epoch that the database is in. Where it is another server or copy than the one that was seen last, the next epoch
    /// begins with this call.
    pub async fn epoch(&self) -> Result<Epoch, StoreError> {
        let present = self.present(&self.read).await?;
        if present.is_entered() {
            return Ok(Epoch::new(present.epoch));
        }
        self.enter(None).await
    }

    /// Begins the next epoch although the database says that it is the same: a revision went back.
    pub async fn begin_epoch(&self, former: &Epoch) -> Result<Epoch, StoreError> {
        self.enter(Some(former)).await
    }

    /// Notes that a process is in step with the database: what a failover can have lost is younger.
    pub async fn note_alive(&self) -> Result<(), StoreError> {
        let backend = self.write.get_database_backend();
        let every = i64::try_from(ALIVE_EVERY.as_millis()).unwrap_or(i64::MAX / 4);
        database_epoch::Entity::update_many()
            .col_expr(database_epoch::Column::AliveAtMs, dialect::now_ms(backend))
            .filter(database_epoch::Column::Id.eq(ROW))
            .filter(Expr::col(database_epoch::Column::AliveAtMs).lt(dialect::now_ms(backend).sub(every)))
            .exec(&self.write)
            .await?;
        Ok(())
    }

    /// For [`Store::begin`]: nothing is written to another server before its epoch has begun.
    pub(super) async fn check_epoch(&self, transaction: &Transaction) -> Result<bool, StoreError> {
        Ok(self.present(transaction).await?.is_entered())
    }

    async fn enter(&self, former: Option<&Epoch>) -> Result<Epoch, StoreError> {
        repeated!(self.enter_once(former))
    }

    /// Whoever holds the row begins the epoch; the others find it begun.
    async fn enter_once(&self, former: Option<&Epoch>) -> Result<Epoch, StoreError> {
        // Asked before a connection is held, for it takes another one.
        self.tells_server().await?;
        let transaction = dialect::begin_write(self.write.pool()).await?;
        database_epoch::Entity::find_by_id(ROW)
            .lock(LockType::Update)
            .one(&transaction)
            .await?;
        let present = self.present(&transaction).await?;
        let is_wanted = former.is_some_and(|former| former.as_str() == present.epoch);
        if present.is_entered() && !is_wanted {
            drop(transaction);
            return Ok(Epoch::new(present.epoch));
        }

        let before = Epoch::new(present.epoch.clone());
        let chance = Uuid::new_v4().simple().to_string();
        let next = Epoch::new(format!("{}-{}", before.number() + 1, &chance[..12]));
        let silent = self.silent_for(&transaction).await?;
        self.record(&transaction, &next, &present.place).await?;
        if present.epoch.is_empty() {
            // A database of an earlier version, or a new one: nothing was lost.
            transaction.commit().await?;
            return Ok(next);
        }

        jump(&transaction).await?;
        let doubtful = self.doubt(&transaction, silent).await?;
        transaction.commit().await?;
        tracing::error!(
            former_epoch = %before,
            epoch = %next,
            former_place = present.recorded,
            place = present.place,
            unknown_recipients = doubtful,
            "the database is not the one that it was: it failed over to a standby, or was restored. What was acknowledged last may \
             be missing; everything is read anew, versions and cursors of before are refused, and messages that may have been sent \
             in the lost time are UNKNOWN"
        );
        Ok(next)
    }

    /// How long no process was in step with the database, as far as it knows.
    async fn silent_for(&self, transaction: &Transaction) -> Result<Duration, StoreError> {
        let backend = transaction.get_database_backend();
        let silent: Option<i64> = database_epoch::Entity::find_by_id(ROW)
            .select_only()
            .column_as(
                dialect::now_ms(backend).sub(Expr::col(database_epoch::Column::AliveAtMs)),
                "silent",
            )
            .into_tuple()
            .one(transaction)
            .await?;
        let silent = u64::try_from(silent.unwrap_or(i64::MAX)).unwrap_or(0);
        Ok(Duration::from_millis(silent) + ALIVE_EVERY)
    }

    async fn record(&self, transaction: &Transaction, next: &Epoch, place: &str) -> Result<(), StoreError> {
        let backend = transaction.get_database_backend();
        database_epoch::Entity::update_many()
            .col_expr(database_epoch::Column::Epoch, Expr::val(next.as_str()))
            .col_expr(database_epoch::Column::Place, Expr::val(place))
            .col_expr(database_epoch::Column::AliveAtMs, dialect::now_ms(backend))
            .filter(database_epoch::Column::Id.eq(ROW))
            .exec(transaction)
            .await?;
        Ok(())
    }

    async fn present(&self, db: &impl ConnectionTrait) -> Result<Present, StoreError> {
        let with_server = self.tells_server().await?;
        let standing = dialect::standing(db.get_database_backend(), with_server);
        let row = db
            .query_one_raw(standing)
            .await?
            .ok_or_else(|| StoreError::Corrupt("database_epoch has no row".to_owned()))?;
        let present = Present {
            epoch: row.try_get("", "epoch")?,
            recorded: row.try_get("", "recorded")?,
            place: row.try_get("", "present")?,
        };
        if present.place.contains("/standby/") {
            return Err(StoreError::Fault {
                kind: FaultKind::ReadOnly,
                said: "the server is a standby in recovery".to_owned(),
            });
        }
        Ok(present)
    }

    /// Whether the server tells this role its identity and its timeline. PostgreSQL tells everybody; asked once.
    pub(super) async fn tells_server(&self) -> Result<bool, StoreError> {
        let asked = self.tells_server.get_or_try_init(|| async {
            let backend = self.read.get_database_backend();
            if backend != DbBackend::Postgres {
                return Ok(true);
            }
            match self.read.query_one_raw(dialect::standing(backend, true)).await.map_err(StoreError::from) {
                Ok(_) => Ok(true),
                // With the functions' names: a missing table is another matter.
                Err(StoreError::Fault { said, .. }) if said.contains("pg_") => {
                    tracing::warn!(
                        said,
                        "the database doesn't tell its identity and timeline: a failover is noticed only where a revision goes \
                         back; grant EXECUTE on pg_control_system() and pg_walfile_name(pg_lsn)"
                    );
                    Ok(false)
                }
                Err(error) => Err(error),
            }
        });
        asked.await.copied()
    }
}

/// All numbers that somebody may have seen, and a failover may have lost. They jump to the time, which no number reaches by
/// counting: so they are larger than those of every former epoch, also of those that a restored backup knows nothing of.
async fn jump(transaction: &Transaction) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    macro_rules! jump {
        ($entity:ident: $($column:ident),+) => {
            $entity::Entity::update_many()
                $(.col_expr(
                    $entity::Column::$column,
                    Expr::case(
                        Expr::col($entity::Column::$column).add(JUMP).lt(dialect::now_ms(backend)),
                        dialect::now_ms(backend),
                    )
                    .finally(Expr::col($entity::Column::$column).add(JUMP))
                    .into(),
                ))+
                .exec(transaction)
                .await?;
        };
    }
    jump!(revision: Revision);
    jump!(settings: Version);
    jump!(message_template: Version);
    jump!(identity_version: Links, Known);
    // Who held a lease holds it no more: what it has in its memory may be of what is lost.
    jump!(lease: Fencing);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_as_far_as_it_is_told() {
        for (recorded, present, same) in [
            ("7/00000001/5/90", "7/00000001/5/90", true),
            ("7/00000001/5/90", "7/00000002/5/90", false),
            ("7/00000001/5/90", "8/00000001/5/90", false),
            ("7/00000001/5/90", "-/-/5/90", true),
            ("-/-/5/90", "7/00000001/5/91", false),
            ("sqlite", "sqlite", true),
            ("a backup", "sqlite", false),
            ("sqlite", "7/00000001/5/90", false),
            ("", "sqlite", false),
        ] {
            assert_eq!(is_same(recorded, present), same, "{recorded} {present}");
        }
    }
}
