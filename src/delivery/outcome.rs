//! What an attempt's end means for its recipients. The rule: repeat only what provably did not arrive.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::schedule::retry_delay;
use crate::{
    catalogue::{Statement, delivery as said},
    dingtalk::{Class, Error, ErrorKind},
    message::{AttemptOutcome, Day, RecipientState, month_of},
    settings::Api,
    store::{AttemptResult, Stop},
};

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consequence {
    /// It did not arrive: it may be repeated.
    Retry,
    /// It did not arrive, because there was no token to send it with: it waits, however often that happens.
    Waits,
    /// DingTalk refused this message.
    Rejected,
    /// DingTalk refused somebody of the call: the others are sent to without them.
    Split,
    /// DingTalk takes it not before tomorrow.
    Tomorrow,
    /// It did not arrive, and no other would either: DingTalk takes no more this month, or somebody has to put
    /// something right first. It waits for the stop to end.
    Stopped,
    /// It may have arrived: it is never repeated.
    Unknown,
}

/// How long nothing is sent after what somebody has to put right: a change of the settings ends it at once, and what is
/// put right at DingTalk is noticed by trying again. No more often, because each try may be metered.
pub(super) const LOOK_AGAIN: Duration = Duration::from_mins(10);
/// A token that is refused though it is new may be one that DingTalk's servers haven't all heard of.
const LOOK_FOR_TOKEN: Duration = Duration::from_mins(1);
/// How long a message waits for a token that passing trouble keeps from us.
const WAIT_FOR_TOKEN: Duration = Duration::from_secs(15);

pub(super) fn consequence(error: &Error) -> Consequence {
    match error.class() {
        Class::Application | Class::Token => Consequence::Stopped,
        // No token was to be had, so the message was never sent.
        _ if error.api == Api::GetToken => Consequence::Waits,
        Class::Throttled | Class::Banned | Class::Cancelled | Class::Transient => {
            // "System busy" and the gateway's time-outs come from a backend that may well have finished, and a 5xx
            // tells as little.
            if error.kind == ErrorKind::Unavailable {
                Consequence::Unknown
            } else {
                Consequence::Retry
            }
        }
        Class::UnknownOutcome | Class::Undecodable => Consequence::Unknown,
        Class::NextDay => Consequence::Tomorrow,
        // Of a send these are a recipient's.
        Class::Recipient | Class::Scope | Class::Gone => Consequence::Split,
        Class::Content | Class::Request | Class::Unknown => Consequence::Rejected,
    }
}

/// DingTalk answered with a task id: accepted, which is no proof of delivery. `reason`: why no more is known of it for
/// longer than usual.
pub(super) fn accepted(task_id: i64, follow_up_at: Option<DateTime<Utc>>, reason: Option<Statement>) -> AttemptResult {
    AttemptResult {
        task_id: Some(task_id),
        follow_up_at,
        reason,
        ..ended(AttemptOutcome::Accepted, RecipientState::Accepted)
    }
}

/// An attempt that ended so, with nothing more to say.
pub(super) fn ended(outcome: AttemptOutcome, recipient_state: RecipientState) -> AttemptResult {
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
        together: None,
    }
}

