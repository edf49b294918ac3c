//! From whom the caller asked for to the rows that are recorded: one for each who was named, one for each whom a
//! department brings, a DingTalk user at most once.

use std::collections::{HashMap, HashSet};

use super::{
    departments::DepartmentWalk,
    request::{Exceptions, SendRequest},
};
use crate::{
    catalogue::{Statement, delivery as said, request},
    directory::{DeptId, Snapshot, User, UserId},
    identity::{ConfluenceIdentity, Links, Resolution, ResolutionStatus, rehired, resolve},
    message::{NewRecipient, RecipientState},
    problem::{Problem, ProblemCode},
    settings::MatchingMethod,
};

/// Whether a preview tells who of those that the request names is in one of its departments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// As it is sent: each person once, and nobody who is excepted.
    Shown,
    /// Names and departments stand beside each other: an exception by name takes nobody out of a department, one by
    /// department takes out nobody who is named, and who is both is there twice.
    Hidden,
}

/// By what people are found.
pub(super) struct Book<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) links: &'a Links,
    pub(super) method: MatchingMethod,
    pub(super) disclosure: Disclosure,
}

/// The people who are excepted, by how the request has them.
struct Excepted {
    named: HashSet<String>,
    members: HashSet<String>,
    disclosure: Disclosure,
}

impl Excepted {
    /// Whether somebody whom the request names is.
    fn has_named(&self, userid: &str) -> bool {
        self.named.contains(userid) || self.disclosure == Disclosure::Shown && self.members.contains(userid)
    }

    /// Whether somebody whom a department brings is.
    fn has_member(&self, userid: &str) -> bool {
        self.members.contains(userid) || self.disclosure == Disclosure::Shown && self.named.contains(userid)
    }
}

