//! Conditions on a text.

use std::{borrow::Cow, collections::BTreeSet};

use crate::directory::fold::fold;

/// What a text is to be; case and width of letters don't matter, nor blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// One of these, folded.
    OneOf(BTreeSet<String>),
    /// It begins with this, folded.
    StartsWith(String),
}

impl TextTest {
    /// One of `texts`.
    pub fn one_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::OneOf(texts.into_iter().map(|text| fold(text.trim())).collect())
    }

    /// It begins with `text`.
    pub fn starts_with(text: &str) -> Self {
        Self::StartsWith(fold(text.trim_start()))
    }

    /// Whether a text is so; one that isn't there never is.
    pub fn holds(&self, text: Option<&str>) -> bool {
        let Some(text) = text else { return false };
        let text = text.trim();
        let folded = if is_folded(text) {
            Cow::Borrowed(text)
        } else {
            fold(text).into()
        };
        match self {
            Self::OneOf(texts) => texts.contains(&*folded),
            Self::StartsWith(start) => folded.starts_with(start.as_str()),
        }
    }
}

/// Nearly every Chinese name is its own folded form, and most others' are found without a copy.
fn is_folded(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\u{4e00}'..='\u{9fff}') || (c.is_ascii() && !c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_folded() {
        let starts = TextTest::starts_with(" ＺＨ");
        assert!(starts.holds(Some("zhang")) && starts.holds(Some(" Zhou")) && !starts.holds(Some("王")));
        assert!(!starts.holds(None));

        let one = TextTest::one_of(["王伟", "A1"]);
        assert!(one.holds(Some("王伟")) && one.holds(Some("ａ1 ")) && !one.holds(Some("王伟雨")));
        assert!(!TextTest::one_of([]).holds(Some("")));
    }

    #[test]
    fn what_counts_as_folded_folds_to_itself() {
        for c in ('\u{4e00}'..='\u{9fff}')
            .chain(' '..='~')
            .filter(|c| is_folded(&c.to_string()))
        {
            assert_eq!(fold(&c.to_string()), c.to_string());
        }
    }
}
