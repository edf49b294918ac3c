//! The form's values.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{api::Api, mode::DeliveryMode, unused_url::UnusedUrl};
use crate::catalogue::{
    Statement,
    delivery::{HOSTS_NOT_ALLOWED_HERE, SECRET_SEALED_HERE},
};

/// How a Confluence user is matched with a DingTalk user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MatchingMethod {
    /// Confluence email against DingTalk `email` and `org_email`.
    #[default]
    EmailToEmail,
    /// Confluence username against DingTalk `job_number`.
    UsernameToJobNumber,
}

impl MatchingMethod {
    /// Its name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmailToEmail => "EMAIL_TO_EMAIL",
            Self::UsernameToJobNumber => "USERNAME_TO_JOB_NUMBER",
        }
    }

    /// The method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::EmailToEmail, Self::UsernameToJobNumber]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

/// The app secret: readable only by the DingTalk client.
#[derive(Debug, Clone)]
pub struct AppSecret {
    /// The secret itself.
    pub value: SecretString,
    /// When it was last set.
    pub set_at: DateTime<Utc>,
}

/// The settings as they stand.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Goes up by one with each change; 0 is "never changed".
    pub version: i64,
    /// AgentId of the DingTalk app, decimal digits.
    pub agent_id: Option<String>,
    /// AppKey (Client ID).
    pub app_key: Option<String>,
    /// AppSecret (Client Secret).
    pub app_secret: Option<AppSecret>,
    /// There is a stored secret that was sealed with another key, set at this time: it counts as not set.
    pub unreadable_secret: Option<DateTime<Utc>>,
    /// URL of each call; an optional call without one isn't made.
    pub urls: BTreeMap<Api, Url>,
    /// URLs that are kept and not called, because the operator's list doesn't have their hosts (any more).
    pub unused_urls: BTreeMap<Api, UnusedUrl>,
    /// How people are matched.
    pub matching_method: MatchingMethod,
    /// Whether and how messages are sent.
    pub delivery_mode: DeliveryMode,
    /// The tester's `userid`, for `Redirect`.
    pub redirect_to: Option<String>,
    /// `deptId`s of the subtrees to mirror; empty: everything that the app may see.
    pub include_departments: BTreeSet<i64>,
    /// `deptId`s of the subtrees to leave out.
    pub exclude_departments: BTreeSet<i64>,
    /// When they were last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Who last changed them: the token's subject.
    pub updated_by: Option<String>,
}

impl Settings {
    /// The form's Yes or No.
    pub fn enabled(&self) -> bool {
        self.delivery_mode != DeliveryMode::Off
    }

    /// What keeps this process from calling DingTalk although the form is filled in: its own key or list of hosts,
    /// which another process may have right; with the remedy.
    pub fn own_fault(&self) -> Option<Statement> {
        self.app_key.as_ref()?;
        if self.unreadable_secret.is_some() {
            return Some(SECRET_SEALED_HERE {}.into());
        }

        self.app_secret.as_ref()?;
        let refused: Vec<_> = self
            .unused_urls
            .keys()
            .filter(|api| api.is_required())
            .map(|api| api.field())
            .collect();

        let fields = refused.join(", ");
        (!refused.is_empty()).then(|| HOSTS_NOT_ALLOWED_HERE { fields }.into())
    }
}

/// A change of some of the form's fields, as a caller wrote them: nothing here is checked yet. `None` leaves a field
/// alone.
#[derive(Debug, Clone, Default)]
pub struct SettingsPatch {
    /// AgentId; the inner `None` clears it.
    pub agent_id: Option<Option<String>>,
    /// AppKey; the inner `None` clears it.
    pub app_key: Option<Option<String>>,
    /// AppSecret; the inner `None` clears it.
    pub app_secret: Option<Option<SecretString>>,
    /// Every URL back to its default, before `urls` is looked at.
    pub reset_urls: bool,
    /// URLs by call; the inner `None` resets a required one to its default and switches an optional one off.
    pub urls: BTreeMap<Api, Option<String>>,
    /// Matching method.
    pub matching_method: Option<MatchingMethod>,
    /// Yes or no, as the form has it: `On` (where it is off) or `Off`.
    pub enabled: Option<bool>,
    /// Whether and how messages are sent.
    pub delivery_mode: Option<DeliveryMode>,
    /// The tester's `userid`; the inner `None` clears it.
    pub redirect_to: Option<Option<String>>,
    /// Subtrees to mirror, the whole list.
    pub include_departments: Option<Vec<i64>>,
    /// Subtrees to leave out, the whole list.
    pub exclude_departments: Option<Vec<i64>>,
}
