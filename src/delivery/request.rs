//! A request to send, and what can be said of it without looking anything up.

use super::error::{FieldError, FieldErrorCode};
use crate::{
    directory::UserId,
    identity::ConfluenceIdentity,
    message::{Content, Message},
};

/// Recipients a message.
pub const MAX_RECIPIENTS: usize = 1_000;
/// Characters of an idempotency key.
pub const MAX_IDEMPOTENCY_KEY: usize = 128;
/// Characters of one field of a Confluence identity.
const MAX_IDENTITY_FIELD: usize = 500;
/// Characters of a `userid` (fact sheet §3.2).
const MAX_USERID: usize = 64;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// The token's subject; idempotency keys are unique for each.
    pub caller: String,
    /// What to send.
    pub content: Content,
    /// To whom, as Confluence knows them; they come before `userids`.
    pub identities: Vec<ConfluenceIdentity>,
    /// To whom, as DingTalk knows them.
    pub userids: Vec<UserId>,
    /// The same key with the same request answers with the first one's message; 1 to 128 printable ASCII characters.
    pub idempotency_key: Option<String>,
    /// Send to nobody unless everybody was found.
    pub require_all_matched: bool,
}

/// The message as recorded.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The message.
    pub message: Message,
    /// Whether it was there already, from an earlier request with the same idempotency key.
    pub replayed: bool,
}

impl SendRequest {
    /// How many recipients are asked for.
    pub(super) fn recipients(&self) -> usize {
        self.identities.len() + self.userids.len()
    }

    /// Everything that is wrong with the request itself.
    pub(super) fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let recipients = self.recipients();
        if recipients == 0 {
            errors.push(FieldError::new(
                FieldErrorCode::Required,
                &["recipients"],
                "recipients must name at least one identity or userId.",
            ));
        } else if recipients > MAX_RECIPIENTS {
            errors.push(FieldError::new(
                FieldErrorCode::TooLong,
                &["recipients"],
                format!(
                    "recipients has {recipients} entries, at most {MAX_RECIPIENTS} are allowed: split the message, with an \
                     idempotency key for each part."
                ),
            ));
        } else {
            self.check_recipients(&mut errors);
        }
        if let Some(key) = &self.idempotency_key {
            check_key(key, &mut errors);
        }
        errors.extend(self.content.validate(recipients).into_iter().map(FieldError::from));
        errors
    }

    fn check_recipients(&self, errors: &mut Vec<FieldError>) {
        for (index, identity) in self.identities.iter().enumerate() {
            let fields = [
                ("username", &identity.username),
                ("userKey", &identity.user_key),
                ("accountId", &identity.account_id),
                ("email", &identity.email),
                ("displayName", &identity.display_name),
            ];
            for (name, text) in fields {
                let path = ["recipients", "identities", &index.to_string(), name];
                check_text(&path, text.as_deref().unwrap_or_default(), MAX_IDENTITY_FIELD, errors);
            }
        }
        for (index, userid) in self.userids.iter().enumerate() {
            let path = ["recipients", "userIds", &index.to_string()];
            if userid.as_str().is_empty() {
                let message = format!("{} must not be empty.", path.join("."));
                errors.push(FieldError::new(FieldErrorCode::Required, &path, message));
            }
            check_text(&path, userid.as_str(), MAX_USERID, errors);
        }
    }
}

fn check_key(key: &str, errors: &mut Vec<FieldError>) {
    let path = ["idempotencyKey"];
    if key.is_empty() {
        errors.push(FieldError::new(
            FieldErrorCode::Required,
            &path,
            "idempotencyKey must not be empty: leave it out, or give a key that is the same when the job is retried.",
        ));
    } else if key.len() > MAX_IDEMPOTENCY_KEY {
        errors.push(FieldError::new(
            FieldErrorCode::TooLong,
            &path,
            format!(
                "idempotencyKey has {} characters, at most {MAX_IDEMPOTENCY_KEY} are allowed: hash it.",
                key.len()
            ),
        ));
    } else if !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        errors.push(FieldError::new(
            FieldErrorCode::Invalid,
            &path,
            "idempotencyKey must consist of printable ASCII characters.",
        ));
    }
}

/// What is recorded must be storable (Postgres has no U+0000) and bounded.
fn check_text(path: &[&str], text: &str, max: usize, errors: &mut Vec<FieldError>) {
    let length = text.chars().count();
    if length > max {
        let message = format!("{} has {length} characters, at most {max} are allowed.", path.join("."));
        errors.push(FieldError::new(FieldErrorCode::TooLong, path, message));
    }
    if text.chars().any(char::is_control) {
        let message = format!("{} contains a control character: remove it.", path.join("."));
        errors.push(FieldError::new(FieldErrorCode::Invalid, path, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SendRequest {
        SendRequest {
            caller: "wiki".into(),
            content: Content::Text { content: "hi".into() },
            identities: Vec::new(),
            userids: vec!["u1".into()],
            idempotency_key: None,
            require_all_matched: false,
        }
    }

    fn errors(request: &SendRequest) -> Vec<String> {
        request
            .check()
            .into_iter()
            .map(|e| format!("{} {:?}", e.field.join("."), e.code))
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
            content: Content::Text { content: String::new() },
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
