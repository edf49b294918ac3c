//! From flags, environment and file to a checked [`Config`].

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::{
    args::ConfigArgs,
    delivery::{self, DeliveryWords},
    duration::parse_duration,
    error::ConfigErrors,
    events::{self, EventWords},
    log,
    mistakes::Mistakes,
    retention, secrets, signing, stray,
    words::{default_data_dir, env, given, lease, long_enough, names, number_in, origins, secret, token_max_lifetime},
};
use crate::{
    delivery::DeliveryConfig,
    directory::{RemovalLimits, Retention},
    intake::IntakeConfig,
    settings::AllowedHosts,
};

/// The variable that holds the tokens' secret.
pub(super) const JWT: &str = "DINGMIRROR_JWT_SECRET";

/// Which database, as configured.
#[derive(Debug, Clone)]
pub enum Database {
    /// SQLite in the data directory.
    Embedded,
    /// Postgres at this URL.
    Postgres(SecretString),
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// The configuration, checked. Secrets hide themselves in `Debug`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which database.
    pub database: Database,
    /// Connections to Postgres at most.
    pub database_max_connections: u32,
    /// Where the embedded database and the generated secrets live.
    pub data_dir: PathBuf,
    /// Where to listen, as written: a host name is resolved when it is bound.
    pub listen: String,
    /// Open connections of one address on which no token was shown.
    pub connections_per_address: usize,
    /// Hosts that a DingTalk URL may name.
    pub allowed_hosts: AllowedHosts,
    /// Origins whose pages may call.
    pub allowed_origins: Vec<String>,
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
    /// The secrets that tokens may be signed with; the first one issues.
    pub jwt_secrets: Vec<SecretString>,
    /// Seals the app secret.
    pub secret_key: SecretString,
}

impl Config {
    /// Reads everything. Makes the data directory and generates secrets that nobody gave.
    pub fn load(args: ConfigArgs) -> Result<Self, ConfigErrors> {
        let stray = stray::stray(names());
        let resolved = Self::resolve(args, env);
        if stray.is_empty() {
            return resolved;
        }
        let others = resolved.err().map_or_else(Vec::new, |errors| errors.0);
        Err(ConfigErrors(others.into_iter().chain(stray).collect()))
    }

