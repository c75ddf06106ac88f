//! One provider's records as days and payments: as traded, in the instrument's currency, each day once.

use std::collections::{BTreeMap, btree_map};

use apex_domain::{Date, Decimal, Ratio};

use super::basis::{Factor, Factors};
use super::currency::Unit;
use super::day::Days;
use super::finding::{NamedCell, name};
use super::{Figures, Finding, FindingState, Payment, Said, SourceDays, Subject};
use crate::record::{Bar, Basis, Interval, Ohlcv, Provider, Records, Remark, Window};
use crate::repair::Kind;

/// Turns one provider's records of one instrument into what can be kept and judged.
///
/// Prices in a sub-unit become prices in the currency (`GBp`, `ZAc`, `KWF`). Where the provider names another currency than
/// the instrument's, nothing is converted: all its bars are held back, and the finding says so. Split-adjusted figures are
/// taken back to as traded by the splits of the same records, so those must cover the days from the first bar to when the
/// provider was asked. Of a day that comes twice the one received last counts, and the difference is remarked. Bars of weeks
/// and months are left out.
pub fn normalize(provider: Provider, records: &Records, subject: &Subject) -> Said {
    let mut said = Said {
        days: SourceDays::new(provider),
        minutes: Vec::new(),
        findings: Vec::new(),
        remarks: records.remarks.clone(),
    };
    said.days.splits = splits(records, subject);
    let own = Unit::of(subject.currency);
    let factor = match stated_unit(records) {
        Some(word) => match Unit::read(word).and_then(|unit| unit.factor_to(own)) {
            Some(factor) => factor,
            None => {
                said.findings.extend(misfit(provider, records, subject, word));
                return said;
            }
        },
        None => Decimal::ONE,
    };
    let reader = Reader {
        provider,
        factor,
        factors: Factors::of(&said.days.splits, None),
        days: Days::of(subject),
    };
    reader.bars(records, &mut said);
    if !subject.is_rate() {
        for dividend in &records.dividends {
            let paid = (dividend.ex_date, dividend.amount, dividend.currency.as_deref());
            match reader.payment(paid, dividend.pay_date, own) {
                Some(payment) => said.days.dividends.push(payment),
                None => said
                    .remarks
                    .push(unreadable(dividend.ex_date, dividend.currency.as_deref())),
            }
        }
        for gain in &records.capital_gains {
            match reader.payment((gain.ex_date, gain.amount, gain.currency.as_deref()), None, own) {
                Some(payment) => said.days.gains.push(payment),
                None => said.remarks.push(unreadable(gain.ex_date, gain.currency.as_deref())),
            }
        }
    }
    once(&mut said.days.dividends);
    once(&mut said.days.gains);
    said
}

/// The splits in the order of their days, each once.
fn splits(records: &Records, subject: &Subject) -> Vec<(Date, Ratio)> {
    if subject.is_rate() {
        return Vec::new();
    }
    let mut splits: Vec<(Date, Ratio)> = records
        .splits
        .iter()
        .map(|split| (split.ex_date, split.ratio))
        .filter(|(_, ratio)| ratio.numerator() != ratio.denominator())
        .collect();
    splits.sort_unstable();
    splits.dedup();
    splits
}

fn once(payments: &mut Vec<Payment>) {
    payments.sort_by_key(|payment| (payment.ex_date, payment.amount, payment.currency, payment.pay_date));
    payments.dedup();
}

