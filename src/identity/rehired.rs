//! Somebody who left and was hired again may have another `userid`, but has the `unionid` that they had.

use super::key_holders::MAX_CANDIDATES;
use crate::directory::{Snapshot, User, UserId};

/// The present person who has the `unionid` of somebody who is gone. Two such people would be a mystery: then it is
/// nobody.
pub fn rehired<'a>(snapshot: &'a Snapshot, former: &User) -> Option<&'a UserId> {
    let unionid = former.facts.unionid.as_deref().filter(|id| !id.is_empty())?;
    if former.standing.is_present() {
        return None;
    }
    let holders = snapshot.users_by_union_id(unionid).iter();
    let mut present = holders.take_while(|user| user.standing.is_present());
    match (present.next(), present.next()) {
        (Some(only), None) => Some(&only.facts.userid),
        _ => None,
    }
}

/// Who `former` is now, for a reason; nobody where they aren't back. The one who came back joins the `candidates`.
pub(super) fn joining<'a>(snapshot: &'a Snapshot, former: &User, candidates: &mut Vec<UserId>) -> Option<&'a UserId> {
    let id = rehired(snapshot, former)?;
    if !candidates.contains(id) {
        candidates.truncate(MAX_CANDIDATES - 1);
        candidates.push(id.clone());
    }
    Some(id)
}
