//! The table of settings. A row says all there is to say of one: key, flag, variable, kind, default, bounds and help.
//!
//! The flags with their help come from it (`args.rs`), the file's keys and examples (`file.rs`), the names that a
//! misspelt one is compared with (`stray.rs`), and a method of [`Layers`] for each setting that gives its value. A row
//! whose value nobody takes is a warning of the compiler.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::{
    duration::parse_duration,
    follow_up_policy,
    log::{self, LogFormat},
    mistakes::Mistakes,
    retention,
    setting::{Kind, Setting},
    trusted_mode::{self, TrustedMode},
    values::{address, number, on_or_off, origin, time_between, time_or_none},
    written::Written,
};
use crate::{auth::Network, message::FollowUpPolicy, settings::AllowedHosts};

/// Makes of each row a field of [`ConfigLayer`], a row of [`TABLE`], and a method of [`Layers`].
///
/// `key: type = way(reader) { … }`: the way is a method of [`Written`], and the braces hold fields of [`Setting`].
macro_rules! settings {
    ($(
        $(#[doc = $help:literal])+
        $key:ident: $type:ty = $way:ident($($reader:expr)?) { $($field:ident: $value:expr),+ $(,)? }
    )+) => {
        /// What one layer says: the flags with their variables, or the file. Everything is text here and is checked
        /// later, so that all mistakes are told at once and not one per start.
        ///
        /// It may hold secrets, and its `Debug` shows nothing.
        #[derive(Clone, Default)]
        pub struct ConfigLayer {
            /// The file.
            pub config: Option<String>,
            $($(#[doc = $help])+ pub $key: Option<String>,)+
        }

        impl std::fmt::Debug for ConfigLayer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("ConfigLayer").finish_non_exhaustive()
            }
        }

        impl ConfigLayer {
            /// Says that `key` is `text`. Other keys are left alone.
            pub(super) fn set(&mut self, key: &str, text: String) {
                let field = match key {
                    _ if key == CONFIG.key => &mut self.config,
                    $(_ if key == stringify!($key) => &mut self.$key,)+
                    _ => return,
                };
                *field = Some(text);
            }
        }

        /// The rows by name.
        pub(super) struct Table {
            $(pub(super) $key: Setting,)+
        }

        /// The table.
        pub(super) static TABLE: Table = Table {
            $($key: Setting {
                key: stringify!($key),
                help: concat!($($help),+),
                $($field: $value,)+
                ..Setting::BASE
            },)+
        };

        /// The rows in the order of the help.
        pub(super) static ROWS: &[&Setting] = &[$(&TABLE.$key),+];

        impl Layers<'_> {
            $($(#[doc = $help])+
            pub(super) fn $key(&mut self) -> $type {
                let (flag, file) = (self.flags.$key.clone(), self.file.$key.clone());
                self.written(&TABLE.$key, flag, file).$way($($reader)?)
            })+
        }
    };
}

/// The flag that names the file. It is no setting: the file can't name another one.
pub(super) static CONFIG: Setting = Setting {
    key: "config",
    variable: "DINGMIRROR_CONFIG",
    help: "TOML file with the same settings: the long flags' names with `_` for `-`",
    kind: Kind::Text("FILE"),
    ..Setting::BASE
};

settings! {
    /// `postgres://user:password@host/database`; without it, SQLite in the data directory
    database_url: Option<SecretString> = secret() {
        variable: "DATABASE_URL", kind: Kind::Secret("URL"), example: Some(r#""postgres://USER@HOST/DATABASE""#),
    }

    /// Connections to Postgres at most
    database_max_connections: u32 = value(number(2..=500)) {
        variable: "DINGMIRROR_DATABASE_MAX_CONNECTIONS", kind: Kind::Number("N"), default: Some("10"),
    }

    /// How long a command waits for a Postgres that is not there yet, up to 1h; with 0 one that is starting has eight
    /// seconds
    wait_for_database: Duration = value(time_between("0", "1h")) {
        variable: "DINGMIRROR_WAIT_FOR_DATABASE", kind: Kind::Time, default: Some("0"), example: Some(r#""30s""#),
    }

    /// Where the embedded database and the generated secrets live
    data_dir: Option<PathBuf> = optional(|text| Ok(PathBuf::from(text))) {
        variable: "DINGMIRROR_DATA_DIR", kind: Kind::Text("DIR"),
        default_told: Some("~/.local/share/dingmirror"), example: Some(r#""/var/lib/dingmirror""#),
    }

    /// Address and port to listen on
    listen: String = value(address) {
        variable: "DINGMIRROR_LISTEN", kind: Kind::Text("HOST:PORT"), default: Some("127.0.0.1:8080"),
    }

    /// Open connections on which a token was shown, WebSockets included, 64 to 262144; a subscriber takes some 60 kB
    connections: usize = value(number(64..=262_144)) {
        variable: "DINGMIRROR_CONNECTIONS", kind: Kind::Number("N"), default: Some("12288"),
    }

    /// Open connections of one address on which no token was shown, 8 to 65536; behind a proxy all callers have its
    /// address
    connections_per_address: usize = value(number(8..=65_536)) {
        variable: "DINGMIRROR_CONNECTIONS_PER_ADDRESS", kind: Kind::Number("N"), default: Some("512"),
    }

    /// Proxies in front that say by `X-Forwarded-For` whom they speak for, addresses or networks, separated by commas
    trusted_proxies: Vec<Network> = each(Network::parse) {
        variable: "DINGMIRROR_TRUSTED_PROXIES", kind: Kind::List("NETWORKS"),
        example: Some(r#"["10.0.0.0/8"]"#),
    }

    /// Tokens and keys of one address that are refused in a minute with the cause, 0 to 1000000; those beyond are told
    /// to wait. 0 is no limit; behind a proxy that isn't trusted all callers have its address
    refusals_per_minute: u32 = value(number(0..=1_000_000)) {
        variable: "DINGMIRROR_REFUSALS_PER_MINUTE", kind: Kind::Number("N"), default: Some("300"),
    }

    /// Hosts that the settings' DingTalk URLs may name, `host` or `host:port`, separated by commas
    allowed_hosts: Option<AllowedHosts> = optional(AllowedHosts::parse) {
        variable: "DINGMIRROR_ALLOWED_HOSTS", kind: Kind::List("HOSTS"),
        default_told: Some("DingTalk's own"), example: Some(r#"["oapi.dingtalk.com"]"#),
    }

    /// Origins whose pages may call from a browser, separated by commas; the server's own always may
    allowed_origins: Vec<String> = each(origin) {
        variable: "DINGMIRROR_ALLOWED_ORIGINS", kind: Kind::List("ORIGINS"),
        example: Some(r#"["https://wiki.example.com"]"#),
    }

    /// Origins whose pages may show the console in a frame, say Confluence's, separated by commas
    frame_ancestors: Vec<String> = each(origin) {
        variable: "DINGMIRROR_FRAME_ANCESTORS", kind: Kind::List("ORIGINS"),
        example: Some(r#"["https://wiki.example.com"]"#),
    }

    /// Megabytes of answers that are kept until the directory changes, 0 to 4096
    kept_answers: usize = value(number(0..=4_096)) {
        variable: "DINGMIRROR_KEPT_ANSWERS", kind: Kind::Number("MB"), default: Some("32"),
    }

    /// `on`: clients may register documents by their hash, and send only that from then on: automatic persisted queries
    persisted_queries: bool = value(on_or_off) {
        variable: "DINGMIRROR_PERSISTED_QUERIES", kind: Kind::Text("on|off"), default: Some("on"),
    }

    /// What the list of trusted documents is for: `off`, `prefer` takes documents by their id, `require` runs no others
    trusted_documents: TrustedMode = value(trusted_mode::mode) {
        variable: "DINGMIRROR_TRUSTED_DOCUMENTS", kind: Kind::Text("off|prefer|require"), default: Some("off"),
        example: Some(r#""require""#),
    }

    /// The list: what Relay's compiler or Apollo's manifest writes, JSON
    trusted_documents_file: Option<PathBuf> = optional(|text| Ok(PathBuf::from(text))) {
        variable: "DINGMIRROR_TRUSTED_DOCUMENTS_FILE", kind: Kind::Text("FILE"),
        example: Some(r#""/etc/dingmirror/documents.json""#),
    }

    /// Time between syncs, say `30m`: reconciliations, and once a day a full one; `0` leaves only those at start and on
    /// request
    sync_interval: Option<Duration> = value(time_or_none) {
        variable: "DINGMIRROR_SYNC_INTERVAL", kind: Kind::Time, default: Some("1h"),
    }

    // Shorter ones are lost to a slow database, longer ones stop the syncs for too long.
    /// How long a replica that died keeps others from syncing, 1s to 10m
    sync_lease: Duration = value(time_between("1s", "10m")) {
        variable: "DINGMIRROR_SYNC_LEASE", kind: Kind::Time, default: Some("15s"), is_hidden: true,
    }

    /// `user/get` calls an hour that read again whom no event told about, 0 to 50000
    verify_calls_per_hour: u32 = value(number(0..=50_000)) {
        variable: "DINGMIRROR_VERIFY_CALLS_PER_HOUR", kind: Kind::Number("N"), default: Some("5000"),
    }

    /// More people, or departments, than this are not removed at once without approval, 10 to 1000000
    removal_limit_count: usize = value(number(10..=1_000_000)) {
        variable: "DINGMIRROR_REMOVAL_LIMIT_COUNT", kind: Kind::Number("N"), default: Some("200"), example: Some("50"),
    }

    /// A larger share than this is not removed at once without approval, 1 to 100 per cent
    removal_limit_percent: usize = value(number(1..=100)) {
        variable: "DINGMIRROR_REMOVAL_LIMIT_PERCENT", kind: Kind::Number("PERCENT"), default: Some("10"),
        example: Some("50"),
    }

    /// More people of one removed department than this are not removed without approval, 10 to 1000000
    removal_limit_subtree: usize = value(number(10..=1_000_000)) {
        variable: "DINGMIRROR_REMOVAL_LIMIT_SUBTREE", kind: Kind::Number("N"), default: Some("50"),
    }

    /// Token of the HTTP push, as in DingTalk's developer console; with the AES key it opens POST /dingtalk/events
    event_token: Option<String> = secret_text() {
        variable: "DINGMIRROR_EVENT_TOKEN", kind: Kind::Secret("TOKEN"),
    }

    /// AES key (EncodingAESKey) of the HTTP push, 43 letters and digits
    event_aes_key: Option<String> = secret_text() {
        variable: "DINGMIRROR_EVENT_AES_KEY", kind: Kind::Secret("KEY"),
    }

    /// An older token that is still accepted, while it is changed in DingTalk's developer console
    event_token_previous: Option<String> = secret_text() {
        variable: "DINGMIRROR_EVENT_TOKEN_PREVIOUS", kind: Kind::Secret("TOKEN"),
    }

    /// An older AES key that is still accepted, while it is changed in DingTalk's developer console
    event_aes_key_previous: Option<String> = secret_text() {
        variable: "DINGMIRROR_EVENT_AES_KEY_PREVIOUS", kind: Kind::Secret("KEY"),
    }

    /// CorpId, where pushes are encrypted for it and not for the app key
    event_corp_id: Option<String> = text() {
        variable: "DINGMIRROR_EVENT_CORP_ID", kind: Kind::Text("CORPID"),
    }

    /// `on`: a stream connection to DingTalk is kept open, which tells of changes without a public address
    stream: bool = value(on_or_off) {
        variable: "DINGMIRROR_STREAM", kind: Kind::Text("on|off"), default: Some("off"), example: Some(r#""on""#),
    }

    /// How long Confluence identities are remembered after they were last asked for, say `90d`; `0` remembers only
    /// those linked by hand
    remember_identities: Option<Duration> = value(time_or_none) {
        variable: "DINGMIRROR_REMEMBER_IDENTITIES", kind: Kind::Time, default: Some("90d"),
    }

    /// Calls a second to each of DingTalk's APIs, 1 to 60: 20 standard, 40 professional, 60 exclusive edition
    calls_per_second: u32 = value(number(1..=60)) {
        variable: "DINGMIRROR_CALLS_PER_SECOND", kind: Kind::Number("N"), default: Some("20"),
    }

    /// Metered calls a month that the company has at DingTalk: 5000 standard edition, 200000 and more professional;
    /// other programs of the company draw on them, too
    calls_per_month: u64 = value(number(1..=100_000_000)) {
        variable: "DINGMIRROR_CALLS_PER_MONTH", kind: Kind::Number("N"), default: Some("5000"), example: Some("200000"),
    }

    /// The last of these calls, by which only messages of priority HIGH are sent, and sends taken back; `0`: none
    calls_reserved: u64 = value(number(0..=100_000_000)) {
        variable: "DINGMIRROR_CALLS_RESERVED", kind: Kind::Number("N"), default: Some("0"), example: Some("250"),
    }

    /// How much is spent on asking DingTalk what became of messages: `auto` what the month's calls leave, `final` one
    /// question at the end of a day, `live` six in a day, `none` nothing
    follow_up: FollowUpPolicy = value(follow_up_policy::policy) {
        variable: "DINGMIRROR_FOLLOW_UP", kind: Kind::Text("auto|final|live|none"), default: Some("auto"),
        example: Some(r#""live""#),
    }

    /// How long a message to fewer than 100 people waits for others of the same content, so that they go out in one
    /// call, 0 to 10m; those of priority HIGH don't wait
    coalesce_window: Duration = value(time_between("0", "10m")) {
        variable: "DINGMIRROR_COALESCE_WINDOW", kind: Kind::Time, default: Some("1s"), example: Some(r#""30s""#),
    }

    /// How long the content of messages is kept; who was sent to, when and what became of it stays
    keep_message_bodies: Option<Duration> = value(time_or_none) {
        variable: "DINGMIRROR_KEEP_MESSAGE_BODIES", kind: Kind::Time, default: Some("90d"),
        default_told: Some("90d, 0: for ever"),
    }

    /// How long messages and their recipients stay on record, at least `32d`; their numbers by day stay
    keep_messages: Option<Duration> = value(retention::kept_messages) {
        variable: "DINGMIRROR_KEEP_MESSAGES", kind: Kind::Time, default: Some("0"),
        default_told: Some("0, for ever"), example: Some(r#""365d""#),
    }

    /// How long sync runs stay on record, at least `1d`
    keep_sync_runs: Option<Duration> = value(retention::kept) {
        variable: "DINGMIRROR_KEEP_SYNC_RUNS", kind: Kind::Time, default: Some("90d"),
        default_told: Some("90d, 0: for ever"),
    }

    /// How long entries of the change feed are kept, at least `1d`
    keep_changes: Option<Duration> = value(retention::kept) {
        variable: "DINGMIRROR_KEEP_CHANGES", kind: Kind::Time, default: Some("365d"),
        default_told: Some("365d, 0: for ever"),
    }

    /// How long entries of the audit log are kept, at least `1d`
    keep_audit_log: Option<Duration> = value(retention::kept) {
        variable: "DINGMIRROR_KEEP_AUDIT_LOG", kind: Kind::Time, default: Some("400d"),
        default_told: Some("400d, 0: for ever"),
    }

    /// Recipients in any minute; above DingTalk's limit it drops messages in silence
    recipients_per_minute: u32 = value(number(100..=1_000_000)) {
        variable: "DINGMIRROR_RECIPIENTS_PER_MINUTE", kind: Kind::Number("N"), default: Some("5000"), is_hidden: true,
    }

    // Below two seconds every slow answer would be an unknown outcome.
    /// How long a call may take before its outcome counts as unknown, 2s to 30m
    send_claim: Duration = value(time_between("2s", "30m")) {
        variable: "DINGMIRROR_SEND_CLAIM", kind: Kind::Time, default: Some("5m"), is_hidden: true,
    }

    // The third repetition comes after sixty times as long, and all on one day.
    /// How long the first repetition of a send of unknown outcome waits, 1s to 5m; the next ten and sixty times as long
    repeat_after: Duration = value(time_between("1s", "5m")) {
        variable: "DINGMIRROR_REPEAT_AFTER", kind: Kind::Time, default: Some("30s"), is_hidden: true,
    }

    /// Time that a shutdown waits for work under way before it cuts it off
    shutdown_grace: Duration = value(parse_duration) {
        variable: "DINGMIRROR_SHUTDOWN_GRACE", kind: Kind::Time, default: Some("10s"),
    }

    // Shorter ones are over before they are used; nothing that is good for longer than ten years should be a bearer
    // token.
    /// Longest life of a bearer token, 1m to 3650d: `exp` after it was issued; tokens that live longer are refused
    token_max_lifetime: Duration = value(time_between("1m", "3650d")) {
        variable: "DINGMIRROR_TOKEN_MAX_LIFETIME", kind: Kind::Time, default: Some("365d"),
    }

    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,dingmirror::sync=debug`
    log: String = value(log::filter) {
        variable: "DINGMIRROR_LOG", kind: Kind::Text("FILTER"), default: Some("info"),
    }

    /// `human` or `json`
    log_format: LogFormat = value(log::format) {
        variable: "DINGMIRROR_LOG_FORMAT", kind: Kind::Text("FORMAT"), default: Some("human"),
        example: Some(r#""json""#),
    }

    /// signs the API's bearer tokens (HS256), at least 32 bytes
    jwt_secret: Option<SecretString> = strong_secret() {
        variable: "DINGMIRROR_JWT_SECRET", kind: Kind::Secret("SECRET"), is_flag: false,
    }

    /// an older one that is still accepted
    jwt_secret_previous: Option<SecretString> = strong_secret() {
        variable: "DINGMIRROR_JWT_SECRET_PREVIOUS", kind: Kind::Secret("SECRET"), is_flag: false,
    }

    /// seals the appSecret in the database, at least 32 bytes
    secret_key: Option<SecretString> = strong_secret() {
        variable: "DINGMIRROR_SECRET_KEY", kind: Kind::Secret("SECRET"), is_flag: false,
    }
}

/// All that was written, and what is wrong with it. Each setting has a method that reads it.
pub(super) struct Layers<'e> {
    /// Flags, and the variables that stand in for them.
    pub(super) flags: ConfigLayer,
    /// The file.
    pub(super) file: ConfigLayer,
    /// The file's `[[issuers]]`.
    pub(super) issuers: Vec<toml::Table>,
    /// The environment, for what is no flag.
    pub(super) env: &'e dyn Fn(&str) -> Option<String>,
    /// What was wrong so far.
    pub(super) mistakes: Mistakes,
}

impl Layers<'_> {
    /// What the layers say of `setting`. A blank flag counts as not given, and so does a variable.
    fn written(&mut self, setting: &'static Setting, flag: Option<String>, file: Option<String>) -> Written<'_> {
        let given = if setting.is_flag {
            flag
        } else {
            (self.env)(setting.variable)
        };
        Written {
            setting,
            given: given.filter(|text| !text.trim().is_empty()),
            file,
            env: self.env,
            mistakes: &mut self.mistakes,
        }
    }
}
/// The setting whose key is most like `key`, if it is so much like it (0 to 1). Of two that are alike as much, the last
/// by its key.
pub(super) fn nearest(key: &str, at_least: f64) -> Option<&'static Setting> {
    let likeness = |setting: &&'static Setting| (strsim::jaro_winkler(key, setting.key), *setting);
    ROWS.iter()
        .map(likeness)
        .max_by(|(a, one), (b, other)| a.total_cmp(b).then(one.key.cmp(other.key)))
        .filter(|(alike, _)| *alike >= at_least)
        .map(|(_, setting)| setting)
}
