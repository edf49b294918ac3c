//! Documents that were asked before: neither measured, nor parsed, counted and validated again.
//!
//! * A document is kept when it is asked for the second time: whoever sends a new one each time fills nothing.
//! * What was refused is never kept.
//! * Callers who have shown a token have a shelf of their own, and strangers theirs: nobody unknown takes a place from
//!   anybody else. Whoever asks gets what stands on either: the text says all, and the fields guard themselves.
//! * A shelf is bounded in bytes. What is asked often stays there when many come that are asked twice (Clock-PRO).

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quick_cache::{OptionsBuilder, Weighter, sync::Cache};

use super::{
    Limits, Refusal, Types,
    admit::valid,
    document::{ByText, Document},
};

/// Bytes of the documents of callers with a token: hundreds of large ones.
const KNOWN_BYTES: usize = 16 * 1024 * 1024;
/// The same of everybody else: an introspection takes a fortieth of it.
const STRANGERS_BYTES: usize = 2 * 1024 * 1024;

/// The hash by which a persisted document is asked for: SHA-256 of its text.
pub type DocumentHash = [u8; 32];

/// The documents of a server. Those that are registered by hash have shelves of their own, of the same sizes.
#[derive(Debug)]
pub struct Documents {
    known: Shelf,
    strangers: Shelf,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            known: Shelf::new(KNOWN_BYTES),
            strangers: Shelf::new(STRANGERS_BYTES),
        }
    }
}

impl Documents {
    /// The document of this text, ready to run. `known`: the caller has shown a token.
    ///
    /// # Errors
    /// It is too large, or doesn't fit the schema.
    pub fn find(&self, text: &str, types: &Types, limits: &Limits, known: bool) -> Result<Arc<Document>, Refusal> {
        if let Some(document) = self.kept(text, known) {
            return Ok(document);
        }

        let document = Arc::new(Document::new(text, valid(text, types, limits)?));
        let shelf = self.shelf(known);
        if shelf.seen.again(text) {
            shelf.keep(&document);
        }
        Ok(document)
    }

    /// Whether [`Self::find`] has it at hand.
    pub fn has(&self, text: &str) -> bool {
        [&self.known, &self.strangers]
            .iter()
            .any(|shelf| shelf.kept.contains_key(text))
    }

    /// A document that the operator trusts: kept at once, whoever asks.
    ///
    /// # Errors
    /// As those of [`Self::find`].
    pub fn trusted(&self, text: &str, types: &Types, limits: &Limits) -> Result<Arc<Document>, Refusal> {
        if let Some(document) = self.kept(text, true) {
            return Ok(document);
        }
        let document = Arc::new(Document::new(text, valid(text, types, limits)?));
        self.known.keep(&document);
        Ok(document)
    }

    /// The document that somebody registered by this hash.
    pub fn registered(&self, hash: &DocumentHash) -> Option<Arc<Document>> {
        let [own, other] = [&self.known, &self.strangers];
        own.registered.get(hash).or_else(|| other.registered.get(hash))
    }

    /// Registers a document. The caller has found its text to be of this hash.
    pub fn register(&self, hash: DocumentHash, document: Arc<Document>, known: bool) {
        self.shelf(known).registered.insert(hash, document.keep());
    }

    /// Bytes that are kept, those of registered documents included.
    pub fn bytes(&self) -> u64 {
        let shelves = [&self.known, &self.strangers];
        let bytes = shelves.map(|shelf| shelf.kept.weight() + shelf.registered.weight());
        bytes.iter().sum()
    }

    fn kept(&self, text: &str, known: bool) -> Option<Arc<Document>> {
        let (own, other) = (self.shelf(known), self.shelf(!known));
        own.kept.get(text).or_else(|| {
            // A stranger's document that somebody known asks for gets a place that strangers can't take.
            let found = other.kept.get(text)?;
            if known {
                own.keep(&found);
            }
            Some(found)
        })
    }

    fn shelf(&self, known: bool) -> &Shelf {
        if known { &self.known } else { &self.strangers }
    }
}

#[derive(Debug)]
struct Shelf {
    kept: Cache<ByText, Arc<Document>, ByBytes>,
    registered: Cache<DocumentHash, Arc<Document>, ByBytes>,
    seen: Seen,
}

impl Shelf {
    fn new(bytes: usize) -> Self {
        Self {
            kept: cache(bytes),
            registered: cache(bytes),
            seen: Seen::default(),
        }
    }

    fn keep(&self, document: &Arc<Document>) {
        let document = document.clone().keep();
        self.kept.insert(ByText(document.clone()), document);
    }
}

/// A cache of so many bytes. A document is some tens of kilobytes, and none a quarter of the smallest shelf.
fn cache<K: Eq + std::hash::Hash>(bytes: usize) -> Cache<K, Arc<Document>, ByBytes> {
    let options = OptionsBuilder::new()
        .estimated_items_capacity(bytes / (16 * 1024))
        .weight_capacity(u64::try_from(bytes).unwrap_or(u64::MAX))
        .shards(1)
        .build()
        .expect("both capacities are given");
    Cache::with_options(
        options,
        ByBytes,
        quick_cache::DefaultHashBuilder::default(),
        quick_cache::sync::DefaultLifecycle::default(),
    )
}

