//! Relay's `node`: anything by its global id.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, InterfaceType, Object, OutputType, Positioned, ServerResult,
    Value,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
    resolver_utils::{Fields, resolve_container},
};
use chrono::{DateTime, Utc};

use super::{
    connection::int,
    ids::{Named, NodeKind, ONLY, parse_id},
};
use crate::{
    auth::Permission,
    directory::{DeptId, Snapshot},
    graphql::{
        api_key::object::{self as api_key, ApiKey},
        directory::{
            as_of,
            mirror::{Mirror, mirror},
            objects::{Department, User},
        },
        error::ApiError,
        guard::require,
        identity::{
            known::{KnownIdentity, View},
            link::{IdentityLink, may_list},
        },
        message::{
            delivery::{DeliveryStatus, status},
            object::Message,
            recipient::Recipient,
        },
        services::ContextExt,
        settings::object::Settings,
        sync::run::SyncRun,
        template::object::{MessageTemplate, template},
        viewer::{Viewer, viewer},
        walk::field,
    },
    page::MAX_PAGE,
};

/// Makes the interface `Node` and its type of the types that have a global id.
macro_rules! nodes {
    ($($(#[doc = $about:literal])* $Node:ident,)+) => {
        /// Anything that has a global id.
        pub enum Node {
            $($(#[doc = $about])* $Node($Node),)+
        }

        impl ContainerType for Node {
            async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
                match self {
                    $(Self::$Node(node) => node.resolve_field(ctx).await,)+
                }
            }

            fn collect_all_fields<'a>(
                &'a self,
                ctx: &ContextSelectionSet<'a>,
                fields: &mut Fields<'a>,
            ) -> ServerResult<()> {
                match self {
                    $(Self::$Node(node) => node.collect_all_fields(ctx, fields),)+
                }
            }
        }

        impl OutputType for Node {
            fn type_name() -> Cow<'static, str> {
                NAME.into()
            }

            fn introspection_type_name(&self) -> Cow<'static, str> {
                match self {
                    $(Self::$Node(_) => <$Node as OutputType>::type_name(),)+
                }
            }

            fn create_type_info(registry: &mut Registry) -> String {
                registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
                    $(
                        <$Node as OutputType>::create_type_info(registry);
                        registry.add_implements(&<$Node as OutputType>::type_name(), NAME);
                    )+
                    interface([$(<$Node as OutputType>::type_name().into_owned()),+], <ID as OutputType>::create_type_info(registry))
                })
            }

            async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
                match self {
                    // Walked as a whole.
                    Self::Department(department) => department.resolve(ctx, field).await,
                    Self::User(user) => user.resolve(ctx, field).await,
                    Self::KnownIdentity(identity) => identity.resolve(ctx, field).await,
                    _ => resolve_container(ctx, self).await,
                }
            }
        }

        impl InterfaceType for Node {}
    };
}

nodes! {
    /// A department.
    Department,
    /// A user.
    User,
    /// A sync run.
    SyncRun,
    /// A message.
    Message,
    /// A recipient of a message.
    Recipient,
    /// A link by hand.
    IdentityLink,
    /// A Confluence identity that was asked for or linked.
    KnownIdentity,
    /// A message template.
    MessageTemplate,
    /// The mirror as a whole.
    Mirror,
    /// The settings in force.
    Settings,
    /// Sending as it stands.
    DeliveryStatus,
    /// An API key.
    ApiKey,
    /// The caller.
    Viewer,
}

/// The interface's name in GraphQL.
const NAME: &str = "Node";

