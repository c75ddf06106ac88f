//! The quote hub: the last value always comes, however slow the listener and whatever the order of arrival.

use std::collections::BTreeMap;
use std::time::Duration;

use apex_domain::{Decimal, Timestamp};
use apex_market_data::hub::{Hub, Latest, Listener};
use apex_market_data::record::{Quote, Tick, Trade};
use proptest::prelude::*;

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(1_767_625_200 + at).expect("an instant")
}

fn trade(symbol: &str, at: i64, price: i64) -> Tick {
    Tick::Trade(Trade {
        symbol: symbol.to_owned(),
        at: second(at),
        price: Decimal::from(price),
        size: Decimal::ONE,
        exchange: None,
        id: None,
        conditions: Vec::new(),
        sequence: None,
    })
}

fn quote(symbol: &str, at: i64, bid: i64) -> Tick {
    Tick::Quote(Quote {
        symbol: symbol.to_owned(),
        at: second(at),
        bid: Some(Decimal::from(bid)),
        bid_size: None,
        ask: None,
        ask_size: None,
        sequence: None,
    })
}

fn prices(taken: &[Latest]) -> Vec<(String, Option<Decimal>)> {
    let price = |one: &Latest| one.trade.as_ref().map(|trade| trade.price);
    taken.iter().map(|one| (one.symbol.to_string(), price(one))).collect()
}

fn known(listener: &mut Listener) -> Vec<(String, Option<Decimal>)> {
    prices(&listener.take())
}

fn one(symbol: &str, price: i64) -> (String, Option<Decimal>) {
    (symbol.to_owned(), Some(Decimal::from(price)))
}

#[test]
fn a_burst_comes_once_as_it_is_now() {
    let hub = Hub::new();
    let mut listener = hub.listen(["ACME", "BETA"]);
    hub.publish((0..10_000).map(|at| trade("ACME", at, at)), second(0));
    hub.publish([trade("BETA", 1, 7)], second(0));
    assert_eq!(known(&mut listener), [one("ACME", 9_999), one("BETA", 7)]);
    assert!(listener.take().is_empty());
    hub.publish([trade("ACME", 10_000, 5)], second(1));
    assert_eq!(known(&mut listener), [one("ACME", 5)]);
}

#[test]
fn trade_and_quote_of_a_symbol_stand_side_by_side_and_only_one_is_a_price() {
    let hub = Hub::new();
    let mut listener = hub.listen(["ACME"]);
    hub.publish([trade("ACME", 1, 100), quote("ACME", 2, 99)], second(3));
    let taken = listener.take();
    let [latest] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    assert_eq!(latest.trade.as_ref().map(|trade| trade.price), Some(Decimal::from(100)));
    assert_eq!(
        latest.quote.as_ref().and_then(|quote| quote.bid),
        Some(Decimal::from(99))
    );
    assert_eq!((latest.heard, latest.priced), (second(3), Some(second(3))));
    // Bids and offers go on while nothing is traded.
    hub.publish([quote("ACME", 60, 98)], second(61));
    let taken = listener.take();
    assert_eq!((taken[0].heard, taken[0].priced), (second(61), Some(second(3))));
}

#[test]
fn who_comes_late_is_told_the_last_value_at_once() {
    let hub = Hub::new();
    let _first = hub.listen(["ACME"]);
    hub.publish([trade("ACME", 1, 100), trade("UNWANTED", 1, 1)], second(1));
    let mut late = hub.listen(["ACME", "UNWANTED"]);
    assert_eq!(known(&mut late), [one("ACME", 100)], "what nobody wanted was not kept");
}

#[test]
fn wants_are_merged_and_end_with_their_listener() {
    let hub = Hub::new();
    let wanted = hub.wanted();
    let told = || wanted.borrow().iter().cloned().collect::<Vec<_>>();
    let mut first = hub.listen(["ACME", "BETA"]);
    let second_one = hub.listen(["BETA", "GAMMA"]);
    assert_eq!(told(), ["ACME", "BETA", "GAMMA"]);
    first.change(["ACME"]);
    assert_eq!(told(), ["ACME", "BETA", "GAMMA"]);
    drop(second_one);
    assert_eq!(told(), ["ACME"]);
    hub.publish([trade("ACME", 1, 1)], second(1));
    first.change(["BETA"]);
    assert!(first.take().is_empty(), "a mark goes with the want");
    drop(first);
    assert!(told().is_empty());
}

#[tokio::test]
async fn a_listener_sleeps_until_there_is_something_and_misses_nothing() {
    let hub = Hub::new();
    let mut listener = hub.listen(["ACME"]);
    let publisher = {
        let hub = hub.clone();
        tokio::spawn(async move {
            for at in 0..1_000 {
                hub.publish([trade("ACME", at, at)], second(at));
                tokio::task::yield_now().await;
            }
        })
    };
    let mut frames = 0;
    loop {
        frames += 1;
        let taken = listener.next(Duration::from_millis(1)).await;
        if prices(&taken) == [one("ACME", 999)] {
            break;
        }
    }
    publisher.await.expect("published");
    assert!(frames <= 1_000, "{frames} frames");
}

proptest! {
    #[test]
    fn in_whatever_order_and_however_often_it_is_taken_the_newest_is_known(
        said in prop::collection::vec((0_usize..4, 0_i64..50), 1..200),
        taken_after in prop::collection::btree_set(0_usize..200, 0..20),
    ) {
        let names = ["A", "B", "C", "D"];
        let hub = Hub::new();
        let mut listener = hub.listen(names);
        let mut shown: BTreeMap<String, Option<Decimal>> = BTreeMap::new();
        for (turn, (symbol, at)) in said.iter().enumerate() {
            hub.publish([trade(names[*symbol], *at, *at)], second(turn as i64));
            if taken_after.contains(&turn) {
                shown.extend(known(&mut listener));
            }
        }
        shown.extend(known(&mut listener));
        let mut newest: BTreeMap<String, Option<Decimal>> = BTreeMap::new();
        for (symbol, at) in &said {
            let kept = newest.entry(names[*symbol].to_owned()).or_insert(None);
            *kept = (*kept).max(Some(Decimal::from(*at)));
        }
        prop_assert_eq!(shown, newest);
    }
}
