//! Table `dingtalk_events`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) seq: i64,
    #[sea_orm(column_type = "Text", unique)]
    pub(crate) event_key: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) channel: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) kind: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) users: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) departments: String,
    pub(crate) born_at: Option<DateTimeUtc>,
    pub(crate) received_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: String,
    pub(crate) done_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
