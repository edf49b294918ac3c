//! JSON before it is parsed: depth, number of values and whole numbers that would lose digits, in one pass without
//! recursion. Parsing 2 MB of `[[[[0]]],…]` first and measuring then takes a hundred times the memory.

use super::{Code, Limits, Refusal};

/// Values beside those of the variables: the parameters themselves, and what clients tell of themselves in
/// `extensions`.
const OTHERS: usize = 1_000;
/// Deeper than any client's `extensions`.
const DEEPEST: usize = 32;

/// Refuses JSON that would become too many values or too deep ones. `outside`: how many objects are around the
/// request's own parameters. What isn't valid JSON may pass: the parser says where.
///
/// # Errors
/// A [`Refusal`] that names the limit of the variables or extensions, or `BAD_REQUEST` elsewhere.
pub fn measure_json(json: &[u8], outside: usize, limits: &Limits) -> Result<(), Refusal> {
    let allowed = limits.variable_values + OTHERS;
    let (mut depth, mut values, mut at) = (0_usize, 0_usize, 0_usize);
    let mut before = 0;
    // The parameter that we are in: the last text directly inside of the request's object.
    let mut parameter: &[u8] = b"";

    while let Some(&byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let start = at;
                at = end_of_string(json, at);
                if depth == outside + 1 && next_is_colon(json, at) {
                    parameter = &json[start..at.saturating_sub(1).max(start)];
                    before = values;
                }
            }
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            b'-' | b'0'..=b'9' => {
                let start = at - 1;
                at = end_of_number(json, at);
                if is_too_large(&json[start..at]) {
                    return Err(Refusal::new(
                        Code::BadRequest,
                        "the body has a whole number of more than 64 bits, which would lose digits: write it as text, in quotes",
                    ));
                }
            }
            _ => {}
        }

        let deepest = match parameter {
            b"variables" => limits.variable_depth + outside + 2,
            _ => DEEPEST + outside,
        };
        if depth > deepest {
            return Err(over(parameter, Measure::Depth, limits));
        }
        if values > allowed || (parameter == b"extensions" && values - before > OTHERS) {
            return Err(over(parameter, Measure::Values, limits));
        }
    }
    Ok(())
}

/// Behind the closing quote, or the end of the text.
fn end_of_string(json: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = json.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

fn end_of_number(json: &[u8], at: usize) -> usize {
    let part = |byte: &u8| !(byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    json[at..]
        .iter()
        .position(part)
        .map_or(json.len(), |length| at + length)
}

/// Whether a number is a whole one that the parser would make a fraction of.
fn is_too_large(number: &[u8]) -> bool {
    // Shorter ones always fit.
    number.len() > 18
        && str::from_utf8(number).is_ok_and(|number| {
            let is_whole = number.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
            is_whole && number.parse::<i64>().is_err() && number.parse::<u64>().is_err()
        })
}

fn next_is_colon(json: &[u8], at: usize) -> bool {
    let mut rest = json[at..].iter();
    rest.find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

enum Measure {
    Depth,
    Values,
}

fn over(parameter: &[u8], measure: Measure, limits: &Limits) -> Refusal {
    match (parameter, measure) {
        (b"variables", Measure::Depth) => Refusal::limit(
            "variableDepth",
            "the variables are nested too deep",
            limits.variable_depth,
        ),
        (b"variables", Measure::Values) => Refusal::limit(
            "variableValues",
            "the variables have too many values",
            limits.variable_values,
        ),
        (b"extensions", Measure::Depth) => {
            Refusal::limit("extensionDepth", "the extensions are nested too deep", DEEPEST)
        }
        (b"extensions", Measure::Values) => {
            Refusal::limit("extensionValues", "the extensions have too many values", OTHERS)
        }
        (_, Measure::Depth) => Refusal::new(
            Code::BadRequest,
            format!(
                "the body is nested more than {DEEPEST} levels deep: send `query`, `variables` and `operationName`"
            ),
        ),
        (_, Measure::Values) => Refusal::new(
            Code::BadRequest,
            format!(
                "the body has more than {} values: send `query`, `variables` and `operationName`",
                limits.variable_values + OTHERS
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limit(json: &str) -> Option<(Code, Option<&'static str>)> {
        let refusal = measure_json(json.as_bytes(), 0, &Limits::default()).err()?;
        Some((refusal.code, refusal.limit))
    }

    #[test]
    fn depth_and_values_are_bounded_by_the_parameter_they_stand_in() {
        let many = |parameter: &str, one: &str, n: usize| {
            format!(
                r#"{{"query":"{{a}}","{parameter}" : {{"v":[{}]}}}}"#,
                vec![one; n].join(",")
            )
        };
        assert_eq!(limit(&many("extensions", "1", 900)), None);
        assert_eq!(limit(&many("variables", "1", 19_000)), None);

        let exceeded = |name| Some((Code::LimitExceeded, Some(name)));
        assert_eq!(
            limit(&many("extensions", "[[[[0]]]]", 200_000)),
            exceeded("extensionValues")
        );
        assert_eq!(
            limit(&many("variables", "[[[[0]]]]", 200_000)),
            exceeded("variableValues")
        );
        assert_eq!(
            limit(&many("other", "[[[[0]]]]", 200_000)),
            Some((Code::BadRequest, None))
        );

        let deep = |parameter: &str, n| format!(r#"{{"{parameter}":{}"#, "[".repeat(n));
        assert_eq!(limit(&deep("extensions", 60)), exceeded("extensionDepth"));
        assert_eq!(limit(&deep("variables", 60)), exceeded("variableDepth"));
        assert_eq!(limit(&"[".repeat(100_000)), Some((Code::BadRequest, None)));
    }

    #[test]
    fn what_stands_in_texts_is_no_structure() {
        let text = "[{,".repeat(100_000);
        assert_eq!(
            limit(&format!(r#"{{"query":"{text}","variables":{{"a":"\"{text}\\"}}}}"#)),
            None
        );

        // A text with the name of a parameter is none where a value stands.
        let deep = "[".repeat(25) + &"]".repeat(25);
        assert_eq!(
            limit(&format!(r#"{{"operationName":"variables","extensions":{deep}}}"#)),
            None
        );
    }

    #[test]
    fn the_message_of_a_websocket_is_measured_one_level_further_in() {
        let payload = format!(r#"{{"payload":{{"variables":{{"v":{}"#, "[".repeat(40));
        let refusal = measure_json(payload.as_bytes(), 1, &Limits::default()).unwrap_err();
        assert_eq!(refusal.limit, Some("variableDepth"));
    }

    proptest! {
        /// Whatever the parser takes and finds deeper or larger than the limits was refused before.
        #[test]
        fn it_never_panics_and_hides_no_depth(json in "[\\[\\]{}\",:\\\\0a ]{0,200}") {
            let passes = measure_json(json.as_bytes(), 0, &Limits::default()).is_ok();
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&json) {
                prop_assert!(depth(&value) <= DEEPEST || !passes);
            }
        }
    }

    fn depth(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            serde_json::Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}