impl Book<'_> {
    /// The recipients: those who are named in the order asked, identities before userids, then whom the departments
    /// bring, minus the exceptions; those who can be sent to are `Queued`.
    pub(super) fn freeze(&self, request: &SendRequest) -> Vec<NewRecipient> {
        let identities = request
            .identities
            .iter()
            .map(|identity| from_identity(identity, self.resolve(identity)));
        let users = request
            .userids
            .iter()
            .map(|userid| from_userid(userid, self.user(userid), self.snapshot));

        let mut rows = deduplicate(identities.chain(users).map(sendable).collect());
        let except = self.exceptions(&request.except);
        for row in &mut rows {
            exclude(row, &except);
        }

        if request.departments.is_empty() {
            return rows;
        }
        let mut there: HashSet<UserId> = match self.disclosure {
            Disclosure::Shown => rows.iter().filter_map(|row| row.userid.clone()).collect(),
            Disclosure::Hidden => HashSet::new(),
        };

        let mut walk = DepartmentWalk::default();
        for department in &request.departments {
            for (userid, dept) in walk.members(self.snapshot, department) {
                if except.has_member(userid.as_str()) || !there.insert(userid.clone()) {
                    continue;
                }
                rows.push(sendable(from_department(userid, self.user(userid), dept)));
            }
        }
        rows
    }

    /// Departments that the mirror doesn't have: nobody could be sent to by them.
    pub(super) fn unknown_departments(&self, request: &SendRequest) -> Vec<Problem> {
        let lists = [
            (&["recipients"][..], &request.departments),
            (&["recipients", "except"][..], &request.except.departments),
        ];

        let mut errors = Vec::new();
        for (path, departments) in lists {
            for (index, department) in departments.iter().enumerate() {
                let known = self.snapshot.department(DeptId(department.dept_id));
                if known.is_some_and(|it| it.standing.is_present()) {
                    continue;
                }

                let mut field: Vec<&str> = path.to_vec();
                let index = index.to_string();
                field.extend(["departments", &index, "deptId"]);
                let message = request::DEPARTMENT_UNKNOWN {
                    field: field.join("."),
                    department: department.dept_id,
                };
                errors.push(Problem::new(ProblemCode::NotFound, &field, message));
            }
        }
        errors
    }

    /// Departments that hold nobody who is there: they bring nobody, or except nobody.
    pub(super) fn empty_departments(&self, request: &SendRequest) -> Vec<Problem> {
        let lists = [
            (&["recipients"][..], false, &request.departments),
            (&["recipients", "except"][..], true, &request.except.departments),
        ];

        let mut errors = Vec::new();
        for (path, excepted, departments) in lists {
            for (index, department) in departments.iter().enumerate() {
                let known = self.snapshot.department(DeptId(department.dept_id));
                let is_present = known.is_some_and(|it| it.standing.is_present());
                // The others are told as unknown.
                if !is_present || !DepartmentWalk::is_empty(self.snapshot, department) {
                    continue;
                }

                let index = index.to_string();
                let field = [path, &["departments", &index]].concat();
                let message = request::DEPARTMENT_EMPTY {
                    field: field.join("."),
                    department: department.dept_id,
                    subtree: department.include_subtree,
                    excepted,
                };
                errors.push(Problem::new(ProblemCode::NotFound, &field, message));
            }
        }
        errors
    }

    /// Exceptions that nobody was found for: they except nobody, and whoever was meant may get the message.
    pub(super) fn unmatched_exceptions(&self, request: &SendRequest) -> Vec<Problem> {
        let identities = request.except.identities.iter().map(|identity| self.resolve(identity));
        let identities = identities.enumerate().filter(|(_, found)| found.user.is_none());
        let identities = identities.map(|(index, found)| ("identities", index, found.reason));

        let users = request.except.userids.iter().enumerate();
        let users = users
            .filter(|(_, userid)| self.user(userid).is_none())
            .map(|(index, userid)| ("userIds", index, unknown_user(userid)));

        identities
            .chain(users)
            .map(|(list, index, reason)| {
                let index = index.to_string();
                let field = ["recipients", "except", list, &index];
                let message = request::EXCEPTION_UNMATCHED {
                    field: field.join("."),
                    why: reason,
                };
                Problem::new(ProblemCode::NotFound, &field, message)
            })
            .collect()
    }

    pub(super) fn resolve(&self, identity: &ConfluenceIdentity) -> Resolution {
        resolve(self.snapshot, self.links, self.method, identity)
    }

    pub(super) fn user(&self, userid: &UserId) -> Option<&User> {
        self.snapshot.user(userid.as_str()).map(|user| &**user)
    }

    /// The people who are excepted. An exception that nobody can be found for excepts nobody.
    fn exceptions(&self, except: &Exceptions) -> Excepted {
        let identities = except
            .identities
            .iter()
            .filter_map(|identity| self.resolve(identity).user);

        let mut walk = DepartmentWalk::default();
        let members = except
            .departments
            .iter()
            .flat_map(|department| walk.members(self.snapshot, department))
            .map(|(user, _)| user.clone());

        let named = identities.chain(except.userids.iter().cloned());
        Excepted {
            named: named.map(|user| user.to_string()).collect(),
            members: members.map(|user| user.to_string()).collect(),
            disclosure: self.disclosure,
        }
    }
}

fn exclude(row: &mut NewRecipient, except: &Excepted) {
    let named = row.userid.as_ref().is_some_and(|user| except.has_named(user.as_str()));
    if named && row.state == RecipientState::Queued {
        row.state = RecipientState::Excluded;
        row.reason = Some(said::EXCLUDED {}.into());
    }
}

/// What `require_all_matched` holds against them: everybody asked who can't be sent to. A person named twice can be.
pub(super) fn unmatched(recipients: &[NewRecipient], identities: usize) -> Vec<Problem> {
    let mut errors = Vec::new();
    // Whom a department brings was not named: nobody expects all of them to have logged in to DingTalk.
    let named = recipients.iter().take_while(|recipient| recipient.dept_id.is_none());
    for (position, recipient) in named.enumerate() {
        if matches!(
            recipient.state,
            RecipientState::Queued | RecipientState::Duplicate | RecipientState::Excluded
        ) {
            continue;
        }

        let (list, index) = match position.checked_sub(identities) {
            None => ("identities", position),
            Some(index) => ("userIds", index),
        };
        let message = request::RECIPIENT_UNMATCHED {
            field: format!("recipients.{list}.{index}"),
            why: recipient.reason.as_ref(),
        };
        errors.push(Problem::new(
            ProblemCode::NotFound,
            &["recipients", list, &index.to_string()],
            message,
        ));
    }
    errors
}

