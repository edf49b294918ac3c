//! The directory's rows: loaded whole or since a revision, and written by one transaction a batch.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use super::{
    changes,
    connect::Store,
    entity::{department, membership, revision, user},
    error::StoreError,
    held,
    lease::{Lease, check_fence, extend},
    rows,
    text::without_nul,
    transaction::Transaction,
};
use crate::directory::{Cause, ChangeSet, Department, Membership, Revision, User};

/// Rows a statement: well below SQLite's 32,766 binds with 28 columns each.
const CHUNK: usize = 1_000;

/// The row of `mirror_revision`.
const REVISION_ROW: i32 = 1;

/// What was read at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedDirectory {
    /// The revision of that moment.
    pub revision: Revision,
    /// Departments, gone ones included.
    pub departments: Vec<Department>,
    /// Users with their memberships, gone ones included.
    pub users: Vec<User>,
}

impl Store {
    /// Everything, as of one moment: for a cold start.
    pub async fn load_directory(&self) -> Result<LoadedDirectory, StoreError> {
        self.load_since(-1).await
    }

    /// Records whose revision is greater than `after`, as of one moment.
    pub async fn load_since(&self, after: Revision) -> Result<LoadedDirectory, StoreError> {
        repeated!(async {
            let transaction = self.begin_read().await?;
            let revision = present_revision(&transaction).await?;
            let departments = department::Entity::find()
                .filter(department::Column::Revision.gt(after))
                .order_by_asc(department::Column::DeptId)
                .all(&transaction)
                .await?;
            let users = user::Entity::find()
                .filter(user::Column::Revision.gt(after))
                .order_by_asc(user::Column::Userid)
                .all(&transaction)
                .await?;
            let mut memberships = memberships_of(&transaction, after, &users).await?;
            transaction.commit().await?;
            Ok(LoadedDirectory {
                revision,
                departments: departments
                    .into_iter()
                    .map(rows::department)
                    .collect::<Result<_, _>>()?,
                users: users
                    .into_iter()
                    .map(|row| {
                        let of_user = memberships.remove(&row.userid).unwrap_or_default();
                        rows::user(row, of_user)
                    })
                    .collect::<Result<_, _>>()?,
            })
        })
    }

    /// The revision that the mirror stands at.
    pub async fn current_revision(&self) -> Result<Revision, StoreError> {
        present_revision(&self.read).await
    }

    /// Writes a batch in one transaction: the next revision is taken and stamped on its records, their rows and memberships
    /// are replaced, and the log is appended. An empty set takes no revision and writes nothing.
    ///
    /// With `fence`, the lease must still hold inside the transaction, else [`StoreError::LeaseLost`] and nothing is written.
    pub async fn apply(
        &self,
        set: ChangeSet,
        cause: Cause,
        fence: Option<&Lease>,
    ) -> Result<Option<Revision>, StoreError> {
        self.apply_on(None, set, cause, fence).await
    }

    /// As [`Store::apply`], but only on the revision that the batch was planned against: otherwise
    /// [`StoreError::VersionConflict`], nothing is written, and the batch is to be planned anew.
    pub async fn apply_on(
        &self,
        base: Option<Revision>,
        set: ChangeSet,
        cause: Cause,
        fence: Option<&Lease>,
    ) -> Result<Option<Revision>, StoreError> {
        repeated!(async {
            if set.is_empty() && fence.is_none() {
                return Ok(None);
            }
            let transaction = self.begin().await?;
            if let Some(lease) = fence {
                // Nothing to write is no answer to somebody who has lost the right to it.
                check_fence(&transaction, lease).await?;
            }
            if set.is_empty() {
                drop(transaction);
                return Ok(None);
            }
            let at = self.clock.now();
            let revision = take_revision(&transaction).await?;
            if let Some(expected) = base.filter(|base| base + 1 != revision) {
                drop(transaction);
                return Err(StoreError::VersionConflict {
                    expected,
                    actual: revision - 1,
                });
            }
            // The same key twice in one statement is an error on Postgres: the last one stands, as one after the other would.
            let departments: BTreeMap<_, _> = set.departments.iter().map(|d| (d.facts.dept_id, d)).collect();
            let users: BTreeMap<_, _> = set
                .users
                .iter()
                .map(|u| (without_nul(u.facts.userid.as_str()), u))
                .collect();
            write_departments(&transaction, departments.into_values(), revision).await?;
            write_users(&transaction, &users, revision).await?;
            changes::append(&transaction, &set.changes, revision, at, &cause).await?;
            held::release(
                &transaction,
                set.changes.iter().map(|it| (it.entity, it.entity_id.as_str())),
            )
            .await?;
            held::put(&transaction, &set.held).await?;
            if let Some(lease) = fence {
                extend(&transaction, lease).await?;
            }
            transaction.commit().await?;
            Ok(Some(revision))
        })
    }
}

