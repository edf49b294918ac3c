use proptest::prelude::*;

use super::*;

fn resolution(status: ResolutionStatus, user: Option<&str>) -> Resolution {
    Resolution {
        status,
        user: user.map(UserId::from),
        rule: Some(crate::identity::Rule::Email),
        key: Some("a@b.c".into()),
        candidates: Vec::new(),
        reason: Statement::other(format!("It is {status:?}.")),
    }
}

fn identity(status: ResolutionStatus, user: Option<&str>) -> NewRecipient {
    from_identity(&ConfluenceIdentity::default(), resolution(status, user))
}

#[test]
fn a_matched_or_held_person_is_sent_to_and_nobody_else_is() {
    use RecipientState::{Failed, Queued, Unmatched};
    for (status, user, state, kept) in [
        (ResolutionStatus::Matched, Some("u1"), Queued, Some("u1")),
        (ResolutionStatus::Held, Some("u1"), Queued, Some("u1")),
        (ResolutionStatus::Inactive, Some("u1"), Failed, Some("u1")),
        (ResolutionStatus::Unmatched, None, Unmatched, None),
        (ResolutionStatus::Ambiguous, None, Unmatched, None),
    ] {
        let recipient = identity(status, user);
        assert_eq!(
            (recipient.state, recipient.userid),
            (state, kept.map(UserId::from)),
            "{status:?}"
        );
        assert_eq!(
            recipient.reason.is_some(),
            state != Queued,
            "who is not sent to is told why"
        );
        assert_eq!(recipient.resolution.map(|r| r.status), Some(status));
    }
}

#[test]
fn a_userid_that_the_mirror_does_not_know_fails_with_the_remedy() {
    let recipient = from_userid(&"u404".into(), None, &Snapshot::empty());
    assert_eq!(recipient.state, RecipientState::Failed);
    assert_eq!(recipient.userid, Some("u404".into()));
    assert!(
        recipient
            .reason
            .is_some_and(|reason| reason.contains("not") || reason.contains("no user u404"))
    );
}

#[test]
fn a_userid_that_would_spoil_its_batch_is_left_out() {
    assert_eq!(
        sendable(identity(ResolutionStatus::Matched, Some("a,b"))).state,
        RecipientState::Failed
    );
    assert_eq!(
        sendable(identity(ResolutionStatus::Matched, Some("a b"))).state,
        RecipientState::Queued
    );
}

#[test]
fn a_person_asked_for_twice_is_sent_to_once_and_the_second_row_says_where_the_first_is() {
    let rows = deduplicate(vec![
        identity(ResolutionStatus::Unmatched, None),
        identity(ResolutionStatus::Matched, Some("u1")),
        identity(ResolutionStatus::Matched, Some("u2")),
        identity(ResolutionStatus::Matched, Some("u1")),
    ]);

    let states: Vec<_> = rows.iter().map(|row| row.state).collect();
    use RecipientState::{Duplicate, Queued, Unmatched};
    assert_eq!(states, [Unmatched, Queued, Queued, Duplicate]);
    assert_eq!(rows[3].userid, None);
    assert_eq!(
        rows[3].reason.as_ref().map(ToString::to_string).as_deref(),
        Some("This person is already recipient 1 of this message (counted from 0).")
    );
}

#[test]
fn a_userid_that_is_named_twice_is_told_in_the_second_row() {
    let user = crate::directory::fixtures::user("u1", &[1]);
    let of = || from_userid(&"u1".into(), Some(&user), &Snapshot::empty());
    let rows = deduplicate(vec![of(), identity(ResolutionStatus::Matched, Some("u1")), of()]);

    let reasons: Vec<_> = rows
        .iter()
        .map(|row| row.reason.as_ref().map(ToString::to_string).unwrap_or_default())
        .collect();
    assert_eq!(
        reasons,
        [
            "",
            "This person is already recipient 0 of this message (counted from 0).",
            "The user u1 is already recipient 0 of this message (counted from 0)."
        ]
    );
}

#[test]
fn a_leaver_who_was_hired_again_is_offered_under_the_new_userid() {
    use crate::directory::{RecordState, fixtures};
    let [mut former, mut present] = ["old", "new"].map(|id| fixtures::user(id, &[1]));
    former.standing = fixtures::standing(RecordState::Gone);
    for user in [&mut former, &mut present] {
        user.facts.unionid = Some("union".into());
    }
    let snapshot = Snapshot::build(1, Vec::new(), vec![former.clone(), present]);

    let row = from_userid(&"old".into(), Some(&former), &snapshot);
    assert_eq!(row.state, RecipientState::Failed);
    assert!(row.reason.is_some_and(|reason| reason.contains("hired again as new")));
}

#[test]
fn require_all_matched_names_each_recipient_who_is_missing_but_no_duplicate() {
    let rows = deduplicate(vec![
        identity(ResolutionStatus::Matched, Some("u1")),
        identity(ResolutionStatus::Ambiguous, None),
        identity(ResolutionStatus::Matched, Some("u1")),
        from_userid(&"u404".into(), None, &Snapshot::empty()),
    ]);

    let errors = unmatched(&rows, 3);
    let fields: Vec<_> = errors.iter().map(Problem::field).collect();
    assert_eq!(fields, ["recipients.identities.1", "recipients.userIds.0"]);
    assert!(errors[0].message.contains("It is Ambiguous."), "{}", errors[0].message);
}

proptest! {
    #[test]
    fn every_asked_recipient_has_a_row_and_every_person_one_row(users in prop::collection::vec(prop::option::of(0_u8..5), 0..40)) {
        let asked: Vec<_> = users
            .iter()
            .map(|user| match user {
                Some(n) => identity(ResolutionStatus::Matched, Some(&n.to_string())),
                None => identity(ResolutionStatus::Unmatched, None),
            })
            .collect();

        let rows = deduplicate(asked);
        prop_assert_eq!(rows.len(), users.len());
        let mut queued: Vec<_> = rows.iter().filter_map(|row| row.userid.clone()).collect();
        let before = queued.len();
        queued.sort();
        queued.dedup();
        prop_assert_eq!(queued.len(), before);

        let mut people: Vec<_> = users.iter().flatten().collect();
        people.sort();
        people.dedup();
        prop_assert_eq!(queued.len(), people.len());
    }
}
