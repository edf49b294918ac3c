//! The Confluence identities that are known, and what each came to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Alias, Expr, Func, OnConflict},
};
use serde_json::{Value, json};

use super::{
    changes,
    column::{CleanText, Named, UuidText},
    entity::{identity_version, known_identity},
    error::StoreError,
    handle::Store,
    links::VERSIONS_ROW,
    revision::take_revision,
};
use crate::{
    directory::{Cause, Change, ChangeKind, ChangedEntity, FieldChange, Revision, UserId},
    identity::{ConfluenceIdentity, JudgedBy, KnownIdentity, MatchOutcome, OutcomeChange},
};

/// Rows a statement.
const CHUNK: usize = 1_000;
/// Rows read at once: another process may have written a hundred thousand.
const PAGE: u64 = 20_000;

/// What the followers compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IdentityVersions {
    /// Of the links.
    pub links: i64,
    /// Of the known identities.
    pub known: i64,
}

impl Store {
    /// The versions that stand in the database.
    pub async fn identity_versions(&self) -> Result<IdentityVersions, StoreError> {
        let row = identity_version::Entity::find_by_id(VERSIONS_ROW)
            .one(&self.read)
            .await?;
        Ok(row.map_or_else(IdentityVersions::default, |row| IdentityVersions {
            links: row.links,
            known: row.known,
        }))
    }

    /// Known identities whose row changed after version `after`, and the version that they show; at most some thousands
    /// at once, so call it again until nothing comes.
    pub async fn load_known(&self, after: i64) -> Result<(i64, Vec<KnownIdentity>), StoreError> {
        repeated!(async {
            use known_identity::Column;
            let transaction = self.begin_read().await?;
            let present = identity_version::Entity::find_by_id(VERSIONS_ROW)
                .one(&transaction)
                .await?
                .map_or(0, |row| row.known);
            let mut rows = known_identity::Entity::find()
                .filter(Column::Version.gt(after))
                .order_by_asc(Column::Version)
                .limit(PAGE)
                .all(&transaction)
                .await?;

            let mut version = present;
            if rows.len() as u64 == PAGE {
                // The rows of the last version may go on behind the page: take all of that version.
                version = rows.last().map_or(present, |row| row.version);
                rows.retain(|row| row.version < version);
                let last = known_identity::Entity::find().filter(Column::Version.eq(version));
                rows.extend(last.all(&transaction).await?);
            }

            transaction.commit().await?;
            let known = rows.into_iter().map(known).collect();
            Ok((version, known))
        })
    }

    /// Writes identities that were asked for or linked. One that is there keeps its id, its first time and its outcome,
    /// and what `seen` doesn't say of it: another process may have learned that, and this one not have heard of it yet.
    pub async fn save_known(&self, seen: &[KnownIdentity]) -> Result<(), StoreError> {
        repeated!(async {
            // The same key twice in one statement is an error on Postgres.
            let rows: BTreeMap<CleanText, &KnownIdentity> = seen
                .iter()
                .filter_map(|known| Some((CleanText::from(known.identity.surest_key()?), known)))
                .collect();
            if rows.is_empty() {
                return Ok(());
            }

            let transaction = self.begin().await?;
            let version = take_known_version(&transaction).await?;
            let rows: Vec<_> = rows.into_iter().map(|(key, known)| row(key, known, version)).collect();

            for chunk in rows.chunks(CHUNK) {
                use known_identity::Column;
                let said = [
                    Column::Username,
                    Column::UserKey,
                    Column::AccountId,
                    Column::Email,
                    Column::DisplayName,
                ];

                let update = OnConflict::column(Column::IdentityKey)
                    .values(said.map(|column| (column, said_or_kept(column))))
                    .update_columns([Column::LastSeen, Column::Linked, Column::Version])
                    .to_owned();
                known_identity::Entity::insert_many(chunk.to_vec())
                    .on_conflict(update)
                    .exec_without_returning(&transaction)
                    .await?;
            }
            Ok(transaction.commit().await?)
        })
    }

