//! Table `memberships`.

use sea_orm::entity::prelude::*;

use crate::store::column::CleanText;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) userid: CleanText,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) dept_id: i64,
    pub(crate) sort_order: Option<i64>,
    pub(crate) leader: Option<bool>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
