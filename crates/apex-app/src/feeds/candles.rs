//! Candles of an instrument: prices as traded or adjusted, days taken together into weeks and months, indicators over
//! them, and what the company did.

use std::collections::BTreeSet;
use std::sync::Arc;

use apex_analytics::gap::GapColumn;
use apex_domain::{Instrument, InstrumentId, Timestamp};
use apex_market_data::adjust::{self, Actions, AdjustedBar, AdjustedPrice};
use apex_market_data::pipeline::Figures;
use apex_store::{BarWindow, CorporateAction, CorporateEvent, PriceBar, SeriesKey, SourceBar};
use apex_wire::Failure;
use apex_wire::chart::{Axis, CandleData, LineData, LineSeries, Mark, Tone, Unit, date_of_day};
use apex_wire::feeds::Adjustment;
use apex_wire::quotes::{ActionRow, CandleInterval, Candles, GetCandles, IndicatorAsk};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::session::Sessions;
use crate::App;
use crate::app::OpenedBook;
use crate::day;
use crate::error::{AppError, Result};
use crate::indicators::{self, Column};

/// Indicators that are prices and are drawn over the candles.
const OVER_PRICES: [&str; 11] = [
    "SMA",
    "EMA",
    "WMA",
    "DEMA",
    "TEMA",
    "KAMA",
    "BBANDS",
    "SAR",
    "HT_TRENDLINE",
    "LINEARREG",
    "MIDPOINT",
];
/// The most indicators of a chart.
const INDICATORS_MAX: usize = 12;
/// Days of minutes that are read where nothing is said.
const MINUTE_DAYS: i64 = 5;

/// The candles before they are drawn.
#[derive(Debug, Default)]
struct Columns {
    at: Vec<f64>,
    open: Vec<Option<f64>>,
    high: Vec<Option<f64>>,
    low: Vec<Option<f64>>,
    close: Vec<Option<f64>>,
    volume: Vec<Option<f64>>,
}

impl App {
    /// Returns the candles of an instrument, with indicators and corporate actions.
    ///
    /// # Errors
    /// When there is no such instrument or indicator, or the book cannot be read.
    pub async fn get_candles(&self, ask: GetCandles) -> Result<Candles, Failure> {
        Ok(self.candles(&ask).await?)
    }

    async fn candles(&self, ask: &GetCandles) -> Result<Candles> {
        let book = self.book()?;
        let state = book.state();
        let instrument = state.instrument(ask.instrument)?;
        if ask.indicators.len() > INDICATORS_MAX {
            return Err(AppError::invalid(format!(
                "a chart has at most {INDICATORS_MAX} indicators"
            )));
        }
        let until = ask.until.unwrap_or_else(|| self.today());
        let known: Vec<CorporateAction> = actions(&book, ask.instrument, ask.known_at).await?;
        let mut notes = Vec::new();
        let mut columns = if ask.interval == CandleInterval::Minute {
            let (at, bars) = minutes(&book, ask.instrument, ask.from, until).await?;
            columns(at, &adjusted(&known, instrument, &bars, ask.adjustment))
        } else {
            let bars = bars(&book, ask.instrument, (None, Some(until)), ask.known_at).await?;
            let adjusted = adjusted(&known, instrument, &figures(&bars), ask.adjustment);
            let at = adjusted.iter().map(|bar| f64::from(day::number(bar.date))).collect();
            together(&columns(at, &adjusted), ask.interval)
        };
        // What comes before the first day is needed to adjust and by indicators, and is not shown.
        let (mut lines, mut panes) = indicators_of(&columns, &ask.indicators)?;
        let hidden = ask.from.map_or(0, |from| columns.before(from, ask.interval));
        columns.leave_out(hidden);
        let moments = std::mem::take(&mut columns.at);
        let x;
        (columns.at, x) = places(&moments, ask.interval, Sessions::of(instrument.exchange.as_deref()));
        let of_panes = panes.iter_mut().flat_map(|pane| &mut pane.series);
        for series in lines.iter_mut().chain(of_panes) {
            series.y.drain(..hidden);
            series.x.clone_from(&columns.at);
        }
        for pane in &mut panes {
            pane.x = x.clone();
        }
        let marks = marks(&known, ask.interval, &moments, &columns.at);
        let without_range = columns
            .close
            .iter()
            .zip(&columns.open)
            .filter(|(close, open)| close.is_some() && open.is_none());
        let without_range = without_range.count();
        if without_range > 0 {
            notes.push(format!(
                "{without_range} candles have a close only and are drawn as a line"
            ));
            let close = LineSeries {
                name: "Close".to_owned(),
                hue: None,
                x: columns.at.clone(),
                y: columns.close.clone(),
            };
            lines.insert(0, close);
        }
        let title = format!("{} {}", instrument.symbol(), ask.interval.words());
        let last = state.prices.last_date(ask.instrument, until);
        let source = last.and_then(|last| state.prices.price(ask.instrument, last, 0).ok());
        Ok(Candles {
            chart: CandleData {
                title,
                x,
                y: Axis {
                    label: instrument.currency.code().to_owned(),
                    unit: Unit::Number { decimals: 2 },
                },
                marks,
                at: columns.at,
                open: columns.open,
                high: columns.high,
                low: columns.low,
                close: columns.close,
                volume: if columns.volume.iter().any(Option::is_some) {
                    columns.volume
                } else {
                    Vec::new()
                },
                lines,
            },
            panes,
            actions: known.iter().rev().map(row_of).collect(),
            source: source.map(|priced| priced.source),
            notes,
        })
    }
}