    /// Records who is somebody else than they were, and appends that to the change log under the next revision. What
    /// another process has recorded already, or judged by something newer, is left out; how many were recorded.
    pub async fn record_outcomes(&self, changed: &[OutcomeChange], cause: Cause) -> Result<usize, StoreError> {
        repeated!(async {
            use known_identity::Column;
            let at = self.clock.now();
            let transaction = self.begin().await?;
            let version = take_known_version(&transaction).await?;

            let mut entries = Vec::new();
            for change in changed {
                let (before, after, by) = (&change.before, &change.after, &change.judged_by);
                let userid = |outcome: &MatchOutcome| outcome.user.as_ref().map(|id| CleanText::from(id.as_str()));
                let mut update = known_identity::Entity::update_many()
                    .col_expr(Column::Status, Expr::val(Named(after.status)))
                    .col_expr(Column::Userid, Expr::val(userid(after)))
                    .col_expr(Column::JudgedRevision, Expr::val(by.revision))
                    .col_expr(Column::JudgedLinks, Expr::val(by.links))
                    .col_expr(Column::JudgedSettings, Expr::val(by.settings))
                    .col_expr(Column::Version, Expr::val(version))
                    .filter(Column::Id.eq(UuidText(change.id)))
                    .filter(Column::Status.eq(Named(before.status)))
                    .filter(Column::JudgedRevision.lte(by.revision))
                    .filter(Column::JudgedLinks.lte(by.links))
                    .filter(Column::JudgedSettings.lte(by.settings));
                update = match userid(before) {
                    Some(id) => update.filter(Column::Userid.eq(id)),
                    None => update.filter(Column::Userid.is_null()),
                };

                if update.exec(&transaction).await?.rows_affected == 1 {
                    entries.push(entry(change));
                }
            }

            if entries.is_empty() {
                // Rolled back: a new version would have every follower read for nothing.
                drop(transaction);
                return Ok(0);
            }

            let revision: Revision = take_revision(&transaction).await?;
            changes::append(&transaction, &entries, revision, at, &cause).await?;
            transaction.commit().await?;
            Ok(entries.len())
        })
    }

    /// Forgets whom nobody asked for since `cutoff` and no link names; how many.
    pub async fn forget_known(&self, cutoff: DateTime<Utc>) -> Result<u64, StoreError> {
        use known_identity::Column;
        let forgotten = known_identity::Entity::delete_many()
            .filter(Column::LastSeen.lt(cutoff))
            .filter(Column::Linked.eq(false))
            .exec(&self.write)
            .await?;
        Ok(forgotten.rows_affected)
    }
}

/// The new value of a column, or where that says nothing the one that stands there.
fn said_or_kept(column: known_identity::Column) -> Expr {
    let (new, old) = (
        Expr::col((Alias::new("excluded"), column)),
        Expr::col((known_identity::Entity, column)),
    );
    Func::coalesce([new, old]).into()
}

/// The next version of the known identities, and with it the right to write them.
async fn take_known_version(db: &impl ConnectionTrait) -> Result<i64, StoreError> {
    use identity_version::Column;
    identity_version::Entity::update_many()
        .col_expr(Column::Known, Expr::col(Column::Known).add(1_i64))
        .filter(Column::Id.eq(VERSIONS_ROW))
        .exec(db)
        .await?;
    let row = identity_version::Entity::find_by_id(VERSIONS_ROW).one(db).await?;
    row.map(|row| row.known)
        .ok_or_else(|| StoreError::Corrupt("identity_versions has no row".to_owned()))
}

/// The log's entry: both fields, for a match is both.
fn entry(change: &OutcomeChange) -> Change {
    let userid = |outcome: &MatchOutcome| outcome.user.as_ref().map_or(Value::Null, |id| json!(id.as_str()));
    let field = |field: &str, before: Value, after: Value| FieldChange {
        field: field.to_owned(),
        before,
        after,
    };

    let (before, after) = (&change.before, &change.after);
    Change {
        entity: ChangedEntity::Identity(change.id),
        kind: ChangeKind::Updated,
        fields: vec![
            field("match_status", json!(before.status), json!(after.status)),
            field("match_userid", userid(before), userid(after)),
        ],
    }
}

fn row(key: CleanText, known: &KnownIdentity, version: i64) -> known_identity::ActiveModel {
    let identity = &known.identity;
    known_identity::ActiveModel {
        id: Set(known.id.into()),
        identity_key: Set(key),
        username: Set(CleanText::of(identity.username.as_ref())),
        user_key: Set(CleanText::of(identity.user_key.as_ref())),
        account_id: Set(CleanText::of(identity.account_id.as_ref())),
        email: Set(CleanText::of(identity.email.as_ref())),
        display_name: Set(CleanText::of(identity.display_name.as_ref())),
        first_seen: Set(known.first_seen),
        last_seen: Set(known.last_seen),
        linked: Set(known.linked),
        status: Set(Named(known.outcome.status)),
        userid: Set(known.outcome.user.as_ref().map(|id| CleanText::from(id.as_str()))),
        judged_revision: Set(known.judged_by.revision),
        judged_links: Set(known.judged_by.links),
        judged_settings: Set(known.judged_by.settings),
        version: Set(version),
    }
}

fn known(row: known_identity::Model) -> KnownIdentity {
    KnownIdentity {
        id: row.id.into(),
        identity: ConfluenceIdentity {
            username: row.username.map(String::from),
            user_key: row.user_key.map(String::from),
            account_id: row.account_id.map(String::from),
            email: row.email.map(String::from),
            display_name: row.display_name.map(String::from),
        },
        first_seen: row.first_seen,
        last_seen: row.last_seen,
        linked: row.linked,
        outcome: MatchOutcome {
            status: row.status.0,
            user: row.userid.map(UserId::from),
        },
        judged_by: JudgedBy {
            revision: row.judged_revision,
            links: row.judged_links,
            settings: row.judged_settings,
        },
    }
}
