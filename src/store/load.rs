//! The directory's rows, loaded whole or since a revision: never more of them at once than a page or two of a
//! connection, beside the records that are made of them.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value,
};
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::{
    column::CleanText,
    dialect,
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

/// From so many users on two connections read them.
const SHARED_FROM: u64 = 4 * PAGE as u64;

/// How long the second connection is waited for: where it isn't to be had, one does.
const SECOND_WITHIN: Duration = Duration::from_secs(1);

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
        if let Some(loaded) = repeated!(self.load_halves())? {
            return Ok(loaded);
        }
        self.load(Range::ALL, Range::ALL).await
    }

    /// Everything by two connections at once, each with half of the people: making rows is most of a start, and a
    /// connection makes them on one processor. `None` where the two don't see the same moment, or one is all there is.
    async fn load_halves(&self) -> Result<Option<LoadedDirectory>, StoreError> {
        let first = self.begin_read().await?;
        let revision = present_revision(&first).await?;
        let Some(middle) = middle_user(&first).await? else {
            return Ok(None);
        };

        let Ok(Ok(second)) = tokio::time::timeout(SECOND_WITHIN, self.begin_read()).await else {
            return Ok(None);
        };
        if present_revision(&second).await? != revision || !self.are_on_one_server([&first, &second]).await? {
            return Ok(None);
        }

        // A task of its own, so that the rows are decoded on another processor, too.
        let behind_it = Range::All {
            behind: Some(middle.clone()),
            up_to: None,
        };
        let upper = AbortOnDropHandle::new(tokio::spawn(async move {
            let users = load_users(&second, behind_it).await?;
            dialect::forget_pages(&second).await?;
            second.commit().await?;
            Ok::<_, StoreError>(users)
        }));
        let departments = load_departments(&first, Range::ALL).await?;
        let up_to_it = Range::All {
            behind: None,
            up_to: Some(middle),
        };
        let mut users = load_users(&first, up_to_it).await?;
        dialect::forget_pages(&first).await?;
        first.commit().await?;

        let upper = upper
            .await
            .map_err(|error| StoreError::Corrupt(format!("half of the people could not be read: {error}")))??;
        users.append(upper);
        Ok(Some(LoadedDirectory {
            revision,
            departments,
            users: users.made,
        }))
    }

    /// Records whose revision is greater than `after`, as of one moment.
    pub async fn load_since(&self, after: Revision) -> Result<LoadedDirectory, StoreError> {
        self.load(Range::since(after), Range::since(after)).await
    }

    async fn load(&self, departments: Range<i64>, users: Range<String>) -> Result<LoadedDirectory, StoreError> {
        repeated!(async {
            let transaction = self.begin_read().await?;
            let revision = present_revision(&transaction).await?;
            let departments = load_departments(&transaction, departments.clone()).await?;
            let users = load_users(&transaction, users.clone()).await?;
            transaction.commit().await?;
            Ok(LoadedDirectory {
                revision,
                departments,
                users: users.made,
            })
        })
    }
}

/// Which records are read, and how far they were.
#[derive(Debug, Clone)]
enum Range<Id> {
    /// All of them by their ids, behind the one and up to the other.
    All { behind: Option<Id>, up_to: Option<Id> },
    /// What changed after a revision, by revision and id: SQLite would walk through everybody to find them by id.
    Changed {
        after: Revision,
        /// Of this revision those behind it, too.
        behind: Option<Id>,
    },
}

impl<Id: Clone + Into<Value>> Range<Id> {
    const ALL: Self = Self::All {
        behind: None,
        up_to: None,
    };

    fn since(after: Revision) -> Self {
        Self::Changed { after, behind: None }
    }

    /// The next page.
    fn page<E: EntityTrait>(&self, revision: E::Column, id: E::Column) -> Select<E> {
        let page = match self {
            Self::All { behind, up_to } => {
                let behind = behind.clone().map(|behind| id.gt(behind));
                let up_to = up_to.clone().map(|up_to| id.lte(up_to));
                E::find().filter(Condition::all().add_option(behind).add_option(up_to))
            }
            Self::Changed { after, behind: None } => E::find().filter(revision.gt(*after)).order_by_asc(revision),
            Self::Changed {
                after,
                behind: Some(behind),
            } => {
                let later = Condition::any().add(revision.gt(*after)).add(id.gt(behind.clone()));
                E::find()
                    .filter(revision.gte(*after))
                    .filter(later)
                    .order_by_asc(revision)
            }
        };
        page.order_by_asc(id).limit(PAGE as u64)
    }

    /// The record that a page ended with.
    fn go_on_behind(&mut self, last: (Revision, Id)) {
        match self {
            Self::All { behind, .. } => *behind = Some(last.1),
            Self::Changed { after, behind } => (*after, *behind) = (last.0, Some(last.1)),
        }
    }
}

