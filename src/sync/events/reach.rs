//! Whether DingTalk can be asked from here, or only from elsewhere.

use tokio::time::{Duration, Instant};

use crate::dingtalk::{Error, ErrorKind};

/// Nothing but connections that were not made, for so long: the network here leads nowhere.
const UNREACHED: Duration = Duration::from_mins(1);

/// What the last answers, or their absence, say of this process.
#[derive(Debug, Default)]
pub(super) struct Reach {
    is_barred: bool,
    unreached_since: Option<Instant>,
}

impl Reach {
    /// Somebody was answered about.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// Nobody was, and this is why.
    pub(super) fn failed(&mut self, why: &Error) {
        match why.kind {
            ErrorKind::IpNotAllowed => self.is_barred = true,
            ErrorKind::NotSent => {
                self.unreached_since.get_or_insert_with(Instant::now);
            }
            _ => self.answered(),
        }
    }

    /// Whether another replica may be answered where this one isn't.
    pub(super) fn is_own_fault(&self) -> bool {
        self.is_barred || self.unreached_since.is_some_and(|since| since.elapsed() >= UNREACHED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::events::debounce::tests::error;

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_not_accepted_and_a_network_that_leads_nowhere_are_faults_of_ones_own() {
        let mut reach = Reach::default();
        reach.failed(&error(ErrorKind::IpNotAllowed));
        assert!(reach.is_own_fault());
        reach.answered();
        assert!(!reach.is_own_fault());

        for _ in 0..6 {
            reach.failed(&error(ErrorKind::NotSent));
            assert!(!reach.is_own_fault());
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        reach.failed(&error(ErrorKind::NotSent));
        assert!(reach.is_own_fault());
        reach.failed(&error(ErrorKind::Unavailable));
        assert!(!reach.is_own_fault(), "it was reached, and is everybody's trouble");
    }
}
