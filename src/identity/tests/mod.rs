//! Every status with its rule and reason, and what holds for any mirror.

mod company;
mod linking;
mod properties;
mod table;

use self::company::{mirror, named, person};
use super::*;
use crate::{
    directory::{RecordState, Snapshot, User, fixtures},
    settings::MatchingMethod::{EmailToEmail, UsernameToJobNumber},
};

#[test]
fn candidates_are_everybody_with_the_key_at_most_twenty() {
    let none = Links::default();
    let got = resolve(&mirror(), &none, EmailToEmail, &named("email=mix@example.com"));
    assert_eq!(got.candidates, ["mix1", "mix2"].map(Into::into));

    let crowd = (0..30)
        .map(|n| person(&format!("u{n:02}"), |it| it.facts.job_number = Some("0".into())))
        .collect();
    let got = resolve(
        &Snapshot::build(1, Vec::new(), crowd),
        &none,
        UsernameToJobNumber,
        &named("username=0"),
    );
    assert_eq!(
        (got.candidates.len(), got.reason.contains("30 DingTalk users")),
        (20, true)
    );
}

#[test]
fn leavers_take_no_candidates_place_from_who_is_present() {
    let crowd = (0..88).map(|n| {
        person(&format!("u{n:02}"), |it| {
            it.facts.job_number = Some("0".into());
            if n < 20 {
                it.standing = fixtures::standing(RecordState::Gone);
            }
        })
    });
    let snapshot = Snapshot::build(1, Vec::new(), crowd.collect());

    let got = resolve(&snapshot, &Links::default(), UsernameToJobNumber, &named("username=0"));
    let expected: Vec<crate::directory::UserId> = (20..40).map(|n| format!("u{n:02}").into()).collect();
    assert_eq!(got.candidates, expected);
}

#[test]
fn who_was_hired_again_under_another_userid_is_offered_and_never_followed() {
    let of = |id: &str, email: &str, state| {
        person(id, |it| {
            it.facts.email = Some(email.into());
            it.facts.unionid = Some("union".into());
            it.standing = fixtures::standing(state);
        })
    };
    let mut people = vec![
        of("old", "anna@x", RecordState::Gone),
        of("new", "anna.new@x", RecordState::Active),
    ];

    let links = Links::new(
        1,
        [IdentityLink {
            id: uuid::Uuid::nil(),
            identity: named("username=anna"),
            userid: "old".into(),
            reason: None,
            at: chrono::DateTime::UNIX_EPOCH,
            by: "alice".into(),
        }],
    );
    let ask = |people: &[User], words| {
        let snapshot = Snapshot::build(1, Vec::new(), people.to_vec());
        resolve(&snapshot, &links, EmailToEmail, &named(words))
    };

    for words in ["username=anna", "email=anna@x"] {
        let got = ask(&people, words);
        assert_eq!(
            (got.status, got.user),
            (ResolutionStatus::Inactive, Some("old".into())),
            "{words}"
        );
        assert_eq!(got.candidates, ["old", "new"].map(Into::into), "{words}");
        assert!(
            got.reason.contains("hired again as DingTalk user new"),
            "{words}: {}",
            got.reason
        );
    }

    // Two with one unionid are a mystery, and nobody is offered.
    people.push(of("third", "third@x", RecordState::Active));
    for words in ["username=anna", "email=anna@x"] {
        let got = ask(&people, words);
        assert_eq!(got.candidates, ["old"].map(Into::into), "{words}");
        assert!(!got.reason.contains("hired again"), "{words}: {}", got.reason);
    }
}

#[test]
fn what_could_not_be_decoded_is_nobodys_key() {
    let lost = named("username=a\u{fffd} userKey=b\u{fffd} accountId=c\u{fffd} email=d\u{fffd}@x");
    assert_eq!(lost.keys().count(), 0);
}

#[test]
fn a_mirror_that_cannot_know_says_what_to_do() {
    let asked = named("email=a@b username=a@b");
    let ask = |snapshot: &Snapshot, method| resolve(snapshot, &Links::default(), method, &asked).reason;
    let nameless = Snapshot::build(1, Vec::new(), vec![person("a", |it| it.facts.email = None)]);
    assert!(ask(&nameless, EmailToEmail).contains("邮箱等个人信息"));
    assert!(ask(&nameless, UsernameToJobNumber).contains("工号"));
    assert!(ask(&Snapshot::empty(), EmailToEmail).contains("run a sync"));
    assert!(ask(&Snapshot::empty(), UsernameToJobNumber).contains("run a sync"));
}
