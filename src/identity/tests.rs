//! Every status with its rule and reason, and what holds for any mirror.

use proptest::prelude::*;

use super::*;
use crate::{
    directory::{GoneCause, RecordState, Snapshot, User, fixtures},
    settings::MatchingMethod::{self, EmailToEmail, UsernameToJobNumber},
};

fn person(id: &str, change: impl FnOnce(&mut User)) -> User {
    let mut made = fixtures::user(id, &[1]);
    made.facts.active = Some(true);
    change(&mut made);
    made
}

fn mirror() -> Snapshot {
    let email = |text: &str| Some(text.to_owned());
    let gone = |cause| {
        let mut standing = fixtures::standing(RecordState::Gone);
        standing.cause = Some(cause);
        standing
    };
    let users = vec![
        person("anna", |it| it.facts.email = email("Anna@Example.com ")),
        person("ben", |it| it.facts.org_email = email("ben@corp.example")),
        person("both", |it| {
            it.facts.email = email("both@example.com");
            it.facts.org_email = email("both@example.com");
        }),
        person("twin1", |it| it.facts.email = email("twin@example.com")),
        person("twin2", |it| it.facts.email = email("TWIN@example.com")),
        person("mix1", |it| it.facts.email = email("mix@example.com")),
        person("mix2", |it| it.facts.org_email = email("mix@example.com")),
        person("left", |it| {
            it.facts.email = email("left@example.com");
            it.standing = gone(GoneCause::Left);
        }),
        person("hidden", |it| {
            it.facts.email = email("hidden@example.com");
            it.standing = gone(GoneCause::OutOfScope);
        }),
        person("closed", |it| {
            it.facts.email = email("closed@example.com");
            it.standing = gone(GoneCause::DepartmentRemoved);
        }),
        person("former", |it| {
            it.facts.email = email("reused@example.com");
            it.facts.job_number = Some("5000".into());
            it.standing = gone(GoneCause::Left);
        }),
        person("heir", |it| {
            it.facts.email = email("reused@example.com");
            it.facts.job_number = Some("5000".into());
        }),
        person("old1", |it| {
            it.facts.email = email("old@example.com");
            it.standing = gone(GoneCause::Left);
        }),
        person("old2", |it| {
            it.facts.org_email = email("old@example.com");
            it.standing = gone(GoneCause::Left);
        }),
        person("held", |it| {
            it.facts.email = email("held@example.com");
            it.standing = fixtures::standing(RecordState::Held);
        }),
        person("asleep", |it| {
            it.facts.email = email("asleep@example.com");
            it.facts.active = Some(false);
        }),
        person("unsaid", |it| {
            it.facts.email = email("unsaid@example.com");
            it.facts.active = None;
        }),
        person("plus", |it| it.facts.email = email("plus+wiki@example.com")),
        person("blank", |it| it.facts.email = email("  ")),
        person("zeros", |it| it.facts.job_number = Some("00123".into())),
        person("letters", |it| it.facts.job_number = Some(" A-77 ".into())),
        person("wide", |it| it.facts.job_number = Some("９９１".into())),
        person("seven1", |it| it.facts.job_number = Some("1007".into())),
        person("seven2", |it| it.facts.job_number = Some("1007".into())),
        person("seven3", |it| it.facts.job_number = Some("01007".into())),
        person("triple1", |it| it.facts.job_number = Some("3".into())),
        person("triple2", |it| it.facts.job_number = Some("3".into())),
        person("triple3", |it| it.facts.job_number = Some("3".into())),
    ];
    Snapshot::build(1, vec![fixtures::department(1, None)], users)
}

fn identity(method: MatchingMethod, key: Option<&str>) -> ConfluenceIdentity {
    let key = key.map(ToOwned::to_owned);
    match method {
        EmailToEmail => ConfluenceIdentity {
            email: key,
            ..Default::default()
        },
        UsernameToJobNumber => ConfluenceIdentity {
            username: key,
            ..Default::default()
        },
    }
}

/// Method, key asked, status, user, rule, normalised key, a part of the reason.
type Case = (
    MatchingMethod,
    Option<&'static str>,
    ResolutionStatus,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
);

