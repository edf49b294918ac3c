//! What an attempt's end means for its recipients. The rule: repeat only what provably did not arrive.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::schedule::retry_delay;
use crate::{
    dingtalk::{Error, ErrorKind},
    message::{AttemptOutcome, RecipientState, in_beijing, month_of},
    settings::Api,
    store::{AttemptResult, Stop},
};

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It did not arrive: it may be repeated.
    Retry,
    /// DingTalk refused it.
    Rejected,
    /// It did not arrive, and no other would either: DingTalk takes no more this month, or somebody has to put something right
    /// first. It waits for the stop to end.
    Stopped,
    /// It may have arrived: it is never repeated.
    Unknown,
}

/// DingTalk's codes for an agentId that isn't the app's, and for an app that was stopped (fact sheet §4.1, §5).
const OF_THE_APP: [&str; 6] = ["40056", "41011", "52019", "70003", "70004", "50003"];

/// How long nothing is sent after what somebody has to put right: a change of the settings ends it at once, and what is put
/// right at DingTalk is noticed by trying again. No more often, because each try may be metered.
pub(super) const LOOK_AGAIN: Duration = Duration::from_mins(10);

fn fate(error: &Error) -> Fate {
    if error.code.as_deref().is_some_and(|code| OF_THE_APP.contains(&code)) {
        return Fate::Stopped;
    }
    match error.kind {
        // No token was to be had, so the message was never sent.
        ErrorKind::Unavailable | ErrorKind::OutcomeUnknown | ErrorKind::Undecodable if error.api == Api::GetToken => {
            Fate::Retry
        }
        ErrorKind::NotSent | ErrorKind::Cancelled | ErrorKind::Throttled | ErrorKind::Banned | ErrorKind::BadToken => {
            Fate::Retry
        }
        // "System busy" and the gateway's time-outs come from a backend that may well have finished, and a 5xx tells as little.
        ErrorKind::Unavailable | ErrorKind::OutcomeUnknown | ErrorKind::Undecodable => Fate::Unknown,
        ErrorKind::QuotaExhausted
        | ErrorKind::NotConfigured
        | ErrorKind::BadCredentials
        | ErrorKind::MissingPermission
        | ErrorKind::IpNotAllowed
        | ErrorKind::WrongUrl => Fate::Stopped,
        ErrorKind::OutOfScope | ErrorKind::NotFound | ErrorKind::BadRequest | ErrorKind::Refused => Fate::Rejected,
    }
}

/// DingTalk answered with a task id: accepted, which is no proof of delivery.
pub(super) fn accepted(task_id: i64, follow_up_at: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        task_id: Some(task_id),
        follow_up_at: Some(follow_up_at),
        ..ended(AttemptOutcome::Accepted, RecipientState::Accepted)
    }
}

/// An attempt that ended so, with nothing more to say.
fn ended(outcome: AttemptOutcome, recipient_state: RecipientState) -> AttemptResult {
    AttemptResult {
        outcome,
        counts: outcome != AttemptOutcome::NotMade,
        task_id: None,
        code: None,
        detail: None,
        recipient_state,
        not_before: None,
        reason: None,
        follow_up_at: None,
        repetition: None,
    }
}

/// What a failed call means for its recipients, and what it stops all sending for; `former_attempts` of the same recipients went
/// before it.
pub(super) fn failed(error: &Error, former_attempts: u32, now: DateTime<Utc>) -> (AttemptResult, Option<Stop>) {
    let said = sentence(error);
    let result = match fate(error) {
        Fate::Unknown => AttemptResult {
            code: error.code.clone(),
            ..unknown(&said)
        },
        Fate::Rejected => rejected(error, said),
        Fate::Stopped => {
            let stop = stop_for(error, now);
            let result = AttemptResult {
                code: error.code.clone(),
                detail: Some(said),
                not_before: Some(stop.until),
                reason: Some(stop.reason.clone()),
                counts: false,
                ..ended(AttemptOutcome::Retry, RecipientState::Queued)
            };
            return (result, Some(stop));
        }
        Fate::Retry => match retry_delay(former_attempts, error.retry_after) {
            Some(delay) => AttemptResult {
                code: error.code.clone(),
                detail: Some(said.clone()),
                not_before: Some(now + delay),
                reason: Some(format!("It did not arrive and will be sent again. {said}")),
                ..ended(AttemptOutcome::Retry, RecipientState::Queued)
            },
            None => rejected(
                error,
                format!("Given up after {} attempts. {said}", former_attempts.saturating_add(1)),
            ),
        },
    };
    (result, None)
}

