//! The settings' row, changed by compare-and-set, and who changed it.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{OnConflict, Order},
};

use super::{
    audit,
    column::{CleanText, JsonText, Named},
    entity::{settings, settings_audit},
    error::StoreError,
    handle::Store,
    paging::paged,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    page::{Page, PageRequest},
    settings::DeliveryMode,
    settings::{SettingsAudit, StoredSettings},
};

/// The one row.
const ROW: i32 = 1;

impl Store {
    /// The settings as they stand; version 0 where nobody changed them yet.
    pub async fn load_settings(&self) -> Result<StoredSettings, StoreError> {
        let row = settings::Entity::find_by_id(ROW).one(&self.read).await?;
        Ok(row.map_or_else(StoredSettings::default, stored))
    }

    /// Puts `new` in the place of version `expected_version`, in the name of `by`, and appends the fields' history;
    /// `new.version` is set to the next one.
    pub async fn save_settings(
        &self,
        expected_version: i64,
        new: StoredSettings,
        history: Vec<SettingsAudit>,
        by: impl Into<Author>,
    ) -> Result<StoredSettings, StoreError> {
        let new = StoredSettings {
            version: expected_version.saturating_add(1),
            ..new
        };
        let fields: Vec<&str> = history.iter().map(|entry| entry.field.as_str()).collect();
        let deed = Deed::new(AuditAction::SettingsChanged, &by.into())
            .with("fields", fields.join(" "))
            .with("version", new.version);

        repeated!(async {
            let transaction = self.begin().await?;
            // The first change needs a row to compare with.
            settings::Entity::insert(row(&StoredSettings::default()))
                .on_conflict(OnConflict::column(settings::Column::Id).do_nothing().to_owned())
                .exec_without_returning(&transaction)
                .await?;

            let mut changed = row(&new);
            changed.id = sea_orm::NotSet;
            let saved = settings::Entity::update_many()
                .set(changed)
                .filter(settings::Column::Id.eq(ROW))
                .filter(settings::Column::Version.eq(expected_version))
                .exec(&transaction)
                .await?;
            if saved.rows_affected == 0 {
                let actual: Option<i64> = settings::Entity::find_by_id(ROW)
                    .select_only()
                    .column(settings::Column::Version)
                    .into_tuple()
                    .one(&transaction)
                    .await?;
                drop(transaction);
                return Err(StoreError::VersionConflict {
                    expected: expected_version,
                    actual: actual.unwrap_or(0),
                });
            }

            for entry in &history {
                let entry = settings_audit::ActiveModel {
                    id: sea_orm::NotSet,
                    version: Set(new.version),
                    at: Set(entry.at),
                    actor: Set(CleanText::from(&entry.actor)),
                    field: Set(entry.field.clone()),
                    value_before: Set(CleanText::of(entry.before.as_ref())),
                    value_after: Set(CleanText::of(entry.after.as_ref())),
                };
                entry.into_active_model().insert(&transaction).await?;
            }

            audit::note(&transaction, &deed, self.clock.now()).await?;
            transaction.commit().await?;
            Ok(new.clone())
        })
    }

    /// The last change of this field; `None`: nobody has changed it.
    pub async fn last_setting_change(&self, field: &str) -> Result<Option<SettingsAudit>, StoreError> {
        let row = settings_audit::Entity::find()
            .filter(settings_audit::Column::Field.eq(field))
            .order_by_desc(settings_audit::Column::Id)
            .limit(1)
            .one(&self.read)
            .await?;
        Ok(row.map(audited))
    }

    /// Who changed what, newest first: `(id, version, entry)`; the cursor is the id.
    pub async fn settings_audit(&self, page: PageRequest<i64>) -> Result<Page<(i64, i64, SettingsAudit)>, StoreError> {
        let found = settings_audit::Entity::find();
        let found = paged(found, (settings_audit::Column::Id, Order::Desc), &page);
        let rows = found.all(&self.read).await?;

        let entries = rows.into_iter().map(|row| (row.id, row.version, audited(row)));
        Ok(Page::from_overfetched(entries.collect(), &page))
    }
}

fn audited(row: settings_audit::Model) -> SettingsAudit {
    SettingsAudit {
        at: row.at,
        actor: row.actor.into(),
        field: row.field,
        before: row.value_before.map(String::from),
        after: row.value_after.map(String::from),
    }
}

fn row(value: &StoredSettings) -> settings::ActiveModel {
    settings::ActiveModel {
        id: Set(ROW),
        version: Set(value.version),
        agent_id: Set(CleanText::of(value.agent_id.as_ref())),
        app_key: Set(CleanText::of(value.app_key.as_ref())),
        app_secret_sealed: Set(value.app_secret_sealed.clone()),
        app_secret_set_at: Set(value.app_secret_set_at),
        urls: Set(JsonText(value.urls.clone())),
        matching_method: Set(Named(value.matching_method)),
        enabled: Set(value.delivery_mode != DeliveryMode::Off),
        delivery_mode: Set(Some(Named(value.delivery_mode))),
        redirect_to: Set(CleanText::of(value.redirect_to.as_ref())),
        updated_at: Set(value.updated_at),
        updated_by: Set(CleanText::of(value.updated_by.as_ref())),
        include_departments: Set(ids(&value.include_departments)),
        exclude_departments: Set(ids(&value.exclude_departments)),
    }
}

fn stored(row: settings::Model) -> StoredSettings {
    let ids = |list: Option<JsonText<BTreeSet<i64>>>| list.map(|list| list.0).unwrap_or_default();
    // Null in a row from before there were modes.
    let before_modes = if row.enabled {
        DeliveryMode::On
    } else {
        DeliveryMode::Off
    };

    StoredSettings {
        version: row.version,
        agent_id: row.agent_id.map(String::from),
        app_key: row.app_key.map(String::from),
        app_secret_sealed: row.app_secret_sealed,
        app_secret_set_at: row.app_secret_set_at,
        urls: row.urls.0,
        matching_method: row.matching_method.0,
        delivery_mode: row.delivery_mode.map_or(before_modes, |mode| mode.0),
        redirect_to: row.redirect_to.map(String::from),
        updated_at: row.updated_at,
        updated_by: row.updated_by.map(String::from),
        include_departments: ids(row.include_departments),
        exclude_departments: ids(row.exclude_departments),
    }
}

/// A list's column; null is the empty list.
fn ids(list: &BTreeSet<i64>) -> Option<JsonText<BTreeSet<i64>>> {
    (!list.is_empty()).then(|| JsonText(list.clone()))
}
