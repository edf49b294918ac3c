//! Lists in two parts: what has a place in DingTalk's order, and behind that, in either direction, what has none.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// Which part a place is in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<F, B> {
    /// In front.
    Front(F),
    /// Behind it.
    Back(B),
}

/// The ends of a part.
pub(super) type Ends<T> = (Bound<T>, Bound<T>);

/// What lies of each part between two places of a list; `None`: nothing. `of` tells where a place is.
pub(super) fn between<'a, K, F, B>(
    from: Bound<&'a K>,
    to: Bound<&'a K>,
    of: impl Fn(&'a K) -> Part<F, B>,
) -> (Option<Ends<F>>, Option<Ends<B>>) {
    let (from_front, from_back) = split(from, &of);
    let (to_front, to_back) = split(to, &of);

    let begins_behind = from_back.is_some();
    let ends_in_front = to_front.is_some();
    (
        (!begins_behind).then(|| (from_front.unwrap_or(Unbounded), to_front.unwrap_or(Unbounded))),
        (!ends_in_front).then(|| (from_back.unwrap_or(Unbounded), to_back.unwrap_or(Unbounded))),
    )
}

/// The place as one of the front, and as one of the back.
fn split<'a, K, F, B>(place: Bound<&'a K>, of: &impl Fn(&'a K) -> Part<F, B>) -> (Option<Bound<F>>, Option<Bound<B>>) {
    let (key, bound) = match place {
        Unbounded => return (None, None),
        Included(key) => (key, Included(())),
        Excluded(key) => (key, Excluded(())),
    };
    match of(key) {
        Part::Front(front) => (Some(bound.map(|()| front)), None),
        Part::Back(back) => (None, Some(bound.map(|()| back))),
    }
}
