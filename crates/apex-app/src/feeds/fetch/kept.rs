//! What is kept of a fetch: what the source said, and how it went.

use apex_domain::Timestamp;
use apex_market_data::client::Fetched;
use apex_market_data::pipeline::{self, Said};
use apex_market_data::record;
use apex_store::{BarWindow, FetchLog, SeriesKey, SourceAction, SourceBar, SourceEvent, SourceSaid};
use apex_wire::feeds::Provider;

use super::{Run, Series};
use crate::error::Result;
use crate::feeds::freshness::PRICES;
use crate::feeds::trust::{self, Heard};
use crate::feeds::{named, source_of};
use crate::state::State;

/// How many remarks about one series are kept; a broken file may give as many as it has lines.
const REMARKS_MAX: usize = 50;

impl Run<'_> {
    /// Keeps what a source said; returns what was odd about it, in sentences.
    pub(super) async fn keep(
        &self,
        series: &Series,
        state: &State,
        fetched: Fetched,
        heard: &mut Heard,
    ) -> Result<Vec<String>> {
        let provider = fetched.provider;
        // That its actions could not be had, then what was odd about its answers.
        let own = fetched.passed.iter().filter(|err| err.provider() == provider);
        let mut remarks: Vec<String> = own.map(ToString::to_string).collect();
        let mut said = pipeline::normalize(fetched.provider, &fetched.records, &trust::subject(state, series.key)?);
        heard.providers.push(fetched.provider);
        heard.findings.append(&mut said.findings);
        let odd = said.remarks.drain(..);
        remarks.extend(odd.map(|one| format!("{provider}, {}: {}", one.at, one.reason)));
        let said = source_said(series.key, provider, said, fetched.hashes, self.now);
        self.market.add_source(&[said]).await?;
        Ok(remarks)
    }

    pub(super) async fn log(
        &self,
        series: &Series,
        source: Option<Provider>,
        error: Option<String>,
        mut remarks: Vec<String>,
    ) -> Result<()> {
        let more = remarks.len().saturating_sub(REMARKS_MAX);
        if more > 0 {
            remarks.truncate(REMARKS_MAX);
            remarks.push(format!("and {more} more"));
        }
        let log = FetchLog {
            key: series.key,
            what: PRICES.to_owned(),
            source: source.map(|provider| provider.name().to_owned()),
            at: self.app.now(),
            error,
            remarks,
        };
        Ok(self.market.log_fetch(&log).await?)
    }
}

fn source_said(
    key: SeriesKey,
    provider: record::Provider,
    said: Said,
    hashes: Vec<String>,
    known_at: Timestamp,
) -> SourceSaid {
    let bars = said.days.bars.into_iter().map(|(date, bar)| SourceBar {
        window: BarWindow::Day(date),
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume,
    });
    let splits = said.days.splits.into_iter().map(|(ex_date, ratio)| SourceAction {
        ex_date,
        event: SourceEvent::Split { ratio },
    });
    let dividends = said.days.dividends.into_iter().map(|payment| SourceAction {
        ex_date: payment.ex_date,
        event: SourceEvent::Dividend {
            amount: payment.amount,
            currency: payment.currency,
            pay_date: payment.pay_date,
        },
    });
    let gains = said.days.gains.into_iter().map(|payment| SourceAction {
        ex_date: payment.ex_date,
        event: SourceEvent::CapitalGain { amount: payment.amount },
    });
    SourceSaid {
        key,
        source: source_of(named(provider)),
        known_at,
        hashes,
        bars: bars.collect(),
        actions: splits.chain(dividends).chain(gains).collect(),
    }
}
