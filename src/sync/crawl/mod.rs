//! Reading the whole visible directory once.
//!
//! [`state`] decides which call comes next and what an answer means, and does no I/O; [`drive`] makes the calls.
//! [`queues`] hold the calls that wait, one queue for each of DingTalk's limits; where they fail in a row, [`breaker`]
//! finds out whether DingTalk is away. [`journal`] keeps the answers, and [`replay`] gives those of before. What the
//! crawl did not come across is asked about by [`confirm`].

mod ask;
#[cfg(test)]
mod away;
mod breaker;
mod call;
mod confirm;
mod departments;
mod drive;
mod errors;
mod failure;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod foretold;
mod journal;
mod outline;
mod people;
mod queues;
mod replay;
mod selected;
#[cfg(test)]
mod speed;
mod state;
#[cfg(test)]
mod tests;
mod witness;

pub(super) use ask::ask;
pub(super) use call::{Answers, ReadAnswer, ReadCall};
pub(super) use confirm::Confirmation;
pub(super) use drive::{CrawlTask, crawl};
pub(super) use errors::EntryErrors;
pub(super) use failure::ReadFailure;
pub(super) use journal::Journal;
pub(super) use outline::{Outline, outline};
pub(super) use witness::Witnesses;

use std::{collections::BTreeSet, time::Duration};

use crate::{
    catalogue::Statement,
    dingtalk::{Error, ErrorKind},
    directory::{Evidence, Observation, RunProgress, UserId},
    settings::Api,
    store::StoreError,
};

/// How people are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    /// `user/list`, then `user/get` for who is new or changed.
    Bulk,
    /// `listid`, then `user/get` for everybody: the form's seven URLs alone.
    SevenUrls,
}

impl Strategy {
    /// Its name on the run.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bulk => "BULK",
            Self::SevenUrls => "SEVEN_URLS",
        }
    }
}

/// What a crawl brought home.
pub(super) struct Crawled {
    pub(super) observed: Observation,
    pub(super) evidence: Evidence,
    pub(super) strategy: Strategy,
    pub(super) errors: EntryErrors,
    /// Findings that don't touch the verdict.
    pub(super) notes: Vec<Statement>,
    pub(super) home_school_skipped: u64,
    /// Whose own records were read because it was their turn.
    pub(super) read_again: Vec<UserId>,
    /// Whether so much is missing that nothing is removed without approval.
    pub(super) is_landslide: bool,
    /// Who is known to lie outside the contact scope, and was not asked for.
    pub(super) unasked: BTreeSet<UserId>,
}

/// Why a crawl did not come home.
#[derive(Debug, thiserror::Error)]
pub(in crate::sync) enum CrawlError {
    /// DingTalk refuses, or can't be reached: the error says what to do.
    #[error(transparent)]
    Fatal(Error),
    /// DingTalk bans us, or has not answered for longer than the crawl waits: what was read is good, and the rest can
    /// be read later.
    #[error(transparent)]
    Away(Error),
    /// What is read has no end.
    #[error("{0}")]
    Endless(Statement),
    /// The run was ended from outside.
    #[error("the crawl was ended")]
    Cancelled,
    /// Its answers can't be kept: the lease was lost.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CrawlError {
    /// What a failure that ends a crawl is.
    pub(super) fn of(error: Error) -> Self {
        match error.kind {
            ErrorKind::Cancelled => Self::Cancelled,
            ErrorKind::Banned => Self::Away(error),
            _ => Self::Fatal(error),
        }
    }

    /// As [`Self::of`], where the crawl itself was answered: what may pass by itself costs nothing that was read.
    pub(super) fn late(error: Error) -> Self {
        if ReadFailure::may_pass(&error) {
            Self::Away(error)
        } else {
            Self::of(error)
        }
    }
}

/// How much is asked of DingTalk at a time, and how long an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrawlBounds {
    /// Calls in flight of each API at most.
    pub(super) width: usize,
    /// How long an API may give no answer at all before the crawl ends, to be gone on with later.
    pub(super) patience: Duration,
}

/// How far a crawl is, and how it reads people once that is known.
#[derive(Debug, Clone)]
pub(super) struct CrawlProgress {
    pub(super) progress: RunProgress,
    pub(super) strategy: Option<Strategy>,
    /// Calls that it will have made, as far as can be told.
    pub(super) expected: Vec<(Api, u64)>,
    /// Why nothing is answered just now.
    pub(super) waits_for: Option<Statement>,
}
