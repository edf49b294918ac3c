//! Critical sections: parts of a task that hold what others wait for, a connection of the database or a lock.
//!
//! Whoever has tasks take turns, so that what computes for long leaves the cores to others, may not keep one waiting
//! that holds such a thing: everybody would wait for its turn with it. So a section says that it has begun, and the
//! scheduler of turns asks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

tokio::task_local! {
    static SECTIONS: Sections;
}

/// The open critical sections of one task. Cheap to clone; clones count the same.
#[derive(Debug, Clone, Default)]
pub struct Sections(Arc<AtomicUsize>);

impl Sections {
    /// Whether the task is in a critical section.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    /// Sections that `poll` enters are counted here.
    pub fn count<T>(&self, poll: impl FnOnce() -> T) -> T {
        SECTIONS.sync_scope(self.clone(), poll)
    }
}

/// A critical section, until it is left or dropped.
#[derive(Debug)]
#[must_use = "the section ends when this is dropped"]
pub struct CriticalSection(Option<Sections>);

impl CriticalSection {
    /// Begins a section. Of a task that takes no turns nothing is counted.
    pub fn enter() -> Self {
        let sections = SECTIONS.try_with(Sections::clone).ok();
        if let Some(sections) = &sections {
            sections.0.fetch_add(1, Ordering::Relaxed);
        }
        Self(sections)
    }

    /// Ends the section. What the task computes next is done in its next poll, for which it may have to wait.
    pub async fn leave(self) {
        let sections = self.0.clone();
        drop(self);
        if sections.is_some_and(|sections| !sections.any()) {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for CriticalSection {
    fn drop(&mut self) {
        if let Some(sections) = &self.0 {
            sections.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task::Context};

    use futures_util::task::noop_waker;

    use super::*;

    #[test]
    fn a_task_is_in_a_section_until_the_last_one_is_left() {
        let sections = Sections::default();
        let mut task = pin!(async {
            let outer = CriticalSection::enter();
            let inner = CriticalSection::enter();
            inner.leave().await;
            tokio::task::yield_now().await;
            outer.leave().await;
        });
        let waker = noop_waker();
        let mut poll = || sections.count(|| task.as_mut().poll(&mut Context::from_waker(&waker)));

        assert!(!sections.any());
        assert!(poll().is_pending());
        assert!(sections.any(), "the inner one's end is no reason to wait");
        assert!(poll().is_pending());
        assert!(!sections.any(), "what comes next is another poll's");
        assert!(poll().is_ready());
    }

    #[tokio::test]
    async fn a_task_that_takes_no_turns_goes_on_at_once() {
        let section = CriticalSection::enter();
        let mut left = pin!(section.leave());
        assert!(left.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_ready());
    }
}
