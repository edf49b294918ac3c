//! The database's epochs: noticing that it is not the one any more that it was, and what follows from that.
//!
//! An asynchronous standby that was promoted, and a backup, lack what was acknowledged last, and would give the same
//! revisions, versions and fencing numbers again for something else. So before the first write to another server (or
//! another copy) all of them jump: no number of the lost time is ever given twice, and whatever was planned against one
//! of them conflicts. Recipients who may have been sent to in the lost time are UNKNOWN. All of that is one
//! transaction, whoever makes it first.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};

use super::{
    dialect,
    entity::{
        database_epoch, identity_version, lease, message_template, message_update_count, reading_count, revision,
        settings,
    },
    error::StoreError,
    fault::FaultKind,
    former::MetEpochs,
    handle::Store,
    revision::present_revision,
    templates,
    transaction::Transaction,
};
use crate::directory::{Epoch, Revision};
use crate::id::random_id;

/// The one row.
pub(super) const ROW: i32 = 1;

/// By so much every number jumps at least: more than anybody writes in the time that a standby may lag.
const JUMP: i64 = 100_000;

/// How often a transaction is begun anew because the server became another one meanwhile, or isolates it otherwise. As
/// many connections may lead to the one that it was.
pub(super) const BEGINNINGS: u32 = 16;

/// What stands in the row, and where it stands.
struct Present {
    epoch: String,
    recorded: String,
    place: String,
    sees_others: bool,
    /// Whether it is the server of an epoch that this process has left.
    is_former: bool,
}

/// What a transaction that writes finds out about its server at its beginning.
pub(super) enum ServerCheck {
    /// What it needs.
    Good,
    /// Another server, or copy, than the one that was written to last.
    OtherServer,
    /// A server of a former epoch, which nobody stopped.
    FormerServer,
    /// An isolation that hides what others commit while it waits for them.
    SeesNobody,
}

impl Present {
    fn is_entered(&self) -> bool {
        !self.epoch.is_empty() && is_same(&self.recorded, &self.place)
    }

    /// The place as far as it is told here or was before, where that is more than is recorded: a role was given the
    /// right to ask.
    fn tells_more(&self) -> Option<String> {
        let parts = self.recorded.split('/').zip(self.place.split('/'));
        let fuller: Vec<_> = parts
            .map(|(recorded, here)| if here == "-" { recorded } else { here })
            .collect();
        let fuller = fuller.join("/");
        (self.is_entered() && fuller != self.recorded).then_some(fuller)
    }
}

/// Whether two places are one, as far as both are told.
fn is_same(recorded: &str, present: &str) -> bool {
    let (recorded, present) = (recorded.split('/'), present.split('/'));
    recorded.clone().count() == present.clone().count()
        && recorded.zip(present).all(|(a, b)| a == b || a == "-" || b == "-")
}

impl Store {
    /// The epoch that the database is in. Where it is another server or copy than the one that was seen last, the next
    /// epoch begins with this call.
    pub async fn epoch(&self) -> Result<Epoch, StoreError> {
        for _ in 0..BEGINNINGS {
            let present = self.present(&self.read).await?;
            if present.is_former {
                // Connections are given out in turn: whichever this one is.
                let transaction = dialect::begin_write_unchecked(self.read.pool(), false).await?;
                if self.present(&transaction).await?.is_former {
                    dialect::end_session(transaction).await;
                }
                continue;
            }

            if present.is_entered() && present.tells_more().is_none() {
                return Ok(Epoch::new(present.epoch));
            }
            if let Some(epoch) = self.enter(None).await? {
                return Ok(epoch);
            }
        }
        Err(StoreError::Unavailable)
    }

    /// The epoch that the database is in; `None`: with the next server that starts another one begins. It changes
    /// nothing.
    pub async fn entered_epoch(&self) -> Result<Option<Epoch>, StoreError> {
        let present = self.present(&self.read).await?;
        Ok(present.is_entered().then(|| Epoch::new(present.epoch)))
    }