    /// [`Config::load`] with the environment as a function: flags already carry their own variables.
    fn resolve(args: ConfigArgs, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut mistakes = Mistakes::default();
        let file = mistakes.file(args.config);

        let database_url = secret(
            &mut mistakes,
            "DATABASE_URL",
            given(args.database_url),
            env("DATABASE_URL_FILE"),
            file.database_url,
        );
        let database = database_url.map_or(Some(Database::Embedded), |url| {
            let scheme = url.expose_secret().split(':').next().unwrap_or_default().to_owned();
            if matches!(scheme.as_str(), "postgres" | "postgresql") {
                return Some(Database::Postgres(url));
            }
            mistakes.add(
                "DATABASE_URL",
                "it must begin with `postgres://`; for SQLite leave it unset and choose DINGMIRROR_DATA_DIR",
            );
            None
        });

        let data_dir = given(args.data_dir)
            .or(file.data_dir)
            .map(PathBuf::from)
            .or_else(|| default_data_dir(&env));
        if data_dir.is_none() {
            mistakes.add("DINGMIRROR_DATA_DIR", "set it: there is no HOME to take a default from");
        }

        let listen = given(args.listen)
            .or(file.listen)
            .unwrap_or_else(|| "127.0.0.1:8080".into());
        let port = listen.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        if listen.parse::<SocketAddr>().is_err() && !matches!(port, Some(Ok(_))) {
            mistakes.add(
                "DINGMIRROR_LISTEN",
                format!("`{listen}` is no HOST:PORT, say `0.0.0.0:8080`"),
            );
        }

        let allowed_hosts = match given(args.allowed_hosts).or(file.allowed_hosts.map(|l| l.into_string())) {
            Some(list) => mistakes.take("DINGMIRROR_ALLOWED_HOSTS", AllowedHosts::parse(&list)),
            None => Some(AllowedHosts::dingtalk()),
        };
        let allowed_origins = given(args.allowed_origins).or(file.allowed_origins.map(|l| l.into_string()));
        let allowed_origins = origins(&mut mistakes, allowed_origins.unwrap_or_default());

        let text = |flag: Option<String>, file: Option<super::file::Text>, default: &str| {
            given(flag)
                .or(file.map(|t| t.into_string()))
                .unwrap_or_else(|| default.into())
        };

        let sync_interval = text(args.sync_interval, file.sync_interval, "1h");
        let sync_interval = mistakes.take("DINGMIRROR_SYNC_INTERVAL", parse_duration(&sync_interval));
        let sync_lease = text(args.sync_lease, file.sync_lease, "15s");
        let sync_lease = mistakes.take("DINGMIRROR_SYNC_LEASE", lease(&sync_lease));
        let shutdown_grace = text(args.shutdown_grace, file.shutdown_grace, "10s");
        let shutdown_grace = mistakes.take("DINGMIRROR_SHUTDOWN_GRACE", parse_duration(&shutdown_grace));
        let lifetime = text(args.token_max_lifetime, file.token_max_lifetime, "365d");
        let token_max_lifetime = mistakes.take("DINGMIRROR_TOKEN_MAX_LIFETIME", token_max_lifetime(&lifetime));
        let remember = text(args.remember_identities, file.remember_identities, "90d");
        let remember = mistakes.take("DINGMIRROR_REMEMBER_IDENTITIES", parse_duration(&remember));

        let retention = retention::resolve(
            &mut mistakes,
            &text(args.keep_sync_runs, file.keep_sync_runs, "90d"),
            &text(args.keep_changes, file.keep_changes, "365d"),
        );

        let calls_per_second = text(args.calls_per_second, file.calls_per_second, "20");
        let calls_per_second = mistakes.take("DINGMIRROR_CALLS_PER_SECOND", number_in(&calls_per_second, 1, 60));
        let delivery = delivery::resolve(
            &mut mistakes,
            &DeliveryWords {
                keep_message_bodies: text(args.keep_message_bodies, file.keep_message_bodies, "90d"),
                keep_messages: text(args.keep_messages, file.keep_messages, "0"),
                recipients_per_minute: text(args.recipients_per_minute, file.recipients_per_minute, "5000"),
                send_claim: text(args.send_claim, file.send_claim, "5m"),
                repeat_after: text(args.repeat_after, file.repeat_after, "30s"),
                calls_per_second: calls_per_second.unwrap_or(20),
                shutdown_grace,
            },
        );

        let intake = events::resolve(
            &mut mistakes,
            EventWords {
                token: given(args.event_token).or(file.event_token),
                aes_key: given(args.event_aes_key).or(file.event_aes_key),
                token_previous: given(args.event_token_previous).or(file.event_token_previous),
                aes_key_previous: given(args.event_aes_key_previous).or(file.event_aes_key_previous),
                corp_id: given(args.event_corp_id).or(file.event_corp_id),
                stream: given(args.stream).or(file.stream),
            },
        );

        let verify = text(args.verify_calls_per_hour, file.verify_calls_per_hour, "5000");
        let verify_per_hour = mistakes.take("DINGMIRROR_VERIFY_CALLS_PER_HOUR", number_in(&verify, 0, 50_000));

        let defaults = RemovalLimits::default();
        let mut limit = |name, flag, file, default: usize, least, most| {
            let limit = text(flag, file, &default.to_string());
            let limit = mistakes.take(name, number_in(&limit, least, most));
            limit.map_or(default, |limit| limit as usize)
        };
        let removal_limits = RemovalLimits {
            count: limit(
                "DINGMIRROR_REMOVAL_LIMIT_COUNT",
                args.removal_limit_count,
                file.removal_limit_count,
                defaults.count,
                10,
                1_000_000,
            ),
            percent: limit(
                "DINGMIRROR_REMOVAL_LIMIT_PERCENT",
                args.removal_limit_percent,
                file.removal_limit_percent,
                defaults.percent,
                1,
                100,
            ),
            subtree: limit(
                "DINGMIRROR_REMOVAL_LIMIT_SUBTREE",
                args.removal_limit_subtree,
                file.removal_limit_subtree,
                defaults.subtree,
                10,
                1_000_000,
            ),
        };

        let an_address = text(args.connections_per_address, file.connections_per_address, "512");
        let an_address = mistakes.take("DINGMIRROR_CONNECTIONS_PER_ADDRESS", number_in(&an_address, 8, 65_536));
        let connections = text(args.database_max_connections, file.database_max_connections, "10");
        let connections = mistakes.take("DINGMIRROR_DATABASE_MAX_CONNECTIONS", number_in(&connections, 2, 500));

        let log = given(args.log).or(file.log).unwrap_or_else(|| "info".into());
        mistakes.take("DINGMIRROR_LOG", log::check(&log));
        let log_format = match text(args.log_format, file.log_format.map(super::file::Text::Text), "human").as_str() {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            other => {
                mistakes.add(
                    "DINGMIRROR_LOG_FORMAT",
                    format!("`{other}` is neither `human` nor `json`"),
                );
                LogFormat::Human
            }
        };

        const PREVIOUS: &str = "DINGMIRROR_JWT_SECRET_PREVIOUS";
        const KEY: &str = "DINGMIRROR_SECRET_KEY";

        let jwt = secret(
            &mut mistakes,
            JWT,
            env(JWT),
            env("DINGMIRROR_JWT_SECRET_FILE"),
            file.jwt_secret,
        );
        let previous_file = env("DINGMIRROR_JWT_SECRET_PREVIOUS_FILE");
        let previous = secret(
            &mut mistakes,
            PREVIOUS,
            env(PREVIOUS),
            previous_file,
            file.jwt_secret_previous,
        );
        let key = secret(
            &mut mistakes,
            KEY,
            env(KEY),
            env("DINGMIRROR_SECRET_KEY_FILE"),
            file.secret_key,
        );

        for (name, given) in [(JWT, &jwt), (PREVIOUS, &previous), (KEY, &key)] {
            long_enough(&mut mistakes, name, given.as_ref());
        }

        // A directory that can't be made is told once, by its own name, and not of each secret that would be kept in
        // it.
        let needs_dir = jwt.is_none() || key.is_none() || matches!(database, Some(Database::Embedded));
        let data_dir = data_dir
            .filter(|dir| !needs_dir || mistakes.take("DINGMIRROR_DATA_DIR", secrets::directory(dir)).is_some());

        // Several replicas on one Postgres must share their secrets: generated files would differ from one to the
        // other.
        let mut generated = |name: &'static str, file: &str| {
            let dir = data_dir.as_deref()?;
            mistakes.take(name, secrets::kept_in(dir, file))
        };
        let jwt = jwt.or_else(|| generated(JWT, signing::KEPT));
        let key = key.or_else(|| generated(KEY, "secret-key"));

