//! The walk against the library: two types with the same fields, one walked and one resolved, are asked the same.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use async_graphql::{
    EmptyMutation, EmptySubscription, ObjectType, OutputType, Request, Response, Schema, Value, Variables,
};
use serde_json::json;

use super::*;
use crate::{
    auth::{Caller, Permission},
    graphql::{
        admission::{AdmissionBudget, BudgetLimits, Limits, Share, TimeLimit, Types, admit_text, apply_limits},
        error::ApiError,
        guard::visible,
        scalars::{BigInt, Json},
        services::ContextExt,
    },
};

/// A node of a tree: its number has the children ten times as large, up to a thousand.
struct Walked(i64);
struct Resolved(i64);

fn children(number: i64, first: i32) -> Result<Vec<i64>, ApiError> {
    let most = if number < 100 { 3 } else { 0 };
    if first < 0 {
        return Err(ApiError::bad_input("`first` is negative"));
    }
    Ok((1..=most)
        .take(usize::try_from(first).unwrap_or(0))
        .map(|n| number * 10 + n)
        .collect())
}

fn strict(number: i64) -> Result<String, ApiError> {
    if number % 10 == 2 {
        Err(ApiError::bad_input("twos have none"))
    } else {
        Ok(format!("\"{number}\"\n張"))
    }
}

walked! {
    /// A node.
    type Node = Walked;

    /// The number.
    fn number(&self) -> BigInt {
        BigInt(self.0)
    }

    /// The last figure.
    fn last_figure(&self) -> i32 {
        (self.0 % 10) as i32
    }

    /// Whether it is even; null of one.
    fn is_even(&self) -> Option<bool> {
        (self.0 != 1).then_some(self.0 % 2 == 0)
    }

    /// A text, with an error for twos that takes the node with it.
    fn strict(&self) -> Result<String, ApiError> {
        strict(self.0)
    }

    /// The same, with an error in its place.
    fn lenient(&self) -> Option<Result<String, ApiError>> {
        Some(strict(self.0))
    }

    /// Anything.
    fn anything(&self) -> Json {
        Json(json!({"b": [self.0, null], "a": {"x": true}}))
    }

    /// Not for everybody. Needs `directory:contact`.
    #[needs(DirectoryContact)]
    fn secret(&self) -> Option<i32> {
        Some(7)
    }

    /// Who asks.
    fn asker(&self, ctx: &WalkContext<'_>) -> Option<String> {
        ctx.caller().map(|caller| caller.subject.clone())
    }

    /// The parent.
    fn parent(&self) -> Option<Walked> {
        (self.0 >= 10).then_some(Walked(self.0 / 10))
    }

    /// The children.
    fn children(
        &self,
        #[desc("How many.")] #[default(2)] first: Option<i32>,
        #[desc("Nothing.")] after: Option<String>,
    ) -> Option<Result<Vec<Walked>, ApiError>> {
        let _ = after;
        Some(children(self.0, first.unwrap_or(2)).map(|all| all.into_iter().map(Walked).collect()))
    }

    /// The children that are there, and null in place of others.
    fn slots(&self) -> Vec<Option<Walked>> {
        (1..=3).map(|n| (n != 3).then_some(Walked(self.0 * 10 + n))).collect()
    }
}

/// A node.
#[async_graphql::Object(name = "Node")]
impl Resolved {
    /// The number.
    async fn number(&self) -> BigInt {
        BigInt(self.0)
    }

    /// The last figure.
    async fn last_figure(&self) -> i32 {
        (self.0 % 10) as i32
    }

    /// Whether it is even; null of one.
    async fn is_even(&self) -> Option<bool> {
        (self.0 != 1).then_some(self.0 % 2 == 0)
    }

    /// A text, with an error for twos that takes the node with it.
    async fn strict(&self) -> Result<String, ApiError> {
        strict(self.0)
    }

    /// The same, with an error in its place.
    async fn lenient(&self) -> Option<Result<String, ApiError>> {
        Some(strict(self.0))
    }

    /// Anything.
    async fn anything(&self) -> Json {
        Json(json!({"b": [self.0, null], "a": {"x": true}}))
    }

    /// Not for everybody. Needs `directory:contact`.
    async fn secret(&self, ctx: &async_graphql::Context<'_>) -> Option<Result<i32, ApiError>> {
        visible(ctx, Permission::DirectoryContact, || Some(7))
    }

    /// Who asks.
    async fn asker(&self, ctx: &async_graphql::Context<'_>) -> Option<String> {
        ctx.caller().map(|caller| caller.subject.clone())
    }

    /// The parent.
    async fn parent(&self) -> Option<Resolved> {
        (self.0 >= 10).then_some(Resolved(self.0 / 10))
    }

