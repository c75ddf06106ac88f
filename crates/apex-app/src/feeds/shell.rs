//! What the client of the providers is lent: the shell's clock, the shared budgets, and a place for raw answers.

use std::path::Path;
use std::sync::{Arc, Weak};

use apex_domain::Timestamp;
use apex_market_data::client::shell::ChangeSpent;
use apex_market_data::client::{BudgetName, RawReply, Shell};
use apex_store::Reply;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::budgets::Budgets;
use crate::app::{OpenedBook, WallClock};

/// The client's place in an open book. It does not keep the book open.
pub(super) struct FeedShell {
    clock: WallClock,
    budgets: Budgets,
    book: Weak<OpenedBook>,
}

impl FeedShell {
    pub(super) fn new(clock: WallClock, folder: &Path, book: &Arc<OpenedBook>) -> Self {
        Self {
            clock,
            budgets: Budgets::new(folder),
            book: Arc::downgrade(book),
        }
    }
}

impl Shell for FeedShell {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn keep_reply<'a>(&'a self, reply: RawReply<'a>) -> BoxFuture<'a, Result<(), String>> {
        async move {
            let book = self.book.upgrade().ok_or("the book was closed meanwhile")?;
            let market = book.store.market().await.map_err(|err| err.to_string())?;
            let reply = Reply {
                provider: reply.provider.name(),
                source: reply.source,
                at: reply.at,
                status: reply.status,
                hash: reply.hash,
                body: reply.body,
            };
            market.keep_reply(&reply).await.map_err(|err| err.to_string())?;
            Ok(())
        }
        .boxed()
    }

    fn change_spent<'a>(
        &'a self,
        budget: &'a BudgetName,
        change: ChangeSpent<'a>,
    ) -> BoxFuture<'a, Result<(), String>> {
        // The file is small and others hold it for as long as it takes to write it.
        std::future::ready(self.budgets.change(budget, change)).boxed()
    }
}
