//! Keeping up with other programs that write to the open book: the command line beside the window, for instance.
//!
//! What is in memory was read at a position of the files. Where another program has moved it, the book is read anew
//! before anything is worked out for a write, and about once a second while a window is open.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use apex_store::{Position, Store};
use apex_wire::Failure;
use apex_wire::session::CatchUp;

use crate::App;
use crate::app::{Opened, OpenedBook};
use crate::error::Result;
use crate::session::load;
use crate::state::State;

/// How often a book is read again because it was written to meanwhile. What is read last is then older than the files,
/// and its position says so.
const READINGS_MAX: usize = 3;

impl App {
    /// Reads the open book anew where another program has changed it, and says how often that was done so far: where the
    /// number is another one than before, every answer is outdated.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn catch_up(&self, _ask: CatchUp) -> Result<u64, Failure> {
        self.catch_up_unless_busy().await?;
        Ok(self.readings.load(Ordering::Relaxed))
    }

    /// Returns everything in the open book as its files have it, for what is going to be written.
    pub(crate) async fn fresh_state(&self) -> Result<Arc<State>> {
        self.catch_up_unless_busy().await?;
        self.state()
    }

    /// Leaves a book alone that is being written to: whoever writes catches up first.
    async fn catch_up_unless_busy(&self) -> Result<()> {
        match (self.writer.try_lock(), self.opened()) {
            (Ok(_writing), Opened::Book(book)) => self.catch_up_with(&book).await,
            _ => Ok(()),
        }
    }

    /// Reads a book anew where another program has changed it. The caller holds the writer's lock.
    pub(crate) async fn catch_up_with(&self, book: &OpenedBook) -> Result<()> {
        if book.store.position().await? == book.position() {
            return Ok(());
        }
        let (state, position) = read(&book.store).await?;
        self.put(book, state);
        book.set_position(position);
        self.readings.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Reads a whole book and the position it stands at.
pub(crate) async fn read(store: &Store) -> Result<(State, Position)> {
    let mut position = store.position().await?;
    let mut readings = 1;
    loop {
        let state = load(store).await;
        let after = store.position().await?;
        if after == position || readings == READINGS_MAX {
            return Ok((state?, position));
        }
        position = after;
        readings += 1;
    }
}
