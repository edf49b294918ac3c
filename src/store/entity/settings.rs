//! Table `settings`.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;

use crate::{
    settings::{Api, DeliveryMode, MatchingMethod},
    store::column::{CleanText, JsonText, Named},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i32,
    pub(crate) version: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) agent_id: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app_key: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) app_secret_sealed: Option<String>,
    pub(crate) app_secret_set_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub(crate) urls: JsonText<BTreeMap<Api, Option<String>>>,
    #[sea_orm(column_type = "Text")]
    pub(crate) matching_method: Named<MatchingMethod>,
    pub(crate) enabled: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) delivery_mode: Option<Named<DeliveryMode>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) redirect_to: Option<CleanText>,
    pub(crate) updated_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) updated_by: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) include_departments: Option<JsonText<BTreeSet<i64>>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) exclude_departments: Option<JsonText<BTreeSet<i64>>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