/// What a failed call means for its `recipients`, and what it stops all sending for; `former_attempts` of the same
/// recipients went before it.
pub(super) fn failed(
    error: &Error,
    recipients: usize,
    former_attempts: u32,
    now: DateTime<Utc>,
) -> (AttemptResult, Option<Stop>) {
    let why = statement(error);
    let result = match consequence(error) {
        Consequence::Unknown => AttemptResult {
            code: error.code.clone(),
            ..unknown(why)
        },
        Consequence::Rejected => rejected(error, RecipientState::Failed, why),
        Consequence::Split => split(error, recipients),
        Consequence::Tomorrow => {
            let until = Day::of(now).end() + Duration::from_mins(1);
            let reason = said::WAITS_FOR_TOMORROW { until, why: &why };
            waits(error, reason.into(), why, until)
        }
        Consequence::Waits => {
            let wait = error.retry_after.unwrap_or_default().max(WAIT_FOR_TOKEN);
            let reason = said::WAITS_FOR_TOKEN { why: &why };
            let until = now + wait.min(super::schedule::LONGEST_WAIT);
            waits(error, reason.into(), why, until)
        }
        Consequence::Stopped => {
            let stop = stop_for(error, now);
            return (stopped(error, &stop), Some(stop));
        }
        Consequence::Retry => match retry_delay(former_attempts, error.retry_after) {
            Some(delay) => {
                let reason = said::WILL_BE_REPEATED { why: &why };
                AttemptResult {
                    counts: true,
                    ..waits(error, reason.into(), why, now + delay)
                }
            }
            None => {
                let attempts = former_attempts.saturating_add(1);
                let reason = said::GIVEN_UP { attempts, why };
                rejected(error, RecipientState::Failed, reason.into())
            }
        },
    };

    (result, None)
}

/// Somebody of the call is to blame: the others are sent to without them. They keep their places in the queue, so that
/// the first half of the first half comes next, and the one is found before everybody has been refused once more.
pub(super) fn split(error: &Error, recipients: usize) -> AttemptResult {
    let why = statement(error);
    if recipients > 1 {
        let together = recipients.div_ceil(2);
        return AttemptResult {
            code: error.code.clone(),
            reason: Some(
                said::CALL_IS_SPLIT {
                    recipients,
                    together,
                    why: &why,
                }
                .into(),
            ),
            detail: Some(why),
            together: Some(u32::try_from(together).unwrap_or(u32::MAX)),
            counts: false,
            ..ended(AttemptOutcome::Retry, RecipientState::Queued)
        };
    }

    let refuses = error.class() == Class::Recipient && error.code.as_deref().is_some_and(refuses_messages);
    let state = if refuses {
        RecipientState::Failed
    } else {
        RecipientState::Invalid
    };
    rejected(error, state, why)
}

/// Back into the queue, and none of the attempts after which it is given up: it did not arrive.
fn waits(error: &Error, reason: Statement, detail: Statement, not_before: DateTime<Utc>) -> AttemptResult {
    AttemptResult {
        code: error.code.clone(),
        detail: Some(detail),
        not_before: Some(not_before),
        reason: Some(reason),
        counts: false,
        ..ended(AttemptOutcome::Retry, RecipientState::Queued)
    }
}

pub(super) fn stopped(error: &Error, stop: &Stop) -> AttemptResult {
    waits(error, stop.reason.clone(), statement(error), stop.until)
}

/// 81001, 81002: they are there, and want nothing.
fn refuses_messages(code: &str) -> bool {
    code.starts_with("8100")
}

/// What stops all sending, until when, and the remedy. The monthly quota: `docs/dingtalk.md#monthly-quota`.
pub(super) fn stop_for(error: &Error, now: DateTime<Utc>) -> Stop {
    if error.kind != ErrorKind::QuotaExhausted {
        let wait = match error.class() {
            Class::Token => LOOK_FOR_TOKEN,
            _ => LOOK_AGAIN,
        };
        return put_right(error.code.clone(), statement(error), now + wait);
    }

    let until = month_of(now).1;
    Stop {
        until,
        code: error.code.clone(),
        reason: said::STOPPED_BY_QUOTA { until }.into(),
    }
}

/// A stop until somebody has put right what `why` tells.
pub(super) fn put_right(code: Option<String>, why: Statement, until: DateTime<Utc>) -> Stop {
    Stop {
        until,
        code,
        reason: said::STOPPED_FOR_NOW { why, until }.into(),
    }
}

/// The request left and no answer came, or none that tells.
pub(super) fn unknown(why: Statement) -> AttemptResult {
    AttemptResult {
        reason: Some(said::MAY_HAVE_ARRIVED { why: &why }.into()),
        detail: Some(why),
        ..ended(AttemptOutcome::Unknown, RecipientState::Unknown)
    }
}