pub(super) fn from_identity(identity: &ConfluenceIdentity, resolution: Resolution) -> NewRecipient {
    let state = match resolution.status {
        // A person whose removal waits for approval is served as before.
        ResolutionStatus::Matched | ResolutionStatus::Held => RecipientState::Queued,
        ResolutionStatus::Unmatched | ResolutionStatus::Ambiguous => RecipientState::Unmatched,
        ResolutionStatus::Inactive => RecipientState::Failed,
    };

    NewRecipient {
        identity: Some(identity.clone()),
        userid: resolution.user.clone().filter(|_| state != RecipientState::Unmatched),
        reason: (state != RecipientState::Queued).then(|| resolution.reason.clone()),
        resolution: Some(resolution),
        state,
        dept_id: None,
        prediction: None,
    }
}

pub(super) fn from_userid(userid: &UserId, user: Option<&User>, snapshot: &Snapshot) -> NewRecipient {
    let reason = match user {
        None => Some(unknown_user(userid)),
        Some(user) => hindrance(Some(userid), user, rehired(snapshot, user)),
    };
    named(userid, reason)
}

/// The reason leaves the `userid` out: whom a department brings is for those to know who may read the directory.
pub(super) fn from_department(userid: &UserId, user: Option<&User>, dept: DeptId) -> NewRecipient {
    NewRecipient {
        dept_id: Some(dept.0),
        ..named(userid, user.and_then(|user| hindrance(None, user, None)))
    }
}

fn unknown_user(user: &UserId) -> Statement {
    said::USER_NOT_IN_MIRROR { user }.into()
}

/// Why somebody can't be sent to. `told`: how they were named, where they were.
fn hindrance(told: Option<&UserId>, user: &User, rehired: Option<&UserId>) -> Option<Statement> {
    if !user.standing.is_present() {
        return Some(said::RECIPIENT_GONE { user: told, rehired }.into());
    }
    (user.facts.active == Some(false)).then(|| said::RECIPIENT_INACTIVE { user: told }.into())
}

fn named(userid: &UserId, reason: Option<Statement>) -> NewRecipient {
    NewRecipient {
        identity: None,
        resolution: None,
        userid: Some(userid.clone()),
        state: if reason.is_some() {
            RecipientState::Failed
        } else {
            RecipientState::Queued
        },
        reason,
        dept_id: None,
        prediction: None,
    }
}

/// DingTalk takes the `userid`s of a call as one text with commas: one that can't stand in it would fail its whole
/// batch.
pub(super) fn sendable(mut recipient: NewRecipient) -> NewRecipient {
    let named = recipient
        .userid
        .as_ref()
        .is_none_or(|userid| !userid.as_str().is_empty() && !userid.as_str().contains(','));
    if recipient.state == RecipientState::Queued && !named {
        recipient.state = RecipientState::Failed;
        recipient.reason = Some(said::USER_ID_WITH_COMMA {}.into());
    }
    recipient
}

/// The first one keeps the person; later ones say so and carry no `userid`.
pub(super) fn deduplicate(mut recipients: Vec<NewRecipient>) -> Vec<NewRecipient> {
    let mut first: HashMap<&UserId, usize> = HashMap::with_capacity(recipients.len());
    let mut repeated = Vec::new();
    for (position, recipient) in recipients.iter().enumerate() {
        if let Some(userid) = &recipient.userid {
            let at = *first.entry(userid).or_insert(position);
            if at != position {
                repeated.push((position, at));
            }
        }
    }

    for (position, at) in repeated {
        let recipient = &mut recipients[position];
        let userid = recipient.userid.take();
        recipient.state = RecipientState::Duplicate;
        // Of an identity without the `userid`: whoever may read it finds it there, and whom a department brings is not
        // everybody's to know. A `userid` that the caller named is told back, for nothing else of the row says whom it
        // is about.
        let is_named = recipient.identity.is_none() && recipient.dept_id.is_none();
        let user = userid.as_ref().filter(|_| is_named);
        recipient.reason = Some(said::DUPLICATE_RECIPIENT { user, position: at }.into());
    }
    recipients
}

#[cfg(test)]
#[path = "recipients_tests.rs"]
mod tests;
