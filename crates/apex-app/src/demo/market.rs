//! The market of the demo firm: every instrument with its prices as traded, and the FX rates.
//!
//! Stocks, factor ETFs and the index are real adjusted series with simulated corporate actions undone; everything else
//! is simulated. What is simulated says so in its source text and, where the whole instrument is, in its `simulated` flag.

use apex_domain::{
    Currency, DayCount, Instrument, InstrumentId, InstrumentKind, Isin, OptionRight, SymbolPeriod, Terms,
};
use jiff::civil::{Date, Weekday, date};
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use super::actions::{AsTraded, Distribution, Plan, Split, plan_dividends, round, undo};
use super::random::Random;
use super::series::{FIRST_DAY, Series, SeriesError};
use super::simulated::{BondTerms, OptionTerms, bridge, fund_path, option_price, trailing_volatility};
use super::universe::{BOND_ISSUES, COMPANIES, FACTOR_FUNDS, FX_LEVELS, YIELDS};

/// Source text of real closes.
pub(crate) const SOURCE_REAL: &str = "skfolio data set; splits and dividends simulated";
/// Source text of the index.
pub(crate) const SOURCE_INDEX: &str = "skfolio data set; price index, without dividends";
/// Source text of everything made up.
pub(crate) const SOURCE_SIMULATED: &str = "demo (simulated)";

/// An instrument and what it traded at.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// The instrument.
    pub(crate) instrument: Instrument,
    /// Where its prices come from.
    pub(crate) source: &'static str,
    /// Raw closes and corporate actions on the market's calendar.
    pub(crate) traded: AsTraded,
    /// The terms of a bond, for coupons and accrued interest.
    pub(crate) bond: Option<BondTerms>,
    /// The terms of an option.
    pub(crate) option: Option<(usize, OptionTerms)>,
    /// What one unit at a price of one is worth.
    pub(crate) multiplier: f64,
    /// Decimal places of a trade price.
    pub(crate) places: u32,
}

/// The spin-off of the demo: who splits off whom, when, and when the new company changes its symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpinOff {
    pub(crate) parent: usize,
    pub(crate) child: usize,
    pub(crate) day: usize,
    pub(crate) renamed: usize,
}

/// Old shares of the parent for one new share.
pub(crate) const SPIN_OFF_OLD: u32 = 5;

/// Everything that can be traded, day by day.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    /// Trading days, ascending.
    pub(crate) days: Vec<Date>,
    /// Instruments; the index of this list names them.
    pub(crate) listed: Vec<Listed>,
    /// The stocks.
    pub(crate) stocks: Vec<usize>,
    /// The factor ETFs.
    pub(crate) funds: Vec<usize>,
    /// The bonds.
    pub(crate) bonds: Vec<usize>,
    /// The index.
    pub(crate) index: usize,
    /// Its closes before the first trading day.
    pub(crate) index_before: Vec<(Date, f64)>,
    /// The fund that is not traded on an exchange.
    pub(crate) mutual_fund: usize,
    /// The private asset.
    pub(crate) private: usize,
    /// EUR/USD and CHF/USD as instruments.
    pub(crate) pairs: [usize; 2],
    /// The spin-off.
    pub(crate) spin_off: SpinOff,
    /// Every weekday from the first day to the last.
    pub(crate) weekdays: Vec<Date>,
    /// US dollars for a euro and for a Swiss franc on each weekday.
    pub(crate) usd_from: [Vec<f64>; 2],
    ids: Random,
}

impl Market {
    /// Makes the market of a seed.
    ///
    /// # Errors
    /// When a built-in series is damaged.
    pub(crate) fn new(seed: u64) -> Result<Self, SeriesError> {
        let series = Series::load()?;
        let days = series.days.clone();
        let last_day = days.last().copied().unwrap_or(FIRST_DAY);
        let weekdays = weekdays(FIRST_DAY, last_day);
        let mut market = Self {
            listed: Vec::new(),
            stocks: Vec::new(),
            funds: Vec::new(),
            bonds: Vec::new(),
            index: 0,
            index_before: series.index_before.clone(),
            mutual_fund: 0,
            private: 0,
            pairs: [0; 2],
            spin_off: SpinOff {
                parent: 0,
                child: 0,
                day: 0,
                renamed: 0,
            },
            usd_from: fx_paths(seed, &weekdays),
            weekdays,
            days,
            ids: Random::named(seed, "instrument ids"),
        };
        market.list_index(&series);
        market.list_stocks(&series, seed);
        market.list_factor_funds(&series, seed);
        market.list_bonds(seed);
        market.list_unlisted(&series, seed);
        market.list_pairs();
        Ok(market)
    }

