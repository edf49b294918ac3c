//! The audit log: an entry is written in the transaction of the change that it is of, read in pages, and forgotten
//! when it is older than it shall be kept. Triggers refuse everything else that would change it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set, sea_query::Order,
};

use super::{
    column::{CleanText, JsonText, Named},
    entity::{
        audit_log::{ActiveModel, Column, Entity, Model},
        mark,
    },
    error::{StoreError, corrupt},
    handle::Store,
    marks,
    paging::paged,
    transaction::Transaction,
};
use crate::{
    audit::{AuditEntry, AuditQuery, Author, Deed, Origin, Proof},
    page::{Page, PageRequest},
};

/// Entries forgotten at once.
const CHUNK: u64 = 1_000;

/// While this mark stands, the triggers of `audit_log` let a deletion pass.
const FORGETS: &str = "audit-log-forgets";

impl Store {
    /// Writes an entry of what changed nothing in the database.
    pub async fn note_deed(&self, deed: &Deed) -> Result<(), StoreError> {
        repeated!(async {
            let transaction = self.begin().await?;
            note(&transaction, deed, self.clock.now()).await?;
            Ok(transaction.commit().await?)
        })
    }

    /// What was done, newest first; the cursor is the entry's number.
    pub async fn audit_log(&self, query: &AuditQuery, page: PageRequest<i64>) -> Result<Page<AuditEntry>, StoreError> {
        let found = paged(select(query), (Column::Id, Order::Desc), &page);
        let rows = found.all(&self.read).await?;
        let entries = rows.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_overfetched(entries, &page))
    }

    /// How many entries there are of what was done.
    pub async fn count_audit_log(&self, query: &AuditQuery) -> Result<u64, StoreError> {
        Ok(select(query).count(&self.read).await?)
    }

    /// Forgets some entries from before `before`; how many.
    pub async fn forget_audit_log(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let old: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::At.lt(before))
            .order_by_asc(Column::At)
            .limit(CHUNK)
            .into_tuple()
            .all(&self.read)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }

        repeated!(async {
            let transaction = self.begin().await?;
            allow_deletion(&transaction).await?;
            let deletion = Entity::delete_many().filter(Column::Id.is_in(old.clone()));
            let forgotten = deletion.exec(&transaction).await?.rows_affected;
            end_deletion(&transaction).await?;
            transaction.commit().await?;
            Ok(forgotten)
        })
    }
}

/// Appends an entry, written at `at`.
pub(super) async fn note(transaction: &Transaction, deed: &Deed, at: DateTime<Utc>) -> Result<(), StoreError> {
    let (proof, detail) = match &deed.by.proof {
        Proof::Token { issuer } => (TOKEN, Some(issuer.to_string())),
        Proof::ApiKey(id) => (API_KEY, Some(id.to_string())),
        Proof::CommandLine { account } => (COMMAND_LINE, Some(account.clone())),
        Proof::Program => (PROGRAM, None),
    };
    let details = deed.details.iter();
    let details = details.map(|(name, value)| ((*name).to_owned(), value.clone()));
    let origin = deed.by.origin.as_ref();

    let row = ActiveModel {
        id: sea_orm::NotSet,
        at: Set(at),
        action: Set(Named(deed.action)),
        target: Set(CleanText::of(deed.target.as_ref())),
        details: Set(JsonText(details.collect())),
        subject: Set(CleanText::from(&deed.by.subject)),
        proof: Set(proof.to_owned()),
        proof_detail: Set(detail.map(CleanText::from)),
        address: Set(origin.and_then(|it| it.address).map(|address| address.to_string())),
        request_id: Set(origin.map(|it| CleanText::from(&*it.request))),
    };
    Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(())
}

/// From here on this transaction may delete entries, and no other one.
pub(super) async fn allow_deletion(transaction: &Transaction) -> Result<(), StoreError> {
    marks::put(transaction, FORGETS, "").await
}

/// Nobody may any more.
pub(super) async fn end_deletion(transaction: &Transaction) -> Result<(), StoreError> {
    mark::Entity::delete_by_id(FORGETS).exec(transaction).await?;
    Ok(())
}

const TOKEN: &str = "TOKEN";
const API_KEY: &str = "API_KEY";
const COMMAND_LINE: &str = "COMMAND_LINE";
const PROGRAM: &str = "PROGRAM";

fn select(query: &AuditQuery) -> Select<Entity> {
    let mut found = Entity::find();
    if let Some(subject) = &query.subject {
        found = found.filter(Column::Subject.eq(CleanText::from(subject)));
    }
    if !query.actions.is_empty() {
        found = found.filter(Column::Action.is_in(query.actions.iter().copied().map(Named)));
    }
    if let Some(target) = &query.target {
        found = found.filter(Column::Target.eq(CleanText::from(target)));
    }
    if let Some(since) = query.since {
        found = found.filter(Column::At.gte(since));
    }
    if let Some(until) = query.until {
        found = found.filter(Column::At.lt(until));
    }
    found
}

fn entry(row: Model) -> Result<AuditEntry, StoreError> {
    let detail = row.proof_detail.map(String::from).unwrap_or_default();
    let proof = match row.proof.as_str() {
        TOKEN => Proof::Token { issuer: detail.into() },
        API_KEY => Proof::ApiKey(
            detail
                .parse()
                .map_err(|error| corrupt("audit_log.proof_detail", error))?,
        ),
        COMMAND_LINE => Proof::CommandLine { account: detail },
        _ => Proof::Program,
    };
    let address = row.address.and_then(|text| text.parse().ok());
    let origin = row.request_id.map(|request| Origin {
        address,
        request: Arc::from(request.as_str()),
    });

    Ok(AuditEntry {
        id: row.id,
        at: row.at,
        action: row.action.0,
        target: row.target.map(String::from),
        details: row.details.0,
        by: Author {
            subject: row.subject.into(),
            proof,
            origin,
        },
    })
}
