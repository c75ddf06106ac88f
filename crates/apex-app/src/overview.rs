//! The Overview page: the state of one portfolio on one screen.

use std::collections::BTreeMap;

use apex_analytics::gap::GapColumn;
use apex_domain::InstrumentKind;
use apex_wire::holdings::{Classification, HoldingRow};
use apex_wire::overview::{Alert, Allocation, GetOverview, Mover, Overview, PeriodResult, Severity, Slice};
use apex_wire::{Amount, Failure, Figure, Statistic};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::app::App;
use crate::fold::PortfolioFold;
use crate::grid::{add, label};
use crate::split;
use crate::track::{Track, line, twr_since};
use crate::valuation::{flows_between, nav_on, trading_day_before, weight};

/// Movers listed.
const MOVERS_MAX: usize = 10;
/// A price older than this many days draws a notice.
const STALE_DAYS: i32 = 5;

impl App {
    /// Returns the overview of one portfolio.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn get_overview(&self, ask: GetOverview) -> Result<Overview, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(overview(&fold))
    }
}

fn overview(fold: &PortfolioFold) -> Overview {
    let valuation = fold.valuation();
    let history = fold.history();
    let as_of = fold.as_of();
    let (gross, net) = exposures(&valuation.rows, &valuation.nav);
    let drawdown = match Track::of(fold, None) {
        Ok(Some(track)) => line(
            "Drawdown",
            history.days.get(track.rows.clone()).unwrap_or_default(),
            falls(&track.growth),
        ),
        _ => line("Drawdown", &[], Vec::new()),
    };
    Overview {
        as_of,
        currency: fold.currency(),
        nav: valuation.nav.clone(),
        day: result_since(fold, trading_day_before(as_of)),
        month: result_since(fold, month_start(as_of)),
        year: result_since(fold, year_start(as_of)),
        cash: valuation.cash(),
        gross_exposure: gross,
        net_exposure: net,
        allocations: [
            Classification::AssetClass,
            Classification::Sector,
            Classification::Currency,
            Classification::Country,
        ]
        .map(|by| allocation(&valuation.rows, by, &valuation.nav))
        .into(),
        movers: movers(&valuation.rows),
        nav_series: line("NAV", &history.days, history.nav.to_options()),
        drawdown,
        alerts: alerts(fold),
    }
}

/// Returns the last day of the month before.
pub(crate) fn month_start(day: Date) -> Date {
    day.first_of_month().yesterday().unwrap_or(day)
}

/// Returns the last day of the year before.
pub(crate) fn year_start(day: Date) -> Date {
    day.first_of_year().yesterday().unwrap_or(day)
}

/// Returns the result since the close of a day: value now, less value then, less what came in between.
pub(crate) fn result_since(fold: &PortfolioFold, since: Date) -> PeriodResult {
    let now = fold.valuation().nav.clone();
    let then = nav_on(fold, since);
    let flows = flows_between(fold, since, fold.as_of());
    let amount = match (now, then, flows) {
        (Figure::Known(now), Figure::Known(then), Figure::Known(flows)) => Figure::Known(now - then - flows),
        (Figure::Unavailable(because), ..)
        | (_, Figure::Unavailable(because), _)
        | (.., Figure::Unavailable(because)) => Figure::Unavailable(because),
    };
    PeriodResult {
        since: Some(since),
        amount,
        twr: twr_since(fold, since),
    }
}

/// Returns gross and net exposure: the sum of sizes and the sum of market values without cash, over NAV.
pub(crate) fn exposures<'a>(rows: impl IntoIterator<Item = &'a HoldingRow>, nav: &Amount) -> (Statistic, Statistic) {
    let (mut gross, mut net) = (Figure::Known(Decimal::ZERO), Figure::Known(Decimal::ZERO));
    for row in rows.into_iter().filter(|row| row.instrument.is_some()) {
        add(&mut gross, &row.market_value.clone().map(|value| value.abs()));
        add(&mut net, &row.market_value);
    }
    (weight(&gross, nav), weight(&net, nav))
}

/// Returns the market value of every group of a classification, by its name.
pub(crate) fn values_by_label<'a>(
    rows: impl IntoIterator<Item = &'a HoldingRow>,
    by: Classification,
) -> BTreeMap<&'a str, Amount> {
    let mut sums: BTreeMap<&str, Amount> = BTreeMap::new();
    for row in rows {
        add(
            sums.entry(label(row, by)).or_insert(Figure::Known(Decimal::ZERO)),
            &row.market_value,
        );
    }
    sums
}

