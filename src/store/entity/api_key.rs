//! Table `api_keys`.

use sea_orm::entity::prelude::*;

use crate::store::column::{CleanText, JsonText, UuidText};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: CleanText,
    /// The claims' texts: a newer version's are left alone.
    #[sea_orm(column_type = "Text")]
    pub(crate) permissions: JsonText<Vec<String>>,
    #[sea_orm(column_type = "Text")]
    pub(crate) secret_hash: String,
    pub(crate) created_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) created_by: CleanText,
    pub(crate) expires_at: DateTimeUtc,
    pub(crate) last_used_at: Option<DateTimeUtc>,
    pub(crate) revoked_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) revoked_by: Option<CleanText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
