//! The audit log, a page at a time.

use async_graphql::{Context, InputObject, Object};

use super::object::{AuditAction, AuditEntry, LOG};
use crate::{
    audit::AuditQuery,
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            connection::{connection, int},
            paging::{PageArgs, Paging},
        },
        scalars::DateTime,
        services::ContextExt,
    },
};

/// Which entries. All given conditions must hold.
#[derive(Default, InputObject)]
pub struct AuditLogFilter {
    /// What this subject did.
    subject: Option<String>,
    /// Any of these actions; null, absent or empty: all.
    actions: Option<Vec<AuditAction>>,
    /// What was done to this, as an entry's `target` has it.
    target: Option<String>,
    /// Not before then.
    since: Option<DateTime>,
    /// Before then.
    until: Option<DateTime>,
}

impl From<AuditLogFilter> for AuditQuery {
    fn from(filter: AuditLogFilter) -> Self {
        let actions = filter.actions.unwrap_or_default();
        Self {
            subject: filter.subject,
            actions: actions.into_iter().map(Into::into).collect(),
            target: filter.target,
            since: filter.since.map(Into::into),
            until: filter.until.map(Into::into),
        }
    }
}

connection! {
    /// A page of the audit log.
    AuditEntryConnection, AuditEntryEdge, AuditEntry, AuditQuery, |this, ctx| {
        let store = &ctx.services().store;
        store.count_audit_log(&this.extra).await.map(int).map_err(ApiError::from)
    }
}

/// Queries for the audit log.
#[derive(Default)]
pub struct AuditQueries;

#[Object]
impl AuditQueries {
    /// The audit log, newest first: who changed the settings, links, templates and API keys, decided removals, asked
    /// for syncs, took messages back or sent them again, exported or imported, when, and from where. Each change is
    /// written together with its entry; entries are never changed, and forgotten when they are older than the operator
    /// keeps them. Needs `settings:read`.
    #[graphql(tag = "asks")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
        #[graphql(desc = "Only such entries.")] filter: Option<AuditLogFilter>,
    ) -> Option<Result<AuditEntryConnection, ApiError>> {
        let args = PageArgs::new(first, after, last, before);
        Some(entries(ctx, &args, filter.unwrap_or_default()).await)
    }
}

async fn entries(ctx: &Context<'_>, args: &PageArgs, filter: AuditLogFilter) -> Result<AuditEntryConnection, ApiError> {
    require(ctx, Permission::SettingsRead)?;
    let paging = Paging::<i64>::new(LOG, args, 50)?;
    let query = AuditQuery::from(filter);
    let store = &ctx.services().store;
    let page = store.audit_log(&query, paging.request()).await?.map(AuditEntry::new);

    let listing = paging.listing(page, AuditEntry::number);
    Ok(AuditEntryConnection { listing, extra: query })
}
