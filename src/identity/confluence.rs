//! A Confluence user, as callers know them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::directory::fold_key;

/// Characters of a field at most; Confluence's own fields have 255.
pub(super) const MOST_TEXT: usize = 255;

/// What a caller knows of a Confluence user, in Atlassian's words; any subset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConfluenceIdentity {
    /// Login name; it can be renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Data Center's stable key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_key: Option<String>,
    /// Cloud's stable id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Full name: shown, never matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// What a Confluence user can be told apart by, the surest first: ids are never given to somebody else, names can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// Cloud's account id, compared exactly.
    AccountId,
    /// Data Center's user key, compared exactly.
    UserKey,
    /// The user name, folded.
    Username,
    /// The email address, folded.
    Email,
}

impl KeyKind {
    /// Every kind, the surest first.
    pub const ALL: [Self; 4] = [Self::AccountId, Self::UserKey, Self::Username, Self::Email];

    /// The field's name in the API.
    pub const fn field(self) -> &'static str {
        match self {
            Self::AccountId => "accountId",
            Self::UserKey => "userKey",
            Self::Username => "username",
            Self::Email => "email",
        }
    }
}

impl ConfluenceIdentity {
    /// The identity's key of this kind, as it is compared; `None` where it is missing or blank.
    pub fn key(&self, kind: KeyKind) -> Option<Cow<'_, str>> {
        match kind {
            KeyKind::AccountId => self.account_id.as_deref().and_then(exact_key),
            KeyKind::UserKey => self.user_key.as_deref().and_then(exact_key),
            KeyKind::Username => self.username.as_deref().and_then(fold_key),
            KeyKind::Email => self.email.as_deref().and_then(fold_key),
        }
    }

    /// The keys that it has, the surest first.
    pub fn keys(&self) -> impl Iterator<Item = (KeyKind, Cow<'_, str>)> {
        KeyKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.key(kind)?)))
    }

    /// The one text that tells it apart from other identities: its surest key with the kind before it.
    pub fn surest_key(&self) -> Option<String> {
        self.keys().next().map(|(kind, key)| format!("{}:{key}", kind.field()))
    }

    /// Whether its fields are such as Confluence has them: what isn't, is answered and not kept.
    pub fn is_plausible(&self) -> bool {
        let plausible = |text: &String| text.chars().count() <= MOST_TEXT && !text.chars().any(char::is_control);
        self.texts().all(plausible)
    }

    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        self.texts().map(String::len).sum()
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let fields = [
            &self.username,
            &self.user_key,
            &self.account_id,
            &self.email,
            &self.display_name,
        ];
        fields.into_iter().flatten()
    }

    /// Whether `later` says something of it that is not known. Compared as keys are: callers spell an address as they
    /// like.
    pub fn learns_from(&self, later: &Self) -> bool {
        let is_news = |said: Option<Cow<'_, str>>, known| said.is_some() && said != known;
        KeyKind::ALL
            .into_iter()
            .any(|kind| is_news(later.key(kind), self.key(kind)))
            || is_news(name_key(later), name_key(self))
    }

    /// This identity with what `later` says instead, and what it leaves out kept.
    #[must_use]
    pub fn updated_by(&self, later: &Self) -> Self {
        let pick = |new: &Option<String>, old: &Option<String>| {
            let filled = new.as_ref().filter(|text| !text.trim().is_empty());
            filled.or(old.as_ref()).cloned()
        };

        Self {
            username: pick(&later.username, &self.username),
            user_key: pick(&later.user_key, &self.user_key),
            account_id: pick(&later.account_id, &self.account_id),
            email: pick(&later.email, &self.email),
            display_name: pick(&later.display_name, &self.display_name),
        }
    }
}

fn exact_key(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    // What could not be decoded is nobody's: two that are lost so look the same.
    (!text.is_empty() && !text.contains('\u{fffd}')).then_some(text.into())
}

fn name_key(identity: &ConfluenceIdentity) -> Option<Cow<'_, str>> {
    identity.display_name.as_deref().and_then(fold_key)
}
