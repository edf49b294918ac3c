//! Table `ledger_days`: messages of a day that are no longer kept, by caller.

use sea_orm::entity::prelude::*;

use crate::store::column::CleanText;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_days")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: i32,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) caller: CleanText,
    pub(crate) messages: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
