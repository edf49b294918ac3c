//! How much is spent on asking what became of a message, as configured.

use crate::message::FollowUpPolicy;

/// The policy of messages that don't say it themselves.
pub(super) fn policy(text: &str) -> Result<FollowUpPolicy, String> {
    match text {
        "none" => Ok(FollowUpPolicy::None),
        "auto" => Ok(FollowUpPolicy::Auto),
        "final" => Ok(FollowUpPolicy::Final),
        "live" => Ok(FollowUpPolicy::Live),
        other => Err(format!("`{other}` is none of `auto`, `final`, `live`, `none`")),
    }
}
