//! The settings form: its values, what it accepts, and how its secret is sealed. No I/O.

mod api;
mod handle;
mod values;

pub use api::Api;
pub use handle::SettingsHandle;
pub use values::{AppSecret, MatchingMethod, Settings, SettingsPatch};