/// What the provider calls the unit of its prices, where it says so.
fn stated_unit(records: &Records) -> Option<&str> {
    let symbol = records.bars.first().map(|bar| bar.symbol.as_str());
    let listing = match symbol {
        Some(symbol) => records
            .listings
            .iter()
            .find(|one| one.symbol.eq_ignore_ascii_case(symbol)),
        None => None,
    };
    let listing = listing.or(match records.listings.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    listing?.currency.as_deref().filter(|word| !word.trim().is_empty())
}

/// The finding that holds all bars back; none where there is no bar.
fn misfit(provider: Provider, records: &Records, subject: &Subject, word: &str) -> Option<Finding> {
    let days = Days::of(subject);
    let dates = || records.bars.iter().map(|bar| date(bar, days));
    let (from, until) = (dates().min()?, dates().max()?);
    // Named by the two currencies only, so that the next day's bar does not make it another finding.
    let cell = NamedCell {
        date: Date::ZERO,
        what: &format!("{word} {}", subject.currency),
        value: None,
    };
    Some(Finding {
        id: name(provider, Kind::Currency, [cell]),
        provider,
        kind: Kind::Currency,
        from,
        until,
        reason: format!(
            "{provider} quotes in {word} and the instrument is quoted in {}; none of its {} bars is used",
            subject.currency,
            records.bars.len(),
        ),
        confidence: 1.0,
        state: FindingState::Waiting,
        cells: Vec::new(),
        cell_count: 0,
    })
}

fn unreadable(date: Date, currency: Option<&str>) -> Remark {
    Remark {
        at: format!("payment of {date}"),
        reason: match currency {
            Some(word) => format!("its amount in {word} cannot be read and was left out"),
            None => "its amount has more digits than a decimal and was left out".to_owned(),
        },
    }
}

fn date(bar: &Bar, days: Days) -> Date {
    match bar.window {
        Window::Day(date) => date,
        Window::From(instant) => days.date(instant),
    }
}

struct Reader {
    provider: Provider,
    /// What prices are multiplied by to be in the instrument's currency.
    factor: Decimal,
    factors: Factors,
    days: Days,
}

impl Reader {
    fn bars(&self, records: &Records, said: &mut Said) {
        let mut by_day: BTreeMap<Date, Figures> = BTreeMap::new();
        let mut by_minute = BTreeMap::new();
        for bar in &records.bars {
            let day = date(bar, self.days);
            let Some(figures) = self.figures(bar, day) else {
                said.remarks.push(Remark {
                    at: day.to_string(),
                    reason: "its prices as traded have more digits than a decimal and were left out".to_owned(),
                });
                continue;
            };
            match (bar.interval, bar.window) {
                (Interval::Day, _) => match by_day.entry(day) {
                    btree_map::Entry::Vacant(place) => drop(place.insert(figures)),
                    btree_map::Entry::Occupied(mut place) => {
                        if let Some(reason) = differs(*place.get(), figures) {
                            said.remarks.push(Remark {
                                at: day.to_string(),
                                reason,
                            });
                        }
                        place.insert(figures);
                    }
                },
                (Interval::Minute, Window::From(instant)) => drop(by_minute.insert(instant, figures)),
                _ => {}
            }
        }
        said.days.bars = by_day.into_iter().collect();
        said.minutes = by_minute.into_iter().collect();
    }

    fn figures(&self, bar: &Bar, day: Date) -> Option<Figures> {
        let (figures, factor): (&Ohlcv, Factor) = match &bar.figures {
            Basis::Raw(figures) => (figures, Factor::ONE),
            Basis::SplitAdjusted(figures) => (figures, self.factors.at(day)),
        };
        let price = |price: Option<Decimal>| match price {
            Some(price) => Some(Some(self.price(price, factor)?)),
            None => Some(None),
        };
        Some(Figures {
            open: price(figures.open)?,
            high: price(figures.high)?,
            low: price(figures.low)?,
            close: price(figures.close)?,
            volume: match figures.volume {
                Some(volume) => Some(factor.raw_volume(volume)?.normalize()),
                None => None,
            },
        })
    }

    fn price(&self, price: Decimal, factor: Factor) -> Option<Decimal> {
        let raw = factor.raw_price(price, self.provider.noise())?;
        Some(raw.checked_mul(self.factor)?.normalize())
    }

    /// A payment in the unit that it is stated in, else in that of the prices; another currency than theirs stays.
    fn payment(
        &self,
        (ex_date, amount, word): (Date, Basis<Decimal>, Option<&str>),
        pay_date: Option<Date>,
        own: Unit,
    ) -> Option<Payment> {
        let (amount, factor) = match amount {
            Basis::Raw(amount) => (amount, Factor::ONE),
            Basis::SplitAdjusted(amount) => (amount, self.factors.at(ex_date)),
        };
        let raw = factor.raw_price(amount, self.provider.noise())?;
        let word = word.map(str::trim).filter(|word| !word.is_empty());
        let (scale, currency) = match word.map(Unit::read) {
            None => (self.factor, None),
            Some(Some(unit)) => match unit.factor_to(own) {
                Some(scale) => (scale, None),
                None => (unit.factor_to(Unit::of(unit.currency))?, Some(unit.currency)),
            },
            Some(None) => return None,
        };
        Some(Payment {
            ex_date,
            amount: raw.checked_mul(scale)?.normalize(),
            currency,
            pay_date,
        })
    }
}

/// Says what differs between two bars of one day; the second counts.
fn differs(before: Figures, after: Figures) -> Option<String> {
    let pairs = [
        ("open", before.open, after.open),
        ("high", before.high, after.high),
        ("low", before.low, after.low),
        ("close", before.close, after.close),
        ("volume", before.volume, after.volume),
    ];
    let text = |value: Option<Decimal>| value.map_or("nothing".to_owned(), |value| value.to_string());
    let said: Vec<String> = pairs
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| format!("{name} {} and then {}", text(before), text(after)))
        .collect();
    (!said.is_empty()).then(|| format!("the day came twice: {}; the last counts", said.join(", ")))
}
