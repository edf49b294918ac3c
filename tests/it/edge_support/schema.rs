//! A schema with everything that can go wrong.

use std::{
    sync::atomic::{AtomicI32, Ordering},
    time::Duration,
};

use async_graphql::{Context, Error, ErrorExtensions, ID, Json, Object, Result, Subscription};
use dingmirror::auth::Caller;
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;

fn failure<T>() -> Result<T> {
    Err(Error::new("it failed").extend_with(|_, extensions| extensions.set("code", "UPSTREAM_FAILED")))
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "hello"
    }
    async fn echo(&self, text: String) -> String {
        text
    }
    async fn same_id(&self, id: ID) -> String {
        id.0
    }
    async fn json(&self, of: Json<Value>) -> Json<Value> {
        of
    }
    async fn matrix(&self, of: Vec<Vec<i32>>) -> i32 {
        of.iter().flatten().sum()
    }
    async fn whoami(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_opt::<Caller>().map(|caller| caller.subject.clone())
    }
    async fn children(&self, #[graphql(default = 100)] first: i32) -> Vec<Query> {
        (0..first.clamp(0, 500)).map(|_| Query).collect()
    }
    /// Says nothing of its size beforehand.
    async fn numbers(&self, count: i32) -> Vec<i32> {
        (0..count).collect()
    }
    async fn panic(&self) -> i32 {
        let nobody: Option<i32> = None;
        assert!(nobody.is_some(), "a resolver's fault, made for the test");
        0
    }
    async fn slow(&self, seconds: u64) -> bool {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        true
    }
    async fn bare_failure(&self) -> Option<Result<i32>> {
        Some(Err(Error::new("without a code")))
    }

    async fn nullable(&self) -> Option<Result<i32>> {
        Some(failure())
    }
    async fn required(&self) -> Result<i32> {
        failure()
    }
    async fn item(&self) -> Option<Item> {
        Some(Item(0))
    }
    async fn required_item(&self) -> Item {
        Item(0)
    }
    async fn nullable_ints(&self) -> Option<Vec<Option<Result<i32>>>> {
        Some(vec![Some(Ok(1)), Some(failure()), Some(Ok(3))])
    }
    async fn required_ints(&self) -> Option<Vec<Result<i32>>> {
        Some(vec![Ok(1), failure(), Ok(3)])
    }
    async fn nullable_items(&self) -> Option<Vec<Option<Item>>> {
        Some((1..=3).map(|n| Some(Item(n))).collect())
    }
    async fn required_items(&self) -> Option<Vec<Item>> {
        Some((1..=3).map(Item).collect())
    }
}

pub(crate) struct Item(i32);

#[Object]
impl Item {
    async fn ok(&self) -> i32 {
        self.0
    }
    async fn nullable(&self) -> Option<Result<i32>> {
        Some(failure())
    }
    async fn required(&self) -> Result<i32> {
        failure()
    }
    async fn fails_if_two(&self) -> Result<i32> {
        if self.0 == 2 { failure() } else { Ok(self.0) }
    }
    async fn required_list(&self) -> Vec<Result<i32>> {
        vec![Ok(1), failure()]
    }
    async fn item(&self) -> Option<Item> {
        Some(Item(self.0))
    }
    async fn required_item(&self) -> Item {
        Item(self.0)
    }
}

/// Tells whether a mutation ran.
#[derive(Default)]
pub(crate) struct Counter(AtomicI32);

#[Object]
impl Counter {
    async fn add(&self, by: i32) -> i32 {
        self.0.fetch_add(by, Ordering::SeqCst) + by
    }
    async fn fail(&self) -> Option<Result<i32>> {
        Some(failure())
    }
}

pub(crate) struct Subscriptions;

#[Subscription]
impl Subscriptions {
    async fn ticks(&self, count: i32) -> impl Stream<Item = i32> {
        stream::iter(0..count)
    }
    async fn forever(&self) -> impl Stream<Item = i32> {
        stream::iter([1]).chain(stream::pending())
    }
    /// More than any client reads.
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(20_000)).map(|text| text)
    }
    /// Its source can't be opened.
    async fn closed(&self) -> Result<stream::Empty<i32>> {
        failure()
    }
    /// Its source fails at the second event.
    async fn failing(&self) -> impl Stream<Item = Result<i32>> {
        stream::iter([Ok(1), failure()])
    }
    async fn broken(&self) -> impl Stream<Item = i32> {
        stream::iter([1, 2]).map(|n| {
            if n == 2 {
                panic!("a stream's fault, made for the test")
            } else {
                n
            }
        })
    }
}