/// The next revision, and with it the right to write: whoever comes second waits for the first one's commit.
pub(super) async fn take_revision(transaction: &Transaction) -> Result<Revision, StoreError> {
    use sea_orm::ExprTrait;
    revision::Entity::update_many()
        .col_expr(
            revision::Column::Revision,
            Expr::col(revision::Column::Revision).add(1_i64),
        )
        .filter(revision::Column::Id.eq(REVISION_ROW))
        .exec(transaction)
        .await?;
    present_revision(transaction).await
}

async fn present_revision(db: &impl sea_orm::ConnectionTrait) -> Result<Revision, StoreError> {
    let row = revision::Entity::find_by_id(REVISION_ROW).one(db).await?;
    row.map(|row| row.revision)
        .ok_or_else(|| StoreError::Corrupt("mirror_revision has no row".to_owned()))
}

async fn memberships_of(
    transaction: &Transaction,
    after: Revision,
    users: &[user::Model],
) -> Result<HashMap<String, Vec<Membership>>, StoreError> {
    let mut found: HashMap<String, Vec<Membership>> = HashMap::with_capacity(users.len());
    // A cold start wants them all; a tail only those of its users.
    let mut rows = Vec::new();
    if after < 0 {
        rows = membership::Entity::find().all(transaction).await?;
    } else {
        for chunk in users.chunks(CHUNK) {
            let ids = chunk.iter().map(|user| user.userid.as_str());
            rows.extend(
                membership::Entity::find()
                    .filter(membership::Column::Userid.is_in(ids))
                    .all(transaction)
                    .await?,
            );
        }
    }
    for row in rows {
        let value = rows::membership(&row);
        found.entry(row.userid).or_default().push(value);
    }
    Ok(found)
}

async fn write_departments(
    transaction: &Transaction,
    departments: impl Iterator<Item = &Department>,
    revision: Revision,
) -> Result<(), StoreError> {
    let rows: Vec<_> = departments
        .map(|record| rows::department_row(record, revision))
        .collect();
    for chunk in rows.chunks(CHUNK) {
        let columns = department::Column::iter().filter(|c| !matches!(c, department::Column::DeptId));
        department::Entity::insert_many(chunk.to_vec())
            .on_conflict(
                OnConflict::column(department::Column::DeptId)
                    .update_columns(columns)
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

async fn write_users(
    transaction: &Transaction,
    users: &BTreeMap<String, &User>,
    revision: Revision,
) -> Result<(), StoreError> {
    let records: Vec<&User> = users.values().copied().collect();
    for chunk in records.chunks(CHUNK) {
        let rows = chunk.iter().map(|record| rows::user_row(record, revision));
        let columns = user::Column::iter().filter(|c| !matches!(c, user::Column::Userid));
        user::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(user::Column::Userid)
                    .update_columns(columns)
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
        let ids = chunk.iter().map(|record| without_nul(record.facts.userid.as_str()));
        membership::Entity::delete_many()
            .filter(membership::Column::Userid.is_in(ids))
            .exec(transaction)
            .await?;
        let memberships: Vec<_> = chunk
            .iter()
            .flat_map(|record| {
                let by_dept: BTreeMap<_, _> = record.facts.memberships.iter().map(|m| (m.dept_id, m)).collect();
                by_dept
                    .into_values()
                    .map(|m| rows::membership_row(&record.facts.userid, m))
                    .collect::<Vec<_>>()
            })
            .collect();
        for rows in memberships.chunks(CHUNK) {
            membership::Entity::insert_many(rows.to_vec())
                .exec_without_returning(transaction)
                .await?;
        }
    }
    Ok(())
}
