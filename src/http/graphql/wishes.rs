//! What a request asks of the answer as a whole, in its `extensions`: `maxStaleness`, `mirror` and `cost`.

use std::time::Duration;

use async_graphql::{Value, Variables};

use crate::{
    auth::{Caller, Permission},
    graphql::{
        NO_TOKEN,
        admission::{Code, Refusal},
    },
};

/// Longer than any mirror lives.
const LONGEST: f64 = 1e9;

/// What a request wishes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) struct Wishes {
    /// The mirror may be so old at most: the time since the last finished sync began.
    pub(in crate::http) max_staleness: Option<Duration>,
    /// The answer's extensions shall say how the mirror stands.
    pub(in crate::http) mirror: bool,
    /// The answer's extensions shall say what the operation costs.
    pub(in crate::http) cost: bool,
}

impl Wishes {
    pub(super) fn of(extensions: &Variables) -> Result<Self, Refusal> {
        let max_staleness = match extensions.get("maxStaleness") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => Some(seconds(number.as_f64())?),
            Some(_) => return Err(no_seconds()),
        };
        Ok(Self {
            max_staleness,
            mirror: is_wished(extensions, "mirror")?,
            cost: is_wished(extensions, "cost")?,
        })
    }

    /// With what the header `Mirror-Max-Staleness` says; of both the stricter one holds.
    pub(in crate::http) fn with_header(self, header: Option<&str>) -> Result<Self, Refusal> {
        let Some(header) = header else { return Ok(self) };
        let asked = seconds(header.trim().parse().ok())?;
        let max_staleness = self.max_staleness.map_or(asked, |own| own.min(asked));
        Ok(Self {
            max_staleness: Some(max_staleness),
            ..self
        })
    }

    /// Refuses to tell how the mirror stands to somebody who may not read it.
    pub(super) fn permitted_to(self, caller: Option<&Caller>) -> Result<(), Refusal> {
        let needed = Permission::DirectoryRead;
        match caller {
            _ if !self.of_mirror() => Ok(()),
            None => Err(Refusal::new(Code::Unauthenticated, NO_TOKEN)),
            Some(caller) if !caller.may(needed) => {
                let message =
                    format!("`extensions.maxStaleness` and `extensions.mirror` need the permission `{needed}`");
                Err(Refusal::new(Code::Forbidden, message))
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether the answer depends on how the mirror stands.
    pub(super) fn of_mirror(self) -> bool {
        self.max_staleness.is_some() || self.mirror
    }

    /// Whether the answer depends on them.
    pub(in crate::http) fn any(self) -> bool {
        self != Self::default()
    }
}

fn is_wished(extensions: &Variables, name: &str) -> Result<bool, Refusal> {
    match extensions.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Boolean(wished)) => Ok(*wished),
        Some(_) => Err(Refusal::bad_request(format!(
            "`extensions.{name}` has to be true or false"
        ))),
    }
}

fn seconds(number: Option<f64>) -> Result<Duration, Refusal> {
    let number = number.filter(|number| *number >= 0.0).ok_or_else(no_seconds)?;
    Duration::try_from_secs_f64(number.min(LONGEST)).map_err(|_| no_seconds())
}

fn no_seconds() -> Refusal {
    Refusal::bad_request(
        "`extensions.maxStaleness` and the header `Mirror-Max-Staleness` have to be seconds, 0 or more",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_ages_the_stricter_one_holds() {
        let wishes = |header| {
            Wishes {
                max_staleness: Some(Duration::from_secs(60)),
                ..Wishes::default()
            }
            .with_header(header)
        };
        assert_eq!(
            wishes(None).map(|it| it.max_staleness),
            Ok(Some(Duration::from_secs(60)))
        );
        assert_eq!(
            wishes(Some("5.5")).map(|it| it.max_staleness),
            Ok(Some(Duration::from_millis(5_500)))
        );
        assert_eq!(
            wishes(Some("1e300")).map(|it| it.max_staleness),
            Ok(Some(Duration::from_secs(60)))
        );
        for wrong in ["", "soon", "-1", "NaN"] {
            assert!(wishes(Some(wrong)).is_err(), "{wrong}");
        }
        assert!(!Wishes::default().any());
    }
}
