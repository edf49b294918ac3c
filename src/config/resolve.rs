//! From flags, environment and file to a checked [`Config`].

use std::{path::PathBuf, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::{
    delivery,
    environment::{default_data_dir, env, names},
    error::ConfigErrors,
    events, issuers,
    log::LogFormat,
    secrets::{self, JWT_FILE, KEY_FILE},
    stray,
    table::{ConfigLayer, Layers, TABLE},
    trusted::{self, TrustedManifest},
};
use crate::{
    auth::{Issuers, TrustedProxies},
    delivery::DeliveryConfig,
    directory::{RemovalLimits, Retention},
    intake::IntakeConfig,
    settings::AllowedHosts,
};

/// Which database, as configured.
#[derive(Debug, Clone)]
pub enum Database {
    /// SQLite in the data directory.
    Embedded,
    /// Postgres at this URL.
    Postgres(SecretString),
}

/// The configuration, checked. Secrets hide themselves in `Debug`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which database.
    pub database: Database,
    /// Connections to Postgres at most.
    pub database_max_connections: u32,
    /// How long a command waits for a Postgres that is not there yet; zero: as opening it does by itself.
    pub wait_for_database: Duration,
    /// Where the embedded database and the generated secrets live.
    pub data_dir: PathBuf,
    /// Where to listen, as written: a host name is resolved when it is bound.
    pub listen: String,
    /// Open connections on which a token was shown.
    pub connections: usize,
    /// Open connections of one address on which no token was shown.
    pub connections_per_address: usize,
    /// Tokens and keys of one address that are refused in a minute with the cause; 0: all of them.
    pub refusals_per_minute: u32,
    /// Hosts that a DingTalk URL may name.
    pub allowed_hosts: AllowedHosts,
    /// Origins whose pages may call.
    pub allowed_origins: Vec<String>,
    /// Origins whose pages may show the console in a frame.
    pub frame_ancestors: Vec<String>,
    /// Proxies that say whom they speak for.
    pub trusted_proxies: TrustedProxies,
    /// Megabytes of answers that are kept until the directory changes.
    pub kept_answers: usize,
    /// Whether clients may register documents by their hash.
    pub persisted_queries: bool,
    /// The operator's list of trusted documents.
    pub trusted_documents: Option<TrustedManifest>,
    /// Time between syncs; `None`: no timer.
    pub sync_interval: Option<Duration>,
    /// How long a replica that died keeps others from syncing.
    pub sync_lease: Duration,
    /// Whether a sync is started with the process; no setting, but `dingmirror sync` starts its own.
    pub sync_on_start: bool,
    /// How DingTalk's events come in.
    pub intake: IntakeConfig,
    /// `user/get` calls an hour for the rolling verification.
    pub verify_per_hour: u32,
    /// What may be removed without approval.
    pub removal_limits: RemovalLimits,
    /// How long Confluence identities are remembered after they were last asked for; `None`: not at all.
    pub remember_identities: Option<Duration>,
    /// How long the past is kept.
    pub retention: Retention,
    /// Calls a second to each API.
    pub calls_per_second: u32,
    /// How messages are sent.
    pub delivery: DeliveryConfig,
    /// Time that a shutdown waits for work under way.
    pub shutdown_grace: Duration,
    /// Longest life of a bearer token.
    pub token_max_lifetime: Duration,
    /// The log's filter.
    pub log: String,
    /// The log's form.
    pub log_format: LogFormat,
    /// Others whose tokens are taken.
    pub issuers: Arc<Issuers>,
    /// The secrets that tokens may be signed with; the first one issues.
    pub jwt_secrets: Vec<SecretString>,
    /// Seals the app secret.
    pub secret_key: SecretString,
}

impl Config {
    /// Reads everything. Makes the data directory and generates secrets that nobody gave.
    pub fn load(args: ConfigLayer) -> Result<Self, ConfigErrors> {
        let stray = stray::stray(names());
        let resolved = Self::resolve(args, env);
        if stray.is_empty() {
            return resolved;
        }
        let others = resolved.err().map_or_else(Vec::new, |errors| errors.0);
        Err(ConfigErrors(others.into_iter().chain(stray).collect()))
    }

