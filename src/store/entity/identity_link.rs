//! Table `identity_links`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_links")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: String,
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
    #[sea_orm(column_type = "Text")]
    pub(crate) userid: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) reason: Option<String>,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) actor: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
