//! The limits, each with its reason.

use std::time::Duration;

/// The largest page of any connection; a larger `first` is clamped to it.
pub const MAX_PAGE: usize = 500;

/// What a request may use. [`Limits::default`] is what the server runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a document. GraphiQL's introspection has 1.8 kB, generated Relay documents some 20 kB.
    pub bytes: usize,
    /// Nesting of `()`, `[]` and `{}`. The parser recurses on each, on the stack: 2,000 levels end the process.
    /// Introspection nests 15.
    pub nesting: usize,
    /// Tokens of a document. Bounds what the parser allocates and how long it takes, about 15 µs a token in a debug
    /// build.
    pub tokens: usize,
    /// Names outside of arguments: fields, aliases, types, fragments. They are the parser's slowest tokens.
    pub names: usize,
    /// Bytes of all those names together: the library measures unknown ones letter by letter against every known one.
    pub name_bytes: usize,
    /// Bytes of one name or number.
    pub name: usize,
    /// Nesting of the variables: a filter ten deep takes two levels each.
    pub variable_depth: usize,
    /// Values in the variables: 1,000 Confluence identities of five fields are 6,000.
    pub variable_values: usize,
    /// Bytes of text in the variables.
    pub variable_bytes: usize,
    /// Values in the arguments of all fields, a variable counted as often as it is used.
    pub used_values: usize,
    /// Bytes of text among them: the largest import of links as a rehearsal and in earnest.
    pub used_bytes: usize,
    /// Operations in a document. Clients send one, GraphiQL what stands in the tab.
    pub operations: usize,
    /// Fragment definitions in a document; Relay writes one per component.
    pub fragments: usize,
    /// Fields below each other, fragments expanded. Introspection, and so GraphiQL, needs 15, three levels
    /// of departments with their people and those' departments 18 in the form of edges and nodes.
    pub depth: usize,
    /// Selections (fields, spreads and inline fragments) with all fragments expanded.
    pub selections: usize,
    /// Selections of the normal form, where what is selected of an interface or a union is written out for each of its
    /// types.
    pub merged: usize,
    /// Aliases, expanded: each runs its field once more.
    pub aliases: usize,
    /// Directives, expanded.
    pub directives: usize,
    /// Root fields of a mutation. Rate limits count fields, not requests: 50 aliases of `sendMessage` are 50 messages.
    pub mutation_fields: usize,
    /// Cost by list sizes, before anything runs: the nodes that the answer could have if every page came full.
    pub complexity: usize,
    /// Fields and list items that an answer really has. 50,000 are about 2 MB.
    pub response_nodes: usize,
    /// Bytes of memory that an answer takes while it is made, counted value by value. 50,000 fields are about 8 MB, a
    /// raw record of DingTalk's some 5 kB; the links of 100,000 people as CSV are 10 MB.
    pub response_bytes: usize,
    /// An answer of more bytes than this waits for its turn, see [`super::AdmissionBudget`].
    pub free_bytes: usize,
    /// Errors in an answer. 20,000 unknown fields made 2 MB of them.
    pub errors: usize,
    /// How long one operation, or one event of a subscription, may take where the request sets no [`super::TimeLimit`].
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            nesting: 32,
            tokens: 3_000,
            names: 1_500,
            name_bytes: 16 * 1024,
            name: 128,
            variable_depth: 24,
            variable_values: 20_000,
            variable_bytes: 1024 * 1024,
            used_values: 20_000,
            used_bytes: 2 * 1024 * 1024 + 64 * 1024,
            operations: 20,
            fragments: 200,
            depth: 20,
            selections: 1_000,
            merged: 4_000,
            aliases: 100,
            directives: 50,
            mutation_fields: 10,
            complexity: 100_000,
            response_nodes: 50_000,
            response_bytes: 24 * 1024 * 1024,
            free_bytes: 256 * 1024,
            errors: 20,
            time: Duration::from_secs(30),
        }
    }
}

/// What a field costs beside its children where it walks over everybody: a document holds a few dozen of them, not
/// hundreds.
pub(super) const WALK: usize = 2_000;
