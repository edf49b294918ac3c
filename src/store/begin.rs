//! Beginning a transaction: each begins at the server of the present epoch, and one that writes sees what others
//! commit.

use std::sync::atomic::Ordering;

use sea_orm::DatabaseConnection;

use super::{
    dialect,
    epoch::{BEGINNINGS, ServerCheck},
    error::StoreError,
    handle::Store,
    transaction::Transaction,
};

impl Store {
    /// One that writes.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        self.health.check_files()?;
        if !self.is_postgres() {
            return Ok(dialect::begin_write(self.write.pool()).await?.watched_by(&self.health));
        }

        // Asked before a connection is held, for it takes another one.
        self.tells_server().await?;
        for _ in 0..BEGINNINGS {
            let isolated = self.isolated.load(Ordering::Acquire);
            let transaction = dialect::begin_write_unchecked(self.write.pool(), isolated)
                .await?
                .watched_by(&self.health);
            match self.at_present_server(transaction).await? {
                Some((transaction, true)) => return Ok(transaction),
                Some((_, false)) => self.isolated.store(true, Ordering::Release),
                None => {}
            }
        }

        Err(StoreError::Unavailable)
    }

    /// One that reads, all of it as of one moment.
    pub(super) async fn begin_read(&self) -> Result<Transaction, StoreError> {
        self.begin_read_by(self.read.pool()).await
    }

    /// The same by a connection of this pool. Never at the server of a former epoch: whoever reads there after another
    /// connection told the present one would take what is lost for what is.
    pub(super) async fn begin_read_by(&self, pool: &DatabaseConnection) -> Result<Transaction, StoreError> {
        if !self.is_postgres() {
            return Ok(dialect::begin_read(pool).await?);
        }

        // Asked before a connection is held, for it takes another one.
        self.tells_server().await?;
        for _ in 0..BEGINNINGS {
            let transaction = dialect::begin_read(pool).await?;
            // Nobody who reads as of one moment sees what others commit.
            if let Some((transaction, _)) = self.at_present_server(transaction).await? {
                return Ok(transaction);
            }
        }

        Err(StoreError::Unavailable)
    }

    /// The transaction, where it was begun at the server of the present epoch, and whether it sees what others commit.
    /// None: another one is to be begun.
    async fn at_present_server(&self, transaction: Transaction) -> Result<Option<(Transaction, bool)>, StoreError> {
        match self.check_server(&transaction).await? {
            ServerCheck::Good => return Ok(Some((transaction, true))),
            ServerCheck::SeesNobody => return Ok(Some((transaction, false))),
            ServerCheck::FormerServer => dialect::end_session(transaction).await,
            ServerCheck::OtherServer => {
                // Its epoch begins before anything else is done there.
                drop(transaction);
                self.epoch().await?;
            }
        }
        Ok(None)
    }
}
