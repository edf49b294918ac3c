//! The GraphQL schema: the public contract. By feature: a file holds a type with its queries and mutations; this one merges.
//!
//! Rules that the library's null propagation wants (7.0.19): a nullable field that can fail is `Option<Result<T, ApiError>>`,
//! never `Result<Option<T>>`; root fields and mutations that can fail are nullable; leaf columns can't fail.

pub mod admission;
mod connection;
mod error;
mod guard;
mod ids;
mod scalars;
mod user_error;

use async_graphql::{EmptyMutation, MergedObject, Object, Schema, SchemaBuilder, Subscription};

use crate::{
    admin::Admin, clock::Clock, delivery::Delivery, dingtalk::Client, directory::SnapshotHandle,
    settings::SettingsHandle, store::Store, sync::SyncEngine,
};

pub use error::ApiError;

/// What the resolvers work with.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The directory in memory.
    pub snapshots: SnapshotHandle,
    /// The settings in force.
    pub settings: SettingsHandle,
    /// Changes the settings.
    pub admin: Admin,
    /// Runs syncs.
    pub sync: SyncEngine,
    /// Sends messages.
    pub delivery: Delivery,
    /// Calls DingTalk.
    pub client: Client,
    /// The time.
    pub clock: Clock,
}

/// The schema with its roots.
pub type AppSchema = Schema<Query, EmptyMutation, Subscriptions>;

/// The schema without any state: what `dingmirror schema` prints.
pub fn schema_builder() -> SchemaBuilder<Query, EmptyMutation, Subscriptions> {
    admission::apply_limits(
        Schema::build(Query, EmptyMutation, Subscriptions),
        &admission::Limits::default(),
    )
}

/// The schema that serves.
pub fn schema(services: Services) -> AppSchema {
    schema_builder().data(services).finish()
}

/// The schema as text, in a stable order.
pub fn sdl() -> String {
    use async_graphql::SDLExportOptions;
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .use_space_ident();
    schema_builder().finish().sdl_with_options(options)
}

/// placeholder root
pub struct Query;
#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "x"
    }
}
/// placeholder root
pub struct Subscriptions;
#[Subscription]
impl Subscriptions {
    async fn ticks(&self) -> impl futures_util::Stream<Item = i32> {
        futures_util::stream::iter(0..3)
    }
}
