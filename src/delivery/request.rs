//! A request to send, and what can be said of it without looking anything up.

use std::time::Duration;

use serde::Serialize;

use super::{
    content::AskedContent,
    options::{check_options, told_worth},
};
use crate::{
    catalogue::{Statement, request as said},
    directory::UserId,
    identity::ConfluenceIdentity,
    message::{FollowUpPolicy, Message, OnDuplicate, OnUnknown, Priority, Steps, request_digest},
    problem::{Problem, ProblemCode},
};

/// Recipients and exceptions that a message may name.
pub const MAX_RECIPIENTS: usize = 1_000;
/// Recipients a message, with those whom its departments bring: what the largest companies have.
pub const MAX_EXPANDED: usize = 100_000;
/// Characters of one field of a Confluence identity.
const MAX_IDENTITY_FIELD: usize = 500;
/// Characters of a `userid` (`docs/dingtalk.md#ids-and-keys`).
const MAX_USERID: usize = 64;

/// The people of a department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DepartmentRecipients {
    /// The department.
    pub dept_id: i64,
    /// Whether the departments below it count, too.
    pub include_subtree: bool,
}

/// Who gets nothing, although the request names them.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    /// As Confluence knows them.
    pub identities: Vec<ConfluenceIdentity>,
    /// As DingTalk knows them.
    pub userids: Vec<UserId>,
    /// Everybody of these.
    pub departments: Vec<DepartmentRecipients>,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// The token's subject; idempotency keys are unique for each.
    pub caller: String,
    /// What to send.
    pub content: AskedContent,
    /// To whom, as Confluence knows them; they come before `userids`.
    pub identities: Vec<ConfluenceIdentity>,
    /// To whom, as DingTalk knows them.
    pub userids: Vec<UserId>,
    /// To everybody of these.
    pub departments: Vec<DepartmentRecipients>,
    /// To whom not.
    pub except: Exceptions,
    /// The same key with the same request answers with the first one's message; 1 to 128 printable ASCII characters.
    pub idempotency_key: Option<String>,
    /// Send to nobody unless everybody was found.
    pub require_all_matched: bool,
    /// What to do with unknown outcomes.
    pub on_unknown: OnUnknown,
    /// What to do about people who had the same content today.
    pub on_duplicate: OnDuplicate,
    /// How much is spent on asking what became of it; `None`: as configured.
    pub follow_up: Option<FollowUpPolicy>,
    /// What it goes before.
    pub priority: Priority,
    /// For how long it is worth sending; `None`: [`USUAL_WORTH`](super::USUAL_WORTH).
    pub worth_sending_for: Option<Duration>,
    /// What templates may cost in the caller's request.
    pub steps: Steps,
}

/// The message as recorded.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The message.
    pub message: Message,
    /// Whether it was there already, from an earlier request with the same idempotency key.
    pub replayed: bool,
    /// What the caller should know.
    pub notices: Vec<Statement>,
}

impl SendRequest {
    /// A message to nobody yet, with every policy as it is unless the caller says otherwise.
    pub fn new(caller: impl Into<String>, content: impl Into<AskedContent>) -> Self {
        Self {
            caller: caller.into(),
            content: content.into(),
            identities: Vec::new(),
            userids: Vec::new(),
            departments: Vec::new(),
            except: Exceptions::default(),
            idempotency_key: None,
            require_all_matched: false,
            on_unknown: OnUnknown::default(),
            on_duplicate: OnDuplicate::default(),
            follow_up: None,
            priority: Priority::default(),
            worth_sending_for: None,
            steps: Steps::default(),
        }
    }

    /// SHA-256, hex, of what is asked for. Display names don't count: they are never matched, and people rename
    /// themselves between a job's first try and its retry.
    pub(super) fn digest(&self) -> String {
        let asked = (
            (&self.content, keys(&self.identities), &self.userids, &self.departments),
            (
                keys(&self.except.identities),
                &self.except.userids,
                &self.except.departments,
            ),
            (self.require_all_matched, self.on_unknown, self.on_duplicate),
            told_worth(self.worth_sending_for),
        );
        // What is usual says nothing: a request of before there was a choice is still the same.
        if self.follow_up.is_none() && self.priority == Priority::default() {
            return request_digest(&asked);
        }
        request_digest(&(asked, (self.follow_up, self.priority)))
    }

    /// How many recipients and departments are named.
    pub(super) fn named(&self) -> usize {
        self.identities.len() + self.userids.len() + self.departments.len()
    }

    /// Everything that is wrong with the request itself.
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut errors = Vec::new();
        let named = self.named();
        let except = self.except.identities.len() + self.except.userids.len() + self.except.departments.len();
        if named == 0 {
            errors.push(Problem::new(
                ProblemCode::Required,
                &["recipients"],
                said::RECIPIENTS_MISSING {},
            ));
        }

