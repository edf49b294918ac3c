//! Table `delivery_state`: one row.

use sea_orm::entity::prelude::*;

use crate::store::column::CleanText;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_state")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i32,
    pub(crate) stopped_until: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) stopped_code: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) stopped_reason: Option<CleanText>,
    pub(crate) stopped_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
