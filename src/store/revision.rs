//! The revision's row: who holds it has the right to write.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

use super::{entity::revision, error::StoreError, transaction::Transaction};
use crate::directory::Revision;

/// The row of `mirror_revision`.
const ROW: i32 = 1;

/// The right to write, without a next revision.
pub(super) async fn hold_revision(transaction: &Transaction) -> Result<(), StoreError> {
    revision::Entity::update_many()
        .col_expr(revision::Column::Revision, Expr::col(revision::Column::Revision))
        .filter(revision::Column::Id.eq(ROW))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The next revision, and with it the right to write: whoever comes second waits for the first one's commit.
pub(super) async fn take_revision(transaction: &Transaction) -> Result<Revision, StoreError> {
    revision::Entity::update_many()
        .col_expr(
            revision::Column::Revision,
            Expr::col(revision::Column::Revision).add(1_i64),
        )
        .filter(revision::Column::Id.eq(ROW))
        .exec(transaction)
        .await?;
    present_revision(transaction).await
}

/// The revision that the mirror stands at.
pub(super) async fn present_revision(db: &impl ConnectionTrait) -> Result<Revision, StoreError> {
    let row = revision::Entity::find_by_id(ROW).one(db).await?;
    row.map(|row| row.revision)
        .ok_or_else(|| StoreError::Corrupt("mirror_revision has no row".to_owned()))
}
