//! Opaque, typed ids and cursors: base64 of a kind and a key. One kind's id is refused where another's is due.

use crate::graphql::error::ApiError;
use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

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
    Mirror,
    Settings,
    DeliveryStatus,
    ApiKey,
    Viewer,
}

/// The key of what there is one of.
pub(crate) const ONLY: &str = "1";

impl NodeKind {
    const ALL: [Self; 13] = [
        Self::Department,
        Self::User,
        Self::SyncRun,
        Self::Message,
        Self::Recipient,
        Self::IdentityLink,
        Self::KnownIdentity,
        Self::MessageTemplate,
        Self::Mirror,
        Self::Settings,
        Self::DeliveryStatus,
        Self::ApiKey,
        Self::Viewer,
    ];

    /// Whether there are ids of it as it was.
    pub(super) fn has_a_past(self) -> bool {
        matches!(self, Self::Department | Self::User)
    }

    /// Whether all of it is in memory.
    fn is_at_hand(self) -> bool {
        match self {
            Self::Department
            | Self::User
            | Self::IdentityLink
            | Self::KnownIdentity
            | Self::Settings
            | Self::Viewer => true,
            Self::SyncRun
            | Self::Message
            | Self::Recipient
            | Self::MessageTemplate
            | Self::Mirror
            | Self::DeliveryStatus
            | Self::ApiKey => false,
        }
    }

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
            Self::Mirror => "Mirror",
            Self::Settings => "Settings",
            Self::DeliveryStatus => "DeliveryStatus",
            Self::ApiKey => "ApiKey",
            Self::Viewer => "Viewer",
        }
    }
}

/// The id of `key` among `kind`.
pub(crate) fn global_id(kind: NodeKind, key: impl std::fmt::Display) -> ID {
    ID(encode(kind.type_name(), &key.to_string()))
}

/// The id of `key` among `kind`, as it was at a moment: another one, for clients that keep what they are told under its
/// id.
pub(crate) fn global_id_as_of(kind: NodeKind, key: impl std::fmt::Display, at: DateTime<Utc>) -> ID {
    let name = format!("{}{AS_OF}{}", kind.type_name(), at.timestamp_micros());
    ID(encode(&name, &key.to_string()))
}

/// Between a kind and a moment.
const AS_OF: char = '@';

/// What an id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: NodeKind,
    pub(super) key: String,
    /// As it was then.
    pub(super) as_of: Option<DateTime<Utc>>,
}

/// What an id names.
pub(super) fn parse_id(id: &str) -> Option<Named> {
    let (name, key) = decode(id)?;
    let (name, as_of) = match name.split_once(AS_OF) {
        Some((name, micros)) => (name, Some(DateTime::from_timestamp_micros(micros.parse().ok()?)?)),
        None => (name.as_str(), None),
    };
    let kind = NodeKind::ALL.into_iter().find(|kind| kind.type_name() == name)?;
    Some(Named { kind, key, as_of })
}

/// The moment that an id is of, where it is of the past.
pub(crate) fn moment_of(id: &str) -> Option<DateTime<Utc>> {
    parse_id(id)?.as_of
}

/// Whether what an id names is in memory, so that the database is not asked for it. Of the past, it is asked for the
/// moment.
pub(crate) fn is_at_hand(id: &str) -> bool {
    parse_id(id).is_none_or(|named| named.kind.is_at_hand())
}

/// The key of an id that must be of `kind`.
pub(crate) fn key_of<K: std::str::FromStr>(id: &ID, kind: NodeKind, argument: &str) -> Result<K, ApiError> {
    match parse_id(id) {
        Some(named) if named.kind == kind => named.key.parse().map_err(|_| not_an_id(argument, kind)),
        Some(named) => Err(ApiError::bad_input(format!(
            "`{argument}` is the id of a {}, not of a {}",
            named.kind.type_name(),
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
pub(crate) fn cursor(list: &str, key: impl std::fmt::Display) -> String {
    encode(list, &key.to_string())
}

/// The key in a cursor that was given as `argument`, which must be one of the list `list`.
pub(crate) fn parse_cursor<K: std::str::FromStr>(
    list: &str,
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
    fn an_id_of_the_past_names_the_same_thing_and_is_another_one() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        let (then, now) = (
            global_id_as_of(NodeKind::User, "a@b:c", at),
            global_id(NodeKind::User, "a@b:c"),
        );
        assert_ne!(then, now);
        assert_eq!((moment_of(&then), moment_of(&now)), (Some(at), None));
        for id in [then, now] {
            assert_eq!(key_of::<String>(&id, NodeKind::User, "id").unwrap(), "a@b:c");
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
