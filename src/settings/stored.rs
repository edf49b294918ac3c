//! The settings as the store keeps them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    api::Api,
    hosts::AllowedHosts,
    mode::DeliveryMode,
    sealer::Sealer,
    values::{AppSecret, MatchingMethod, Settings, SettingsPatch},
};

/// The row: only what was set, the secret sealed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredSettings {
    /// Goes up by one with each change.
    pub version: i64,
    /// AgentId.
    pub agent_id: Option<String>,
    /// AppKey.
    pub app_key: Option<String>,
    /// base64 of nonce, ciphertext and tag.
    pub app_secret_sealed: Option<String>,
    /// When the secret was last set.
    pub app_secret_set_at: Option<DateTime<Utc>>,
    /// Only URLs that differ from the defaults; `None` = switched off.
    pub urls: BTreeMap<Api, Option<String>>,
    /// How people are matched.
    pub matching_method: MatchingMethod,
    /// Whether and how messages are sent.
    pub delivery_mode: DeliveryMode,
    /// The tester's `userid`.
    pub redirect_to: Option<String>,
    /// `deptId`s of the subtrees to mirror; empty: everything that the app may see.
    pub include_departments: BTreeSet<i64>,
    /// `deptId`s of the subtrees to leave out.
    pub exclude_departments: BTreeSet<i64>,
    /// When they were last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Who last changed them.
    pub updated_by: Option<String>,
}

/// One changed field; never a secret's value ("set", "cleared").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsAudit {
    /// When.
    pub at: DateTime<Utc>,
    /// The token's subject.
    pub actor: String,
    /// Name of the form's field.
    pub field: String,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
}

/// Stored settings, opened.
#[derive(Debug, Clone)]
pub struct OpenedSettings {
    /// As they are in force.
    pub settings: Settings,
    /// There is a sealed secret, but this key doesn't open it: it counts as not set.
    pub secret_unreadable: bool,
    /// Calls whose URL, stored or by default, the operator's list of hosts doesn't allow: they count as not configured.
    pub not_allowed: Vec<Api>,
}

impl StoredSettings {
    /// Defaults filled in, the secret opened, URLs held against the list of hosts once more: the operator may have
    /// changed it.
    pub fn open(&self, sealer: &Sealer, hosts: &AllowedHosts) -> OpenedSettings {
        let mut settings = Settings::defaults_on(hosts);
        for (&api, text) in &self.urls {
            match text {
                Some(text) => settings.place_url(api, text, hosts),
                None => settings.clear_url(api),
            }
        }
        let not_allowed: Vec<_> = settings.unused_urls.keys().copied().collect();

        let value = self.app_secret_sealed.as_deref().and_then(|sealed| sealer.open(sealed));
        let secret_unreadable = self.app_secret_sealed.is_some() && value.is_none();
        let set_at = self.app_secret_set_at.or(self.updated_at).unwrap_or_default();

        let settings = Settings {
            version: self.version,
            agent_id: self.agent_id.clone(),
            app_key: self.app_key.clone(),
            app_secret: value.map(|value| AppSecret { value, set_at }),
            unreadable_secret: secret_unreadable.then_some(set_at),
            urls: settings.urls,
            unused_urls: settings.unused_urls,
            matching_method: self.matching_method,
            delivery_mode: self.delivery_mode,
            redirect_to: self.redirect_to.clone(),
            include_departments: self.include_departments.clone(),
            exclude_departments: self.exclude_departments.clone(),
            updated_at: self.updated_at,
            updated_by: self.updated_by.clone(),
        };

        OpenedSettings {
            settings,
            secret_unreadable,
            not_allowed,
        }
    }

