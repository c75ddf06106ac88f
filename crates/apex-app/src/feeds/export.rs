//! Prices as comma-separated text: as traded and exact, or adjusted for what companies did.

use apex_domain::InstrumentId;
use apex_market_data::adjust::{AdjustedBar, AdjustedPrice};
use apex_wire::Failure;
use apex_wire::feeds::{Adjustment, ExportPrices};

use super::candles;
use crate::App;
use crate::error::{AppError, Result};

const HEADING: [&str; 9] = [
    "symbol", "date", "open", "high", "low", "close", "volume", "currency", "source",
];

impl App {
    /// Returns prices as comma-separated text, by symbol and day.
    ///
    /// # Errors
    /// When there is no such instrument, or the book cannot be read.
    pub async fn export_prices(&self, ask: ExportPrices) -> Result<String, Failure> {
        Ok(self.prices_as_text(&ask).await?)
    }

    async fn prices_as_text(&self, ask: &ExportPrices) -> Result<String> {
        let book = self.book()?;
        let state = book.state();
        let mut wanted: Vec<InstrumentId> = if ask.instruments.is_empty() {
            state.prices.instruments()
        } else {
            ask.instruments.clone()
        };
        wanted.sort_by_key(|id| state.symbol(*id, self.today()));
        wanted.dedup();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let defect = |err: csv::Error| AppError::Defect {
            sentence: err.to_string(),
        };
        writer.write_record(HEADING).map_err(defect)?;
        for id in wanted {
            let instrument = state.instrument(id)?;
            let until = ask.until.unwrap_or_else(|| self.today());
            let span = (ask.from, Some(until));
            let bars = candles::bars(&book, id, span, ask.known_at).await?;
            let adjusted = match ask.adjustment {
                Adjustment::None => None,
                adjustment => {
                    let known = candles::actions(&book, id, ask.known_at).await?;
                    let figures = candles::figures(&bars);
                    Some(candles::adjusted(&known, instrument, &figures, adjustment))
                }
            };
            for (row, bar) in bars.iter().enumerate() {
                let prices: [String; 5] = match &adjusted {
                    None => {
                        let range = bar
                            .range
                            .map(|range| range.map(|price| price.to_string()))
                            .unwrap_or_default();
                        let [open, high, low] = range;
                        let volume = bar
                            .volume
                            .map(|volume| volume.normalize().to_string())
                            .unwrap_or_default();
                        [open, high, low, bar.close.to_string(), volume]
                    }
                    Some(adjusted) => adjusted.get(row).map(numbers).unwrap_or_default(),
                };
                let [open, high, low, close, volume] = prices;
                let priced = state.prices.price(id, bar.date, 0).ok();
                let symbol = state.symbol(id, bar.date);
                let source = priced.map(|priced| priced.source).unwrap_or_default();
                let date = bar.date.to_string();
                let cells = [&symbol, &date, &open, &high, &low, &close, &volume];
                let cells = cells.into_iter().map(String::as_str);
                let row = cells.chain([instrument.currency.code(), source.as_str()]);
                writer.write_record(row).map_err(defect)?;
            }
        }
        let bytes = writer.into_inner().map_err(|err| AppError::Defect {
            sentence: err.to_string(),
        })?;
        String::from_utf8(bytes).map_err(|err| AppError::Defect {
            sentence: err.to_string(),
        })
    }
}

/// Returns the figures of an adjusted bar as text, what is missing as none.
fn numbers(bar: &AdjustedBar) -> [String; 5] {
    let [open, high, low, close] =
        [bar.open, bar.high, bar.low, bar.close].map(|price| price.map(AdjustedPrice::number));
    [open, high, low, close, bar.volume].map(|number| number.map(|number| number.to_string()).unwrap_or_default())
}