        for (path, entries) in [(&["recipients"][..], named), (&["recipients", "except"][..], except)] {
            if entries > MAX_RECIPIENTS {
                let message = said::RECIPIENTS_TOO_MANY {
                    field: path.join("."),
                    count: entries,
                    most: MAX_RECIPIENTS,
                };
                errors.push(Problem::new(ProblemCode::TooLong, path, message));
            }
        }

        // Where too many are named, each of them could be wrong: that they are too many says enough.
        if errors.is_empty() {
            check_people(&["recipients"], &self.identities, &self.userids, &mut errors);
            let except = &self.except;
            check_people(
                &["recipients", "except"],
                &except.identities,
                &except.userids,
                &mut errors,
            );
        }

        errors.extend(check_options(self.idempotency_key.as_deref(), self.worth_sending_for));
        errors.extend(self.content.check());
        errors
    }
}

/// By what people are matched.
fn keys(identities: &[ConfluenceIdentity]) -> Vec<[Option<&str>; 4]> {
    identities
        .iter()
        .map(|it| [&it.username, &it.user_key, &it.account_id, &it.email].map(Option::as_deref))
        .collect()
}

fn check_people(path: &[&str], identities: &[ConfluenceIdentity], userids: &[UserId], errors: &mut Vec<Problem>) {
    for (index, identity) in identities.iter().enumerate() {
        let fields = [
            ("username", &identity.username),
            ("userKey", &identity.user_key),
            ("accountId", &identity.account_id),
            ("email", &identity.email),
            ("displayName", &identity.display_name),
        ];
        for (name, text) in fields {
            let text = text.as_deref().unwrap_or_default();
            if is_fine(text, MAX_IDENTITY_FIELD) {
                continue;
            }
            let index = index.to_string();
            let path = [path, &["identities", &index, name]].concat();
            check_text(&path, text, MAX_IDENTITY_FIELD, errors);
        }
    }

    for (index, userid) in userids.iter().enumerate() {
        if !userid.as_str().is_empty() && is_fine(userid.as_str(), MAX_USERID) {
            continue;
        }
        let index = index.to_string();
        let path = [path, &["userIds", &index]].concat();
        if userid.as_str().is_empty() {
            let field = path.join(".");
            let message = said::VALUE_EMPTY { field };
            errors.push(Problem::new(ProblemCode::Required, &path, message));
        }
        check_text(&path, userid.as_str(), MAX_USERID, errors);
    }
}

/// Whether [`check_text`] has nothing to say: of a thousand texts all but a few, for which alone a path has to be
/// written.
fn is_fine(text: &str, max: usize) -> bool {
    text.len() <= max && !text.chars().any(char::is_control)
}