/// The interface's entry in the registry. `id`: the type of its field.
fn interface<const N: usize>(possible_types: [String; N], id: String) -> MetaType {
    let about = "Global id, opaque and unique over all types.";
    MetaType::Interface {
        name: NAME.to_owned(),
        description: Some("Anything that has a global id.".to_owned()),
        fields: [("id".to_owned(), field("id", &[about], id, Vec::new(), &[]))].into(),
        possible_types: possible_types.into_iter().collect(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(std::any::type_name::<Node>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// A node, nothing, or why it is not shown.
type NodeResult = Option<Result<Node, ApiError>>;

/// Queries by global id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its `id`; null where there is no such thing. Needs the permission that reading its kind needs.
    #[graphql(tag = "id:id")]
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Option<Result<Node, ApiError>> {
        node(ctx, &id, &mut Moments::default()).await.transpose()
    }

    /// Several things by their `id`s, at most 500, in the order asked; null where there is no such thing.
    #[graphql(tag = "ids:ids", tag = "items:ids")]
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

        let (mut nodes, mut moments) = (Vec::with_capacity(ids.len()), Moments::default());
        for id in &ids {
            nodes.push(node(ctx, id, &mut moments).await.transpose());
        }
        Some(Ok(nodes))
    }
}

/// The directory as it was when something is asked for: each moment is looked for once.
type Moments = BTreeMap<DateTime<Utc>, Arc<Snapshot>>;

async fn snapshot(
    ctx: &Context<'_>,
    as_of: Option<DateTime<Utc>>,
    moments: &mut Moments,
) -> Result<Arc<Snapshot>, ApiError> {
    if let Some(known) = as_of.and_then(|at| moments.get(&at)) {
        return Ok(known.clone());
    }
    let snapshot = as_of::snapshot(ctx, as_of.map(Into::into)).await?;
    moments.extend(as_of.map(|at| (at, snapshot.clone())));
    Ok(snapshot)
}

async fn node(ctx: &Context<'_>, id: &str, moments: &mut Moments) -> Result<Option<Node>, ApiError> {
    let named = parse_id(id).filter(|it| it.as_of.is_none() || it.kind.has_a_past());
    let Some(Named { kind, key, as_of }) = named else {
        return Err(ApiError::bad_input("`id` is no id that this API gave out"));
    };

    let services = ctx.services();
    // Before the look-up: whoever may not read the kind does not learn whether the thing is there.
    match kind {
        NodeKind::Department | NodeKind::User | NodeKind::SyncRun | NodeKind::Mirror => {
            require(ctx, Permission::DirectoryRead)?;
        }
        NodeKind::Message | NodeKind::Recipient | NodeKind::DeliveryStatus => {
            require(ctx, Permission::MessageRead)?;
        }
        NodeKind::Settings | NodeKind::ApiKey => drop(require(ctx, Permission::SettingsRead)?),
        // Everybody may see themselves.
        NodeKind::Viewer => {}
        NodeKind::IdentityLink | NodeKind::KnownIdentity => may_list(ctx)?,
        NodeKind::MessageTemplate => drop(require(ctx, Permission::MessageSend)?),
    }

    let snapshot = snapshot(ctx, as_of, moments).await?;
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
        NodeKind::KnownIdentity => View::by_key(services, snapshot, &key).map(Node::KnownIdentity),
        NodeKind::ApiKey => match key.parse() {
            Ok(id) => api_key::key(ctx, id).await?.map(Node::ApiKey),
            Err(_) => None,
        },
        NodeKind::MessageTemplate => template(ctx, &key).await?.map(Node::MessageTemplate),
        NodeKind::Mirror if key == ONLY => Some(Node::Mirror(mirror(ctx).await?)),
        NodeKind::Settings if key == ONLY => Some(Node::Settings(Settings::new(services.settings.current()))),
        NodeKind::DeliveryStatus if key == ONLY => Some(Node::DeliveryStatus(status(ctx).await?)),
        NodeKind::Mirror | NodeKind::Settings | NodeKind::DeliveryStatus => None,
        NodeKind::Viewer => viewer(ctx)
            .and_then(|viewer| viewer.with_subject(&key))
            .map(Node::Viewer),
        NodeKind::Recipient => match key.parse() {
            Ok(id) => match services.store.recipient(id).await? {
                Some(row) => {
                    let namers = services.store.namers_of(&BTreeSet::from([row.message_id])).await?;
                    let namer = namers.into_values().next().unwrap_or_default();
                    Some(Node::Recipient(Recipient::new(snapshot, namer, row)))
                }
                None => None,
            },
            Err(_) => None,
        },
    })
}
