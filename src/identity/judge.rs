//! Who of the known identities is somebody else than they were.

use super::{JudgedBy, KnownIdentities, Links, MatchOutcome, OutcomeChange, resolve};
use crate::{directory::Snapshot, settings::MatchingMethod};

/// The known identities whose outcome differs from what was last recorded. What was judged by something that this judge
/// has not seen yet is left to others.
pub fn judge(
    snapshot: &Snapshot,
    links: &Links,
    method: MatchingMethod,
    known: &KnownIdentities,
    by: JudgedBy,
) -> Vec<OutcomeChange> {
    let fresh = known.iter().filter(|it| by.covers(&it.judged_by));
    fresh
        .filter_map(|it| {
            let after = MatchOutcome::from(&resolve(snapshot, links, method, &it.identity));
            (after != it.outcome).then(|| OutcomeChange {
                id: it.id,
                before: it.outcome.clone(),
                after,
                judged_by: by,
            })
        })
        .collect()
}
