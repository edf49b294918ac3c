//! The GraphQL schema: the public contract.
#![allow(missing_docs, unused_variables, dead_code, clippy::todo)]

use async_graphql::{EmptyMutation, Object, Schema, SchemaBuilder, Subscription};

use crate::{
    admin::Admin, clock::Clock, delivery::Delivery, dingtalk::Client, directory::SnapshotHandle,
    settings::SettingsHandle, store::Store, sync::SyncEngine,
};

pub mod admission;

/// What the resolvers work with.
#[derive(Clone)]
pub struct Services {
    pub store: Store,
    pub snapshots: SnapshotHandle,
    pub settings: SettingsHandle,
    pub admin: Admin,
    pub sync: SyncEngine,
    pub delivery: Delivery,
    pub client: Client,
    pub clock: Clock,
}

pub type AppSchema = Schema<Query, EmptyMutation, Subscriptions>;

/// The schema without any state: what `dingmirror schema` prints.
pub fn schema_builder() -> SchemaBuilder<Query, EmptyMutation, Subscriptions> {
    Schema::build(Query, EmptyMutation, Subscriptions)
}
pub fn schema(services: Services) -> AppSchema {
    schema_builder().data(services).finish()
}
pub fn sdl() -> String {
    schema_builder().finish().sdl()
}

pub struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "x"
    }
}
pub struct Subscriptions;
#[Subscription]
impl Subscriptions {
    async fn ticks(&self) -> impl futures_util::Stream<Item = i32> {
        futures_util::stream::iter(0..3)
    }
}
