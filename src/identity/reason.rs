//! Why an answer is what it is, in sentences for people.

use super::{ConfluenceIdentity, KeyKind, ResolutionStatus, claim::Claim, resolve::status_of, rule::method_name};
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
    let (field, method) = (kind.field(), method_name(method));
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
pub(super) fn of_one(user: &User, field: &str, key: &str, claim: &Claim<'_>) -> (ResolutionStatus, String) {
    let id = &user.facts.userid;
    let status = status_of(user.standing.state, user.facts.active);
    let (but, why) = match (user.standing.state, status) {
        (RecordState::Gone, _) => (", but ", gone(user.standing.cause)),
        (RecordState::Held, _) => (", but ", "his removal from the mirror waits for approval"),
        (_, ResolutionStatus::Inactive) => (
            ", but ",
            "has never logged in to DingTalk, so he would not see a notification",
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
    match if claim.present.is_empty() { 0 } else { claim.gone.len() } {
        0 => {}
        1 => reason.push_str(" One former user had it, too."),
        n => reason.push_str(&format!(" {n} former users had it, too.")),
    }
    (status, reason)
}

/// Several records have the key.
pub(super) fn of_several(count: usize, field: &str, key: &str, all_gone: bool) -> String {
    let number = match count {
        2 => "Two".to_owned(),
        3 => "Three".to_owned(),
        n => n.to_string(),
    };
    let (who, end) = if all_gone {
        ("former DingTalk users", " Nobody present has it.")
    } else {
        ("DingTalk users", "")
    };
    format!("{number} {who} have {field} {}, so nobody is chosen.{end}", shown(key))
}

pub(super) fn gone(cause: Option<GoneCause>) -> &'static str {
    match cause {
        Some(GoneCause::OutOfScope) => "he is no longer within this app's contact scope (通讯录权限范围)",
        Some(GoneCause::DepartmentRemoved) => "his department was removed",
        Some(GoneCause::Left) | None => "he has left the company",
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
                "No DingTalk user has email or org_email {key}. DingTalk user {person} has his username as job number, but his \
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
        let alike = self.alike("email", |plain| {
            let exact = [
                self.snapshot.users_by_email(plain),
                self.snapshot.users_by_org_email(plain),
            ];
            let exact = exact.into_iter().flatten().next();
            exact.or_else(|| self.snapshot.users_with_lookalike_email(plain).next())
        });
        let hidden = match hidden {
            0 => String::new(),
            n => {
                format!(" Of {n} of the {all} people no email is visible to this app: his may be among them; {GRANT}.")
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
        let alike = self.alike("job number", |plain| {
            let exact = self.snapshot.users_by_job_number(plain).first();
            exact.or_else(|| self.snapshot.users_with_lookalike_job_number(plain).first())
        });
        format!("No DingTalk user has job number {key}.{alike}")
    }

    fn empty_mirror() -> String {
        "The mirror holds no DingTalk users yet: run a sync first.".into()
    }

    /// The one present person whose job number is the user name, if his email is hidden: most likely he is meant.
    fn hidden_person(&self) -> Option<&UserId> {
        let username = self.identity.username.as_deref()?;
        let present = |id: &&UserId| {
            let user = self.snapshot.user(id.as_str());
            user.is_some_and(|user| user.standing.is_present())
        };
        let mut holders = self.snapshot.users_by_job_number(username).iter().filter(present);
        let (only, None) = (holders.next()?, holders.next()) else {
            return None;
        };
        let facts = &self.snapshot.user(only.as_str())?.facts;
        (facts.email.is_none() && facts.org_email.is_none()).then_some(only)
    }

    /// Somebody whose key looks the same. It is told, never followed: that is how people are impersonated.
    fn alike<'a>(&self, field: &str, holder_of: impl Fn(&str) -> Option<&'a UserId>) -> String {
        let plain = looks_like(self.key);
        let Some(holder) = holder_of(plain.as_deref().unwrap_or(self.key)) else {
            return String::new();
        };
        match odd_character(self.key) {
            Some(odd) => format!(
                " DingTalk user {holder} has {field} {}, which looks alike, but the one asked has {odd}: look-alikes are refused.",
                shown(plain.as_deref().unwrap_or_default())
            ),
            None => format!(
                " DingTalk user {holder} has one that looks alike, but is written with other characters: look-alikes are refused."
            ),
        }
    }

    /// An existing job number that differs in leading zeros alone. It is told, never followed.
    fn other_zeros(&self) -> Option<String> {
        let bare = self.key.trim_start_matches('0');
        if bare.is_empty() {
            return None;
        }
        (0..=MOST_ZEROS)
            .map(|zeros| "0".repeat(zeros) + bare)
            .find(|other| other != self.key && !self.snapshot.users_by_job_number(other).is_empty())
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
