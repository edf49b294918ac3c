//! Table `sync_runs`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_runs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) trigger_kind: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) requested_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) strategy: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) phase: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) verdict: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) findings: String,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) finished_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub(crate) progress: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) counts: String,
    pub(crate) revision: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) error: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) mode: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) plan: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) evidence: Option<String>,
    pub(crate) resumed: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
