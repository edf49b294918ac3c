//! What somebody did, on its way into the audit log.

use std::{collections::BTreeMap, fmt::Display};

use super::{AuditAction, Author};

/// Characters of a subject, a target, or a detail's value that are kept: whoever asks decides how long their names are.
const MOST_CHARACTERS: usize = 1_000;

/// What somebody did. Its texts are bounded, and none is a secret, a message's text, or says who in the directory it is
/// about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub action: AuditAction,
    /// To what: an id, or a template's name.
    pub target: Option<String>,
    /// A few facts by name.
    pub details: BTreeMap<&'static str, String>,
    /// Who.
    pub by: Author,
}

impl Deed {
    /// Something that `by` did.
    pub fn new(action: AuditAction, by: &Author) -> Self {
        let mut by = by.clone();
        by.subject = bounded(by.subject);
        Self {
            action,
            target: None,
            details: BTreeMap::new(),
            by,
        }
    }

    /// To this.
    #[must_use]
    pub fn on(mut self, target: impl Display) -> Self {
        self.target = Some(bounded(target.to_string()));
        self
    }

    /// With this fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.details.insert(name, bounded(value.to_string()));
        self
    }
}

fn bounded(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_CHARACTERS) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_makes_an_entry_long() {
        let long = "é".repeat(5_000);
        let deed = Deed::new(AuditAction::TemplateSaved, &Author::from(long.as_str()))
            .on(&long)
            .with("version", &long);

        for text in [
            &deed.by.subject,
            deed.target.as_ref().unwrap(),
            &deed.details["version"],
        ] {
            assert_eq!(text.chars().count(), MOST_CHARACTERS);
        }
        assert_eq!(bounded("short".to_owned()), "short");
    }
}
