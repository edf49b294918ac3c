//! Attempts that end without a call, and why.

use chrono::{DateTime, Utc};

use super::outcome::{LOOK_AGAIN, ended, put_right};
use crate::{
    message::{AttemptOutcome, RecipientState},
    store::{AttemptResult, Stop},
};

/// No call was made, because there is nobody to send to.
pub(super) fn nobody() -> AttemptResult {
    held_back(RecipientState::Failed, "There is no DingTalk user to send it to.")
}

/// No call was made, because the settings lack what `missing` says; and what stops sending until they have it.
pub(super) fn incomplete(missing: &str, now: DateTime<Utc>) -> (AttemptResult, Stop) {
    let stop = put_right(None, missing, now + LOOK_AGAIN);
    let result = AttemptResult {
        not_before: Some(stop.until),
        ..held_back(RecipientState::Queued, &stop.reason)
    };
    (result, stop)
}

fn held_back(state: RecipientState, reason: &str) -> AttemptResult {
    AttemptResult {
        detail: Some(format!("No call was made. {reason}")),
        reason: Some(reason.to_owned()),
        ..ended(AttemptOutcome::NotMade, state)
    }
}

/// No call was made, because the process stood still until its claim was nearly over: whoever has it now may send at
/// once.
pub(super) fn too_late(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some("No call was made: the process stood still until it was too late.".to_owned()),
        not_before: Some(now),
        ..ended(AttemptOutcome::NotMade, RecipientState::Queued)
    }
}

/// No call was made, because there was no token or no turn at DingTalk's limits in time, or the process ends: it is
/// sent later, or by another one.
pub(super) fn no_turn(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some("No call was made: its turn at DingTalk's limits did not come in time.".to_owned()),
        ..too_late(now)
    }
}

/// No call was made, because the database's answer to the claim was lost.
pub(super) fn not_made(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some("No call was made: the database's answer to the claim was lost.".to_owned()),
        ..too_late(now)
    }
}

/// No call was made, because this process can't make any: another one may send at once.
pub(super) fn own_fault(fault: &str, now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        not_before: Some(now),
        ..held_back(RecipientState::Queued, fault)
    }
}

/// No call was made, because the settings name another app since it was claimed.
pub(super) fn another_app(now: DateTime<Utc>) -> AttemptResult {
    own_fault(
        "The settings name another app than the one that it was resolved for.",
        now,
    )
}

/// No call was made, because sending was switched off while the message was queued.
pub(super) fn switched_off() -> AttemptResult {
    let reason = "Sending was switched off in the settings (enabled: false) before it was sent.";
    held_back(RecipientState::Suppressed, reason)
}

/// No call was made: sending was switched to shadow while the message was queued.
pub(super) fn shadowed() -> AttemptResult {
    let reason = "Sending was switched to SHADOW in the settings before it was sent.";
    held_back(RecipientState::Shadowed, reason)
}

/// No call was made: sending was redirected to a tester while the message was queued for others.
pub(super) fn redirected_meanwhile() -> AttemptResult {
    let reason = "Sending was switched to REDIRECT in the settings before it was sent, and what others were meant to get goes to \
                  nobody.";
    held_back(RecipientState::Suppressed, reason)
}
