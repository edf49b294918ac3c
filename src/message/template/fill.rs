//! A content's texts as templates: checking them, naming their variables, filling them in.

use std::collections::BTreeSet;

use minijinja::{Environment, Error, ErrorKind, Template, Value, value::Serde};
use serde_json::{Map, Value as Json};

use super::{
    engine::{FUEL, environment},
    measure::measure,
    stand_in::StandIn,
    steps::Steps,
    strict::render,
};
use crate::{
    catalogue::{Statement, content::CONTENT_CONTROL_CHARACTER, templates as said},
    message::content::Content,
    problem::{Problem, ProblemCode},
};

/// Texts of one content that may be templates: an OA form has ten, and two for each row.
const MAX_TEXTS: usize = 100;
/// Characters of one text as a template.
const MAX_SOURCE: usize = 5_000;
/// Characters of a failing expression that are told.
const MAX_EXPRESSION: usize = 60;
/// How what is said of a failing value begins, where it needs the value in front.
const VERBS: [&str; 4] = ["is ", "gets ", "holds ", "has "];
/// Bytes that one text may become: more than DingTalk takes of all of them, so that the check behind it can tell by how
/// much.
const MAX_OUTPUT: usize = 20_000;

impl Content {
    /// What is wrong with the texts as templates: syntax, unknown filters, size. Empty: each can be rendered, given its
    /// variables.
    pub fn check_template(&self, steps: &Steps) -> Vec<Problem> {
        if let Err(problem) = self.few_texts() {
            return vec![problem];
        }

        let (mut environment, mut problems) = (environment(), Vec::new());
        self.clone().visit_texts(&mut |_, path, text| {
            if !is_left(steps, text, &mut problems) {
                return;
            }
            problems.extend(rehearse(path, &mut environment, text, steps));
        });
        problems
    }

    /// The variables that the texts use, sorted; of an object the parts that are used (`page.title`).
    pub fn template_variables(&self, steps: &Steps) -> BTreeSet<String> {
        let (environment, mut variables) = (environment(), BTreeSet::new());
        if self.few_texts().is_err() {
            return variables;
        }

        self.clone().visit_texts(&mut |_, path, text| {
            if is_left(steps, text, &mut Vec::new())
                && let Ok(template) = compile(path, &environment, text)
            {
                variables.extend(used(&environment, &template, true));
            }
        });
        variables
    }

    /// The content with `variables` filled in.
    ///
    /// # Errors
    /// One problem for each text that can't be rendered, a missing variable by its name; and one where the steps are
    /// used up.
    pub fn fill_in(&self, variables: &Map<String, Json>, steps: &Steps) -> Result<Self, Vec<Problem>> {
        self.few_texts().map_err(|problem| vec![problem])?;

        let mut environment = environment();
        let variables = Value::from(Serde(variables));
        let (mut content, mut problems) = (self.clone(), Vec::new());

        content.visit_texts(&mut |_, path, text| {
            if !is_left(steps, text, &mut problems) {
                return;
            }
            let rendered = compile(path, &environment, text).map(drop).and_then(|()| {
                let rendered = within(&mut environment, steps, text, variables.clone());
                let rendered = rendered.map_err(|error| failed(path, &error))?;
                if rendered.len() <= MAX_OUTPUT {
                    return Ok(rendered);
                }
                let message = said::TEMPLATE_OUTPUT_TOO_LONG {
                    field: path.join("."),
                    most: MAX_OUTPUT,
                };
                Err(Problem::new(ProblemCode::TooLong, path, message))
            });

            match rendered {
                Ok(rendered) => *text = rendered,
                Err(problem) => problems.push(problem),
            }
        });

        if problems.is_empty() {
            Ok(content)
        } else {
            Err(problems)
        }
    }

    fn few_texts(&self) -> Result<(), Problem> {
        let mut texts = 0;
        self.clone().visit_texts(&mut |_, _, _| texts += 1);
        if texts <= MAX_TEXTS {
            return Ok(());
        }
        let message = said::TEMPLATE_TEXTS_TOO_MANY {
            count: texts,
            most: MAX_TEXTS,
        };
        Err(Problem::new(ProblemCode::TooLong, &[], message))
    }
}

/// Takes the steps for reading a text. Where there aren't any, everything behind is left as it is, and that is told
/// once.
fn is_left(steps: &Steps, text: &str, problems: &mut Vec<Problem>) -> bool {
    // Reading it, once to look at it and once to run it.
    let reading = 2 * u64::try_from(text.len().min(MAX_SOURCE)).unwrap_or(u64::MAX);
    let were_left = steps.left() > 0;
    let is_left = steps.take(reading);
    if !is_left && (were_left || problems.is_empty()) {
        let message = said::TEMPLATE_STEPS_USED_UP {};
        problems.push(Problem::new(ProblemCode::TooLong, &[], message));
    }
    is_left
}

/// Renders a text in as many steps as it may have and are left.
fn within(environment: &mut Environment<'_>, steps: &Steps, text: &str, variables: Value) -> Result<String, Error> {
    let most = steps.left().min(FUEL);
    environment.set_fuel(Some(most));
    let (rendered, taken) = render(environment, text, variables);
    // A text that fails doesn't tell when.
    steps.take(taken.unwrap_or(most));
    rendered
}

