//! Table `departments`.

use sea_orm::entity::prelude::*;

use crate::{
    directory::{GoneCause, RecordState, UserId},
    store::column::{CleanText, JsonText, Named, RawText},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "departments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) dept_id: i64,
    pub(crate) parent_id: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: CleanText,
    pub(crate) sort_order: Option<i64>,
    pub(crate) hide_dept: Option<bool>,
    pub(crate) outer_dept: Option<bool>,
    pub(crate) create_dept_group: Option<bool>,
    pub(crate) auto_add_user: Option<bool>,
    #[sea_orm(column_type = "Text")]
    pub(crate) manager_userids: JsonText<Vec<UserId>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) org_dept_owner: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) dept_group_chat_id: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) source_identifier: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) brief: Option<CleanText>,
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
