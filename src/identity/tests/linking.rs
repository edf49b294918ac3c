//! However links are made and removed, a key belongs to one of them, and the index says what one built anew would say.

use chrono::DateTime;
use proptest::prelude::*;

use super::{
    super::*,
    company::{named, person},
};
use crate::{
    directory::{RecordState, Snapshot, UserId, fixtures},
    problem::{Problem, ProblemCode},
};

#[derive(Debug, Clone)]
enum Step {
    Link(LinkRequest),
    Unlink(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let text = |choices: &'static [&'static str]| prop::option::of(prop::sample::select(choices));
    let identity = (
        text(&["k1", "k2"]),
        text(&["a1"]),
        text(&["u1", "U1 ", "u2", "u3"]),
        text(&["e1", "e2"]),
    );
    let identity = identity.prop_map(|(user_key, account_id, username, email)| ConfluenceIdentity {
        user_key: user_key.map(Into::into),
        account_id: account_id.map(Into::into),
        username: username.map(Into::into),
        email: email.map(Into::into),
        display_name: None,
    });
    let link = (
        identity,
        prop::sample::select(vec!["one", "two", "left", "nobody"]),
        any::<bool>(),
    );

    prop_oneof![
        4 => link.prop_map(|(identity, userid, replace)| Step::Link(LinkRequest {
            identity,
            userid: userid.into(),
            reason: None,
            replace,
        })),
        1 => (0_usize..4).prop_map(Step::Unlink),
    ]
}

fn mirror() -> Snapshot {
    let left = person("left", |it| it.standing = fixtures::standing(RecordState::Gone));
    let people = vec![person("one", |_| {}), person("two", |_| {}), left];
    Snapshot::build(1, Vec::new(), people)
}

/// Every link by each of its keys.
fn said(links: &Links) -> Vec<String> {
    let all: Vec<_> = links.iter().collect();
    let found = all.iter().flat_map(|link| {
        link.identity.keys().map(|(kind, key)| {
            let (mut asked, key) = (ConfluenceIdentity::default(), key.into_owned());
            match kind {
                KeyKind::AccountId => asked.account_id = Some(key),
                KeyKind::UserKey => asked.user_key = Some(key),
                KeyKind::Username => asked.username = Some(key),
                KeyKind::Email => asked.email = Some(key),
            }
            format!("{asked:?} {:?}", links.sharing_a_key(&asked))
        })
    });

    let of_users = ["one", "two", "left"].map(|id| format!("{:?}", links.of_user(id).collect::<Vec<_>>()));
    found.chain(of_users).collect()
}

/// Every link's keys and its DingTalk user.
fn whom(links: &Links) -> Vec<(Vec<(KeyKind, String)>, UserId)> {
    let all = links.iter();
    all.map(|link| {
        let keys = link.identity.keys().map(|(kind, key)| (kind, key.into_owned()));
        (keys.collect(), link.userid.clone())
    })
    .collect()
}

proptest! {
    #[test]
    fn a_key_belongs_to_one_link_and_the_index_is_what_a_new_one_would_be(steps in prop::collection::vec(any_step(), 0..24)) {
        let (mirror, at) = (mirror(), DateTime::UNIX_EPOCH);
        let mut links = Links::default();

        for step in steps {
            let planned = match step {
                Step::Link(request) => links.plan(&mirror, request, Linker::reading("alice"), at).map(LinkPlan::change),
                Step::Unlink(place) => match links.iter().nth(place).map(|link| link.id) {
                    Some(id) => links.plan_removal(id, None, Linker::reading("alice"), at).map(Some),
                    None => Ok(None),
                },
            };

            if let Ok(Some(change)) = planned {
                prop_assert!(change.action == LinkAction::Unlinked || mirror.user(change.link.userid.as_str()).is_some());
                let version = links.version() + 1;
                links = links.changed(version, &[change]);
            }

            let mut keys: Vec<_> = links.iter().flat_map(|link| link.identity.keys()).collect();
            let before = keys.len();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), before, "a key belongs to one link");
            let anew = Links::new(links.version(), links.iter().map(|link| IdentityLink::clone(link)));
            prop_assert_eq!(said(&links), said(&anew));
        }
    }

    #[test]
    fn a_file_with_a_mistake_changes_nothing_and_one_without_makes_what_it_says(
        steps in prop::collection::vec(any_step(), 0..12),
        // One for the whole file, as whoever imports it says.
        replace in any::<bool>(),
    ) {
        let (mirror, at) = (mirror(), DateTime::UNIX_EPOCH);
        let lines: Vec<CsvLine> = (2..)
            .zip(steps)
            .filter_map(|(line, step)| match step {
                Step::Link(request) => Some((line, Ok(LinkRequest { replace, ..request }))),
                Step::Unlink(_) => None,
            })
            .collect();

        let plan = ImportPlan::make(&Links::default(), &mirror, &lines, Linker::reading("alice"), at);
        prop_assert_eq!(plan.lines.len(), lines.len());

        if plan.lines.iter().any(|line| line.outcome.is_err()) {
            prop_assert!(plan.changes.is_empty());
        } else {
            let links = Links::default().changed(1, &plan.changes);
            let again = ImportPlan::make(&links, &mirror, &lines, Linker::reading("alice"), at);
            prop_assert!(again.lines.iter().all(|line| line.outcome.is_ok()), "{:?}", again.lines);
            let after = links.clone().changed(2, &again.changes);
            prop_assert_eq!(whom(&after), whom(&links), "importing it again changes no key and nobody");
        }
    }
}

