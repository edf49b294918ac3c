//! What is told of recipients whom DingTalk is not asked about, or not soon.

use chrono::{DateTime, Utc};

use crate::{
    catalogue::{
        Statement,
        delivery::{ASKED_AT_THE_END, ASKED_IF_CALLS_ARE_LEFT, NOT_FOLLOWED_UP},
    },
    message::FollowUpPolicy,
};

/// Why nothing is known yet of what DingTalk took; `at`: when it is asked. `None`: it is asked at once.
pub(super) fn asked_later(policy: FollowUpPolicy, at: Option<DateTime<Utc>>) -> Option<Statement> {
    match (policy, at) {
        (FollowUpPolicy::Live, _) => None,
        (FollowUpPolicy::None, _) | (_, None) => Some(NOT_FOLLOWED_UP {}.into()),
        (FollowUpPolicy::Final, Some(at)) => Some(ASKED_AT_THE_END { at }.into()),
        (FollowUpPolicy::Auto, Some(at)) => Some(ASKED_IF_CALLS_ARE_LEFT { at }.into()),
    }
}
