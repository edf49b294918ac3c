//! Table `known_identities`.

use sea_orm::entity::prelude::*;

use crate::{
    identity::ResolutionStatus,
    store::column::{CleanText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "known_identities")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) identity_key: CleanText,
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
    pub(crate) first_seen: DateTimeUtc,
    pub(crate) last_seen: DateTimeUtc,
    pub(crate) linked: bool,
    #[sea_orm(column_type = "Text")]
    pub(crate) status: Named<ResolutionStatus>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid: Option<CleanText>,
    pub(crate) judged_revision: i64,
    pub(crate) judged_links: i64,
    pub(crate) judged_settings: i64,
    pub(crate) version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
