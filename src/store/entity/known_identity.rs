//! Table `known_identities`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "known_identities")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) identity_key: String,
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
    pub(crate) first_seen: DateTimeUtc,
    pub(crate) last_seen: DateTimeUtc,
    pub(crate) linked: bool,
    #[sea_orm(column_type = "Text")]
    pub(crate) status: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid: Option<String>,
    pub(crate) judged_revision: i64,
    pub(crate) judged_links: i64,
    pub(crate) judged_settings: i64,
    pub(crate) version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