/// How long to send nothing at all after an error that the next call would meet as well.
pub(super) fn pause_after(error: &Error) -> Option<Duration> {
    let least = match error.class() {
        // The ban lasts five minutes, and calls during it don't shorten it (`docs/dingtalk.md#rate-limits-and-bans`).
        Class::Banned => Duration::from_mins(5),
        Class::Throttled | Class::Transient => Duration::from_secs(1),
        _ => return None,
    };
    Some(error.retry_after.unwrap_or(least).min(super::schedule::LONGEST_WAIT))
}

fn rejected(error: &Error, state: RecipientState, why: Statement) -> AttemptResult {
    AttemptResult {
        code: error.code.clone(),
        detail: Some(why.clone()),
        reason: Some(why),
        ..ended(AttemptOutcome::Rejected, state)
    }
}

/// The client's message, with DingTalk's code where it isn't in it.
pub(super) fn statement(error: &Error) -> Statement {
    let why = &error.message;
    match &error.code {
        Some(code) if !why.contains(code) => said::REFUSED_WITH_CODE { why, code }.into(),
        _ => why.clone(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::delivery::schedule::RETRIES;

    pub(in crate::delivery) fn error(kind: ErrorKind, code: Option<&str>) -> Error {
        Error {
            api: Api::AsyncSend,
            kind,
            code: code.map(str::to_owned),
            message: Statement::other("What happened, and the remedy."),
            retry_after: None,
        }
    }

    pub(in crate::delivery) fn now() -> DateTime<Utc> {
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
            (ErrorKind::WrongAgent, Some("41020"), Retry),
            (ErrorKind::NoToken, Some("987654"), Retry),
            (ErrorKind::DayLimit, Some("41045"), Retry),
            (ErrorKind::UnknownCode, Some("987654"), Rejected),
            (ErrorKind::BadContent, Some("40048"), Rejected),
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
            (ErrorKind::IpNotAllowed, Some("60020"), Retry),
            (ErrorKind::WrongUrl, Some("22"), Retry),
            (ErrorKind::BadRequest, Some("40035"), Rejected),
            (ErrorKind::Refused, Some("50003"), Retry),
            (ErrorKind::Refused, Some("41044"), Retry),
        ] {
            let (result, _) = failed(&error(kind, code), 1, 0, now());
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
                    .map(|reason| reason.to_string())
                    .is_some_and(|reason| reason.contains("the remedy") && reason.contains(code.unwrap_or("")))
            );
        }
    }

    #[test]
    fn an_exhausted_quota_waits_for_the_next_month_and_says_so() {
        let exhausted = error(ErrorKind::QuotaExhausted, Some("90020"));
        let (result, _) = failed(&exhausted, 1, 0, now());
        assert_eq!(
            (result.outcome, result.recipient_state),
            (AttemptOutcome::Retry, RecipientState::Queued)
        );
        assert_eq!(result.not_before, Some(month_of(now()).1));

        let reason = result.reason.expect("a reason").to_string();
        assert!(
            reason.contains("2027-02-01 00:00 (UTC+8)") && reason.contains("resumeDelivery"),
            "{reason}"
        );
    }

    #[test]
    fn what_somebody_has_to_put_right_stops_sending_for_a_while_however_often_it_was_tried() {
        let refused = error(ErrorKind::BadCredentials, Some("40096"));
        let (result, stop) = failed(&refused, 1, 99, now());
        assert!(!result.counts, "waiting for that uses up no retries");

        let stop = stop.expect("it stops all sending");
        assert_eq!((stop.until, stop.code.as_deref()), (now() + LOOK_AGAIN, Some("40096")));
        let reason = stop.reason.to_string();
        assert!(reason.contains("the remedy") && reason.contains("resumeDelivery"));
        assert_eq!(
            (result.not_before, result.reason, result.recipient_state),
            (Some(stop.until), Some(stop.reason), RecipientState::Queued)
        );
        assert_eq!(failed(&error(ErrorKind::Throttled, None), 1, 0, now()).1, None);
    }

    #[test]
    fn a_retry_is_due_later_each_time_and_is_given_up_in_the_end() {
        let throttled = error(ErrorKind::Throttled, Some("90018"));
        for n in 0..RETRIES.len() as u32 {
            let (result, _) = failed(&throttled, 1, n, now());
            assert_eq!((result.outcome, result.counts), (AttemptOutcome::Retry, true));
            assert!(
                result
                    .not_before
                    .is_some_and(|at| at > now() && at <= now() + RETRIES[n as usize])
            );
        }

        let (last, _) = failed(&throttled, 1, RETRIES.len() as u32, now());
        assert_eq!(last.recipient_state, RecipientState::Failed);
        assert!(
            last.reason
                .is_some_and(|reason| reason.to_string().starts_with("Given up after 8 attempts. "))
        );
    }

    #[test]
    fn without_a_token_nothing_was_sent_whatever_became_of_asking_for_it_and_however_often() {
        for kind in [
            ErrorKind::Unavailable,
            ErrorKind::NotSent,
            ErrorKind::OutcomeUnknown,
            ErrorKind::Undecodable,
            ErrorKind::Throttled,
            ErrorKind::Banned,
            ErrorKind::UnknownCode,
        ] {
            let tokenless = Error {
                api: Api::GetToken,
                ..error(kind, None)
            };

            let result = failed(&tokenless, 100, 99, now()).0;
            assert_eq!(
                (result.outcome, result.recipient_state, result.counts, result.together),
                (AttemptOutcome::Retry, RecipientState::Queued, false, None),
                "{kind:?}"
            );
            assert!(result.not_before >= Some(now() + WAIT_FOR_TOKEN));
        }
    }

    #[test]
    fn one_bad_recipient_has_the_others_sent_to_in_halves_until_it_is_alone() {
        let refused = error(ErrorKind::BadRecipient, Some("40031"));
        for (recipients, together) in [(100, 50), (3, 2), (2, 1)] {
            let (result, stop) = failed(&refused, recipients, 7, now());
            assert_eq!(stop, None);
            assert_eq!(
                (
                    result.together,
                    result.recipient_state,
                    result.counts,
                    result.not_before
                ),
                (Some(together), RecipientState::Queued, false, None)
            );
        }

        for (kind, code, state) in [
            (ErrorKind::BadRecipient, "40031", RecipientState::Invalid),
            (ErrorKind::BadRecipient, "60121", RecipientState::Invalid),
            (ErrorKind::BadRecipient, "81002", RecipientState::Failed),
        ] {
            let (result, _) = failed(&error(kind, Some(code)), 1, 0, now());
            assert_eq!(
                (result.outcome, result.recipient_state),
                (AttemptOutcome::Rejected, state)
            );
        }
    }

    #[test]
    fn what_is_refused_for_the_day_waits_for_tomorrow_alone() {
        let (result, stop) = failed(&error(ErrorKind::DayLimit, Some("41045")), 5, 0, now());
        assert_eq!((result.recipient_state, stop), (RecipientState::Queued, None));
        assert_eq!(result.not_before, Some(Day::of(now()).end() + Duration::from_mins(1)));
    }

    #[test]
    fn dingtalks_own_wait_is_honoured() {
        let banned = Error {
            retry_after: Some(Duration::from_mins(5)),
            ..error(ErrorKind::Banned, None)
        };
        assert!(
            failed(&banned, 1, 0, now())
                .0
                .not_before
                .is_some_and(|at| at >= now() + Duration::from_mins(5))
        );
        assert_eq!(pause_after(&banned), Some(Duration::from_mins(5)));
        assert_eq!(pause_after(&error(ErrorKind::BadRequest, None)), None);
    }
}
