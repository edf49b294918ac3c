//! What a crawl sets out to read. It is kept with the run, so that whoever goes on with it does the same.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use super::failure::ReadFailure;
use crate::{
    catalogue::{Statement, sync::SCOPE_UNASKED},
    dingtalk::{Error, Session},
    directory::{DeptId, UserId},
    settings::Api,
};

/// So long the question where to start waits for throttles in all.
const LONGEST_REST: Duration = Duration::from_mins(15);

/// Where a crawl starts, how it reads, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outline {
    /// Departments to start with, each the top of a subtree.
    pub(crate) departments: Vec<DeptId>,
    /// Single people to read beside them.
    pub(crate) users: Vec<UserId>,
    /// Departments not to descend into.
    pub(crate) excluded: BTreeSet<DeptId>,
    /// Whether `user/list` has a URL.
    pub(crate) bulk: bool,
    /// Whether `user/count` is worth a call.
    pub(crate) count: bool,
    /// Whether everybody's own record is read where people are read one by one; otherwise only whose needs it.
    pub(crate) everybody: bool,
    /// Whose own records are read whatever the lists say.
    pub(crate) again: Vec<UserId>,
    /// Who is known to lie outside the contact scope, and is not asked for.
    #[serde(default)]
    pub(crate) outside: BTreeSet<UserId>,
    /// What could not be asked.
    pub(crate) note: Option<Statement>,
}

impl Outline {
    /// The whole company from these starts on.
    pub(crate) fn new(departments: Vec<DeptId>, users: Vec<UserId>) -> Self {
        Self {
            departments,
            users,
            excluded: BTreeSet::new(),
            bulk: false,
            count: false,
            everybody: true,
            again: Vec::new(),
            outside: BTreeSet::new(),
            note: None,
        }
    }
}

/// Where the visible tree starts: what `/auth/scopes` says, or the root where it can't be asked.
pub(crate) async fn outline(session: &Session) -> Result<Outline, Error> {
    let mut outline = Outline::new(vec![DeptId::ROOT], Vec::new());
    let mut rested = Duration::ZERO;

    while session.is_configured(Api::AuthScopes) {
        let error = match session.auth_scopes().await {
            Ok(scopes) => {
                outline = Outline::new(scopes.departments, scopes.users);
                break;
            }
            Err(error) => error,
        };

        match ReadFailure::of(&error) {
            ReadFailure::Rest(_) if rested >= LONGEST_REST => return Err(error),
            ReadFailure::Rest(pause) => {
                tokio::time::sleep(pause).await;
                rested += pause;
            }
            ReadFailure::Fatal if !ReadFailure::is_unavailable_here(&error) => return Err(error),
            // Nothing else was done yet: whoever reads DingTalk's words can tell more than a guess.
            ReadFailure::Odd => return Err(error),
            _ => {
                outline.note = Some(SCOPE_UNASKED { why: error.message }.into());
                break;
            }
        }
    }

    outline.bulk = session.is_configured(Api::UserList);
    // DingTalk counts the whole company, which compares only with a crawl from its root.
    outline.count = outline.departments.contains(&DeptId::ROOT) && session.is_configured(Api::UserCount);
    Ok(outline)
}
