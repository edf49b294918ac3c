//! What another matching method would do to the Confluence identities that are known, before it does it.

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};

use super::{KnownIdentities, KnownIdentity, Links, MatchOutcome, ResolutionStatus, resolve};
use crate::{
    directory::{Revision, Snapshot},
    settings::{MatchingMethod, Settings},
};

/// An identity that would be somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The identity.
    pub known: Arc<KnownIdentity>,
    /// Who it is by the method in force.
    pub before: MatchOutcome,
    /// Who it would be.
    pub after: MatchOutcome,
}

/// What changing the method would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// The method that was rehearsed.
    pub method: MatchingMethod,
    /// The settings' version that it was rehearsed against.
    pub settings_version: i64,
    /// The directory's revision that it was rehearsed against. A newer one with the same changes of persons keeps the
    /// token good.
    pub revision: Revision,
    /// Known identities, all in all.
    pub known: usize,
    /// Who would be found and is not.
    pub gains: Vec<Moved>,
    /// Who would not be found and is.
    pub loses: Vec<Moved>,
    /// Who would be *another person* than they are, whether or not a notification reaches either of them now: who has
    /// left may come back, and who never logged in to DingTalk may do so.
    pub changes_person: Vec<Moved>,
}

impl Rehearsal {
    /// Resolves every known identity by the method in force and by `method`.
    pub fn run(
        snapshot: &Snapshot,
        links: &Links,
        settings: &Settings,
        method: MatchingMethod,
        known: &KnownIdentities,
    ) -> Self {
        let mut rehearsal = Self {
            method,
            settings_version: settings.version,
            revision: snapshot.revision(),
            known: known.len(),
            gains: Vec::new(),
            loses: Vec::new(),
            changes_person: Vec::new(),
        };

        for it in known.iter() {
            let by = |method| MatchOutcome::from(&resolve(snapshot, links, method, &it.identity));
            let (before, after) = (by(settings.matching_method), by(method));
            let list = match (&before.user, &after.user) {
                (Some(one), Some(other)) if one != other => &mut rehearsal.changes_person,
                _ => match (reaches(&before), reaches(&after)) {
                    (false, true) => &mut rehearsal.gains,
                    (true, false) => &mut rehearsal.loses,
                    _ => continue,
                },
            };
            list.push(Moved {
                known: it.clone(),
                before,
                after,
            });
        }
        rehearsal
    }

    /// What whoever changes the method hands over, to show that they saw this rehearsal: it fits this settings' version
    /// and these changes of persons. It guards against accidents, not against forgers, who could change the method back
    /// anyway.
    pub fn token(&self) -> String {
        let mut digest = Context::new(&SHA256);
        digest.update(format!("2 {} {}", self.method.name(), self.settings_version).as_bytes());
        for moved in &self.changes_person {
            let user = |outcome: &MatchOutcome| outcome.user.as_ref().map(ToString::to_string).unwrap_or_default();
            let (before, after) = (user(&moved.before), user(&moved.after));
            digest.update(format!("\n{} {before}\u{0}{after}", moved.known.id).as_bytes());
        }
        hex::encode(&digest.finish().as_ref()[..16])
    }
}

/// Whether a notification would reach the person: one who is held is served as before.
fn reaches(outcome: &MatchOutcome) -> bool {
    matches!(outcome.status, ResolutionStatus::Matched | ResolutionStatus::Held)
}