    /// Whether two transactions were begun on the same server, in the same epoch.
    pub(super) async fn are_on_one_server(&self, [one, other]: [&Transaction; 2]) -> Result<bool, StoreError> {
        let (one, other) = (self.present(one).await?, self.present(other).await?);
        Ok((one.epoch, one.place) == (other.epoch, other.place))
    }

    /// Begins the next epoch although the database says that it is the same: its revision went back behind the one that
    /// is `served`. Where it did not, because what was read before was old, `former` stays.
    pub async fn begin_epoch(&self, former: &Epoch, served: Revision) -> Result<Epoch, StoreError> {
        let epoch = self.enter(Some((former, served))).await?;
        epoch.ok_or(StoreError::Unavailable)
    }

    /// For [`Store::begin`]: nothing is written to another server before its epoch has begun.
    pub(super) async fn check_server(&self, transaction: &Transaction) -> Result<ServerCheck, StoreError> {
        let present = self.present(transaction).await?;
        Ok(match present {
            _ if present.is_former => ServerCheck::FormerServer,
            _ if !present.is_entered() => ServerCheck::OtherServer,
            _ if !present.sees_others => ServerCheck::SeesNobody,
            _ => ServerCheck::Good,
        })
    }

    /// `None`: that connection led to the server of a former epoch, and is closed.
    async fn enter(&self, former: Option<(&Epoch, Revision)>) -> Result<Option<Epoch>, StoreError> {
        repeated!(self.enter_once(former))
    }

    /// Whoever holds the row begins the epoch; the others find it begun.
    async fn enter_once(&self, former: Option<(&Epoch, Revision)>) -> Result<Option<Epoch>, StoreError> {
        // Asked before a connection is held, for it takes another one.
        self.tells_server().await?;

        let transaction = dialect::begin_write(self.write.pool()).await?;
        database_epoch::Entity::find_by_id(ROW)
            .lock(LockType::Update)
            .one(&transaction)
            .await?;
        let present = self.present(&transaction).await?;
        if present.is_former {
            dialect::end_session(transaction).await;
            return Ok(None);
        }

        let went_back = match former {
            Some((former, served)) if former.as_str() == present.epoch => {
                present_revision(&transaction).await? < served
            }
            _ => false,
        };
        if present.is_entered() && !went_back {
            if let Some(place) = present.tells_more() {
                self.record(&transaction, &present.epoch, &place).await?;
                transaction.commit().await?;
            }
            return Ok(Some(Epoch::new(present.epoch)));
        }

        let before = Epoch::new(present.epoch.clone());
        let next = behind(before.number());

        // Asked before the new record, which says that this process is in step.
        let silent = self.silent_for(&transaction).await?;
        self.record(&transaction, next.as_str(), &present.place).await?;
        if present.epoch.is_empty() {
            // A database of an earlier version, or a new one: nothing was lost.
            transaction.commit().await?;
            return Ok(Some(next));
        }

        jump(&transaction).await?;
        templates::jump(&transaction, self.clock.now().timestamp_millis()).await?;
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
        Ok(Some(next))
    }

    /// Begins the next epoch within a transaction that brought the rows of another database in, whose epoch was
    /// `former`. `silent`: for how long its sends may be missing, so that whoever was due may have been sent to. None
    /// are where nobody can have sent anything.
    pub(super) async fn begin_imported(
        &self,
        transaction: &Transaction,
        former: &Epoch,
        silent: Option<Duration>,
    ) -> Result<(), StoreError> {
        let present = self.present(transaction).await?;
        let here = Epoch::new(present.epoch.clone());
        let next = behind(Ord::max(here.number(), former.number()));
        self.record(transaction, next.as_str(), &present.place).await?;

        jump(transaction).await?;
        templates::jump(transaction, self.clock.now().timestamp_millis()).await?;
        let doubtful = match silent {
            Some(silent) => self.doubt(transaction, silent).await?,
            None => 0,
        };
        tracing::info!(former_epoch = %former, epoch = %next, unknown_recipients = doubtful, "another database's rows begin an epoch");
        Ok(())
    }

