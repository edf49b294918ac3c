//! Table `changes`.

use sea_orm::entity::prelude::*;

use crate::{
    directory::{ChangeKind, EntityKind, FieldChange},
    store::column::{CleanText, JsonText, Named},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
    pub(crate) revision: i64,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) cause_kind: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) cause: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) entity: Named<EntityKind>,
    #[sea_orm(column_type = "Text")]
    pub(crate) entity_id: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) kind: Named<ChangeKind>,
    #[sea_orm(column_type = "Text")]
    pub(crate) fields: JsonText<Vec<FieldChange>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
