//! Table `held_removals`.

use sea_orm::entity::prelude::*;

use crate::{
    directory::{EntityKind, GoneCause, HeldState},
    store::column::{CleanText, Named},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "held_removals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) entity: Named<EntityKind>,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) entity_id: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) cause: Named<GoneCause>,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: Named<HeldState>,
    pub(crate) department: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub(crate) reason: CleanText,
    pub(crate) held_at: DateTimeUtc,
    pub(crate) decided_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) decided_by: Option<CleanText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
