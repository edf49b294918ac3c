//! Table `dingtalk_events`.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    directory::{DeptId, EventChannel, EventKind, UserId},
    store::column::{CleanText, JsonText, Named},
};

/// Whether an event was acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum EventState {
    /// It waits.
    Pending,
    /// It was, or it was given up.
    Done,
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dingtalk_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) seq: i64,
    #[sea_orm(column_type = "Text", unique)]
    pub(crate) event_key: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) channel: Named<EventChannel>,
    #[sea_orm(column_type = "Text")]
    pub(crate) kind: Named<EventKind>,
    #[sea_orm(column_type = "Text")]
    pub(crate) users: JsonText<Vec<UserId>>,
    #[sea_orm(column_type = "Text")]
    pub(crate) departments: JsonText<Vec<DeptId>>,
    pub(crate) born_at: Option<DateTimeUtc>,
    pub(crate) received_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: Named<EventState>,
    pub(crate) done_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
