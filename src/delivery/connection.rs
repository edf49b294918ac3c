//! The connection that the settings describe.

use crate::{
    catalogue::{Statement, delivery::SENDING_LACKS},
    dingtalk::Connection,
    settings::Settings,
};

/// What to send with; `Err`: the names of the form's fields that are missing or, for `agentId`, no number.
pub(super) fn connection(settings: &Settings) -> Result<Connection, Vec<&'static str>> {
    match Connection::from_settings(settings) {
        Ok(connection) if connection.agent_id.is_some() => Ok(connection),
        Ok(_) => Err(vec!["agentId"]),
        Err(mut missing) => {
            if settings.agent_id.is_none() {
                missing.push("agentId");
            }
            Err(missing)
        }
    }
}

/// The remedy for one missing field of the form.
pub(super) fn remedy(settings: &Settings, field: &str) -> Statement {
    let details = settings.explained(&[field]).join(", ");
    SENDING_LACKS { field, details }.into()
}
