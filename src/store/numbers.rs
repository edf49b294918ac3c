//! Numbers that one row of a table gives, in an order that nobody is overtaken in: the row is locked until the commit
//! of whoever took one, so whoever sees a number sees all that was written under those before it.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{error::StoreError, transaction::Transaction};

/// The one row.
const ROW: i32 = 1;

/// The newest number; `id` and `newest` are the table's columns.
pub(super) async fn newest<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (id, newest): (E::Column, E::Column),
) -> Result<i64, StoreError> {
    let row: Option<i64> = E::find()
        .select_only()
        .column(newest)
        .filter(id.eq(ROW))
        .into_tuple()
        .one(db)
        .await?;
    row.ok_or_else(|| StoreError::Corrupt(format!("{} has no row", E::default().table_name())))
}

/// Takes the next `count` numbers; the last of them.
pub(super) async fn take<E: EntityTrait>(
    transaction: &Transaction,
    (id, number): (E::Column, E::Column),
    count: i64,
) -> Result<i64, StoreError> {
    E::update_many()
        .col_expr(number, Expr::col(number).add(count))
        .filter(id.eq(ROW))
        .exec(transaction)
        .await?;
    newest::<E>(transaction, (id, number)).await
}
