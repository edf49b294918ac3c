//! Table `token_revocations`.

use sea_orm::entity::prelude::*;

use crate::store::column::{CleanText, UuidText};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token_revocations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) issuer: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) token_id: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) subject: Option<CleanText>,
    pub(crate) issued_before: Option<DateTimeUtc>,
    pub(crate) revoked_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) revoked_by: CleanText,
    pub(crate) over_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
