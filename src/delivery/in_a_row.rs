//! Sends that are refused in the same way one after the other: then it isn't the messages' fault.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    context::DeliveryContext,
    outcome::{Consequence, LOOK_AGAIN, consequence, put_right, split, statement, stopped},
};
use crate::{
    catalogue::delivery::REFUSED_IN_A_ROW,
    dingtalk::{Class, Error},
    message::Day,
    settings::Api,
    store::{AttemptResult, ClaimedBatch, Stop},
};

/// After so many sends in a row that ended with the same code nothing is sent until somebody has looked: then it isn't
/// the messages' fault. Whoever goes on with what DingTalk refuses gets the app restricted.
fn most_in_a_row(class: Class) -> Option<Threshold> {
    let threshold = |messages, calls| Some(Threshold { messages, calls });
    match class {
        Class::Unknown | Class::NextDay => threshold(3, 1),
        Class::Request => threshold(5, 1),
        // One message may need many calls until it is found who of its recipients is to blame.
        Class::Recipient | Class::Scope | Class::Gone => threshold(5, 20),
        _ => None,
    }
}

/// From how many sends in a row on it isn't the messages' fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Threshold {
    /// Of different messages.
    messages: u32,
    /// In calls of any message.
    calls: u32,
}

/// Whether this call is one of so many that ended in the same way, over all replicas, that it can't be the messages'
/// fault.
pub(super) async fn too_many_in_a_row(
    context: &DeliveryContext,
    batch: &ClaimedBatch,
    error: &Error,
) -> Option<Threshold> {
    let threshold = most_in_a_row(error.class()).filter(|_| error.api != Api::GetToken)?;
    let code = error.code.as_deref()?;
    let so_far = match context.store.ended_in_a_row(code, &batch.messages).await {
        Ok(so_far) => so_far,
        Err(error) => {
            tracing::warn!(%error, "how the calls before this one ended is not known");
            return None;
        }
    };

    // This one, which is not on record yet, is one more.
    (so_far.messages + 1 >= threshold.messages && so_far.calls + 1 >= threshold.calls).then_some(threshold)
}

/// What a failed call means for its `recipients` where the same has happened to so many others that it stops all
/// sending.
///
/// Where somebody of the call may be to blame, the search for them goes on: it ends, and the next call is another
/// one's. The others wait, for they would be lost by what isn't their fault.
pub(super) fn failed_in_a_row(
    error: &Error,
    threshold: Threshold,
    recipients: usize,
    now: DateTime<Utc>,
) -> (AttemptResult, Stop) {
    let why = REFUSED_IN_A_ROW {
        calls: threshold.calls,
        messages: threshold.messages,
        why: statement(error),
    };

    let until = match error.class() {
        Class::NextDay => Day::of(now).end() + Duration::from_mins(1),
        _ => now + LOOK_AGAIN,
    };
    let stop = put_right(error.code.clone(), why.into(), until);

    let result = match consequence(error) {
        Consequence::Split => split(error, recipients),
        _ => stopped(error, &stop),
    };
    (result, stop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::outcome::tests::{error, now},
        dingtalk::ErrorKind,
        message::RecipientState,
    };

    #[test]
    fn the_same_in_a_row_stops_sending_with_dingtalks_words() {
        let odd = error(ErrorKind::UnknownCode, Some("987654"));
        let threshold = most_in_a_row(odd.class()).expect("a limit");
        let (result, stop) = failed_in_a_row(&odd, threshold, 1, now());
        assert_eq!((result.recipient_state, result.counts), (RecipientState::Queued, false));
        assert_eq!((stop.until, stop.code.as_deref()), (now() + LOOK_AGAIN, Some("987654")));
        let reason = stop.reason.to_string();
        assert!(reason.contains("3 different messages") && reason.contains("987654"));
        assert_eq!(most_in_a_row(Class::Content), None);
    }

    #[test]
    fn a_stop_does_not_end_the_search_for_who_is_to_blame() {
        let refused = error(ErrorKind::BadRecipient, Some("60121"));
        let threshold = most_in_a_row(refused.class()).expect("a limit");

        for (recipients, state, together) in [
            (100, RecipientState::Queued, Some(50)),
            (1, RecipientState::Invalid, None),
        ] {
            let (result, stop) = failed_in_a_row(&refused, threshold, recipients, now());
            assert_eq!((result.recipient_state, result.together), (state, together));
            assert!(
                stop.reason.contains("20 calls, of 5 different messages"),
                "{}",
                stop.reason
            );
        }
    }
}
