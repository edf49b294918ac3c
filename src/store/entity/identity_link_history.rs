//! Table `identity_link_history`.

use sea_orm::entity::prelude::*;

use crate::{
    identity::LinkAction,
    store::column::{CleanText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_link_history")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) link_id: UuidText,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) actor: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) action: Named<LinkAction>,
    pub(crate) imported: bool,
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
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid_before: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid_after: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) reason: Option<CleanText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
