//! The connection that the settings describe.

use crate::{dingtalk::Connection, settings::Settings};

/// What to send with; `Err`: the names of the form's fields that are missing or, for `agentId`, no number.
pub(super) fn connection(settings: &Settings) -> Result<Connection, Vec<&'static str>> {
    let mut missing = settings.missing();
    let agent_id = settings.agent_id.as_deref().and_then(|id| id.parse::<i64>().ok());
    if agent_id.is_none() && !missing.contains(&"agentId") {
        missing.push("agentId");
    }
    match (&settings.app_key, &settings.app_secret) {
        (Some(app_key), Some(app_secret)) if missing.is_empty() => Ok(Connection {
            app_key: app_key.clone(),
            app_secret: app_secret.value.clone(),
            agent_id,
            urls: settings.urls.clone(),
        }),
        _ => Err(missing),
    }
}

/// The remedy for one missing field of the form.
pub(super) fn remedy(field: &str) -> String {
    format!(
        "The settings lack a valid {field}, which sending needs: set it with updateSettings, or switch sending off (enabled: \
         false)."
    )
}
