//! Whether DingTalk is there at all: where calls fail one after the other, it is asked something that it answered
//! before.
//!
//! If it answers that, the records that failed are to blame, and are given up. If it doesn't, it is away, and no record
//! is: everything waits, and nothing that was read is lost.

use std::time::Duration;

use tokio::time::Instant;

use super::call::Call;
use crate::{backoff::Backoff, dingtalk::Error};

/// So many failures in a row without an answer are suspicious, however few of them were of one call.
const SUSPICIOUS: u32 = 30;
/// So long without an answer is suspicious, too, as soon as some calls had every try of theirs: of a lane that asks one
/// thing at a time, thirty failures take minutes.
const SILENCE: (Duration, u32) = (Duration::from_secs(15), 3);
/// So long after an answer to the question, failures are the records' own fault.
const TRUSTED: Duration = Duration::from_secs(10);
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

/// What is known of DingTalk's presence by the calls of one lane.
#[derive(Default)]
pub(super) struct Trust {
    /// The last call that was answered with what it asked for.
    known: Option<Call>,
    doubted: bool,
    /// The call that was sent alone, for doubt.
    alone: Option<Call>,
    /// Failures by bad luck since the last answer.
    unlucky: u32,
    /// Answers of all lanes when those began.
    answers_then: u64,
    silent_since: Option<Instant>,
    trusted_until: Option<Instant>,
    rests: u32,
    /// Calls that had their chances: given up as soon as DingTalk answers anything.
    suspects: Vec<(Call, Error)>,
    /// What is waited for, in words.
    trouble: Option<String>,
}

impl Trust {
    pub(super) fn is_doubted(&self) -> bool {
        self.doubted
    }

    /// Whether it was ever answered with what was asked for.
    pub(super) fn has_answered(&self) -> bool {
        self.known.is_some()
    }

    pub(super) fn has_suspects(&self) -> bool {
        !self.suspects.is_empty()
    }

    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The call to send alone: one that was answered before, else the next that waits.
    pub(super) fn alone(&mut self, next: impl FnOnce() -> Option<Call>) -> Option<Call> {
        self.alone = self.known.clone().or_else(next);
        self.alone.clone()
    }

    /// How `call`, which has ended, came to be sent.
    pub(super) fn how_sent(&mut self, call: &Call) -> Sent {
        if self.alone.as_ref() != Some(call) {
            return Sent::InTurn;
        }
        self.alone = None;
        if self.known.as_ref() == Some(call) {
            Sent::Probe
        } else {
            Sent::Trial
        }
    }

    /// Whether any call was ever given what it asked for.
    pub(super) fn knows_any(&self) -> bool {
        self.known.is_some()
    }

    /// DingTalk gave what `call` asked for.
    pub(super) fn knows(&mut self, call: &Call) {
        self.known = Some(call.clone());
    }

    /// DingTalk is there. Gives the calls that failed all the same: there was nobody else to blame.
    pub(super) fn answered(&mut self) -> Vec<(Call, Error)> {
        if self.doubted {
            self.trusted_until = Some(Instant::now() + TRUSTED);
        }
        self.doubted = false;
        (self.unlucky, self.rests) = (0, 0);
        (self.silent_since, self.trouble) = (None, None);
        std::mem::take(&mut self.suspects)
    }

    /// One more failure by bad luck; `answers`: of all lanes so far. Whether there are suspiciously many in a row.
    pub(super) fn failed(&mut self, answers: u64) -> bool {
        if self.unlucky == 0 {
            self.answers_then = answers;
        }
        self.unlucky += 1;
        let silence = self.silent_since.get_or_insert_with(Instant::now).elapsed();
        let is_suspicious = self.unlucky >= SUSPICIOUS || (silence >= SILENCE.0 && self.unlucky >= SILENCE.1);
        is_suspicious && !self.is_trusted()
    }

    fn is_trusted(&self) -> bool {
        self.trusted_until.is_some_and(|until| until > Instant::now())
    }

    /// Whether this lane alone never had an answer, while others had some since it asks: its own URL is to blame.
    pub(super) fn is_only_here(&self, answers: u64) -> bool {
        self.known.is_none() && answers > self.answers_then
    }

    pub(super) fn doubt(&mut self) {
        self.doubted = true;
    }

    /// Puts a call that had its chances aside, until DingTalk was asked whether it is there; where there is nothing to
    /// ask, or it has just answered, the call comes back.
    pub(super) fn suspect(&mut self, call: Call, error: Error) -> Result<(), (Call, Error)> {
        if self.known.is_none() || self.is_trusted() {
            return Err((call, error));
        }
        self.doubted = true;
        self.suspects.push((call, error));
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
        self.trouble = Some(format!(
            "{} ({}): {}",
            error.api.path(),
            error.api.field(),
            error.message
        ));
        until.saturating_duration_since(*self.silent_since.get_or_insert_with(Instant::now))
    }
}
