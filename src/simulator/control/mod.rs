//! The control API: what the simulated platform knows, and what may be changed about it.
//!
//! No authentication: meant for the loopback interface. All bodies are JSON; whatever is wrong with a request is
//! answered with 400 and `{"error": "…"}`. `GET /control` lists the endpoints; [`Control`] is the same without HTTP.

mod contacts;
mod directory;
mod events;
mod http;
mod index;
mod messages;
mod traffic;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::state::SimulatorState;

pub(crate) use http::{index, router};

/// Why a control request was refused: a sentence that names the field.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ControlError(String);

type ControlResult = Result<Value, ControlError>;

/// The control API without HTTP. All values have the form of the endpoint of the same name.
#[derive(Clone)]
pub struct Control {
    shared: Arc<SimulatorState>,
}

impl Control {
    pub(crate) fn new(shared: Arc<SimulatorState>) -> Self {
        Self { shared }
    }
}

fn refused(reason: impl Into<String>) -> ControlError {
    ControlError(reason.into())
}

fn parse<T: DeserializeOwned>(body: Value) -> Result<T, ControlError> {
    serde_json::from_value(body).map_err(|error| refused(error.to_string()))
}

/// The same settings with those that are given replaced.
fn changed<T: DeserializeOwned + Serialize>(old: &T, body: Value) -> Result<T, ControlError> {
    let Value::Object(changes) = body else {
        return Err(refused("give an object"));
    };
    let mut merged = json!(old);
    for (name, value) in changes {
        merged[name] = value;
    }
    parse(merged)
}

/// One, or an array of them.
fn many<T: DeserializeOwned>(body: Value) -> Result<Vec<T>, ControlError> {
    let items = match body {
        Value::Array(items) => items,
        one => vec![one],
    };
    items.into_iter().map(parse).collect()
}
