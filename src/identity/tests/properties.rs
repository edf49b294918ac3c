//! What holds for any mirror and any links.

use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

use super::{super::*, company::person};
use crate::{
    directory::{GoneCause, RecordState, Snapshot, User, fixtures, fold_key},
    settings::MatchingMethod::{self, EmailToEmail, UsernameToJobNumber},
};

fn any_people() -> impl Strategy<Value = Vec<User>> {
    let key = || {
        prop::option::of(prop::sample::select(vec![
            "a@x",
            "A@x ",
            "ａ@x",
            "b@x",
            "",
            "007",
            "7",
            "\u{430}@x",
        ]))
    };

    let standing = prop::sample::select(vec![
        (RecordState::Active, None),
        (RecordState::Held, None),
        (RecordState::Gone, None),
        (RecordState::Gone, Some(GoneCause::Left)),
        (RecordState::Gone, Some(GoneCause::OutOfScope)),
        (RecordState::Gone, Some(GoneCause::DepartmentRemoved)),
    ]);

    let one = (key(), key(), key(), prop::option::of(any::<bool>()), standing);
    prop::collection::vec(one, 0..12).prop_map(|rows| {
        let made = rows
            .into_iter()
            .enumerate()
            .map(|(n, (email, org_email, job_number, active, (state, cause)))| {
                person(&format!("u{n}"), |it| {
                    it.facts.email = email.map(Into::into);
                    it.facts.org_email = org_email.map(Into::into);
                    it.facts.job_number = job_number.map(Into::into);
                    it.facts.active = active;
                    it.standing = fixtures::standing(state);
                    it.standing.cause = cause;
                })
            });
        made.collect()
    })
}

fn any_identity() -> impl Strategy<Value = ConfluenceIdentity> {
    let text = |choices: &'static [&'static str]| prop::option::of(prop::sample::select(choices));

    (
        text(&["k1", "k2"]),
        text(&["a1", "a2"]),
        text(&["7", "007", "a@x", " "]),
        text(&["a@x", "B@x", "\u{430}@x", "c"]),
    )
        .prop_map(|(user_key, account_id, username, email)| ConfluenceIdentity {
            user_key: user_key.map(Into::into),
            account_id: account_id.map(Into::into),
            username: username.map(Into::into),
            email: email.map(Into::into),
            display_name: None,
        })
}

fn any_links() -> impl Strategy<Value = Vec<IdentityLink>> {
    prop::collection::vec((any_identity(), 0_u8..14), 0..4).prop_map(|links| {
        let mut made: Vec<IdentityLink> = Vec::new();
        for (number, (identity, user)) in (1_u128..).zip(links) {
            // A key belongs to one link, and a link has one: the store sees to it.
            let taken = |it: &IdentityLink| it.identity.keys().any(|key| identity.keys().any(|other| other == key));
            if identity.surest_key().is_some() && !made.iter().any(taken) {
                made.push(IdentityLink {
                    id: Uuid::from_u128(number),
                    identity,
                    userid: format!("u{user}").into(),
                    reason: None,
                    at: DateTime::UNIX_EPOCH,
                    by: "alice".into(),
                });
            }
        }
        made
    })
}

/// Whether a record has the key that the method compares.
fn has(user: &User, method: MatchingMethod, asked: &ConfluenceIdentity) -> bool {
    let (keys, wanted) = match method {
        EmailToEmail => (vec![&user.facts.email, &user.facts.org_email], &asked.email),
        UsernameToJobNumber => (vec![&user.facts.job_number], &asked.username),
    };
    let wanted = wanted.as_deref().and_then(fold_key);
    wanted.is_some() && keys.into_iter().flatten().any(|it| fold_key(it) == wanted)
}

/// Gone, and not merely out of sight: whoever left claims nothing.
fn has_left(user: &User) -> bool {
    !user.standing.is_present() && user.standing.cause != Some(GoneCause::OutOfScope)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_of_rows_and_links_never_changes_an_answer(
        (people, shuffled) in any_people().prop_flat_map(|people| (Just(people.clone()), Just(people).prop_shuffle())),
        (links, mixed) in any_links().prop_flat_map(|links| (Just(links.clone()), Just(links).prop_shuffle())),
        asked in any_identity(),
    ) {
        let (one, other) = (Snapshot::build(1, Vec::new(), people), Snapshot::build(1, Vec::new(), shuffled));
        let (links, mixed) = (Links::new(1, links), Links::new(1, mixed));
        for method in [EmailToEmail, UsernameToJobNumber] {
            prop_assert_eq!(resolve(&one, &links, method, &asked), resolve(&other, &mixed, method, &asked));
        }
    }

    #[test]
    fn nobody_is_returned_whom_another_rule_or_record_could_equally_claim(
        people in any_people(),
        links in any_links(),
        asked in any_identity(),
    ) {
        let mirror = Snapshot::build(1, Vec::new(), people.clone());
        let index = Links::new(1, links.clone());

        for method in [EmailToEmail, UsernameToJobNumber] {
            let got = resolve(&mirror, &index, method, &asked);
            let Some(user) = &got.user else { continue };

            if got.rule == Some(Rule::Link) {
                // Every other link that shares a key leads to the same person, or is of another account.
                for link in links.iter().filter(|link| link.userid != *user) {
                    let decides = KeyKind::ALL.into_iter().find_map(|kind| {
                        Some((asked.key(kind)?, link.identity.key(kind)?))
                    });
                    prop_assert!(decides.is_none_or(|(asked, linked)| asked != linked), "{link:?}");
                }
                continue;
            }

            let present = mirror.user(user.as_str()).is_some_and(|it| it.standing.is_present());
            for rival in people.iter().filter(|it| it.facts.userid != *user && has(it, method, &asked)) {
                prop_assert!(present && has_left(rival), "{rival:?}");
            }
        }
    }

    #[test]
    fn a_match_has_exactly_the_key_that_was_asked(people in any_people(), asked in any_identity()) {
        let mirror = Snapshot::build(1, Vec::new(), people);
        for method in [EmailToEmail, UsernameToJobNumber] {
            let got = resolve(&mirror, &Links::default(), method, &asked);
            if let Some(user) = got.user {
                prop_assert!(has(mirror.user(user.as_str()).expect("a match is in the mirror"), method, &asked));
            }
            prop_assert!(!got.reason.is_other());
        }
    }
}