    /// Returns the close of an instrument on a day.
    pub(crate) fn close(&self, at: usize, day: usize) -> Option<f64> {
        self.listed.get(at)?.traded.at(day)
    }

    /// Returns the currency of an instrument.
    pub(crate) fn currency(&self, at: usize) -> Currency {
        self.listed[at].instrument.currency
    }

    /// Returns units of `to` for one unit of `from` on a day.
    pub(crate) fn fx(&self, from: Currency, to: Currency, day: usize) -> f64 {
        self.usd(from, day) / self.usd(to, day)
    }

    fn usd(&self, currency: Currency, day: usize) -> f64 {
        let path = match currency {
            Currency::EUR => &self.usd_from[0],
            Currency::CHF => &self.usd_from[1],
            _ => return 1.0,
        };
        let at = self.weekdays.partition_point(|weekday| *weekday < self.days[day]);
        path.get(at).or(path.last()).copied().unwrap_or(1.0)
    }

    /// Returns the index of the first trading day on or after a date.
    pub(crate) fn on_or_after(&self, day: Date) -> usize {
        self.days.partition_point(|known| *known < day)
    }

    /// Returns the date some trading days later; past the end of the data, weekdays count.
    pub(crate) fn settle(&self, day: usize, lag: usize) -> Date {
        if let Some(date) = self.days.get(day + lag) {
            return *date;
        }
        let mut date = self.days.last().copied().unwrap_or(FIRST_DAY);
        for _ in self.days.len()..=day + lag {
            date = date.saturating_add(1.day());
            while matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                date = date.saturating_add(1.day());
            }
        }
        date
    }

    /// Lists an option on a stock and prices it every day until it expires, or returns `None` where it would outlive the
    /// data or a corporate action of the stock.
    pub(crate) fn list_option(
        &mut self,
        underlying: usize,
        day: usize,
        months: i8,
        moneyness: f64,
        call: bool,
        noise: &mut Random,
    ) -> Option<usize> {
        let spot = self.close(underlying, day)?;
        let step = if spot < 25.0 {
            0.5
        } else if spot < 100.0 {
            1.0
        } else if spot < 200.0 {
            2.5
        } else {
            5.0
        };
        let strike = ((spot * moneyness / step).round() * step).max(step);
        let start = self.days[day].saturating_add(i32::from(months).months());
        let expiry = third_friday(start.year(), start.month());
        let last = self.days.iter().rposition(|known| *known <= expiry)?;
        let stock = &self.listed[underlying];
        let crosses = |ex: usize| ex > day && ex <= last;
        if *self.days.last()? < expiry
            || stock.traded.splits.iter().any(|split| crosses(split.ex))
            || stock.traded.spin_off.iter().any(|spin| crosses(spin.ex))
        {
            return None;
        }
        let terms = OptionTerms {
            strike,
            expiry: self.days[last],
            call,
        };
        let local = day - stock.traded.first;
        let mut volatility = trailing_volatility(&stock.traded.closes[..=local]) + 0.02;
        let mut closes = Vec::new();
        for today in day..=last {
            volatility = (volatility + noise.normal() * 0.004).clamp(0.1, 1.2);
            closes.push(option_price(
                terms,
                self.days[today],
                self.close(underlying, today)?,
                volatility,
            ));
        }
        let expiry = self.days[last];
        let symbol = format!(
            "{}-{:02}{:02}{:02}-{}{}",
            stock.instrument.symbol(),
            expiry.year() % 100,
            expiry.month(),
            expiry.day(),
            if call { "C" } else { "P" },
            decimal(strike, 1).normalize(),
        );
        if let Some(known) = self
            .listed
            .iter()
            .position(|listed| listed.instrument.symbol() == symbol)
        {
            // The same contract was listed for another desk; it is used only where its prices begin early enough.
            return (self.listed[known].traded.first <= day).then_some(known);
        }
        let (sector, country) = (stock.instrument.sector.clone(), stock.instrument.country.clone());
        let terms_text = Terms::Option {
            underlying: stock.instrument.id,
            strike: decimal(strike, 1),
            expiry,
            right: if call { OptionRight::Call } else { OptionRight::Put },
            contract_size: Decimal::ONE_HUNDRED,
        };
        let name = format!(
            "{} {} {} {}",
            stock.instrument.symbol(),
            expiry,
            decimal(strike, 1).normalize(),
            if call { "call" } else { "put" }
        );
        let mut instrument = self.instrument(InstrumentKind::Option, &symbol, &name, Currency::USD);
        (instrument.sector, instrument.country) = (sector, country);
        instrument.exchange = Some("XCBO".to_owned());
        instrument.terms = terms_text;
        instrument.simulated = true;
        let at = self.list(instrument, SOURCE_SIMULATED, plain(day, closes));
        self.listed[at].option = Some((underlying, terms));
        self.listed[at].multiplier = 100.0;
        Some(at)
    }

    fn instrument(&mut self, kind: InstrumentKind, symbol: &str, name: &str, currency: Currency) -> Instrument {
        let id = InstrumentId::from_parts(founded(), self.ids.ten_bytes());
        Instrument {
            name: name.to_owned(),
            ..Instrument::new(id, kind, symbol, currency)
        }
    }

    fn list(&mut self, instrument: Instrument, source: &'static str, traded: AsTraded) -> usize {
        self.listed.push(Listed {
            instrument,
            source,
            traded,
            bond: None,
            option: None,
            multiplier: 1.0,
            places: 2,
        });
        self.listed.len() - 1
    }

    fn list_index(&mut self, series: &Series) {
        let mut instrument = self.instrument(
            InstrumentKind::Index,
            "SP500",
            "S&P 500 price index (without dividends)",
            Currency::USD,
        );
        instrument.country = Some("US".to_owned());
        self.index = self.list(
            instrument,
            SOURCE_INDEX,
            plain(series.index.first, series.index.values.clone()),
        );
    }

    fn list_stocks(&mut self, series: &Series, seed: u64) {
        let days = self.days.clone();
        let mut choices = Random::named(seed, "corporate actions");
        let splits = plan_splits(&days, &mut choices);
        let parent = if choices.unit() < 0.5 { "PFE" } else { "MRK" };
        let spin_day = series.on_or_after(date(2017, 3, 1)) + choices.below(150);
        let child = fund_path(
            &series.index.values[spin_day..],
            choices.between(24.0, 34.0),
            0.8,
            0.013,
            &mut Random::named(seed, "spun-off company"),
        );
        let handed_out = child.first().copied().unwrap_or_default() / f64::from(SPIN_OFF_OLD);
        for (symbol, name, sector, exchange, isin, dividend_yield) in COMPANIES {
            let Some(column) = series.stocks.iter().find(|column| column.name == symbol) else {
                continue;
            };
            let mut random = Random::named(seed, symbol);
            let plan = Plan {
                dividends: plan_dividends(&days, dividend_yield, &mut random),
                splits: splits
                    .iter()
                    .filter(|(name, _)| *name == symbol)
                    .map(|(_, split)| *split)
                    .collect(),
                spin_off: (symbol == parent).then_some(Distribution {
                    ex: spin_day,
                    amount: handed_out,
                }),
            };
            let traded = undo(column, &days, plan);
            let mut instrument = self.instrument(InstrumentKind::Equity, symbol, name, Currency::USD);
            classify(&mut instrument, sector, exchange, isin);
            let at = self.list(instrument, SOURCE_REAL, traded);
            self.stocks.push(at);
            if symbol == parent {
                self.spin_off.parent = at;
            }
        }
        let renamed = spin_day + 400 + choices.below(200);
        let mut instrument = self.instrument(
            InstrumentKind::Equity,
            "VRDC",
            "Viridia Consumer Health (simulated)",
            Currency::USD,
        );
        classify(&mut instrument, "Consumer Staples", "XNYS", "");
        let change = days.get(renamed).copied();
        instrument.symbols = vec![
            SymbolPeriod {
                symbol: "VRDC".to_owned(),
                from: days.get(spin_day).copied(),
                until: change,
            },
            SymbolPeriod {
                symbol: "VIRA".to_owned(),
                from: change,
                until: None,
            },
        ];
        instrument.simulated = true;
        let mut traded = plain(spin_day, child);
        let mut random = Random::named(seed, "spun-off dividends");
        traded.dividends = plan_dividends(&days, 0.02, &mut random)
            .into_iter()
            .filter(|(ex, _)| *ex > spin_day + 60)
            .filter_map(|(ex, part)| {
                Some(Distribution {
                    ex,
                    amount: round(traded.at(ex)? * part, 2),
                })
            })
            .collect();
        let child = self.list(instrument, SOURCE_SIMULATED, traded);
        self.spin_off = SpinOff {
            child,
            day: spin_day,
            renamed,
            ..self.spin_off
        };
    }

    fn list_factor_funds(&mut self, series: &Series, seed: u64) {
        let days = self.days.clone();
        for (symbol, name, style, exchange, isin, dividend_yield) in FACTOR_FUNDS {
            let Some(column) = series.funds.iter().find(|column| column.name == symbol) else {
                continue;
            };
            let mut random = Random::named(seed, symbol);
            let plan = Plan {
                dividends: plan_dividends(&days, dividend_yield, &mut random),
                ..Plan::default()
            };
            let traded = undo(column, &days, plan);
            let mut instrument = self.instrument(InstrumentKind::Etf, symbol, name, Currency::USD);
            classify(&mut instrument, style, exchange, isin);
            let at = self.list(instrument, SOURCE_REAL, traded);
            self.funds.push(at);
        }
    }

    fn list_bonds(&mut self, seed: u64) {
        let yields: Vec<Vec<f64>> = (0..3)
            .map(|region| {
                let mut random = Random::named(seed, ["EUR yield", "USD yield", "CHF yield"][region]);
                let anchors: Vec<_> = YIELDS
                    .iter()
                    .map(|(year, level)| (date(*year, 1, 1), level[region]))
                    .collect();
                bridge(&self.days, &anchors, 0.025, &mut random)
            })
            .collect();
        for (symbol, name, sector, country, currency, coupon, frequency, maturity, spread) in BOND_ISSUES {
            let region = [Currency::EUR, Currency::USD, Currency::CHF]
                .iter()
                .position(|one| *one == currency);
            let path = &yields[region.unwrap_or_default()];
            let terms = BondTerms {
                coupon: coupon_percent(coupon),
                frequency,
                maturity,
            };
            let mut random = Random::named(seed, symbol);
            let mut wobble = 0.0;
            let mut closes = Vec::new();
            for (day, level) in self.days.iter().zip(path).take_while(|(day, _)| **day < maturity) {
                wobble = wobble * 0.97 + random.normal() * 0.012;
                // Short bonds yield less than ten-year ones; the curve is straight.
                let years = super::simulated::days_between(*day, maturity) / 365.25;
                let slope = (years.min(10.0) - 10.0) * 0.08;
                closes.push(round(terms.clean(*day, level + slope + spread + wobble), 3));
            }
            let mut instrument = self.instrument(InstrumentKind::Bond, symbol, name, currency);
            instrument.sector = Some(sector.to_owned());
            instrument.country = Some(country.to_owned());
            instrument.simulated = true;
            instrument.terms = Terms::Bond {
                coupon_rate: decimal(terms.coupon / 100.0, 6).normalize(),
                frequency,
                issue: None,
                maturity,
                day_count: DayCount::ActualActual,
            };
            let at = self.list(instrument, SOURCE_SIMULATED, plain(0, closes));
            self.listed[at].bond = Some(terms);
            self.listed[at].multiplier = 0.01;
            self.listed[at].places = 3;
            self.bonds.push(at);
        }
    }

    fn list_unlisted(&mut self, series: &Series, seed: u64) {
        let mut random = Random::named(seed, "fund");
        let path = fund_path(&series.index.values, 100.0, 0.35, 0.0016, &mut random);
        let mut instrument = self.instrument(
            InstrumentKind::Fund,
            "MERIDIAN-MS",
            "Meridian Multi-Strategy Fund (simulated)",
            Currency::EUR,
        );
        instrument.sector = Some("Multi-asset".to_owned());
        instrument.country = Some("LU".to_owned());
        instrument.simulated = true;
        self.mutual_fund = self.list(instrument, SOURCE_SIMULATED, plain(0, path));

        // A unit of the private asset keeps its value between the quarterly marks.
        let mut random = Random::named(seed, "private asset");
        let mut value = 100.0;
        let mut marks = Vec::with_capacity(self.days.len());
        for (at, day) in self.days.iter().enumerate() {
            let quarter_ended = at > 0 && (self.days[at - 1].month() - 1) / 3 != (day.month() - 1) / 3;
            if quarter_ended {
                value *= 1.0 + 0.016 + random.normal() * 0.022;
            }
            marks.push(round(value, 2));
        }
        let mut instrument = self.instrument(
            InstrumentKind::Private,
            "ALPINE-WIND-3",
            "Alpine Wind Park III (simulated)",
            Currency::EUR,
        );
        instrument.sector = Some("Infrastructure".to_owned());
        instrument.country = Some("AT".to_owned());
        instrument.simulated = true;
        self.private = self.list(instrument, SOURCE_SIMULATED, plain(0, marks));
    }

    fn list_pairs(&mut self) {
        for (slot, base) in [Currency::EUR, Currency::CHF].into_iter().enumerate() {
            let symbol = format!("{base}/USD");
            let name = format!("{base}/USD (simulated)");
            let mut instrument = self.instrument(InstrumentKind::CurrencyPair, &symbol, &name, Currency::USD);
            instrument.terms = Terms::CurrencyPair {
                base,
                quote: Currency::USD,
            };
            instrument.simulated = true;
            let closes = (0..self.days.len())
                .map(|day| self.fx(base, Currency::USD, day))
                .collect();
            let at = self.list(instrument, SOURCE_SIMULATED, plain(0, closes));
            self.listed[at].places = 5;
            self.pairs[slot] = at;
        }
    }
}

