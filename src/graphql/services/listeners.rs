//! Many who listen, and one who reads for all of them as long as anybody does.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use tokio::sync::{Mutex, broadcast};

use crate::graphql::error::ApiError;

/// What is told, or why it couldn't be read: each listener ends with that, and comes back.
pub(super) type Heard<T> = Result<T, ApiError>;

/// Those who listen. Cheap to clone.
pub(super) struct Listeners<T>(Arc<State<T>>);

struct State<T> {
    told: broadcast::Sender<Heard<T>>,
    /// Whether somebody reads.
    reads: Mutex<bool>,
}

impl<T> Clone for Listeners<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone + Send + 'static> Listeners<T> {
    /// Nobody yet. `waiting`: so much waits for a slow one.
    pub(super) fn new(waiting: usize) -> Self {
        Self(Arc::new(State {
            told: broadcast::Sender::new(waiting),
            reads: Mutex::new(false),
        }))
    }

    /// Everything that is told from now on, and what `newest` says: what is told may begin before it. Where nobody
    /// reads, what `reader` makes of that does so from now on.
    ///
    /// # Errors
    /// Those of `newest` and `reader`; then nobody listens, and nobody reads who didn't before.
    pub(super) async fn join<E, M, R>(
        &self,
        newest: impl Future<Output = Result<i64, E>>,
        reader: impl FnOnce(i64) -> M,
    ) -> Result<(broadcast::Receiver<Heard<T>>, i64), E>
    where
        M: Future<Output = Result<R, E>>,
        R: Future<Output = ()> + Send + 'static,
    {
        // Held to the end: a reader that stops does so before this listener is there, or sees them.
        let mut reads = self.0.reads.lock().await;
        // Before the newest is asked for: nothing comes between.
        let heard = self.0.told.subscribe();
        let newest = newest.await?;

        if !*reads {
            let reader = reader(newest).await?;
            *reads = true;
            tokio::spawn(self.clone().watch(reader));
        }
        Ok((heard, newest))
    }

    /// Goes with the reader to its end. One that panics has told nobody that it reads no more.
    async fn watch(self, reader: impl Future<Output = ()> + Send) {
        if AssertUnwindSafe(reader).catch_unwind().await.is_ok() {
            return;
        }

        // Told before the lock is free: whoever joins later begins another reader, and hears nothing of this one.
        let mut reads = self.0.reads.lock().await;
        *reads = false;
        self.tell(Err(ApiError::internal(&"who read for all listeners panicked")));
    }

    /// Tells all of them.
    pub(super) fn tell(&self, told: Heard<T>) {
        // An error means that the last one has just gone.
        drop(self.0.told.send(told));
    }

    /// Whether the reader stops: because it `has_to`, or because nobody listens any more. The next listener begins
    /// another.
    pub(super) async fn stop_reading(&self, has_to: bool) -> bool {
        let mut reads = self.0.reads.lock().await;
        let stops = has_to || self.0.told.receiver_count() == 0;
        *reads = !stops;
        stops
    }
}

#[cfg(test)]
mod tests {
    use std::{future::ready, sync::PoisonError};

    use super::*;

    #[tokio::test]
    async fn one_reads_for_all_and_begins_anew_after_the_last_has_gone_or_it_could_not_begin() {
        let listeners = Listeners::<i64>::new(4);
        let begun = Arc::new(std::sync::Mutex::new(Vec::new()));
        let join = async |newest: i64, fails: bool| {
            let begun = begun.clone();
            let reader = move |newest| {
                let reader = async move { begun.lock().unwrap_or_else(PoisonError::into_inner).push(newest) };
                ready(if fails { Err("away") } else { Ok(reader) })
            };
            let joined = listeners.join(ready(Ok(newest)), reader).await;
            tokio::task::yield_now().await;
            joined
        };

        assert_eq!(join(1, true).await.err(), Some("away"));
        let (mut first, newest) = join(2, false).await.unwrap();
        let (second, _) = join(3, true).await.unwrap();
        listeners.tell(Ok(7));
        assert_eq!((first.recv().await.unwrap().ok(), newest), (Some(7), 2));
        assert!(!listeners.stop_reading(false).await);

        drop((first, second));
        assert!(listeners.stop_reading(false).await);
        let (_third, _) = join(4, false).await.unwrap();
        assert!(listeners.stop_reading(true).await);
        assert_eq!(*begun.lock().unwrap(), [2, 4]);
    }

    #[tokio::test]
    async fn a_reader_that_panics_ends_those_who_listen_and_the_next_one_begins_another() {
        let listeners = Listeners::<i64>::new(4);
        let newest = || ready(Ok::<_, &str>(1));
        let panics = |_| ready(Ok(async { panic!("a test") }));
        let (mut first, _) = listeners.join(newest(), panics).await.unwrap();
        assert!(first.recv().await.unwrap().is_err());

        let next = listeners.clone();
        let tells = move |_| ready(Ok(async move { next.tell(Ok(7)) }));
        let (mut second, _) = listeners.join(newest(), tells).await.unwrap();
        let heard = tokio::time::timeout(std::time::Duration::from_secs(10), second.recv()).await;
        assert_eq!(heard.unwrap().unwrap().ok(), Some(7));
    }
}
