//! The composition root: from a configuration to a running server. Two of them can live in one process.

mod collector;
mod readiness;
mod time;
mod watched;

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::Notify};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::watched::Watched;
use crate::{
    admin::{Admin, ApiKeyAdmin, IssuerKeyFollower, Linking, TokenAdmin},
    auth::{ApiKeysHandle, RevocationsHandle, TokenVerifier},
    checkup::{Checkup, EventChannels},
    clock::Clock,
    config::{Config, Database},
    delivery::Delivery,
    dingtalk::{Client, ClientBuildError, ClientConfig},
    directory::{Snapshot, SnapshotHandle},
    graphql::{self, ChangeFeed, MessageFeed, PastSnapshots, Services},
    http::{self, Connections, HttpConfig, Metrics, MirrorAccess, PersistedDocuments, TrustedDocuments},
    identity::{Identities, IdentityMemory, LinksHandle},
    intake::Intake,
    lifecycle::{Crashed, Lifecycle},
    matching::{Matching, Mobiles},
    settings::{Sealer, Settings, SettingsHandle},
    store::{Store, StoreError, Target},
    sync::{self, SyncConfig, SyncEngine},
};

/// Largest request body: ten times the largest legal `resolve` call.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// A GraphQL request that takes longer is ended; no read of the snapshot comes near.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The timer's runs reconcile; so often one of them reads everything anew.
const FULL_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Three bans in a row, or a long restart of a proxy.
const SYNC_PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A record that an event names and that DingTalk did not tell is asked for again.
const BETWEEN_TRIES: Duration = Duration::from_secs(20);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What DingTalk is called with could not be made, most likely because the machine has no CA certificates.
    #[error(
        "DingTalk can't be called over TLS: {0}; install the system's CA certificates (Debian: ca-certificates), or name a file of \
         them in SSL_CERT_FILE"
    )]
    Client(ClientBuildError),
}

/// A server, built and migrated, not yet listening.
pub struct App {
    config: Config,
    services: Services,
    clock: Clock,
}

/// Where the configuration says that the database is.
pub(crate) fn target(config: &Config) -> Target {
    match &config.database {
        Database::Embedded => Target::Sqlite {
            data_dir: config.data_dir.clone(),
        },
        Database::Postgres(url) => Target::Postgres {
            url: url.clone(),
            max_connections: config.database_max_connections,
        },
    }
}

/// What calls DingTalk.
pub(crate) fn client(config: &Config, clock: Clock) -> Result<Client, ClientBuildError> {
    let config = ClientConfig {
        allowed_hosts: config.allowed_hosts.clone(),
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(10),
        calls_per_second: config.calls_per_second,
        max_attempts: 5,
    };
    Client::new(config, clock)
}

/// What tries the settings out.
pub(crate) fn checkup(
    config: &Config,
    client: Client,
    settings: SettingsHandle,
    snapshots: SnapshotHandle,
    clock: Clock,
) -> Checkup {
    let channels = EventChannels {
        stream: config.intake.stream,
        pushes: !config.intake.keys.is_empty(),
    };
    Checkup::new(
        client,
        settings,
        snapshots,
        config.allowed_hosts.clone(),
        channels,
        clock,
    )
}

impl App {
    /// Connects, migrates and loads the mirror.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, BuildError> {
        let store = Store::connect(target(&config), clock.clone()).await?;
        store.migrate().await?;
        tracing::info!(database = store.describe(), "the database is ready");

        let epoch = store.epoch().await?;
        let loaded = store.load_directory().await?;
        let snapshot = Snapshot::build(loaded.revision, loaded.departments, loaded.users).of_epoch(epoch);
        let snapshots = SnapshotHandle::new(snapshot);

        let identities = Identities {
            links: LinksHandle::new(store.load_links().await?),
            memory: IdentityMemory::new(config.remember_identities),
        };

