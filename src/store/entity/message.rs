//! Table `messages`.

use sea_orm::entity::prelude::*;

use crate::{
    message::{Content, ContentKind, FollowUpPolicy, MessageState, OnDuplicate, OnUnknown, Priority},
    settings::DeliveryMode,
    store::column::{CleanText, JsonText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) caller: CleanText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) idempotency_key: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) request_digest: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) content: JsonText<Option<Content>>,
    #[sea_orm(column_type = "Text")]
    pub(crate) rendered: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: Named<MessageState>,
    pub(crate) created_at: DateTimeUtc,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) msg_type: Option<Named<ContentKind>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) mode: Option<Named<DeliveryMode>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) on_unknown: Option<Named<OnUnknown>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) on_duplicate: Option<Named<OnDuplicate>>,
    pub(crate) updated_at: Option<DateTimeUtc>,
    pub(crate) expires_at: Option<DateTimeUtc>,
    pub(crate) erased_at: Option<DateTimeUtc>,
    pub(crate) recalled_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) recalled_by: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) content_digest: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) resend_of: Option<UuidText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) named_by: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) follow_up: Option<Named<FollowUpPolicy>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) priority: Option<Named<Priority>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
