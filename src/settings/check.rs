//! A change of the form: all its mistakes at once, or the settings as they would stand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    api::Api,
    hosts::AllowedHosts,
    mode::DeliveryMode,
    selection::check_departments,
    urls,
    values::{AppSecret, Settings, SettingsPatch},
};
use crate::{
    catalogue::{Statement, settings as said},
    problem::{Problem, ProblemCode},
};

impl SettingsPatch {
    /// The change that brings the defaults back: those that the operator's list of hosts allows.
    pub fn to_defaults() -> Self {
        let defaults = Settings::defaults();
        let enabled = defaults.enabled();
        Self {
            agent_id: Some(None),
            app_key: Some(None),
            app_secret: Some(None),
            reset_urls: true,
            urls: BTreeMap::new(),
            matching_method: Some(defaults.matching_method),
            enabled: Some(enabled),
            delivery_mode: Some(defaults.delivery_mode),
            redirect_to: Some(None),
            include_departments: Some(Vec::new()),
            exclude_departments: Some(Vec::new()),
        }
    }

    /// `current` with this change, not yet numbered; or everything that is wrong with it.
    pub fn apply(
        &self,
        current: &Settings,
        hosts: &AllowedHosts,
        now: DateTime<Utc>,
    ) -> Result<Settings, Vec<Problem>> {
        let (settings, problems) = self.tried(current, hosts, now);
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(problems)
        }
    }

    /// `current` with what is right of this change, and everything that is wrong with the rest.
    pub fn tried(&self, current: &Settings, hosts: &AllowedHosts, now: DateTime<Utc>) -> (Settings, Vec<Problem>) {
        let mut settings = current.clone();
        let mut errors = Vec::new();
        let mut keep = |outcome: Result<(), Vec<Problem>>| errors.extend(outcome.err().into_iter().flatten());

        if let Some(text) = &self.agent_id {
            keep(
                text.as_deref()
                    .map(agent_id)
                    .transpose()
                    .map(|value| settings.agent_id = value),
            );
        }
        if let Some(text) = &self.app_key {
            let value = text
                .as_deref()
                .map(|text| word("appKey", "AppKey (Client ID)", text, 128))
                .transpose();
            keep(value.map(|value| settings.app_key = value));
        }
        if let Some(secret) = &self.app_secret {
            let value = secret.as_ref().map(|secret| app_secret(secret, now)).transpose();
            keep(value.map(|value| {
                settings.app_secret = value;
                settings.unreadable_secret = None;
            }));
        }

        if self.reset_urls {
            settings.reset_urls(hosts);
        }
        for (&api, text) in &self.urls {
            // The form is given back with what it shows: that changes nothing, also where it is nothing that could be
            // set today.
            if settings.keeps_unused(api, text.as_deref()) {
                continue;
            }
            keep(url(api, text.as_deref(), hosts).map(|url| match url {
                Some(url) => settings.place_url(api, url.as_str(), hosts),
                None => settings.clear_url(api),
            }));
        }

        settings.matching_method = self.matching_method.unwrap_or(settings.matching_method);
        keep(self.mode(current).map(|(mode, tester)| {
            settings.delivery_mode = mode;
            settings.redirect_to = tester;
        }));

        let departments = check_departments(
            (&current.include_departments, &current.exclude_departments),
            self.include_departments.as_deref(),
            self.exclude_departments.as_deref(),
        );
        keep(departments.map(|(include, exclude)| {
            settings.include_departments = include;
            settings.exclude_departments = exclude;
        }));

        (settings, errors)
    }

    /// Whether and how messages are sent after this change, and who the tester is.
    fn mode(&self, current: &Settings) -> Result<(DeliveryMode, Option<String>), Vec<Problem>> {
        let mode = current
            .delivery_mode
            .changed(self.enabled, self.delivery_mode)
            .ok_or_else(|| {
                let contradiction = said::MODE_CONTRADICTS_ENABLED {};
                vec![Problem::new(ProblemCode::Invalid, &["deliveryMode"], contradiction)]
            })?;

        let tester = match &self.redirect_to {
            None => current.redirect_to.clone(),
            Some(None) => None,
            Some(Some(text)) => Some(word("redirectTo", "tester's DingTalk userId", text, 64)?),
        };

        if tester.as_ref().is_some_and(|id| id.contains(',')) {
            let several = said::TESTER_WITH_COMMA {};
            return Err(vec![Problem::new(ProblemCode::Invalid, &["redirectTo"], several)]);
        }
        if mode == DeliveryMode::Redirect && tester.is_none() {
            let missing = said::TESTER_MISSING {};
            return Err(vec![Problem::new(ProblemCode::Required, &["redirectTo"], missing)]);
        }
        Ok((mode, tester))
    }
}

