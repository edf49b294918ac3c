//! Templates by name.

use chrono::{DateTime, Utc};

use super::steps::Steps;
use crate::{
    catalogue::{
        Statement,
        content::{CONTENT_CONTROL_CHARACTER, CONTENT_LENGTH},
        templates as said,
    },
    message::content::Content,
    problem::{Problem, ProblemCode},
};

/// Templates at most: they are written by hand, and a list that nobody can overlook helps nobody.
pub const MAX_TEMPLATES: u64 = 500;
/// Characters of a name.
const MAX_NAME: usize = 64;
/// Characters of a description.
const MAX_DESCRIPTION: usize = 500;
/// Bytes of the content as JSON.
const MAX_CONTENT: usize = 65_536;

/// A template as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// 1 to 64 of letters, digits, `.`, `_` and `-`; `A` is not `a`.
    pub name: String,
    /// For people, at most 500 characters.
    pub description: Option<String>,
    /// The content whose texts are templates.
    pub content: Content,
}

/// A template as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTemplate {
    /// What it is.
    pub template: NewTemplate,
    /// Goes up by one with each change; the first is 1.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Who changed it: the token's subject.
    pub updated_by: String,
}

/// What to say of a name that no template has.
pub fn unknown_template(name: &str) -> Statement {
    let name: String = name.chars().take(MAX_NAME).collect();
    said::TEMPLATE_UNKNOWN { name }.into()
}

impl NewTemplate {
    /// Everything that is wrong with it; paths begin with `name`, `description` or `content`.
    pub fn check(&self, steps: &Steps) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |field: &str, code, message: Statement| {
            problems.push(Problem::new(code, &[field], message));
        };

        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !(1..=MAX_NAME).contains(&self.name.len()) || !self.name.chars().all(fits) {
            let code = if self.name.is_empty() {
                ProblemCode::Required
            } else {
                ProblemCode::Invalid
            };
            let most = MAX_NAME;
            report("name", code, said::TEMPLATE_NAME_FORM { most }.into());
        }

        if let Some(description) = &self.description {
            let length = description.chars().count();
            if length > MAX_DESCRIPTION {
                let message = CONTENT_LENGTH {
                    field: "description",
                    length,
                    most: MAX_DESCRIPTION,
                };
                report("description", ProblemCode::TooLong, message.into());
            }
            if description.chars().any(|c| c.is_control() && c != '\n') {
                let field = "description";
                report(field, ProblemCode::Invalid, CONTENT_CONTROL_CHARACTER { field }.into());
            }
        }

        let bytes = serde_json::to_vec(&self.content).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_CONTENT {
            let most = MAX_CONTENT;
            let message = said::TEMPLATE_CONTENT_TOO_LONG { bytes, most };
            report("content", ProblemCode::TooLong, message.into());
            // What is too long to be kept is not worth the steps that reading it as a template takes.
            return problems;
        }

        let numbers = self.content.validate_numbers();
        problems.extend(
            self.content
                .check_template(steps)
                .into_iter()
                .chain(numbers)
                .map(|problem| problem.below(&["content"])),
        );
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(name: &str, description: Option<&str>, content: &str) -> Vec<String> {
        let template = NewTemplate {
            name: name.into(),
            description: description.map(Into::into),
            content: Content::Text {
                content: content.into(),
            },
        };
        let told = template.check(&Steps::default()).into_iter();
        told.map(|it| format!("{} {:?}", it.field(), it.code)).collect()
    }

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["a", "Page_created.v2-zh", &"x".repeat(64)] {
            assert!(problems(good, None, "x").is_empty(), "{good}");
        }
        assert_eq!(problems("", None, "x"), ["name Required"]);
        for bad in ["a b", "a/b", "页", &"x".repeat(65)] {
            assert_eq!(problems(bad, None, "x"), ["name Invalid"], "{bad}");
        }
    }

    #[test]
    fn a_number_that_can_never_be_sent_is_told_as_it_was_given() {
        let voice = |duration_seconds| NewTemplate {
            name: "a".into(),
            description: None,
            content: Content::Voice {
                media_id: "{{ id }}".into(),
                duration_seconds,
            },
        };

        assert!(voice(59).check(&Steps::default()).is_empty());
        let told = voice(286).check(&Steps::default());
        assert_eq!(told[0].field(), "content.voice.durationSeconds");
        assert!(told[0].message.contains("286"), "{}", told[0].message);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let long = "x".repeat(501);
        assert_eq!(
            problems("", Some(&long), "{{ x"),
            ["name Required", "description TooLong", "content.text.content Invalid"]
        );
        assert_eq!(problems("a", Some("a\u{0}"), "x"), ["description Invalid"]);
        assert_eq!(problems("a", None, &"x".repeat(70_000)), ["content TooLong"]);
    }
}
