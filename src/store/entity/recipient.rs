//! Table `recipients`.

use sea_orm::entity::prelude::*;

use crate::{
    identity::{ConfluenceIdentity, ResolutionStatus, Rule},
    message::{Prediction, RecipientState},
    store::column::{CleanText, JsonText, Named, UuidText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "recipients")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) message_id: UuidText,
    pub(crate) position: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) identity: Option<JsonText<ConfluenceIdentity>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) resolution_status: Option<Named<ResolutionStatus>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) userid: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: Named<RecipientState>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) reason: Option<CleanText>,
    pub(crate) task_id: Option<i64>,
    pub(crate) updated_at: DateTimeUtc,
    pub(crate) not_before: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    /// `call_id` of the attempt that has it now, or had it last: a result of another call doesn't reach this row.
    pub(crate) attempt_id: Option<UuidText>,
    pub(crate) claim_expires_at: Option<DateTimeUtc>,
    /// Those after which it is given up; the attempts on record may be more.
    pub(crate) attempts: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) content_digest: Option<String>,
    pub(crate) sent_day: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) prediction: Option<Named<Prediction>>,
    pub(crate) dept_id: Option<i64>,
    pub(crate) repeat_until: Option<DateTimeUtc>,
    pub(crate) repeats: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) resolution_rule: Option<Named<Rule>>,
    /// 1: of a large message, and 0: of a small one, which goes first.
    pub(crate) lane: i32,
    /// How many may share a call with it at most; none: as many as fit.
    pub(crate) together: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