#[derive(Debug, Clone)]
struct ByBytes;

impl<K> Weighter<K, Arc<Document>> for ByBytes {
    fn weight(&self, _: &K, document: &Arc<Document>) -> u64 {
        u64::try_from(document.bytes()).unwrap_or(u64::MAX)
    }
}

/// Which texts were seen lately, by a hash that nobody outside can know. One that falls into another's place makes
/// that be seen anew.
#[derive(Debug)]
struct Seen {
    hasher: RandomState,
    places: Box<[AtomicU64]>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            places: (0..4_096).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Seen {
    /// Whether it was seen before. From now on it was.
    fn again(&self, text: &str) -> bool {
        let hash = self.hasher.hash_one(text) | 1;
        let place = usize::try_from(hash >> 1).unwrap_or(usize::MAX) % self.places.len();
        self.places[place].swap(hash, Ordering::Relaxed) == hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str = "type Query { a(n: Int): Int self: Query }";

    struct Server {
        documents: Documents,
        types: Types,
    }

    impl Server {
        fn new() -> Self {
            Self {
                documents: Documents::default(),
                types: Types::of_sdl(SDL),
            }
        }

        fn ask(&self, text: &str, known: bool) -> Result<Arc<Document>, Refusal> {
            self.documents.find(text, &self.types, &Limits::default(), known)
        }

        fn is_kept(&self, text: &str, known: bool) -> bool {
            self.documents.shelf(known).kept.contains_key(text)
        }
    }

    #[test]
    fn what_is_asked_twice_is_kept_and_what_is_refused_is_not() {
        let server = Server::new();
        let first = server.ask("{ a }", true).unwrap();
        assert!(!server.is_kept("{ a }", true));
        server.ask("{ a }", true).unwrap();
        let third = server.ask("{ a }", true).unwrap();
        assert!(!Arc::ptr_eq(&first, &third) && Arc::ptr_eq(&third, &server.ask("{ a }", false).unwrap()));

        for _ in 0..3 {
            assert!(server.ask("{ b }", true).is_err());
            assert!(server.ask("{ a", true).is_err());
        }
        assert_eq!(server.documents.known.kept.len(), 1);
        assert!(
            !server.is_kept("{ a }", false),
            "a stranger asked for what stands elsewhere"
        );
    }

    #[test]
    fn one_that_strangers_had_first_gets_a_place_among_the_known() {
        let server = Server::new();
        for known in [false, false, true] {
            server.ask("{ self { a } }", known).unwrap();
        }
        assert!(server.is_kept("{ self { a } }", true));
    }

    #[test]
    fn a_flood_stays_in_its_bounds_and_on_its_own_shelf() {
        let server = Server::new();
        for _ in 0..3 {
            server.ask("{ self { self { a } } }", true).unwrap();
        }

        let wide: String = (0..99).map(|n| format!("a{n}: a(n: {n}) ")).collect();
        for n in 0..120 {
            let text = format!("{{ n{n}: a {wide} }}");
            for _ in 0..2 {
                server.ask(&text, false).unwrap();
            }
        }

        let strangers = &server.documents.strangers.kept;
        assert!(
            strangers.weight() <= STRANGERS_BYTES as u64 && strangers.len() < 120,
            "{}",
            strangers.len()
        );
        assert!(strangers.len() > 4, "{}", strangers.len());
        assert!(server.is_kept("{ self { self { a } } }", true));
        assert!(server.documents.bytes() < (STRANGERS_BYTES + KNOWN_BYTES) as u64);
    }

    #[test]
    fn a_form_that_is_far_larger_than_its_document_is_not_kept_with_it() {
        let server = Server::new();
        let fragment = "fragment F on Query { a self { a self { a self { a self { a self { a } } } } } }";
        let many: String = (0..70).map(|n| format!("a{n}: self {{ ...F }} ")).collect();
        for (text, is_kept) in [
            (format!("{{ {many} }} {fragment}"), false),
            (format!("{{ self {{ ...F }} }} {fragment}"), true),
            ("{ self { self { a } } }".to_owned(), true),
        ] {
            for _ in 0..2 {
                server.ask(&text, true).unwrap();
            }
            let document = server.ask(&text, true).unwrap();
            let (_, operation) = document.parsed.operations.iter().next().unwrap();
            let template = document.template(None, operation, &server.types, &Limits::default());
            assert_eq!(template.is_some(), is_kept, "{text}");
        }
    }

    #[test]
    fn a_document_that_is_asked_once_fills_nothing() {
        let server = Server::new();
        for n in 0..1_000 {
            server.ask(&format!("{{ n{n}: a }}"), true).unwrap();
        }
        assert_eq!(server.documents.bytes(), 0);
    }
}
