//! One fault at a time, and what is published.

use apex_domain::{Currency, Decimal, InstrumentKind};
use apex_market_data::Provider::{AlphaVantage, Files, Polygon, Yahoo};
use apex_market_data::pipeline::{Decision, Figures, FindingState, Flag, LeftOut, Payment, Subject, judge};
use apex_market_data::polygon;
use apex_market_data::repair::Kind;
use jiff::civil::date;

use super::{decimal, intake, kinds, made, same_figures};

#[test]
fn a_day_times_a_hundred_is_repaired_exactly_or_taken_from_another_source() {
    let good = made::stock(300, 3);
    let clean = judge(&intake(vec![good.clone()]));
    let mut bad = good.clone();
    made::scale(&mut bad, 150, "100");
    let alone = judge(&intake(vec![bad.clone()]));
    assert_eq!(kinds(&alone), [(Polygon, Kind::Unit, FindingState::Repaired)]);
    same_figures(&alone, &clean);
    let day = alone.findings[0].from;
    assert_eq!(alone.days[&day].source(), "Polygon, repaired");
    let both = judge(&intake(vec![bad, made::by(AlphaVantage, &good)]));
    same_figures(&both, &clean);
    assert_eq!(both.days[&day].provider, AlphaVantage);
    assert!(both.days[&day].flags.contains(&Flag::SecondChoice));
}

#[test]
fn decisions_are_honored_and_the_finding_keeps_its_name() {
    let good = made::stock(300, 3);
    let clean = judge(&intake(vec![good.clone()]));
    let mut bad = good;
    made::scale(&mut bad, 150, "100");
    let mut asked = intake(vec![bad.clone()]);
    let finding = judge(&asked).findings.remove(0);
    let day = finding.from;
    for (decision, state) in [
        (Decision::Take, FindingState::Taken),
        (Decision::Keep, FindingState::Kept),
        (Decision::LeaveOut, FindingState::LeftOut),
    ] {
        asked.decisions.insert(finding.id.clone(), decision);
        let judged = judge(&asked);
        let again = judged.findings.iter().find(|one| one.kind == Kind::Unit).unwrap();
        assert_eq!((&again.id, again.state), (&finding.id, state));
        assert_eq!(again.confidence, finding.confidence);
        let close = judged.days.get(&day).map(|day| day.close);
        let right = clean.days[&day].close;
        assert_eq!(
            close,
            match decision {
                Decision::Take => Some(right),
                Decision::Keep => Some(right * Decimal::ONE_HUNDRED),
                Decision::LeaveOut => None,
            }
        );
    }
}

#[test]
fn what_is_left_out_is_told_with_who_said_it_and_whether_a_person_decided_it() {
    let good = made::stock(300, 3);
    let mut bad = good.clone();
    made::scale(&mut bad, 150, "100");
    let day = good.bars[150].0;
    let mut asked = intake(vec![bad.clone()]);
    let judged = judge(&asked);
    assert!(judged.left_out.is_empty());
    asked
        .decisions
        .insert(judged.findings[0].id.clone(), Decision::LeaveOut);
    let judged = judge(&asked);
    assert_eq!(
        judged.left_out.into_iter().collect::<Vec<_>>(),
        [((day, Polygon), LeftOut::Decided)]
    );
    // Where another source has the day, it is published and nothing is left out.
    asked.sources.push(made::by(AlphaVantage, &good));
    let judged = judge(&asked);
    assert_eq!(judged.days[&day].provider, AlphaVantage);
    assert!(judged.left_out.is_empty());

    // A close that is surely none is left out without asking; what it was is told, so that only that is taken back.
    let mut spiked = good;
    let close = spiked.bars[150].1.close.unwrap() * Decimal::new(37, 1);
    spiked.bars[150].1 = Figures {
        close: Some(close),
        ..Figures::default()
    };
    let judged = judge(&intake(vec![spiked]));
    assert_eq!(kinds(&judged), [(Polygon, Kind::Spike, FindingState::Repaired)]);
    assert_eq!(judged.left_out[&(day, Polygon)], LeftOut::Wrong(close));
}

