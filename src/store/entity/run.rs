//! Table `sync_runs`.

use sea_orm::entity::prelude::*;

use crate::{
    catalogue::Statement,
    directory::{PhaseTimes, RunCounts, RunEvidence, RunMode, RunPhase, RunProgress, RunState, RunTrigger, Verdict},
    store::column::{CleanText, JsonText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_runs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: UuidText,
    #[sea_orm(column_type = "Text")]
    pub(crate) trigger_kind: Named<RunTrigger>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) requested_by: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) strategy: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) phase: Named<RunPhase>,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: Named<RunState>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) verdict: Option<Named<Verdict>>,
    #[sea_orm(column_type = "Text")]
    pub(crate) findings: JsonText<Vec<Statement>>,
    pub(crate) started_at: DateTimeUtc,
    pub(crate) finished_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub(crate) progress: JsonText<RunProgress>,
    #[sea_orm(column_type = "Text")]
    pub(crate) counts: JsonText<RunCounts>,
    pub(crate) revision: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) error: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) mode: Named<RunMode>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) plan: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) evidence: Option<JsonText<RunEvidence>>,
    pub(crate) resumed: i32,
    pub(crate) shown_from: Option<i64>,
    pub(crate) number: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) phases: Option<JsonText<Vec<PhaseTimes>>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
