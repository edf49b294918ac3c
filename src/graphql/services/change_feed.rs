//! The change log as it grows, read once for everybody who listens.

use std::sync::Arc;

use futures_util::Stream;
use tokio::sync::broadcast::{self, error::RecvError};

use super::listeners::{Heard, Listeners};
use crate::{
    directory::{ChangeFilter, Epoch, LoggedChange, Snapshot, SnapshotHandle},
    graphql::error::ApiError,
    page::PageRequest,
    store::{ChangeQuery, Store, StoreError},
};

/// Entries read at once.
const BATCH: u32 = 200;

/// Batches that wait for a slow listener. Whoever falls further behind reads by themselves.
const WAITING: usize = 16;

/// An entry, and what it is told with.
#[derive(Clone)]
pub(crate) struct ToldChange {
    pub(crate) logged: Arc<LoggedChange>,
    pub(crate) snapshot: Arc<Snapshot>,
    /// That the log was read in.
    pub(crate) epoch: Epoch,
}

/// A piece of the log without a gap.
struct Batch {
    /// The place that it begins behind.
    from: i64,
    /// The place that it reaches to.
    to: i64,
    changes: Vec<Arc<LoggedChange>>,
    /// Whether that is everything for now.
    is_last: bool,
    snapshot: Arc<Snapshot>,
    epoch: Epoch,
}

/// Reads for all listeners together. Cheap to clone.
#[derive(Clone)]
pub struct ChangeFeed(Listeners<Arc<Batch>>);

impl Default for ChangeFeed {
    fn default() -> Self {
        Self(Listeners::new(WAITING))
    }
}

/// Where a listener begins: behind this place of the log, as it was in this epoch.
#[derive(Debug, Clone)]
pub(crate) struct Beginning {
    pub(crate) epoch: Epoch,
    /// None: behind the newest entry.
    pub(crate) after: Option<i64>,
}

impl ChangeFeed {
    /// The entries that `filter` takes: first those behind the beginning, then the new ones.
    pub(crate) async fn follow(
        &self,
        (store, snapshots): (&Store, &SnapshotHandle),
        beginning: Beginning,
        filter: ChangeFilter,
    ) -> Result<impl Stream<Item = Result<ToldChange, ApiError>> + use<>, ApiError> {
        let (mut heard, served) = self.listen(store, snapshots).await?;
        let mut reader = Reader {
            store: store.clone(),
            snapshots: snapshots.clone(),
            epoch: beginning.epoch,
            seen: beginning.after.unwrap_or(served),
        };
        // Told before anything is waited for.
        let mut batch = Some(reader.next(&filter).await?);

        Ok(async_stream::try_stream! {
            loop {
                // Read alone, until it has caught up with what is told to all.
                while let Some(read) = batch.take() {
                    reader.seen = read.to;
                    for logged in &read.changes {
                        yield read.told(logged);
                    }
                    if !read.is_last {
                        batch = Some(reader.next(&filter).await?);
                    }
                }

                match heard.recv().await {
                    Ok(told) => {
                        let told = told?;
                        if told.epoch != reader.epoch {
                            Err::<(), _>(StoreError::OtherEpoch)?;
                        }
                        if told.from > reader.seen {
                            batch = Some(reader.next(&filter).await?);
                            continue;
                        }

                        let seen = reader.seen;
                        reader.seen = seen.max(told.to);
                        for logged in filter.taken(&told.changes).filter(|it| it.seq > seen) {
                            yield told.told(logged);
                        }
                    }
                    Err(RecvError::Lagged(_)) => batch = Some(reader.next(&filter).await?),
                    Err(RecvError::Closed) => break,
                }
            }
        })
    }

    /// Everything from now on, and the place that it begins behind at the latest: this replica shows nothing behind it
    /// yet.
    async fn listen(
        &self,
        store: &Store,
        snapshots: &SnapshotHandle,
    ) -> Result<(broadcast::Receiver<Heard<Arc<Batch>>>, i64), ApiError> {
        let reader = async |served| {
            let reader = Reader {
                store: store.clone(),
                snapshots: snapshots.clone(),
                epoch: store.epoch().await?,
                seen: served,
            };
            Ok(self.clone().read(reader))
        };
        let joined = self.0.join(served(store, &snapshots.current()), reader).await;
        joined.map_err(ApiError::from)
    }

    /// Reads until nobody listens any more.
    async fn read(self, mut reader: Reader) {
        let everything = ChangeFilter::default();
        let mut revisions = reader.snapshots.subscribe();
        loop {
            // Marked before the log is read: a revision that comes meanwhile wakes the loop again.
            revisions.mark_unchanged();
            loop {
                let read = reader.next(&everything).await;
                let (is_last, is_nothing) = match &read {
                    Ok(batch) => {
                        reader.seen = batch.to;
                        (batch.is_last, batch.changes.is_empty())
                    }
                    Err(_) => {
                        reader.begin_anew_in_another_epoch().await;
                        (true, false)
                    }
                };

                if !is_nothing {
                    self.0.tell(read.map(Arc::new));
                }
                if is_last {
                    break;
                }
            }

            let is_over = revisions.changed().await.is_err();
            if self.0.stop_reading(is_over).await {
                return;
            }
        }
    }
}

/// Somebody who reads the log on.
struct Reader {
    store: Store,
    snapshots: SnapshotHandle,
    epoch: Epoch,
    seen: i64,
}

impl Reader {
    /// The next entries that `filter` takes, as far as this replica can show what they are about: the others come with
    /// its next revision.
    async fn next(&mut self, filter: &ChangeFilter) -> Result<Batch, ApiError> {
        let snapshot = self.snapshots.current();
        let served = served(&self.store, &snapshot).await?.max(self.seen);
        let query = ChangeQuery {
            filter: filter.clone(),
            up_to: Some(served),
            ..ChangeQuery::default()
        };
        let page = self
            .store
            .find_changes(&query, PageRequest::new(BATCH, Some(self.seen)))
            .await?;
        // What was seen is worth nothing in another epoch: whoever listens begins anew.
        if self.store.epoch().await? != self.epoch {
            return Err(StoreError::OtherEpoch.into());
        }

        let last = page.items.last().map(|it| it.seq);
        Ok(Batch {
            from: self.seen,
            to: last.filter(|_| page.has_next).unwrap_or(served),
            is_last: !page.has_next,
            changes: page.items.into_iter().map(Arc::new).collect(),
            snapshot,
            epoch: self.epoch.clone(),
        })
    }

    /// After something failed: what was seen in another epoch says nothing.
    async fn begin_anew_in_another_epoch(&mut self) {
        let Ok(epoch) = self.store.epoch().await else { return };
        if epoch == self.epoch {
            return;
        }
        if let Ok(served) = served(&self.store, &self.snapshots.current()).await {
            self.seen = served;
            self.epoch = epoch;
        }
    }
}

/// How far the log goes that `snapshot` shows. A reader begins here and not behind the newest entry: what another
/// replica has written and this one doesn't show yet is told with the next snapshot, and nothing else wakes it.
async fn served(store: &Store, snapshot: &Snapshot) -> Result<i64, StoreError> {
    store.changes_served(snapshot.revision()).await
}

impl Batch {
    fn told(&self, logged: &Arc<LoggedChange>) -> ToldChange {
        ToldChange {
            logged: logged.clone(),
            snapshot: self.snapshot.clone(),
            epoch: self.epoch.clone(),
        }
    }
}
