//! `apex scenario run` to a horizon.

use apex_format::{count, percent};
use apex_wire::job::JobId;
use apex_wire::scenario::Scenario;
use apex_wire::scenario::horizon::{HorizonPlan, HorizonRun, RunHorizon};

use super::amount;
use crate::arguments::RunScenario;
use crate::desk::{Desk, refused};
use crate::output::{Set, Table};

/// As many rows as are printed; all are in the JSON.
const ROWS_MAX: usize = 13;

/// Returns the plan of a scenario with what was typed put over it; none where nobody asked for a horizon.
pub(super) fn plan(scenario: &Scenario, ask: &RunScenario) -> Option<HorizonPlan> {
    let typed = ask.paths.is_some() || ask.seed.is_some() || ask.horizon.is_some();
    if scenario.horizon.is_none() && !typed {
        return None;
    }
    let plan = scenario.horizon.clone().unwrap_or_default();
    Some(HorizonPlan {
        months: ask.horizon.unwrap_or(plan.months),
        paths: ask.paths.unwrap_or(plan.paths),
        seed: ask.seed.unwrap_or(plan.seed),
        ..plan
    })
}

/// Simulates a scenario to its horizon.
pub(super) fn run(desk: &Desk, scenario: &Scenario, plan: HorizonPlan) -> anyhow::Result<HorizonRun> {
    let ask = RunHorizon {
        job: JobId("horizon".to_owned()),
        view: desk.view()?,
        scenario: Scenario {
            horizon: Some(plan),
            ..scenario.clone()
        },
    };
    desk.app.run_horizon(ask, &desk.job()).map_err(refused)
}

/// Returns the answer as a table.
pub(super) fn text(run: &HorizonRun) -> String {
    let mut table = Table::new(&[
        ("Date", Set::Words),
        ("1%", Set::Numbers),
        ("5%", Set::Numbers),
        ("25%", Set::Numbers),
        ("50%", Set::Numbers),
        ("75%", Set::Numbers),
        ("95%", Set::Numbers),
        ("99%", Set::Numbers),
        ("Mean", Set::Numbers),
    ]);
    let last = run.points.len().saturating_sub(1);
    let stride = last.div_ceil(ROWS_MAX - 1).max(1);
    for (at, point) in run.points.iter().enumerate() {
        if at % stride != 0 && at != last {
            continue;
        }
        let quantiles = point.quantiles.iter().map(|value| amount(value, run.currency));
        let cells = std::iter::once(point.date.to_string()).chain(quantiles);
        table.row(cells.chain([amount(&point.mean, run.currency)]));
    }
    let falls: Vec<String> = [("half of all paths", 3), ("a twentieth", 5), ("a hundredth", 6)]
        .into_iter()
        .filter_map(|(of, at)| Some(format!("{} for {of}", percent(*run.drawdowns.get(at)?, 1))))
        .collect();
    table.note(format!("largest fall on the way, at least: {}", falls.join(", ")));
    run.notes.iter().for_each(|note| table.note(note.clone()));
    let goal = run.probability_below_goal.map_or_else(String::new, |probability| {
        format!(", below the goal {}", percent(probability, 2))
    });
    format!(
        "{} to {}, {} paths: ends below today {}{goal}, runs out {}\n\n{}",
        run.name,
        run.points
            .last()
            .map(|point| point.date.to_string())
            .unwrap_or_default(),
        count(u64::from(run.plan.paths)),
        percent(run.probability_below_start, 2),
        percent(run.probability_ran_out, 2),
        table.layout()
    )
}
