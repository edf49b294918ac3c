//! Table `users`.

use sea_orm::entity::prelude::*;

use crate::{
    directory::{GoneCause, RecordState},
    store::column::{CleanText, Named, RawText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) userid: CleanText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) unionid: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: CleanText,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) avatar: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) state_code: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) mobile: Option<CleanText>,
    pub(crate) hide_mobile: Option<bool>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) telephone: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) job_number: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) title: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) email: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) org_email: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) work_place: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) remark: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) extension: Option<CleanText>,
    pub(crate) hired_date: Option<i64>,
    pub(crate) active: Option<bool>,
    pub(crate) real_authed: Option<bool>,
    pub(crate) senior: Option<bool>,
    pub(crate) admin: Option<bool>,
    pub(crate) boss: Option<bool>,
    pub(crate) exclusive_account: Option<bool>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) manager_userid: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) raw: RawText,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: Named<RecordState>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) gone_cause: Option<Named<GoneCause>>,
    pub(crate) revision: i64,
    pub(crate) first_seen: DateTimeUtc,
    pub(crate) last_seen: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
