//! Every status with its rule and reason, and what holds for any mirror.

mod company;
mod linking;
mod properties;
mod table;

use self::company::{mirror, named, person};
use super::*;
use crate::{
    directory::Snapshot,
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
        (got.candidates.len(), got.reason.starts_with("30 DingTalk users")),
        (20, true)
    );
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