/// The URL to keep; `None`: the call is switched off.
fn url(api: Api, text: Option<&str>, hosts: &AllowedHosts) -> Result<Option<url::Url>, Vec<Problem>> {
    match text {
        Some(text) => urls::check(api, text, hosts).map(Some),
        // Where the operator's list doesn't have the default, it is kept and not called, and the field is missing.
        None => Ok(Some(api.default_url()).filter(|_| api.is_required())),
    }
}

fn agent_id(text: &str) -> Result<String, Vec<Problem>> {
    let id = word("agentId", "AgentId", text, 32)?;
    let positive = id.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<i64>().is_ok_and(|id| id > 0);
    if positive {
        return Ok(id);
    }
    let wrong = said::AGENT_ID_FORM {};
    Err(vec![Problem::new(ProblemCode::Invalid, &["agentId"], wrong)])
}

fn app_secret(secret: &SecretString, set_at: DateTime<Utc>) -> Result<AppSecret, Vec<Problem>> {
    let value = word("appSecret", "AppSecret (Client Secret)", secret.expose_secret(), 256)?;
    Ok(AppSecret {
        value: value.into(),
        set_at,
    })
}

/// What DingTalk issues is one word; what surrounds it came with the clipboard. Never repeats what was written.
fn word(field: &str, name: &str, text: &str, max: usize) -> Result<String, Vec<Problem>> {
    use ProblemCode::{Invalid, Required, TooLong};
    let error = |code, message: Statement| Err(vec![Problem::new(code, &[field], message)]);

    let text = text.trim();
    if text.is_empty() {
        return error(Required, said::FIELD_BLANK { field, name }.into());
    }
    if text.chars().count() > max {
        let most = max;
        return error(TooLong, said::FIELD_TOO_LONG { field, name, most }.into());
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return error(Invalid, said::FIELD_SEVERAL_WORDS { field, name }.into());
    }

    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_redirection_needs_its_tester_and_no_mode_contradicts_yes_or_no() {
        let redirect = SettingsPatch {
            delivery_mode: Some(DeliveryMode::Redirect),
            ..SettingsPatch::default()
        };
        let fields = |patch: &SettingsPatch, current: &Settings| match patch.apply(
            current,
            &AllowedHosts::dingtalk(),
            DateTime::UNIX_EPOCH,
        ) {
            Ok(settings) => Ok((settings.delivery_mode, settings.redirect_to)),
            Err(errors) => Err(errors.iter().map(Problem::field).collect::<Vec<_>>()),
        };

        let defaults = Settings::defaults();
        assert_eq!(fields(&redirect, &defaults), Err(vec!["redirectTo".to_owned()]));
        let named = SettingsPatch {
            redirect_to: Some(Some(" tester ".into())),
            ..redirect.clone()
        };
        let redirecting = (DeliveryMode::Redirect, Some("tester".to_owned()));
        assert_eq!(fields(&named, &defaults), Ok(redirecting.clone()));

        let current = Settings {
            delivery_mode: redirecting.0,
            redirect_to: redirecting.1,
            ..defaults.clone()
        };
        let cleared = SettingsPatch {
            redirect_to: Some(None),
            ..SettingsPatch::default()
        };
        assert_eq!(fields(&cleared, &current), Err(vec!["redirectTo".to_owned()]));

        let several = SettingsPatch {
            redirect_to: Some(Some("a,b".into())),
            ..SettingsPatch::default()
        };
        assert_eq!(fields(&several, &defaults), Err(vec!["redirectTo".to_owned()]));

        let contradicting = SettingsPatch {
            enabled: Some(true),
            delivery_mode: Some(DeliveryMode::Off),
            ..SettingsPatch::default()
        };
        assert_eq!(fields(&contradicting, &defaults), Err(vec!["deliveryMode".to_owned()]));
    }

    use super::*;
    use crate::settings::MatchingMethod;

    fn apply(patch: &SettingsPatch) -> Result<Settings, Vec<Problem>> {
        patch.apply(&Settings::defaults(), &AllowedHosts::dingtalk(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn all_mistakes_are_told_at_once_and_none_repeats_the_secret() {
        let patch = SettingsPatch {
            agent_id: Some(Some("dingabc".into())),
            app_key: Some(Some(" ".into())),
            app_secret: Some(Some("hunter2 hunter2".into())),
            urls: [
                (Api::GetToken, Some("nonsense".into())),
                (Api::UserGet, Some("https://evil.example/topapi/v2/user/get".into())),
            ]
            .into(),
            ..SettingsPatch::default()
        };

        let errors = apply(&patch).expect_err("five mistakes");
        let fields: Vec<_> = errors.iter().map(Problem::field).collect();
        assert_eq!(fields, ["agentId", "appKey", "appSecret", "getTokenUrl", "userGetUrl"]);
        assert!(!format!("{errors:?} {patch:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_pasted_with_white_space_around_it_is_trimmed() {
        let patch = SettingsPatch {
            agent_id: Some(Some(" 836390886\n".into())),
            app_key: Some(Some("\tdingabc ".into())),
            app_secret: Some(Some("s3cret\r\n".into())),
            matching_method: Some(MatchingMethod::UsernameToJobNumber),
            enabled: Some(true),
            ..SettingsPatch::default()
        };

        let settings = apply(&patch).expect("good");
        assert_eq!(
            (settings.agent_id.as_deref(), settings.app_key.as_deref()),
            (Some("836390886"), Some("dingabc"))
        );
        let secret = settings.app_secret.as_ref().expect("set");
        assert_eq!(
            (secret.value.expose_secret(), secret.set_at),
            ("s3cret", DateTime::UNIX_EPOCH)
        );
        assert!(settings.enabled() && settings.missing().is_empty());
    }

    #[test]
    fn agent_ids_are_positive_numbers_of_64_bits() {
        for bad in ["0", "-1", "+5", "1.5", "9223372036854775808", "８３６", ""] {
            let patch = SettingsPatch {
                agent_id: Some(Some(bad.into())),
                ..SettingsPatch::default()
            };
            assert!(apply(&patch).is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_url_a_required_call_has_its_default_and_an_optional_one_is_off() {
        let urls = [(Api::GetToken, None), (Api::UserList, None)].into();
        let settings = apply(&SettingsPatch {
            urls,
            ..SettingsPatch::default()
        })
        .expect("good");
        assert_eq!(settings.urls[&Api::GetToken], Api::GetToken.default_url());
        assert!(!settings.urls.contains_key(&Api::UserList));
    }

    #[test]
    fn the_change_to_the_defaults_is_accepted_and_calls_no_host_that_the_operator_did_not_name() {
        let gateway = AllowedHosts::parse("127.0.0.1:9001").expect("a list");
        let settings = SettingsPatch::to_defaults()
            .apply(&Settings::defaults(), &gateway, DateTime::UNIX_EPOCH)
            .expect("good");
        assert!(settings.urls.is_empty(), "{:?}", settings.urls);
        let settings = SettingsPatch::to_defaults()
            .apply(&settings, &AllowedHosts::dingtalk(), DateTime::UNIX_EPOCH)
            .expect("good");
        assert_eq!(settings.urls, Settings::defaults().urls);

        let back = SettingsPatch {
            urls: [(Api::GetToken, None)].into(),
            ..SettingsPatch::default()
        };
        let settings = back.apply(&settings, &gateway, DateTime::UNIX_EPOCH).expect("good");
        assert_eq!(settings.missing(), ["appKey", "appSecret", "agentId", "getTokenUrl"]);
    }
}