/// What stops all sending, until when, and the remedy. The monthly quota: fact sheet §5.3.
pub(super) fn stop_for(error: &Error, now: DateTime<Utc>) -> Stop {
    if error.kind != ErrorKind::QuotaExhausted {
        return put_right(error.code.clone(), &sentence(error), now);
    }
    let until = month_of(now).1;
    Stop {
        until,
        code: error.code.clone(),
        reason: format!(
            "DingTalk's monthly quota of calls is used up, so nothing is sent before {}: buy more calls in DingTalk's developer \
             console and then call resumeDelivery, or wait.",
            in_beijing(until)
        ),
    }
}

/// A stop until somebody has put right what `said` tells.
fn put_right(code: Option<String>, said: &str, now: DateTime<Utc>) -> Stop {
    let until = now + LOOK_AGAIN;
    Stop {
        until,
        code,
        reason: format!(
            "Nothing is sent for now: {said} Messages wait; it is tried again after a change of the settings, by \
             resumeDelivery, and at {}.",
            in_beijing(until)
        ),
    }
}

/// The request left and no answer came, or none that tells.
pub(super) fn unknown(what: &str) -> AttemptResult {
    AttemptResult {
        detail: Some(what.to_owned()),
        reason: Some(format!("It may have arrived, and is not sent again. {what}")),
        ..ended(AttemptOutcome::Unknown, RecipientState::Unknown)
    }
}

/// No call was made, because there is nobody to send to.
pub(super) fn nobody() -> AttemptResult {
    held_back(RecipientState::Failed, "There is no DingTalk user to send it to.")
}

