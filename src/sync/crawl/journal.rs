//! The answers of a run as they are kept: a crawl is a function of them, so whoever has them can go on with it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{
    call::{ReadAnswer, ReadCall},
    failure::ReadFailure,
    replay::{Dated, JournalPhase, ReplayedAnswers},
};
use crate::{
    backoff::Backoff,
    clock::Clock,
    dingtalk::Error,
    directory::AskedAt,
    store::{JournalLine, Lease, Store, StoreError},
};

/// What DingTalk said longer ago is asked again.
const KEPT: chrono::Duration = chrono::Duration::hours(6);

/// The present moment by the database's count, as far as it is known: by a second too early, and never too late.
#[derive(Clone, Default)]
pub(crate) struct Moments(Arc<Mutex<AskedAt>>);

impl Moments {
    pub(crate) fn now(&self) -> AskedAt {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, now: AskedAt) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Keeps it present. While the database is away it stays as it was: then more is taken for older than somebody
    /// else's.
    async fn follow(self, store: Store) {
        loop {
            tokio::time::sleep(MOMENT).await;
            if let Ok(now) = store.begin_reading().await {
                self.set(now);
            }
        }
    }
}

/// How exactly it is known when something was asked.
const MOMENT: Duration = Duration::from_secs(1);

/// Lines read at once.
const PAGE: u64 = 1_000;

/// Where answers are kept. Without a sink (a test, a company in memory) they are dropped.
pub(crate) struct Journal {
    sink: Option<JournalSink>,
    /// What was answered before an interruption.
    pub(super) replayed: ReplayedAnswers,
    moments: Moments,
    _following: Option<AbortOnDropHandle<()>>,
    next: i64,
    waiting: Vec<JournalLine>,
    /// Of what waits.
    bytes: usize,
    /// On a task of its own: its transaction holds the lease's row, and must not wait while the crawl computes.
    writing: Option<AbortOnDropHandle<Result<(), StoreError>>>,
}

/// Where the lines of a run are written to.
#[derive(Clone)]
struct JournalSink {
    store: Store,
    clock: Clock,
    run: Uuid,
    lease: Lease,
}

/// So many answers may wait for a database that is away; then nothing more is asked.
const WAITING: usize = 500;
/// As [`WAITING`], in bytes: an answer of `user/list` is a hundred people.
const WAITING_BYTES: usize = 8 << 20;

/// How long to wait for a database that went away.
const AWAY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

/// How long a run that is ended waits for its last lines.
const LAST_LINES: Duration = Duration::from_secs(2);

impl Journal {
    /// Keeps nothing.
    #[cfg(test)]
    pub(super) fn nowhere() -> Self {
        Self {
            sink: None,
            replayed: ReplayedAnswers::default(),
            moments: Moments::default(),
            _following: None,
            next: 1,
            waiting: Vec::new(),
            bytes: 0,
            writing: None,
        }
    }

    /// The journal of a run, with what it holds already.
    pub(crate) async fn open(store: &Store, clock: &Clock, run: Uuid, lease: &Lease) -> Result<Self, StoreError> {
        let oldest = clock.now() - KEPT;
        let mut replayed = ReplayedAnswers::default();
        let mut last = 0;

        loop {
            let lines = store.answers(run, last, PAGE).await?;
            let Some((newest, _)) = lines.last() else { break };
            last = *newest;
            // Answers are long: not on a thread that others have work on.
            replayed = tokio::task::spawn_blocking(move || {
                replayed.read(lines, oldest);
                replayed
            })
            .await
            .map_err(|_| StoreError::Corrupt("the journal of the run could not be read".into()))?;
        }

        let moments = Moments::default();
        moments.set(store.begin_reading().await?);
        let following = tokio::spawn(moments.clone().follow(store.clone()));
        Ok(Self {
            moments,
            _following: Some(AbortOnDropHandle::new(following)),
            sink: Some(JournalSink {
                store: store.clone(),
                clock: clock.clone(),
                run,
                lease: lease.clone(),
            }),
            replayed,
            next: last + 1,
            waiting: Vec::new(),
            bytes: 0,
            writing: None,
        })
    }

    /// How many answers of before need not be asked for again.
    pub(crate) fn replayed_count(&self) -> usize {
        self.replayed.len()
    }

    /// Whether an answer is worth keeping: one that settles its call.
    pub(super) fn keeps(call: &ReadCall, answer: &Result<ReadAnswer, Error>) -> bool {
        match answer {
            Ok(_) => true,
            Err(error) => match ReadFailure::of(error) {
                ReadFailure::NotThere | ReadFailure::OutOfScope | ReadFailure::Record => true,
                // The probe that decided how people are read.
                ReadFailure::Fatal => {
                    matches!(call, ReadCall::MemberPage(..)) && ReadFailure::is_unavailable_here(error)
                }
                ReadFailure::Rest(_) | ReadFailure::Luck | ReadFailure::Odd => false,
            },
        }
    }

    /// What tells when something is asked.
    pub(crate) fn moments(&self) -> Moments {
        self.moments.clone()
    }

    pub(super) fn add(
        &mut self,
        phase: JournalPhase,
        call: &ReadCall,
        answer: &Result<ReadAnswer, Error>,
        asked: AskedAt,
    ) {
        // That somebody is gone is asked again by whoever goes on: they may be back by then.
        let may_be_over = phase == JournalPhase::Confirm && answer.is_err();
        let Some(sink) = &self.sink else { return };
        if may_be_over || !Self::keeps(call, answer) {
            return;
        }

        let at = sink.clock.now();
        let (question, answer) = (
            serde_json::to_string(call),
            serde_json::to_string(&Dated { at, asked, answer }),
        );
        if let (Ok(question), Ok(answer)) = (question, answer) {
            self.bytes += question.len() + answer.len();
            self.waiting.push(JournalLine {
                phase: phase.name().into(),
                question,
                answer,
            });
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= WAITING || self.bytes >= WAITING_BYTES
    }

    /// Whether every answer is durable.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.writing.is_none()
    }

    /// Resolves when what waited is durable, or the lease was lost; never where nothing waits. May be dropped and
    /// called again.
    pub(super) async fn written(&mut self) -> Result<(), StoreError> {
        if self.writing.is_none() {
            self.writing = self.write();
        }

        match &mut self.writing {
            Some(writing) => {
                let ended = writing.await;
                self.writing = None;
                ended.unwrap_or_else(|_| Err(StoreError::Corrupt("the answers of the run could not be kept".into())))
            }
            None => std::future::pending().await,
        }
    }

    /// Writes what was answered before a run is ended from outside: whoever goes on needn't ask for it.
    pub(super) async fn flush(&mut self) {
        let all = async {
            while !self.is_idle() {
                self.written().await?;
            }
            Ok::<_, StoreError>(())
        };

        if !matches!(tokio::time::timeout(LAST_LINES, all).await, Ok(Ok(()))) {
            tracing::debug!("the last answers could not be kept; they will be asked for again");
        }
    }

    fn write(&mut self) -> Option<AbortOnDropHandle<Result<(), StoreError>>> {
        let JournalSink { store, run, lease, .. } = self.sink.clone().filter(|_| !self.waiting.is_empty())?;
        let lines = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let first = self.next;
        self.next += lines.len() as i64;

        Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let mut failures = 0;
            loop {
                match store.add_answers(run, first, &lines, &lease).await {
                    Err(StoreError::Unavailable) => {
                        tokio::time::sleep(AWAY.delay(failures)).await;
                        failures = failures.saturating_add(1);
                    }
                    ended => return ended,
                }
            }
        })))
    }
}
