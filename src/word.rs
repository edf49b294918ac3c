//! The name of an enum's value: the same in the log as in the database and in the API, where `Debug` would be Rust's
//! own.

use serde::Serialize;

/// `RECONCILE` of `RunMode::Reconcile`; empty where the value serialises as anything but a text.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    enum Mode {
        DryRun,
    }

    #[test]
    fn a_value_has_the_name_that_the_api_has_for_it() {
        assert_eq!(word(&Mode::DryRun), "DRY_RUN");
        assert_eq!(word(&Some(Mode::DryRun)), "DRY_RUN");
        assert_eq!(word(&None::<Mode>), "");
    }
}
