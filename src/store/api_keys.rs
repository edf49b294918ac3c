//! API keys: made, revoked, listed, and those in force with the mark of their last change.
//!
//! Each change of the keys in force puts another text of chance under one mark: whoever has another one than stands
//! there reads anew. A number would be given twice after a failover that lost one.

use chrono::SecondsFormat;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set, sea_query::Order};
use uuid::Uuid;

use super::{
    audit,
    column::{CleanText, JsonText, UuidText},
    entity::{
        api_key::{ActiveModel, Column, Entity, Model},
        mark,
    },
    error::{StoreError, corrupt},
    handle::Store,
    marks,
    paging::paged,
    transaction::Transaction,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    auth::{ApiKey, KeyUse, MAX_API_KEYS},
    id::random_id,
    page::{Page, PageRequest},
};

/// Which text the keys in force had last.
const CHANGED: &str = "api-keys-changed";

/// Before the first key.
const NEVER: &str = "never";

/// What came of making a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCreation {
    /// It is there.
    Done,
    /// There are as many in force as there may be.
    TooMany,
}

/// The keys in force as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysInForce {
    /// Of their last change: they are the same as long as it is.
    pub mark: String,
    /// Neither revoked nor over.
    pub keys: Vec<ApiKey>,
}

impl Store {
    /// Keeps a new key, in the name of `by`, unless [`MAX_API_KEYS`] are in force.
    pub async fn create_api_key(&self, key: &ApiKey, by: impl Into<Author>) -> Result<KeyCreation, StoreError> {
        let permissions: Vec<_> = key.permissions.iter().map(|it| it.as_str()).collect();
        let deed = Deed::new(AuditAction::ApiKeyCreated, &by.into())
            .on(key.id)
            .with("name", &key.name)
            .with("permissions", permissions.join(" "))
            .with("expiresAt", key.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true));
        repeated!(async {
            let transaction = self.begin().await?;
            // Holds the row until the commit: the count below stays true.
            change(&transaction).await?;
            if Entity::find().filter(self.in_force()).count(&transaction).await? >= MAX_API_KEYS {
                return Ok(KeyCreation::TooMany);
            }

            Entity::insert(row(key)).exec_without_returning(&transaction).await?;
            audit::note(&transaction, &deed, self.clock.now()).await?;
            transaction.commit().await?;
            Ok(KeyCreation::Done)
        })
    }

    /// Revokes a key; as it stands then. One that was revoked already stays as it was. `None`: there is no such key.
    pub async fn revoke_api_key(&self, id: Uuid, by: impl Into<Author>) -> Result<Option<ApiKey>, StoreError> {
        let by = by.into();
        repeated!(async {
            let transaction = self.begin().await?;
            let revocation = ActiveModel {
                revoked_at: Set(Some(self.clock.now())),
                revoked_by: Set(Some(CleanText::from(&by.subject))),
                ..ActiveModel::default()
            };
            let revoked = Entity::update_many()
                .set(revocation)
                .filter(Column::Id.eq(UuidText(id)))
                .filter(Column::RevokedAt.is_null())
                .exec(&transaction)
                .await?;
            let found = Entity::find_by_id(UuidText(id)).one(&transaction).await?;
            let found = found.map(stored).transpose()?;
            if let Some(key) = found.as_ref().filter(|_| revoked.rows_affected > 0) {
                change(&transaction).await?;
                let deed = Deed::new(AuditAction::ApiKeyRevoked, &by)
                    .on(id)
                    .with("name", &key.name);
                audit::note(&transaction, &deed, self.clock.now()).await?;
            }

            transaction.commit().await?;
            Ok(found)
        })
    }

    /// The keys in force, if their mark is not `known`.
    pub async fn api_keys_in_force(&self, known: Option<&str>) -> Result<Option<KeysInForce>, StoreError> {
        repeated!(async {
            let transaction = self.begin_read().await?;
            let found = mark::Entity::find_by_id(CHANGED).one(&transaction).await?;
            let mark = found.map_or_else(|| NEVER.to_owned(), |row| row.value);
            if known == Some(mark.as_str()) {
                transaction.commit().await?;
                return Ok(None);
            }

            let found = Entity::find().filter(self.in_force()).limit(MAX_API_KEYS);
            let rows = found.all(&transaction).await?;
            transaction.commit().await?;
            let keys = rows.into_iter().map(stored).collect::<Result<_, _>>()?;
            Ok(Some(KeysInForce { mark, keys }))
        })
    }

    /// The key of this id, in force or not.
    pub async fn api_key(&self, id: Uuid) -> Result<Option<ApiKey>, StoreError> {
        let row = Entity::find_by_id(UuidText(id)).one(&self.read).await?;
        row.map(stored).transpose()
    }

    /// Every key that there ever was, newest first; the cursor is the id.
    pub async fn api_keys(&self, page: PageRequest<Uuid>) -> Result<Page<ApiKey>, StoreError> {
        let page = page.map(UuidText);
        let found = paged(Entity::find(), (Column::Id, Order::Desc), &page);
        let rows = found.all(&self.read).await?;
        let keys = rows.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_overfetched(keys, &page))
    }

    /// How many keys there ever were.
    pub async fn count_api_keys(&self) -> Result<u64, StoreError> {
        Ok(Entity::find().count(&self.read).await?)
    }

    /// Writes down when keys were last used. A later use that stands there stays.
    pub async fn note_key_uses(&self, uses: &[KeyUse]) -> Result<(), StoreError> {
        for used in uses {
            let earlier = Condition::any()
                .add(Column::LastUsedAt.is_null())
                .add(Column::LastUsedAt.lt(used.at));
            let note = ActiveModel {
                last_used_at: Set(Some(used.at)),
                ..ActiveModel::default()
            };
            Entity::update_many()
                .set(note)
                .filter(Column::Id.eq(UuidText(used.id)))
                .filter(earlier)
                .exec(&self.write)
                .await?;
        }
        Ok(())
    }

    fn in_force(&self) -> Condition {
        Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(Column::ExpiresAt.gt(self.clock.now()))
    }
}

/// Has every replica read the keys anew. Nobody else changes them until the transaction ends.
pub(super) async fn change(transaction: &Transaction) -> Result<(), StoreError> {
    marks::put(transaction, CHANGED, &random_id().to_string()).await
}

fn row(key: &ApiKey) -> ActiveModel {
    let permissions = key.permissions.iter().map(ToString::to_string);
    ActiveModel {
        id: Set(key.id.into()),
        name: Set(CleanText::from(&key.name)),
        permissions: Set(JsonText(permissions.collect())),
        secret_hash: Set(key.hash.to_string()),
        created_at: Set(key.created_at),
        created_by: Set(CleanText::from(&key.created_by)),
        expires_at: Set(key.expires_at),
        last_used_at: Set(key.last_used_at),
        revoked_at: Set(key.revoked_at),
        revoked_by: Set(CleanText::of(key.revoked_by.as_ref())),
    }
}

fn stored(row: Model) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.id.into(),
        name: row.name.into(),
        // As in a token: permissions that this version doesn't know open nothing here.
        permissions: row.permissions.0.iter().filter_map(|text| text.parse().ok()).collect(),
        hash: row
            .secret_hash
            .parse()
            .map_err(|error| corrupt("api_keys.secret_hash", error))?,
        created_at: row.created_at,
        created_by: row.created_by.into(),
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
        revoked_by: row.revoked_by.map(String::from),
    })
}
