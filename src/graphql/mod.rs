//! The GraphQL schema: the public contract. By feature: a file holds a type with its queries and mutations; this one
//! merges.
//!
//! Rules that the library's null propagation wants (7.0.19): a nullable field that can fail is `Option<Result<T,
//! ApiError>>`, never `Result<Option<T>>`; root fields and mutations that can fail are nullable; leaf columns can't
//! fail.

pub mod admission;
mod change;
mod connection;
mod content_json;
mod content_of;
mod department;
mod department_list;
mod department_selection;
mod enums;
mod error;
mod feed;
mod guard;
mod held_removals;
mod identity;
mod identity_census;
mod identity_known;
mod identity_link;
mod identity_linking;
mod identity_rehearsal;
mod ids;
mod match_change;
mod membership;
mod message;
mod message_content;
mod message_days;
mod message_delivery;
mod message_feed;
mod message_policy;
mod message_preview;
mod message_recall;
mod message_recipients;
mod message_template;
mod message_template_preview;
mod message_template_saving;
mod message_updates;
mod mirror;
mod node;
mod recipient;
mod recipient_preview;
mod refresh;
mod scalars;
mod sdl;
mod send_message;
mod settings;
mod settings_input;
mod start_sync;
mod sync_change;
mod sync_evidence;
mod sync_run;
mod user;
mod user_by_mobile;
mod user_error;
mod user_list;
mod viewer;

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder};

use crate::{
    admin::{Admin, Linking},
    clock::Clock,
    delivery::Delivery,
    dingtalk::Client,
    directory::SnapshotHandle,
    identity::Identities,
    intake::Intake,
    matching::{Matching, Mobiles},
    settings::SettingsHandle,
    store::Store,
    sync::SyncEngine,
};

pub use error::ApiError;
use error::NO_TOKEN;
pub use message_feed::MessageFeed;
pub use sdl::sdl;

/// What the resolvers work with.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The directory in memory.
    pub snapshots: SnapshotHandle,
    /// The links by hand and the identities that are known.
    pub identities: Identities,
    /// The settings in force.
    pub settings: SettingsHandle,
    /// Changes the settings.
    pub admin: Admin,
    /// Changes links by hand.
    pub linking: Linking,
    /// Remembers identities and watches who they are.
    pub matching: Matching,
    /// Asks DingTalk for mobile numbers.
    pub mobiles: Mobiles,
    /// Runs syncs.
    pub sync: SyncEngine,
    /// Sends messages.
    pub delivery: Delivery,
    /// Calls DingTalk.
    pub client: Client,
    /// The time.
    pub clock: Clock,
    /// Takes DingTalk's events in.
    pub intake: Intake,
    /// Hears what becomes of messages.
    pub message_feed: MessageFeed,
}

/// Reading: the directory, identities, messages, settings and syncs.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    viewer::ViewerQuery,
    mirror::MirrorQuery,
    department_list::DepartmentQuery,
    user_list::UserQuery,
    user_by_mobile::MobileQuery,
    change::ChangeQuery,
    identity::IdentityQuery,
    identity_link::LinkQuery,
    identity_census::CensusQuery,
    identity_rehearsal::RehearsalQuery,
    match_change::MatchChangeQuery,
    message::MessagesQuery,
    message_recipients::RecipientsQuery,
    message_preview::PreviewQuery,
    message_days::ForgottenDaysQuery,
    message_delivery::DeliveryQuery,
    message_template::TemplateQuery,
    message_template_preview::TemplatePreviewQuery,
    settings::SettingsQuery,
    department_selection::SelectionQuery,
    sync_run::SyncQuery,
    held_removals::HeldRemovalQuery,
);

/// Changing: settings, links, syncs and messages.
#[derive(MergedObject, Default)]
pub struct Mutation(
    settings_input::SettingsMutation,
    start_sync::SyncMutation,
    refresh::RefreshMutation,
    held_removals::HeldRemovalMutation,
    identity_linking::LinkMutation,
    send_message::MessageMutation,
    message_recall::RecallMutation,
    message_template_saving::TemplateMutation,
);

/// Hearing of what happens.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    change::ChangeSubscription,
    match_change::MatchChangeSubscription,
    sync_run::SyncSubscription,
    message_updates::MessageSubscription,
);

/// The schema with its roots.
pub type AppSchema = Schema<Query, Mutation, Subscription>;

/// The schema without any state: what `dingmirror schema` prints.
pub fn schema_builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    admission::apply_limits(
        Schema::build(Query::default(), Mutation::default(), Subscription::default()),
        &admission::Limits::default(),
    )
}

/// The schema that serves.
pub fn schema(services: Services) -> AppSchema {
    schema_builder().data(services).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cost is looked at before anything runs, so that no services are needed.
    #[tokio::test]
    async fn what_computes_for_long_costs_as_much() {
        let schema = schema_builder().finish();
        for field in [
            "previewMessageTemplate(input: { name: \"x\" }) { bytes }",
            "previewMessage(input: { recipients: { userIds: [] } content: { text: { content: \"x\" } } }) { bytes }",
            "previewDepartmentSelection(excludeDepartments: [1]) { selectedUsers }",
            "matchingCensus(method: EMAIL_TO_EMAIL) { matched }",
            "rehearseMatching(method: EMAIL_TO_EMAIL) { token }",
            "users(filter: { search: \"x\" }, first: 1) { totalCount }",
            "departments(filter: { search: \"x\" }, first: 1) { totalCount }",
            "identityLinks(filter: { userId: \"x\" }, first: 1) { totalCount }",
            "exportIdentityLinks",
        ] {
            let aliases: String = (0..60).map(|n| format!("a{n}: {field} ")).collect();
            let answer = schema.execute(format!("{{ {aliases} }}")).await;
            let told = answer
                .errors
                .first()
                .map(|error| error.message.as_str())
                .unwrap_or_default();

            assert!(
                told.starts_with("the document costs 1") && told.contains("at most 100000"),
                "{field}: {told}"
            );
        }
    }
}