    async fn record(&self, transaction: &Transaction, epoch: &str, place: &str) -> Result<(), StoreError> {
        let backend = transaction.get_database_backend();
        database_epoch::Entity::update_many()
            .col_expr(database_epoch::Column::Epoch, Expr::val(epoch))
            .col_expr(database_epoch::Column::Place, Expr::val(place))
            .col_expr(database_epoch::Column::AliveAtMs, dialect::now_ms(backend))
            .filter(database_epoch::Column::Id.eq(ROW))
            .exec(transaction)
            .await?;
        Ok(())
    }

    async fn present(&self, db: &impl ConnectionTrait) -> Result<Present, StoreError> {
        let with_server = self.tells_server().await?;
        let question = dialect::ask_server(db.get_database_backend(), with_server);
        let row = db
            .query_one_raw(question)
            .await?
            .ok_or_else(|| StoreError::Corrupt("database_epoch has no row".to_owned()))?;

        let mut present = Present {
            epoch: row.try_get("", "epoch")?,
            recorded: row.try_get("", "recorded")?,
            place: row.try_get("", "present")?,
            sees_others: row.try_get("", "sees_others")?,
            is_former: false,
        };

        if present.place.contains("/standby/") {
            return Err(StoreError::Fault {
                kind: FaultKind::ReadOnly,
                said: "the server is a standby in recovery".to_owned(),
            });
        }

        if present.is_entered() {
            present.is_former = self.met_epochs().meets(&present.epoch);
        } else {
            self.met_epochs().leaves(&present.epoch);
        }
        Ok(present)
    }

    fn met_epochs(&self) -> MutexGuard<'_, MetEpochs> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server tells this role its identity and its timeline. PostgreSQL tells everybody; asked once.
    pub(super) async fn tells_server(&self) -> Result<bool, StoreError> {
        let asked = self.tells_server.get_or_try_init(|| async {
            let backend = self.read.get_database_backend();
            if backend != DbBackend::Postgres {
                return Ok(true);
            }

            match self.read.query_one_raw(dialect::ask_server(backend, true)).await.map_err(StoreError::from) {
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

/// The next epoch.
fn behind(number: u64) -> Epoch {
    let chance = random_id().simple().to_string();
    Epoch::new(format!("{}-{}", number + 1, &chance[..12]))
}

/// All numbers that somebody may have seen, and a failover may have lost. They jump to the time, which no number
/// reaches by counting: so they are larger than those of every former epoch, also of those that a restored backup knows
/// nothing of.
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
    jump!(reading_count: Newest);
    jump!(message_update_count: Newest);
    jump!(settings: Version);
    jump!(message_template: Version);
    jump!(identity_version: Links, Known);

    // Who held a lease holds it no more: what it has in its memory may be of what is lost. Whoever asks first has it
    // next.
    jump!(lease: Fencing);
    lease::Entity::update_many()
        .col_expr(lease::Column::ExpiresAtMs, Expr::val(0_i64))
        .exec(transaction)
        .await?;

    // Rows that are numbered as they come, and are known by their number outside.
    dialect::raise_numbers(transaction, JUMP).await?;
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

    #[test]
    fn what_a_place_tells_more_is_recorded() {
        for (recorded, place, fuller) in [
            ("-/-/5/90", "7/00000001/5/90", Some("7/00000001/5/90")),
            ("-/00000001/5/90", "7/-/5/90", Some("7/00000001/5/90")),
            ("7/00000001/5/90", "-/-/5/90", None),
            ("7/00000001/5/90", "7/00000001/5/90", None),
            ("-/-/5/90", "7/00000001/5/91", None),
            ("sqlite", "sqlite", None),
        ] {
            let present = Present {
                epoch: "1-a".to_owned(),
                recorded: recorded.to_owned(),
                place: place.to_owned(),
                sees_others: true,
                is_former: false,
            };
            assert_eq!(present.tells_more().as_deref(), fuller, "{recorded} {place}");
        }
    }
}
