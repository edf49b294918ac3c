//! What the programs share.

use std::time::Duration;

use dingmirror::{
    config::{Config, Database, LogFormat},
    delivery::DeliveryConfig,
    directory::{RemovalLimits, Retention},
    graphql::Services,
    intake::IntakeConfig,
    settings::{AllowedHosts, Api, SettingsPatch},
    simulator::SimulatorConfig,
};

/// Signs the tokens of a program that calls itself.
pub const SECRET: &str = "a secret of the benchmark that is long enough";

/// A simulator without limits answers at once.
const CALLS_PER_SECOND: u32 = 100_000;

/// Of a mirror that no other program opens.
const SECRET_KEY: &str = "a key of the benchmark that is long enough too";

/// A mirror of the simulated DingTalk at `dingtalk`, in which nothing happens by itself.
pub fn config(dingtalk: &str, folder: &str, database: Option<&str>) -> Config {
    Config {
        database: database.map_or(Database::Embedded, |url| Database::Postgres(url.into())),
        database_max_connections: 8,
        wait_for_database: Duration::ZERO,
        data_dir: folder.into(),
        listen: "127.0.0.1:0".into(),
        allowed_hosts: AllowedHosts::parse(dingtalk.trim_start_matches("http://")).unwrap(),
        allowed_origins: Vec::new(),
        frame_ancestors: Vec::new(),
        trusted_proxies: dingmirror::auth::TrustedProxies::default(),
        connections: 1_024,
        refusals_per_minute: 0,
        connections_per_address: 512,
        sync_interval: None,
        sync_on_start: false,
        intake: IntakeConfig::default(),
        sync_lease: Duration::from_secs(60),
        verify_per_hour: 0,
        removal_limits: RemovalLimits::default(),
        retention: Retention::default(),
        remember_identities: None,
        calls_per_second: CALLS_PER_SECOND,
        delivery: DeliveryConfig::default(),
        shutdown_grace: Duration::from_secs(5),
        log: "error".into(),
        log_format: LogFormat::Human,
        kept_answers: 32,
        persisted_queries: true,
        trusted_documents: None,
        jwt_secrets: vec![SECRET.into()],
        issuers: std::sync::Arc::default(),
        token_max_lifetime: dingmirror::auth::MAX_LIFETIME,
        secret_key: SECRET_KEY.into(),
    }
}

/// The same of a mirror that the server opens, too: with its key.
pub fn config_of_server(dingtalk: &str, folder: &str, database: Option<&str>) -> Config {
    Config {
        secret_key: std::env::var("DINGMIRROR_SECRET_KEY").unwrap().into(),
        ..config(dingtalk, folder, database)
    }
}

/// Fills in the settings of a simulated company, to be used or not.
pub async fn fill_in(services: &Services, dingtalk: &str, enabled: bool) {
    let company = SimulatorConfig::default();
    let patch = SettingsPatch {
        agent_id: Some(Some(company.agent_id.to_string())),
        app_key: Some(Some(company.app_key)),
        app_secret: Some(Some(company.app_secret.into())),
        urls: Api::ALL
            .map(|api| (api, Some(format!("{dingtalk}{}", api.path()))))
            .into(),
        enabled: Some(enabled),
        ..SettingsPatch::default()
    };

    let version = services.settings.current().version;
    assert!(services.admin.update(version, patch, "bench").await.is_ok());
}

/// What everything runs on: a worker for each core, as the server has.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
}
