//! Why an answer is what it is.

use std::{borrow::Cow, sync::Arc};

use super::{ConfluenceIdentity, KeyKind, ResolutionStatus, key_holders::KeyHolders};
use crate::{
    catalogue::{Statement, matching as said},
    directory::{GoneCause, RecordState, Snapshot, User, UserId, looks_like, odd_character},
    settings::MatchingMethod,
};

/// DingTalk's job numbers have at most 50 characters; nobody pads them by more zeros than this.
const MOST_ZEROS: usize = 20;
/// A key longer than this is cut in a reason.
const MOST_SHOWN: usize = 100;

/// The identity lacks the field that the method compares.
pub(super) fn missing(identity: &ConfluenceIdentity, kind: KeyKind, method: MatchingMethod) -> Statement {
    let (field, method) = (kind.field(), method.name());
    let is_given = match kind {
        KeyKind::Email => identity.email.is_some(),
        _ => identity.username.is_some(),
    };
    let unlinked = identity.account_id.is_some() || identity.user_key.is_some();

    if is_given {
        said::KEY_BLANK {
            field,
            method,
            unlinked,
        }
        .into()
    } else {
        said::KEY_MISSING {
            field,
            method,
            unlinked,
        }
        .into()
    }
}

/// One record has the key. `rehired`: of a former user, who they are now.
pub(super) fn of_one(
    user: &User,
    field: &str,
    key: &str,
    holders: &KeyHolders<'_>,
    rehired: Option<&UserId>,
) -> (ResolutionStatus, Statement) {
    let status = ResolutionStatus::of(user);
    let (user, standing) = (&user.facts.userid, &user.standing);
    // Where nobody is present, the former user is the one whom the sentence is about.
    let former = if holders.present.is_empty() {
        0
    } else {
        holders.gone.len()
    };
    let key = shown(key);

    let reason = match (standing.state, status) {
        (RecordState::Gone, _) => said::KEY_OF_GONE {
            user,
            field,
            key,
            cause: cause(standing.cause),
            rehired,
        }
        .into(),
        (RecordState::Held, _) => said::KEY_OF_HELD {
            user,
            field,
            key,
            former,
        }
        .into(),
        (_, ResolutionStatus::Inactive) => said::KEY_OF_INACTIVE {
            user,
            field,
            key,
            former,
        }
        .into(),
        _ => said::KEY_FOUND {
            user,
            field,
            key,
            former,
        }
        .into(),
    };
    (status, reason)
}

/// Several records have the key.
pub(super) fn of_several(count: usize, field: &str, key: &str, holders: &KeyHolders<'_>) -> Statement {
    let key = shown(key);
    if holders.present.is_empty() {
        return said::KEY_OF_SEVERAL_GONE { count, field, key }.into();
    }
    let unseen = holders.out_of_sight().count();
    said::KEY_OF_SEVERAL {
        count,
        field,
        key,
        unseen,
    }
    .into()
}

/// Why somebody is gone, as the catalogue has it.
pub(super) const fn cause(cause: Option<GoneCause>) -> &'static str {
    match cause {
        Some(GoneCause::OutOfScope) => "OUT_OF_SCOPE",
        Some(GoneCause::DepartmentRemoved) => "DEPARTMENT_REMOVED",
        Some(GoneCause::Left) | None => "LEFT",
    }
}

/// A key to look up; here: one that nobody has.
pub(super) struct Lookup<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) identity: &'a ConfluenceIdentity,
    pub(super) key: &'a str,
}

impl Lookup<'_> {
    pub(super) fn no_email(&self) -> Statement {
        let (key, all) = (shown(self.key), self.snapshot.user_count());
        if all == 0 {
            return said::MIRROR_EMPTY {}.into();
        }
        if let Some(user) = self.hidden_person() {
            return said::EMAIL_HIDDEN_OF_USER { key, user }.into();
        }

        let hidden = self.snapshot.hidden_emails();
        if hidden == all {
            return said::EMAIL_HIDDEN_OF_ALL {}.into();
        }

        let Alike { alike, plain, odd } = self.alike(
            |plain| self.snapshot.users_by_email(plain),
            |plain| self.snapshot.users_with_lookalike_email(plain),
        );
        said::EMAIL_UNKNOWN {
            key,
            form: if self.key.contains('@') { "ADDRESS" } else { "OTHER" },
            alike,
            plain,
            odd,
            hidden,
            all,
        }
        .into()
    }

    pub(super) fn no_job_number(&self) -> Statement {
        if self.snapshot.user_count() == 0 {
            return said::MIRROR_EMPTY {}.into();
        }
        if !self.snapshot.knows_job_numbers() {
            return said::JOB_NUMBERS_MISSING {}.into();
        }

        let key = shown(self.key);
        if let Some(other) = self.other_zeros() {
            let existing = shown(&other);
            return said::JOB_NUMBER_ZEROS { key, existing }.into();
        }

        let Alike { alike, plain, odd } = self.alike(
            |plain| self.snapshot.users_by_job_number(plain),
            |plain| self.snapshot.users_with_lookalike_job_number(plain),
        );
        said::JOB_NUMBER_UNKNOWN { key, alike, plain, odd }.into()
    }

    /// The one present person whose job number is the user name, if their email is hidden: most likely they are meant.
    fn hidden_person(&self) -> Option<&UserId> {
        let username = self.identity.username.as_deref()?;
        let [only] = KeyHolders::of(self.snapshot.users_by_job_number(username)).present else {
            return None;
        };
        let facts = &only.facts;
        (facts.email.is_none() && facts.org_email.is_none()).then_some(&facts.userid)
    }

    /// Somebody present whose key looks the same: exactly what the one asked looks like, or itself written with other
    /// characters. It is told, never followed: that is how people are impersonated.
    fn alike<'a>(
        &self,
        exact: impl Fn(&str) -> &'a [Arc<User>],
        disguised: impl Fn(&str) -> &'a [Arc<User>],
    ) -> Alike<'a> {
        let plain = looks_like(self.key);
        let plain = plain.as_deref().unwrap_or(self.key);
        let first = |holders| KeyHolders::of(holders).present.first().map(|user| &user.facts.userid);

        if let (Some(holder), Some(odd)) = (first(exact(plain)), odd_character(self.key)) {
            return Alike {
                alike: Some(holder),
                plain: Some(shown(plain).into_owned()),
                odd: Some(odd),
            };
        }
        Alike {
            alike: first(disguised(plain)),
            plain: None,
            odd: None,
        }
    }

    /// An existing job number that differs in leading zeros alone. It is told, never followed.
    fn other_zeros(&self) -> Option<String> {
        let bare = self.key.trim_start_matches('0');
        // Of zeros alone nothing is left that another number could have, too.
        if bare.is_empty() {
            return None;
        }
        let is_held = |number: &String| {
            !KeyHolders::of(self.snapshot.users_by_job_number(number))
                .present
                .is_empty()
        };
        (0..=MOST_ZEROS)
            .map(|zeros| "0".repeat(zeros) + bare)
            .find(|other| other != self.key && is_held(other))
    }
}

/// Somebody whose key only looks like the one asked.
struct Alike<'a> {
    alike: Option<&'a UserId>,
    /// What the key asked looks like, and which character gives it away; otherwise it is the other's key that is
    /// written with other characters.
    plain: Option<String>,
    odd: Option<String>,
}

/// A key as it is told.
pub(super) fn shown(key: &str) -> Cow<'_, str> {
    match key.char_indices().nth(MOST_SHOWN).filter(|_| key.len() > MOST_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &key[..end])),
        None => Cow::Borrowed(key),
    }
}
