//! Table `identity_link_history`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_link_history")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) link_id: String,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) actor: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) action: String,
    pub(crate) imported: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) username: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) user_key: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) account_id: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) email: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) display_name: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid_before: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid_after: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
