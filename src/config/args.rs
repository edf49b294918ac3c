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

    /// Open connections of one address on which no token was shown, 8 to 65536; behind a proxy all callers have its
    /// address [default: 512]
    #[arg(long, value_name = "N", env = "DINGMIRROR_CONNECTIONS_PER_ADDRESS", global = true)]
    pub connections_per_address: Option<String>,

    /// Hosts that the settings' DingTalk URLs may name, `host` or `host:port`, separated by commas [default: DingTalk's
    /// own]
    #[arg(long, value_name = "HOSTS", env = "DINGMIRROR_ALLOWED_HOSTS", global = true)]
    pub allowed_hosts: Option<String>,

    /// Origins whose pages may call from a browser, separated by commas; the server's own always may
    #[arg(long, value_name = "ORIGINS", env = "DINGMIRROR_ALLOWED_ORIGINS", global = true)]
    pub allowed_origins: Option<String>,

    /// Time between syncs, say `30m`: reconciliations, and once a day a full one; `0` leaves only those at start and on
    /// request [default: 1h]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_SYNC_INTERVAL", global = true)]
    pub sync_interval: Option<String>,

    /// How long a replica that died keeps others from syncing, 1s to 10m [default: 15s]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_SYNC_LEASE", global = true, hide = true)]
    pub sync_lease: Option<String>,

    /// `user/get` calls an hour that read again whom no event told about, 0 to 50000 [default: 5000]
    #[arg(long, value_name = "N", env = "DINGMIRROR_VERIFY_CALLS_PER_HOUR", global = true)]
    pub verify_calls_per_hour: Option<String>,

    /// More people, or departments, than this are not removed at once without approval, 10 to 1000000 [default: 200]
    #[arg(long, value_name = "N", env = "DINGMIRROR_REMOVAL_LIMIT_COUNT", global = true)]
    pub removal_limit_count: Option<String>,

    /// A larger share than this is not removed at once without approval, 1 to 100 per cent [default: 10]
    #[arg(
        long,
        value_name = "PERCENT",
        env = "DINGMIRROR_REMOVAL_LIMIT_PERCENT",
        global = true
    )]
    pub removal_limit_percent: Option<String>,

    /// More people of one removed department than this are not removed without approval, 10 to 1000000 [default: 50]
    #[arg(long, value_name = "N", env = "DINGMIRROR_REMOVAL_LIMIT_SUBTREE", global = true)]
    pub removal_limit_subtree: Option<String>,

    /// Token of the HTTP push, as in DingTalk's developer console; with the AES key it opens POST /dingtalk/events
    #[arg(
        long,
        value_name = "TOKEN",
        env = "DINGMIRROR_EVENT_TOKEN",
        hide_env_values = true,
        global = true
    )]
    pub event_token: Option<String>,

    /// AES key (EncodingAESKey) of the HTTP push, 43 letters and digits
    #[arg(
        long,
        value_name = "KEY",
        env = "DINGMIRROR_EVENT_AES_KEY",
        hide_env_values = true,
        global = true
    )]
    pub event_aes_key: Option<String>,

    /// An older token that is still accepted, while it is changed in DingTalk's developer console
    #[arg(
        long,
        value_name = "TOKEN",
        env = "DINGMIRROR_EVENT_TOKEN_PREVIOUS",
        hide_env_values = true,
        global = true
    )]
    pub event_token_previous: Option<String>,

    /// An older AES key that is still accepted, while it is changed in DingTalk's developer console
    #[arg(
        long,
        value_name = "KEY",
        env = "DINGMIRROR_EVENT_AES_KEY_PREVIOUS",
        hide_env_values = true,
        global = true
    )]
    pub event_aes_key_previous: Option<String>,

    /// CorpId, where pushes are encrypted for it and not for the app key
    #[arg(long, value_name = "CORPID", env = "DINGMIRROR_EVENT_CORP_ID", global = true)]
    pub event_corp_id: Option<String>,

    /// `on`: a stream connection to DingTalk is kept open, which tells of changes without a public address [default:
    /// off]
    #[arg(long, value_name = "on|off", env = "DINGMIRROR_STREAM", global = true)]
    pub stream: Option<String>,
    /// How long Confluence identities are remembered after they were last asked for, say `90d`; `0` remembers only
    /// those linked by hand [default: 90d]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_REMEMBER_IDENTITIES", global = true)]
    pub remember_identities: Option<String>,

    /// Calls a second to each of DingTalk's APIs, 1 to 60: 20 standard, 40 professional, 60 exclusive edition [default:
    /// 20]
    #[arg(long, value_name = "N", env = "DINGMIRROR_CALLS_PER_SECOND", global = true)]
    pub calls_per_second: Option<String>,

    /// How long the content of messages is kept; who was sent to, when and what became of it stays [default: 90d, 0:
    /// for ever]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_KEEP_MESSAGE_BODIES", global = true)]
    pub keep_message_bodies: Option<String>,

    /// How long messages and their recipients stay on record, at least `32d`; their numbers by day stay [default: 0,
    /// for ever]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_KEEP_MESSAGES", global = true)]
    pub keep_messages: Option<String>,

    /// How long sync runs stay on record, at least `1d` [default: 90d, 0: for ever]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_KEEP_SYNC_RUNS", global = true)]
    pub keep_sync_runs: Option<String>,

    /// How long entries of the change feed are kept, at least `1d` [default: 365d, 0: for ever]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_KEEP_CHANGES", global = true)]
    pub keep_changes: Option<String>,

    /// Recipients in any minute; above DingTalk's limit it drops messages in silence [default: 5000]
    #[arg(
        long,
        value_name = "N",
        env = "DINGMIRROR_RECIPIENTS_PER_MINUTE",
        global = true,
        hide = true
    )]
    pub recipients_per_minute: Option<String>,

    /// How long a call may take before its outcome counts as unknown, 2s to 30m [default: 5m]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_SEND_CLAIM", global = true, hide = true)]
    pub send_claim: Option<String>,

    /// How long the first repetition of a send of unknown outcome waits, 1s to 5m; the next ten and sixty times as long
    /// [default: 30s]
    #[arg(
        long,
        value_name = "TIME",
        env = "DINGMIRROR_REPEAT_AFTER",
        global = true,
        hide = true
    )]
    pub repeat_after: Option<String>,

    /// Time that a shutdown waits for work under way before it cuts it off [default: 10s]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_SHUTDOWN_GRACE", global = true)]
    pub shutdown_grace: Option<String>,

    /// Longest life of a bearer token, 1m to 3650d: `exp` after it was issued; tokens that live longer are refused
    /// [default: 365d]
    #[arg(long, value_name = "TIME", env = "DINGMIRROR_TOKEN_MAX_LIFETIME", global = true)]
    pub token_max_lifetime: Option<String>,

    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,dingmirror::sync=debug`
    /// [default: info]
    #[arg(long, value_name = "FILTER", env = "DINGMIRROR_LOG", global = true)]
    pub log: Option<String>,

    /// `human` or `json` [default: human]
    #[arg(long, value_name = "FORMAT", env = "DINGMIRROR_LOG_FORMAT", global = true)]
    pub log_format: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::KEYS;

    #[test]
    fn every_flag_but_the_files_own_is_a_setting_of_the_file() {
        let command = ConfigArgs::augment_args(clap::Command::new("x"));
        let mut names: Vec<_> = command.get_arguments().map(|arg| arg.get_id().as_str()).collect();
        names.retain(|name| *name != "config");
        names.extend(["jwt_secret", "jwt_secret_previous", "secret_key"]);
        names.sort_unstable();
        assert_eq!(names, KEYS);
    }
}
