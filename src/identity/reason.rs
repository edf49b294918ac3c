//! Why an answer is what it is, in sentences for people.

use std::sync::Arc;

use super::{ConfluenceIdentity, KeyKind, ResolutionStatus, key_holders::KeyHolders};
use crate::{
    directory::{GoneCause, RecordState, Snapshot, User, UserId, looks_like, odd_character},
    settings::MatchingMethod,
};

/// DingTalk's job numbers have at most 50 characters; nobody pads them by more zeros than this.
const MOST_ZEROS: usize = 20;
/// A key longer than this is cut in a reason.
const MOST_SHOWN: usize = 100;

/// What to grant so that email addresses are seen.
const GRANT: &str = "grant it the permission 邮箱等个人信息 and sync again";

/// The identity lacks the field that the method compares.
pub(super) fn missing(identity: &ConfluenceIdentity, kind: KeyKind, method: MatchingMethod) -> String {
    let (field, method) = (kind.field(), method.name());
    let given = match kind {
        KeyKind::Email => identity.email.is_some(),
        _ => identity.username.is_some(),
    };
    let lack = if given { "is blank" } else { "is missing" };

    let by_id = identity.account_id.is_some() || identity.user_key.is_some();
    let hint = if by_id {
        " It is not linked by hand, either, which accountId and userKey are for."
    } else {
        ""
    };

    format!("The Confluence identity's {field} {lack}, and the matching method {method} compares it.{hint}")
}

/// One record has the key.
pub(super) fn of_one(user: &User, field: &str, key: &str, holders: &KeyHolders<'_>) -> (ResolutionStatus, String) {
    let id = &user.facts.userid;
    let status = ResolutionStatus::of(user);
    let (but, why) = match (user.standing.state, status) {
        (RecordState::Gone, _) => (", but ", gone(user.standing.cause)),
        (RecordState::Held, _) => (", but ", "their removal from the mirror waits for approval"),
        (_, ResolutionStatus::Inactive) => (
            ", but ",
            "has never logged in to DingTalk, so they would not see a notification",
        ),
        _ => ("", ""),
    };

    // The commonest answer of all: joined in one go, which formatting is not.
    let mut reason = [
        "DingTalk user ",
        id.as_str(),
        " has ",
        field,
        " ",
        &shown(key),
        but,
        why,
        ".",
    ]
    .concat();

    // Where nobody is present, the former user is the one whom the sentence is about.
    match if holders.present.is_empty() {
        0
    } else {
        holders.gone.len()
    } {
        0 => {}
        1 => reason.push_str(" One former user had it, too."),
        n => reason.push_str(&format!(" {n} former users had it, too.")),
    }
    (status, reason)
}

/// Several records have the key.
pub(super) fn of_several(count: usize, field: &str, key: &str, holders: &KeyHolders<'_>) -> String {
    let number = match count {
        2 => "Two".to_owned(),
        3 => "Three".to_owned(),
        n => n.to_string(),
    };
    let all_gone = holders.present.is_empty();
    let who = if all_gone {
        "former DingTalk users"
    } else {
        "DingTalk users"
    };

    let end = match holders.out_of_sight().count() {
        _ if all_gone => " Nobody present has it.".to_owned(),
        0 => String::new(),
        unseen => {
            let them = if unseen == 1 {
                "One of them is"
            } else {
                "Some of them are"
            };
            format!(
                " {them} outside this app's contact scope (通讯录权限范围) or what the settings select, and may be in the company \
                 still: link whoever is meant by hand."
            )
        }
    };

    format!("{number} {who} have {field} {}, so nobody is chosen.{end}", shown(key))
}

pub(super) fn gone(cause: Option<GoneCause>) -> &'static str {
    match cause {
        Some(GoneCause::OutOfScope) => {
            "they are no longer within this app's contact scope (通讯录权限范围) or what the settings select"
        }
        Some(GoneCause::DepartmentRemoved) => "their department was removed",
        Some(GoneCause::Left) | None => "they have left the company",
    }
}

/// A key to look up; here: one that nobody has.
pub(super) struct Lookup<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) identity: &'a ConfluenceIdentity,
    pub(super) key: &'a str,
}

impl Lookup<'_> {
    pub(super) fn no_email(&self) -> String {
        let (key, all) = (shown(self.key), self.snapshot.user_count());
        if all == 0 {
            return Self::empty_mirror();
        }
        if let Some(person) = self.hidden_person() {
            return format!(
                "No DingTalk user has email or org_email {key}. DingTalk user {person} has this username as job number, but their \
                 DingTalk email is not visible to this app: {GRANT}."
            );
        }

        let hidden = self.snapshot.hidden_emails();
        if hidden == all {
            return format!("No DingTalk user's email is visible to this app: {GRANT}.");
        }

        let what = if self.key.contains('@') {
            ""
        } else {
            ", which is not an email address"
        };
        let alike = self.alike(
            "email",
            |plain| self.snapshot.users_by_email(plain),
            |plain| self.snapshot.users_with_lookalike_email(plain),
        );
        let hidden = match hidden {
            0 => String::new(),
            n => {
                format!(
                    " Of {n} of the {all} people DingTalk tells no email: they have none there, or this app may not see it; in that \
                     case {GRANT}."
                )
            }
        };

        format!("No DingTalk user has email or org_email {key}{what}.{alike}{hidden}")
    }

    pub(super) fn no_job_number(&self) -> String {
        if self.snapshot.user_count() == 0 {
            return Self::empty_mirror();
        }
        if !self.snapshot.knows_job_numbers() {
            return "No DingTalk user of the mirror has a job number: fill 工号 in DingTalk, or match by email.".into();
        }

        let key = shown(self.key);
        if let Some(other) = self.other_zeros() {
            return format!(
                "No DingTalk user has job number {key}; {} exists, {key} was asked: leading zeros are significant.",
                shown(&other)
            );
        }

        let alike = self.alike(
            "job number",
            |plain| self.snapshot.users_by_job_number(plain),
            |plain| self.snapshot.users_with_lookalike_job_number(plain),
        );
        format!("No DingTalk user has job number {key}.{alike}")
    }

    fn empty_mirror() -> String {
        "The mirror holds no DingTalk users yet: run a sync first.".into()
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
        field: &str,
        exact: impl Fn(&str) -> &'a [Arc<User>],
        disguised: impl Fn(&str) -> &'a [Arc<User>],
    ) -> String {
        let plain = looks_like(self.key);
        let plain = plain.as_deref().unwrap_or(self.key);
        let first = |holders| KeyHolders::of(holders).present.first().map(|user| &user.facts.userid);

        if let (Some(holder), Some(odd)) = (first(exact(plain)), odd_character(self.key)) {
            return format!(
                " DingTalk user {holder} has {field} {}, which looks alike, but the one asked has {odd}: look-alikes are refused.",
                shown(plain)
            );
        }

        match first(disguised(plain)) {
            Some(holder) => format!(
                " DingTalk user {holder} has one that looks alike, but is written with other characters: look-alikes are refused."
            ),
            None => String::new(),
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

pub(super) fn shown(key: &str) -> String {
    if key.len() <= MOST_SHOWN {
        return ["\"", key, "\""].concat();
    }
    match key.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("\"{}…\"", &key[..end]),
        None => format!("\"{key}\""),
    }
}
