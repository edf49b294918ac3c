//! Table `sync_run_answers`.

use sea_orm::entity::prelude::*;

use crate::store::column::{CleanText, UuidText};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run_answers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) run_id: UuidText,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) phase: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) question: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) answer: CleanText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