/// Returns the days of an instrument, ascending.
pub(super) async fn bars(
    book: &Arc<OpenedBook>,
    instrument: InstrumentId,
    (from, until): (Option<Date>, Option<Date>),
    known_at: Option<Timestamp>,
) -> Result<Vec<PriceBar>> {
    if known_at.is_some() {
        let mut bars = book.store.load_bars(&[instrument], from, until, known_at).await?;
        return Ok(bars.remove(&instrument).unwrap_or_default());
    }
    let history = book.store.history(&[instrument], from, until).await?;
    Ok(history
        .first()
        .map(|history| history.bars())
        .transpose()?
        .unwrap_or_default())
}

/// Returns what is known of a company's actions, by day.
pub(super) async fn actions(
    book: &OpenedBook,
    instrument: InstrumentId,
    known_at: Option<Timestamp>,
) -> Result<Vec<CorporateAction>> {
    let all = book.store.corporate_actions(known_at).await?;
    let mut own: Vec<CorporateAction> = all
        .into_iter()
        .filter(|action| action.instrument == instrument)
        .collect();
    own.sort_by_key(|action| action.ex_date);
    Ok(own)
}

/// Returns the figures of days, as the engine of market data takes them.
pub(super) fn figures(bars: &[PriceBar]) -> Vec<(Date, Figures)> {
    let figures = bars.iter().map(|bar| {
        let [open, high, low] = bar.range.map_or([None; 3], |range| range.map(Some));
        let figures = Figures {
            open,
            high,
            low,
            close: Some(bar.close),
            volume: bar.volume,
        };
        (bar.date, figures)
    });
    figures.collect()
}

/// Returns the figures of a bar as a source tells it.
pub(super) fn figures_of(bar: &SourceBar) -> Figures {
    Figures {
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume,
    }
}

/// Returns bars adjusted for what the company did, one for one. A dividend in another currency than the prices is left out.
pub(super) fn adjusted(
    known: &[CorporateAction],
    instrument: &Instrument,
    bars: &[(Date, Figures)],
    adjustment: Adjustment,
) -> Vec<AdjustedBar> {
    let mut actions = Actions::default();
    for action in known {
        match &action.event {
            CorporateEvent::Split { ratio } => actions.splits.push((action.ex_date, *ratio)),
            CorporateEvent::Dividend { amount, currency, .. } if *currency == instrument.currency => {
                actions.dividends.push((action.ex_date, *amount));
            }
            CorporateEvent::Dividend { .. } => {}
        }
    }
    let adjustment = match adjustment {
        Adjustment::None => adjust::Adjustment::None,
        Adjustment::Splits => adjust::Adjustment::Splits,
        Adjustment::Dividends => adjust::Adjustment::Dividends,
        Adjustment::Both => adjust::Adjustment::Both,
    };
    adjust::adjust(bars, &actions, adjustment).bars().to_vec()
}

fn columns(at: Vec<f64>, bars: &[AdjustedBar]) -> Columns {
    let number = |price: fn(&AdjustedBar) -> Option<AdjustedPrice>| {
        bars.iter().map(|bar| price(bar).map(AdjustedPrice::number)).collect()
    };
    Columns {
        at,
        open: number(|bar| bar.open),
        high: number(|bar| bar.high),
        low: number(|bar| bar.low),
        close: number(|bar| bar.close),
        volume: bars.iter().map(|bar| bar.volume).collect(),
    }
}

