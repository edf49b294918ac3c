//! Null and undefined never become words, and booleans become JSON's.
//!
//! minijinja (3.1.0) makes text of whatever a filter or `~` is given: of null "None", of true "True". It has a hook for
//! what is printed, and none for these. So a text's instructions are gone through before they run: each filter is
//! replaced by one that looks at its values first and then does the same, and `~` by such a filter, which takes its two
//! values from the same places.

use std::{borrow::Cow, collections::BTreeMap, sync::OnceLock};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, State, Value,
    machinery::{CodeGenerator, Instruction, Instructions, eval, make_string_output, parse},
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs, from_args},
};

use super::stand_in::StandIn;

/// Filters that make text of what they are given, and of their first arguments.
const OF_TEXT: [&str; 16] = [
    "lower",
    "upper",
    "title",
    "capitalize",
    "replace",
    "trim",
    "lines",
    "indent",
    "string",
    "pprint",
    "format",
    "split",
    "urlencode",
    "escape_markdown",
    "dingtalk_link",
    CONCAT,
];

/// Filters of values: they hand on what they are given, or count with it. `default`, `d` and `bool` are made for null,
/// and stay as they are.
const OF_VALUES: [&str; 25] = [
    "length",
    "count",
    "dictsort",
    "items",
    "reverse",
    "round",
    "abs",
    "int",
    "float",
    "attr",
    "first",
    "last",
    "min",
    "max",
    "sort",
    "list",
    "batch",
    "slice",
    "sum",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "groupby",
    "unique",
];

/// What `~` becomes. No template can name it.
const CONCAT: &str = "~";

/// What looks at a loop's list before the loop: the language goes over null as over an empty one.
const EACH: &str = "=each";

/// From here on a fraction is a whole number.
const ALL_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Lists within lists, as text: more is no text for people, and each goes down a frame of the stack.
const DEEPEST: usize = 500;

/// Bytes of a list as text: more than a message has.
const LONGEST: usize = 20_000;

/// Adds the filters that look first. Each is called as the one it stands for with a mark in front, which no template
/// can write.
pub(super) fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter(CONCAT, |left: Cow<'_, str>, right: Cow<'_, str>| {
        format!("{left}{right}")
    });
    environment.add_filter(EACH, |list: Value| {
        if list.is_none() {
            let what = "is no list but null: give a list, or write `| default([], true)` behind it";
            return Err(Error::new(ErrorKind::InvalidOperation, what));
        }
        Ok(list)
    });

    for name in OF_TEXT {
        environment.add_filter(looking(name), move |state: &mut State, args: Rest<ValueOrKwargs>| {
            let args = texts(name, state, args.into_values())?;
            state.apply_filter(name, &args)
        });
    }
    for name in OF_VALUES {
        environment.add_filter(looking(name), move |state: &mut State, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            if args.first().is_some_and(Value::is_none) {
                return Err(null("gets null"));
            }
            if let Some(value) = args.first().filter(|value| value.is_undefined()) {
                // Says which.
                state.format(value.clone())?;
            }
            state.apply_filter(name, &args)
        });
    }

    environment.add_filter(looking("join"), join);
    environment.add_filter(looking("map"), map);
}

/// Runs a text that [`Environment::template_from_str`] took. Beside what it becomes: the steps that it took, if it came
/// to its end.
pub(super) fn render(
    environment: &Environment<'_>,
    source: &str,
    variables: Value,
) -> (Result<String, Error>, Option<u64>) {
    match run(environment, source, variables) {
        Ok((written, taken)) => (Ok(written), taken),
        Err(error) => (Err(error), None),
    }
}

fn run(environment: &Environment<'_>, source: &str, variables: Value) -> Result<(String, Option<u64>), Error> {
    let tree = parse(source, "<string>", environment.syntax().clone())?;
    let mut generator = CodeGenerator::new("<string>", source);
    generator.compile_stmt(&tree);
    let (mut instructions, _) = generator.finish();

    let mut at = 0;
    while let Some(instruction) = instructions.get_mut(at) {
        match instruction {
            Instruction::StringConcat => {
                *instruction = Instruction::ApplyFilter(looking_one(CONCAT).unwrap_or(CONCAT), Some(2), u8::MAX);
            }
            Instruction::ApplyFilter(name, _, local) => {
                if let Some(looking) = looking_one(name) {
                    *name = looking;
                    *local = u8::MAX;
                }
            }
            _ => {}
        }
        at += 1;
    }
    look_before_loops(&mut instructions);

    let (mut written, blocks) = (String::new(), BTreeMap::new());
    let mut output = make_string_output(&mut written);
    let done = eval(
        environment,
        &instructions,
        variables,
        &blocks,
        &mut output,
        AutoEscape::None,
    );
    let taken = done?.1.fuel_levels().map(|(taken, _)| taken);
    drop(output);
    Ok((written, taken))
}

