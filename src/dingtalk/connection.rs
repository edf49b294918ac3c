//! What a call needs to know of the settings.

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

use crate::settings::{Api, Settings};

/// What is needed to call DingTalk, from the settings in force. An API without a URL isn't configured, and isn't called.
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
            }),
            _ => Err(missing),
        }
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
    fn a_connection_never_shows_its_secret() {
        let connection = Connection {
            app_key: "dingabc".into(),
            app_secret: "hunter2".into(),
            agent_id: None,
            urls: BTreeMap::new(),
        };
        assert!(!format!("{connection:?}").contains("hunter2"));
    }
}
