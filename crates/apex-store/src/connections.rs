//! The connections of one ledger: one that writes, and those that read beside it.
//!
//! A connection is a thread of its own, which ends some time after its handle is dropped. A program must not end before
//! it: SQLCipher gives its memory back when the program exits, and a connection that is still closing would then fall over
//! it. So whoever drops connections here waits until they are closed, which sqlx's own pool does not: it hands them to a
//! task that the ending runtime may never run.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::executor::block_on;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Result;

/// A connection that is closed when this is dropped, and not some time after.
pub(crate) struct Closing(Option<SqliteConnection>);

impl Closing {
    /// Takes a connection over.
    pub(crate) const fn new(connection: SqliteConnection) -> Self {
        Self(Some(connection))
    }

    /// Closes the connection and says how that went; a drop does so too, and says nothing.
    pub(crate) async fn close(mut self) -> Result<()> {
        match self.0.take() {
            Some(connection) => Ok(connection.close().await?),
            None => Ok(()),
        }
    }
}

impl Deref for Closing {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.0.as_ref().expect("taken only by close, which consumes")
    }
}

impl DerefMut for Closing {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.0.as_mut().expect("taken only by close, which consumes")
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // The thread of the connection answers, so nothing has to run here meanwhile.
            if let Err(err) = block_on(connection.close()) {
                tracing::warn!(%err, "a connection to the ledger did not close in order");
            }
        }
    }
}

/// Connections that only read: made when there is no idle one, kept when given back.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<Closing>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    /// At most this many read at the same time; more wait.
    pub(crate) const MAX: usize = 4;

    /// Connects when first asked.
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        Self(Arc::new(Shared {
            options,
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(Self::MAX)),
        }))
    }

    /// Returns an idle connection or a new one, and waits while as many as there may be are at work.
    pub(crate) async fn acquire(&self) -> Result<Reader> {
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.expect("never closed");
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Closing::new(self.0.options.connect().await?),
        };
        Ok(Reader {
            connection: Some(connection),
            home: self.clone(),
            _permit: permit,
        })
    }

    /// Closes the idle connections.
    pub(crate) async fn close(&self) -> Result<()> {
        let idle = mem::take(&mut *self.idle());
        for connection in idle {
            connection.close().await?;
        }
        Ok(())
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Closing>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that reads; it goes back to the others when dropped.
pub(crate) struct Reader {
    connection: Option<Closing>,
    home: Readers,
    _permit: OwnedSemaphorePermit,
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("taken only by drop")
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("taken only by drop")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let connection = self.connection.take();
        self.home.idle().extend(connection);
    }
}
