//! How the process ends: softly, so that work under way is finished and recorded, and hard when that takes too long.

use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The tasks that a running server consists of. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    crashed: Arc<Mutex<Option<&'static str>>>,
}

/// A task ended that must not end while the server runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {0} stopped unexpectedly; the log says why")]
pub struct Crashed(pub &'static str);

impl Lifecycle {
    /// A lifecycle that shuts down softly when `shutdown` is cancelled.
    pub fn new(shutdown: &CancellationToken) -> Self {
        Self {
            soft: shutdown.child_token(),
            ..Self::default()
        }
    }

    /// Cancelled when work under way shall come to its end.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Runs a task that the server can't do without: if it ends (or panics) before the shutdown, everything ends with a
    /// failure.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let guard = DropGuard {
            name,
            lifecycle: self.clone(),
        };
        let hard = self.hard.clone();
        self.tasks.spawn(async move {
            let _guard = guard;
            tokio::select! {
                () = task => {}
                () = hard.cancelled() => tracing::warn!(task = name, "cut off: it did not end within the grace time"),
            }
        });
    }

    /// Waits for the shutdown, then for the tasks, at most `grace`; then cuts them off.
    pub async fn finish(self, grace: Duration) -> Result<(), Crashed> {
        self.soft.cancelled().await;
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            self.hard.cancel();
            self.tasks.wait().await;
        }

        let crashed = self
            .crashed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        crashed.map_or(Ok(()), |name| Err(Crashed(name)))
    }
}

struct DropGuard {
    name: &'static str,
    lifecycle: Lifecycle,
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if !self.lifecycle.soft.is_cancelled() {
            tracing::error!(task = self.name, "stopped unexpectedly: shutting down");
            let mut crashed = self
                .lifecycle
                .crashed
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            crashed.get_or_insert(self.name);
            drop(crashed);
            self.lifecycle.soft.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_by_itself_ends_the_server_with_a_failure() {
        let lifecycle = Lifecycle::new(&CancellationToken::new());
        lifecycle.spawn("sync engine", async {});
        assert_eq!(
            lifecycle.finish(Duration::from_secs(1)).await,
            Err(Crashed("sync engine"))
        );
    }

    #[tokio::test]
    async fn a_panicking_task_counts_as_crashed() {
        let lifecycle = Lifecycle::new(&CancellationToken::new());
        lifecycle.spawn("delivery", async { panic!("on purpose") });
        assert_eq!(lifecycle.finish(Duration::from_secs(1)).await, Err(Crashed("delivery")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_waits_for_tasks_and_cuts_off_what_hangs() {
        let shutdown = CancellationToken::new();
        let lifecycle = Lifecycle::new(&shutdown);
        let soft = lifecycle.soft();
        lifecycle.spawn("good", async move { soft.cancelled().await });
        lifecycle.spawn("hanging", std::future::pending());
        shutdown.cancel();
        assert_eq!(lifecycle.finish(Duration::from_secs(10)).await, Ok(()));
    }
}
