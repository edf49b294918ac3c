//! The tester to whom everything goes while sending is redirected.

use crate::{
    catalogue::settings::TESTER_UNKNOWN,
    directory::Snapshot,
    problem::{Problem, ProblemCode},
    settings::{DeliveryMode, Settings, SettingsPatch},
};

/// What is wrong with the tester whom this change names or puts in force: all messages would go to somebody whom nobody
/// knows.
///
/// One who stands there already may be given back, though they have left since; and before the first sync nobody is
/// known.
pub(super) fn unknown(patch: &SettingsPatch, before: &Settings, snapshot: &Snapshot) -> Option<Problem> {
    let stood = before.redirect_to.as_deref();
    let named = match &patch.redirect_to {
        Some(named) => named.as_deref().map(str::trim),
        None => stood,
    };

    let redirects = patch.delivery_mode == Some(DeliveryMode::Redirect);
    let is_new = named != stood || redirects && before.delivery_mode != DeliveryMode::Redirect;
    // What is blank is told as that.
    let named = named.filter(|named| is_new && !named.is_empty())?;
    if snapshot.user_count() == 0 || snapshot.user(named).is_some_and(|user| user.standing.is_present()) {
        return None;
    }

    let shown: String = named.chars().take(64).collect();
    let nobody = TESTER_UNKNOWN { user: shown };
    Some(Problem::new(ProblemCode::Invalid, &["redirectTo"], nobody))
}