    /// The row after `patch`, which made `after` of the settings: what the patch leaves alone stays as it is stored,
    /// readable or not.
    pub fn patched(&self, patch: &SettingsPatch, after: &Settings, sealer: &Sealer) -> Self {
        let mut row = Self {
            agent_id: after.agent_id.clone(),
            app_key: after.app_key.clone(),
            matching_method: after.matching_method,
            delivery_mode: after.delivery_mode,
            redirect_to: after.redirect_to.clone(),
            include_departments: after.include_departments.clone(),
            exclude_departments: after.exclude_departments.clone(),
            ..self.clone()
        };

        if patch.app_secret.is_some() {
            row.app_secret_sealed = after.app_secret.as_ref().map(|secret| sealer.seal(&secret.value));
            row.app_secret_set_at = after.app_secret.as_ref().map(|secret| secret.set_at);
        }
        if patch.reset_urls {
            row.urls.clear();
        }

        for &api in patch.urls.keys() {
            match after.shown_url(api) {
                // The default isn't stored, whether or not it may be called at present.
                Some(url) if url == api.default_url().as_str() => drop(row.urls.remove(&api)),
                url => drop(row.urls.insert(api, url.map(ToOwned::to_owned))),
            }
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn patch() -> SettingsPatch {
        SettingsPatch {
            agent_id: Some(Some("1".into())),
            app_key: Some(Some("dingabc".into())),
            app_secret: Some(Some("hunter2".into())),
            reset_urls: false,
            urls: [
                (Api::GetToken, Some("http://127.0.0.1:9/gettoken".into())),
                (Api::UserGet, Some(Api::UserGet.default_url().into())),
                (Api::UserCount, None),
            ]
            .into(),
            matching_method: Some(MatchingMethod::UsernameToJobNumber),
            enabled: Some(true),
            delivery_mode: Some(DeliveryMode::Redirect),
            redirect_to: Some(Some("tester".into())),
            include_departments: Some(vec![2, 3]),
            exclude_departments: Some(vec![4]),
        }
    }

    fn stored(sealer: &Sealer) -> StoredSettings {
        let hosts = AllowedHosts::parse("127.0.0.1 oapi.dingtalk.com").expect("a list");
        let after = patch()
            .apply(&Settings::defaults(), &hosts, DateTime::UNIX_EPOCH)
            .expect("good");
        StoredSettings::default().patched(&patch(), &after, sealer)
    }

    #[test]
    fn what_was_stored_opens_as_it_was_and_the_row_holds_only_what_differs() {
        let (sealer, hosts) = (
            Sealer::new(&"key".into()),
            AllowedHosts::parse("127.0.0.1 oapi.dingtalk.com api.dingtalk.com").expect("a list"),
        );

        let row = stored(&sealer);
        assert_eq!(
            row.urls.keys().copied().collect::<Vec<_>>(),
            [Api::GetToken, Api::UserCount]
        );
        assert!(!format!("{row:?}").contains("hunter2"));

        let opened = row.open(&sealer, &hosts);
        assert!(!opened.secret_unreadable && opened.not_allowed.is_empty());
        let settings = opened.settings;
        assert_eq!(
            settings.app_secret.as_ref().map(|s| s.value.expose_secret()),
            Some("hunter2")
        );
        assert_eq!(settings.urls[&Api::GetToken].as_str(), "http://127.0.0.1:9/gettoken");
        assert!(!settings.urls.contains_key(&Api::UserCount) && settings.urls.contains_key(&Api::UserList));
        assert!(settings.enabled() && settings.missing().is_empty());

        assert_eq!(
            (settings.delivery_mode, settings.redirect_to.as_deref()),
            (DeliveryMode::Redirect, Some("tester"))
        );
        assert_eq!(
            (settings.include_departments, settings.exclude_departments),
            ([2, 3].into(), [4].into())
        );
    }

    #[test]
    fn a_default_that_the_operator_did_not_name_is_not_called_and_not_forgotten() {
        let (sealer, gateway) = (
            Sealer::new(&"key".into()),
            AllowedHosts::parse("127.0.0.1").expect("a list"),
        );
        let opened = stored(&sealer).open(&sealer, &gateway);
        assert_eq!(
            opened.settings.urls.keys().copied().collect::<Vec<_>>(),
            [Api::GetToken]
        );
        assert_eq!(opened.not_allowed.len(), Api::ALL.len() - 2, "one is set, one is off");

        let reset = SettingsPatch {
            reset_urls: true,
            ..SettingsPatch::default()
        };
        let after = reset
            .apply(&opened.settings, &gateway, DateTime::UNIX_EPOCH)
            .expect("good");
        let row = stored(&sealer).patched(&reset, &after, &sealer);
        assert!(
            row.urls.is_empty(),
            "once the list has them, the defaults are called: {:?}",
            row.urls
        );
    }

    #[test]
    fn another_key_or_a_narrower_list_leave_things_unset_but_stored() {
        let row = stored(&Sealer::new(&"key".into()));
        let (other, hosts) = (Sealer::new(&"other".into()), AllowedHosts::dingtalk());
        let opened = row.open(&other, &hosts);
        assert!(opened.secret_unreadable);
        assert_eq!(opened.not_allowed, [Api::GetToken]);
        assert_eq!(opened.settings.missing(), ["appSecret", "getTokenUrl"]);

        let off = SettingsPatch {
            enabled: Some(false),
            ..SettingsPatch::default()
        };
        let after = off.apply(&opened.settings, &hosts, DateTime::UNIX_EPOCH).expect("good");
        let later = row.patched(&off, &after, &other);
        assert_eq!(
            later,
            StoredSettings {
                delivery_mode: DeliveryMode::Off,
                ..row
            },
            "a change of one field loses no other"
        );
    }

    #[test]
    fn the_form_given_back_as_it_is_shown_changes_nothing_whatever_the_list_has() {
        let key = Sealer::new(&"key".into());
        let row = stored(&key);

        for hosts in [
            "127.0.0.1 oapi.dingtalk.com api.dingtalk.com",
            "gateway.corp",
            "api.dingtalk.com",
        ] {
            let hosts = AllowedHosts::parse(hosts).expect("a list");
            for sealer in [&key, &Sealer::new(&"other".into())] {
                let shown = row.open(sealer, &hosts).settings;
                let url = |api| (api, shown.shown_url(api).map(ToOwned::to_owned));
                let back = SettingsPatch {
                    urls: Api::ALL.map(url).into(),
                    matching_method: Some(shown.matching_method),
                    delivery_mode: Some(shown.delivery_mode),
                    redirect_to: Some(shown.redirect_to.clone()),
                    ..SettingsPatch::default()
                };

                let after = back
                    .apply(&shown, &hosts, DateTime::UNIX_EPOCH)
                    .expect("what is shown may be given back");
                assert_eq!(row.patched(&back, &after, sealer), row);
                assert!(
                    shown
                        .audit(&after, &back, true, DateTime::UNIX_EPOCH, "alice")
                        .is_empty()
                );
            }
        }
    }

    #[test]
    fn what_is_not_used_is_told_with_the_host_that_would_have_to_be_allowed() {
        let row = stored(&Sealer::new(&"key".into()));
        let hosts = AllowedHosts::parse("oapi.dingtalk.com").expect("a list");
        let settings = row.open(&Sealer::new(&"other".into()), &hosts).settings;
        let told: Vec<_> = settings
            .unused()
            .into_iter()
            .map(|(problem, allow)| (problem.field(), allow))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(field, allow)| (field.as_str(), allow.clone()))
            .collect();
        let entry = |host: &str| Some(host.to_owned());
        assert_eq!(
            told,
            [
                ("appSecret", None),
                ("getTokenUrl", entry("127.0.0.1:9")),
                ("streamOpenUrl", entry("api.dingtalk.com"))
            ]
        );
        assert_eq!(settings.shown_url(Api::GetToken), Some("http://127.0.0.1:9/gettoken"));
        assert_eq!(settings.shown_url(Api::UserCount), None, "it is off");
        assert!(settings.unreadable_secret.is_some() && settings.app_secret.is_none());

        // Another value for it is held against the list as ever.
        let other = SettingsPatch {
            urls: [(Api::GetToken, Some("http://127.0.0.1:10/gettoken".into()))].into(),
            ..SettingsPatch::default()
        };
        assert!(other.apply(&settings, &hosts, DateTime::UNIX_EPOCH).is_err());
    }
}
