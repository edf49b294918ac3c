//! The GraphQL schema: the public contract. Each domain has a folder, in which a file holds a type with its queries or
//! mutations; this file merges them. What all domains share lies beside it.
//!
//! Rules that the library's null propagation wants (7.0.19): a nullable field that can fail is `Option<Result<T,
//! ApiError>>`, never `Result<Option<T>>`; root fields and mutations that can fail are nullable; leaf columns can't
//! fail.

pub mod admission;
mod api_key;
mod audit;
mod directory;
mod enums;
mod error;
mod figures;
mod guard;
mod identity;
mod message;
mod relay;
mod scalars;
mod sdl;
mod services;
mod settings;
mod statement;
mod sync;
mod template;
mod token;
mod user_error;
mod viewer;
mod walk;

use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder};

pub use error::ApiError;
pub(crate) use error::NO_TOKEN;
pub use sdl::sdl;
pub use services::{AnsweredFrom, ChangeFeed, MessageFeed, PastSnapshots, Searches, Services};
pub use walk::Plans;

/// Reading: the directory, identities, messages, settings and syncs.
#[derive(MergedObject, Default)]
pub struct Query(
    // The library asks one after the other whether a field is theirs: those that are asked for most stand first.
    directory::user_list::UserQuery,
    directory::department_list::DepartmentQuery,
    relay::node::NodeQuery,
    viewer::ViewerQuery,
    directory::mirror::MirrorQuery,
    directory::search::SearchQuery,
    directory::user_by_mobile::MobileQuery,
    directory::change_list::ChangeListQuery,
    identity::resolution::IdentityQuery,
    identity::link::LinkQuery,
    identity::census::CensusQuery,
    identity::rehearsal::RehearsalQuery,
    identity::match_change::MatchChangeQuery,
    MessageQueries,
    template::object::TemplateQuery,
    template::preview::TemplatePreviewQuery,
    SettingsQueries,
    SyncQueries,
);

/// Reading messages. Apart, because a chain of all roots is longer than the compiler follows.
#[derive(MergedObject, Default)]
pub struct MessageQueries(
    message::list::MessagesQuery,
    message::recipient_list::RecipientsQuery,
    message::preview::PreviewQuery,
    message::resend::PreviewResendQuery,
    message::forgotten_days::ForgottenDaysQuery,
    message::delivery::DeliveryQuery,
    message::quota::QuotaQuery,
);

/// Reading the settings, who may call, and who did what.
#[derive(MergedObject, Default)]
pub struct SettingsQueries(
    settings::object::SettingsQuery,
    settings::department_selection::SelectionQuery,
    api_key::object::ApiKeyQuery,
    audit::list::AuditQueries,
);

/// Reading syncs, what they hold, and the figures of days.
#[derive(MergedObject, Default)]
pub struct SyncQueries(
    sync::run::SyncQuery,
    sync::held_removals::HeldRemovalQuery,
    sync::held_groups::HeldGroupQuery,
    figures::daily::DailyQuery,
);

/// Changing: settings, links, syncs, messages, API keys and tokens.
#[derive(MergedObject, Default)]
pub struct Mutation(
    settings::update::SettingsMutation,
    settings::test::TestSettingsMutation,
    sync::start::SyncMutation,
    directory::refresh::RefreshMutation,
    sync::held_removals::HeldRemovalMutation,
    identity::linking::LinkMutation,
    message::send::MessageMutation,
    message::resend::ResendMutation,
    message::recall::RecallMutation,
    template::saving::TemplateMutation,
    api_key::changing::ApiKeyMutation,
    token::revoking::TokenMutation,
);

/// Hearing of what happens.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    directory::change_feed::ChangeSubscription,
    identity::match_change::MatchChangeSubscription,
    sync::run::SyncSubscription,
    message::updates::MessageSubscription,
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

    #[test]
    fn what_computes_for_long_costs_as_much() {
        let types = admission::Types::of::<Query, Mutation, Subscription>();
        let limits = admission::Limits::default();
        for field in [
            "previewMessageTemplate(input: { name: \"x\" }) { bytes }",
            "previewMessage(input: { recipients: { userIds: [] } content: { text: { content: \"x\" } } }) { bytes }",
            "previewResend(input: { messageId: \"x\", states: [FAILED] }) { bytes }",
            "previewDepartmentSelection(excludeDepartments: [1]) { selectedUsers }",
            "matchingCensus(method: EMAIL_TO_EMAIL) { matched }",
            "rehearseMatching(method: EMAIL_TO_EMAIL) { token }",
            "users(filter: { search: \"x\" }, first: 1) { totalCount }",
            "departments(filter: { search: \"x\" }, first: 1) { totalCount }",
            "department(deptId: 1, asOf: \"2026-03-01T00:00:00Z\") { name }",
            "user(userId: \"x\", asOf: \"2026-03-01T00:00:00Z\") { name }",
            "users(asOf: \"2026-03-01T00:00:00Z\", first: 1) { totalCount }",
            "identityLinks(filter: { userId: \"x\" }, first: 1) { totalCount }",
            "exportIdentityLinks",
        ] {
            let aliases: String = (0..60).map(|n| format!("a{n}: {field} ")).collect();
            let request = async_graphql::Request::new(format!("{{ {aliases} }}"));
            let refusal = admission::admit_text(request, &types, &limits, true).expect_err(field);

            assert!(
                refusal.message.starts_with("the document costs 1") && refusal.message.contains("at most 100000"),
                "{field}: {refusal}"
            );
        }
    }
}
