//! Table `sync_run_planned_changes`.

use sea_orm::entity::prelude::*;

use crate::{
    directory::{ChangeKind, EntityKind, FieldChange},
    store::column::{CleanText, JsonText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run_planned_changes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) run_id: UuidText,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
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
