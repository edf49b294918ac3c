//! The memory and the cores that all requests share: what one may take without asking, and what it has to wait for.
//!
//! Callers who have shown a token and those who have not draw on pools of their own, so that nobody can be kept out by
//! somebody unknown. Cheap requests draw on neither: they are answered however many large ones wait.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OnceCell, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Exhausted, TurnLimits, Turns};

/// What is counted in the pools.
const UNIT: usize = 1_024;

/// How much memory requests may take together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Bytes of bodies that are read and answers that are written, of callers with a token.
    pub known_bytes: usize,
    /// The same of everybody else.
    pub anonymous_bytes: usize,
    /// A body or an answer of at most so many bytes is not counted: those are bounded by the connections.
    pub small: usize,
    /// Large answers that are made at once, of callers with a token. One less than there are cores leaves one to cheap
    /// queries.
    pub known_answers: usize,
    /// The same of everybody else.
    pub anonymous_answers: usize,
    /// Requests that wait for such a turn in either pool: each holds what it has made so far, with what is still to be
    /// asked a megabyte or two. More are refused at once.
    pub waiting_answers: usize,
    /// What computes for long at a time, of callers with a token. Workers have the cores beside it.
    pub known_turns: TurnLimits,
    /// The same of everybody else.
    pub anonymous_turns: TurnLimits,
    /// How long a request may wait for its part.
    pub patience: Duration,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);

        Self {
            known_bytes: 64 * 1024 * 1024,
            anonymous_bytes: 24 * 1024 * 1024,
            small: 16 * 1024,
            known_answers: cores.saturating_sub(1).clamp(1, 4),
            anonymous_answers: 1,
            waiting_answers: 32,
            known_turns: TurnLimits {
                at_once: cores.saturating_sub(1).clamp(1, 4),
                begun: 32,
                waiting: 64,
            },
            anonymous_turns: TurnLimits {
                at_once: 1,
                begun: 4,
                waiting: 32,
            },
            patience: Duration::from_secs(5),
        }
    }
}

/// The pools. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AdmissionBudget {
    known: Arc<Pool>,
    anonymous: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    limits: BudgetLimits,
    bytes: Arc<Semaphore>,
    /// All of them, in units.
    most: usize,
    answers: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    turns: Turns,
}

impl Pool {
    fn new(bytes: usize, answers: usize, turns: TurnLimits, limits: &BudgetLimits) -> Self {
        Self {
            limits: *limits,
            bytes: Arc::new(Semaphore::new(bytes.div_ceil(UNIT))),
            most: bytes.div_ceil(UNIT),
            answers: Arc::new(Semaphore::new(answers.max(1))),
            waiting: Arc::new(Semaphore::new(limits.waiting_answers)),
            turns: Turns::new(turns, limits.patience),
        }
    }
}

impl AdmissionBudget {
    /// Pools of these sizes.
    pub fn new(limits: BudgetLimits) -> Self {
        Self {
            known: Arc::new(Pool::new(
                limits.known_bytes,
                limits.known_answers,
                limits.known_turns,
                &limits,
            )),
            anonymous: Arc::new(Pool::new(
                limits.anonymous_bytes,
                limits.anonymous_answers,
                limits.anonymous_turns,
                &limits,
            )),
        }
    }

    /// What one request draws on.
    pub fn share(&self, known: bool) -> Share {
        Share(Arc::new(Drawn {
            pool: if known { &self.known } else { &self.anonymous }.clone(),
            is_large: AtomicBool::new(false),
            large: Mutex::default(),
        }))
    }
}

/// One request's part. Cheap to clone: the request, its run and its answer have it.
#[derive(Debug, Clone)]
pub struct Share(Arc<Drawn>);

#[derive(Debug)]
struct Drawn {
    pool: Arc<Pool>,
    is_large: AtomicBool,
    /// `None` of a request whose answer is small.
    large: Mutex<Option<Arc<AnswerTurn>>>,
}

/// All fields of an answer wait for the same turn.
type AnswerTurn = OnceCell<Result<OwnedSemaphorePermit, Exhausted>>;

impl Share {
    /// Waits until `bytes` of a body or an answer may be kept. Small ones need not wait.
    ///
    /// # Errors
    /// [`Exhausted`] after the patience of the pool.
    pub async fn hold(&self, bytes: usize) -> Result<MemoryPermit, Exhausted> {
        let mut held = MemoryPermit(None);
        self.extend(&mut held, bytes).await?;
        Ok(held)
    }

    /// Waits until `held` may grow to `bytes`.
    ///
    /// # Errors
    /// [`Exhausted`] after the patience of the pool; what was held before is still held.
    pub async fn extend(&self, held: &mut MemoryPermit, bytes: usize) -> Result<(), Exhausted> {
        if bytes <= self.0.pool.limits.small {
            return Ok(());
        }

        let has = held.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        // What is larger than the pool has it alone.
        let more = bytes.div_ceil(UNIT).min(self.0.pool.most).saturating_sub(has);
        let Ok(more @ 1..) = u32::try_from(more) else {
            return Ok(());
        };

        let waiting = self.0.pool.bytes.clone().acquire_many_owned(more);
        let permit = timeout(self.0.pool.limits.patience, waiting)
            .await
            .map_err(|_| Exhausted)?;
        match (&mut held.0, permit.map_err(|_| Exhausted)?) {
            (Some(held), permit) => held.merge(permit),
            (none, permit) => *none = Some(permit),
        }
        Ok(())
    }

