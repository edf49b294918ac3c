//! The operator's list of trusted documents: what Relay's compiler writes (`{ "id": "text" }`), and Apollo's manifest
//! (`apollo-persisted-query-manifest`, version 1).

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{
    table::{Layers, TABLE},
    trusted_mode::TrustedMode,
};

/// Bytes of a list: far more than any front end's documents.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedManifest {
    /// No others are run.
    pub is_required: bool,
    /// The documents by their ids.
    pub documents: BTreeMap<String, String>,
}

/// The list as the layers have it; `None`: there is none, or it is told what is wrong with it.
pub(super) fn resolve(layers: &mut Layers<'_>) -> Option<TrustedManifest> {
    let (mode, file) = (layers.trusted_documents(), layers.trusted_documents_file());
    let (switch, name) = (TABLE.trusted_documents.variable, TABLE.trusted_documents_file.variable);

    match (mode, file) {
        (TrustedMode::Off, None) => None,
        (TrustedMode::Off, Some(_)) => {
            let remedy = format!("nothing is done with the file while {switch} is `off`: choose `prefer` or `require`");
            layers.mistakes.add(name, remedy);
            None
        }
        (_, None) => {
            layers
                .mistakes
                .add(switch, format!("name the file with the list in {name}"));
            None
        }
        (mode, Some(file)) => {
            let documents = layers.mistakes.take(name, read(&file))?;
            Some(TrustedManifest {
                is_required: mode == TrustedMode::Require,
                documents,
            })
        }
    }
}

fn read(file: &Path) -> Result<BTreeMap<String, String>, String> {
    let told = |what: &str| format!("{}: {what}", file.display());
    let size = std::fs::metadata(file).map_err(|error| told(&error.to_string()))?.len();
    if size > LARGEST {
        return Err(told(&format!("it has {size} bytes, at most {LARGEST} are read")));
    }
    let text = std::fs::read_to_string(file).map_err(|error| told(&error.to_string()))?;
    parse(&text).map_err(|what| told(&what))
}

/// Either form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Apollo {
        format: String,
        version: u32,
        operations: Vec<ApolloOperation>,
    },
    Relay(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let written = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            "it is neither an object of ids with their documents, as Relay's compiler writes it, nor a manifest of Apollo's".to_owned()
        } else {
            format!("it is no JSON at line {}, column {}", error.line(), error.column())
        }
    })?;

    match written {
        Written::Relay(documents) => Ok(documents),
        Written::Apollo {
            format,
            version: 1,
            operations,
        } if format == "apollo-persisted-query-manifest" => Ok(operations
            .into_iter()
            .map(|operation| (operation.id, operation.body))
            .collect()),
        Written::Apollo { format, version, .. } => Err(format!(
            "`{format}` of version {version} is not known: it has to be `apollo-persisted-query-manifest` of version 1"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_others_are_told() {
        let one = BTreeMap::from([("a1".to_owned(), "{ hello }".to_owned())]);
        assert_eq!(parse(r#"{ "a1": "{ hello }" }"#), Ok(one.clone()));
        let apollo = r#"{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
            { "id": "a1", "name": "Hello", "type": "query", "body": "{ hello }" } ] }"#;
        assert_eq!(parse(apollo), Ok(one));
        assert_eq!(parse("{}"), Ok(BTreeMap::new()));

        for (text, word) in [
            (apollo.replace(": 1,", ": 2,"), "version 2"),
            (apollo.replace("apollo-", "other-"), "other-persisted"),
            ("[]".to_owned(), "Relay"),
            (r#"{ "a1": 7 }"#.to_owned(), "Relay"),
            ("{".to_owned(), "line 1"),
        ] {
            let told = parse(&text).unwrap_err();
            assert!(told.contains(word), "{text}: {told}");
        }
    }
}