        match (
            database,
            data_dir,
            allowed_hosts,
            sync_interval,
            sync_lease,
            verify_per_hour,
            remember,
            shutdown_grace,
            token_max_lifetime,
            calls_per_second,
            connections,
            an_address,
            jwt,
            key,
        ) {
            (
                Some(database),
                Some(data_dir),
                Some(allowed_hosts),
                Some(interval),
                Some(sync_lease),
                Some(verify_per_hour),
                Some(remember),
                Some(shutdown_grace),
                Some(token_max_lifetime),
                Some(calls_per_second),
                Some(database_max_connections),
                Some(an_address),
                Some(jwt),
                Some(secret_key),
            ) => mistakes.none().map(|()| Self {
                database,
                database_max_connections,
                data_dir,
                listen,
                connections_per_address: an_address as usize,
                allowed_hosts,
                allowed_origins,
                sync_interval: (!interval.is_zero()).then_some(interval),
                sync_lease,
                sync_on_start: true,
                intake,
                verify_per_hour,
                removal_limits,
                remember_identities: (!remember.is_zero()).then_some(remember),
                retention,
                calls_per_second,
                delivery,
                shutdown_grace,
                token_max_lifetime,
                log,
                log_format,
                jwt_secrets: std::iter::once(jwt).chain(previous).collect(),
                secret_key,
            }),
            _ => Err(mistakes.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(args: ConfigArgs, vars: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::resolve(args, |name| {
            vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let args = ConfigArgs {
            database_url: Some("mysql://x".into()),
            listen: Some("here".into()),
            sync_interval: Some("soon".into()),
            calls_per_second: Some("100".into()),
            log_format: Some("xml".into()),
            allowed_origins: Some("https://a.example/path".into()),
            ..ConfigArgs::default()
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
        let args = ConfigArgs {
            config: Some(path.to_str().unwrap().into()),
            listen: Some("127.0.0.1:2".into()),
            data_dir: Some(dir.path().to_str().unwrap().into()),
            ..ConfigArgs::default()
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
        let args = ConfigArgs {
            config: Some(path.to_str().unwrap().into()),
            data_dir: Some(dir.path().to_str().unwrap().into()),
            token_max_lifetime: Some("20y".into()),
            allowed_hosts: Some("*.dingtalk.com".into()),
            ..ConfigArgs::default()
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
}
