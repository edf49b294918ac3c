//! Where the server listens, for a command that asks it: nothing else of the configuration is looked at or made.

use super::{
    environment::env,
    error::ConfigErrors,
    table::{ConfigLayer, Layers},
};

/// Where a server with this configuration listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// Host and port, as written.
    pub address: String,
}

impl Listening {
    /// Reads flags, environment and file.
    pub fn load(args: ConfigLayer) -> Result<Self, ConfigErrors> {
        let mut layers = Layers::of(args, &env);
        let address = layers.listen();
        layers.mistakes.none().map(|()| Self { address })
    }
}
