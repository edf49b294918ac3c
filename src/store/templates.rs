//! Message templates, each changed by compare-and-set.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set,
    sea_query::{OnConflict, Order},
};

use super::{
    audit,
    column::{CleanText, JsonText},
    entity::{
        mark,
        message_template::{ActiveModel, Column, Entity, Model},
    },
    error::{StoreError, corrupt},
    handle::Store,
    marks,
    paging::paged,
    transaction::Transaction,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    message::{MAX_TEMPLATES, MessageTemplate, NewTemplate},
    page::{Page, PageRequest},
};

/// The largest version that a deleted template had: a new one begins above it, so that no version that somebody has
/// seen ever means something else.
const DELETED: &str = "deleted-template-version";

/// What came of changing a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateChange {
    /// It was changed; as it stands, or as it stood before it was deleted.
    Done(Box<MessageTemplate>),
    /// It is at another version than the caller has seen.
    VersionConflict {
        /// Its version; `None`: there is none of this name.
        actual: Option<i64>,
    },
    /// There are as many as there may be.
    TooMany,
}

impl Store {
    /// The template of this name.
    pub async fn template(&self, name: &str) -> Result<Option<MessageTemplate>, StoreError> {
        let row = Entity::find_by_id(CleanText::from(name)).one(&self.read).await?;
        Ok(row.map(stored))
    }

    /// The templates by name; the cursor is the name.
    pub async fn templates(&self, page: PageRequest<String>) -> Result<Page<MessageTemplate>, StoreError> {
        let page = page.map(CleanText::from);
        let found = paged(Entity::find(), (Column::Name, Order::Asc), &page);
        let rows = found.all(&self.read).await?;
        let templates = rows.into_iter().map(stored).collect();
        Ok(Page::from_overfetched(templates, &page))
    }

    /// How many templates there are.
    pub async fn count_templates(&self) -> Result<u64, StoreError> {
        Ok(Entity::find().count(&self.read).await?)
    }

    /// Puts `new` in the place of version `expected`; `None`: there must be none of its name yet.
    pub async fn save_template(
        &self,
        expected: Option<i64>,
        new: NewTemplate,
        at: DateTime<Utc>,
        by: impl Into<Author>,
    ) -> Result<TemplateChange, StoreError> {
        let by = by.into();
        let next = MessageTemplate {
            template: new,
            version: expected.unwrap_or(0).saturating_add(1),
            updated_at: at,
            updated_by: by.subject.clone(),
        };

        repeated!(async {
            let transaction = self.begin().await?;
            let mut saved = next.clone();
            if expected.is_none() {
                // Holds the row until the commit: the count below stays true.
                saved.version = deleted_version(&transaction).await?.saturating_add(1);
            }

            let name = &saved.template.name;
            let written = match expected {
                None if Entity::find().count(&transaction).await? >= MAX_TEMPLATES => {
                    // A name that is taken is a conflict, also where there is no more room.
                    let actual = version(&transaction, name).await?;
                    drop(transaction);
                    return Ok(match actual {
                        None => TemplateChange::TooMany,
                        actual => TemplateChange::VersionConflict { actual },
                    });
                }
                None => {
                    Entity::insert(row(&saved))
                        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
                        .exec_without_returning(&transaction)
                        .await?
                }
                Some(expected) => {
                    let mut changed = row(&saved);
                    changed.name = sea_orm::NotSet;
                    let done = Entity::update_many()
                        .set(changed)
                        .filter(Column::Name.eq(CleanText::from(name)))
                        .filter(Column::Version.eq(expected))
                        .exec(&transaction)
                        .await?;
                    done.rows_affected
                }
            };
            if written == 0 {
                let actual = version(&transaction, name).await?;
                drop(transaction);
                return Ok(TemplateChange::VersionConflict { actual });
            }

            let deed = Deed::new(AuditAction::TemplateSaved, &by)
                .on(name)
                .with("version", saved.version);
            audit::note(&transaction, &deed, self.clock.now()).await?;
            transaction.commit().await?;
            Ok(TemplateChange::Done(Box::new(saved)))
        })
    }

