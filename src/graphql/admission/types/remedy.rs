//! What a caller is told who gave a value of the wrong type.

use super::{Scalar, TypeDefKind};

/// What would be right: the values of an enum, or what a scalar says of itself.
pub(in crate::graphql::admission) fn remedy(kind: &TypeDefKind) -> String {
    match kind {
        TypeDefKind::Enum(values) if values.len() <= 30 => {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            format!(", which has {}", values.join(", "))
        }
        TypeDefKind::Scalar(Scalar::Int) => ", a whole number of 32 bits".to_owned(),
        // Its first sentence: the rest is for whoever reads the schema.
        TypeDefKind::Scalar(Scalar::Custom { description, .. }) if !description.is_empty() => {
            let line = description.split_whitespace().collect::<Vec<_>>().join(" ");
            let sentence = line.split(". ").next().unwrap_or_default().trim_end_matches('.');
            let mut rest = sentence.chars();
            let first: String = rest.next().into_iter().flat_map(char::to_lowercase).collect();
            format!(": {first}{}", rest.as_str())
        }
        _ => String::new(),
    }
}