impl Columns {
    /// Returns how many candles come before the one that holds a day, or before the next.
    fn before(&self, day: Date, interval: CandleInterval) -> usize {
        // Of minutes the days wanted are read, and nothing before.
        if interval == CandleInterval::Minute {
            return 0;
        }
        let day = period(f64::from(day::number(day)), interval);
        self.at.partition_point(|at| period(*at, interval) < day)
    }

    /// Leaves out the first candles.
    fn leave_out(&mut self, first: usize) {
        self.at.drain(..first);
        for column in [
            &mut self.open,
            &mut self.high,
            &mut self.low,
            &mut self.close,
            &mut self.volume,
        ] {
            column.drain(..first);
        }
    }

    fn push(&mut self, at: f64, [open, high, low, close, volume]: [Option<f64>; 5]) {
        self.at.push(at);
        self.open.push(open);
        self.high.push(high);
        self.low.push(low);
        self.close.push(close);
        self.volume.push(volume);
    }
}

/// Numbers the week or month that a day is in; of other candles the day itself.
fn period(day: f64, interval: CandleInterval) -> Option<i64> {
    let date = date_of_day(day)?;
    Some(match interval {
        CandleInterval::Week => i64::from(date.iso_week_date().year()) * 100 + i64::from(date.iso_week_date().week()),
        CandleInterval::Month => i64::from(date.year()) * 100 + i64::from(date.month()),
        CandleInterval::Day | CandleInterval::Minute => day as i64,
    })
}

/// Takes days together into weeks or months: the first open, the highest high, the lowest low, the last close, all volume.
/// A candle stands on its first day.
fn together(days: &Columns, interval: CandleInterval) -> Columns {
    let group = |at: f64| period(at, interval);
    let mut taken = Columns::default();
    let mut first = 0;
    while let Some(at) = days.at.get(first) {
        let rest = days
            .at
            .iter()
            .skip(first)
            .take_while(|other| group(**other) == group(*at))
            .count();
        let rows = first..first + rest;
        let known = |column: &[Option<f64>]| -> Vec<f64> { column[rows.clone()].iter().flatten().copied().collect() };
        let volumes = known(&days.volume);
        taken.push(
            *at,
            [
                known(&days.open).first().copied(),
                known(&days.high).into_iter().reduce(f64::max),
                known(&days.low).into_iter().reduce(f64::min),
                known(&days.close).last().copied(),
                (!volumes.is_empty()).then(|| volumes.iter().sum()),
            ],
        );
        first += rest;
    }
    taken
}

/// Returns the minutes of the last days that are kept, as traded, and where they stand: minutes since 1970 in UTC.
async fn minutes(
    book: &Arc<OpenedBook>,
    instrument: InstrumentId,
    from: Option<Date>,
    until: Date,
) -> Result<(Vec<f64>, Vec<(Date, Figures)>)> {
    let instant = |day: Date| {
        let midnight = day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
        midnight.unwrap_or_default()
    };
    let from = from.unwrap_or_else(|| until.saturating_sub(MINUTE_DAYS.days()));
    let end = instant(until.saturating_add(2.days()));
    let market = book.store.market().await?;
    let bars = market
        .minutes(SeriesKey::Instrument(instrument), instant(from), end)
        .await?;
    let mut minutes = (Vec::new(), Vec::new());
    for bar in bars {
        let BarWindow::Minute(at) = bar.window else { continue };
        minutes.0.push(at.as_second() as f64 / 60.0);
        minutes.1.push((at.to_zoned(TimeZone::UTC).date(), figures_of(&bar)));
    }
    Ok(minutes)
}

/// Returns where candles stand that begin at these days or minutes, and on which axis: side by side, so that nights, weekends
/// and holidays take no room, while a session without a candle leaves its place empty.
fn places(moments: &[f64], interval: CandleInterval, sessions: Sessions) -> (Vec<f64>, Axis) {
    if interval == CandleInterval::Minute {
        let minutes = moments.iter().map(|minute| *minute as i64).collect();
        let at = (0..moments.len()).map(|place| place as f64).collect();
        return (at, Axis::new("Time", Unit::Instants { minutes }));
    }
    let mut days: BTreeSet<i32> = moments.iter().map(|day| *day as i32).collect();
    if let (CandleInterval::Day, Some(first), Some(last)) = (interval, days.first(), days.last()) {
        let is_session = |day: &i32| date_of_day(f64::from(*day)).is_some_and(|day| sessions.is_session(day));
        let missing: Vec<i32> = (*first..*last).filter(is_session).collect();
        days.extend(missing);
    }
    let days: Vec<i32> = days.into_iter().collect();
    let place = |day: &f64| days.partition_point(|other| f64::from(*other) < *day) as f64;
    (
        moments.iter().map(place).collect(),
        Axis::new("Date", Unit::Dates { days }),
    )
}

