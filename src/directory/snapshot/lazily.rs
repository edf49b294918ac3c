//! Parts of a snapshot that are made when somebody first asks for them.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// A part that costs a walk over everybody to make, and little to keep up to date. Once somebody asked for it, each
/// later version brings it along; until then nobody pays for it.
#[derive(Clone)]
pub(super) struct Lazily<T> {
    made: OnceLock<T>,
    /// Shared by all versions: a version may be asked whose successor was made before.
    wanted: Arc<AtomicBool>,
}

impl<T> Default for Lazily<T> {
    fn default() -> Self {
        Self {
            made: OnceLock::new(),
            wanted: Arc::default(),
        }
    }
}

impl<T> Lazily<T> {
    /// The part, made by `make` where it isn't yet.
    pub(super) fn get(&self, make: impl FnOnce() -> T) -> &T {
        self.made.get_or_init(|| {
            self.wanted.store(true, Ordering::Relaxed);
            make()
        })
    }

    /// In the next version: what was made is kept up by `update`, and what was asked for meanwhile is made.
    pub(super) fn bring_along(&mut self, update: impl FnOnce(&mut T), make: impl FnOnce() -> T) {
        match self.made.get_mut() {
            Some(made) => update(made),
            None if self.wanted.load(Ordering::Relaxed) => self.made = OnceLock::from(make()),
            None => {}
        }
    }

    /// In a version that has nothing in common with the one before.
    pub(super) fn anew(&self) -> Self {
        Self {
            made: OnceLock::new(),
            wanted: self.wanted.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_kept_up_from_then_on() {
        let mut unwanted = Lazily::<i32>::default();
        unwanted.bring_along(|_| panic!("nothing was made"), || panic!("nobody asked"));
        assert_eq!(*unwanted.get(|| 1), 1);
        assert_eq!(*unwanted.get(|| 2), 1);

        let mut next = unwanted.clone();
        next.bring_along(|made| *made += 10, || panic!("it is there"));
        assert_eq!(*next.get(|| 0), 11);
        assert_eq!(*unwanted.get(|| 0), 1);
    }

    #[test]
    fn what_was_asked_for_too_late_for_the_next_version_is_made_in_the_one_after() {
        let first = Lazily::<i32>::default();
        let mut second = first.clone();
        first.get(|| 1);
        second.bring_along(|_| panic!("it isn't there"), || 2);
        assert_eq!(*second.get(|| 0), 2);
        assert_eq!(*first.anew().get(|| 3), 3);
    }
}