    /// [`Config::load`] with the environment as a function: flags already carry their own variables.
    fn resolve(args: ConfigLayer, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut layers = Layers::of(args, &env);

        let database = database(&mut layers);
        let data_dir = layers.data_dir().or_else(|| default_data_dir(&env));
        if data_dir.is_none() {
            let remedy = "set it: there is no HOME to take a default from";
            layers.mistakes.add(TABLE.data_dir.variable, remedy);
        }

        let listen = layers.listen();
        let allowed_hosts = layers.allowed_hosts().unwrap_or_else(AllowedHosts::dingtalk);
        let allowed_origins = layers.allowed_origins();
        let frame_ancestors = layers.frame_ancestors();
        let trusted_proxies = layers.trusted_proxies().into_iter().collect();
        let kept_answers = layers.kept_answers();
        let persisted_queries = layers.persisted_queries();
        let trusted_documents = trusted::resolve(&mut layers);

        let sync_interval = layers.sync_interval();
        let sync_lease = layers.sync_lease();
        let shutdown_grace = layers.shutdown_grace();
        let token_max_lifetime = layers.token_max_lifetime();
        let remember_identities = layers.remember_identities();
        let retention = Retention {
            runs: layers.keep_sync_runs(),
            changes: layers.keep_changes(),
            audit_log: layers.keep_audit_log(),
        };

        let calls_per_second = layers.calls_per_second();
        let delivery = delivery::resolve(&mut layers, calls_per_second, shutdown_grace);
        let intake = events::resolve(&mut layers);

        let verify_per_hour = layers.verify_calls_per_hour();
        let removal_limits = RemovalLimits {
            count: layers.removal_limit_count(),
            percent: layers.removal_limit_percent(),
            subtree: layers.removal_limit_subtree(),
        };

        let connections = layers.connections();
        let connections_per_address = layers.connections_per_address();
        let refusals_per_minute = layers.refusals_per_minute();
        let database_max_connections = layers.database_max_connections();
        let wait_for_database = layers.wait_for_database();
        let (log, log_format) = (layers.log(), layers.log_format());

        let issuers = Arc::new(issuers::resolve(&mut layers));
        let jwt = layers.jwt_secret();
        let previous = layers.jwt_secret_previous();
        let key = layers.secret_key();
        let mut mistakes = layers.mistakes;

        // A directory that can't be made is told once, by its own name, and not of each secret that would be kept in
        // it.
        let needs_dir = jwt.is_none() || key.is_none() || matches!(database, Some(Database::Embedded));
        let data_dir_name = TABLE.data_dir.variable;
        let data_dir =
            data_dir.filter(|dir| !needs_dir || mistakes.take(data_dir_name, secrets::directory(dir)).is_some());

        // Several replicas on one Postgres must share their secrets: generated files would differ from one to the
        // other.
        let mut generated = |name: &'static str, file: &str| {
            let dir = data_dir.as_deref()?;
            mistakes.take(name, secrets::kept_in(dir, file))
        };
        let jwt = jwt.or_else(|| generated(TABLE.jwt_secret.variable, JWT_FILE));
        let key = key.or_else(|| generated(TABLE.secret_key.variable, KEY_FILE));

        let (Some(database), Some(data_dir), Some(jwt), Some(secret_key)) = (database, data_dir, jwt, key) else {
            return Err(mistakes.into());
        };
        mistakes.none().map(|()| Self {
            database,
            database_max_connections,
            wait_for_database,
            data_dir,
            listen,
            connections,
            connections_per_address,
            refusals_per_minute,
            allowed_hosts,
            allowed_origins,
            frame_ancestors,
            trusted_proxies,
            kept_answers,
            persisted_queries,
            trusted_documents,
            sync_interval,
            sync_lease,
            sync_on_start: true,
            intake,
            verify_per_hour,
            removal_limits,
            remember_identities,
            retention,
            calls_per_second,
            delivery,
            shutdown_grace,
            token_max_lifetime,
            log,
            log_format,
            issuers,
            jwt_secrets: std::iter::once(jwt).chain(previous).collect(),
            secret_key,
        })
    }
}