    /// The children.
    async fn children(
        &self,
        #[graphql(desc = "How many.", default = 2)] first: Option<i32>,
        #[graphql(desc = "Nothing.")] after: Option<String>,
    ) -> Option<Result<Vec<Resolved>, ApiError>> {
        let _ = after;
        Some(children(self.0, first.unwrap_or(2)).map(|all| all.into_iter().map(Resolved).collect()))
    }

    /// The children that are there, and null in place of others.
    async fn slots(&self) -> Vec<Option<Resolved>> {
        (1..=3).map(|n| (n != 3).then_some(Resolved(self.0 * 10 + n))).collect()
    }
}

/// The root of a schema over either.
struct Query<N>(fn(i64) -> N);

#[async_graphql::Object(concrete(name = "Query", params(Walked)), concrete(name = "Query", params(Resolved)))]
impl<N: OutputType> Query<N> {
    async fn node(&self, number: i32) -> Option<N> {
        Some((self.0)(number.into()))
    }

    async fn nodes(&self) -> Vec<N> {
        (1..=3).map(self.0).collect()
    }

    async fn long(&self) -> Option<Long> {
        Some(Long)
    }
}

/// Takes its time, or writes a lot.
struct Long;

walked! {
    /// Takes its time, or writes a lot.
    type Long = Long;

    /// Some milliseconds each.
    fn slow(&self) -> Vec<Slow> {
        (0..1_000).map(|_| Slow).collect()
    }

    /// Many bytes.
    fn texts(&self) -> Vec<String> {
        vec!["x".repeat(1_024); 1_000]
    }

    /// Looks at everybody, which is some milliseconds, and finds nobody.
    #[tags("heavy")]
    fn found(&self) -> Vec<Slow> {
        LOOKED.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(20));
        Vec::new()
    }

    waits
    /// Nothing, from the database.
    async fn changes(&self, ctx: &async_graphql::Context<'_>) -> Option<Slow> {
        let _ = ctx;
        None
    }
}

static LOOKED: AtomicUsize = AtomicUsize::new(0);

struct Slow;

walked! {
    /// Takes a millisecond.
    type Slow = Slow;

    /// When it is over.
    fn over(&self) -> bool {
        std::thread::sleep(Duration::from_millis(1));
        true
    }
}

type Of<N> = Schema<Query<N>, EmptyMutation, EmptySubscription>;

fn schema<N: OutputType + 'static>(node: fn(i64) -> N, limits: &Limits) -> Of<N>
where
    Query<N>: ObjectType,
{
    apply_limits(Schema::build(Query(node), EmptyMutation, EmptySubscription), limits).finish()
}

async fn ask<N: 'static>(schema: &Of<N>, text: &str, variables: serde_json::Value, caller: Option<Caller>) -> Response
where
    Query<N>: ObjectType,
{
    let known = caller.is_some();
    let mut request = Request::new(text)
        .variables(Variables::from_json(variables))
        .data(Plans::default());
    if let Some(caller) = caller {
        request = request.data(caller);
    }
    let types = Types::of::<Query<N>, EmptyMutation, EmptySubscription>();
    let admitted = admit_text(request, &types, &Limits::default(), known);
    schema.execute(admitted.expect("admitted").request).await
}

fn caller(permissions: &[Permission]) -> Caller {
    Caller {
        subject: "somebody".into(),
        permissions: permissions.iter().copied().collect(),
        expires_at: chrono::DateTime::UNIX_EPOCH,
        key: None,
        issuer: None,
        token: None,
        leeway: chrono::TimeDelta::zero(),
    }
}

/// With what is written already as values.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Binary(json) => serde_json::from_slice(json).expect("JSON"),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.to_string(), plain(value)))
            .collect(),
        leaf => leaf.clone().into_json().expect("JSON"),
    }
}

fn told(response: &Response) -> serde_json::Value {
    let mut errors: Vec<_> = response.errors.iter().map(|it| json!(it)).collect();
    errors.sort_by_key(|error| error["path"].to_string());
    json!({"data": plain(&response.data), "errors": errors})
}

const DOCUMENTS: &[&str] = &[
    "{ node(number: 1) { number lastFigure isEven strict lenient anything asker __typename } }",
    "{ a: node(number: 7) { b: number c: number __typename d: __typename } nodes { e: lenient } }",
    "{ node(number: 2) { number strict } }",
    "{ node(number: 1) { children(first: 3) { number strict } } }",
    "{ node(number: 1) { children(first: -1) { number } other: children { number parent { number } } } }",
    "{ node(number: 1) { slots { number strict slots { strict } } } }",
    "{ nodes { secret children { secret lenient children(first: 3) { secret } } } }",
    "{ nodes { strict } node(number: 12) { parent { parent { number } } } }",
    "query Q($n: Int, $first: Int = 3) { node(number: 1) { children(first: $n) { ...F } x: children(first: $first) { ...F } } } \
     fragment F on Node { number children(first: $first) { lastFigure } children(first: $first) { number } }",
    "query Q($yes: Boolean = true) { nodes { number @skip(if: $yes) isEven @include(if: $yes) } }",
    "{ node(number: 1) { children(after: \"x\") { number } c: children(first: 0) { number } d: children(first: null) { number } } }",
];

