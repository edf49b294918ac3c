//! Table `users`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) userid: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) unionid: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) avatar: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) state_code: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) mobile: Option<String>,
    pub(crate) hide_mobile: Option<bool>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) telephone: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) job_number: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) title: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) email: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) org_email: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) work_place: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) remark: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) extension: Option<String>,
    pub(crate) hired_date: Option<i64>,
    pub(crate) active: Option<bool>,
    pub(crate) real_authed: Option<bool>,
    pub(crate) senior: Option<bool>,
    pub(crate) admin: Option<bool>,
    pub(crate) boss: Option<bool>,
    pub(crate) exclusive_account: Option<bool>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) manager_userid: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub(crate) raw: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) gone_cause: Option<String>,
    pub(crate) revision: i64,
    pub(crate) first_seen: DateTimeUtc,
    pub(crate) last_seen: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
