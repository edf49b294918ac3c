//! Table `attempts`.

use sea_orm::entity::prelude::*;

use crate::{
    message::{AttemptOutcome, FollowUpPolicy, RecallState},
    store::column::{CleanText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) message_id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) owner: String,
    pub(crate) recipients: i64,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) finished_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) outcome: Option<Named<AttemptOutcome>>,
    pub(crate) task_id: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) code: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) detail: Option<CleanText>,
    pub(crate) checked_at: Option<DateTimeUtc>,
    pub(crate) follow_up_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) call_id: Option<UuidText>,
    pub(crate) checks: Option<i64>,
    pub(crate) progress: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) recall_state: Option<Named<RecallState>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) recall_detail: Option<CleanText>,
    pub(crate) recall_at: Option<DateTimeUtc>,
    pub(crate) recall_tries: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) follow_up: Option<Named<FollowUpPolicy>>,
    pub(crate) in_doubt: Option<bool>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
