//! Documents that are named instead of sent: automatic persisted queries, as Apollo's clients send them, and the
//! operator's list of trusted documents.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use async_graphql::{Value, Variables};
use aws_lc_rs::digest::{SHA256, digest};

use crate::graphql::admission::{Code, Document, DocumentHash, Documents, Limits, Refusal, Types};

/// Apollo's clients look for these very texts: after the first they send the whole document, after the second they send
/// hashes no more.
const NOT_FOUND: &str = "PersistedQueryNotFound";
const NOT_SUPPORTED: &str = "PersistedQueryNotSupported";

/// What the server does with documents that are named.
#[derive(Debug, Clone)]
pub struct PersistedDocuments {
    /// Clients may register documents by their hash and ask for them by it.
    pub automatic: bool,
    /// The operator's list.
    pub trusted: Option<TrustedDocuments>,
}

impl Default for PersistedDocuments {
    fn default() -> Self {
        Self {
            automatic: true,
            trusted: None,
        }
    }
}

/// Documents that the operator trusts. Cheap to clone.
#[derive(Clone)]
pub struct TrustedDocuments(Arc<Listed>);

struct Listed {
    by_id: HashMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
    is_required: bool,
}

impl fmt::Debug for TrustedDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TrustedDocuments({}, required: {})",
            self.0.by_id.len(),
            self.0.is_required
        )
    }
}

impl TrustedDocuments {
    /// These documents by their ids. `is_required`: no others are run.
    pub fn new(documents: impl IntoIterator<Item = (String, String)>, is_required: bool) -> Self {
        let by_id: HashMap<String, Arc<str>> = documents.into_iter().map(|(id, text)| (id, text.into())).collect();
        Self(Arc::new(Listed {
            texts: by_id.values().cloned().collect(),
            by_id,
            is_required,
        }))
    }

    /// Those that don't fit the schema, by their ids, with the reason.
    pub(in crate::http) fn unfit(&self, types: &Types, limits: &Limits) -> Vec<(&str, Refusal)> {
        // Not kept: a long list would push out what is asked for.
        let probe = Documents::default();
        let unfit = self.0.by_id.iter().filter_map(|(id, text)| {
            let refusal = probe.find(text, types, limits, false).err()?;
            Some((id.as_str(), refusal))
        });
        unfit.collect()
    }
}

/// The document that a request asks for, in one way or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::http) struct Asked {
    /// Its text.
    pub(in crate::http) query: Option<String>,
    /// `extensions.persistedQuery.sha256Hash`.
    pub(in crate::http) hash: Option<String>,
    /// `documentId`, `id` or `doc_id`.
    pub(in crate::http) id: Option<String>,
}

impl Asked {
    /// `persistedQuery { version: 1, sha256Hash }` of the extensions.
    pub(super) fn hash_of(extensions: &Variables) -> Result<Option<String>, Refusal> {
        let persisted = match extensions.get("persistedQuery") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Object(persisted)) => persisted,
            Some(_) => return Err(Refusal::bad_request("`extensions.persistedQuery` has to be an object")),
        };

        if persisted.get("version") != Some(&Value::from(1)) {
            return Err(Refusal::bad_request(
                "Unsupported persisted query version: `extensions.persistedQuery.version` has to be 1",
            ));
        }
        match persisted.get("sha256Hash") {
            Some(Value::String(hash)) => Ok(Some(hash.clone())),
            _ => Err(Refusal::bad_request(
                "`extensions.persistedQuery.sha256Hash` has to be a string",
            )),
        }
    }

    /// Whether it is at hand, so that nothing is left to be parsed.
    pub(in crate::http) fn is_kept(&self, documents: &Documents) -> bool {
        self.query.as_ref().is_none_or(|text| documents.has(text))
    }

    /// The document.
    ///
    /// # Errors
    /// It isn't known, it isn't trusted, its hash is another one, or it doesn't fit the schema.
    pub(super) fn document(
        &self,
        documents: &Documents,
        rules: &PersistedDocuments,
        (types, limits): (&Types, &Limits),
        known: bool,
    ) -> Result<Arc<Document>, Refusal> {
        let trusted = rules.trusted.as_ref().map(|trusted| &*trusted.0);
        let Some(text) = &self.query else {
            let mut named = [&self.hash, &self.id].into_iter().flatten();
            return match named.find_map(|id| trusted?.by_id.get(id)) {
                Some(text) => documents.trusted(text, types, limits),
                None => self.registered(documents, rules),
            };
        };

        let registers = self.hash.as_ref().map(|told| matching(told, text)).transpose()?;
        if let Some(trusted) = trusted {
            if trusted.texts.contains(text.as_str()) {
                return documents.trusted(text, types, limits);
            }
            if trusted.is_required {
                return Err(not_trusted());
            }
        }

        let document = documents.find(text, types, limits, known)?;
        if let Some(hash) = registers.filter(|_| rules.automatic) {
            documents.register(hash, document.clone(), known);
        }
        Ok(document)
    }

    /// What a client registered, if the operator's list doesn't have it.
    fn registered(&self, documents: &Documents, rules: &PersistedDocuments) -> Result<Arc<Document>, Refusal> {
        if rules.trusted.as_ref().is_some_and(|trusted| trusted.0.is_required) {
            return Err(not_trusted());
        }
        let Some(hash) = &self.hash else {
            let told =
                "no document is known by this id: the operator's list of trusted documents has them; send `query`";
            return Err(Refusal::new(Code::PersistedQueryNotFound, told));
        };
        if !rules.automatic {
            return Err(Refusal::new(Code::PersistedQueryNotSupported, NOT_SUPPORTED));
        }

        let found = bytes_of(hash).and_then(|hash| documents.registered(&hash));
        found.ok_or_else(|| Refusal::new(Code::PersistedQueryNotFound, NOT_FOUND))
    }
}

fn not_trusted() -> Refusal {
    Refusal::new(
        Code::DocumentNotTrusted,
        "only documents of the operator's list are run: send the id of one, or its text to the letter",
    )
}

/// The hash, if it is the text's.
fn matching(told: &str, text: &str) -> Result<DocumentHash, Refusal> {
    let hash = DocumentHash::try_from(digest(&SHA256, text.as_bytes()).as_ref()).ok();
    hash.filter(|hash| bytes_of(told) == Some(*hash)).ok_or_else(|| {
        Refusal::bad_request(
            "provided sha does not match query: `sha256Hash` has to be the SHA-256 of `query`, in hexadecimal digits",
        )
    })
}

fn bytes_of(hash: &str) -> Option<DocumentHash> {
    let mut bytes = DocumentHash::default();
    hex::decode_to_slice(hash, &mut bytes).ok().map(|()| bytes)
}
