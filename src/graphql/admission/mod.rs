//! Measures a document before anything costly happens to it: before the parser (bytes, nesting, tokens), after it (fields, aliases,
//! directives, fragments, memoised), and while it runs (response nodes, errors, time).