/// No call was made, because the settings lack what `missing` says; and what stops sending until they have it.
pub(super) fn incomplete(missing: &str, now: DateTime<Utc>) -> (AttemptResult, Stop) {
    let stop = put_right(None, missing, now);
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

/// No call was made, because the process stood still until its claim was nearly over: whoever has it now may send at once.
pub(super) fn too_late(now: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        detail: Some("No call was made: the process stood still until it was too late.".to_owned()),
        not_before: Some(now),
        ..ended(AttemptOutcome::NotMade, RecipientState::Queued)
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

/// How long to send nothing at all after an error that the next call would meet as well.
pub(super) fn pause_after(error: &Error) -> Option<Duration> {
    let least = match error.kind {
        // The ban lasts five minutes, and calls during it don't shorten it (fact sheet §5.1).
        ErrorKind::Banned => Duration::from_mins(5),
        ErrorKind::Throttled | ErrorKind::NotSent | ErrorKind::Unavailable => Duration::from_secs(1),
        _ => return None,
    };
    Some(error.retry_after.unwrap_or(least).min(super::schedule::LONGEST_WAIT))
}

fn rejected(error: &Error, said: String) -> AttemptResult {
    AttemptResult {
        code: error.code.clone(),
        detail: Some(said.clone()),
        reason: Some(said),
        ..ended(AttemptOutcome::Rejected, RecipientState::Failed)
    }
}

/// The client's message, with DingTalk's code where it isn't in it.
fn sentence(error: &Error) -> String {
    match &error.code {
        Some(code) if !error.message.contains(code.as_str()) => format!("{} (DingTalk's code {code})", error.message),
        _ => error.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::schedule::RETRIES;

    fn error(kind: ErrorKind, code: Option<&str>) -> Error {
        Error {
            api: Api::AsyncSend,
            kind,
            code: code.map(str::to_owned),
            message: "What happened, and the remedy.".into(),
            retry_after: None,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    #[test]
    fn each_error_has_the_fate_of_its_kind() {
        use AttemptOutcome::{Rejected, Retry, Unknown};
        for (kind, code, outcome) in [
            (ErrorKind::NotSent, None, Retry),
            (ErrorKind::Cancelled, None, Retry),
            (ErrorKind::Throttled, Some("90018"), Retry),
            (ErrorKind::Banned, None, Retry),
            (ErrorKind::BadToken, Some("40014"), Retry),
            (ErrorKind::Unavailable, Some("-1"), Unknown),
            (ErrorKind::Unavailable, Some("88"), Unknown),
            (ErrorKind::Unavailable, Some("15"), Unknown),
            (ErrorKind::Unavailable, Some("400001"), Unknown),
            (ErrorKind::Unavailable, None, Unknown),
            (ErrorKind::OutcomeUnknown, None, Unknown),
            (ErrorKind::Undecodable, None, Unknown),
            (ErrorKind::NotConfigured, None, Retry),
            (ErrorKind::BadCredentials, Some("40096"), Retry),
            (ErrorKind::MissingPermission, Some("60011"), Retry),
            (ErrorKind::OutOfScope, Some("50002"), Rejected),
            (ErrorKind::NotFound, Some("60121"), Rejected),
            (ErrorKind::IpNotAllowed, Some("60020"), Retry),
            (ErrorKind::WrongUrl, Some("22"), Retry),
            (ErrorKind::BadRequest, Some("40056"), Retry),
            (ErrorKind::BadRequest, Some("40035"), Rejected),
            (ErrorKind::Refused, Some("50003"), Retry),
            (ErrorKind::Refused, Some("41044"), Rejected),
        ] {
            let (result, _) = failed(&error(kind, code), 0, now());
            assert_eq!(result.outcome, outcome, "{kind:?} {code:?}");
            let state = match outcome {
                Retry => RecipientState::Queued,
                Rejected => RecipientState::Failed,
                _ => RecipientState::Unknown,
            };
            assert_eq!(result.recipient_state, state, "{kind:?}");
            assert_eq!(result.not_before.is_some(), outcome == Retry);
            assert_eq!(result.code.as_deref(), code);
            assert!(
                result
                    .reason
                    .is_some_and(|reason| reason.contains("the remedy") && reason.contains(code.unwrap_or("")))
            );
        }
    }

    #[test]
    fn an_exhausted_quota_waits_for_the_next_month_and_says_so() {
        let exhausted = error(ErrorKind::QuotaExhausted, Some("90020"));
        let (result, _) = failed(&exhausted, 0, now());
        assert_eq!(
            (result.outcome, result.recipient_state),
            (AttemptOutcome::Retry, RecipientState::Queued)
        );
        assert_eq!(result.not_before, Some(month_of(now()).1));
        let reason = result.reason.expect("a reason");
        assert!(
            reason.contains("2027-02-01 00:00 (UTC+8)") && reason.contains("resumeDelivery"),
            "{reason}"
        );
    }

    #[test]
    fn what_somebody_has_to_put_right_stops_sending_for_a_while_however_often_it_was_tried() {
        let refused = error(ErrorKind::BadCredentials, Some("40096"));
        let (result, stop) = failed(&refused, 99, now());
        assert!(!result.counts, "waiting for that uses up no retries");
        let stop = stop.expect("it stops all sending");
        assert_eq!((stop.until, stop.code.as_deref()), (now() + LOOK_AGAIN, Some("40096")));
        assert!(stop.reason.contains("the remedy") && stop.reason.contains("resumeDelivery"));
        assert_eq!(
            (result.not_before, result.reason, result.recipient_state),
            (Some(stop.until), Some(stop.reason), RecipientState::Queued)
        );
        assert_eq!(failed(&error(ErrorKind::Throttled, None), 0, now()).1, None);
    }

    #[test]
    fn a_retry_is_due_later_each_time_and_is_given_up_in_the_end() {
        let throttled = error(ErrorKind::Throttled, Some("90018"));
        for n in 0..RETRIES.len() as u32 {
            let (result, _) = failed(&throttled, n, now());
            assert_eq!((result.outcome, result.counts), (AttemptOutcome::Retry, true));
            assert!(
                result
                    .not_before
                    .is_some_and(|at| at > now() && at <= now() + RETRIES[n as usize])
            );
        }
        let (last, _) = failed(&throttled, RETRIES.len() as u32, now());
        assert_eq!(last.recipient_state, RecipientState::Failed);
        assert!(
            last.reason
                .is_some_and(|reason| reason.starts_with("Given up after 8 attempts. "))
        );
    }

    #[test]
    fn without_a_token_nothing_was_sent_whatever_became_of_asking_for_it() {
        for kind in [
            ErrorKind::Unavailable,
            ErrorKind::OutcomeUnknown,
            ErrorKind::Undecodable,
        ] {
            let tokenless = Error {
                api: Api::GetToken,
                ..error(kind, None)
            };
            assert_eq!(failed(&tokenless, 0, now()).0.outcome, AttemptOutcome::Retry);
        }
    }

    #[test]
    fn dingtalks_own_wait_is_honoured() {
        let banned = Error {
            retry_after: Some(Duration::from_mins(5)),
            ..error(ErrorKind::Banned, None)
        };
        assert!(
            failed(&banned, 0, now())
                .0
                .not_before
                .is_some_and(|at| at >= now() + Duration::from_mins(5))
        );
        assert_eq!(pause_after(&banned), Some(Duration::from_mins(5)));
        assert_eq!(pause_after(&error(ErrorKind::BadRequest, None)), None);
    }
}
