//! Table `sync_run_entry_errors`.

use sea_orm::entity::prelude::*;

use crate::store::column::{CleanText, UuidText};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run_entry_errors")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) run_id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) subject: CleanText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) code: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) message: CleanText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
