//! Why an answer is what it is, in sentences for people.

use super::{ResolutionStatus, claim::Claim, resolve::status_of};
use crate::{
    directory::{GoneCause, RecordState, Snapshot, UserId},
    settings::MatchingMethod,
};

/// DingTalk's job numbers have at most 50 characters; nobody pads them by more zeros than this.
const MOST_ZEROS: usize = 20;
/// A key longer than this is cut in a reason.
const MOST_SHOWN: usize = 100;

/// The identity lacks the field that the method compares.
pub(super) fn missing(field: &str, given: bool, method: MatchingMethod) -> String {
    let method = match method {
        MatchingMethod::EmailToEmail => "EMAIL_TO_EMAIL",
        MatchingMethod::UsernameToJobNumber => "USERNAME_TO_JOB_NUMBER",
    };
    let lack = if given { "is blank" } else { "is missing" };
    format!("The Confluence identity's {field} {lack}, and the matching method {method} compares it.")
}

/// One record has the key.
pub(super) fn of_one(
    snapshot: &Snapshot,
    id: &UserId,
    field: &str,
    key: &str,
    claim: &Claim<'_>,
) -> (ResolutionStatus, String) {
    let Some(user) = snapshot.user(id.as_str()) else {
        // The indexes and the records change together; an answer that names nobody is the safe one.
        return (
            ResolutionStatus::Unmatched,
            format!("Nobody has {field} {}.", shown(key)),
        );
    };
    let status = status_of(user.standing.state, user.facts.active);
    let found = format!("DingTalk user {id} has {field} {}", shown(key));
    let reason = match (user.standing.state, status) {
        (RecordState::Gone, _) => format!("{found}, but {}.", gone(user.standing.cause)),
        (RecordState::Held, _) => format!("{found}, but his removal from the mirror waits for approval."),
        (_, ResolutionStatus::Inactive) => {
            format!("{found}, but has never logged in to DingTalk, so he would not see a notification.")
        }
        _ => format!("{found}."),
    };
    let former = if claim.present.is_empty() { 0 } else { claim.gone.len() };
    let note = match former {
        0 => String::new(),
        1 => " One former user had it, too.".into(),
        n => format!(" {n} former users had it, too."),
    };
    (status, reason + &note)
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

fn gone(cause: Option<GoneCause>) -> &'static str {
    match cause {
        Some(GoneCause::OutOfScope) => "he is no longer within this app's contact scope (通讯录权限范围)",
        Some(GoneCause::DepartmentRemoved) => "his department was removed",
        Some(GoneCause::Left) | None => "he has left the company",
    }
}

/// A key that nobody has.
pub(super) struct Lookup<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) key: &'a str,
}

impl Lookup<'_> {
    pub(super) fn no_email(&self) -> String {
        let key = shown(self.key);
        if self.snapshot.user_count() == 0 {
            return Self::empty_mirror();
        }
        if !self.snapshot.knows_emails() {
            return "No DingTalk user's email is visible to this app: grant it the permission 邮箱等个人信息 and sync again."
                .into();
        }
        if !self.key.contains('@') {
            return format!("No DingTalk user has email or org_email {key}, which is not an email address.");
        }
        format!("No DingTalk user has email or org_email {key}.")
    }

    pub(super) fn no_job_number(&self) -> String {
        if self.snapshot.user_count() == 0 {
            return Self::empty_mirror();
        }
        if !self.snapshot.knows_job_numbers() {
            return "No DingTalk user of the mirror has a job number: fill 工号 in DingTalk, or match by email.".into();
        }
        let key = shown(self.key);
        match self.other_zeros() {
            Some(other) => format!(
                "No DingTalk user has job number {key}; {} exists, {key} was asked: leading zeros are significant.",
                shown(&other)
            ),
            None => format!("No DingTalk user has job number {key}."),
        }
    }

    fn empty_mirror() -> String {
        "The mirror holds no DingTalk users yet: run a sync first.".into()
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

fn shown(key: &str) -> String {
    match key.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("\"{}…\"", &key[..end]),
        None => format!("\"{key}\""),
    }
}
