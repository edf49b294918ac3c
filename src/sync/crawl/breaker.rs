//! A circuit breaker over the calls of one kind: where they fail one after the other, DingTalk is asked something that
//! it answered before.
//!
//! If it answers that, the records that failed are to blame, and are given up. If it doesn't, it is away, and no record
//! is: everything waits, and nothing that was read is lost.
//!
//! - Closed: as many calls go out as the queue may have in flight, until too many fail in a row, or DingTalk bans or
//!   refuses everybody.
//! - Tripped: one call at a time goes out, a probe where anything was answered before, else a trial; behind each
//!   failure there is a rest. Any answer closes it.

use std::time::Duration;

use tokio::time::Instant;

use super::call::ReadCall;
use crate::{
    backoff::Backoff,
    catalogue::{Statement, sync::RUN_WAITS},
    dingtalk::Error,
};

/// So many failures in a row without an answer are suspicious, however few of them were of one call.
const MOST_FAILURES: u32 = 30;
/// So long without an answer is suspicious, too, as soon as some calls had every try of theirs: of a queue that asks
/// one thing at a time, thirty failures take minutes.
const SILENCE: Duration = Duration::from_secs(15);
/// See [`SILENCE`].
const FEWEST_FAILURES: u32 = 3;
/// So long after a probe was answered, failures are the records' own fault: it does not trip again.
const STAYS_CLOSED: Duration = Duration::from_secs(10);
/// Between two questions to a DingTalk that is away.
const RESTS: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// How a call came to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Its turn had come.
    InTurn,
    /// Alone, to see whether DingTalk answers; there was nothing known to ask.
    Trial,
    /// Alone, and answered before: only whether it is answered matters.
    Probe,
}

/// What is known of DingTalk's presence by the calls of one kind.
#[derive(Default)]
pub(super) struct CircuitBreaker {
    is_tripped: bool,
    /// The last call that was answered with what it asked for: what a probe asks again.
    last_given: Option<ReadCall>,
    /// The call that was sent alone, because it is tripped.
    alone: Option<ReadCall>,
    /// Failures by bad luck since the last answer.
    failures: u32,
    /// Answers of all queues when those began.
    answers_then: u64,
    silent_since: Option<Instant>,
    stays_closed_until: Option<Instant>,
    /// Rests since the last answer: each is longer than the one before.
    rests: u32,
    /// Calls that had all their tries: given up as soon as DingTalk answers anything.
    deferred: Vec<(ReadCall, Error)>,
    /// What is waited for, in words.
    trouble: Option<Statement>,
}

impl CircuitBreaker {
    pub(super) fn is_tripped(&self) -> bool {
        self.is_tripped
    }

    /// Whether any call was ever answered with what it asked for.
    pub(super) fn was_ever_given(&self) -> bool {
        self.last_given.is_some()
    }

    pub(super) fn has_deferred(&self) -> bool {
        !self.deferred.is_empty()
    }

    pub(super) fn trouble(&self) -> Option<&Statement> {
        self.trouble.as_ref()
    }

    /// From here on calls go out alone.
    pub(super) fn trip(&mut self) {
        self.is_tripped = true;
    }

    /// The call to send alone: one that was answered before, else the next that waits.
    pub(super) fn alone(&mut self, next: impl FnOnce() -> Option<ReadCall>) -> Option<ReadCall> {
        self.alone = self.last_given.clone().or_else(next);
        self.alone.clone()
    }

    /// How `call`, which has ended, came to be sent.
    pub(super) fn how_sent(&mut self, call: &ReadCall) -> Sent {
        if self.alone.as_ref() != Some(call) {
            return Sent::InTurn;
        }
        self.alone = None;
        // A trial is one that waits: its answer is still to be taken, a probe's was.
        if self.last_given.as_ref() == Some(call) {
            Sent::Probe
        } else {
            Sent::Trial
        }
    }

    /// DingTalk gave what `call` asked for.
    pub(super) fn given(&mut self, call: &ReadCall) {
        self.last_given = Some(call.clone());
    }

    /// DingTalk is there: it closes. Gives the calls that failed all the same: there was nobody else to blame.
    pub(super) fn answered(&mut self) -> Vec<(ReadCall, Error)> {
        // It answers although calls failed in a row: what fails from here on is the records' own fault, for a while.
        if self.is_tripped {
            self.stays_closed_until = Some(Instant::now() + STAYS_CLOSED);
        }
        self.is_tripped = false;
        (self.failures, self.rests) = (0, 0);
        (self.silent_since, self.trouble) = (None, None);
        std::mem::take(&mut self.deferred)
    }

    /// One more failure by bad luck; `answers`: of all queues so far. Whether there are suspiciously many in a row.
    pub(super) fn failed(&mut self, answers: u64) -> bool {
        // The first of a row: what others are answered from here on tells whether only this kind isn't.
        if self.failures == 0 {
            self.answers_then = answers;
        }
        self.failures += 1;
        let silence = self.silent_since.get_or_insert_with(Instant::now).elapsed();
        let is_suspicious = self.failures >= MOST_FAILURES || (silence >= SILENCE && self.failures >= FEWEST_FAILURES);
        is_suspicious && !self.stays_closed()
    }

    fn stays_closed(&self) -> bool {
        self.stays_closed_until.is_some_and(|until| until > Instant::now())
    }

    /// Whether this kind alone never had an answer, while others had some since it asks: its own URL is to blame.
    pub(super) fn is_only_here(&self, answers: u64) -> bool {
        self.last_given.is_none() && answers > self.answers_then
    }

    /// Puts a call that had all its tries aside, until DingTalk was asked whether it is there; where there is nothing
    /// to ask, or it has just answered, the call comes back.
    pub(super) fn defer(&mut self, call: ReadCall, error: Error) -> Result<(), (ReadCall, Error)> {
        if self.last_given.is_none() || self.stays_closed() {
            return Err((call, error));
        }
        self.is_tripped = true;
        self.deferred.push((call, error));
        Ok(())
    }

    /// How long to let a DingTalk that is away alone.
    pub(super) fn next_rest(&mut self) -> Duration {
        let rest = RESTS.delay(self.rests);
        self.rests = self.rests.saturating_add(1);
        rest
    }

    /// Nothing is asked until then, because of `error`. Gives how long there will have been no answer.
    pub(super) fn waits(&mut self, until: Instant, error: &Error) -> Duration {
        let trouble = RUN_WAITS {
            path: error.api.path(),
            field: error.api.field(),
            why: &error.message,
        };
        self.trouble = Some(trouble.into());
        until.saturating_duration_since(*self.silent_since.get_or_insert_with(Instant::now))
    }
}
