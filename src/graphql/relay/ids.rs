//! Opaque, typed ids and cursors: base64 of a kind and a key. One kind's id is refused where another's is due.

use crate::graphql::error::ApiError;
use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// What an id can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Department,
    User,
    SyncRun,
    Message,
    Recipient,
    IdentityLink,
    KnownIdentity,
    MessageTemplate,
}

impl NodeKind {
    const ALL: [Self; 8] = [
        Self::Department,
        Self::User,
        Self::SyncRun,
        Self::Message,
        Self::Recipient,
        Self::IdentityLink,
        Self::KnownIdentity,
        Self::MessageTemplate,
    ];

    /// The GraphQL type.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::Department => "Department",
            Self::User => "User",
            Self::SyncRun => "SyncRun",
            Self::Message => "Message",
            Self::Recipient => "Recipient",
            Self::IdentityLink => "IdentityLink",
            Self::KnownIdentity => "KnownIdentity",
            Self::MessageTemplate => "MessageTemplate",
        }
    }
}

/// The id of `key` among `kind`.
pub(crate) fn global_id(kind: NodeKind, key: impl std::fmt::Display) -> ID {
    ID(encode(kind.type_name(), &key.to_string()))
}

/// Kind and key of an id.
pub(super) fn parse_id(id: &str) -> Option<(NodeKind, String)> {
    let (name, key) = decode(id)?;
    NodeKind::ALL
        .into_iter()
        .find(|kind| kind.type_name() == name)
        .map(|kind| (kind, key))
}

/// The key of an id that must be of `kind`.
pub(crate) fn key_of<K: std::str::FromStr>(id: &ID, kind: NodeKind, argument: &str) -> Result<K, ApiError> {
    match parse_id(id) {
        Some((found, key)) if found == kind => key.parse().map_err(|_| not_an_id(argument, kind)),
        Some((found, _)) => Err(ApiError::bad_input(format!(
            "`{argument}` is the id of a {}, not of a {}",
            found.type_name(),
            kind.type_name()
        ))),
        None => Err(not_an_id(argument, kind)),
    }
}

fn not_an_id(argument: &str, kind: NodeKind) -> ApiError {
    ApiError::bad_input(format!(
        "`{argument}` is no id that this API gave out: take the `id` of a {}",
        kind.type_name()
    ))
}

/// A cursor of the list `list`: the place of the item with `key`.
pub(crate) fn cursor(list: &'static str, key: impl std::fmt::Display) -> String {
    encode(list, &key.to_string())
}

/// The key in a cursor that was given as `argument`, which must be one of the list `list`.
pub(crate) fn parse_cursor<K: std::str::FromStr>(
    list: &'static str,
    argument: &str,
    given: Option<&str>,
) -> Result<Option<K>, ApiError> {
    let Some(given) = given else { return Ok(None) };

    decode(given)
        .filter(|(name, _)| name == list)
        .and_then(|(_, key)| key.parse().ok())
        .map(Some)
        .ok_or_else(|| {
            let end = if argument == "before" {
                "startCursor"
            } else {
                "endCursor"
            };
            ApiError::bad_input(format!(
                "`{argument}` is no cursor of this list: take an edge's `cursor` or `pageInfo.{end}`"
            ))
        })
}

fn encode(name: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{name}:{key}"))
}

fn decode(text: &str) -> Option<(String, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':')
        .map(|(name, key)| (name.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_key_and_to_no_other_kind() {
        let id = global_id(NodeKind::User, "011505184066774889:x");
        assert_eq!(
            key_of::<String>(&id, NodeKind::User, "id").unwrap(),
            "011505184066774889:x"
        );
        assert!(key_of::<i64>(&id, NodeKind::Department, "id").is_err());

        for junk in ["", "!", "VXNlcg", "Zm9vOjE"] {
            assert!(
                key_of::<String>(&ID(junk.into()), NodeKind::User, "id").is_err(),
                "{junk}"
            );
        }
    }

    #[test]
    fn a_cursor_fits_its_own_list_only() {
        let after = cursor("users", "abc");
        assert_eq!(
            parse_cursor::<String>("users", "after", Some(&after))
                .unwrap()
                .as_deref(),
            Some("abc")
        );
        assert!(parse_cursor::<String>("departments", "after", Some(&after)).is_err());
        assert_eq!(parse_cursor::<i64>("users", "after", None).unwrap(), None);
    }
}
