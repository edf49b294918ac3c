//! Collecting what is wrong, so that all of it is told at once.

use super::error::{ConfigError, ConfigErrors};

/// Collects mistakes while the good values are kept.
#[derive(Default)]
pub(super) struct Mistakes(Vec<ConfigError>);

impl Mistakes {
    pub(super) fn add(&mut self, name: &'static str, message: impl Into<String>) {
        self.0.push(ConfigError {
            name,
            message: message.into(),
        });
    }

    pub(super) fn take<T>(&mut self, name: &'static str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.add(name, message)).ok()
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|mistake| mistake.name).collect()
    }

    /// Everything that was wrong, if anything was.
    pub(super) fn none(self) -> Result<(), ConfigErrors> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl From<Mistakes> for ConfigErrors {
    fn from(mistakes: Mistakes) -> Self {
        Self(mistakes.0)
    }
}
