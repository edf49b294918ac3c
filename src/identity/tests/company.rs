//! A mirror and links in which every case of the table occurs.

use chrono::DateTime;
use uuid::Uuid;

use super::super::*;
use crate::directory::{GoneCause, RecordState, Snapshot, Standing, User, fixtures};

pub(super) fn person(id: &str, change: impl FnOnce(&mut User)) -> User {
    let mut made = fixtures::user(id, &[1]);
    made.facts.active = Some(true);
    made.facts.email = Some("".into());
    change(&mut made);
    made
}

fn with_email(id: &str, email: &str, change: impl FnOnce(&mut User)) -> User {
    person(id, |it| {
        it.facts.email = Some(email.into());
        change(it);
    })
}

fn with_job_number(id: &str, job_number: &str) -> User {
    person(id, |it| it.facts.job_number = Some(job_number.into()))
}

fn gone(cause: GoneCause) -> Standing {
    let mut standing = fixtures::standing(RecordState::Gone);
    standing.cause = Some(cause);
    standing
}

pub(super) fn mirror() -> Snapshot {
    let org = |id: &str, email: &str| person(id, |it| it.facts.org_email = Some(email.into()));

    let users = vec![
        with_email("anna", "Anna@Example.com ", |_| {}),
        org("ben", "ben@corp.example"),
        with_email("both", "both@example.com", |it| {
            it.facts.org_email = Some("both@example.com".into());
        }),
        with_email("twin1", "twin@example.com", |_| {}),
        with_email("twin2", "TWIN@example.com", |_| {}),
        with_email("mix1", "mix@example.com", |_| {}),
        org("mix2", "mix@example.com"),
        with_email("left", "left@example.com", |it| it.standing = gone(GoneCause::Left)),
        with_email("hidden", "hidden@example.com", |it| {
            it.standing = gone(GoneCause::OutOfScope);
        }),
        with_email("closed", "closed@example.com", |it| {
            it.standing = gone(GoneCause::DepartmentRemoved);
        }),
        with_email("former", "reused@example.com", |it| {
            it.facts.job_number = Some("5000".into());
            it.standing = gone(GoneCause::Left);
        }),
        with_email("heir", "reused@example.com", |it| {
            it.facts.job_number = Some("5000".into())
        }),
        // Two have a key each with somebody else; the other one is out of this app's sight, which is not leaving.
        with_email("near", "both.sides@example.com", |it| {
            it.facts.job_number = Some("7000".into());
        }),
        with_email("far", "both.sides@example.com", |it| {
            it.facts.job_number = Some("7000".into());
            it.standing = gone(GoneCause::OutOfScope);
        }),
        with_email("long.left", "both.sides@example.com", |it| {
            it.standing = gone(GoneCause::Left)
        }),
        person("left.zeros", |it| {
            it.facts.job_number = Some("0808".into());
            it.standing = gone(GoneCause::Left);
        }),
        with_email("left.alike", "gust@example.com", |it| {
            it.standing = gone(GoneCause::Left)
        }),
        with_email("disguised", "g\u{43e}ne@example.com", |_| {}),
        with_email("old1", "old@example.com", |it| it.standing = gone(GoneCause::Left)),
        person("old2", |it| {
            it.facts.org_email = Some("old@example.com".into());
            it.standing = gone(GoneCause::Left);
        }),
        with_email("held", "held@example.com", |it| {
            it.facts.job_number = Some("6000".into());
            it.standing = fixtures::standing(RecordState::Held);
        }),
        with_email("held1", "heldtwin@example.com", |it| {
            it.standing = fixtures::standing(RecordState::Held);
        }),
        with_email("held2", "heldtwin@example.com", |_| {}),
        with_email("asleep", "asleep@example.com", |it| it.facts.active = Some(false)),
        with_email("unsaid", "unsaid@example.com", |it| it.facts.active = None),
        with_email("plus", "plus+wiki@example.com", |_| {}),
        with_email("wide", "ｗｉｄｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", |it| {
            it.facts.job_number = Some("９９１".into())
        }),
        with_email("chinese", "张三@例子.公司", |_| {}),
        with_email("several", "several@example.com", |it| {
            it.facts.memberships = fixtures::user("x", &[1, 2, 3]).facts.memberships;
        }),
        with_email("ivan", "ivan@example.com", |_| {}),
        with_email("fake", "b\u{43e}ss@example.com", |_| {}),
        with_email("blank", "  ", |_| {}),
        person("unseen", |it| {
            it.facts.email = None;
            it.facts.job_number = Some("4242".into());
        }),
        with_job_number("zeros", "00123"),
        with_job_number("letters", " A-77 "),
        with_job_number("seven1", "1007"),
        with_job_number("seven2", "1007"),
        with_job_number("seven3", "01007"),
        with_job_number("triple1", "3"),
        with_job_number("triple2", "3"),
        with_job_number("triple3", "3"),
        with_job_number("circled", "①"),
        with_email("mark", "Mark@example.com", |_| {}),
        with_job_number("marks", "7;8"),
        with_job_number("ticks", "7`8"),
        with_job_number("kelvin", "\u{212a}9"),
    ];

    let departments = [1, 2, 3].map(|id| fixtures::department(id, (id > 1).then_some(1)));
    Snapshot::build(1, departments.into(), users)
}

fn link(number: u128, userid: &str, identity: ConfluenceIdentity) -> IdentityLink {
    IdentityLink {
        id: Uuid::from_u128(number),
        identity,
        userid: userid.into(),
        reason: Some("asked them".into()),
        at: DateTime::UNIX_EPOCH,
        by: "alice".into(),
    }
}

/// An identity from words such as `username=a userKey=k`; a value's `_` is a blank.
pub(super) fn named(words: &str) -> ConfluenceIdentity {
    let mut identity = ConfluenceIdentity::default();

    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let (field, value) = word.split_once('=').unwrap();
        let value = Some(value.replace('_', " "));
        match field {
            "username" => identity.username = value,
            "userKey" => identity.user_key = value,
            "accountId" => identity.account_id = value,
            "email" => identity.email = value,
            "name" => identity.display_name = value,
            other => panic!("{other}"),
        }
    }
    identity
}

pub(super) fn links() -> Links {
    Links::new(
        1,
        [
            link(1, "anna", named("username=Wiki.Anna userKey=key-anna")),
            link(2, "ben", named("accountId=557058:ben")),
            link(3, "left", named("username=leaver email=heir@example.com")),
            link(4, "left", named("email=reused@example.com username=moved")),
            link(5, "held", named("username=held.by.hand")),
            link(6, "asleep", named("username=asleep.by.hand")),
            link(7, "nobody", named("username=ghost")),
            link(8, "twin1", named("username=contested")),
            link(9, "twin2", named("email=contested@example.com")),
            link(10, "twin1", named("username=agreed")),
            link(11, "twin1", named("email=agreed@example.com")),
            link(12, "ben", named("email=twin@example.com")),
        ],
    )
}