#[test]
fn of_two_sources_that_contradict_each_other_both_are_left_out() {
    let good = made::stock(300, 3);
    let mut other = made::by(AlphaVantage, &good);
    made::scale(&mut other, 150, "1.03");
    let mut asked = intake(vec![good, other]);
    let judged = judge(&asked);
    let finding = &judged.findings[0];
    assert_eq!(finding.kind, Kind::Disagreement);
    let day = finding.from;
    asked.decisions.insert(finding.id.clone(), Decision::LeaveOut);
    let judged = judge(&asked);
    assert_eq!(
        judged.left_out.into_iter().collect::<Vec<_>>(),
        [
            ((day, Polygon), LeftOut::Decided),
            ((day, AlphaVantage), LeftOut::Decided)
        ]
    );
}

#[test]
fn a_split_listed_twice_counts_on_the_day_that_prices_show() {
    // The vendor's own example: Shopify's ten for one twice, a week apart.
    let listed = polygon::splits(include_bytes!("../../../fixtures/polygon/splits.json")).unwrap();
    let listed: Vec<_> = listed
        .records
        .splits
        .iter()
        .filter(|split| split.symbol == "SHOP")
        .map(|split| (split.ex_date, split.ratio))
        .collect();
    let mut shop = made::stock_from(date(2022, 3, 1), 150, 5);
    made::split(&mut shop, date(2022, 6, 29), "10:1");
    shop.splits = listed;
    let judged = judge(&intake(vec![shop.clone()]));
    assert_eq!(kinds(&judged), [(Polygon, Kind::SplitPhantom, FindingState::Repaired)]);
    assert_eq!(judged.findings[0].from, date(2022, 6, 22));
    let days: Vec<_> = judged.splits.iter().map(|split| split.ex_date).collect();
    assert_eq!(days, [date(2022, 6, 29)]);
    // Prices as traded are what they were: nothing is divided by a split that was none.
    assert!(
        judged
            .days
            .iter()
            .zip(&shop.bars)
            .all(|(day, bar)| day.1.figures() == bar.1)
    );
}

#[test]
fn a_split_that_no_price_shows_is_held_back_and_prices_stay() {
    let mut stock = made::stock(300, 9);
    stock.splits.push((stock.bars[200].0, "3:1".parse().unwrap()));
    let judged = judge(&intake(vec![stock.clone()]));
    assert_eq!(kinds(&judged), [(Polygon, Kind::SplitPhantom, FindingState::Waiting)]);
    assert_eq!(judged.splits, []);
    assert!(
        judged
            .days
            .iter()
            .zip(&stock.bars)
            .all(|(day, bar)| day.1.figures() == bar.1)
    );
}

#[test]
fn prices_that_a_source_gives_as_traded_though_they_are_adjusted_are_taken_back() {
    let mut good = made::stock(300, 11);
    let day = good.bars[200].0;
    made::split(&mut good, day, "4:1");
    let clean = judge(&intake(vec![good.clone()]));
    // A folder of files that says as traded and has divided prices; two sources know the split.
    let mut bad = good.clone();
    made::scale_before(&mut bad, day, "1:4".parse().unwrap());
    let judged = judge(&intake(vec![made::by(Files, &bad), good.clone()]));
    same_figures(&judged, &clean);
    assert_eq!(judged.splits.len(), 1);
    assert_eq!(kinds(&judged), [(Files, Kind::Split, FindingState::Repaired)]);
}

#[test]
fn a_source_of_adjusted_prices_that_does_not_know_the_split_is_brought_to_as_traded() {
    let mut good = made::stock(300, 12);
    let day = good.bars[200].0;
    let mut yahoo = made::by(Yahoo, &good);
    made::split(&mut good, day, "4:1");
    // Yahoo's prices are divided by it, but its list is empty, so nothing took them back.
    yahoo.splits.clear();
    let judged = judge(&intake(vec![yahoo, good.clone()]));
    assert_eq!(kinds(&judged), []);
    assert!(
        judged
            .days
            .values()
            .all(|day| day.provider == Yahoo && day.flags.contains(&Flag::Confirmed))
    );
    assert!(
        judged
            .days
            .iter()
            .zip(&good.bars)
            .all(|(day, bar)| day.1.close == bar.1.close.unwrap())
    );
}

#[test]
fn of_three_sources_the_odd_one_is_outvoted() {
    let good = made::stock(300, 4);
    let clean = judge(&intake(vec![good.clone()]));
    let mut bad = good.clone();
    made::scale(&mut bad, 100, "1.04");
    let judged = judge(&intake(vec![
        bad,
        made::by(Yahoo, &good),
        made::by(AlphaVantage, &good),
    ]));
    same_figures(&judged, &clean);
    assert_eq!(kinds(&judged), [(Polygon, Kind::Disagreement, FindingState::Repaired)]);
    assert!(judged.days[&good.bars[100].0].flags.contains(&Flag::Confirmed));
}