/// Computes the indicators: those that are prices as lines over the candles, the others as charts of their own. Where they
/// stand is not known yet.
fn indicators_of(columns: &Columns, asked: &[IndicatorAsk]) -> Result<(Vec<LineSeries>, Vec<LineData>)> {
    let (mut lines, mut panes) = (Vec::new(), Vec::new());
    for ask in asked {
        let (function, params) = indicators::function(&ask.name, &ask.parameters)?;
        let read: Vec<GapColumn> = function
            .columns
            .iter()
            .map(|column| {
                GapColumn::from_options(match column {
                    Column::Open => &columns.open,
                    Column::High => &columns.high,
                    Column::Low => &columns.low,
                    Column::Close => &columns.close,
                    Column::Volume => &columns.volume,
                })
            })
            .collect();
        let read: Vec<&GapColumn> = read.iter().collect();
        let lists = indicators::lists(function, &params, columns.at.len(), &read)?;
        let numbers: Vec<String> = params.iter().map(ToString::to_string).collect();
        let title = if numbers.is_empty() {
            function.name.to_owned()
        } else {
            format!("{} {}", function.name, numbers.join(", "))
        };
        let several = lists.len() > 1;
        let over_prices = OVER_PRICES.contains(&function.name);
        let series: Vec<LineSeries> = lists
            .into_iter()
            .zip(function.outputs)
            .map(|(list, output)| {
                // Names stand at the ends of lines, where there is little room.
                let name = match (several, over_prices) {
                    (false, _) => title.clone(),
                    (true, true) => format!("{} {output}", function.name),
                    (true, false) => (*output).to_owned(),
                };
                LineSeries {
                    name,
                    hue: None,
                    x: Vec::new(),
                    y: list,
                }
            })
            .collect();
        if over_prices {
            lines.extend(series);
        } else {
            panes.push(LineData {
                x: Axis::date(),
                y: Axis {
                    label: title.clone(),
                    unit: Unit::Number { decimals: 2 },
                },
                title,
                series,
                marks: Vec::new(),
                ribbons: Vec::new(),
            });
        }
    }
    Ok((lines, panes))
}

/// Marks the candles in which a company's actions took effect. `moments` are the days or minutes at which they begin, `at`
/// is where they stand.
fn marks(actions: &[CorporateAction], interval: CandleInterval, moments: &[f64], at: &[f64]) -> Vec<Mark> {
    let a_day = if interval == CandleInterval::Minute {
        1_440.0
    } else {
        1.0
    };
    let candle = |action: &CorporateAction| {
        let day = f64::from(day::number(action.ex_date));
        let candle = match interval {
            // A candle that began earlier holds the day.
            CandleInterval::Week | CandleInterval::Month => {
                let holding = moments.binary_search_by_key(&period(day, interval), |first| period(*first, interval));
                return at.get(holding.ok()?).copied();
            }
            CandleInterval::Day | CandleInterval::Minute => moments.partition_point(|other| *other < day * a_day),
        };
        let first_day = (moments.first()? / a_day).floor();
        at.get(candle).copied().filter(|_| first_day <= day)
    };
    let marks = actions.iter().filter_map(|action| {
        Some(Mark {
            x: candle(action)?,
            label: words(&action.event),
            tone: Tone::Neutral,
        })
    });
    marks.collect()
}

fn words(event: &CorporateEvent) -> String {
    match event {
        CorporateEvent::Split { ratio } => format!("split {ratio}"),
        CorporateEvent::Dividend { amount, currency, .. } => format!("{} {currency}", amount.normalize()),
    }
}

fn row_of(action: &CorporateAction) -> ActionRow {
    let (kind, words, pay_date) = match &action.event {
        CorporateEvent::Split { ratio } => ("split", ratio.to_string(), None),
        CorporateEvent::Dividend {
            amount,
            currency,
            pay_date,
        } => (
            "dividend",
            format!("{} {currency}", Decimal::normalize(amount)),
            *pay_date,
        ),
    };
    ActionRow {
        ex_date: action.ex_date,
        kind: kind.to_owned(),
        words,
        pay_date,
        source: action.source.clone(),
        known_at: action.known_at,
    }
}
