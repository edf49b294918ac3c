//! Line breaks in Markdown: a single newline is none, and DingTalk shows a blank in its place; two blanks before it
//! make it one (`docs/dingtalk.md#line-breaks`).

use pulldown_cmark::{Event, Options, Parser};

use super::{check::MAX_BYTES, content::Content, texts::TextRole};
use crate::catalogue::{Statement, request::NEWLINES_LOST};

impl Content {
    /// The same content with every newline of its Markdown written as a line break. What is longer than a message may
    /// be stays as it is: the check behind refuses it either way.
    pub fn keep_line_breaks(mut self) -> Self {
        self.visit_texts(&mut |role, _, text| {
            if role == TextRole::Markdown && text.len() <= MAX_BYTES {
                *text = kept(text);
            }
        });
        self
    }

    /// For whoever meant newlines to be line breaks; nothing where there are none that are lost.
    pub fn lost_line_breaks(&self) -> Option<Statement> {
        let mut count = 0;
        self.clone().visit_texts(&mut |role, _, text| {
            if role == TextRole::Markdown && text.len() <= MAX_BYTES {
                count += breaks(text).len();
            }
        });

        (count > 0).then(|| NEWLINES_LOST { count }.into())
    }
}

/// Where newlines stand that Markdown takes for blanks. Those of code, HTML and addresses, and those between paragraphs
/// and the items of a list, are something else.
fn breaks(text: &str) -> Vec<usize> {
    let events = Parser::new_ext(text, Options::empty()).into_offset_iter();
    events
        .filter_map(|(event, range)| matches!(event, Event::SoftBreak).then_some(range.start))
        .collect()
}

fn kept(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut copied = 0;
    for place in breaks(text) {
        written.push_str(&text[copied..place]);
        written.push_str("  ");
        copied = place;
    }
    written.push_str(&text[copied..]);
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn markdown(text: &str) -> Content {
        Content::Markdown {
            title: "a\nb".into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_single_newline_becomes_a_line_break_and_nothing_else_changes() {
        for (given, expected) in [
            ("a\nb", "a  \nb"),
            ("a\r\nb\nc", "a  \r\nb  \nc"),
            ("> a\n> b", "> a  \n> b"),
            ("- a\n  b\n- c", "- a  \n  b\n- c"),
            ("**a\nb**", "**a  \nb**"),
        ] {
            assert_eq!(kept(given), expected, "{given:?}");
        }

        for same in [
            "",
            "a",
            "a\n\nb",
            "a  \nb",
            "a\\\nb",
            "# a\nb",
            "- a\n- b",
            "`a\nb`",
            "```\na\nb\n```",
            "    a\n    b",
            "a\n",
        ] {
            assert_eq!(kept(same), same);
        }
    }

    #[test]
    fn whoever_meant_lines_is_told_how_to_write_them() {
        let told = markdown("a\nb\n\nc\nd").lost_line_breaks();
        let told = told.expect("two are lost").to_string();
        assert!(
            told.starts_with("2 newlines") && told.contains("keepLineBreaks"),
            "{told}"
        );
        assert_eq!(markdown("a\nb").keep_line_breaks().lost_line_breaks(), None);
        assert_eq!(markdown("a\n\nb").lost_line_breaks(), None);
        let text = Content::Text { content: "a\nb".into() };
        assert_eq!((text.lost_line_breaks(), text.clone().keep_line_breaks()), (None, text));
    }

    proptest! {
        #[test]
        fn what_was_a_blank_is_a_line_break_and_all_else_is_the_same(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "a", "页", " ", "  ", "\n", "\n", "\n\n", "\r\n", "> ", "- ", "1. ", "# ", "    ", "`", "```", "*", "**", "[a](http://x.y/)",
                "[a", "](http://x.y/)", "\\", "<b>", "</b>", "<!-- ", "![a](b)", "[r]: http://x.y/\n", "[r]", "---", "===",
            ]), 0..20),
        ) {
            let text = pieces.concat();
            let parsed = |text: &str| {
                let events = Parser::new_ext(text, Options::empty()).map(Event::into_static);
                events.collect::<Vec<_>>()
            };

            let expected = parsed(&text).into_iter().map(|event| match event {
                Event::SoftBreak => Event::HardBreak,
                other => other,
            });
            prop_assert_eq!(parsed(&kept(&text)), expected.collect::<Vec<_>>(), "{:?}", text);
            prop_assert!(breaks(&kept(&text)).is_empty());
        }
    }
}