/// Sends each loop over [`EACH`], which stands behind the end: what is there keeps its place, and with it every jump.
fn look_before_loops<'source>(instructions: &mut Instructions<'source>) {
    let all = (0_u32..).map_while(|at| Some((at, instructions.get(at)?)));
    let loops: Vec<_> = all
        .filter_map(|(at, instruction)| match instruction {
            Instruction::PushLoop(flags) => Some((at, *flags)),
            _ => None,
        })
        .collect();
    if loops.is_empty() {
        return;
    }

    let jump_over = instructions.add(Instruction::Jump(0));
    let mut last = jump_over;
    for (at, flags) in loops {
        let look = Instruction::ApplyFilter(EACH, Some(1), u8::MAX);
        // Of a loop with a condition the loop's own place is the condition's; its list's place is the instruction's
        // before it.
        let (own, list) = (
            instructions.get_span(at),
            at.checked_sub(1).and_then(|at| instructions.get_span(at)),
        );
        let line = instructions
            .get_line(at)
            .and_then(|line| u16::try_from(line).ok())
            .unwrap_or(0);

        // Only the loop that a condition is compiled to has no `loop` variable, and so no flag.
        let has_condition = flags == 0;
        let looks = match if has_condition {
            list.filter(|list| Some(*list) != own)
        } else {
            own
        } {
            Some(span) => instructions.add_with_span(look, span),
            None => instructions.add_with_line(look, line),
        };

        instructions.add_with_line(Instruction::PushLoop(flags), line);
        last = instructions.add_with_line(Instruction::Jump(at + 1), line);
        if let Some(instruction) = instructions.get_mut(at) {
            *instruction = Instruction::Jump(looks);
        }
    }

    if let Some(instruction) = instructions.get_mut(jump_over) {
        *instruction = Instruction::Jump(last + 1);
    }
}

/// A value as it is printed.
pub(super) fn text(value: &Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::None => Err(null("is null")),
        ValueKind::Bool => Ok(Value::from(if value.is_true() { "true" } else { "false" })),
        ValueKind::Number => number(value),
        ValueKind::Plain => Err(no_text()),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable if !is_stand_in(value) => {
            let mut written = String::new();
            write(&mut written, value, 0)?;
            Ok(Value::from(written))
        }
        _ => Ok(value.clone()),
    }
}

/// A number as it is printed: JSON has no infinity, and a fraction beyond 2^53 is a whole number.
fn number(value: &Value) -> Result<Value, Error> {
    if value.is_integer() {
        return Ok(value.clone());
    }
    match f64::try_from(value.clone()) {
        Ok(number) if !number.is_finite() => {
            let what = "is no number that can be written: it is infinite, or the result of nothing";
            Err(Error::new(ErrorKind::InvalidOperation, what))
        }
        Ok(number) if number.abs() >= ALL_WHOLE => Ok(Value::from(format!("{number:.0}"))),
        _ => Ok(value.clone()),
    }
}

fn no_text() -> Error {
    let what = "is a part of the template language and no text: call it, say `range(3)`";
    Error::new(ErrorKind::InvalidOperation, what)
}

fn looking(name: &str) -> String {
    format!("={name}")
}

/// The filter that looks, by the name of the one that it stands for, which may be written with spaces. Instructions
/// only borrow.
fn looking_one(name: &str) -> Option<&'static str> {
    static NAMES: OnceLock<BTreeMap<&'static str, String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let all = OF_TEXT.into_iter().chain(OF_VALUES).chain(["join", "map"]);
        all.map(|name| (name, looking(name))).collect()
    });
    let plain: String = name.split_whitespace().collect();
    names.get(plain.as_str()).map(String::as_str)
}

fn null(what: &str) -> Error {
    let hint = "give a value, or write `| default(\"…\", true)` behind the variable";
    Error::new(ErrorKind::InvalidOperation, format!("{what}: {hint}"))
}

fn is_stand_in(value: &Value) -> bool {
    value.downcast_object_ref::<StandIn>().is_some()
}

