//! A GraphQL document, and behind a line `---` its variables as JSON, on their way to the library.
//!
//! What is admitted stays within the limit of complexity, and is admitted again when it comes again: a document that is
//! kept is the one that was measured.

use std::sync::LazyLock;

use async_graphql::{Request, Variables};
use dingmirror::graphql::{
    Mutation, Query, Subscription,
    admission::{Documents, Limits, Sizes, Types, measure_json, measure_variables},
};

static TYPES: LazyLock<Types> = LazyLock::new(Types::of::<Query, Mutation, Subscription>);
static DOCUMENTS: LazyLock<Documents> = LazyLock::new(Documents::default);

/// One document with its variables.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (document, variables) = text.split_once("\n---\n").unwrap_or((&text, "{}"));
    let limits = Limits::default();

    if measure_json(variables.as_bytes(), 0, &limits).is_err() {
        return;
    }
    let Ok(variables) = serde_json::from_str::<Variables>(variables) else {
        return;
    };
    if measure_variables(&variables, &limits).is_err() {
        return;
    }

    let admit = || {
        let found = DOCUMENTS.find(document, &TYPES, &limits, true)?;
        let request = Request::new(document).variables(variables.clone());
        found.admit(request, &TYPES, &limits, true, || Sizes::UNKNOWN)
    };
    let first = admit();
    let again = admit();
    assert_eq!(
        first.is_ok(),
        again.is_ok(),
        "the second time it is judged in another way"
    );

    if let Ok(mut admitted) = first
        && let Some(cost) = admitted.cost(&TYPES, &limits, Sizes::UNKNOWN)
    {
        assert!(cost.requested <= cost.allowed, "{cost:?}");
    }
}
