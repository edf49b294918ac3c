//! Table `settings`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i32,
    pub(crate) version: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) agent_id: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app_key: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app_secret_sealed: Option<String>,
    pub(crate) app_secret_set_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub(crate) urls: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) matching_method: String,
    pub(crate) enabled: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) delivery_mode: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) redirect_to: Option<String>,
    pub(crate) updated_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) updated_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) include_departments: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) exclude_departments: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
