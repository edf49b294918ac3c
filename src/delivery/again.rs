//! The recipients of a message that is sent again: found as they were named, by what the mirror knows now.

use std::collections::HashSet;

use super::recipients::{Book, Disclosure, deduplicate, from_department, from_identity, from_userid, sendable};
use crate::{
    catalogue::resends::HAS_THE_MESSAGE,
    directory::{DeptId, UserId},
    message::{NewRecipient, Recipient, RecipientState},
};

/// People, as far as recipients of either kind may be compared with them.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// With whom somebody who is named is compared.
    pub(super) named: HashSet<UserId>,
    /// With whom somebody is compared whom a department brought.
    pub(super) members: HashSet<UserId>,
}

impl Holders {
    /// The people of these rows. Where it may not be told who is in a department, those who are named and those whom a
    /// department brought are compared among themselves alone.
    pub(super) fn of(rows: Vec<Recipient>, shown: Disclosure) -> Self {
        let mut holders = Self::default();
        for row in rows {
            let Some(userid) = row.userid else { continue };
            let is_member = row.dept_id.is_some();
            if !is_member || shown == Disclosure::Shown {
                holders.named.insert(userid.clone());
            }
            if is_member || shown == Disclosure::Shown {
                holders.members.insert(userid);
            }
        }
        holders
    }

    /// Whether this recipient is one of them.
    pub(super) fn have(&self, recipient: &NewRecipient) -> bool {
        let people = match recipient.dept_id {
            Some(_) => &self.members,
            None => &self.named,
        };
        recipient.userid.as_ref().is_some_and(|userid| people.contains(userid))
    }
}

impl Book<'_> {
    /// These recipients as they would be sent to now. `having`: who has the message or waits for it; whoever turns out
    /// to be one of them is not sent it a second time.
    pub(super) fn again(&self, rows: &[Recipient], having: &Holders) -> Vec<NewRecipient> {
        let named = rows.iter().filter(|row| row.dept_id.is_none());
        let named = named.filter_map(|row| match (&row.identity, &row.userid) {
            (Some(identity), _) => Some(from_identity(identity, self.resolve(identity))),
            (None, Some(userid)) => Some(from_userid(userid, self.user(userid), self.snapshot)),
            (None, None) => None,
        });
        let mut found = deduplicate(named.map(sendable).collect());
        for recipient in &mut found {
            leave_out_having(recipient, &having.named);
        }

        let mut there: HashSet<UserId> = match self.disclosure {
            Disclosure::Shown => found.iter().filter_map(|it| it.userid.clone()).collect(),
            Disclosure::Hidden => HashSet::new(),
        };
        for row in rows {
            if let (Some(dept), Some(userid)) = (row.dept_id, &row.userid)
                && there.insert(userid.clone())
            {
                let mut member = sendable(from_department(userid, self.user(userid), DeptId(dept)));
                leave_out_having(&mut member, &having.members);
                found.push(member);
            }
        }
        found
    }
}

fn leave_out_having(recipient: &mut NewRecipient, having: &HashSet<UserId>) {
    let has_it = recipient.userid.as_ref().is_some_and(|userid| having.contains(userid));
    if recipient.state != RecipientState::Queued || !has_it {
        return;
    }

    // Without the `userid`, as whoever stands in one message twice.
    recipient.state = RecipientState::Duplicate;
    recipient.userid = None;
    recipient.reason = Some(HAS_THE_MESSAGE {}.into());
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        directory::{
            Snapshot,
            fixtures::{department, user},
        },
        identity::{ConfluenceIdentity, Links},
        settings::MatchingMethod,
    };

    fn row(username: Option<&str>, userid: Option<&str>, dept: Option<i64>) -> Recipient {
        Recipient {
            id: 1,
            message_id: Uuid::nil(),
            position: 0,
            identity: username.map(|name| ConfluenceIdentity {
                username: Some(name.into()),
                ..ConfluenceIdentity::default()
            }),
            resolution_status: None,
            resolution_rule: None,
            userid: userid.map(Into::into),
            state: RecipientState::Failed,
            reason: None,
            task_id: None,
            updated_at: DateTime::UNIX_EPOCH,
            dept_id: dept,
            prediction: None,
            repeats: 0,
            repeat_until: None,
        }
    }

    fn again(rows: &[Recipient], disclosure: Disclosure, having: &[&str]) -> Vec<(Option<String>, RecipientState)> {
        let people = ["u1", "u2"].map(|id| {
            let mut user = user(id, &[1]);
            user.facts.job_number = Some(id.replace('u', "n").into());
            user
        });
        let snapshot = Snapshot::build(1, vec![department(1, None)], people.to_vec());
        let book = Book {
            snapshot: &snapshot,
            links: &Links::default(),
            method: MatchingMethod::UsernameToJobNumber,
            disclosure,
        };
        let having: HashSet<UserId> = having.iter().map(|id| UserId::from(*id)).collect();
        let having = Holders {
            named: having.clone(),
            members: match disclosure {
                Disclosure::Shown => having,
                Disclosure::Hidden => HashSet::new(),
            },
        };
        let found = book.again(rows, &having).into_iter();
        found.map(|it| (it.userid.map(|id| id.to_string()), it.state)).collect()
    }

    #[test]
    fn they_are_found_anew_and_nobody_gets_it_twice() {
        use RecipientState::{Duplicate, Queued, Unmatched};
        let rows = [
            row(Some("n1"), None, None),
            row(Some("nobody"), None, None),
            row(None, Some("u1"), None),
            row(None, Some("u1"), Some(1)),
            row(None, Some("u2"), Some(1)),
        ];
        let one = |id: &str| Some(id.to_owned());
        let there = [
            (one("u1"), Queued),
            (None, Unmatched),
            (None, Duplicate),
            (one("u2"), Queued),
        ];
        assert_eq!(again(&rows, Disclosure::Shown, &[]), there);

        let has_it = [
            (None, Duplicate),
            (None, Unmatched),
            (None, Duplicate),
            (None, Duplicate),
        ];
        assert_eq!(again(&rows[..3], Disclosure::Shown, &["u1"]), has_it[..3]);
        assert_eq!(again(&rows[3..], Disclosure::Shown, &["u1", "u2"]), has_it[2..]);

        let apart = again(&rows, Disclosure::Hidden, &["u2"]);
        let queued = apart.iter().filter(|(_, state)| *state == Queued).count();
        assert_eq!(
            (apart.len(), queued),
            (5, 3),
            "who is in the department is not told: {apart:?}"
        );
    }
}