#[test]
fn of_two_sources_the_one_that_fits_the_days_around_wins_if_that_is_sure_else_the_day_waits() {
    let good = made::stock(300, 4);
    let clean = judge(&intake(vec![good.clone()]));
    // Thirty percent higher for one day is no day of this stock; one percent is.
    for (factor, state) in [("1.3", FindingState::Repaired), ("1.01", FindingState::Waiting)] {
        let mut bad = good.clone();
        made::scale(&mut bad, 100, factor);
        let mut asked = intake(vec![bad, made::by(Yahoo, &good)]);
        let judged = judge(&asked);
        let day = good.bars[100].0;
        let found: Vec<_> = kinds(&judged);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].1, found[0].2), (Kind::Disagreement, state));
        match state {
            FindingState::Repaired => same_figures(&judged, &clean),
            _ => {
                assert!(judged.waiting.contains(&day) && !judged.days.contains_key(&day));
                assert_eq!(judged.days.len(), 299);
                // Taking it takes the other's figures, keeping it keeps the provider's.
                let finding = &judged.findings[0];
                let cell = finding
                    .cells
                    .iter()
                    .find(|cell| cell.field == apex_market_data::series::Field::Close);
                let cell = cell.unwrap();
                for (decision, close) in [(Decision::Take, cell.after), (Decision::Keep, cell.before)] {
                    asked.decisions.insert(finding.id.clone(), decision);
                    let judged = judge(&asked);
                    assert_eq!(judged.days.get(&day).map(|day| day.close), close);
                    assert!(judged.waiting.is_empty());
                }
            }
        }
    }
}

#[test]
fn a_source_that_disagrees_all_along_is_one_finding_and_its_days_wait() {
    let good = made::stock(300, 4);
    let mut bad = good.clone();
    for row in 0..300 {
        made::scale(&mut bad, row, "100");
    }
    let judged = judge(&intake(vec![good, made::by(AlphaVantage, &bad)]));
    assert_eq!(
        kinds(&judged),
        [(AlphaVantage, Kind::Disagreement, FindingState::Waiting)]
    );
    assert_eq!((judged.waiting.len(), judged.days.len()), (300, 0));
    assert!(
        judged.findings[0].reason.contains("100.0000 times as much"),
        "{}",
        judged.findings[0].reason
    );
}

#[test]
fn a_bar_on_a_holiday_is_left_out_and_a_session_without_one_is_a_gap() {
    let mut stock = made::stock_from(date(2024, 3, 1), 40, 2);
    // Good Friday 2024 was March 29.
    let good_friday = date(2024, 3, 29);
    let at = stock.bars.iter().position(|(day, _)| *day > good_friday).unwrap();
    let close = stock.bars[at - 1].1.close;
    let repeated = Figures {
        open: close,
        high: close,
        low: close,
        close,
        volume: Some(Decimal::ZERO),
    };
    let (gap, moved) = (stock.bars.remove(at).0, stock.bars[at].1);
    stock.bars.push((good_friday, repeated));
    let judged = judge(&intake(vec![stock.clone()]));
    assert_eq!(kinds(&judged), [(Polygon, Kind::Session, FindingState::Repaired)]);
    assert_eq!(judged.gaps, [gap]);
    assert!(!judged.days.contains_key(&good_friday));
    // Where prices moved, a person decides.
    stock.bars.push((good_friday, moved));
    let mut asked = intake(vec![stock]);
    let judged = judge(&asked);
    assert_eq!(kinds(&judged), [(Polygon, Kind::Session, FindingState::Waiting)]);
    assert_eq!(judged.waiting.iter().copied().collect::<Vec<_>>(), [good_friday]);
    asked.decisions.insert(judged.findings[0].id.clone(), Decision::Keep);
    assert!(judge(&asked).days.contains_key(&good_friday));
}

#[test]
fn a_day_of_zeros_is_a_day_without_a_bar_and_never_invented() {
    let mut stock = made::stock(100, 6);
    let (day, bar) = &mut stock.bars[50];
    for price in made::prices(bar) {
        *price = Some(Decimal::ZERO);
    }
    let day = *day;
    let judged = judge(&intake(vec![stock]));
    assert_eq!(kinds(&judged), [(Polygon, Kind::Zero, FindingState::Repaired)]);
    assert!(!judged.days.contains_key(&day) && judged.days.len() == 99);
    assert!(judged.findings[0].cells.iter().all(|cell| cell.after.is_none()));
}

