//! Whether and how messages are sent.

use serde::{Deserialize, Serialize};

/// What becomes of messages. The form's "enabled" is Yes for all but `Off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryMode {
    /// Nothing is sent, and callers are told.
    #[default]
    Off,
    /// Everything is resolved and recorded; nothing is sent.
    Shadow,
    /// Everything goes to one tester.
    Redirect,
    /// Messages are sent.
    On,
}

impl DeliveryMode {
    /// Its name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Shadow => "SHADOW",
            Self::Redirect => "REDIRECT",
            Self::On => "ON",
        }
    }

    /// The mode after a change of the form's Yes/No and of the mode itself. Yes leaves a mode alone that is "enabled"
    /// already; `None`: the two contradict each other.
    pub(super) fn changed(self, enabled: Option<bool>, mode: Option<Self>) -> Option<Self> {
        match (enabled, mode) {
            (None, None) => Some(self),
            (Some(true), None) if self != Self::Off => Some(self),
            (Some(true), None) => Some(Self::On),
            (Some(false), None) => Some(Self::Off),
            (enabled, Some(mode)) => enabled.is_none_or(|yes| yes == (mode != Self::Off)).then_some(mode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryMode::{self, *};

    #[test]
    fn yes_and_no_are_on_and_off_and_a_mode_that_contradicts_them_is_no_mode() {
        for (before, enabled, mode, after) in [
            (Off, None, None, Some(Off)),
            (Off, Some(true), None, Some(On)),
            (Shadow, Some(true), None, Some(Shadow)),
            (Redirect, Some(true), None, Some(Redirect)),
            (On, Some(false), None, Some(Off)),
            (On, None, Some(Shadow), Some(Shadow)),
            (Off, Some(true), Some(Redirect), Some(Redirect)),
            (On, Some(false), Some(Off), Some(Off)),
            (On, Some(true), Some(Off), None),
            (On, Some(false), Some(Shadow), None),
        ] {
            assert_eq!(
                DeliveryMode::changed(before, enabled, mode),
                after,
                "{before:?} {enabled:?} {mode:?}"
            );
        }
    }
}