/// What is recorded must be storable (Postgres has no U+0000) and bounded.
fn check_text(path: &[&str], text: &str, max: usize, errors: &mut Vec<Problem>) {
    let length = text.chars().count();
    if length > max {
        let message = said::VALUE_TOO_LONG {
            field: path.join("."),
            length,
            most: max,
        };
        errors.push(Problem::new(ProblemCode::TooLong, path, message));
    }
    if text.chars().any(char::is_control) {
        let field = path.join(".");
        let message = said::VALUE_CONTROL_CHARACTER { field };
        errors.push(Problem::new(ProblemCode::Invalid, path, message));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::{
        delivery::USUAL_WORTH,
        message::{Content, LinkTarget},
    };

    fn request() -> SendRequest {
        SendRequest {
            userids: vec!["u1".into()],
            ..SendRequest::new("wiki", Content::Text { content: "hi".into() })
        }
    }

    fn by_template(name: &str, title: &str, links: LinkTarget) -> AskedContent {
        AskedContent::Template {
            template: name.into(),
            variables: Map::from_iter([("title".to_owned(), json!(title))]),
            links,
            keep_line_breaks: false,
        }
    }

    fn errors(request: &SendRequest) -> Vec<String> {
        request
            .check()
            .into_iter()
            .map(|e| format!("{} {:?}", e.field(), e.code))
            .collect()
    }

    #[test]
    fn a_message_has_1_to_1000_recipients() {
        assert!(request().check().is_empty());
        let none = SendRequest {
            userids: Vec::new(),
            ..request()
        };
        assert_eq!(errors(&none), ["recipients Required"]);

        let many = |n: usize| (0..n).map(|i| UserId::from(i.to_string())).collect::<Vec<_>>();
        let most = SendRequest {
            userids: many(999),
            identities: vec![ConfluenceIdentity::default()],
            ..request()
        };
        assert!(most.check().is_empty());
        assert_eq!(
            errors(&SendRequest {
                userids: many(1_001),
                ..request()
            }),
            ["recipients TooLong"]
        );
    }

    #[test]
    fn a_request_differs_by_everything_but_display_names() {
        let by_email = |email: &str, display_name: &str| ConfluenceIdentity {
            email: Some(email.into()),
            display_name: Some(display_name.into()),
            ..ConfluenceIdentity::default()
        };
        let with = |identities: Vec<ConfluenceIdentity>| SendRequest {
            identities,
            ..request()
        };
        let base = with(vec![by_email("a@b.c", "A"), by_email("b@b.c", "B")]);
        let renamed = with(vec![by_email("a@b.c", "A married"), by_email("b@b.c", "B")]);
        assert_eq!(base.digest(), renamed.digest());

        let department = DepartmentRecipients {
            dept_id: 7,
            include_subtree: true,
        };
        let username = ConfluenceIdentity {
            username: Some("x".into()),
            ..ConfluenceIdentity::default()
        };
        let user_key = ConfluenceIdentity {
            user_key: Some("x".into()),
            ..ConfluenceIdentity::default()
        };
        let others = [
            base,
            with(vec![by_email("b@b.c", "B"), by_email("a@b.c", "A")]),
            with(vec![username]),
            with(vec![user_key]),
            SendRequest {
                userids: vec!["u2".into()],
                ..request()
            },
            SendRequest {
                departments: vec![department],
                ..request()
            },
            SendRequest {
                except: Exceptions {
                    departments: vec![department],
                    ..Exceptions::default()
                },
                ..request()
            },
            SendRequest {
                content: Content::Text { content: "ho".into() }.into(),
                ..request()
            },
            SendRequest {
                content: by_template("page", "Q3", LinkTarget::AsGiven),
                ..request()
            },
            SendRequest {
                content: by_template("blog", "Q3", LinkTarget::AsGiven),
                ..request()
            },
            SendRequest {
                content: by_template("page", "Q4", LinkTarget::AsGiven),
                ..request()
            },
            SendRequest {
                content: by_template("page", "Q3", LinkTarget::Sidebar),
                ..request()
            },
            SendRequest {
                require_all_matched: true,
                ..request()
            },
            SendRequest {
                on_unknown: OnUnknown::RepeatSameDay,
                ..request()
            },
            SendRequest {
                on_duplicate: OnDuplicate::Skip,
                ..request()
            },
            SendRequest {
                worth_sending_for: Some(Duration::from_secs(60)),
                ..request()
            },
            SendRequest {
                follow_up: Some(FollowUpPolicy::Live),
                ..request()
            },
            SendRequest {
                priority: Priority::High,
                ..request()
            },
            request(),
        ];

        let digests: std::collections::BTreeSet<String> = others.iter().map(SendRequest::digest).collect();
        assert_eq!(digests.len(), others.len());
    }

    #[test]
    fn a_request_is_the_same_however_its_variables_are_written() {
        let with = |variables: &str| SendRequest {
            content: AskedContent::Template {
                template: "page".into(),
                variables: serde_json::from_str(variables).unwrap(),
                links: LinkTarget::AsGiven,
                keep_line_breaks: false,
            },
            ..request()
        };
        let digest = with(r#"{"a": 1, "b": {"c": [2, null], "d": "x"}}"#).digest();
        for same in [
            r#"{"b": {"d": "x", "c": [2, null]}, "a": 1}"#,
            r#"{"a": 1.0, "b": {"c": [2e0, null], "d": "x"}}"#,
            r#"{"a": 1, "z": null, "b": {"c": [2, null], "d": "x", "e": null}}"#,
        ] {
            assert_eq!(with(same).digest(), digest, "{same}");
        }
        for other in [
            r#"{"a": 1.5, "b": {"c": [2, null], "d": "x"}}"#,
            r#"{"a": "1", "b": {"c": [2, null], "d": "x"}}"#,
            r#"{"a": 1, "b": {"c": [2], "d": "x"}}"#,
            r#"{"a": 1, "b": {"c": [null, 2], "d": "x"}}"#,
        ] {
            assert_ne!(with(other).digest(), digest, "{other}");
        }

        let usual = SendRequest {
            worth_sending_for: Some(USUAL_WORTH),
            ..request()
        };
        assert_eq!(usual.digest(), request().digest());
    }

    #[test]
    fn an_idempotency_key_has_1_to_128_printable_characters() {
        let with = |key: &str| {
            errors(&SendRequest {
                idempotency_key: Some(key.into()),
                ..request()
            })
        };
        assert!(with(&"k".repeat(128)).is_empty());
        assert_eq!(with(""), ["idempotencyKey Required"]);
        assert_eq!(with(&"k".repeat(129)), ["idempotencyKey TooLong"]);
        assert_eq!(with("a\nb"), ["idempotencyKey Invalid"]);
        assert_eq!(with("schlüssel"), ["idempotencyKey Invalid"]);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = SendRequest {
            content: Content::Text { content: String::new() }.into(),
            identities: vec![ConfluenceIdentity {
                email: Some("a\u{0}".into()),
                ..ConfluenceIdentity::default()
            }],
            userids: vec!["".into(), "u".repeat(65).into()],
            idempotency_key: Some(String::new()),
            ..request()
        };

        assert_eq!(
            errors(&wrong),
            [
                "recipients.identities.0.email Invalid",
                "recipients.userIds.0 Required",
                "recipients.userIds.1 TooLong",
                "idempotencyKey Required",
                "content.text.content Required",
            ]
        );
    }
}
