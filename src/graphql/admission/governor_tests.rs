use async_graphql::{
    EmptyMutation, EmptySubscription, InputValueResult, Object, Scalar, ScalarType, Schema, Subscription,
};
use tokio_stream::{Stream, StreamExt};

use super::{
    super::{AdmissionBudget, BudgetLimits},
    *,
};

struct Query;

/// Counts how often it is made from a value, or is computed for long.
struct Counted;

static COUNTED: AtomicUsize = AtomicUsize::new(0);
static COMPUTED: AtomicUsize = AtomicUsize::new(0);
static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
static MOST_AT_ONCE: AtomicUsize = AtomicUsize::new(0);

#[Scalar]
impl ScalarType for Counted {
    fn parse(_: Value) -> InputValueResult<Self> {
        COUNTED.fetch_add(1, Ordering::Relaxed);
        Ok(Self)
    }
    fn to_value(&self) -> Value {
        Value::Null
    }
}

#[Object]
impl Query {
    async fn numbers(&self, count: i32) -> Vec<i32> {
        (0..count).collect()
    }
    async fn child(&self) -> Query {
        Query
    }
    async fn text(&self) -> String {
        "x".repeat(1024 * 1024)
    }
    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_secs(100)).await;
        1
    }
    async fn fetched(&self) -> i32 {
        MOST_AT_ONCE.fetch_max(AT_ONCE.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(1)).await;
        AT_ONCE.fetch_sub(1, Ordering::Relaxed);
        1
    }
    /// Needs `identity:read`.
    async fn guarded(&self, of: Counted) -> Option<i32> {
        let Counted = of;
        Some(1)
    }
    #[graphql(tag = "heavy")]
    async fn long(&self) -> i32 {
        COMPUTED.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(30));
        1
    }
}

fn types() -> Arc<Types> {
    Arc::new(Types::of::<Query, EmptyMutation, EmptySubscription>())
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    apply_limits(
        Schema::build(Query, EmptyMutation, EmptySubscription),
        &Limits::default(),
    )
    .finish()
}

fn codes(response: &Response) -> Vec<String> {
    let code = |error: &ServerError| error.extensions.as_ref().and_then(|e| e.get("code").cloned());
    response
        .errors
        .iter()
        .filter_map(code)
        .map(|code| code.to_string())
        .collect()
}

#[tokio::test]
async fn an_answer_with_too_many_nodes_ends_in_one_error() {
    let response = schema().execute("{ numbers(count: 60000) }").await;
    assert_eq!(codes(&response), ["\"LIMIT_EXCEEDED\""]);
    assert!(schema().execute("{ numbers(count: 40000) }").await.is_ok());
}

#[tokio::test]
async fn of_many_root_fields_only_some_are_resolved_side_by_side() {
    let many: String = (0..60).map(|n| format!("a{n}: fetched ")).collect();
    let request = async_graphql::Request::new(format!("{{ {many} }}")).data(types());
    assert!(schema().execute(request).await.is_ok());

    let most = MOST_AT_ONCE.load(Ordering::Relaxed);
    // The one that takes its turn meets the others at work, or is done before on a busy machine.
    let side_by_side = ROOTS_SIDE_BY_SIDE..=ROOTS_SIDE_BY_SIDE + 1;
    assert!(side_by_side.contains(&most), "{most}");
}

#[tokio::test]
async fn an_answer_with_too_many_bytes_ends_in_one_error() {
    let aliases = |count: usize| (0..count).map(|n| format!("a{n}: text ")).collect::<String>();
    let response = schema().execute(format!("{{ {} }}", aliases(26))).await;
    assert_eq!(codes(&response), ["\"LIMIT_EXCEEDED\""]);

    let error = &response.errors[0];
    assert!(error.message.contains("25165824"), "{}", error.message);
    let limit = error.extensions.as_ref().and_then(|e| e.get("limit"));
    assert_eq!(limit, Some(&Value::from("responseBytes")));

    assert!(schema().execute(format!("{{ {} }}", aliases(20))).await.is_ok());
}

struct Events;

#[Subscription]
impl Events {
    async fn events(&self) -> impl Stream<Item = Event> {
        tokio_stream::iter([Event(60_000), Event(1), Event(1)])
    }
}

struct Event(i32);

#[Object]
impl Event {
    async fn numbers(&self) -> Vec<i32> {
        (0..self.0).collect()
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_takes_none_of_the_next_ones_with_it() {
    let builder = Schema::build(Query, EmptyMutation, Events);
    let schema = apply_limits(builder, &Limits::default()).finish();

    // Both siblings are over the limit at once.
    let answers = schema.execute_stream("subscription { events { a: numbers b: numbers } }");
    let answers: Vec<Response> = answers.collect().await;
    let codes: Vec<_> = answers.iter().map(codes).collect();
    assert_eq!(codes, [vec!["\"LIMIT_EXCEEDED\"".to_owned()], vec![], vec![]]);
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_waits_for_its_turn_and_a_small_one_does_not() {
    let memory = AdmissionBudget::new(BudgetLimits {
        known_answers: 1,
        ..BudgetLimits::default()
    });
    let other = memory.share(true);
    other.become_large().await.unwrap();

    let ask = |text: &str| async_graphql::Request::new(text).data(memory.share(true));
    assert!(schema().execute(ask("{ numbers(count: 100) }")).await.is_ok());
    let refused = schema().execute(ask("{ text child { text } }")).await;
    assert_eq!(codes(&refused), ["\"RATE_LIMITED\""]);

    other.rest();
    assert!(schema().execute(ask("{ text child { text } }")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_takes_too_long_ends_in_one_error() {
    assert_eq!(codes(&schema().execute("{ child { slow } }").await), ["\"TIMEOUT\""]);
    let short = async_graphql::Request::new("{ slow }").data(TimeLimit(Duration::from_millis(5)));
    assert_eq!(codes(&schema().execute(short).await), ["\"TIMEOUT\""]);
}

#[tokio::test]
async fn a_field_that_needs_a_token_is_refused_before_its_arguments_are_made() {
    let ask = || async_graphql::Request::new("{ a: guarded(of: 1) b: guarded(of: 2) }");
    let response = schema().execute(ask().data(types())).await;
    assert_eq!(codes(&response), ["\"UNAUTHENTICATED\""; 2]);
    assert_eq!(response.errors[1].path, [PathSegment::Field("b".to_owned())]);
    assert_eq!(response.errors[1].locations, [Pos { line: 1, column: 21 }]);
    assert_eq!(response.data.to_string(), "{a: null, b: null}");
    assert_eq!(COUNTED.load(Ordering::Relaxed), 0);

    // Where nothing is known of the schema, the resolvers have the only word.
    assert!(schema().execute(ask()).await.is_ok());
    assert_eq!(COUNTED.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn between_fields_that_compute_for_long_the_time_is_looked_at() {
    let aliases: String = (0..20).map(|n| format!("a{n}: long ")).collect();
    let request = async_graphql::Request::new(format!("{{ {aliases} }}"))
        .data(types())
        .data(TimeLimit(Duration::from_millis(50)));

    assert_eq!(codes(&schema().execute(request).await), ["\"TIMEOUT\""]);
    let computed = COMPUTED.load(Ordering::Relaxed);
    assert!((1..20).contains(&computed), "{computed}");
}