/// Which database; `None` where the URL is of another one.
pub(super) fn database(layers: &mut Layers<'_>) -> Option<Database> {
    let Some(url) = layers.database_url() else {
        return Some(Database::Embedded);
    };

    let scheme = url.expose_secret().split(':').next().unwrap_or_default();
    if matches!(scheme, "postgres" | "postgresql") {
        return Some(Database::Postgres(url));
    }
    layers.mistakes.add(
        TABLE.database_url.variable,
        "it must begin with `postgres://`; for SQLite leave it unset and choose DINGMIRROR_DATA_DIR",
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(args: ConfigLayer, vars: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::resolve(args, |name| {
            vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let args = ConfigLayer {
            database_url: Some("mysql://x".into()),
            listen: Some("here".into()),
            sync_interval: Some("soon".into()),
            calls_per_second: Some("100".into()),
            log_format: Some("xml".into()),
            allowed_origins: Some("https://a.example/path".into()),
            ..ConfigLayer::default()
        };

        let errors = resolve(args, &[("DINGMIRROR_JWT_SECRET", "short")]).unwrap_err();
        let names: Vec<_> = errors.0.iter().map(|e| e.name).collect();
        for name in [
            "DATABASE_URL",
            "DINGMIRROR_DATA_DIR",
            "DINGMIRROR_LISTEN",
            "DINGMIRROR_SYNC_INTERVAL",
            "DINGMIRROR_CALLS_PER_SECOND",
            "DINGMIRROR_LOG_FORMAT",
            "DINGMIRROR_ALLOWED_ORIGINS",
            "DINGMIRROR_JWT_SECRET",
        ] {
            assert!(names.contains(&name), "{name} is missing from {errors}");
        }

        assert!(!errors.to_string().contains("short"), "a secret's value is never told");
    }

    #[test]
    fn flags_go_before_the_file_and_the_file_before_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(
            &path,
            "listen = '0.0.0.0:1'\ncalls_per_second = 40\nsync_interval = 0\n",
        )
        .unwrap();
        let args = ConfigLayer {
            config: Some(path.to_str().unwrap().into()),
            listen: Some("127.0.0.1:2".into()),
            data_dir: Some(dir.path().to_str().unwrap().into()),
            ..ConfigLayer::default()
        };

        let config = resolve(args, &[]).unwrap();
        assert_eq!((config.listen.as_str(), config.calls_per_second), ("127.0.0.1:2", 40));
        assert_eq!(config.sync_interval, None);
        assert_eq!(config.shutdown_grace, Duration::from_secs(10));
        assert!(matches!(config.database, Database::Embedded));
        assert!(!format!("{config:?}").contains(config.secret_key.expose_secret()));
    }

    #[test]
    fn mistakes_of_flags_environment_and_file_are_told_together() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, "listen = '0.0.0.0:1'\nlisen = 'x'\ncalls_per_second = 100\n").unwrap();
        let args = ConfigLayer {
            config: Some(path.to_str().unwrap().into()),
            data_dir: Some(dir.path().to_str().unwrap().into()),
            token_max_lifetime: Some("20y".into()),
            allowed_hosts: Some("*.dingtalk.com".into()),
            ..ConfigLayer::default()
        };

        let errors = resolve(args, &[("DINGMIRROR_SECRET_KEY", "short")]).unwrap_err();
        let names: Vec<_> = errors.0.iter().map(|e| e.name).collect();
        for name in [
            "DINGMIRROR_CONFIG",
            "DINGMIRROR_CALLS_PER_SECOND",
            "DINGMIRROR_TOKEN_MAX_LIFETIME",
            "DINGMIRROR_ALLOWED_HOSTS",
            "DINGMIRROR_SECRET_KEY",
        ] {
            assert!(names.contains(&name), "{name} is missing from {errors}");
        }

        let errors = errors.to_string();
        assert!(
            errors.contains("line 2: there is no setting `lisen`: did you mean `listen`?"),
            "{errors}"
        );
    }

    #[test]
    fn what_systemd_hands_over_goes_before_the_file_and_behind_what_is_given() {
        let dir = tempfile::tempdir().unwrap();
        let credentials = dir.path().join("credentials");
        std::fs::create_dir(&credentials).unwrap();
        let jwt = "handed over by systemd, and long enough";
        std::fs::write(credentials.join("dingmirror_jwt-secret"), format!("{jwt}\n")).unwrap();
        std::fs::write(
            credentials.join("dingmirror_database-url"),
            "postgres://me@handed.over/x",
        )
        .unwrap();
        std::fs::write(credentials.join("dingmirror_event-token"), "token\n").unwrap();
        std::fs::write(
            credentials.join("other_secret-key"),
            "of another unit, and long enough too",
        )
        .unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, "database_url = 'postgres://me@file/x'\n").unwrap();

        let load = |vars: &[(&str, &str)]| {
            let args = ConfigLayer {
                config: Some(path.to_str().unwrap().into()),
                data_dir: Some(dir.path().to_str().unwrap().into()),
                event_aes_key: Some("A".repeat(43)),
                ..ConfigLayer::default()
            };
            let handed = ("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
            resolve(args, &[&[handed], vars].concat()).unwrap()
        };
        let config = load(&[]);
        assert_eq!(config.jwt_secrets[0].expose_secret(), jwt);
        assert!(matches!(&config.database, Database::Postgres(url) if url.expose_secret().contains("handed.over")));
        assert_eq!(config.intake.keys.len(), 1);
        assert!(
            dir.path().join(KEY_FILE).exists(),
            "what wasn't handed over is made as always"
        );

        let given = "given by the environment, and long enough";
        let config = load(&[("DINGMIRROR_JWT_SECRET", given)]);
        assert_eq!(config.jwt_secrets[0].expose_secret(), given);
    }

    #[test]
    fn the_tables_defaults_are_those_of_the_rooms() {
        let dir = tempfile::tempdir().unwrap();
        let args = ConfigLayer {
            data_dir: Some(dir.path().to_str().unwrap().into()),
            ..ConfigLayer::default()
        };

        let config = resolve(args, &[]).unwrap();
        assert_eq!(config.removal_limits, RemovalLimits::default());
        assert_eq!(config.retention, Retention::default());
        assert_eq!(config.token_max_lifetime, crate::auth::MAX_LIFETIME);
        let (delivery, defaults) = (config.delivery, DeliveryConfig::default());
        assert_eq!(
            (delivery.claim_ttl, delivery.repeat_after),
            (defaults.claim_ttl, defaults.repeat_after)
        );
        assert_eq!(delivery.pace.recipients_a_minute, defaults.pace.recipients_a_minute);
    }
}