#[test]
fn lines_of_a_file_that_contradict_each_other_are_mistakes() {
    let line = |identity: &str, userid: &str| LinkRequest {
        identity: named(identity),
        userid: userid.into(),
        reason: None,
        replace: true,
    };

    let cases = [
        // The first line's user key is led away with the account by the third.
        (
            vec![
                ("userKey=k2", "one"),
                ("userKey=k2 accountId=a1", "one"),
                ("userKey=k1 accountId=a1", "one"),
            ],
            vec![Some("userKey"), Some("userKey"), None],
        ),
        // `replace` is for links that stand already.
        (
            vec![("username=u1", "one"), ("username=U1", "two")],
            vec![Some("userId"), None],
        ),
        // More of the same Confluence user is no contradiction.
        (
            vec![
                ("username=u1", "one"),
                ("username=u1 email=e1", "one"),
                ("email=E1", "one"),
            ],
            vec![None, None, None],
        ),
    ];

    for (file, wrong) in cases {
        let lines: Vec<CsvLine> = (2..)
            .zip(&file)
            .map(|(at, (identity, userid))| (at, Ok(line(identity, userid))))
            .collect();
        let plan = ImportPlan::make(
            &Links::default(),
            &mirror(),
            &lines,
            Linker::reading("alice"),
            DateTime::UNIX_EPOCH,
        );

        let problems: Vec<_> = plan.lines.iter().map(|line| line.outcome.clone().err()).collect();
        let fields: Vec<_> = problems.iter().map(|it| it.as_ref().map(Problem::field)).collect();
        let fields: Vec<_> = fields.iter().map(Option::as_deref).collect();
        assert_eq!(fields, wrong, "{file:?}");
        assert_eq!(plan.changes.is_empty(), wrong.iter().any(Option::is_some), "{file:?}");
        for problem in problems.into_iter().flatten() {
            let named = format!("Line {} has", file.len() + 1);
            assert!(problem.message.to_string().starts_with(&named), "{problem:?}");
        }
    }
}

#[test]
fn a_name_that_another_account_has_now_is_not_linked_over() {
    let (mirror, at) = (mirror(), DateTime::UNIX_EPOCH);
    let request = |identity: &str, userid: &str, replace| LinkRequest {
        identity: named(identity),
        userid: userid.into(),
        reason: None,
        replace,
    };

    let first = Links::default()
        .plan(
            &mirror,
            request("userKey=k1 username=u1", "one", false),
            Linker::reading("alice"),
            at,
        )
        .unwrap()
        .change()
        .unwrap();
    let links = Links::default().changed(1, &[first]);

    let other = links.plan(
        &mirror,
        request("userKey=k2 username=u1", "two", true),
        Linker::reading("alice"),
        at,
    );
    assert_eq!(other.unwrap_err().code, ProblemCode::Conflict);

    let more = links
        .plan(
            &mirror,
            request("userKey=k1 email=e1", "one", false),
            Linker::reading("alice"),
            at,
        )
        .unwrap()
        .change()
        .unwrap();
    assert_eq!(
        (more.action, more.link.identity),
        (LinkAction::Relinked, named("userKey=k1 username=u1 email=e1"))
    );
}

#[test]
fn a_reason_is_told_of_the_change_that_it_was_given_for_and_stays_only_with_the_same_person() {
    let (mirror, at) = (mirror(), DateTime::UNIX_EPOCH);
    let request = |identity: &str, userid: &str, reason: Option<&str>| LinkRequest {
        identity: named(identity),
        userid: userid.into(),
        reason: reason.map(Into::into),
        replace: true,
    };

    let first = request("userKey=k1 email=e1", "one", Some("asked her"));
    let first = Links::default()
        .plan(&mirror, first, Linker::reading("alice"), at)
        .unwrap()
        .change()
        .unwrap();
    assert_eq!(first.reason.as_deref(), Some("asked her"));
    let links = Links::default().changed(1, &[first]);

    for (identity, userid, reason, kept) in [
        ("userKey=k1 username=u1", "one", None, Some("asked her")),
        ("userKey=k1 username=u1", "one", Some("same"), Some("same")),
        // Another address is not one more key, and somebody else is not whom she was asked about.
        ("userKey=k1 email=e2", "one", None, None),
        ("userKey=k1", "two", None, None),
        ("userKey=k1", "two", Some("was wrong"), Some("was wrong")),
    ] {
        let change = links.plan(&mirror, request(identity, userid, reason), Linker::reading("bob"), at);
        let change = change.unwrap().change().unwrap();
        assert_eq!(change.action, LinkAction::Relinked);
        assert_eq!(
            (change.reason.as_deref(), change.link.reason.as_deref()),
            (reason, kept),
            "{identity} {userid}"
        );
    }
}
