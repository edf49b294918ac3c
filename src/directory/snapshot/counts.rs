//! How many people there are, and what is said of how many.

use std::sync::Arc;

use crate::directory::User;

/// Counts over all people, kept up as they change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UserCounts {
    /// Who is present.
    pub(super) present: usize,
    /// Of those, whose email addresses this app isn't shown.
    pub(super) hidden_emails: usize,
    /// Departments of people, those of people who are GONE included.
    pub(super) memberships: usize,
}

impl UserCounts {
    pub(super) fn build<'a>(users: impl Iterator<Item = &'a Arc<User>>) -> Self {
        users.map(|user| Self::of(user)).fold(Self::default(), Self::plus)
    }

    /// Takes the old records out and puts the new ones in.
    pub(super) fn replace(&mut self, changes: &[(Option<Arc<User>>, Arc<User>)]) {
        for (old, new) in changes {
            *self = self.plus(Self::of(new));
            if let Some(old) = old {
                *self = self.minus(Self::of(old));
            }
        }
    }

    fn of(user: &User) -> Self {
        let is_present = user.standing.is_present();
        // DingTalk leaves a field out that the app may not see, and says "" for one that is empty.
        let hides_emails = is_present && user.facts.email.is_none() && user.facts.org_email.is_none();
        Self {
            present: usize::from(is_present),
            hidden_emails: usize::from(hides_emails),
            memberships: user.facts.memberships.len(),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            present: self.present + other.present,
            hidden_emails: self.hidden_emails + other.hidden_emails,
            memberships: self.memberships + other.memberships,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            present: self.present - other.present,
            hidden_emails: self.hidden_emails - other.hidden_emails,
            memberships: self.memberships - other.memberships,
        }
    }
}
