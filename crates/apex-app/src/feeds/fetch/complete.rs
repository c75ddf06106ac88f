//! What Polygon tells only when it is asked again: the days under earlier symbols, splits and dividends.

use apex_market_data::ProviderError;
use apex_market_data::client::Fetched;
use apex_market_data::record::{Interval, Records, Remark};
use apex_market_data::request::Ask;

use super::symbols::{self, Span};
use super::{PATIENCE, Run};

impl Run<'_> {
    /// Completes what Polygon told: days under earlier symbols, then splits and dividends, which do not come with the bars.
    pub(super) async fn complete(&self, fetched: &mut Fetched, asked: Span) {
        for span in self.divide(fetched, asked).await {
            let Span { symbol, from, to } = span;
            let splits = Ask::Splits {
                symbol: symbol.clone(),
                from,
                to,
            };
            for ask in [splits, Ask::Dividends { symbol, from, to }] {
                match self.more(fetched, ask).await {
                    Ok(records) => fetched.records.append(records),
                    Err(failed) => fetched.passed.extend(failed),
                }
            }
        }
    }

    /// Divides the days asked for by the symbols of their time. Days that were told under a symbol which was another's then
    /// are left out, and asked for under the right one.
    async fn divide(&self, fetched: &mut Fetched, asked: Span) -> Vec<Span> {
        let days = fetched.records.bars.iter().map(|bar| symbols::day_of(bar.window));
        if !asked.is_doubtful(days.max()) {
            return vec![asked];
        }
        let id = asked.symbol.clone();
        let Ok(answer) = self.more(fetched, Ask::SymbolChanges { id }).await else {
            // That no change is known is the rule.
            return vec![asked];
        };
        let symbol = asked.symbol.clone();
        let spans = symbols::spans(answer.symbol_changes, asked);
        let (own, others): (Vec<&Span>, Vec<&Span>) = spans.iter().partition(|span| span.symbol == symbol);
        let bars = &mut fetched.records.bars;
        bars.retain(|bar| own.iter().any(|span| span.has(symbols::day_of(bar.window))));
        for span in others {
            let ask = Ask::Bars {
                symbol: span.symbol.clone(),
                interval: Interval::Day,
                from: span.from,
                to: span.to,
            };
            match self.more(fetched, ask).await {
                Ok(records) => fetched.records.append(records),
                Err(failed) => fetched.passed.extend(failed),
            }
        }
        for bar in &mut fetched.records.bars {
            bar.symbol.clone_from(&symbol);
        }
        if let Some(last) = spans.last().filter(|last| last.symbol != symbol) {
            fetched.records.remarks.push(Remark {
                at: last.from.to_string(),
                reason: format!(
                    "{symbol} is called {} since this day; give the instrument its new symbol",
                    last.symbol
                ),
            });
        }
        spans
    }

    /// Asks the same provider more.
    async fn more(&self, fetched: &mut Fetched, ask: Ask) -> Result<Records, Vec<ProviderError>> {
        let more = self.client.fetch_only(fetched.provider, &ask, PATIENCE).await;
        let more = more.map_err(|err| err.tried)?;
        fetched.hashes.extend(more.hashes);
        Ok(more.records)
    }
}
