//! The scenarios that come with the program: stretches of the past everybody asks about, and plain shocks.

use apex_wire::scenario::{RatePoint, Replay, Rest, Scenario, Selection, Shock};
use jiff::civil::{Date, date};

/// Name, first close, last close, what happened.
const PAST: [(&str, Date, Date, &str); 7] = [
    (
        "October 1987",
        date(1987, 10, 13),
        date(1987, 10, 19),
        "Black Monday and the days before it",
    ),
    (
        "Russia and LTCM 1998",
        date(1998, 7, 17),
        date(1998, 10, 8),
        "Russia defaults, a large hedge fund is wound down",
    ),
    (
        "Technology 2000 to 2002",
        date(2000, 3, 24),
        date(2002, 10, 9),
        "Technology shares fall for two and a half years",
    ),
    (
        "Credit crisis 2008",
        date(2008, 9, 12),
        date(2008, 11, 20),
        "From the weekend before Lehman's bankruptcy to the low of November",
    ),
    (
        "Euro and downgrade 2011",
        date(2011, 7, 22),
        date(2011, 10, 3),
        "The United States lose their best rating, the euro area doubts itself",
    ),
    (
        "Pandemic 2020",
        date(2020, 2, 19),
        date(2020, 3, 23),
        "The fall of the first wave",
    ),
    (
        "Inflation 2022",
        date(2022, 1, 3),
        date(2022, 10, 12),
        "Rates rise, shares and bonds fall together",
    ),
];

/// Returns the scenarios that come with the program.
pub(crate) fn library() -> Vec<Scenario> {
    let past = PAST.into_iter().map(|(name, from, until, note)| Scenario {
        note: note.to_owned(),
        replay: Some(Replay { from, until }),
        ..Scenario::new(name)
    });
    let plain = |name: &str, note: &str, rest: Rest, shocks: Vec<Shock>| Scenario {
        note: note.to_owned(),
        rest,
        shocks,
        ..Scenario::new(name)
    };
    let rates = |shift_bp: f64| Shock::Rates {
        currency: None,
        points: vec![RatePoint { years: 0.0, shift_bp }],
    };
    let equities = |change_percent: f64| {
        ["equity", "etf", "fund"].map(|kind| Shock::Price {
            of: Selection::Kind(kind.to_owned()),
            change_percent,
        })
    };
    past.chain([
        plain(
            "Shares -10%",
            "Every share and fund a tenth lower",
            Rest::Still,
            equities(-10.0).into(),
        ),
        plain(
            "Shares -20%",
            "Every share and fund a fifth lower",
            Rest::Still,
            equities(-20.0).into(),
        ),
        plain("Rates +100 bp", "A parallel shift up", Rest::Still, vec![rates(100.0)]),
        plain(
            "Rates -100 bp",
            "A parallel shift down",
            Rest::Still,
            vec![rates(-100.0)],
        ),
        plain(
            "Curve steeper",
            "Short rates 50 bp lower, long rates 50 bp higher, turning at five years",
            Rest::Still,
            vec![Shock::Rates {
                currency: None,
                points: [(0.0, -50.0), (5.0, 0.0), (30.0, 50.0)]
                    .map(|(years, shift_bp)| RatePoint { years, shift_bp })
                    .into(),
            }],
        ),
        plain(
            "Spreads +150 bp",
            "Credit spreads of all bonds wider",
            Rest::Still,
            vec![Shock::Spread {
                of: Selection::All,
                shift_bp: 150.0,
            }],
        ),
        plain(
            "Other currencies -10%",
            "Every other currency a tenth lower against the portfolio's",
            Rest::Still,
            vec![Shock::Currency {
                currency: None,
                change_percent: -10.0,
            }],
        ),
        plain(
            "Volatility +10 points",
            "Every implied volatility ten points higher",
            Rest::Still,
            vec![Shock::Volatility {
                of: Selection::All,
                shift_points: 10.0,
            }],
        ),
    ])
    .collect()
}