async fn load_departments(transaction: &Transaction, mut range: Range<i64>) -> Result<Vec<Department>, StoreError> {
    let mut departments = Vec::new();
    loop {
        let page = range.page::<department::Entity>(department::Column::Revision, department::Column::DeptId);
        let page = page.all(transaction).await?;

        let is_last = page.len() < PAGE;
        if let Some(row) = page.last() {
            range.go_on_behind((row.revision, row.dept_id));
        }
        for row in page {
            departments.push(rows::department(row));
        }
        if is_last {
            return Ok(departments);
        }
    }
}

/// Who stands in the middle of all userids; `None` where two connections have nothing to share.
async fn middle_user(transaction: &Transaction) -> Result<Option<String>, StoreError> {
    let count = user::Entity::find().count(transaction).await?;
    if count < SHARED_FROM {
        return Ok(None);
    }

    let middle = user::Entity::find()
        .select_only()
        .column(user::Column::Userid)
        .order_by_asc(user::Column::Userid)
        .offset(count / 2)
        .limit(1)
        .into_tuple();
    Ok(middle.one(transaction).await?)
}

async fn load_users(transaction: &Transaction, mut range: Range<String>) -> Result<Loaded, StoreError> {
    let mut users = UserLoader::default();
    loop {
        // Decoded before more is asked for: whoever drops rows holds the lock by which SQLite's thread makes new ones.
        let page = range.page::<user::Entity>(user::Column::Revision, user::Column::Userid);
        let page = page.all(transaction).await?;

        let is_last = page.len() < PAGE;
        let memberships = load_memberships(transaction, &range, &page).await?;
        if let Some(row) = page.last() {
            range.go_on_behind((row.revision, row.userid.to_string()));
        }
        users.add(page, memberships).await?;
        if is_last {
            return users.all().await;
        }
    }
}

/// Those of a page of users.
async fn load_memberships(
    transaction: &Transaction,
    range: &Range<String>,
    page: &[user::Model],
) -> Result<Vec<membership::Model>, StoreError> {
    let Some(last) = page.last() else {
        return Ok(Vec::new());
    };

    // Where everybody is read, those of all in between; else only those of these users.
    let wanted = match range {
        Range::All { behind, .. } => {
            let behind = behind.as_deref().map(|id| membership::Column::Userid.gt(id));
            Condition::all()
                .add_option(behind)
                .add(membership::Column::Userid.lte(last.userid.clone()))
        }
        Range::Changed { .. } => {
            let ids = page.iter().map(|user| user.userid.clone());
            Condition::all().add(membership::Column::Userid.is_in(ids))
        }
    };

    Ok(membership::Entity::find().filter(wanted).all(transaction).await?)
}

/// Users, and the texts that many of them have in common.
#[derive(Default)]
struct Loaded {
    made: Vec<User>,
    common: HashSet<SharedText>,
}

impl Loaded {
    fn add(&mut self, made: impl IntoIterator<Item = User>) {
        let common = &mut self.common;
        self.made.extend(made.into_iter().map(|mut user| {
            user.facts.share_common(common);
            user
        }));
    }

    fn append(&mut self, others: Self) {
        self.made.reserve(others.made.len());
        self.add(others.made);
    }
}

/// Users whose rows become records on another thread.
#[derive(Default)]
struct UserLoader {
    loaded: Loaded,
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
        self.loaded.add(made);
        Ok(())
    }

    async fn all(mut self) -> Result<Loaded, StoreError> {
        self.finish().await?;
        Ok(self.loaded)
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

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, QueryTrait};
    use sea_orm_migration::MigratorTrait;

    use super::*;

    #[tokio::test]
    async fn what_changed_is_found_by_an_index_however_many_there_are() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        migration::Migrator::up(&db, None).await.unwrap();

        let next = Range::Changed {
            after: 5,
            behind: Some("zhang".to_owned()),
        };
        let users = [Range::since(5), next].map(|range| {
            range
                .page::<user::Entity>(user::Column::Revision, user::Column::Userid)
                .build(DbBackend::Sqlite)
        });
        let next = Range::Changed {
            after: 5,
            behind: Some(8),
        };
        let departments = [Range::since(5), next].map(|range| {
            let page = range.page::<department::Entity>(department::Column::Revision, department::Column::DeptId);
            page.build(DbBackend::Sqlite)
        });

        for mut page in users.into_iter().chain(departments) {
            page.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
            let plan = db.query_all_raw(page).await.unwrap();
            let first: String = plan[0].try_get("", "detail").unwrap();
            assert!(first.starts_with("SEARCH") && first.contains("_by_revision"), "{first}");
        }
    }
}