    /// Deletes the template, in the name of `by`, if it is at version `expected`.
    pub async fn delete_template(
        &self,
        name: &str,
        expected: i64,
        by: impl Into<Author>,
    ) -> Result<TemplateChange, StoreError> {
        let deed = Deed::new(AuditAction::TemplateDeleted, &by.into())
            .on(name)
            .with("version", expected);
        repeated!(async {
            let transaction = self.begin().await?;
            let before = deleted_version(&transaction).await?;
            let version: Option<i64> = Entity::find_by_id(CleanText::from(name))
                .select_only()
                .column(Column::Version)
                .into_tuple()
                .one(&transaction)
                .await?;
            // What this version cannot read can be deleted all the same.
            let row = Entity::find_by_id(CleanText::from(name)).one(&transaction).await;

            let deleted = Entity::delete_many()
                .filter(Column::Name.eq(CleanText::from(name)))
                .filter(Column::Version.eq(expected))
                .exec(&transaction)
                .await?;
            match version {
                Some(version) if deleted.rows_affected > 0 => {
                    marks::put(&transaction, DELETED, &before.max(version).to_string()).await?;
                    audit::note(&transaction, &deed, self.clock.now()).await?;
                    transaction.commit().await?;
                    let row = row?.ok_or_else(|| StoreError::Corrupt(format!("template {name} is missing")))?;
                    Ok(TemplateChange::Done(Box::new(stored(row))))
                }
                actual => {
                    drop(transaction);
                    Ok(TemplateChange::VersionConflict { actual })
                }
            }
        })
    }
}

/// The largest version that a deleted template had; nobody else creates or deletes one until the transaction ends.
async fn deleted_version(transaction: &Transaction) -> Result<i64, StoreError> {
    // There has to be a row before it can be locked.
    let row = mark::ActiveModel {
        name: Set(DELETED.to_owned()),
        value: Set("0".to_owned()),
    };
    mark::Entity::insert(row)
        .on_conflict(OnConflict::column(mark::Column::Name).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;

    let row = mark::Entity::find_by_id(DELETED)
        .lock_exclusive()
        .one(transaction)
        .await?;
    let value = row.map_or_else(|| "0".to_owned(), |row| row.value);
    value.parse().map_err(|error| corrupt("sync_marks.value", error))
}

/// For a new epoch: what was deleted in the lost time is not known, so that the versions of what is created go on far
/// above it.
pub(super) async fn jump(transaction: &Transaction, at_least: i64) -> Result<(), StoreError> {
    let before = deleted_version(transaction).await?;
    marks::put(transaction, DELETED, &before.max(at_least).to_string()).await
}

async fn version(transaction: &Transaction, name: &str) -> Result<Option<i64>, StoreError> {
    let version = Entity::find_by_id(CleanText::from(name))
        .select_only()
        .column(Column::Version)
        .into_tuple()
        .one(transaction)
        .await?;
    Ok(version)
}

fn row(template: &MessageTemplate) -> ActiveModel {
    let MessageTemplate { template: it, .. } = template;
    ActiveModel {
        name: Set(CleanText::from(&it.name)),
        description: Set(CleanText::of(it.description.as_ref())),
        content: Set(JsonText(it.content.clone())),
        version: Set(template.version),
        updated_at: Set(template.updated_at),
        updated_by: Set(CleanText::from(&template.updated_by)),
    }
}

fn stored(row: Model) -> MessageTemplate {
    MessageTemplate {
        template: NewTemplate {
            content: row.content.0,
            name: row.name.into(),
            description: row.description.map(String::from),
        },
        version: row.version,
        updated_at: row.updated_at,
        updated_by: row.updated_by.into(),
    }
}
