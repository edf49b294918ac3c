//! Attempts that end without a call, and why.

use chrono::{DateTime, Utc};

use super::outcome::{LOOK_AGAIN, ended, put_right};
use crate::{
    catalogue::{Statement, delivery as said},
    message::{AttemptOutcome, RecipientState},
    store::{AttemptResult, Stop},
};

/// No call was made, because there is nobody to send to.
pub(super) fn nobody() -> AttemptResult {
    held_back(RecipientState::Failed, said::NOBODY_TO_SEND_TO {}.into())
}

/// No call was made, because the settings lack what `missing` says; and what stops sending until they have it.
pub(super) fn incomplete(missing: Statement, now: DateTime<Utc>) -> (AttemptResult, Stop) {
    let stop = put_right(None, missing, now + LOOK_AGAIN);
    let result = AttemptResult {
        not_before: Some(stop.until),
        ..held_back(RecipientState::Queued, stop.reason.clone())
    };
    (result, stop)
}

fn held_back(state: RecipientState, why: Statement) -> AttemptResult {
    AttemptResult {
        detail: Some(said::CALL_NOT_MADE { why: &why }.into()),
        reason: Some(why),
        ..ended(AttemptOutcome::NotMade, state)
    }
}

/// No call was made, because the process stood still until its claim was nearly over: whoever has it now may send at
/// once.
pub(super) fn too_late(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some(said::PROCESS_STOOD_STILL {}.into()),
        not_before: Some(now),
        ..ended(AttemptOutcome::NotMade, RecipientState::Queued)
    }
}

/// No call was made, because there was no token or no turn at DingTalk's limits in time, or the process ends: it is
/// sent later, or by another one.
pub(super) fn no_turn(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some(said::NO_TURN_IN_TIME {}.into()),
        ..too_late(now)
    }
}

/// No call was made, because the database's answer to the claim was lost.
pub(super) fn not_made(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some(said::CLAIM_UNHEARD {}.into()),
        ..too_late(now)
    }
}

/// No call was made, because this process can't make any: another one may send at once.
pub(super) fn own_fault(fault: Statement, now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        not_before: Some(now),
        ..held_back(RecipientState::Queued, fault)
    }
}

/// No call was made, because the settings name another app since it was claimed.
pub(super) fn another_app(now: DateTime<Utc>) -> AttemptResult {
    own_fault(said::RESOLVED_FOR_ANOTHER_APP {}.into(), now)
}

/// No call was made, because sending was switched off while the message was queued.
pub(super) fn switched_off() -> AttemptResult {
    held_back(RecipientState::Suppressed, said::SWITCHED_OFF_MEANWHILE {}.into())
}

/// No call was made: sending was switched to shadow while the message was queued.
pub(super) fn shadowed() -> AttemptResult {
    held_back(RecipientState::Shadowed, said::SHADOWED_MEANWHILE {}.into())
}

/// No call was made: sending was redirected to a tester while the message was queued for others.
pub(super) fn redirected_meanwhile() -> AttemptResult {
    held_back(RecipientState::Suppressed, said::REDIRECTED_MEANWHILE {}.into())
}
