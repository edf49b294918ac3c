//! Positions in the change feed: a number, and the epoch of the database that it was given in.

use std::{fmt, str::FromStr};

use super::ids::parse_cursor;
use crate::{
    directory::Epoch,
    graphql::{
        error::ApiError,
        services::{Services, change_feed::Beginning},
    },
    store::StoreError,
};

/// Name of the feed in its cursors, also of those that tell a part of it alone.
pub(crate) const FEED: &str = "changes";

/// What a cursor of the feed holds: a watermark, up to which its holder knows the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedPosition {
    pub(crate) seq: i64,
    /// None in a cursor of an earlier version, which knew one epoch only.
    epoch: Option<Epoch>,
}

impl FeedPosition {
    pub(crate) fn new(seq: i64, epoch: &Epoch) -> Self {
        Self {
            seq,
            epoch: Some(epoch.clone()),
        }
    }

    fn is_of(&self, epoch: &Epoch) -> bool {
        self.epoch.as_ref().map_or(epoch.number() <= 1, |own| own == epoch)
    }
}

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.epoch {
            Some(epoch) => write!(f, "{}@{epoch}", self.seq),
            None => write!(f, "{}", self.seq),
        }
    }
}

impl FromStr for FeedPosition {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, epoch) = match text.split_once('@') {
            Some((seq, epoch)) => (seq, Some(Epoch::new(epoch))),
            None => (text, None),
        };
        Ok(Self {
            seq: seq.parse()?,
            epoch,
        })
    }
}

/// The epoch that the feed is read in, which has to be that of each cursor: numbers of another one may be given again
/// for something else.
pub(crate) async fn epoch_of<const N: usize>(
    services: &Services,
    cursors: [&Option<FeedPosition>; N],
) -> Result<Epoch, ApiError> {
    let epoch = services.store.epoch().await?;
    let mut given = cursors.into_iter().flatten();
    if given.any(|position| !position.is_of(&epoch)) {
        return Err(StoreError::OtherEpoch.into());
    }
    Ok(epoch)
}

/// Where a subscription begins: behind this cursor.
pub(crate) async fn beginning(services: &Services, after: Option<&str>) -> Result<Beginning, ApiError> {
    let position = parse_cursor(FEED, "after", after)?;
    let epoch = epoch_of(services, [&position]).await?;
    Ok(Beginning {
        epoch,
        after: position.map(|position| position.seq),
    })
}

/// After the log was read: whether it was this epoch's.
pub(crate) async fn check(services: &Services, epoch: &Epoch) -> Result<(), ApiError> {
    if services.store.epoch().await? == *epoch {
        Ok(())
    } else {
        Err(StoreError::OtherEpoch.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_belongs_to_its_epoch_and_an_old_one_to_the_first() {
        let (first, second) = (Epoch::new("1-aa"), Epoch::new("2-bb"));
        let position = FeedPosition::new(7, &first);
        assert_eq!(position.to_string().parse::<FeedPosition>().unwrap(), position);
        assert!(position.is_of(&first) && !position.is_of(&second));

        let old: FeedPosition = "7".parse().unwrap();
        assert!(old.is_of(&first) && !old.is_of(&second));

        assert!("x@1-aa".parse::<FeedPosition>().is_err());
    }
}
