//! What a change changed, for the record: never a secret's value.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    api::Api,
    stored::SettingsAudit,
    values::{Settings, SettingsPatch},
};

impl Settings {
    /// One entry for each field that `patch` changed on the way from `self` to `after`. A secret that is set again is
    /// an entry, same or not; one that is cleared is, too, even if it could not be opened (`had_secret`: one was
    /// stored).
    pub fn audit(
        &self,
        after: &Self,
        patch: &SettingsPatch,
        had_secret: bool,
        at: DateTime<Utc>,
        actor: &str,
    ) -> Vec<SettingsAudit> {
        let mut entries = Vec::new();
        let mut note = |field: &str, before: Option<String>, after: Option<String>, always: bool| {
            if always || before != after {
                entries.push(SettingsAudit {
                    at,
                    actor: actor.to_owned(),
                    field: field.to_owned(),
                    before,
                    after,
                });
            }
        };

        note("agentId", self.agent_id.clone(), after.agent_id.clone(), false);
        note("appKey", self.app_key.clone(), after.app_key.clone(), false);
        let before = had_secret.then(|| "set".to_owned());
        match &patch.app_secret {
            Some(Some(_)) => note("appSecret", before, Some("set".to_owned()), true),
            Some(None) if had_secret => note("appSecret", before, Some("cleared".to_owned()), true),
            _ => {}
        }

        for api in Api::ALL {
            let url = |settings: &Self| settings.shown_url(api).map(ToOwned::to_owned);
            note(api.field(), url(self), url(after), false);
        }

        let method = |settings: &Self| Some(settings.matching_method.name().to_owned());
        note("matchingMethod", method(self), method(after), false);
        note(
            "enabled",
            Some(self.enabled().to_string()),
            Some(after.enabled().to_string()),
            false,
        );
        let mode = |settings: &Self| Some(settings.delivery_mode.name().to_owned());
        note("deliveryMode", mode(self), mode(after), false);
        note("redirectTo", self.redirect_to.clone(), after.redirect_to.clone(), false);

        let (before, now) = (&self.include_departments, &after.include_departments);
        note("includeDepartments", listed(before), listed(now), false);
        let (before, now) = (&self.exclude_departments, &after.exclude_departments);
        note("excludeDepartments", listed(before), listed(now), false);

        entries
    }
}

/// Ids as a person reads them; `None` where there are none.
fn listed(ids: &BTreeSet<i64>) -> Option<String> {
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    (!ids.is_empty()).then(|| ids.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::AllowedHosts;

    #[test]
    fn each_changed_field_is_recorded_once_and_secrets_without_their_value() {
        let before = Settings::defaults();
        let patch = SettingsPatch {
            app_key: Some(Some("dingabc".into())),
            app_secret: Some(Some("hunter2".into())),
            urls: [(Api::UserCount, None), (Api::GetToken, None)].into(),
            enabled: Some(true),
            include_departments: Some(vec![30, 2]),
            exclude_departments: Some(Vec::new()),
            ..SettingsPatch::default()
        };

        let at = DateTime::UNIX_EPOCH;
        let after = patch.apply(&before, &AllowedHosts::dingtalk(), at).expect("good");
        let entries = before.audit(&after, &patch, false, at, "alice");

        let told: Vec<_> = entries
            .iter()
            .map(|e| (e.field.as_str(), e.before.as_deref(), e.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("appKey", None, Some("dingabc")),
                ("appSecret", None, Some("set")),
                (
                    "userCountUrl",
                    Some("https://oapi.dingtalk.com/topapi/user/count"),
                    None
                ),
                ("enabled", Some("false"), Some("true")),
                ("deliveryMode", Some("OFF"), Some("ON")),
                ("includeDepartments", None, Some("2, 30")),
            ]
        );

        let clear = SettingsPatch {
            app_secret: Some(None),
            ..SettingsPatch::default()
        };
        let again = after.audit(&after, &clear, true, at, "alice");
        assert_eq!(again[0].after.as_deref(), Some("cleared"));
        assert!(
            after
                .audit(&after, &SettingsPatch::default(), true, at, "alice")
                .is_empty()
        );
    }
}