fn compile<'env, 'source: 'env>(
    path: &[&str],
    environment: &'env Environment<'source>,
    text: &'source str,
) -> Result<Template<'env, 'source>, Problem> {
    let length = text.chars().count();
    if length > MAX_SOURCE {
        let message = said::TEMPLATE_TEXT_TOO_LONG {
            field: path.join("."),
            length,
            most: MAX_SOURCE,
        };
        return Err(Problem::new(ProblemCode::TooLong, path, message));
    }

    // What no template can take out again: every message with it would be refused.
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let field = path.join(".");
        let message = CONTENT_CONTROL_CHARACTER { field };
        return Err(Problem::new(ProblemCode::Invalid, path, message));
    }
    if let Err(message) = measure(text, &path.join("."), environment.syntax()) {
        return Err(Problem::new(ProblemCode::TooLong, path, message));
    }

    environment
        .template_from_str(text)
        .map_err(|error| failed(path, &error))
}

/// The names that the caller has to give; what the language itself brings along is not among them.
fn used(environment: &Environment<'_>, template: &Template<'_, '_>, nested: bool) -> BTreeSet<String> {
    let own: BTreeSet<_> = environment.globals().map(|(name, _)| name.to_owned()).collect();
    let names = template.undeclared_variables(nested).into_iter();
    names
        .filter(|name| !own.contains(name.split('.').next().unwrap_or_default()))
        .collect()
}

/// Renders with a stand-in for every variable: the language looks filters and tests up only when it comes to them.
fn rehearse(path: &[&str], environment: &mut Environment<'_>, text: &str, steps: &Steps) -> Option<Problem> {
    let names = match compile(path, environment, text) {
        Ok(template) => used(environment, &template, false).into_iter(),
        Err(problem) => return Some(problem),
    };

    let stand_ins = Value::from_pairs(names.map(|name| (name, Value::from_object(StandIn))));
    let error = within(environment, steps, text, stand_ins).err()?;
    let whatever_the_variables = matches!(
        error.kind(),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::OutOfFuel
    );
    whatever_the_variables.then(|| failed(path, &error))
}

fn failed(path: &[&str], error: &Error) -> Problem {
    let detail = error.detail().unwrap_or_default();
    let (field, line) = (path.join("."), error.line());
    let failed = |detail: String| said::TEMPLATE_FAILED {
        field: path.join("."),
        line,
        detail,
    };

    let (code, message): (_, Statement) = match error.kind() {
        // What a filter gave has no name of its own.
        ErrorKind::UndefinedError if detail.is_empty() => {
            let expression = Some(subject(error)).filter(|it| it != A_VALUE);
            let expression = expression.as_deref().map(str::trim_end);
            let undefined = said::TEMPLATE_VALUE_UNDEFINED {
                field,
                line,
                expression,
            };
            (ProblemCode::Required, undefined.into())
        }
        ErrorKind::UndefinedError => {
            let missing = said::TEMPLATE_VARIABLE_MISSING { field, line, detail };
            (ProblemCode::Required, missing.into())
        }
        ErrorKind::OutOfFuel => {
            let endless = said::TEMPLATE_TAKES_TOO_LONG { field, line };
            (ProblemCode::TooLong, endless.into())
        }
        kind if detail.is_empty() => (ProblemCode::Invalid, failed(kind.to_string()).into()),
        ErrorKind::InvalidOperation => (
            ProblemCode::Invalid,
            failed(format!("{}{detail}", subject(error))).into(),
        ),
        kind => (ProblemCode::Invalid, failed(format!("{kind}: {detail}")).into()),
    };
    Problem::new(code, path, message)
}

/// What stands for a part of the template that has no name.
const A_VALUE: &str = "a value ";

/// The failing part of the template, in front of what is said of it.
fn subject(error: &Error) -> String {
    let found = expression(error);
    let detail = error.detail().unwrap_or_default();
    let says_itself = error.kind() == ErrorKind::InvalidOperation && !VERBS.iter().any(|verb| detail.starts_with(verb));
    if found.is_empty() && !says_itself {
        A_VALUE.to_owned()
    } else {
        found
    }
}

fn expression(error: &Error) -> String {
    let Some((source, range)) = error.template_source().zip(error.range()) else {
        return String::new();
    };

    // Of a filter the range is its name alone: whose value it was given stands in front of it.
    let before = source.get(..range.start).unwrap_or_default();
    let start = if before.trim_end().ends_with('|') {
        let opened = before.rfind("{{").max(before.rfind("{%"));
        opened.map_or(range.start, |at| at + "{{".len())
    } else {
        range.start
    };

    let part = source.get(start..range.end).unwrap_or_default();
    let part = part.trim_start_matches(['-', '+']).trim();
    if part.is_empty() {
        String::new()
    } else {
        format!("`{}` ", part.chars().take(MAX_EXPRESSION).collect::<String>())
    }
}

#[cfg(test)]
#[path = "fill_tests.rs"]
mod tests;
