//! Lots: which ones a closing trade takes, what they gained, by price and by currency.

use apex_testkit::report;
use expect_test::{Expect, expect};

fn check(ledger: &str, expected: Expect) {
    expected.assert_eq(&report(ledger));
}

#[test]
fn sells_close_the_oldest_lot_first() {
    check(
        "
        2026-01-05  buy   ACME  10 @  90.00 USD
        2026-02-02  buy   ACME  10 @ 110.00 USD
        2026-03-02  sell  ACME  15 @ 120.00 USD
        ",
        expect![[r#"
            ACME  closed 10 @  90.00  gain 300.00 USD
            ACME  closed  5 @ 110.00  gain  50.00 USD
            ACME  open    5 @ 110.00
        "#]],
    );
}

/// 100@10, 100@12, 100@15; sell 150@14: the reference numbers are gains of 500, 0, 0 and 250 and costs left of
/// 2,100, 1,600, 1,600 and 1,850.
const THREE_BUYS: &str = "
    show cost
    2026-01-05  buy   ACME  100 @ 10 USD id A
    2026-01-06  buy   ACME  100 @ 12 USD id B
    2026-01-07  buy   ACME  100 @ 15 USD id C
";

#[test]
fn fifo_gains_500_on_the_reference_lots() {
    check(
        &format!("{THREE_BUYS} 2026-02-02  sell  ACME  150 @ 14 USD"),
        expect![[r#"
            ACME  closed 100 @ 10.00  gain 400.00 USD
            ACME  closed  50 @ 12.00  gain 100.00 USD
            ACME  open    50 @ 12.00  cost 600.00 USD
            ACME  open   100 @ 15.00  cost 1500.00 USD
        "#]],
    );
}

#[test]
fn lifo_gains_nothing_on_the_reference_lots() {
    check(
        &format!("lots lifo\n{THREE_BUYS} 2026-02-02  sell  ACME  150 @ 14 USD"),
        expect![[r#"
            ACME  closed 100 @ 15.00  gain -100.00 USD
            ACME  closed  50 @ 12.00  gain  100.00 USD
            ACME  open   100 @ 10.00  cost 1000.00 USD
            ACME  open    50 @ 12.00  cost 600.00 USD
        "#]],
    );
}

#[test]
fn hifo_gains_nothing_on_the_reference_lots() {
    check(
        &format!("lots hifo\n{THREE_BUYS} 2026-02-02  sell  ACME  150 @ 14 USD"),
        expect![[r#"
        ACME  closed 100 @ 15.00  gain -100.00 USD
        ACME  closed  50 @ 12.00  gain  100.00 USD
        ACME  open   100 @ 10.00  cost 1000.00 USD
        ACME  open    50 @ 12.00  cost 600.00 USD
    "#]],
    );
}

#[test]
fn average_gains_250_on_the_reference_lots() {
    check(
        &format!("lots average\n{THREE_BUYS} 2026-02-02  sell  ACME  150 @ 14 USD"),
        expect![[r#"
        ACME  closed 150 @ 12.333333  gain 250.00 USD
        ACME  open   150 @ 12.333333  cost 1850.00 USD
    "#]],
    );
}

#[test]
fn specific_lots_are_closed_as_named() {
    check(
        &format!("lots specific\n{THREE_BUYS} 2026-02-02  sell  ACME  150 @ 14 USD lot C 100 lot A 20"),
        expect![[r#"
            ACME  closed 100 @ 15.00  gain -100.00 USD
            ACME  closed  20 @ 10.00  gain   80.00 USD
            ACME  closed  30 @ 10.00  gain  120.00 USD
            ACME  open    50 @ 10.00  cost 500.00 USD
            ACME  open   100 @ 12.00  cost 1200.00 USD
        "#]],
    );
}

#[test]
fn a_lot_that_is_not_open_cannot_be_named() {
    check(
        &format!("lots specific\n{THREE_BUYS} 2026-02-02  sell  ACME  150 @ 14 USD lot C 101"),
        expect![[r#"
        ACME  open 100 @ 10.00  cost 1000.00 USD
        ACME  open 100 @ 12.00  cost 1200.00 USD
        ACME  open 100 @ 15.00  cost 1500.00 USD
        refused: sell of ACME on 2026-02-02 names 101 of lot 04000000-0000-0000-0000-000000000003 but 100 of it are open
    "#]],
    );
}

#[test]
fn hifo_takes_the_dearest_lot_wherever_it_stands() {
    check(
        "
        lots hifo
        2026-01-05  buy   ACME  10 @ 12 USD
        2026-01-06  buy   ACME  10 @ 15 USD
        2026-01-07  buy   ACME  10 @ 10 USD
        2026-02-02  sell  ACME  25 @ 20 USD
        ",
        expect![[r#"
            ACME  closed 10 @ 15.00  gain 50.00 USD
            ACME  closed 10 @ 12.00  gain 80.00 USD
            ACME  closed  5 @ 10.00  gain 50.00 USD
            ACME  open    5 @ 10.00
        "#]],
    );
}

#[test]
fn each_account_keeps_its_own_method_and_lots() {
    check(
        "
        account Other lifo
        2026-01-05  buy   ACME  10 @ 10 USD
        2026-01-06  buy   ACME  10 @ 20 USD
        2026-01-05  buy   ACME  10 @ 10 USD in Other
        2026-01-06  buy   ACME  10 @ 20 USD in Other
        2026-02-02  sell  ACME  10 @ 30 USD
        2026-02-02  sell  ACME  10 @ 30 USD in Other
        ",
        expect![[r#"
            Main  ACME   closed 10 @ 10.00  gain 200.00 USD
            Other  ACME  closed 10 @ 20.00  gain 100.00 USD
            Main  ACME   open   10 @ 20.00
            Other  ACME  open   10 @ 10.00
        "#]],
    );
}

#[test]
fn fees_and_taxes_raise_cost_and_lower_proceeds() {
    // 1,000.00 + 1.50 + 0.50 cost 1,002.00; 1,200.00 - 2.00 - 3.00 bring 1,195.00.
    check(
        "
        show cash 2026-02-02
        2026-01-05  buy   ACME  10 @ 100 USD fees 1.50 taxes 0.50
        2026-02-02  sell  ACME  10 @ 120 USD fees 2.00 taxes 3.00
        ",
        expect![[r#"
            ACME  closed 10 @ 100.20  gain 193.00 USD
            cash USD 193.00 settled 193.00
        "#]],
    );
}

#[test]
fn thirds_of_a_lot_add_up_to_all_of_its_cost() {
    check(
        "
        show cost
        2026-01-05  buy   ACME  3 @ 33.34 USD gross 100
        2026-02-02  sell  ACME  1 @ 40 USD
        2026-02-03  sell  ACME  1 @ 40 USD
        2026-02-04  sell  ACME  1 @ 40 USD
        ",
        expect![[r#"
            ACME  closed 1 @ 33.333333  gain 6.66666667 USD
            ACME  closed 1 @ 33.333333  gain 6.66666666 USD
            ACME  closed 1 @ 33.333333  gain 6.66666667 USD
        "#]],
    );
}

#[test]
fn a_short_gains_when_the_price_falls() {
    check(
        "
        show cash 2026-02-02
        show value 2026-02-02
        2026-01-05  short  ACME  10 @ 100 USD fees 1
        2026-02-02  cover  ACME   4 @  90 USD fees 1
        2026-02-02  price  ACME  90
        ",
        expect![[r#"
            ACME  closed -4 @ 99.90  gain 38.60 USD
            ACME  open   -6 @ 99.90
            cash USD 638.00 settled 638.00
            ACME worth -540.00 gain 59.40 = price 59.40 + fx 0.00 + cross 0.00
            cash USD worth 638.00 gain 0.00 = price 0.00 + fx 0.00 + cross 0.00
            nav 98.00 USD
        "#]],
    );
}

#[test]
fn a_sell_beyond_what_is_held_is_refused() {
    check(
        "
        2026-01-05  buy   ACME  10 @ 90 USD
        2026-03-02  sell  ACME  15 @ 95 USD
        ",
        expect![[r#"
            ACME  open 10 @ 90.00
            refused: sell of 15 ACME on 2026-03-02 but only 10 are held in account Main
        "#]],
    );
}

#[test]
fn long_and_short_never_mix_in_one_position() {
    check(
        "
        2026-01-05  buy    ACME  10 @ 90 USD
        2026-01-06  short  ACME   5 @ 90 USD
        2026-01-06  short  NEW    5 @ 90 USD
        2026-01-07  buy    NEW    5 @ 90 USD
        2026-01-08  cover  NEW    6 @ 90 USD
        ",
        expect![[r#"
            ACME  open 10 @ 90.00
            NEW   open -5 @ 90.00
            refused: short of ACME on 2026-01-06 but account Main holds 10: sell first
            refused: buy of NEW on 2026-01-07 but account Main is short 5: cover first
            refused: cover of 6 NEW on 2026-01-08 but only 5 are short in account Main
        "#]],
    );
}

#[test]
fn hifo_covers_the_cheapest_short_first() {
    check(
        "
        lots hifo
        2026-01-05  short  ACME  10 @ 100 USD
        2026-01-06  short  ACME  10 @  90 USD
        2026-02-02  cover  ACME  10 @  80 USD
        ",
        expect![[r#"
            ACME  closed -10 @  90.00  gain 100.00 USD
            ACME  open   -10 @ 100.00
        "#]],
    );
}

#[test]
fn a_gain_splits_into_price_currency_and_cross() {
    // 100 x USD 50 at 0.90 -> USD 60 at 0.95: 4,500 -> 5,700; price 900, currency 250, cross 50.
    check(
        "
        base EUR
        show value 2026-02-02
        2026-01-05  rate   USD EUR 0.90
        2026-01-05  buy    ACME  100 @ 50 USD
        2026-02-02  price  ACME  60
        2026-02-02  rate   USD EUR 0.95
        ",
        expect![[r#"
            ACME  open 100 @ 50.00
            ACME worth 5700.00 gain 1200.00 = price 900.00 + fx 250.00 + cross 50.00
            cash USD worth -4750.00 gain -250.00 = price 0.00 + fx -250.00 + cross 0.00
            nav 950.00 EUR
        "#]],
    );
    check(
        "
        base EUR
        2026-01-05  buy    ACME  100 @ 50 USD fx 0.90
        2026-02-02  sell   ACME  100 @ 60 USD fx 0.95
        ",
        expect![[r#"
            ACME  closed 100 @ 50.00  gain 1000.00 USD  EUR 1200.00 = price 900.00 + fx 250.00 + cross 50.00
        "#]],
    );
}

#[test]
fn an_average_pool_keeps_its_cost_in_both_currencies() {
    // 10 at USD 50 and 0.90 and 10 at USD 70 and 1.00: 1,200 dollars and 450 + 700 = 1,150 euros for 20.
    check(
        "
        base EUR
        lots average
        show cost
        2026-01-05  buy    ACME  10 @ 50 USD fx 0.90
        2026-01-06  buy    ACME  10 @ 70 USD fx 1.00
        2026-02-02  sell   ACME   5 @ 80 USD fx 1.10
        ",
        expect![[r#"
            ACME  closed  5 @ 60.00  gain 100.00 USD  EUR 152.50 = price 95.83333333 + fx 42.50 + cross 14.16666667
            ACME  open   15 @ 60.00  cost 900.00 USD = 862.50 EUR
        "#]],
    );
}

#[test]
fn a_missing_rate_leaves_the_gain_unknown_and_says_so() {
    check(
        "
        base EUR
        show cost
        show cash 2026-02-02
        show value 2026-02-03
        2026-01-05  buy    ACME  100 @ 50 USD
        2026-02-02  sell   ACME   50 @ 60 USD fx 0.95
        2026-02-02  rate   USD EUR 0.95
        2026-02-03  price  ACME  61
        ",
        expect![[r#"
            ACME  closed 50 @ 50.00  gain 500.00 USD  EUR --
            ACME  open   50 @ 50.00  cost 2500.00 USD = -- EUR
            cash USD -2000.00 settled -2000.00, cost -- EUR
            ACME worth -- (no rate from USD to EUR on 2026-02-03) gain --
            cash USD worth -- (no rate from USD to EUR on 2026-02-03) gain --
            nav -- (no rate from USD to EUR on 2026-02-03) EUR
        "#]],
    );
}

#[test]
fn a_missing_price_leaves_the_value_unknown_and_says_so() {
    check(
        "
        show value 2022-01-03
        2022-01-03  buy    ACME  100 @ 50 USD
        2022-01-04  price  ACME  61
        ",
        expect![[r#"
            ACME  open 100 @ 50.00
            ACME worth -- (no price for ACME on or before 2022-01-03) gain --
            cash USD worth -5000.00 gain 0.00 = price 0.00 + fx 0.00 + cross 0.00
            nav -- (no price for ACME on or before 2022-01-03) USD
        "#]],
    );
}

#[test]
fn same_day_order_is_the_sequence_number_then_the_kind() {
    check(
        "
        2026-01-05  sell  ACME  10 @ 95 USD
        2026-01-05  buy   ACME  10 @ 90 USD
        2026-01-06  buy   NEW   10 @ 90 USD seq 2
        2026-01-06  sell  NEW   10 @ 95 USD seq 1
        ",
        expect![[r#"
            ACME  closed 10 @ 90.00  gain 50.00 USD
            NEW   open   10 @ 90.00
            refused: sell of 10 NEW on 2026-01-06 but only 0 are held in account Main
        "#]],
    );
}

#[test]
fn a_reversal_takes_its_original_out() {
    check(
        "
        show cash 2026-03-02
        2026-01-05  buy   ACME  10 @  90 USD id A
        2026-01-05  buy   ACME  10 @  91 USD id B
        2026-03-02  reverse A
        ",
        expect![[r#"
            ACME  open 10 @ 91.00
            cash USD -910.00 settled -910.00
        "#]],
    );
}