fn allocation(rows: &[HoldingRow], by: Classification, nav: &Amount) -> Allocation {
    let mut slices: Vec<Slice> = values_by_label(rows, by)
        .into_iter()
        .map(|(label, value)| Slice {
            label: label.to_owned(),
            weight: weight(&value, nav),
            value,
        })
        .collect();
    let size = |slice: &Slice| slice.value.known().map_or(Decimal::MAX, |value| value.abs());
    slices.sort_by(|left, right| size(right).cmp(&size(left)).then_with(|| left.label.cmp(&right.label)));
    Allocation { by, slices }
}

/// The largest results of the day, accounts added together.
fn movers(rows: &[HoldingRow]) -> Vec<Mover> {
    let mut movers: BTreeMap<_, Mover> = BTreeMap::new();
    for row in rows {
        let Some(instrument) = row.instrument else { continue };
        let mover = movers.entry(instrument).or_insert_with(|| Mover {
            instrument,
            symbol: row.symbol.clone(),
            name: row.name.clone(),
            price_return: row.day_change.clone(),
            amount: Figure::Known(Decimal::ZERO),
        });
        add(&mut mover.amount, &row.day_pnl);
    }
    let mut movers: Vec<Mover> = movers
        .into_values()
        .filter(|mover| mover.amount.known().is_some_and(|amount| !amount.is_zero()))
        .collect();
    let size = |mover: &Mover| mover.amount.known().map(|amount| amount.abs());
    movers.sort_by(|left, right| {
        size(right)
            .cmp(&size(left))
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    movers.truncate(MOVERS_MAX);
    movers
}

/// Returns how far each day's growth lies under the highest before it; wealth starts at 1 before the first day.
pub(crate) fn falls(growth: &GapColumn) -> Vec<Option<f64>> {
    let mut peak: f64 = 1.0;
    growth
        .iter()
        .map(|growth| {
            let growth = growth?;
            peak = peak.max(growth);
            Some(growth / peak - 1.0)
        })
        .collect()
}

fn alerts(fold: &PortfolioFold) -> Vec<Alert> {
    let as_of = fold.as_of();
    let mut alerts = Vec::new();
    let mut unclassified: Vec<&HoldingRow> = Vec::new();
    for row in &fold.valuation().rows {
        if let Some(because) = row.market_value.because() {
            alerts.push(Alert {
                severity: Severity::Failing,
                sentence: format!("{} in {} has no value: {because}", row.symbol, row.account_name),
                impact: row.cost.known().map(|cost| Figure::Known(*cost)),
                instrument: row.instrument,
            });
        }
        let age = row
            .price_date
            .and_then(|date| date.until(as_of).ok())
            .map_or(0, |span| span.get_days());
        if age > STALE_DAYS && row.kind != InstrumentKind::Private {
            let date = row.price_date.unwrap_or(as_of);
            alerts.push(Alert {
                severity: Severity::Warning,
                sentence: format!("{} is valued at a price of {date}, {age} days old", row.symbol),
                impact: Some(row.market_value.clone()),
                instrument: row.instrument,
            });
        }
        if row.instrument.is_none() && overdrawn(row) {
            alerts.push(Alert {
                severity: Severity::Notice,
                sentence: format!("cash in {} is {} {}", row.account_name, row.quantity, row.symbol),
                impact: Some(row.market_value.clone()),
                instrument: None,
            });
        }
        let wants_sector = matches!(row.kind, InstrumentKind::Equity);
        if wants_sector && row.sector.is_none() {
            unclassified.push(row);
        }
    }
    for missing in split::missing(fold.book(), fold.published_splits(), as_of) {
        let held = fold.valuation().row(missing.instrument, missing.account);
        alerts.push(Alert {
            severity: Severity::Warning,
            sentence: split::sentence(fold, &missing),
            impact: held.map(|row| row.market_value.clone()),
            instrument: Some(missing.instrument),
        });
    }
    if !unclassified.is_empty() {
        let mut impact = Figure::Known(Decimal::ZERO);
        unclassified.iter().for_each(|row| add(&mut impact, &row.market_value));
        let symbols: Vec<&str> = unclassified.iter().map(|row| row.symbol.as_str()).collect();
        alerts.push(Alert {
            severity: Severity::Notice,
            sentence: format!("no sector for {}", symbols.join(", ")),
            impact: Some(impact),
            instrument: unclassified.first().and_then(|row| row.instrument),
        });
    }
    alerts.sort_by_key(|alert| std::cmp::Reverse(alert.severity));
    alerts
}

/// Whether a cash balance is below zero by more than rounding.
fn overdrawn(row: &HoldingRow) -> bool {
    row.quantity < Decimal::NEGATIVE_ONE
}
