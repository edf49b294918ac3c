//! What one check found.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::name::CheckName;
use crate::{catalogue::Statement, problem::Problem};

/// How a check ended. Ordered by how much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckState {
    /// It was not tested: it is switched off, or what it rests on failed.
    Skipped,
    /// It is proved to work.
    Passed,
    /// It works in part, or can't be proved without an effect.
    Limited,
    /// It does not work.
    Failed,
}

/// What a check found, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it ended.
    pub state: CheckState,
    /// What was found.
    pub found: Statement,
    /// What to do about it; `None`: nothing.
    pub remedy: Option<Statement>,
    /// The field of the form that it is about, where it isn't the check's own.
    pub field: Option<String>,
    /// The value to write there instead, where that is known.
    pub suggestion: Option<String>,
    /// DingTalk's code, where it refused.
    pub dingtalk_code: Option<String>,
}

impl Finding {
    fn new(state: CheckState, found: impl Into<Statement>) -> Self {
        Self {
            state,
            found: found.into(),
            remedy: None,
            field: None,
            suggestion: None,
            dingtalk_code: None,
        }
    }

    /// It works.
    pub fn passed(found: impl Into<Statement>) -> Self {
        Self::new(CheckState::Passed, found)
    }

    /// It works in part.
    pub fn limited(found: impl Into<Statement>) -> Self {
        Self::new(CheckState::Limited, found)
    }

    /// It doesn't work.
    pub fn failed(found: impl Into<Statement>) -> Self {
        Self::new(CheckState::Failed, found)
    }

    /// It was not tested.
    pub fn skipped(found: impl Into<Statement>) -> Self {
        Self::new(CheckState::Skipped, found)
    }

    /// The same, with what to do.
    #[must_use]
    pub fn remedied(self, remedy: impl Into<Statement>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// The same, about this field of the form.
    #[must_use]
    pub fn at(self, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..self
        }
    }

    /// The same, where what was written in a field of the form is the cause.
    #[must_use]
    pub fn caused_by(self, problem: &Problem) -> Self {
        Self {
            remedy: Some(problem.message.clone()),
            field: Some(problem.field()),
            suggestion: problem.suggestion.clone(),
            ..self
        }
    }
}

/// What a check of the settings found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: CheckName,
    /// What was found.
    pub finding: Finding,
}

impl Check {
    /// The field of the form that it is about.
    pub fn field(&self) -> Option<&str> {
        self.finding.field.as_deref().or_else(|| self.name.field())
    }
}

/// As `dingmirror doctor --json` writes it, without the name.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("state", &self.state)?;
        map.serialize_entry("message", &self.found.to_string())?;
        map.serialize_entry("statement", &self.found.json())?;
        map.serialize_entry("remedy", &self.remedy.as_ref().map(ToString::to_string))?;
        map.serialize_entry("remedyStatement", &self.remedy.as_ref().map(Statement::json))?;
        map.serialize_entry("field", &self.field)?;
        map.serialize_entry("suggestion", &self.suggestion)?;
        map.serialize_entry("dingtalkCode", &self.dingtalk_code)?;
        map.end()
    }
}
