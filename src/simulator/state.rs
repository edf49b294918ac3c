//! What all requests share: the world behind its lock, and the connections of the event stream.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::SimulatorConfig;
use super::events::Hub;
use super::world::World;

/// State shared by all requests.
pub struct SimulatorState {
    pub(crate) config: Arc<SimulatorConfig>,
    world: Mutex<World>,
    /// The connections of the event stream.
    pub(crate) hub: Hub,
    /// Cancelled when the simulator is to end.
    pub(crate) closing: CancellationToken,
}

impl SimulatorState {
    /// A fresh platform that ends its event streams when `closing` is cancelled.
    pub fn new(config: SimulatorConfig, closing: CancellationToken) -> Arc<Self> {
        let hub = Hub::new(config.seed);
        let config = Arc::new(config);
        let world = Mutex::new(World::new(config.clone()));
        Arc::new(Self {
            config,
            world,
            hub,
            closing,
        })
    }

    /// The world, for a moment. A panic in another request must not take the whole simulator with it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, but not beyond the end of the simulator.
    pub(super) async fn hold_back(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.closing.cancelled() => {}
        }
    }
}