#[tokio::test]
async fn a_walk_answers_as_the_library_does() {
    let limits = Limits::default();
    let (walked, resolved) = (schema(Walked, &limits), schema(Resolved, &limits));
    let callers = [
        None,
        Some(caller(&[Permission::DirectoryRead])),
        Some(caller(&[Permission::DirectoryContact])),
    ];
    for document in DOCUMENTS {
        for caller in &callers {
            let ours = ask(&walked, document, json!({}), caller.clone()).await;
            let theirs = ask(&resolved, document, json!({}), caller.clone()).await;
            assert_eq!(told(&ours), told(&theirs), "{document}");
        }
    }

    assert_eq!(walked.sdl(), resolved.sdl());
}

#[tokio::test]
async fn a_walk_counts_the_nodes_that_the_library_counts() {
    let is_refused = |response: &Response| codes(response).iter().any(|code| code.contains("LIMIT_EXCEEDED"));
    for document in DOCUMENTS {
        let mut refusals = [0, 0];
        for response_nodes in 1..200 {
            let limits = Limits {
                response_nodes,
                ..Limits::default()
            };
            let ours = ask(&schema(Walked, &limits), document, json!({}), None).await;
            let theirs = ask(&schema(Resolved, &limits), document, json!({}), None).await;
            refusals[0] += usize::from(is_refused(&ours));
            refusals[1] += usize::from(is_refused(&theirs));
            if !is_refused(&ours) && !is_refused(&theirs) {
                break;
            }
        }
        assert!(refusals[0] > 1, "{document}");
        assert_eq!(refusals[0], refusals[1], "{document}");
    }
}

fn codes(response: &Response) -> Vec<String> {
    let code = |error: &async_graphql::ServerError| error.extensions.as_ref().and_then(|it| it.get("code").cloned());
    response
        .errors
        .iter()
        .filter_map(code)
        .map(|code| code.to_string())
        .collect()
}

async fn drawing_on(share: &Share, text: &str, time: Duration) -> Response {
    let request = Request::new(text).data(share.clone()).data(TimeLimit(time));
    schema(Walked, &Limits::default()).execute(request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_walk_waits_for_its_turn_and_ends_in_time() {
    let budget = AdmissionBudget::new(BudgetLimits {
        known_answers: 1,
        patience: Duration::from_millis(20),
        ..BudgetLimits::default()
    });
    let (other, share) = (budget.share(true), budget.share(true));
    let minute = Duration::from_secs(60);

    other.become_large().await.expect("the first");
    for text in ["{ long { slow { over } } }", "{ long { texts } }"] {
        let refused = drawing_on(&share, text, minute).await;
        assert_eq!(codes(&refused), ["\"RATE_LIMITED\""], "{text}");
        share.rest();
    }
    other.rest();

    let large = drawing_on(&share, "{ long { texts } }", minute).await;
    assert_eq!(
        plain(&large.data)["long"]["texts"][999],
        "x".repeat(1_024),
        "{:?}",
        large.errors
    );
    let late = drawing_on(&share, "{ long { slow { over } } }", Duration::from_millis(50)).await;
    assert_eq!(codes(&late), ["\"TIMEOUT\""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_getter_that_looks_at_everybody_the_clock_is_looked_at() {
    let budget = AdmissionBudget::new(BudgetLimits::default());
    let lists: String = (0..60).map(|n| format!("a{n}: found {{ over }} ")).collect();
    // As a walk, and by the library, list by list.
    for document in [
        format!("{{ long {{ {lists} }} }}"),
        format!("{{ long {{ {lists} changes {{ over }} }} }}"),
    ] {
        LOOKED.store(0, Ordering::Relaxed);
        let late = drawing_on(&budget.share(true), &document, Duration::from_millis(100)).await;
        assert_eq!(codes(&late), ["\"TIMEOUT\""], "{document}");
        let looked = LOOKED.load(Ordering::Relaxed);
        assert!(looked < 20, "{looked} of 60 lists were made in the time of five");
    }
}

#[tokio::test]
async fn a_walk_that_writes_too_much_is_ended() {
    let limits = Limits {
        response_bytes: 100_000,
        free_bytes: 1_000,
        ..Limits::default()
    };
    let response = schema(Walked, &limits).execute("{ long { texts } }").await;
    assert_eq!(codes(&response), ["\"LIMIT_EXCEEDED\""]);
    let limits = Limits {
        response_bytes: 2_000_000,
        ..limits
    };
    let response = schema(Walked, &limits).execute("{ long { texts } }").await;
    assert!(response.is_ok(), "{:?}", response.errors);
}
