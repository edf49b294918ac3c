//! The directory's rows, loaded whole or since a revision: never more of them at once than a page or two, beside the
//! records that are made of them.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::task::JoinHandle;

use super::{
    column::CleanText,
    entity::{department, membership, user},
    error::StoreError,
    handle::Store,
    revision::present_revision,
    rows,
    transaction::Transaction,
};
use crate::directory::{Department, Membership, Revision, SharedText, User};

/// Users read at once; they become records while the next ones are read.
const PAGE: usize = 1_000;

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
            let departments = load_departments(&transaction, after).await?;
            let users = load_users(&transaction, after).await?;
            transaction.commit().await?;
            Ok(LoadedDirectory {
                revision,
                departments,
                users,
            })
        })
    }
}

async fn load_departments(transaction: &Transaction, after: Revision) -> Result<Vec<Department>, StoreError> {
    let mut departments = Vec::new();
    let mut behind = i64::MIN;
    loop {
        let page = department::Entity::find()
            .filter(department::Column::Revision.gt(after))
            .filter(department::Column::DeptId.gt(behind))
            .order_by_asc(department::Column::DeptId)
            .limit(PAGE as u64)
            .all(transaction)
            .await?;

        let is_last = page.len() < PAGE;
        behind = page.last().map_or(behind, |row| row.dept_id);
        for row in page {
            departments.push(rows::department(row));
        }
        if is_last {
            return Ok(departments);
        }
    }
}

async fn load_users(transaction: &Transaction, after: Revision) -> Result<Vec<User>, StoreError> {
    let mut users = UserLoader::default();
    let mut behind: Option<String> = None;
    loop {
        let mut select = user::Entity::find().filter(user::Column::Revision.gt(after));
        if let Some(behind) = &behind {
            select = select.filter(user::Column::Userid.gt(behind.as_str()));
        }
        // Decoded before more is asked for: whoever drops rows holds the lock by which SQLite's thread makes new ones.
        let page = select
            .order_by_asc(user::Column::Userid)
            .limit(PAGE as u64)
            .all(transaction)
            .await?;

        let is_last = page.len() < PAGE;
        let memberships = load_memberships(transaction, after, behind.as_deref(), &page).await?;
        behind = page.last().map(|row| row.userid.to_string()).or(behind);
        users.add(page, memberships).await?;
        if is_last {
            return users.all().await;
        }
    }
}

/// Those of a page of users.
async fn load_memberships(
    transaction: &Transaction,
    after: Revision,
    behind: Option<&str>,
    page: &[user::Model],
) -> Result<Vec<membership::Model>, StoreError> {
    let Some(last) = page.last() else {
        return Ok(Vec::new());
    };

    // A cold start wants those of everybody, and so of all in between; a tail only those of its users.
    let wanted = if after < 0 {
        let behind = behind.map(|id| membership::Column::Userid.gt(id));
        Condition::all()
            .add_option(behind)
            .add(membership::Column::Userid.lte(last.userid.clone()))
    } else {
        let ids = page.iter().map(|user| user.userid.clone());
        Condition::all().add(membership::Column::Userid.is_in(ids))
    };

    Ok(membership::Entity::find().filter(wanted).all(transaction).await?)
}

/// Users whose rows become records on another thread.
#[derive(Default)]
struct UserLoader {
    made: Vec<User>,
    /// Texts that many people have in common.
    common: HashSet<SharedText>,
    making: Option<JoinHandle<Vec<User>>>,
}

impl UserLoader {
    /// The page before must be done: so few rows wait at any time.
    async fn add(&mut self, page: Vec<user::Model>, memberships: Vec<membership::Model>) -> Result<(), StoreError> {
        self.finish().await?;
        self.making = Some(tokio::task::spawn_blocking(move || records(page, memberships)));
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), StoreError> {
        let Some(making) = self.making.take() else {
            return Ok(());
        };

        let made = making
            .await
            .map_err(|error| StoreError::Corrupt(format!("rows could not be made records: {error}")))?;
        let common = &mut self.common;
        self.made.extend(made.into_iter().map(|mut user| {
            user.facts.share_common(common);
            user
        }));
        Ok(())
    }

    async fn all(mut self) -> Result<Vec<User>, StoreError> {
        self.finish().await?;
        Ok(self.made)
    }
}

fn records(page: Vec<user::Model>, memberships: Vec<membership::Model>) -> Vec<User> {
    let mut of_users: HashMap<CleanText, Vec<Membership>> = HashMap::with_capacity(page.len());
    for row in memberships {
        let membership = rows::membership(&row);
        of_users.entry(row.userid).or_default().push(membership);
    }

    let record = |row: user::Model| {
        let of_user = of_users.remove(&row.userid).unwrap_or_default();
        rows::user(row, of_user)
    };
    page.into_iter().map(record).collect()
}
