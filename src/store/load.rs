//! The directory's rows, loaded whole or since a revision: never more of them at once than a page or two, beside the
//! records that are made of them.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait,
};
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

/// The column by which users are paged.
const USERID: &str = "userid";

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
        let select = select.order_by_asc(user::Column::Userid).limit(PAGE as u64);
        let page = rows_of(&select, transaction).await?;

        let is_last = page.len() < PAGE;
        let last: Option<String> = page.last().map(|row| row.try_get("", USERID)).transpose()?;
        let memberships = match &last {
            Some(last) => load_memberships(transaction, after, behind.as_deref(), &page, last).await?,
            None => Vec::new(),
        };

        behind = last.or(behind);
        users.add(page, memberships).await?;
        if is_last {
            return users.all().await;
        }
    }
}

/// Rows that nobody has decoded yet: that is work for another thread, while the database reads the next ones.
async fn rows_of(select: &impl QueryTrait, transaction: &Transaction) -> Result<Vec<QueryResult>, DbErr> {
    let statement = select.build(transaction.get_database_backend());
    transaction.query_all_raw(statement).await
}

/// Those of a page of users, the last of which is `last`.
async fn load_memberships(
    transaction: &Transaction,
    after: Revision,
    behind: Option<&str>,
    page: &[QueryResult],
    last: &str,
) -> Result<Vec<QueryResult>, StoreError> {
    // A cold start wants those of everybody, and so of all in between; a tail only those of its users.
    let wanted = if after < 0 {
        let behind = behind.map(|id| membership::Column::Userid.gt(id));
        Condition::all()
            .add_option(behind)
            .add(membership::Column::Userid.lte(last))
    } else {
        let ids: Vec<String> = page
            .iter()
            .map(|row| row.try_get("", USERID))
            .collect::<Result<_, _>>()?;
        Condition::all().add(membership::Column::Userid.is_in(ids))
    };

    Ok(rows_of(&membership::Entity::find().filter(wanted), transaction).await?)
}

/// Users whose rows become records on another thread.
#[derive(Default)]
struct UserLoader {
    made: Vec<User>,
    /// Texts that many people have in common.
    common: HashSet<SharedText>,
    making: Option<JoinHandle<Result<Vec<User>, StoreError>>>,
}

impl UserLoader {
    /// The page before must be done: so few rows wait at any time.
    async fn add(&mut self, page: Vec<QueryResult>, memberships: Vec<QueryResult>) -> Result<(), StoreError> {
        self.finish().await?;
        self.making = Some(tokio::task::spawn_blocking(move || records(page, &memberships)));
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), StoreError> {
        let Some(making) = self.making.take() else {
            return Ok(());
        };

        let made = making
            .await
            .map_err(|error| StoreError::Corrupt(format!("rows could not be made records: {error}")))??;
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

fn records(page: Vec<QueryResult>, memberships: &[QueryResult]) -> Result<Vec<User>, StoreError> {
    let mut of_users: HashMap<CleanText, Vec<Membership>> = HashMap::with_capacity(page.len());
    for row in memberships {
        let row = membership::Model::from_query_result(row, "")?;
        let membership = rows::membership(&row);
        of_users.entry(row.userid).or_default().push(membership);
    }

    let record = |row: QueryResult| {
        let row = user::Model::from_query_result(&row, "")?;
        let of_user = of_users.remove(&row.userid).unwrap_or_default();
        Ok(rows::user(row, of_user))
    };
    page.into_iter().map(record).collect()
}