#[test]
fn a_high_below_the_close_is_widened_where_that_is_little_and_waits_where_it_is_much() {
    for (share, state) in [("0.995", FindingState::Repaired), ("0.9", FindingState::Waiting)] {
        let mut stock = made::stock(100, 6);
        let (day, bar) = &mut stock.bars[50];
        let day = *day;
        bar.open = bar.close;
        bar.low = bar.close.map(|close| close * decimal("0.85"));
        bar.high = bar.close.map(|close| close * decimal(share));
        let judged = judge(&intake(vec![stock]));
        assert_eq!(kinds(&judged), [(Polygon, Kind::Invariant, state)]);
        match judged.days.get(&day) {
            Some(published) => assert_eq!(published.high, Some(published.close)),
            None => assert!(judged.waiting.contains(&day)),
        }
    }
}

fn payment(ex_date: apex_domain::Date, amount: &str) -> Payment {
    Payment {
        ex_date,
        amount: decimal(amount),
        currency: None,
        pay_date: None,
    }
}

/// Lets prices fall by what is paid.
fn pay(source: &mut apex_market_data::pipeline::SourceDays, row: usize, amount: &str) {
    let paid = decimal(amount);
    let date = source.bars[row].0;
    for (_, bar) in source.bars.iter_mut().take(row) {
        for price in made::prices(bar) {
            *price = price.map(|price| price + paid);
        }
    }
    source.dividends.push(payment(date, amount));
}

#[test]
fn a_dividend_in_pence_is_found_in_prices_as_traded_and_paid_in_pounds() {
    let mut stock = made::stock(400, 8);
    for row in [60, 120, 180, 240, 300, 360] {
        pay(&mut stock, row, "4.5");
    }
    let clean = judge(&intake(vec![stock.clone()]));
    assert_eq!((kinds(&clean), clean.dividends.len()), (vec![], 6));
    stock.dividends[3].amount = decimal("450");
    let judged = judge(&intake(vec![stock]));
    assert_eq!(
        kinds(&judged),
        [(Polygon, Kind::DividendAmount, FindingState::Repaired)]
    );
    let amounts: Vec<Decimal> = judged.dividends.iter().map(|one| one.amount).collect();
    assert_eq!(amounts, [decimal("4.5"); 6]);
    assert!(judged.dividends[3].repaired);
}

#[test]
fn dividends_are_the_union_of_the_sources_each_once() {
    let mut polygon = made::stock(400, 8);
    for row in [60, 120, 180, 240] {
        pay(&mut polygon, row, "4.5");
    }
    let mut yahoo = made::by(Yahoo, &polygon);
    let days: Vec<_> = polygon.dividends.iter().map(|one| one.ex_date).collect();
    // One is known to Polygon only, one is dated a day later by Yahoo, one has another amount there.
    yahoo.dividends = vec![
        payment(days[1], "4.5"),
        payment(polygon.bars[181].0, "4.5"),
        payment(days[3], "3.5"),
    ];
    let judged = judge(&intake(vec![polygon, yahoo]));
    let paid: Vec<_> = judged.dividends.iter().map(|one| one.ex_date).collect();
    assert_eq!(paid, days[..3]);
    assert_eq!(
        kinds(&judged),
        [
            (Yahoo, Kind::DividendDate, FindingState::Repaired),
            (Yahoo, Kind::Disagreement, FindingState::Waiting)
        ]
    );
}

#[test]
fn a_rate_has_weekdays_and_no_corporate_actions() {
    let mut rates = made::stock_from(date(2024, 1, 2), 60, 1);
    rates.splits.push((date(2024, 2, 1), "2:1".parse().unwrap()));
    rates.dividends.push(payment(date(2024, 2, 1), "1"));
    let sunday = (date(2024, 2, 4), rates.bars[20].1);
    rates.bars.push(sunday);
    let mut asked = intake(vec![rates]);
    asked.subject = Subject {
        currency: Currency::USD,
        exchange: None,
        kind: InstrumentKind::CurrencyPair,
    };
    let judged = judge(&asked);
    assert_eq!((judged.days.len(), judged.findings.len()), (60, 0));
    assert!(judged.splits.is_empty() && judged.dividends.is_empty());
    // January 15 and February 19 are holidays of New York, but weekdays; so is Good Friday.
    assert_eq!(judged.gaps, [date(2024, 1, 15), date(2024, 2, 19)]);
}

