//! Worked examples of dated flows.

use jiff::civil::Date;

use super::{WorkedExample, example, source};
use crate::twr::{FlowTiming, combined, flow_returns, modified_dietz, twr};
use crate::xirr::{CashFlow, Xirr, XirrStatus, xirr};

/// Solves flows given as (year, month, day, amount).
fn solve(flows: &[(i16, i8, i8, f64)]) -> Xirr {
    let flows: Vec<CashFlow> = flows
        .iter()
        .filter_map(|(year, month, day, amount)| {
            Date::new(*year, *month, *day)
                .ok()
                .map(|date| CashFlow { date, amount: *amount })
        })
        .collect();
    xirr(&flows)
}

/// Returns a root by its rank.
fn root(answer: &Xirr, rank: usize) -> Option<f64> {
    answer.roots.get(rank).copied()
}

/// Returns the examples.
pub(super) fn examples() -> Vec<WorkedExample> {
    let spreadsheet = solve(&[
        (2008, 1, 1, -10_000.0),
        (2008, 3, 1, 2_750.0),
        (2008, 10, 30, 4_250.0),
        (2009, 2, 15, 3_250.0),
        (2009, 4, 1, 2_750.0),
    ]);
    let two = solve(&[(2021, 1, 1, -1000.0), (2022, 1, 1, 2300.0), (2023, 1, 1, -1320.0)]);
    let double = solve(&[(2021, 1, 1, -1000.0), (2022, 1, 1, 2200.0), (2023, 1, 1, -1210.0)]);
    let none = solve(&[(2021, 1, 1, -1000.0), (2022, 1, 1, 2000.0), (2023, 1, 1, -1500.0)]);
    let late = solve(&[(2015, 1, 1, -100.0), (2016, 1, 1, 300.0), (2030, 1, 1, -5000.0)]);
    let halved = solve(&[(2021, 1, 1, -200.0), (2021, 1, 2, 100.0)]);
    let leap = solve(&[(2020, 2, 29, -1000.0), (2024, 2, 29, 1250.0)]);
    let unsorted = solve(&[
        (2022, 7, 1, 300.0),
        (2021, 1, 1, -1000.0),
        (2023, 1, 1, 900.0),
        (2021, 6, 1, -100.0),
    ]);
    let fee = solve(&[(2021, 1, 1, -1000.0), (2021, 12, 31, 1500.0), (2022, 1, 1, -1.0)]);

    let day = |month: i8, day: i8| Date::constant(2023, month, day);
    let dates = [
        day(1, 1),
        day(1, 31),
        day(2, 28),
        day(3, 31),
        day(4, 30),
        day(5, 31),
        day(6, 30),
    ];
    let values = [100e3, 103e3, 98e3, 152e3, 149e3, 130e3, 141e3];
    let flows = [0.0, 0.0, 0.0, 50e3, 0.0, -25e3, 0.0];
    let figures = flow_returns(&dates, &values, &flows).ok();
    let figure = |pick: fn(&crate::twr::FlowReturns) -> Option<f64>| figures.as_ref().and_then(pick);

    let april = [
        Date::constant(2026, 4, 1),
        Date::constant(2026, 4, 16),
        Date::constant(2026, 5, 1),
    ];
    let (month_values, month_flows) = ([100e3, 160e3, 152e3], [0.0, 50e3, 0.0]);
    let joined = combined(&[
        (&[100e3, 105e3, 110e3], &[0.0; 3]),
        (&[0.0, 200e3, 220e3], &[0.0, 200e3, 0.0]),
    ])
    .and_then(|(values, flows)| twr(&values, &flows, FlowTiming::End));

    vec![
        example(
            "XIRR of five flows",
            source::SPREADSHEET,
            0.373_362_533_518_831_5,
            spreadsheet.rate(),
            1e-12,
        ),
        example(
            "XIRR with two solutions, the lower",
            source::HAND,
            0.10,
            root(&two, 0),
            1e-12,
        ),
        example(
            "XIRR with two solutions, the higher",
            source::HAND,
            0.20,
            root(&two, 1),
            1e-12,
        ),
        example(
            "XIRR with a double solution",
            source::HAND,
            0.10,
            root(&double, 0),
            1e-9,
        ),
        example(
            "XIRR without a solution, number found",
            source::HAND,
            0.0,
            (none.status == XirrStatus::None).then_some(none.roots.len() as f64),
            0.0,
        ),
        example(
            "XIRR of a late outflow, the lower",
            source::EXACT,
            0.271_440_086_358_068,
            root(&late, 0),
            1e-12,
        ),
        example(
            "XIRR of a late outflow, the higher",
            source::EXACT,
            1.999_989_670_848_133_5,
            root(&late, 1),
            1e-12,
        ),
        example(
            "ln(1 + XIRR) of a loss of one half in a day",
            source::HAND,
            -252.998_720_904_380_04,
            halved.roots_ln1p.first().copied(),
            1e-10,
        ),
        example(
            "XIRR from leap day to leap day",
            source::EXACT,
            0.057_330_890_224_574_78,
            leap.rate(),
            1e-13,
        ),
        example(
            "XIRR of flows out of order",
            source::EXACT,
            0.048_544_585_704_890_81,
            unsorted.rate(),
            1e-13,
        ),
        example(
            "XIRR with a closing fee",
            source::EXACT,
            0.500_669_055_478_672_5,
            fee.rate(),
            1e-12,
        ),
        example(
            "TWR of seven months, flows at the start",
            source::EXACT,
            0.121_884_263_295_553_46,
            figure(|figures| figures.twr_flow_start),
            1e-14,
        ),
        example(
            "TWR of seven months, flows at the end",
            source::EXACT,
            0.128_142_712_550_607_38,
            figure(|figures| figures.twr_flow_end),
            1e-14,
        ),
        example(
            "Modified Dietz of seven months",
            source::EXACT,
            0.132_110_091_743_119_27,
            figure(|figures| figures.modified_dietz),
            1e-14,
        ),
        example(
            "Money-weighted annual rate of seven months",
            source::EXACT,
            0.287_526_385_067_652_4,
            figure(|figures| figures.xirr),
            1e-12,
        ),
        example(
            "Money-weighted return of seven months, not annualized",
            source::EXACT,
            0.132_729_769_644_677_11,
            figure(|figures| figures.mwr_period),
            1e-12,
        ),
        example(
            "TWR of 100,000 to 110,000, 50,000 in, 152,000 at the end",
            source::REFERENCE,
            0.045,
            twr(&month_values, &month_flows, FlowTiming::End).ok().flatten(),
            1e-12,
        ),
        example(
            "Modified Dietz of the same, flow on day 15 of 30",
            source::REFERENCE,
            0.016,
            modified_dietz(&april, &month_values, &month_flows).ok().flatten(),
            1e-12,
        ),
        example(
            "TWR of two portfolios, one joining later",
            source::REFERENCE,
            0.136_066,
            joined.ok().flatten(),
            5e-7,
        ),
    ]
}
