//! Table `frozen_recipients`.

use sea_orm::entity::prelude::*;

use crate::store::column::UuidText;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "frozen_recipients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) message_id: UuidText,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) first: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) recipients: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) content_digest: String,
    pub(crate) sent_day: i32,
    pub(crate) created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