// Rows that real sources have sent: 69.98 among 5436, and a dividend of 0.26 among closes of 200.
#[test]
fn another_instruments_price_or_a_dividend_is_never_published_as_a_close() {
    for wrong in ["0.0129", "0.0013", "3.1"] {
        let mut stock = made::stock(300, 14);
        made::scale(&mut stock, 150, wrong);
        let day = stock.bars[150].0;
        let mut asked = intake(vec![stock.clone()]);
        let judged = judge(&asked);
        assert_eq!(
            kinds(&judged),
            [(Polygon, Kind::Spike, FindingState::Repaired)],
            "{wrong}"
        );
        assert!(!judged.days.contains_key(&day) && judged.days.len() == 299);
        asked.decisions.insert(judged.findings[0].id.clone(), Decision::Keep);
        assert_eq!(
            judge(&asked).days.get(&day).map(|day| day.close),
            stock.bars[150].1.close
        );
        // What a second source has too is no spike.
        let both = judge(&intake(vec![stock.clone(), made::by(Yahoo, &stock)]));
        assert_eq!((both.days.len(), kinds(&both)), (300, vec![]), "{wrong}");
    }
}

#[test]
fn a_high_far_beyond_open_and_close_is_cut_to_them() {
    let mut stock = made::stock(300, 14);
    let bar = &mut stock.bars[150].1;
    bar.high = bar.high.map(|high| high * decimal("6"));
    let (open, close, day) = (bar.open, bar.close, stock.bars[150].0);
    let judged = judge(&intake(vec![stock]));
    assert_eq!(kinds(&judged), [(Polygon, Kind::Spike, FindingState::Repaired)]);
    assert_eq!(judged.days[&day].high, open.max(close));
}

// Prices in pence that become pounds from one day on: what was before is wrong by a hundred, to the digit.
#[test]
fn a_flip_from_pence_to_pounds_is_repaired_before_it() {
    let good = made::stock(300, 15);
    let clean = judge(&intake(vec![good.clone()]));
    let mut bad = good;
    for row in 0..180 {
        made::scale(&mut bad, row, "100");
    }
    let judged = judge(&intake(vec![bad]));
    same_figures(&judged, &clean);
    assert_eq!(kinds(&judged), [(Polygon, Kind::Unit, FindingState::Repaired)]);
    assert_eq!(
        (judged.findings[0].cells.len(), judged.findings[0].cell_count),
        (60, 720)
    );
}

#[test]
fn one_day_told_twice_as_high_is_no_split() {
    let mut stock = made::stock(300, 16);
    let figures = &mut stock.bars[200].1;
    for price in [
        &mut figures.open,
        &mut figures.high,
        &mut figures.low,
        &mut figures.close,
    ] {
        *price = price.map(|price| price * Decimal::TWO);
    }
    let judged = judge(&intake(vec![stock.clone()]));
    let kinds = kinds(&judged);
    assert!(
        !kinds.is_empty() && kinds.iter().all(|(_, kind, _)| *kind != Kind::SplitUnlisted),
        "{kinds:?}"
    );
    // The day is not published as it came, and every other is.
    for (row, (date, figures)) in stock.bars.iter().enumerate() {
        let published = judged.days.get(date).map(|day| day.close);
        if row == 200 {
            assert_ne!(published, figures.close);
        } else {
            assert_eq!(published, figures.close, "{date}");
        }
    }
}

#[test]
fn a_split_that_nobody_lists_is_asked_about_and_counts_once_it_is_taken() {
    let mut stock = made::stock(300, 16);
    let ex_date = stock.bars[200].0;
    made::split(&mut stock, ex_date, "4:1");
    stock.splits.clear();
    let mut asked = intake(vec![stock]);
    let judged = judge(&asked);
    assert_eq!(kinds(&judged), [(Polygon, Kind::SplitUnlisted, FindingState::Waiting)]);
    // Prices as traded are right either way, and are published.
    assert_eq!((judged.days.len(), judged.splits.len()), (300, 0));
    asked.decisions.insert(judged.findings[0].id.clone(), Decision::Take);
    let again = judge(&asked);
    same_figures(&again, &judged);
    assert_eq!(
        (again.splits[0].ex_date, again.splits[0].ratio.to_string().as_str()),
        (ex_date, "4:1")
    );
    assert_eq!(kinds(&again), [(Polygon, Kind::SplitUnlisted, FindingState::Taken)]);
}
