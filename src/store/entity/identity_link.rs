//! Table `identity_links`.

use sea_orm::entity::prelude::*;

use crate::store::column::{CleanText, UuidText};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_links")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) username: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) user_key: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) account_id: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) email: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) display_name: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) userid: CleanText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) reason: Option<CleanText>,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) actor: CleanText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
