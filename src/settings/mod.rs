//! The settings form: its values, what it accepts, and how its secret is sealed. No I/O.

mod api;
mod handle;
mod rules;
mod stored;
mod values;

pub use api::Api;
pub use handle::SettingsHandle;
pub use rules::{AllowedHosts, Sealer, SettingsError, SettingsErrorCode};
pub use stored::{SettingsAudit, StoredSettings};
pub use values::{AppSecret, MatchingMethod, Settings, SettingsPatch};