/// The instant at which the reference data of the demo became known.
pub(crate) fn founded() -> Timestamp {
    // 2012-01-03 at noon in Greenwich.
    Timestamp::constant(1_325_592_000, 0)
}

/// Turns a simulated number into a decimal of so many places.
pub(crate) fn decimal(value: f64, places: u32) -> Decimal {
    Decimal::new((value * 10_f64.powi(places as i32)).round() as i64, places)
}

fn coupon_percent(hundredths: u32) -> f64 {
    // Issues are labeled to the hundredth; two of them pay an eighth.
    match hundredths {
        138 => 1.375,
        413 => 4.125,
        other => f64::from(other) / 100.0,
    }
}

fn classify(instrument: &mut Instrument, sector: &str, exchange: &str, isin: &str) {
    instrument.sector = Some(sector.to_owned());
    instrument.exchange = Some(exchange.to_owned());
    instrument.country = Some("US".to_owned());
    instrument.isin = isin.parse::<Isin>().ok();
}

fn plain(first: usize, closes: Vec<f64>) -> AsTraded {
    AsTraded {
        first,
        closes,
        dividends: Vec::new(),
        splits: Vec::new(),
        spin_off: None,
    }
}

/// Three stocks that rose split, one that fell is consolidated.
fn plan_splits(days: &[Date], random: &mut Random) -> Vec<(&'static str, Split)> {
    let mut risen = vec![
        ("AAPL", [4, 7]),
        ("HD", [2, 3]),
        ("UNH", [2, 3]),
        ("MSFT", [2, 2]),
        ("LLY", [2, 3]),
    ];
    let mut splits = Vec::new();
    let some_day = |random: &mut Random| {
        let (from, until) = (date(2014, 2, 3), date(2021, 10, 1));
        let first = days.partition_point(|day| *day < from);
        let last = days.partition_point(|day| *day < until);
        first + random.below(last - first)
    };
    for _ in 0..3 {
        let (symbol, ratios) = risen.remove(random.below(risen.len()));
        let new = ratios[random.below(2)];
        splits.push((
            symbol,
            Split {
                ex: some_day(random),
                new,
                old: 1,
            },
        ));
    }
    let (symbol, old) = [("GE", 8), ("RRC", 4)][random.below(2)];
    splits.push((
        symbol,
        Split {
            ex: some_day(random),
            new: 1,
            old,
        },
    ));
    splits
}

fn weekdays(first: Date, last: Date) -> Vec<Date> {
    let mut weekdays = Vec::new();
    let mut day = first;
    while day <= last {
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            weekdays.push(day);
        }
        day = day.saturating_add(1.day());
    }
    weekdays
}

fn fx_paths(seed: u64, weekdays: &[Date]) -> [Vec<f64>; 2] {
    [0, 1].map(|slot| {
        let mut random = Random::named(seed, ["EUR/USD", "CHF/USD"][slot]);
        let anchors: Vec<_> = FX_LEVELS
            .iter()
            .map(|(year, levels)| (date(*year, 1, 1), levels[slot]))
            .collect();
        let path = bridge(weekdays, &anchors, [0.0055, 0.0052][slot], &mut random);
        path.into_iter().map(|rate| round(rate, 5)).collect()
    })
}

fn third_friday(year: i16, month: i8) -> Date {
    let first = date(year, month, 1);
    let to_friday = (5 - i64::from(first.weekday().to_monday_one_offset())).rem_euclid(7);
    first.saturating_add((to_friday + 14).days())
}
