//! Places in the list of recipients.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// Where in the list of recipients a page begins: behind this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientPlace {
    /// Whoever has this position in the message.
    At {
        /// The message.
        message: Uuid,
        /// The recipient's position.
        position: i64,
    },
    /// The row with this id: in cursors that an earlier version gave.
    Row(i64),
}

impl fmt::Display for RecipientPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At { message, position } => write!(f, "{message}/{position}"),
            Self::Row(id) => write!(f, "{id}"),
        }
    }
}

/// No place of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no place in the list of recipients")]
pub struct NoPlace;

impl FromStr for RecipientPlace {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((message, position)) = text.split_once('/') else {
            return text.parse().map(Self::Row).map_err(|_| NoPlace);
        };
        Ok(Self::At {
            message: message.parse().map_err(|_| NoPlace)?,
            position: position.parse().map_err(|_| NoPlace)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written_and_a_former_one_too() {
        let place = RecipientPlace::At {
            message: Uuid::from_u128(7),
            position: 99_999,
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        assert_eq!("42".parse(), Ok(RecipientPlace::Row(42)));
        for wrong in ["", "x", "7/1", "/1"] {
            assert_eq!(wrong.parse::<RecipientPlace>(), Err(NoPlace), "{wrong}");
        }
    }
}
