//! Table `message_templates`.

use sea_orm::entity::prelude::*;

use crate::{
    message::Content,
    store::column::{CleanText, JsonText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message_templates")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) name: CleanText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) description: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) content: JsonText<Content>,
    pub(crate) version: i64,
    pub(crate) updated_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) updated_by: CleanText,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
