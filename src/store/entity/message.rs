//! Table `messages`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) caller: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) idempotency_key: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) request_digest: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) content: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) rendered: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: String,
    pub(crate) created_at: DateTimeUtc,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) msg_type: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) mode: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) on_unknown: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) on_duplicate: Option<String>,
    pub(crate) updated_at: Option<DateTimeUtc>,
    pub(crate) expires_at: Option<DateTimeUtc>,
    pub(crate) erased_at: Option<DateTimeUtc>,
    pub(crate) recalled_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) recalled_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) content_digest: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
