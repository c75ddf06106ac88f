//! The last days of many instruments at once: Polygon tells a day of its whole market in one answer, while a single
//! instrument costs three. On a plan of five requests a minute that is two minutes against half an hour.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use apex_market_data::ProviderError;
use apex_market_data::client::{FetchError, Fetched};
use apex_market_data::record::{Bar, Dividend, Provider, Records, Split};
use apex_market_data::request::Ask;
use jiff::ToSpan as _;
use jiff::civil::Date;
use tokio::sync::OnceCell;

use super::{PATIENCE, Run};
use crate::feeds::session::Sessions;
use crate::feeds::status;

/// From so many instruments on the whole market is asked.
const MANY: usize = 8;
/// Who lacks more days than these is asked about alone.
const DAYS_MAX: i32 = 14;

/// What the market was heard to say, each answer once for all who want it, and of the wanted symbols only.
#[derive(Default)]
pub(super) struct MarketDays {
    wanted: BTreeSet<String>,
    days: Mutex<BTreeMap<Date, Arc<OnceCell<Option<MarketDay>>>>>,
    actions: OnceCell<Option<(Vec<Split>, Vec<Dividend>)>>,
}

/// One day of the market.
struct MarketDay {
    /// Whether no symbol at all has a bar: the day is not told yet, or was none.
    is_empty: bool,
    bars: Vec<Bar>,
}

impl MarketDays {
    pub(super) fn new(wanted: BTreeSet<String>) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    fn day(&self, day: Date) -> Arc<OnceCell<Option<MarketDay>>> {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.entry(day).or_default().clone()
    }

    fn is_wanted(&self, symbol: &str) -> bool {
        self.wanted.contains(symbol)
    }
}

impl Run<'_> {
    /// Returns what the whole market's answers say of the last days of a symbol. `None` where it must be asked about alone:
    /// few are wanted, more days are, or the market had a day that the symbol lacks, being halted, renamed or not listed.
    pub(super) async fn of_market(
        &self,
        symbol: &str,
        sessions: Sessions,
        (from, until): (Date, Date),
    ) -> Option<Fetched> {
        let is_short = (until - from).get_days() <= DAYS_MAX;
        if self.market_days.wanted.len() < MANY || !is_short {
            return None;
        }
        let mut records = Records::default();
        let days = from.series(1.day()).take_while(|day| *day <= until);
        for day in days.filter(|day| sessions.is_session(*day)) {
            let cell = self.market_days.day(day);
            let is_told = !records.bars.is_empty();
            let told = cell.get_or_init(|| self.market_day(day, is_told)).await.as_ref()?;
            let before = records.bars.len();
            let own = told.bars.iter().filter(|bar| bar.symbol == symbol);
            records.bars.extend(own.cloned());
            if !told.is_empty && records.bars.len() == before {
                return None;
            }
        }
        if records.bars.is_empty() {
            return None;
        }
        let actions = self.market_days.actions.get_or_init(|| self.market_actions());
        let (splits, dividends) = actions.await.as_ref()?;
        let asked = from..=until;
        let own_splits = splits.iter().filter(|split| split.symbol == symbol);
        let own_splits = own_splits.filter(|split| asked.contains(&split.ex_date));
        records.splits.extend(own_splits.cloned());
        let own_dividends = dividends.iter().filter(|dividend| dividend.symbol == symbol);
        let own_dividends = own_dividends.filter(|dividend| asked.contains(&dividend.ex_date));
        records.dividends.extend(own_dividends.cloned());
        Some(Fetched {
            provider: Provider::Polygon,
            records,
            hashes: Vec::new(),
            passed: Vec::new(),
        })
    }

    /// Returns a day of the market. On some plans the day that has just ended is refused until midnight: after a day that
    /// was told, such a refusal says that there is nothing yet.
    async fn market_day(&self, date: Date, is_told: bool) -> Option<MarketDay> {
        let mut bars = match self.whole(Ask::Market { date }).await {
            Ok(records) => records.bars,
            Err(err) => {
                let is_early = err
                    .tried
                    .iter()
                    .any(|err| matches!(err, ProviderError::NotEntitled { .. }));
                return (is_told && is_early).then(|| MarketDay {
                    is_empty: true,
                    bars: Vec::new(),
                });
            }
        };
        let is_empty = bars.is_empty();
        bars.retain(|bar| self.market_days.is_wanted(&bar.symbol));
        Some(MarketDay { is_empty, bars })
    }

    async fn market_actions(&self) -> Option<(Vec<Split>, Vec<Dividend>)> {
        let to = self.app.today();
        // The last session may be some days ago.
        let from = to.saturating_sub((2 * DAYS_MAX).days());
        let mut splits = self.whole(Ask::MarketSplits { from, to }).await.ok()?.splits;
        splits.retain(|split| self.market_days.is_wanted(&split.symbol));
        let mut dividends = self.whole(Ask::MarketDividends { from, to }).await.ok()?.dividends;
        dividends.retain(|dividend| self.market_days.is_wanted(&dividend.symbol));
        Some((splits, dividends))
    }

    /// Asks Polygon about its whole market. Where it does not answer, each is asked about alone.
    async fn whole(&self, ask: Ask) -> Result<Records, FetchError> {
        let fetched = self.client.fetch_only(Provider::Polygon, &ask, PATIENCE).await;
        if let Err(err) = &fetched {
            self.note_unreached(&err.tried);
        }
        // What cannot be noted now is noted with the next answer.
        if let Err(err) = status::note(self.book, self.app.now(), &fetched).await {
            tracing::warn!("how Polygon answered is not noted: {err}");
        }
        Ok(fetched?.records)
    }
}
