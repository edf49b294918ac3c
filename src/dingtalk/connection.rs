//! What a call needs to know of the settings.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    catalogue::Statement,
    settings::{Api, Settings},
};

/// What is needed to call DingTalk, from the settings in force. An API without a URL isn't configured, and isn't
/// called.
#[derive(Debug, Clone)]
pub struct Connection {
    /// AppKey.
    pub app_key: String,
    /// AppSecret.
    pub app_secret: SecretString,
    /// AgentId; only sending needs it.
    pub agent_id: Option<i64>,
    /// URL of each call.
    pub urls: BTreeMap<Api, Url>,
    /// Of calls without one, why and what to do, where it isn't simply that nothing was filled in.
    pub off: BTreeMap<Api, Statement>,
}

impl Connection {
    /// The connection that `settings` describe, or the names of the fields without which no call can be made.
    pub fn from_settings(settings: &Settings) -> Result<Self, Vec<&'static str>> {
        let missing: Vec<_> = settings
            .missing()
            .into_iter()
            .filter(|field| *field != "agentId")
            .collect();

        match (&settings.app_key, &settings.app_secret) {
            (Some(app_key), Some(app_secret)) if missing.is_empty() => Ok(Self {
                app_key: app_key.clone(),
                app_secret: app_secret.value.clone(),
                agent_id: settings.agent_id.as_deref().and_then(|id| id.parse().ok()),
                urls: settings.urls.clone(),
                off: settings
                    .unused_urls
                    .keys()
                    .map(|api| (*api, settings.why_off(*api)))
                    .collect(),
            }),
            _ => Err(missing),
        }
    }

    /// Why a call isn't made, and what to do.
    pub(super) fn why_off(&self, api: Api) -> Statement {
        self.off.get(&api).cloned().unwrap_or_else(|| api.not_set())
    }

    /// Whether calls to `apis` go to the same places as the same app by both.
    pub fn calls_alike(&self, other: &Self, apis: &[Api]) -> bool {
        let urls = |it: &Self| apis.iter().map(|api| it.urls.get(api).cloned()).collect::<Vec<_>>();
        self.app_key == other.app_key
            && self.app_secret.expose_secret() == other.app_secret.expose_secret()
            && urls(self) == urls(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_credentials_name_the_fields_to_fill_in() {
        let missing = Connection::from_settings(&Settings::defaults()).expect_err("nothing is set");
        assert_eq!(missing, ["appKey", "appSecret"], "reading needs no agentId");
    }

    #[test]
    fn connections_are_alike_where_the_calls_in_question_are() {
        let url = |text: &str| -> Url { text.parse().expect("a URL") };
        let connection = Connection {
            app_key: "dingabc".into(),
            app_secret: "hunter2".into(),
            agent_id: None,
            urls: BTreeMap::from([(Api::UserGet, url("https://a.example/get"))]),
            off: BTreeMap::new(),
        };
        let alike = |other: &Connection| connection.calls_alike(other, &[Api::GetToken, Api::UserGet]);

        let mut other = connection.clone();
        other.urls.insert(Api::UserList, url("https://a.example/list"));
        other.agent_id = Some(1);
        assert!(alike(&other), "only what is asked for counts");

        other.urls.insert(Api::UserGet, url("https://b.example/get"));
        assert!(!alike(&other));
        let another_secret = Connection {
            app_secret: "hunter3".into(),
            ..connection.clone()
        };
        assert!(!alike(&another_secret));
    }

    #[test]
    fn a_connection_never_shows_its_secret() {
        let connection = Connection {
            app_key: "dingabc".into(),
            app_secret: "hunter2".into(),
            agent_id: None,
            urls: BTreeMap::new(),
            off: BTreeMap::new(),
        };
        assert!(!format!("{connection:?}").contains("hunter2"));
    }
}
