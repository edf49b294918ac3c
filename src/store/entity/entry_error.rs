//! Table `sync_run_entry_errors`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run_entry_errors")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) run_id: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) subject: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) code: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) message: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
