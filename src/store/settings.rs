//! The settings' row, changed by compare-and-set, and who changed it.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
};

use super::{
    connect::Store,
    entity::{settings, settings_audit},
    error::StoreError,
    text::{by_name, by_name_opt, from_json, json, name_of, without_nul, without_nul_opt},
};
use crate::{
    page::{Page, PageRequest},
    settings::DeliveryMode,
    settings::{SettingsAudit, StoredSettings},
};

/// The one row.
const ROW: i32 = 1;

impl Store {
    /// The settings as they stand; version 0 where nobody changed them yet.
    pub async fn load_settings(&self) -> Result<StoredSettings, StoreError> {
        settings::Entity::find_by_id(ROW)
            .one(&self.read)
            .await?
            .map_or_else(|| Ok(StoredSettings::default()), stored)
    }

    /// Puts `new` in the place of version `expected_version` and appends the audit; `new.version` is set to the next
    /// one.
    pub async fn save_settings(
        &self,
        expected_version: i64,
        new: StoredSettings,
        audit: Vec<SettingsAudit>,
    ) -> Result<StoredSettings, StoreError> {
        let new = StoredSettings {
            version: expected_version.saturating_add(1),
            ..new
        };

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
                let actual = settings::Entity::find_by_id(ROW)
                    .one(&transaction)
                    .await?
                    .map_or(0, |row| row.version);
                drop(transaction);
                return Err(StoreError::VersionConflict {
                    expected: expected_version,
                    actual,
                });
            }

            for entry in &audit {
                let entry = settings_audit::ActiveModel {
                    id: sea_orm::NotSet,
                    version: Set(new.version),
                    at: Set(entry.at),
                    actor: Set(without_nul(&entry.actor)),
                    field: Set(entry.field.clone()),
                    value_before: Set(without_nul_opt(entry.before.as_ref())),
                    value_after: Set(without_nul_opt(entry.after.as_ref())),
                };
                entry.into_active_model().insert(&transaction).await?;
            }

            transaction.commit().await?;
            Ok(new.clone())
        })
    }

    /// Who changed what, newest first: `(id, version, entry)`; the cursor is the id.
    pub async fn settings_audit(&self, page: PageRequest<i64>) -> Result<Page<(i64, i64, SettingsAudit)>, StoreError> {
        let rows = settings_audit::Entity::find()
            .filter(settings_audit::Column::Id.lt(page.after.unwrap_or(i64::MAX)))
            .order_by_desc(settings_audit::Column::Id)
            .limit(u64::from(page.first) + 1)
            .all(&self.read)
            .await?;

        let entries = rows.into_iter().map(|row| {
            let entry = SettingsAudit {
                at: row.at,
                actor: row.actor,
                field: row.field,
                before: row.value_before,
                after: row.value_after,
            };
            (row.id, row.version, entry)
        });
        Ok(Page::from_overfetched(entries.collect(), page.first))
    }
}

fn row(value: &StoredSettings) -> settings::ActiveModel {
    settings::ActiveModel {
        id: Set(ROW),
        version: Set(value.version),
        agent_id: Set(without_nul_opt(value.agent_id.as_ref())),
        app_key: Set(without_nul_opt(value.app_key.as_ref())),
        app_secret_sealed: Set(value.app_secret_sealed.clone()),
        app_secret_set_at: Set(value.app_secret_set_at),
        urls: Set(json(&value.urls)),
        matching_method: Set(name_of(&value.matching_method)),
        enabled: Set(value.delivery_mode != DeliveryMode::Off),
        delivery_mode: Set(Some(name_of(&value.delivery_mode))),
        redirect_to: Set(without_nul_opt(value.redirect_to.as_ref())),
        updated_at: Set(value.updated_at),
        updated_by: Set(without_nul_opt(value.updated_by.as_ref())),
        include_departments: Set(ids(&value.include_departments)),
        exclude_departments: Set(ids(&value.exclude_departments)),
    }
}

fn stored(row: settings::Model) -> Result<StoredSettings, StoreError> {
    Ok(StoredSettings {
        version: row.version,
        agent_id: row.agent_id,
        app_key: row.app_key,
        app_secret_sealed: row.app_secret_sealed,
        app_secret_set_at: row.app_secret_set_at,
        urls: from_json("settings.urls", &row.urls)?,
        matching_method: by_name("settings.matching_method", &row.matching_method)?,
        // Null in a row from before there were modes.
        delivery_mode: by_name_opt("settings.delivery_mode", row.delivery_mode.as_deref())?.unwrap_or(if row.enabled {
            DeliveryMode::On
        } else {
            DeliveryMode::Off
        }),
        redirect_to: row.redirect_to,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
        include_departments: ids_of("settings.include_departments", row.include_departments.as_deref())?,
        exclude_departments: ids_of("settings.exclude_departments", row.exclude_departments.as_deref())?,
    })
}

/// A list's column; null is the empty list.
fn ids(list: &BTreeSet<i64>) -> Option<String> {
    (!list.is_empty()).then(|| json(list))
}

fn ids_of(column: &str, text: Option<&str>) -> Result<BTreeSet<i64>, StoreError> {
    text.map_or_else(|| Ok(BTreeSet::new()), |text| from_json(column, text))
}
