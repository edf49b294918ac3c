//! Turns for what computes for long at a time. It does so beside the runtime's workers, a few at once, so that those go
//! on with health checks and cheap queries; the system shares the cores between both.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::sync::PollSemaphore;

use super::Exhausted;
use crate::critical_section::Sections;

/// How many may compute, have begun, and wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnLimits {
    /// That compute in one moment.
    pub at_once: usize,
    /// Operations that have begun and want to compute now and then: the others wait until one of them is done.
    pub begun: usize,
    /// That wait for either. More are refused at once.
    pub waiting: usize,
}

/// The turns of one kind of callers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turns {
    places: Arc<Semaphore>,
    begun: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    patience: Duration,
}

/// An operation that has begun, until this is dropped.
#[derive(Debug)]
pub struct Begun {
    _place: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(limits: TurnLimits, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.at_once.max(1))),
            begun: Arc::new(Semaphore::new(limits.begun.max(1))),
            waiting: Arc::new(Semaphore::new(limits.waiting)),
            patience,
        }
    }

    /// Computes something once, on a thread of its own.
    ///
    /// # Errors
    /// [`Exhausted`] after the patience, or at once where too many wait.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Exhausted> {
        let place = self.wait(&self.places).await?;
        let done = tokio::task::spawn_blocking(move || {
            // Also where nobody waits for it any more.
            let _place = place;
            work()
        });

        match done.await {
            Ok(done) => Ok(done),
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime ends.
                Err(_) => Err(Exhausted),
            },
        }
    }

    /// Waits until an operation may begin whose polls take turns, see [`Self::beside`].
    ///
    /// # Errors
    /// [`Exhausted`] after the patience, or at once where too many wait.
    pub async fn begin(&self) -> Result<Begun, Exhausted> {
        self.wait(&self.begun).await.map(|place| Begun { _place: place })
    }

    /// `run`, each of whose polls waits for a turn, but those in a critical section: while it holds a connection of the
    /// database say, it is not kept waiting. Between them others have the turn.
    pub fn beside<F: Future>(&self, run: F) -> Beside<F> {
        Beside {
            run: Box::pin(run),
            sections: Sections::default(),
            places: PollSemaphore::new(self.places.clone()),
        }
    }

    async fn wait(&self, places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Exhausted> {
        if let Ok(place) = places.clone().try_acquire_owned() {
            return Ok(place);
        }

        let _waits = self.waiting.try_acquire().map_err(|_| Exhausted)?;
        let place = timeout(self.patience, places.clone().acquire_owned()).await;
        place.map_err(|_| Exhausted)?.map_err(|_| Exhausted)
    }
}

/// See [`Turns::beside`].
pub struct Beside<F> {
    run: Pin<Box<F>>,
    sections: Sections,
    places: PollSemaphore,
}

impl<F: Future> Future for Beside<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let place = if self.sections.any() {
            None
        } else {
            ready!(self.places.poll_acquire(context))
        };

        let sections = self.sections.clone();
        let polled = aside(|| sections.count(|| self.run.as_mut().poll(context)));
        drop(place);
        polled
    }
}

/// Has this thread's worker go on elsewhere meanwhile. A runtime of one thread, as tests have it, has no elsewhere.
pub(crate) fn aside<T>(work: impl FnOnce() -> T) -> T {
    let has_workers = Handle::try_current().is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread);
    if has_workers {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::critical_section::CriticalSection;

    fn turns(begun: usize, waiting: usize) -> Turns {
        let limits = TurnLimits {
            at_once: 1,
            begun,
            waiting,
        };
        Turns::new(limits, Duration::from_secs(5))
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_begin_and_only_so_many_wait() {
        let turns = turns(1, 1);
        let begun = turns.begin().await.unwrap();
        let second = tokio::spawn({
            let turns = turns.clone();
            async move { turns.begin().await.map(drop) }
        });
        tokio::task::yield_now().await;

        let asked = tokio::time::Instant::now();
        assert!(turns.begin().await.is_err());
        assert_eq!(asked.elapsed(), Duration::ZERO, "it is told at once");

        drop(begun);
        assert_eq!(second.await.unwrap(), Ok(()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn the_only_worker_goes_on_while_something_computes() {
        let turns = turns(1, 1);
        let (go_on, told) = mpsc::channel::<()>();
        let computing = turns.run(move || told.recv_timeout(Duration::from_secs(60)).is_ok());
        let cheap = tokio::spawn(async move { go_on.send(()) });
        assert_eq!(computing.await, Ok(true));
        cheap.await.unwrap().unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn the_only_worker_goes_on_while_a_poll_computes() {
        let turns = turns(1, 1);
        let (go_on, told) = mpsc::channel::<()>();
        let computing = turns.beside(async move { told.recv_timeout(Duration::from_secs(60)).is_ok() });
        let computing = tokio::spawn(computing);
        let cheap = tokio::spawn(async move { go_on.send(()) });
        assert!(computing.await.unwrap(), "the other task had the worker");
        let _ = cheap.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_holds_what_others_wait_for_does_not_wait_for_a_turn() {
        let turns = turns(2, 0);
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (free, is_free) = tokio::sync::oneshot::channel();
        let (go_on, told) = mpsc::channel::<()>();
        let holding = tokio::spawn(turns.beside(async move {
            let section = CriticalSection::enter();
            begun.send(()).unwrap();
            is_free.await.unwrap();
            go_on.send(()).unwrap();
            section.leave().await;
        }));
        has_begun.await.unwrap();

        let computing = tokio::spawn(turns.beside(async move {
            free.send(()).unwrap();
            told.recv_timeout(Duration::from_secs(60)).is_ok()
        }));
        assert!(
            computing.await.unwrap(),
            "what is held is let go while somebody computes"
        );
        holding.await.unwrap();
    }

    #[tokio::test]
    async fn whoever_waits_for_something_else_keeps_nobody_from_a_turn() {
        let turns = turns(2, 0);
        let (go_on, told) = tokio::sync::oneshot::channel();
        let first = tokio::spawn(turns.beside(told));
        tokio::task::yield_now().await;
        tokio::spawn(turns.beside(async move { go_on.send(()) }))
            .await
            .unwrap()
            .unwrap();
        first.await.unwrap().unwrap();
    }
}
