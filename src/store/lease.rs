//! Leases: a row a name, measured by the database's clock, with a number that grows with each new holder.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, OnConflict, SimpleExpr},
};

use super::{dialect, entity::lease, error::StoreError, handle::Store, transaction::Transaction};

/// A lease that ends later than its own time from now, and so much later, was written while the database's clock was
/// ahead.
const FUTURE_MS: i64 = 1_000;

/// A held lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// Who holds it.
    pub owner: String,
    /// Larger than every former holder's: what a late writer is told apart by.
    pub fencing: i64,
    /// How long it is held without being renewed.
    pub ttl: Duration,
}

impl Store {
    /// Takes the lease `name` for `ttl` if nobody holds it. `owner` must differ between processes.
    pub async fn acquire_lease(&self, name: &str, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            let backend = transaction.get_database_backend();
            let expires = dialect::now_ms(backend).add(millis(ttl));

            // A row to update is put there first: an insert can't carry an expression on both databases.
            let empty = lease::ActiveModel {
                name: Set(name.to_owned()),
                owner: Set(String::new()),
                fencing: Set(0),
                expires_at_ms: Set(0),
                ttl_ms: Set(None),
            };
            lease::Entity::insert(empty)
                .on_conflict(OnConflict::column(lease::Column::Name).do_nothing().to_owned())
                .exec_without_returning(&transaction)
                .await?;

            // A holder of the future keeps it for its own time yet, and renews it meanwhile if it lives.
            let ends = dialect::now_ms(backend).add(Expr::col(lease::Column::TtlMs));
            lease::Entity::update_many()
                .col_expr(lease::Column::ExpiresAtMs, ends)
                .filter(lease::Column::Name.eq(name))
                .filter(is_of_the_future(backend))
                .exec(&transaction)
                .await?;

            let taken = lease::Entity::update_many()
                .col_expr(lease::Column::Owner, Expr::val(owner))
                .col_expr(lease::Column::Fencing, Expr::col(lease::Column::Fencing).add(1))
                .col_expr(lease::Column::ExpiresAtMs, expires)
                .col_expr(lease::Column::TtlMs, Expr::val(millis(ttl)))
                .filter(lease::Column::Name.eq(name))
                .filter(Expr::col(lease::Column::ExpiresAtMs).lte(dialect::now_ms(backend)))
                .exec(&transaction)
                .await?;
            if taken.rows_affected == 0 {
                // Committed nevertheless: what was corrected above for a holder of the future stays.
                transaction.commit().await?;
                return Ok(None);
            }

            let row = lease::Entity::find_by_id(name).one(&transaction).await?;
            transaction.commit().await?;
            Ok(row.map(|row| Lease {
                name: row.name,
                owner: row.owner,
                fencing: row.fencing,
                ttl,
            }))
        })
    }

    /// Holds it for another `ttl`; false where it was lost.
    pub async fn renew_lease(&self, held: &Lease, ttl: Duration) -> Result<bool, StoreError> {
        let expires = dialect::now_ms(self.write.get_database_backend()).add(millis(ttl));
        Ok(self.set_expiry(held, expires, Some(ttl)).await? == 1)
    }

    /// Whether nobody holds the lease `name`. Who takes it next is another question.
    pub async fn is_lease_free(&self, name: &str) -> Result<bool, StoreError> {
        let backend = self.read.get_database_backend();
        let held = lease::Entity::find_by_id(name)
            .filter(Expr::col(lease::Column::ExpiresAtMs).gt(dialect::now_ms(backend)))
            .filter(is_of_the_future(backend).not())
            .one(&self.read)
            .await?;
        Ok(held.is_none())
    }

    /// Gives it back: the next one need not wait.
    pub async fn release_lease(&self, held: &Lease) -> Result<(), StoreError> {
        self.set_expiry(held, Expr::val(0_i64), None).await?;
        Ok(())
    }

    /// Only a holder whose time has not run out: after that, somebody else may have it even if the row doesn't say so
    /// yet.
    async fn set_expiry(&self, held: &Lease, expires: SimpleExpr, ttl: Option<Duration>) -> Result<u64, StoreError> {
        let backend = self.write.get_database_backend();
        let mut update = lease::Entity::update_many().col_expr(lease::Column::ExpiresAtMs, expires);
        if let Some(ttl) = ttl {
            update = update.col_expr(lease::Column::TtlMs, Expr::val(millis(ttl)));
        }

        let updated = update
            .filter(lease::Column::Name.eq(&held.name))
            .filter(lease::Column::Owner.eq(&held.owner))
            .filter(lease::Column::Fencing.eq(held.fencing))
            .filter(Expr::col(lease::Column::ExpiresAtMs).gt(dialect::now_ms(backend)))
            .exec(&self.write)
            .await?;
        Ok(updated.rows_affected)
    }
}

/// Whether it ends later than anybody can have taken it for by now: it would keep everybody out until the time has come
/// again that a clock showed that was ahead. Rows of earlier versions don't tell for how long they were taken.
fn is_of_the_future(backend: DbBackend) -> SimpleExpr {
    let longest = dialect::now_ms(backend).add(Expr::expr(Expr::col(lease::Column::TtlMs)).if_null(i64::MAX / 4));
    Expr::col(lease::Column::ExpiresAtMs).gt(longest.add(FUTURE_MS))
}

/// Fails unless the lease still holds inside this transaction. The row is written, so that on Postgres nobody can take
/// the lease between this check and the commit.
pub(super) async fn check_fence(transaction: &Transaction, held: &Lease) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let confirmed = lease::Entity::update_many()
        .col_expr(lease::Column::Fencing, Expr::val(held.fencing))
        .filter(lease::Column::Name.eq(&held.name))
        .filter(lease::Column::Owner.eq(&held.owner))
        .filter(lease::Column::Fencing.eq(held.fencing))
        .filter(Expr::col(lease::Column::ExpiresAtMs).gt(dialect::now_ms(backend)))
        .exec(transaction)
        .await?;
    if confirmed.rows_affected == 1 {
        Ok(())
    } else {
        Err(StoreError::LeaseLost)
    }
}

/// [`check_fence`] for many small writes: the row is only locked against others, not written.
pub(super) async fn confirm_fence(transaction: &Transaction, held: &Lease) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let confirmed = lease::Entity::find_by_id(held.name.as_str())
        .filter(lease::Column::Owner.eq(&held.owner))
        .filter(lease::Column::Fencing.eq(held.fencing))
        .filter(Expr::col(lease::Column::ExpiresAtMs).gt(dialect::now_ms(backend)))
        // On SQLite there is one writer, and nothing to lock.
        .lock_shared()
        .one(transaction)
        .await?;
    confirmed.map(drop).ok_or(StoreError::LeaseLost)
}

/// Renews the lease at the end of a transaction that [`check_fence`] began: while it went on, nobody could.
pub(super) async fn extend(transaction: &Transaction, held: &Lease) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    lease::Entity::update_many()
        .col_expr(
            lease::Column::ExpiresAtMs,
            dialect::now_ms(backend).add(millis(held.ttl)),
        )
        .filter(lease::Column::Name.eq(&held.name))
        .filter(lease::Column::Owner.eq(&held.owner))
        .filter(lease::Column::Fencing.eq(held.fencing))
        .exec(transaction)
        .await?;
    Ok(())
}

fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX / 4)
}
