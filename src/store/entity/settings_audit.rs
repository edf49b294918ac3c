//! Table `settings_audit`.

use sea_orm::entity::prelude::*;

use crate::store::column::CleanText;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settings_audit")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) version: i64,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) actor: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) field: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) value_before: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) value_after: Option<CleanText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
