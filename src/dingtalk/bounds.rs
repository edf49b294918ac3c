//! What is kept of a record at most: one answer must not fill memory and database.

use serde_json::Value;

use super::fields::Object;
use crate::directory::Raw;

/// Bytes of a whole record, about. A real one has some thousand.
const MOST_OF_RECORD: usize = 64 * 1024;
/// Bytes of one field, of a record that is too large.
const MOST_OF_FIELD: usize = 4 * 1024;
/// Characters of a text.
const MOST_OF_TEXT: usize = 10_000;
/// Departments of one person.
pub(super) const MOST_DEPARTMENTS: usize = 10_000;
/// Under this name a record that was too large has the names of what was left out.
const LEFT_OUT: &str = "dingmirror_left_out";

/// The whole record; of one that is too large the fields that aren't.
pub(super) fn raw(object: &Object) -> Raw {
    if object.values().map(weight).sum::<usize>() <= MOST_OF_RECORD {
        return Raw::of(object);
    }

    let (mut kept, mut left_out, mut sum) = (Object::new(), Vec::new(), 0);
    for (name, value) in object {
        let weight = weight(value);
        if weight <= MOST_OF_FIELD && sum + weight <= MOST_OF_RECORD {
            sum += weight;
            kept.insert(name.clone(), value.clone());
        } else if left_out.len() < 100 {
            left_out.push(Value::from(text(name.clone())));
        }
    }

    kept.insert(LEFT_OUT.to_owned(), left_out.into());
    Raw::of(&kept)
}

/// The beginning of a text that is too long.
pub(super) fn text(mut text: String) -> String {
    if text.len() > MOST_OF_TEXT
        && let Some((end, _)) = text.char_indices().nth(MOST_OF_TEXT)
    {
        text.truncate(end);
    }
    text
}

/// About as many bytes as its text has.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 8,
        Value::Array(values) => values.iter().map(weight).sum::<usize>() + 8,
        Value::Object(object) => {
            object
                .iter()
                .map(|(name, value)| name.len() + weight(value))
                .sum::<usize>()
                + 8
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_usual_record_is_whole_and_a_huge_one_keeps_what_is_not() {
        let usual = json!({ "userid": "u1", "name": "anna", "dept_id_list": [1, 2] });
        let usual = usual.as_object().expect("an object");
        assert_eq!(raw(usual), Raw::of(usual));

        let mut huge = usual.clone();
        huge.insert("remark".into(), "x".repeat(30 << 20).into());
        huge.insert("list".into(), json!(vec![0; 100_000]));
        let kept = raw(&huge).value();
        assert_eq!(kept["name"], "anna");
        assert_eq!(kept[LEFT_OUT], json!(["list", "remark"]));
        assert!(raw(&huge).text().len() < MOST_OF_RECORD);

        assert_eq!(text("é".repeat(20_000)).chars().count(), MOST_OF_TEXT);
        assert_eq!(text("short".into()), "short");
    }
}
