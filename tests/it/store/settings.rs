//! Settings: compare-and-set, and an audit that is never behind.

use dingmirror::{
    page::PageRequest,
    settings::{Api, DeliveryMode, MatchingMethod, SettingsAudit, StoredSettings},
    store::StoreError,
};

use super::fixtures::{at, open};
use crate::support::database::TestDatabase;

fn changed() -> StoredSettings {
    StoredSettings {
        version: 99,
        agent_id: Some("836390886".into()),
        app_key: Some("dingabc".into()),
        app_secret_sealed: Some("c2VhbGVk".into()),
        app_secret_set_at: Some(at(5)),
        urls: [
            (Api::UserList, None),
            (Api::GetToken, Some("https://oapi.dingtalk.io/gettoken".into())),
        ]
        .into(),
        matching_method: MatchingMethod::UsernameToJobNumber,
        delivery_mode: DeliveryMode::Redirect,
        redirect_to: Some("tester".into()),
        include_departments: [2, i64::MAX].into(),
        exclude_departments: [30].into(),
        updated_at: Some(at(6)),
        updated_by: Some("admin".into()),
    }
}

fn audit(field: &str) -> SettingsAudit {
    SettingsAudit {
        at: at(6),
        actor: "admin".into(),
        field: field.into(),
        before: None,
        after: Some("set".into()),
    }
}

both_databases!(
    async fn settings_are_replaced_only_at_the_version_that_was_seen(database: TestDatabase) {
        let store = open(database).await;
        assert_eq!(store.load_settings().await.unwrap(), StoredSettings::default());
        let saved = store
            .save_settings(0, changed(), vec![audit("appKey"), audit("appSecret")], "admin")
            .await
            .unwrap();
        assert_eq!(
            saved,
            StoredSettings {
                version: 1,
                ..changed()
            }
        );
        assert_eq!(store.load_settings().await.unwrap(), saved);

        let late = store
            .save_settings(0, StoredSettings::default(), vec![audit("enabled")], "admin")
            .await;
        assert!(
            matches!(late, Err(StoreError::VersionConflict { expected: 0, actual: 1 })),
            "{late:?}"
        );

        let entries = store.settings_audit(PageRequest::new(10, None)).await.unwrap().items;
        assert_eq!(
            entries
                .iter()
                .map(|(_, version, e)| (*version, e.field.as_str()))
                .collect::<Vec<_>>(),
            [(1, "appSecret"), (1, "appKey")]
        );
    }
);

both_databases!(
    async fn of_many_changes_at_once_one_wins(database: TestDatabase) {
        let store = open(database).await;
        let changes = (0..10).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.save_settings(0, changed(), vec![audit("appKey")], "admin").await })
        });

        let mut won = 0;
        for change in changes.collect::<Vec<_>>() {
            match change.await.unwrap() {
                Ok(saved) => {
                    assert_eq!(saved.version, 1);
                    won += 1;
                }
                Err(error) => assert!(
                    matches!(error, StoreError::VersionConflict { expected: 0, actual: 1 }),
                    "{error:?}"
                ),
            }
        }

        assert_eq!(won, 1);
        assert_eq!(
            store
                .settings_audit(PageRequest::new(10, None))
                .await
                .unwrap()
                .items
                .len(),
            1
        );
    }
);