/// The arguments of a filter of text. Its value becomes text; of the others null is refused, and the rest stays what it
/// is where it may be a number or a switch.
fn texts(name: &str, state: &mut State, args: Vec<Value>) -> Result<Vec<Value>, Error> {
    let all = matches!(name, "replace" | "format" | CONCAT);
    let given = |state: &mut State, index: usize, value: Value| {
        if value.is_undefined() {
            // Says which.
            state.format(value.clone())?;
        }
        match value.kind() {
            // `split(none, 2)` splits at white space.
            ValueKind::None if name == "split" && index > 0 => Ok(value),
            ValueKind::None => Err(null("gets null")),
            ValueKind::String => Ok(value),
            // It keeps what `%.2f` needs.
            ValueKind::Number => number(&value),
            _ if index == 0 || all => text(&value).map_err(|error| {
                let what = format!("gets a value that {}", error.detail().unwrap_or_default());
                Error::new(ErrorKind::InvalidOperation, what)
            }),
            _ => Ok(value),
        }
    };

    let mut looked_at = Vec::with_capacity(args.len());
    for (index, value) in args.into_iter().enumerate() {
        if !value.is_kwargs() {
            looked_at.push(given(state, index, value)?);
            continue;
        }
        let named: Kwargs = from_args::<(Kwargs,)>(std::slice::from_ref(&value))?.0;
        let mut again = Vec::new();
        for key in named.args() {
            again.push((key.to_owned(), given(state, 1, named.get::<Value>(key)?)?));
        }
        looked_at.push(Value::from(Kwargs::from_iter(again)));
    }
    Ok(looked_at)
}

/// `join`, of whose items each becomes text by itself.
fn join(state: &mut State, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = args.into_values();
    let (value, joiner, attribute, named): (Value, Option<Value>, Option<Value>, Kwargs) = from_args(&args)?;
    let joiner = match joiner {
        Some(joiner) => Some(joiner),
        None => named.get::<Option<Value>>("d")?,
    };
    let attribute = match attribute {
        Some(attribute) => Some(attribute),
        None => named.get::<Option<Value>>("attribute")?,
    };
    named.assert_all_used()?;

    // Also what stands between the items: `Option` takes null for an argument that isn't there.
    if args.iter().any(Value::is_none) {
        return Err(null("gets null"));
    }
    // A rehearsal has a stand-in here, which has no items to look at.
    if is_stand_in(&value) {
        return Ok(value);
    }
    if value.is_undefined() {
        state.format(value.clone())?;
    }

    let value = match attribute {
        Some(attribute) => {
            let by = Value::from(Kwargs::from_iter([("attribute", attribute)]));
            state.apply_filter("map", &[value, by])?
        }
        None => value,
    };
    let mut items = Vec::new();
    for (index, item) in value.try_iter()?.enumerate() {
        state.consume_fuel(1)?;
        if item.is_undefined() || item.is_none() {
            let what = if item.is_none() { "null" } else { "undefined" };
            return Err(null(&format!(
                "gets a list whose item {index} (counted from 0) is {what}"
            )));
        }
        items.push(text(&item)?);
    }

    let joiner = joiner.as_ref().map_or_else(|| Ok(Value::from("")), text)?;
    state.apply_filter("join", &[Value::from(items), joiner])
}

/// `map`, whose filter looks at each item.
fn map(state: &mut State, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut args = args.into_values();
    if args.first().is_some_and(Value::is_none) {
        return Err(null("gets null"));
    }

    if let Some(filter) = args.get_mut(1)
        && let Some(looking) = filter.as_str().and_then(looking_one)
    {
        *filter = Value::from(looking);
    }
    state.apply_filter("map", &args)
}

/// A list or an object as text: as JSON with a space behind each comma.
fn write(written: &mut String, value: &Value, depth: usize) -> Result<(), Error> {
    if depth > DEEPEST || written.len() > LONGEST {
        let what = "is a list too long or too deep to be text: print its items";
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }

    match value.kind() {
        ValueKind::None | ValueKind::Undefined => return Err(null("holds null")),
        ValueKind::Seq | ValueKind::Iterable => {
            written.push('[');
            for (index, item) in value.try_iter()?.enumerate() {
                written.push_str(if index > 0 { ", " } else { "" });
                write(written, &item, depth + 1)?;
            }
            written.push(']');
        }
        ValueKind::Map if !is_stand_in(value) => {
            written.push('{');
            for (index, key) in value.try_iter()?.enumerate() {
                written.push_str(if index > 0 { ", " } else { "" });
                write(written, &key, depth + 1)?;
                written.push_str(": ");
                write(written, &value.get_item(&key)?, depth + 1)?;
            }
            written.push('}');
        }
        ValueKind::Plain => return Err(no_text()),
        ValueKind::Number => written.push_str(&number(value)?.to_string()),
        ValueKind::String => written.push_str(&serde_json::json!(value.as_str()).to_string()),
        ValueKind::Bool => written.push_str(if value.is_true() { "true" } else { "false" }),
        _ => written.push_str(&value.to_string()),
    }
    Ok(())
}

#[cfg(test)]
#[path = "strict_tests.rs"]
mod tests;