        let settings = SettingsHandle::new(Settings::defaults_on(&config.allowed_hosts));
        let admin = Admin::new(
            store.clone(),
            settings.clone(),
            Sealer::new(&config.secret_key),
            config.allowed_hosts.clone(),
            snapshots.clone(),
            identities.clone(),
            clock.clone(),
        );
        settings.publish(admin.open(store.load_settings().await?));

        let client = client(&config, clock.clone()).map_err(BuildError::Client)?;

        let arrived = Arc::new(Notify::new());
        let intake = Intake::new(
            config.intake.clone(),
            store.clone(),
            settings.clone(),
            client.clone(),
            clock.clone(),
            arrived.clone(),
        );

        let sync = SyncEngine::new(
            SyncConfig {
                interval: config.sync_interval,
                on_start: config.sync_on_start,
                lease_ttl: config.sync_lease,
                full_every: FULL_EVERY,
                patience: SYNC_PATIENCE,
                verify_per_hour: config.verify_per_hour,
                limits: config.removal_limits,
                retention: config.retention,
                events: intake.is_on(),
                arrived,
                between_tries: BETWEEN_TRIES,
                concurrency: config.calls_per_second as usize,
            },
            store.clone(),
            client.clone(),
            settings.clone(),
            snapshots.clone(),
            clock.clone(),
        );

        let delivery = Delivery::new(
            config.delivery.clone(),
            store.clone(),
            client.clone(),
            settings.clone(),
            snapshots.clone(),
            identities.clone(),
            clock.clone(),
        );

        let checkup = checkup(
            &config,
            client.clone(),
            settings.clone(),
            snapshots.clone(),
            clock.clone(),
        );

        let api_keys = ApiKeyAdmin::new(
            store.clone(),
            ApiKeysHandle::default(),
            clock.clone(),
            config.token_max_lifetime,
        );
        api_keys.refresh().await?;

        let tokens = TokenAdmin::new(
            store.clone(),
            RevocationsHandle::default(),
            clock.clone(),
            config.token_max_lifetime,
        );
        tokens.refresh().await?;

        let linking = Linking::new(store.clone(), snapshots.clone(), identities.clone(), clock.clone());
        let matching = Matching::new(
            store.clone(),
            snapshots.clone(),
            settings.clone(),
            identities.clone(),
            clock.clone(),
        );
        matching.load().await?;

        let services = Services {
            api_keys,
            tokens,
            linking,
            matching,
            mobiles: Mobiles::new(client.clone(), settings.clone(), clock.clone()),
            store,
            snapshots,
            identities,
            settings,
            admin,
            checkup,
            sync,
            delivery,
            client,
            clock: clock.clone(),
            intake,
            change_feed: ChangeFeed::default(),
            message_feed: MessageFeed::default(),
            past: PastSnapshots::default(),
        };

