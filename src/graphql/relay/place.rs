//! Places of a list in its cursors.

use std::{fmt, str::FromStr};

use serde::{Serialize, de::DeserializeOwned};

/// A place that is more than a key, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlaceText<P>(pub(crate) P);

impl<P: Serialize> fmt::Display for PlaceText<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl<P: DeserializeOwned> FromStr for PlaceText<P> {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text).map(Self)
    }
}
