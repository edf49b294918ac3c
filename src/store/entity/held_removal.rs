//! Table `held_removals`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "held_removals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) entity: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) entity_id: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) cause: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: String,
    pub(crate) department: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub(crate) reason: String,
    pub(crate) held_at: DateTimeUtc,
    pub(crate) decided_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) decided_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
