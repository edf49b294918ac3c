//! Table `ledger_day_recipients`: recipients of those messages, by what became of them.

use sea_orm::entity::prelude::*;

use crate::store::column::CleanText;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_day_recipients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) day: i32,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) caller: CleanText,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    /// As the recipients had it, whether this version knows that state or not: old messages go all the same.
    pub(crate) state: String,
    pub(crate) recipients: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
