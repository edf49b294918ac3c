//! The directory's rows, written by one transaction a batch.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, sea_query::OnConflict};

use super::{
    audit, changes,
    column::CleanText,
    entity::{department, membership, user},
    error::StoreError,
    handle::Store,
    held,
    lease::{Lease, check_fence, extend},
    readings,
    revision::{hold_revision, present_revision, take_revision},
    rows,
    transaction::Transaction,
};
use crate::{
    audit::Deed,
    directory::{AskTimes, Cause, ChangeSet, Department, Revision, Trace, User},
};

/// Values that a statement of SQLite may have; Postgres takes twice as many (<https://www.sqlite.org/limits.html>, 9).
const MOST_BINDS: usize = 32_766;

/// So many rows a statement take.
fn rows_at_once<E: EntityTrait>() -> usize {
    (MOST_BINDS / E::Column::iter().count()).min(1_000)
}

impl Store {
    /// The revision that the mirror stands at.
    pub async fn current_revision(&self) -> Result<Revision, StoreError> {
        present_revision(&self.read).await
    }

    /// Writes a batch in one transaction: the next revision is taken and stamped on its records, their rows and
    /// memberships are replaced, and the log is appended. An empty set takes no revision and writes nothing.
    ///
    /// With `fence`, the lease must still hold inside the transaction, else [`StoreError::LeaseLost`] and nothing is
    /// written.
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
        self.apply_read(base, set, cause, fence, None).await
    }

    /// As [`Store::apply_on`], of what somebody decided: the audit log has it where it changes anything.
    pub async fn apply_decided(
        &self,
        base: Revision,
        set: ChangeSet,
        cause: Cause,
        deed: &Deed,
    ) -> Result<Option<Revision>, StoreError> {
        self.write_batch((Some(base), set, cause), None, None, Some(deed)).await
    }

    /// As [`Store::apply_on`], of a batch that was read: it leaves a [`Trace`] for others to compare their readings
    /// with, also where it changes nothing. Where somebody else's reading of one of its records may be newer, it is
    /// [`StoreError::VersionConflict`], too.
    pub async fn apply_read(
        &self,
        base: Option<Revision>,
        set: ChangeSet,
        cause: Cause,
        fence: Option<&Lease>,
        read: Option<(&AskTimes, &Trace)>,
    ) -> Result<Option<Revision>, StoreError> {
        self.write_batch((base, set, cause), fence, read, None).await
    }

    async fn write_batch(
        &self,
        (base, set, cause): (Option<Revision>, ChangeSet, Cause),
        fence: Option<&Lease>,
        read: Option<(&AskTimes, &Trace)>,
        deed: Option<&Deed>,
    ) -> Result<Option<Revision>, StoreError> {
        repeated!(async {
            if set.is_empty() && fence.is_none() && read.is_none() {
                return Ok(None);
            }

            let transaction = self.begin().await?;
            if let Some(lease) = fence {
                // Nothing to write is no answer to somebody who has lost the right to it.
                check_fence(&transaction, lease).await?;
            }

            if set.is_empty() {
                if let Some((_, trace)) = read {
                    // Held like a change: nobody writes what is older between this look and its commit.
                    hold_revision(&transaction).await?;
                    let at = self.clock.now();
                    let actual = present_revision(&transaction).await?;
                    if let Some(expected) = base.filter(|base| *base != actual) {
                        drop(transaction);
                        return Err(StoreError::VersionConflict { expected, actual });
                    }
                    readings::note(&transaction, trace, at).await?;
                    transaction.commit().await?;
                }
                return Ok(None);
            }

            let revision = take_revision(&transaction).await?;
            // Behind the wait for its turn: whoever asks for what came since a time misses no batch that had to wait.
            let at = self.clock.now();
            if let Some(expected) = base.filter(|base| base + 1 != revision) {
                drop(transaction);
                return Err(StoreError::VersionConflict {
                    expected,
                    actual: revision - 1,
                });
            }

            if let Some((asked, _)) = read
                && is_overtaken(&set, asked, &transaction).await?
            {
                // The revision is the expected one: what is newer is a reading, which may have changed nothing.
                drop(transaction);
                let actual = revision - 1;
                return Err(StoreError::VersionConflict {
                    expected: actual,
                    actual,
                });
            }

            // The same key twice in one statement is an error on Postgres: the last one stands, as one after the other
            // would.
            let departments: BTreeMap<_, _> = set.departments.iter().map(|d| (d.facts.dept_id, d)).collect();
            let users: BTreeMap<_, _> = set
                .users
                .iter()
                .map(|u| (CleanText::from(u.facts.userid.as_str()), u))
                .collect();

            write_departments(&transaction, departments.into_values(), revision).await?;
            write_users(&transaction, &users, revision).await?;
            changes::append(&transaction, &set.changes, revision, at, &cause).await?;
            held::release(&transaction, set.changes.iter().map(|it| &it.entity)).await?;
            held::put(&transaction, &set.held).await?;

            if let Some((_, trace)) = read {
                readings::note(&transaction, trace, at).await?;
            }
            if let Some(lease) = fence {
                extend(&transaction, lease).await?;
            }
            if let Some(deed) = deed {
                let deed = deed.clone().with("revision", revision);
                audit::note(&transaction, &deed, at).await?;
            }
            transaction.commit().await?;
            Ok(Some(revision))
        })
    }
}

/// Whether one of the batch's records was read by somebody else since it was asked for.
async fn is_overtaken(set: &ChangeSet, asked: &AskTimes, transaction: &Transaction) -> Result<bool, StoreError> {
    let newer = readings::since(transaction, asked.first.reading)
        .await?
        .except(asked.run);
    let departments = set.departments.iter().map(|it| it.facts.dept_id);
    let users = set.users.iter().map(|it| it.facts.userid.as_str());

    Ok(departments
        .into_iter()
        .any(|id| newer.overtake_department(id, asked.of_department(id), None))
        || users
            .into_iter()
            .any(|id| newer.overtake_user(id, asked.of_user(id), None)))
}

async fn write_departments(
    transaction: &Transaction,
    departments: impl Iterator<Item = &Department>,
    revision: Revision,
) -> Result<(), StoreError> {
    let records: Vec<&Department> = departments.collect();
    for chunk in records.chunks(rows_at_once::<department::Entity>()) {
        let rows = chunk.iter().map(|record| rows::department_row(record, revision));
        let columns = department::Column::iter().filter(|c| !matches!(c, department::Column::DeptId));

        department::Entity::insert_many(rows)
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
    users: &BTreeMap<CleanText, &User>,
    revision: Revision,
) -> Result<(), StoreError> {
    let records: Vec<&User> = users.values().copied().collect();
    for chunk in records.chunks(rows_at_once::<user::Entity>()) {
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

        let ids = chunk.iter().map(|record| CleanText::from(record.facts.userid.as_str()));
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
        for rows in memberships.chunks(rows_at_once::<membership::Entity>()) {
            membership::Entity::insert_many(rows.to_vec())
                .exec_without_returning(transaction)
                .await?;
        }
    }
    Ok(())
}
