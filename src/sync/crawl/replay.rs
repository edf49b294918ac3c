//! Answers that were kept before an interruption: a crawl that goes on takes them instead of asking again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::call::{ReadAnswer, ReadCall};
use crate::{dingtalk::Error, directory::AskedAt, store::JournalLine};

/// The part of a run that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum JournalPhase {
    /// Reading the directory.
    Crawl,
    /// Asking about what is missing.
    Confirm,
}

impl JournalPhase {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Crawl => "CRAWL",
            Self::Confirm => "CONFIRM",
        }
    }
}

/// What was answered, and when it was asked.
pub(super) struct RecordedAnswer {
    pub(super) answer: Result<ReadAnswer, Error>,
    pub(super) asked: AskedAt,
}

/// An answer as it is kept, with when it came.
#[derive(Serialize, Deserialize)]
pub(super) struct Dated<A> {
    pub(super) at: DateTime<Utc>,
    #[serde(default)]
    pub(super) asked: AskedAt,
    pub(super) answer: A,
}

/// Answers from before an interruption.
#[derive(Default)]
pub(crate) struct ReplayedAnswers {
    crawl: HashMap<ReadCall, RecordedAnswer>,
    confirm: HashMap<ReadCall, RecordedAnswer>,
}

impl ReplayedAnswers {
    /// Takes the answer to `call` out, if there is one.
    pub(super) fn take(&mut self, phase: JournalPhase, call: &ReadCall) -> Option<RecordedAnswer> {
        match phase {
            JournalPhase::Crawl => self.crawl.remove(call),
            JournalPhase::Confirm => self.confirm.remove(call),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.crawl.len() + self.confirm.len()
    }

    /// Takes lines of a journal in. One of another version is asked again, and so is one from before `oldest`.
    pub(super) fn read(&mut self, lines: Vec<(i64, JournalLine)>, oldest: DateTime<Utc>) {
        for (_, line) in lines {
            let call = serde_json::from_str(&line.question);
            let answer = serde_json::from_str(&line.answer);
            if let (Ok(call), Ok(Dated { at, asked, answer })) = (call, answer)
                && at > oldest
            {
                let of_phase = if line.phase == JournalPhase::Confirm.name() {
                    &mut self.confirm
                } else {
                    &mut self.crawl
                };
                of_phase.insert(call, RecordedAnswer { answer, asked });
            }
        }
    }
}
