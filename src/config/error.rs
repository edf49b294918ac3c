//! What is wrong with the configuration.

use std::fmt;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The setting, by the name of its environment variable.
    pub name: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// Every mistake of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration has {} mistake(s):", self.0.len())?;
        for error in &self.0 {
            write!(f, "\n  {}: {}", error.name, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
