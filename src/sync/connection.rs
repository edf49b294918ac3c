//! What a sync needs of the settings.

use crate::{dingtalk::Connection, settings::Settings};

/// Sending needs it, reading doesn't.
const ONLY_FOR_SENDING: &str = "agentId";

/// The connection that the settings describe, or the names of the fields without which no sync can run.
pub(super) fn connection_of(settings: &Settings) -> Result<Connection, Vec<String>> {
    let missing: Vec<String> = settings
        .missing()
        .into_iter()
        .filter(|field| *field != ONLY_FOR_SENDING)
        .map(ToOwned::to_owned)
        .collect();
    match (&settings.app_key, &settings.app_secret) {
        (Some(app_key), Some(secret)) if missing.is_empty() => Ok(Connection {
            app_key: app_key.clone(),
            app_secret: secret.value.clone(),
            agent_id: settings.agent_id.as_deref().and_then(|id| id.parse().ok()),
            urls: settings.urls.clone(),
        }),
        _ => Err(missing),
    }
}
