//! Whether a failed attempt is followed by another. Pure.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    class::Class,
    codes::{Long, Rest},
    config::Waits,
    error::ErrorKind,
    failure::AttemptFailure,
};
use crate::settings::Api;

/// What a repeated call would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Nothing: it reads.
    Harmless,
    /// Send a message again: only where the former attempt provably did not arrive.
    SendsAgain,
}

/// Attempts of one call so far.
#[derive(Debug)]
pub(super) struct Tries {
    /// Whether a throttle may take its time.
    patient: bool,
    failed: u32,
    throttled: u32,
    throttled_first: Option<Instant>,
    renewed: bool,
}

/// What to do after a failed attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    GiveUp,
    /// With another token.
    Renew,
    /// Of this call only.
    Wait(Duration),
    /// Of all calls that DingTalk counts together.
    Pause(Rest, Duration),
}

/// DingTalk's documentation: what it says to be busy with may be retried, at most three times.
const BUSY_RETRIES: u32 = 3;

/// The kind as the caller of the call shall see it. Of a message, everything that leaves its fate open is one thing;
/// of a read, it is only "no answer".
pub(super) fn settle(kind: ErrorKind, repeat: Repeat) -> ErrorKind {
    use ErrorKind::{OutcomeUnknown, Unavailable, Undecodable};
    match (repeat, kind) {
        (Repeat::SendsAgain, Unavailable | Undecodable) => OutcomeUnknown,
        (Repeat::Harmless, OutcomeUnknown) => Unavailable,
        _ => kind,
    }
}

impl Tries {
    pub(super) fn new(api: Api, repeat: Repeat) -> Self {
        Self {
            patient: repeat == Repeat::Harmless && api != Api::GetToken,
            failed: 0,
            throttled: 0,
            throttled_first: None,
            renewed: false,
        }
    }

    /// `failure` with its kind settled.
    pub(super) fn next(
        &mut self,
        failure: &AttemptFailure,
        repeat: Repeat,
        waits: &Waits,
        max_attempts: u32,
        now: Instant,
    ) -> NextStep {
        match failure.kind.class() {
            Class::Token if !self.renewed => {
                self.renewed = true;
                NextStep::Renew
            }
            // A minute isn't worth blocking for whoever holds a claim, or everybody who waits for a token.
            Class::Throttled if !self.patient && failure.rest.long() != Long::Second => NextStep::GiveUp,
            Class::Throttled if self.may_go_on(waits, now) => {
                let wait = failure.rest.long().least(waits) + waits.throttle.delay(self.throttled);
                self.throttled += 1;
                NextStep::Pause(failure.rest, wait)
            }
            Class::Transient if failure.kind == ErrorKind::NotSent => self.wait(waits, max_attempts),
            Class::Transient if repeat == Repeat::Harmless => {
                // With a code DingTalk itself has answered.
                let most = match failure.code {
                    Some(_) => max_attempts.min(1 + BUSY_RETRIES),
                    None => max_attempts,
                };
                self.wait(waits, most)
            }
            // A truncated body happens; one that is wrong by nature will be wrong again.
            Class::Undecodable if repeat == Repeat::Harmless => self.wait(waits, max_attempts.min(3)),
            _ => NextStep::GiveUp,
        }
    }

    fn may_go_on(&mut self, waits: &Waits, now: Instant) -> bool {
        let first = *self.throttled_first.get_or_insert(now);
        if self.patient {
            now.saturating_duration_since(first) < waits.throttled_for
        } else {
            self.throttled + 1 < waits.throttled_attempts
        }
    }

    fn wait(&mut self, waits: &Waits, max_attempts: u32) -> NextStep {
        if self.failed + 1 >= max_attempts {
            return NextStep::GiveUp;
        }
        let wait = waits.busy.delay(self.failed);
        self.failed += 1;
        NextStep::Wait(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::codes::{self, Meaning};

    fn after(kind: ErrorKind, code: Option<&str>, repeat: Repeat) -> u32 {
        let waits = Waits::default();
        let meaning = code.and_then(|code| codes::meaning(Api::AsyncSend, code, ""));
        let mut failure = AttemptFailure::meaning(meaning.unwrap_or(Meaning::of(kind)), code.map(str::to_owned), None);
        assert_eq!(failure.kind, kind);
        failure.kind = settle(kind, repeat);
        let mut tries = Tries::new(Api::AsyncSend, repeat);
        (1..)
            .find(|_| tries.next(&failure, repeat, &waits, 6, Instant::now()) == NextStep::GiveUp)
            .expect("it gives up")
    }

    #[test]
    fn attempts_by_kind_and_by_what_a_repetition_would_do() {
        use ErrorKind::*;
        use Repeat::*;
        for (kind, code, repeat, attempts) in [
            (Unavailable, Some("15"), Harmless, 4),
            (Unavailable, Some("88"), Harmless, 4),
            (Unavailable, None, Harmless, 6),
            (Unavailable, Some("-1"), Harmless, 4),
            (OutcomeUnknown, None, Harmless, 6),
            (Undecodable, None, Harmless, 3),
            (NotSent, None, Harmless, 6),
            (BadToken, Some("40014"), Harmless, 2),
            (BadCredentials, Some("40096"), Harmless, 1),
            (MissingPermission, Some("60011"), Harmless, 1),
            (Banned, None, Harmless, 1),
            (NotSent, None, SendsAgain, 6),
            (Throttled, Some("90018"), SendsAgain, 12),
            (Throttled, Some("41047"), SendsAgain, 1),
            (Throttled, Some("45009"), SendsAgain, 1),
            (Throttled, Some("90004"), SendsAgain, 12),
            (UnknownCode, None, Harmless, 1),
            (UnknownCode, None, SendsAgain, 1),
            (BadRecipient, Some("40031"), SendsAgain, 1),
            (BadToken, Some("40014"), SendsAgain, 2),
            (Unavailable, Some("-1"), SendsAgain, 1),
            (Unavailable, Some("15"), SendsAgain, 1),
            (Unavailable, Some("88"), SendsAgain, 1),
            (Undecodable, None, SendsAgain, 1),
            (OutcomeUnknown, None, SendsAgain, 1),
        ] {
            assert_eq!(after(kind, code, repeat), attempts, "{kind:?} {code:?} {repeat:?}");
        }
    }

    #[test]
    fn a_throttled_call_waits_at_least_dingtalks_second() {
        let meaning = codes::meaning(Api::UserGet, "90002", "").expect("it is known");
        let failure = AttemptFailure::meaning(meaning, Some("90002".into()), None);
        let next = Tries::new(Api::UserGet, Repeat::Harmless).next(
            &failure,
            Repeat::Harmless,
            &Waits::default(),
            1,
            Instant::now(),
        );

        assert!(
            matches!(next, NextStep::Pause(Rest::Platform, wait) if wait >= Duration::from_secs(1)),
            "{next:?}"
        );
    }

    #[test]
    fn a_message_whose_fate_is_open_is_unknown_and_a_read_is_unavailable() {
        assert_eq!(
            settle(ErrorKind::Unavailable, Repeat::SendsAgain),
            ErrorKind::OutcomeUnknown
        );
        assert_eq!(
            settle(ErrorKind::Undecodable, Repeat::SendsAgain),
            ErrorKind::OutcomeUnknown
        );
        assert_eq!(
            settle(ErrorKind::OutcomeUnknown, Repeat::Harmless),
            ErrorKind::Unavailable
        );
        assert_eq!(settle(ErrorKind::NotSent, Repeat::SendsAgain), ErrorKind::NotSent);
    }
}
