//! How each setting is written in the TOML file.

/// A value of the right form for the setting `key`, as it stands behind the `=`.
pub(super) fn of(key: &str) -> &'static str {
    match key {
        "data_dir" => r#""/var/lib/dingmirror""#,
        "database_url" => r#""postgres://USER@HOST/DATABASE""#,
        "listen" => r#""127.0.0.1:8080""#,
        "allowed_hosts" => r#"["oapi.dingtalk.com"]"#,
        "allowed_origins" => r#"["https://wiki.example.com"]"#,
        "stream" => r#""on""#,
        "log" => r#""info""#,
        "log_format" => r#""json""#,
        "sync_interval" => r#""1h""#,
        "sync_lease" => r#""15s""#,
        "shutdown_grace" => r#""10s""#,
        "send_claim" => r#""5m""#,
        "repeat_after" => r#""30s""#,
        "remember_identities" | "keep_message_bodies" | "keep_sync_runs" => r#""90d""#,
        "keep_changes" | "keep_messages" | "token_max_lifetime" => r#""365d""#,
        "calls_per_second" => "20",
        "connections_per_address" => "512",
        "database_max_connections" => "10",
        "recipients_per_minute" | "verify_calls_per_hour" => "5000",
        "removal_limit_count" | "removal_limit_percent" | "removal_limit_subtree" => "50",
        // Tokens, keys and secrets.
        _ => r#""…""#,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::KEYS;

    #[test]
    fn every_example_is_toml() {
        for key in KEYS {
            let line = format!("{key} = {}", of(key));
            assert!(line.parse::<toml::Table>().is_ok(), "{line}");
        }
    }
}