    /// Waits for the turn to make a large answer; at once where this request has it already.
    ///
    /// # Errors
    /// [`Exhausted`] after the patience of the pool.
    pub async fn become_large(&self) -> Result<(), Exhausted> {
        if self.0.is_large.load(Ordering::Relaxed) {
            return Ok(());
        }

        let turn = self.turn().get_or_insert_default().clone();
        let waiting = async {
            let _waits = self.0.pool.waiting.try_acquire().map_err(|_| Exhausted)?;
            let waiting = self.0.pool.answers.clone().acquire_owned();
            let permit = timeout(self.0.pool.limits.patience, waiting)
                .await
                .map_err(|_| Exhausted)?;
            self.0.is_large.store(true, Ordering::Relaxed);
            permit.map_err(|_| Exhausted)
        };

        let permit = turn.get_or_init(|| waiting).await;
        permit.as_ref().map(drop).map_err(|spent| *spent)
    }

    /// Takes the turn to make a large answer where nobody has to be waited for. Whether this request has it now.
    pub fn become_large_at_once(&self) -> bool {
        if self.0.is_large.load(Ordering::Relaxed) {
            return true;
        }

        let turn = self.turn().get_or_insert_default().clone();
        let Ok(permit) = self.0.pool.answers.clone().try_acquire_owned() else {
            return false;
        };
        // Another field of this request may wait for it already.
        let is_taken = turn.set(Ok(permit)).is_ok();
        if is_taken {
            self.0.is_large.store(true, Ordering::Relaxed);
        }
        is_taken
    }

    /// The turns in which the request computes what takes long.
    pub fn turns(&self) -> &Turns {
        &self.0.pool.turns
    }

    /// The answer is written down: the next may have the turn.
    pub fn rest(&self) {
        self.0.is_large.store(false, Ordering::Relaxed);
        *self.turn() = None;
    }

    fn turn(&self) -> std::sync::MutexGuard<'_, Option<Arc<AnswerTurn>>> {
        self.0.large.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that is taken until this is dropped.
#[derive(Debug, Default)]
pub struct MemoryPermit(Option<OwnedSemaphorePermit>);

impl MemoryPermit {
    /// Nothing is taken: it was too small to be counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> AdmissionBudget {
        AdmissionBudget::new(BudgetLimits {
            known_bytes: 100 * UNIT,
            anonymous_bytes: 10 * UNIT,
            small: UNIT,
            known_answers: 1,
            anonymous_answers: 1,
            waiting_answers: 1,
            patience: Duration::from_secs(1),
            ..BudgetLimits::default()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_when_all_is_spent_waits_and_is_then_told() {
        let memory = memory();
        let (first, second) = (memory.share(true), memory.share(true));
        let held = first.hold(90 * UNIT).await.unwrap();
        assert!(second.hold(20 * UNIT).await.is_err());
        assert!(second.hold(UNIT).await.is_ok(), "small ones pass");

        let waiting = tokio::spawn(async move { second.hold(20 * UNIT).await.map(drop) });
        tokio::task::yield_now().await;
        drop(held);
        assert_eq!(waiting.await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn those_without_a_token_keep_nobody_else_out() {
        let memory = memory();
        let stranger = memory.share(false);
        let _held = stranger.hold(10 * UNIT).await.unwrap();
        assert!(stranger.hold(2 * UNIT).await.is_err());
        assert!(memory.share(true).hold(100 * UNIT).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_held_grows_and_is_given_back() {
        let memory = memory();
        let share = memory.share(true);
        let mut held = MemoryPermit::default();

        for bytes in [1, UNIT, 2 * UNIT, 50 * UNIT, 100 * UNIT] {
            assert_eq!(share.extend(&mut held, bytes).await, Ok(()), "{bytes}");
        }

        assert_eq!(share.hold(2 * UNIT).await.map(drop), Err(Exhausted));
        drop(held);
        assert!(share.hold(1_000 * UNIT).await.is_ok(), "it has all there is");
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_wait_for_their_turn() {
        let memory = memory();
        let (first, second, third) = (memory.share(true), memory.share(true), memory.share(true));
        first.become_large().await.unwrap();
        let waiting = tokio::spawn(async move { second.become_large().await });
        tokio::task::yield_now().await;

        let began = tokio::time::Instant::now();
        assert_eq!(third.become_large().await, Err(Exhausted));
        assert_eq!(began.elapsed(), Duration::ZERO, "it is told at once");

        first.rest();
        assert_eq!(waiting.await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_free_is_taken_without_waiting() {
        let memory = memory();
        let (first, second) = (memory.share(true), memory.share(true));
        assert!(first.become_large_at_once());
        assert!(!second.become_large_at_once());
        assert_eq!(first.become_large().await, Ok(()), "that is the same turn");

        first.rest();
        assert!(second.become_large_at_once());
    }

    #[tokio::test(start_paused = true)]
    async fn large_answers_are_made_one_after_the_other() {
        let memory = memory();
        let (first, second) = (memory.share(true), memory.share(true));
        for _ in 0..3 {
            assert_eq!(first.become_large().await, Ok(()), "one turn is enough for all fields");
        }

        assert_eq!(second.become_large().await, Err(Exhausted));
        assert!(first.become_large_at_once(), "it has its turn");
        first.rest();
        // A new request: this one has been refused.
        second.rest();
        assert_eq!(second.become_large().await, Ok(()));
        drop(second);
        assert_eq!(first.become_large().await, Ok(()));
    }
}
