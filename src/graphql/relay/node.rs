//! Relay's `node`: anything by its global id.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Interface, Object};

use super::{
    connection::int,
    ids::{NodeKind, parse_id},
};
use crate::{
    auth::Permission,
    directory::DeptId,
    graphql::{
        admission::list_cost,
        directory::objects::{Department, User},
        error::ApiError,
        guard::require,
        identity::{
            known::{KnownIdentity, View},
            link::{IdentityLink, may_list},
        },
        message::{object::Message, recipient::Recipient},
        services::ContextExt,
        sync::run::SyncRun,
        template::object::{MessageTemplate, template},
    },
    page::MAX_PAGE,
};

/// Anything that has a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id, opaque and unique over all types."))]
pub enum Node {
    /// A department.
    Department(Department),
    /// A user.
    User(User),
    /// A sync run.
    SyncRun(SyncRun),
    /// A message.
    Message(Message),
    /// A recipient of a message.
    Recipient(Recipient),
    /// A link by hand.
    IdentityLink(IdentityLink),
    /// A Confluence identity that was asked for or linked.
    KnownIdentity(KnownIdentity),
    /// A message template.
    MessageTemplate(MessageTemplate),
}

/// A node, nothing, or why it is not shown.
type NodeResult = Option<Result<Node, ApiError>>;

/// Queries by global id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its `id`; null where there is no such thing. Needs the permission that reading its kind needs.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Result<Node, ApiError>> {
        node(ctx, &id).await.transpose()
    }

    /// Several things by their `id`s, at most 500, in the order asked; null where there is no such thing.
    #[graphql(complexity = "list_cost(ids.len().try_into().unwrap_or(500), child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids.")] ids: Vec<ID>,
    ) -> Option<Result<Vec<NodeResult>, ApiError>> {
        if int(ids.len()) > int(MAX_PAGE) {
            return Some(Err(ApiError::bad_input(format!(
                "`ids` has {}: at most {MAX_PAGE} at once",
                ids.len()
            ))));
        }

        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(node(ctx, id).await.transpose());
        }
        Some(Ok(nodes))
    }
}

async fn node(ctx: &Context<'_>, id: &str) -> Result<Option<Node>, ApiError> {
    let Some((kind, key)) = parse_id(id) else {
        return Err(ApiError::bad_input("`id` is no id that this API gave out"));
    };

    let services = ctx.services();
    // Before the look-up: whoever may not read the kind does not learn whether the thing is there.
    match kind {
        NodeKind::Department | NodeKind::User | NodeKind::SyncRun => drop(require(ctx, Permission::DirectoryRead)?),
        NodeKind::Message | NodeKind::Recipient => drop(require(ctx, Permission::MessageRead)?),
        NodeKind::IdentityLink | NodeKind::KnownIdentity => may_list(ctx)?,
        NodeKind::MessageTemplate => drop(require(ctx, Permission::MessageSend)?),
    }

    let snapshot = services.snapshots.current();
    Ok(match kind {
        NodeKind::Department => key
            .parse()
            .ok()
            .and_then(|id| Department::find(&snapshot, DeptId(id)))
            .map(Node::Department),
        NodeKind::User => User::find(&snapshot, &key).map(Node::User),
        NodeKind::SyncRun => match key.parse() {
            Ok(id) => services
                .store
                .run(id)
                .await?
                .map(|run| Node::SyncRun(SyncRun::new(run))),
            Err(_) => None,
        },
        NodeKind::Message => match key.parse() {
            Ok(id) => services
                .store
                .message(id)
                .await?
                .map(|message| Node::Message(Message::new(message))),
            Err(_) => None,
        },
        NodeKind::IdentityLink => key
            .parse()
            .ok()
            .and_then(|id| services.identities.links.current().get(id).cloned())
            .map(|link| Node::IdentityLink(IdentityLink { snapshot, link })),
        NodeKind::KnownIdentity => View::by_key(services, &key).map(Node::KnownIdentity),
        NodeKind::MessageTemplate => template(ctx, &key).await?.map(Node::MessageTemplate),
        NodeKind::Recipient => match key.parse() {
            Ok(id) => match services.store.recipient(id).await? {
                Some(row) => {
                    let callers = services.store.callers_of(&BTreeSet::from([row.message_id])).await?;
                    let caller = callers.into_values().next().unwrap_or_default();
                    Some(Node::Recipient(Recipient::new(snapshot, caller, row)))
                }
                None => None,
            },
            Err(_) => None,
        },
    })
}
