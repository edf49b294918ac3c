//! Table `audit_log`.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;

use crate::{
    audit::AuditAction,
    store::column::{CleanText, JsonText, Named},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub(crate) action: Named<AuditAction>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) target: Option<CleanText>,
    #[sea_orm(column_type = "Text")]
    pub(crate) details: JsonText<BTreeMap<String, String>>,
    #[sea_orm(column_type = "Text")]
    pub(crate) subject: CleanText,
    #[sea_orm(column_type = "Text")]
    pub(crate) proof: String,
    /// The issuer, the key's id, or the account.
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) proof_detail: Option<CleanText>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) address: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub(crate) request_id: Option<CleanText>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