        Ok(Self {
            config,
            services,
            clock,
        })
    }

    /// What the resolvers work with: for commands and tests that need no HTTP.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Serves on `listener` until `shutdown`, then ends within the configured grace time.
    pub async fn run(self, listener: TcpListener, shutdown: CancellationToken) -> Result<(), Crashed> {
        let lifecycle = Lifecycle::new(&shutdown);
        let grace = self.config.shutdown_grace;
        self.spawn_engines(&lifecycle);

        let sockets = TaskTracker::new();
        let watched = Watched::default();
        let router = self.router(lifecycle.soft(), sockets.clone(), watched.clone());
        let (services, soft) = (self.services.clone(), lifecycle.soft());
        lifecycle.spawn("figures", async move { watched.run(services, soft).await });

        let connections = Connections {
            known: self.config.connections,
            anonymous_an_address: self.config.connections_per_address,
            ..Connections::default()
        };
        let connections = connections.within_open_files();

        let soft = lifecycle.soft();
        lifecycle.spawn("HTTP server", async move {
            http::serve(listener, router, connections, soft).await;
            sockets.close();
            sockets.wait().await;
        });

        let store = self.services.store.clone();
        let ended = lifecycle.finish(grace).await;
        store.close().await;
        ended
    }

    /// Runs only the engines until `shutdown`: what `dingmirror sync` needs.
    pub async fn run_engines(&self, shutdown: CancellationToken) -> Result<(), Crashed> {
        let lifecycle = Lifecycle::new(&shutdown);
        let (sync, soft) = (self.services.sync.clone(), lifecycle.soft());
        lifecycle.spawn("sync engine", async move { sync.run(soft).await });
        let ended = lifecycle.finish(self.config.shutdown_grace).await;
        self.services.store.close().await;
        ended
    }

    fn spawn_engines(&self, lifecycle: &Lifecycle) {
        let Services {
            store,
            snapshots,
            settings,
            admin,
            sync,
            delivery,
            intake,
            matching,
            api_keys,
            tokens,
            client,
            ..
        } = self.services.clone();

        let soft = lifecycle.soft();
        lifecycle.spawn("event intake", async move { intake.run(soft).await });
        let soft = lifecycle.soft();
        lifecycle.spawn("sync engine", async move { sync.run(soft).await });
        let soft = lifecycle.soft();
        lifecycle.spawn("delivery engine", async move { delivery.run(soft).await });
        let soft = lifecycle.soft();
        lifecycle.spawn("matching engine", async move { matching.run(soft).await });

        let soft = lifecycle.soft();
        lifecycle.spawn("API keys", async move { api_keys.run(soft).await });
        let soft = lifecycle.soft();
        lifecycle.spawn("revoked tokens", async move { tokens.run(soft).await });

        let issuer_keys = IssuerKeyFollower::new(self.config.issuers.clone(), client);
        let soft = lifecycle.soft();
        lifecycle.spawn("issuers' keys", async move { issuer_keys.run(soft).await });

        let (files, soft) = (store.clone(), lifecycle.soft());
        lifecycle.spawn("data files", async move { files.watch_files(soft).await });
        let (times, clock, soft) = (store.clone(), self.clock.clone(), lifecycle.soft());
        lifecycle.spawn("clock", async move { time::follow(times, clock, soft).await });

        let soft = lifecycle.soft();
        lifecycle.spawn("follower", async move {
            sync::follow(store, snapshots, settings, move |stored| admin.open(stored), soft).await;
        });
    }

    fn router(&self, shutdown: CancellationToken, sockets: TaskTracker, watched: Watched) -> axum::Router {
        let services = self.services.clone();
        let metrics = Metrics::default();
        metrics.register(|registry| {
            registry.register_collector(Box::new(collector::MetricsCollector(self.services.clone(), watched)))
        });

        http::router(
            HttpConfig {
                allowed_origins: self.config.allowed_origins.clone(),
                frame_ancestors: self.config.frame_ancestors.clone(),
                trusted_proxies: self.config.trusted_proxies.clone(),
                body_limit: BODY_LIMIT,
                request_timeout: REQUEST_TIMEOUT,
                sockets,
                metrics,
                intake: Some(self.services.intake.clone()),
                persisted: PersistedDocuments {
                    automatic: self.config.persisted_queries,
                    trusted: self
                        .config
                        .trusted_documents
                        .clone()
                        .map(|list| TrustedDocuments::new(list.documents, list.is_required)),
                },
                mirror: Some(MirrorAccess::new(
                    self.services.store.clone(),
                    self.services.snapshots.clone(),
                    self.clock.clone(),
                )),
                kept_answers: self.config.kept_answers * 1024 * 1024,
                refusals_a_minute: self.config.refusals_per_minute,
                api_keys: self.services.api_keys.handle().clone(),
                ..HttpConfig::default()
            },
            graphql::schema(self.services.clone()),
            TokenVerifier::with_secrets(&self.config.jwt_secrets, self.clock.clone())
                .with_issuers(self.config.issuers.clone())
                .with_revocations(self.services.tokens.handle().clone())
                .max_lifetime(self.config.token_max_lifetime),
            Arc::new(move || {
                let services = services.clone();
                Box::pin(async move { readiness::of(&services).await })
            }),
            self.clock.clone(),
            shutdown,
        )
    }
}