#[test]
fn every_case_has_its_status_its_rule_and_its_reason() {
    use ResolutionStatus::{Ambiguous, Held, Inactive, Matched, Unmatched};
    const EMAIL: Option<&str> = Some("EMAIL");
    const ORG: Option<&str> = Some("ORG_EMAIL");
    const JOB: Option<&str> = Some("JOB_NUMBER");
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        (EmailToEmail, Some("anna@example.com"), Matched, Some("anna"), EMAIL, Some("anna@example.com"), "has email \"anna@example.com\"."),
        (EmailToEmail, Some("  ANNA@EXAMPLE.COM\t"), Matched, Some("anna"), EMAIL, Some("anna@example.com"), "has email"),
        (EmailToEmail, Some("ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ"), Matched, Some("anna"), EMAIL, Some("anna@example.com"), "has email"),
        (EmailToEmail, Some("Ben@corp.example"), Matched, Some("ben"), ORG, Some("ben@corp.example"), "has org_email"),
        (EmailToEmail, Some("both@example.com"), Matched, Some("both"), EMAIL, Some("both@example.com"), "has email"),
        (EmailToEmail, Some("twin@example.com"), Ambiguous, None, EMAIL, Some("twin@example.com"), "Two DingTalk users have email \"twin@example.com\""),
        (EmailToEmail, Some("mix@example.com"), Ambiguous, None, EMAIL, Some("mix@example.com"), "Two DingTalk users have email or org_email"),
        (EmailToEmail, Some("left@example.com"), Inactive, Some("left"), EMAIL, Some("left@example.com"), "he has left the company"),
        (EmailToEmail, Some("hidden@example.com"), Inactive, Some("hidden"), EMAIL, Some("hidden@example.com"), "contact scope"),
        (EmailToEmail, Some("closed@example.com"), Inactive, Some("closed"), EMAIL, Some("closed@example.com"), "his department was removed"),
        (EmailToEmail, Some("reused@example.com"), Matched, Some("heir"), EMAIL, Some("reused@example.com"), "One former user had it, too."),
        (EmailToEmail, Some("old@example.com"), Ambiguous, None, EMAIL, Some("old@example.com"), "Two former DingTalk users have email or org_email"),
        (EmailToEmail, Some("held@example.com"), Held, Some("held"), EMAIL, Some("held@example.com"), "waits for approval"),
        (EmailToEmail, Some("asleep@example.com"), Inactive, Some("asleep"), EMAIL, Some("asleep@example.com"), "never logged in"),
        (EmailToEmail, Some("unsaid@example.com"), Matched, Some("unsaid"), EMAIL, Some("unsaid@example.com"), "has email"),
        (EmailToEmail, Some("plus+wiki@example.com"), Matched, Some("plus"), EMAIL, Some("plus+wiki@example.com"), "has email"),
        (EmailToEmail, Some("plus@example.com"), Unmatched, None, None, Some("plus@example.com"), "No DingTalk user has email or org_email"),
        (EmailToEmail, Some("ann\u{0430}@example.com"), Unmatched, None, None, Some("ann\u{0430}@example.com"), "No DingTalk user has"),
        (EmailToEmail, Some("anna"), Unmatched, None, None, Some("anna"), "not an email address"),
        (EmailToEmail, Some(" \u{3000} "), Unmatched, None, None, None, "email is blank"),
        (EmailToEmail, None, Unmatched, None, None, None, "email is missing"),
        (UsernameToJobNumber, None, Unmatched, None, None, None, "username is missing"),
        (UsernameToJobNumber, Some(""), Unmatched, None, None, None, "username is blank"),
        (UsernameToJobNumber, Some("00123"), Matched, Some("zeros"), JOB, Some("00123"), "has job_number \"00123\"."),
        (UsernameToJobNumber, Some(" ００１２３ "), Matched, Some("zeros"), JOB, Some("00123"), "has job_number"),
        (UsernameToJobNumber, Some("123"), Unmatched, None, None, Some("123"), "\"00123\" exists, \"123\" was asked"),
        (UsernameToJobNumber, Some("0000123"), Unmatched, None, None, Some("0000123"), "\"00123\" exists"),
        (UsernameToJobNumber, Some("a-77"), Matched, Some("letters"), JOB, Some("a-77"), "has job_number"),
        (UsernameToJobNumber, Some("991"), Matched, Some("wide"), JOB, Some("991"), "has job_number"),
        (UsernameToJobNumber, Some("1007"), Ambiguous, None, JOB, Some("1007"), "Two DingTalk users have job_number \"1007\""),
        (UsernameToJobNumber, Some("01007"), Matched, Some("seven3"), JOB, Some("01007"), "has job_number"),
        (UsernameToJobNumber, Some("3"), Ambiguous, None, JOB, Some("3"), "Three DingTalk users"),
        (UsernameToJobNumber, Some("5000"), Matched, Some("heir"), JOB, Some("5000"), "One former user"),
        (UsernameToJobNumber, Some("000"), Unmatched, None, None, Some("000"), "No DingTalk user has job number \"000\"."),
        (UsernameToJobNumber, Some("nobody"), Unmatched, None, None, Some("nobody"), "No DingTalk user has job number \"nobody\"."),
    ];
    let mirror = mirror();
    for (method, key, status, user, rule, normalised, reason) in cases {
        let got = resolve(&mirror, method, &identity(method, key));
        let said = (
            got.status,
            got.user.as_ref().map(|id| id.as_str()),
            got.rule,
            got.key.as_deref(),
        );
        assert_eq!(said, (status, user, rule, normalised), "{key:?}: {}", got.reason);
        assert!(got.reason.contains(reason), "{key:?}: {}", got.reason);
    }
}

