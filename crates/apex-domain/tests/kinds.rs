//! Every kind of transaction, by what it does to lots, cash, income and flows.

use apex_testkit::report;
use expect_test::{Expect, expect};

fn check(ledger: &str, expected: Expect) {
    expected.assert_eq(&report(ledger));
}

#[test]
fn a_split_multiplies_shares_and_keeps_cost() {
    // 7-for-1 on 100 gives exactly 700.
    check(
        "
        show cost
        show steps
        2026-01-05  buy    ACME  100 @ 91 USD
        2026-02-02  split  ACME  7:1
        ",
        expect![[r#"
            ACME  open 700 @ 13.00  cost 9100.00 USD
            ACME held 100 from 2026-01-05 700 from 2026-02-02
        "#]],
    );
}

#[test]
fn a_split_written_as_quantity_and_price_is_a_fraction() {
    check(
        "
        2026-01-05  buy    ACME  100 @ 30 USD
        2026-02-02  split  ACME  3 @ 2
        ",
        expect![[r#"
            ACME  open 150 @ 20.00
        "#]],
    );
}

#[test]
fn the_fraction_a_reverse_split_leaves_is_paid_out() {
    // 1-for-3 of 100 is 33 and a third; the third cost a hundredth of 900.
    check(
        "
        show cash 2026-02-02
        2026-01-05  buy    ACME  100 @ 9 USD
        2026-02-02  split  ACME  1:3 lieu 10.00
        ",
        expect![[r#"
            ACME  paid out 0.333333333333 @ 27.00  gain 1.00 USD
            ACME  open                 33 @ 27.00
            cash USD -890.00 settled -890.00
        "#]],
    );
}

#[test]
fn a_split_applies_before_the_trades_of_its_day() {
    check(
        "
        2026-01-05  buy    ACME  10 @ 100 USD
        2026-02-02  sell   ACME  20 @  60 USD
        2026-02-02  split  ACME  2:1
        ",
        expect![[r#"
            ACME  closed 20 @ 50.00  gain 200.00 USD
        "#]],
    );
}

#[test]
fn a_spin_off_takes_over_its_fraction_of_the_cost() {
    // 12.5% of 10,000.00: 8,750.00 stay and 1,250.00 go.
    check(
        "
        show cost
        2026-01-05  buy       ACME  100 @ 100 USD
        2026-02-02  spin_off  ACME  into NEW 0.125 ratio 1:4
        ",
        expect![[r#"
            ACME  open 100 @ 87.50  cost 8750.00 USD
            NEW   open  25 @ 50.00  cost 1250.00 USD
        "#]],
    );
}

#[test]
fn a_spin_off_keeps_each_lots_day_and_pays_the_fraction_out() {
    check(
        "
        show cost
        show cash 2026-02-02
        2026-01-05  buy       ACME  5 @ 100 USD
        2026-01-06  buy       ACME  5 @ 200 USD
        2026-02-02  spin_off  ACME  into NEW 0.10 ratio 1:4 lieu 30
        ",
        expect![[r#"
            NEW   paid out  0.5 @  40.00  gain 10.00 USD
            ACME  open        5 @  90.00  cost 450.00 USD
            ACME  open        5 @ 180.00  cost 900.00 USD
            NEW   open     0.75 @  40.00  cost 30.00 USD
            NEW   open     1.25 @  80.00  cost 100.00 USD
            cash USD -1470.00 settled -1470.00
        "#]],
    );
}

#[test]
fn a_merger_for_shares_carries_the_cost() {
    check(
        "
        show cost
        2026-01-05  buy     ACME  100 @ 30 USD
        2026-02-02  merger  ACME  into NEW ratio 1:2
        2026-02-03  sell    NEW   10 @ 70 USD
        ",
        expect![[r#"
            NEW  closed 10 @ 60.00  gain 100.00 USD
            NEW  open   40 @ 60.00  cost 2400.00 USD
        "#]],
    );
}

#[test]
fn a_merger_for_cash_is_a_sale() {
    check(
        "
        show cash 2026-02-02
        2026-01-05  buy     ACME  100 @ 30 USD
        2026-02-02  merger  ACME  100 @ 35 USD
        ",
        expect![[r#"
            ACME  closed 100 @ 30.00  gain 500.00 USD
            cash USD 500.00 settled 500.00
        "#]],
    );
}

#[test]
fn a_merger_for_cash_and_shares_divides_the_cost() {
    // 60% of 3,000 goes into the new shares; 1,200 stands against 1,500 in cash.
    check(
        "
        show cost
        show cash 2026-02-02
        2026-01-05  buy     ACME  100 @ 30 USD
        2026-02-02  merger  ACME  100 @ 15 USD into NEW 0.6 ratio 1:2
        ",
        expect![[r#"
            ACME  closed 100 @ 12.00  gain 300.00 USD
            NEW   open    50 @ 36.00  cost 1800.00 USD
            cash USD -1500.00 settled -1500.00
        "#]],
    );
}

#[test]
fn a_symbol_change_leaves_lots_alone() {
    check(
        "
        2026-01-05  buy            ACME  100 @ 30 USD
        2026-02-02  symbol_change  ACME
        ",
        expect![[r#"
            ACME  open 100 @ 30.00
        "#]],
    );
}

#[test]
fn a_call_exercised_adds_its_premium_to_the_shares() {
    // 2 contracts at 5 cost 1,000; 200 shares at 100 cost 20,000: 105 a share.
    check(
        "
        option C100 call ACME 100 2026-06-19 x100
        show cost
        show cash 2026-06-19
        2026-01-05  buy              C100  3 @ 5 USD
        2026-06-19  option_exercise  C100  2
        2026-06-19  option_expiry    C100
        ",
        expect![[r#"
            C100  exercised   2 @   5.00  gain    0.00 USD
            C100  closed      1 @   5.00  gain -500.00 USD
            ACME  open      200 @ 105.00  cost 21000.00 USD
            cash USD -21500.00 settled -21500.00
        "#]],
    );
}

#[test]
fn a_put_exercised_lowers_what_the_shares_bring() {
    // Sold at 90 with a premium of 2: 88 against a cost of 80.
    check(
        "
        option P90 put ACME 90 2026-06-19 x100
        show cash 2026-06-19
        2026-01-05  buy              ACME  100 @ 80 USD
        2026-01-05  buy              P90   1 @ 2 USD
        2026-06-19  option_exercise  P90   1
        ",
        expect![[r#"
            ACME  closed    100 @ 80.00  gain 800.00 USD
            P90   exercised   1 @  2.00  gain   0.00 USD
            cash USD 800.00 settled 800.00
        "#]],
    );
}

#[test]
fn an_assigned_call_sells_the_shares_and_keeps_the_premium() {
    check(
        "
        option C100 call ACME 100 2026-06-19 x100
        show cash 2026-06-19
        2026-01-05  buy              ACME  100 @ 80 USD
        2026-01-05  short            C100  1 @ 3 USD
        2026-06-19  option_exercise  C100  1 short
        ",
        expect![[r#"
            ACME  closed    100 @ 80.00  gain 2300.00 USD
            C100  exercised  -1 @  3.00  gain    0.00 USD
            cash USD 2300.00 settled 2300.00
        "#]],
    );
}

#[test]
fn an_assigned_put_buys_the_shares_for_less_the_premium() {
    check(
        "
        option P90 put ACME 90 2026-06-19 x100
        2026-01-05  short            P90  1 @ 2 USD
        2026-06-19  option_exercise  P90  1 short
        ",
        expect![[r#"
            P90   exercised  -1 @  2.00  gain 0.00 USD
            ACME  open      100 @ 88.00
        "#]],
    );
}

#[test]
fn a_short_option_that_expires_gains_its_premium() {
    check(
        "
        option C100 call ACME 100 2026-06-19 x100
        2026-01-05  short          C100  1 @ 3 USD
        2026-06-19  option_expiry  C100
        ",
        expect![[r#"
            C100  closed -1 @ 3.00  gain 300.00 USD
        "#]],
    );
}

#[test]
fn bonds_are_counted_in_face_and_quoted_per_hundred() {
    check(
        "
        bond T5 0.05 2030-06-30 USD
        show income
        show cash 2030-06-30
        2026-01-05  buy              T5  10000 @ 98 USD accrued 250
        2026-06-30  bond_coupon      T5  500
        2030-06-30  bond_redemption  T5  10000
        ",
        expect![[r#"
            T5  closed 10000 @ 98.00  gain 200.00 USD
            2026-06-30 bond_coupon T5 250.00 USD
            cash USD 450.00 settled 450.00
        "#]],
    );
}

#[test]
fn what_was_accrued_is_not_earned_again_when_it_is_paid() {
    check(
        "
        bond T5 0.05 2030-06-30 USD
        show income
        show cash 2026-06-30
        2026-01-05  buy          T5  10000 @ 100 USD
        2026-03-31  accrual      T5  250
        2026-06-30  bond_coupon  T5  500 taxes 75
        ",
        expect![[r#"
            T5  open 10000 @ 100.00
            2026-03-31 accrual T5 250.00 USD
            2026-06-30 bond_coupon T5 250.00 USD taxes 75.00
            cash USD -9575.00 settled -9575.00
        "#]],
    );
}

#[test]
fn dividends_are_income_before_taxes_and_cash_after() {
    check(
        "
        show income
        show cash 2026-02-02
        2026-01-05  buy       ACME  100 @ 30 USD
        2026-02-02  dividend  ACME  100 @ 0.50 taxes 7.50 settle 2026-02-20
        ",
        expect![[r#"
            ACME  open 100 @ 30.00
            2026-02-02 dividend ACME 50.00 USD taxes 7.50
            cash USD -2957.50 settled -3000.00, 42.50 on 2026-02-20
        "#]],
    );
}

#[test]
fn a_short_position_pays_the_dividend() {
    check(
        "
        show income
        show cash 2026-02-02
        2026-01-05  short     ACME  100 @ 30 USD
        2026-02-02  dividend  ACME  100 @ 0.50 short
        ",
        expect![[r#"
            ACME  open -100 @ 30.00
            2026-02-02 dividend ACME -50.00 USD
            cash USD 2950.00 settled 2950.00
        "#]],
    );
}

#[test]
fn money_comes_and_goes() {
    check(
        "
        show flows
        show income
        show cash 2026-03-02
        2026-01-05  deposit     100000 USD
        2026-01-06  withdrawal    2500 USD
        2026-01-07  interest        12.34 USD
        2026-01-08  fee             50 USD
        2026-01-09  tax             10 USD
        ",
        expect![[r#"
            2026-01-05 deposit 100000.00 USD
            2026-01-06 withdrawal -2500.00 USD
            2026-01-07 interest cash 12.34 USD
            cash USD 97452.34 settled 97452.34
        "#]],
    );
}

#[test]
fn cash_settles_on_its_day() {
    check(
        "
        show cash 2026-01-06
        2026-01-05  deposit  10000 USD
        2026-01-05  buy   ACME  10 @ 100 USD settle 2026-01-07
        2026-01-06  sell  ACME   5 @ 110 USD settle 2026-01-08
        ",
        expect![[r#"
            ACME  closed 5 @ 100.00  gain 50.00 USD
            ACME  open   5 @ 100.00
            cash USD 9550.00 settled 10000.00, -1000.00 on 2026-01-07, 550.00 on 2026-01-08
        "#]],
    );
}

#[test]
fn an_exchange_of_currencies_makes_no_gain_by_itself() {
    check(
        "
        base EUR
        pair EURUSD EUR USD
        pair USDEUR USD EUR
        show cash 2026-01-06
        show value 2026-01-06
        2026-01-05  deposit  10000 EUR
        2026-01-05  fx  USDEUR  1100 @ 0.90 EUR fees 1
        2026-01-06  rate  USD EUR 0.95
        ",
        expect![[r#"
            cash EUR 9009.00 settled 9009.00
            cash USD 1100.00 settled 1100.00, cost 990.00 EUR
            cash EUR worth 9009.00 gain 0.00 = price 0.00 + fx 0.00 + cross 0.00
            cash USD worth 1045.00 gain 55.00 = price 0.00 + fx 55.00 + cross 0.00
            nav 10054.00 EUR
        "#]],
    );
}

#[test]
fn an_exchange_can_sell_the_first_of_the_pair() {
    check(
        "
        base USD
        pair EURUSD EUR USD
        show cash 2026-01-05
        2026-01-05  fx  EURUSD  1000 @ 1.10 USD fees 2 short fx 1
        ",
        expect![[r#"
            cash EUR -1000.00 settled -1000.00, cost -1100.00 USD
            cash USD 1098.00 settled 1098.00
        "#]],
    );
}

#[test]
fn a_transfer_carries_cost_and_day() {
    check(
        "
        account Other fifo
        show cost
        show flows
        2026-01-05  buy           ACME  100 @ 30 USD
        2026-02-02  transfer_out  ACME   40
        2026-02-02  transfer_in   ACME   40 @ 30 USD opened 2026-01-05 in Other
        2026-02-03  transfer_out  500 USD
        2026-02-03  transfer_in   500 USD in Other
        ",
        expect![[r#"
            Main  ACME   transferred 40 @ 30.00  gain 0.00 USD
            Main  ACME   open        60 @ 30.00  cost 1800.00 USD
            Other  ACME  open        40 @ 30.00  cost 1200.00 USD
            2026-02-02 transfer_out -40 ACME
            2026-02-02 transfer_in 40 ACME
            2026-02-03 transfer_out -500.00 USD
            2026-02-03 transfer_in 500.00 USD
        "#]],
    );
}

#[test]
fn a_mark_values_a_private_asset_until_the_next() {
    check(
        "
        private FUND USD
        show value 2026-06-30
        2025-01-05  buy   FUND  10 @ 100 USD
        2025-06-30  mark  FUND  @ 120
        2026-07-30  mark  FUND  @ 130
        ",
        expect![[r#"
            FUND  open 10 @ 100.00
            FUND worth 1200.00 gain 200.00 = price 200.00 + fx 0.00 + cross 0.00
            cash USD worth -1000.00 gain 0.00 = price 0.00 + fx 0.00 + cross 0.00
            nav 200.00 USD
        "#]],
    );
}

#[test]
fn each_refusal_names_the_value_at_fault() {
    check(
        "
        bond T5 0.05 2030-06-30 USD
        pair EURUSD EUR USD
        option C100 call ACME 100 2026-06-19 x100
        2026-01-05  buy              5 @ 3 USD
        2026-01-06  buy              ACME @ 3 USD
        2026-01-07  buy              ACME 5 @ 3 EUR
        2026-01-08  buy              EURUSD 5 @ 3
        2026-01-09  sell             ACME 5 @ 3
        2026-01-10  deposit          0 USD
        2026-01-11  split            ACME
        2026-01-12  spin_off         ACME into NEW
        2026-01-13  spin_off         ACME into ACME 0.1 ratio 1:1
        2026-01-14  bond_redemption  ACME 5
        2026-01-15  option_exercise  ACME 5
        2026-01-16  option_exercise  C100 1
        2026-01-17  fx               ACME 5 @ 1
        2026-01-18  buy              ACME 5 @ 3 settle 2026-01-17
        2026-01-19  buy              ACME 5 @ 3 fx 0.9
        2026-01-20  accrual          T5 5 fees 1
        2026-01-21  dividend         5 USD
        2026-01-22  buy              ACME 0.0000000000001 @ 3
        2026-01-23  buy              ACME 9999999999999 @ 3
        2026-01-24  buy              ACME -5 @ 3
        2026-01-25  spin_off         ACME into NEW 1.1 ratio 1:1
        ",
        expect![[r#"
            refused: buy on 2026-01-05 has no instrument
            refused: buy on 2026-01-06 has no quantity
            refused: buy of ACME on 2026-01-07 is in EUR but ACME is quoted in USD
            refused: buy on 2026-01-08 has instrument EURUSD: currencies are exchanged by the kind fx
            refused: sell of 5 ACME on 2026-01-09 but only 0 are held in account Main
            refused: deposit on 2026-01-10 has no amount
            refused: split on 2026-01-11 has no ratio
            refused: spin_off on 2026-01-12 has no basis fraction
            refused: spin_off on 2026-01-13 has instrument received ACME: it is the same instrument
            refused: bond_redemption on 2026-01-14 has instrument ACME: it is not a bond
            refused: option_exercise on 2026-01-15 has instrument ACME: it is not an option
            refused: option_exercise of 1 C100 on 2026-01-16 but only 0 are held in account Main
            refused: fx on 2026-01-17 has instrument ACME: it is not a pair of currencies
            refused: buy on 2026-01-18 has settlement 2026-01-17: it is before the trade date
            refused: buy on 2026-01-19 has rate 0.9: the currency is the base currency
            refused: accrual on 2026-01-20 has charges 1: no money moves
            refused: dividend on 2026-01-21 has no instrument
            refused: buy on 2026-01-22 has quantity 0.0000000000001: it has more than 12 decimals
            refused: buy on 2026-01-23 has quantity 9999999999999: it is above 1000000000000, the largest that is kept
            refused: buy on 2026-01-24 has quantity -5: numbers are positive, the kind carries the sign
            refused: spin_off on 2026-01-25 has basis fraction 1.1: a fraction is at most 1
        "#]],
    );
}
