//! Bodies: so many bytes, within so much time, out of memory that is there for them.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::graphql::admission::{Exhausted, MemoryPermit, Share};

/// What is read is kept, and copied when there is more of it; what it is read into takes as much again.
const COPIES: usize = 2;

/// A whole body, with its part of the memory.
#[derive(Debug)]
pub(super) struct ReceivedBody {
    pub(super) bytes: Bytes,
    pub(super) held: MemoryPermit,
}

/// Why a body is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// More than so many bytes.
    TooLarge,
    /// It took too long.
    TooSlow,
    /// The connection broke off.
    BrokenOff,
    /// Other requests have all of the memory.
    Busy,
}

impl From<Exhausted> for BodyError {
    fn from(Exhausted: Exhausted) -> Self {
        Self::Busy
    }
}

/// Reads a body. `within` is for all of it: a byte now and then gains nothing.
pub(super) async fn receive(
    body: Body,
    limit: usize,
    within: Duration,
    share: &Share,
) -> Result<ReceivedBody, BodyError> {
    timeout(within, collect(body, limit, share))
        .await
        .unwrap_or(Err(BodyError::TooSlow))
}

async fn collect(mut body: Body, limit: usize, share: &Share) -> Result<ReceivedBody, BodyError> {
    let mut held = MemoryPermit::default();
    let mut read = Vec::new();

    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::BrokenOff)?;
        let Some(part) = frame.data_ref() else { continue };
        let length = read.len() + part.len();
        if length > limit {
            return Err(BodyError::TooLarge);
        }
        share.extend(&mut held, length * COPIES).await?;
        read.extend_from_slice(part);
    }

    Ok(ReceivedBody {
        bytes: read.into(),
        held,
    })
}

/// Bytes that keep their part of the memory until the last of them is written.
pub(super) fn holding(bytes: Bytes, held: MemoryPermit) -> Bytes {
    struct Holding {
        bytes: Bytes,
        _held: MemoryPermit,
    }

    impl AsRef<[u8]> for Holding {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }

    if held.is_empty() {
        return bytes;
    }
    Bytes::from_owner(Holding { bytes, _held: held })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{StreamExt, stream};
    use tokio::time::sleep;

    use super::*;
    use crate::graphql::admission::{AdmissionBudget, BudgetLimits};

    fn trickle(parts: usize, part: usize, pause: Duration) -> Body {
        Body::from_stream(stream::iter(0..parts).then(move |_| async move {
            sleep(pause).await;
            Ok::<_, Infallible>(vec![b'x'; part])
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_size_a_time_and_a_part_of_the_memory() {
        let memory = AdmissionBudget::new(BudgetLimits {
            known_bytes: 1024 * 1024,
            ..BudgetLimits::default()
        });
        let share = memory.share(true);
        let (limit, within) = (300_000, Duration::from_secs(20));
        let second = Duration::from_secs(1);

        let taken = receive(trickle(10, 20_000, second), limit, within, &share)
            .await
            .unwrap();
        assert_eq!(taken.bytes.len(), 200_000);
        let missed = |body| async { receive(body, limit, within, &share).await.map(drop).unwrap_err() };
        assert_eq!(missed(trickle(100, 20_000, Duration::ZERO)).await, BodyError::TooLarge);
        assert_eq!(missed(trickle(100, 1, second)).await, BodyError::TooSlow);

        let other = receive(trickle(1, 300_000, Duration::ZERO), limit, within, &share)
            .await
            .unwrap();
        assert_eq!(missed(trickle(1, 300_000, Duration::ZERO)).await, BodyError::Busy);
        assert!(
            receive(trickle(1, 2_000, Duration::ZERO), limit, within, &share)
                .await
                .is_ok()
        );

        drop(holding(other.bytes, other.held));
        assert!(
            receive(trickle(1, 300_000, Duration::ZERO), limit, within, &share)
                .await
                .is_ok()
        );
    }
}