#[test]
fn candidates_are_everybody_with_the_key_at_most_twenty() {
    let got = resolve(
        &mirror(),
        EmailToEmail,
        &identity(EmailToEmail, Some("mix@example.com")),
    );
    assert_eq!(got.candidates, ["mix1", "mix2"].map(Into::into));
    let crowd = (0..30)
        .map(|n| person(&format!("u{n:02}"), |it| it.facts.job_number = Some("0".into())))
        .collect();
    let got = resolve(
        &Snapshot::build(1, Vec::new(), crowd),
        UsernameToJobNumber,
        &identity(UsernameToJobNumber, Some("0")),
    );
    assert_eq!(
        (got.candidates.len(), got.reason.starts_with("30 DingTalk users")),
        (20, true)
    );
}

#[test]
fn a_mirror_that_cannot_know_says_what_to_do() {
    let ask = |snapshot: &Snapshot, method| resolve(snapshot, method, &identity(method, Some("a@b"))).reason;
    let nameless = Snapshot::build(1, Vec::new(), vec![person("a", |_| {})]);
    assert!(ask(&nameless, EmailToEmail).contains("邮箱等个人信息"));
    assert!(ask(&nameless, UsernameToJobNumber).contains("工号"));
    assert!(ask(&Snapshot::empty(), EmailToEmail).contains("run a sync"));
    assert!(ask(&Snapshot::empty(), UsernameToJobNumber).contains("run a sync"));
}

#[test]
fn the_display_name_is_never_matched() {
    let named = ConfluenceIdentity {
        display_name: Some("员工anna".into()),
        ..Default::default()
    };
    assert_eq!(
        resolve(&mirror(), EmailToEmail, &named).status,
        ResolutionStatus::Unmatched
    );
}

fn any_people() -> impl Strategy<Value = Vec<User>> {
    let key = || prop::option::of(prop::sample::select(vec!["a@x", "A@x ", "ａ@x", "b@x", "", "007", "7"]));
    let state = prop::sample::select(vec![RecordState::Active, RecordState::Held, RecordState::Gone]);
    let one = (key(), key(), key(), prop::option::of(any::<bool>()), state);
    prop::collection::vec(one, 0..12).prop_map(|rows| {
        let made = rows
            .into_iter()
            .enumerate()
            .map(|(n, (email, org_email, job_number, active, state))| {
                person(&format!("u{n}"), |it| {
                    it.facts.email = email.map(Into::into);
                    it.facts.org_email = org_email.map(Into::into);
                    it.facts.job_number = job_number.map(Into::into);
                    it.facts.active = active;
                    it.standing = fixtures::standing(state);
                })
            });
        made.collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_the_mirrors_rows_never_changes_an_answer(
        (people, shuffled) in any_people().prop_flat_map(|people| (Just(people.clone()), Just(people).prop_shuffle())),
    ) {
        let (one, other) = (Snapshot::build(1, Vec::new(), people), Snapshot::build(1, Vec::new(), shuffled));
        for key in ["a@x", "b@x", "007", "7", "c"] {
            for method in [EmailToEmail, UsernameToJobNumber] {
                let asked = identity(method, Some(key));
                prop_assert_eq!(resolve(&one, method, &asked), resolve(&other, method, &asked));
            }
        }
    }

    #[test]
    fn nobody_is_returned_whom_another_record_could_equally_claim(people in any_people()) {
        let mirror = Snapshot::build(1, Vec::new(), people.clone());
        let has = |user: &User, method, key: &str| {
            let facts = &user.facts;
            let keys = match method {
                EmailToEmail => vec![&facts.email, &facts.org_email],
                UsernameToJobNumber => vec![&facts.job_number],
            };
            keys.into_iter().flatten().any(|it| it.trim().to_lowercase().replace('ａ', "a") == key)
        };
        for key in ["a@x", "b@x", "007", "7"] {
            for method in [EmailToEmail, UsernameToJobNumber] {
                let got = resolve(&mirror, method, &identity(method, Some(key)));
                let Some(user) = got.user else { continue };
                let rivals = people.iter().filter(|it| has(it, method, key) && it.facts.userid != user);
                let chosen_is_present = mirror.user(user.as_str()).is_some_and(|it| it.standing.is_present());
                for rival in rivals {
                    prop_assert!(chosen_is_present && !rival.standing.is_present());
                }
            }
        }
    }
}
