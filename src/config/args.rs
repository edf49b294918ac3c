//! The flags that every command takes, with the environment variables that stand in for them.

use clap::Args;

/// Everything is text here and checked in one place, so that all mistakes are told at once and not one per start.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// TOML file with the same settings: the long flags' names with `_` for `-`
    #[arg(long, value_name = "FILE", env = "DINGMIRROR_CONFIG", global = true)]
    pub config: Option<String>,

    /// `postgres://user:password@host/database`; without it, SQLite in the data directory
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub database_url: Option<String>,

    /// Connections to Postgres at most [default: 10]
    #[arg(long, value_name = "N", env = "DINGMIRROR_DATABASE_MAX_CONNECTIONS", global = true)]
    pub database_max_connections: Option<String>,

    /// Where the embedded database and the generated secrets live [default: ~/.local/share/dingmirror]
    #[arg(long, value_name = "DIR", env = "DINGMIRROR_DATA_DIR", global = true)]
    pub data_dir: Option<String>,

    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT", env = "DINGMIRROR_LISTEN", global = true)]
    pub listen: Option<String>,

    /// Hosts that the settings' DingTalk URLs may name, `host` or `host:port`, separated by commas [default: DingTalk's own]
    #[arg(long, value_name = "HOSTS", env = "DINGMIRROR_ALLOWED_HOSTS", global = true)]
    pub allowed_hosts: Option<String>,

    /// Origins whose pages may call from a browser, separated by commas; the server's own always may
    #[arg(long, value_name = "ORIGINS", env = "DINGMIRROR_ALLOWED_ORIGINS", global = true)]
    pub allowed_origins: Option<String>,

    /// Time between full syncs, say `30m`; `0` leaves only the ones at start and on request [default: 1h]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_SYNC_INTERVAL", global = true)]
    pub sync_interval: Option<String>,

    /// How long Confluence identities are remembered after they were last asked for, say `90d`; `0` remembers none [default: 90d]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_REMEMBER_IDENTITIES", global = true)]
    pub remember_identities: Option<String>,

    /// Calls a second to each of DingTalk's APIs, 1 to 60: 20 standard, 40 professional, 60 exclusive edition [default: 20]
    #[arg(long, value_name = "N", env = "DINGMIRROR_CALLS_PER_SECOND", global = true)]
    pub calls_per_second: Option<String>,

    /// Time that a shutdown waits for work under way before it cuts it off [default: 10s]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_SHUTDOWN_GRACE", global = true)]
    pub shutdown_grace: Option<String>,

    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,dingmirror::sync=debug` [default: info]
    #[arg(long, value_name = "FILTER", env = "DINGMIRROR_LOG", global = true)]
    pub log: Option<String>,

    /// `human` or `json` [default: human]
    #[arg(long, value_name = "FORMAT", env = "DINGMIRROR_LOG_FORMAT", global = true)]
    pub log_format: Option<String>,
}
