//! Scenarios to a horizon and the limits they break, on the demo firm and on a small book.

use serde_json::Value;

use crate::desk::{Desk, rows};

fn demo() -> Desk {
    let desk = Desk::empty();
    desk.apex(&["init", "--demo"]).good();
    desk
}

fn money(value: &Value) -> f64 {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no amount"))
        .parse()
        .unwrap()
}

#[test]
fn a_horizon_answers_with_its_seed_and_the_same_on_any_number_of_threads() {
    let desk = demo();
    let ask = [
        "scenario",
        "run",
        "Shares -20%",
        "--portfolio",
        "US Core",
        "--horizon",
        "2y",
        "--paths",
        "500",
        "--seed",
        "11",
    ];
    let reply = desk.json(&ask);
    let alone = desk.json(&[&ask[..], &["--threads", "1"]].concat());
    assert_eq!(reply, alone, "the answer does not depend on the threads");
    let run = &reply["runs"][0];
    let horizon = &run["horizon"];
    assert_eq!(
        (&horizon["plan"]["seed"], &horizon["plan"]["paths"]),
        (&Value::from(11), &Value::from(500))
    );
    assert_eq!(
        (&horizon["plan"]["mean"], &horizon["plan"]["months"]),
        (&Value::from("zero"), &Value::from(24))
    );
    let points = horizon["points"].as_array().unwrap();
    assert_eq!(points.len(), 25);
    // Paths start from what the scenario leaves.
    let left = money(&reply["nav"]) + money(&run["profit"]);
    assert!((money(&horizon["start"]) - left).abs() <= 0.02);
    for value in points[0]["quantiles"].as_array().unwrap() {
        assert!((money(value) - left).abs() <= 0.02, "{value} is not {left}");
    }
    let ends: Vec<f64> = points[24]["quantiles"].as_array().unwrap().iter().map(money).collect();
    assert!(ends.is_sorted() && ends.len() == 7, "{ends:?}");
    let below = horizon["probability_below_start"].as_f64().unwrap();
    assert!(
        below > 0.25,
        "a fifth is not made good in two years on most paths: {below}"
    );
    let text = desk.apex(&ask).good().out;
    assert!(text.contains("of seed 11") && text.contains("Mean"), "{text}");
}

#[test]
fn a_file_may_say_how_the_book_lives_on() {
    let desk = demo();
    let text = "name = \"Pension\"\n[horizon]\nmonths = 12\npaths = 200\nmean = \"zero\"\nrebalance = \"quarterly\"\n\
                cost_bp = 5.0\ngoal = \"1\"\nflow = { percent = -0.5, every = \"month\" }\n";
    let file = desk.file("pension.toml", text);
    let reply = desk.json(&["scenario", "run", &file, "--portfolio", "US Core"]);
    let horizon = &reply["runs"][0]["horizon"];
    assert_eq!(horizon["probability_below_goal"], Value::from(0.0));
    // Nothing is expected to grow, and twelve times half a percent goes out: about 0.9416 is left on average.
    let last = horizon["points"].as_array().unwrap().last().unwrap();
    let left = money(&last["mean"]) / money(&reply["nav"]);
    assert!((left - 0.94).abs() < 0.04, "{left}");
    // What the book does not know is refused by its name.
    let bad = desk.file("bad.toml", "name = \"Bad\"\n[horizon]\nyears = 5\n");
    desk.apex(&["scenario", "run", &bad]).refused("years");
    let few = desk.file("few.toml", "name = \"Few\"\n[horizon]\npaths = 5\n");
    desk.apex(&["scenario", "run", &few]).refused("5 paths");
}

#[test]
fn limits_are_set_told_of_and_removed() {
    let desk = demo();
    let core = ["--portfolio", "US Core"];
    let apex = |arguments: &[&str]| desk.apex(&[arguments, &core].concat());
    apex(&["limits", "add", "Crash", "--kind", "scenario-loss", "--percent", "15"]).good();
    apex(&["limits", "add", "One name", "--kind", "name-weight", "--percent", "99"]).good();
    apex(&[
        "limits",
        "add",
        "Risk",
        "--kind",
        "var",
        "--level",
        "0.95",
        "--percent",
        "0.1",
    ])
    .good();
    apex(&[
        "limits",
        "add",
        "Bad",
        "--kind",
        "var",
        "--percent",
        "1",
        "--sector",
        "Energy",
    ])
    .refused("--sector");
    apex(&["limits", "add", "Bad", "--kind", "min-cash", "--percent=-1"]).refused("-1");
    let listed = desk.json(&[&["limits"][..], &core].concat());
    let broken: Vec<&Value> = rows(&listed).iter().map(|row| &row["broken"]).collect();
    assert_eq!(broken, [false, false, true], "{listed}");
    let ran = desk.json(&[&["scenario", "run", "Shares -20%", "Shares -10%"][..], &core].concat());
    let crash = |run: usize| ran["runs"][run]["limits"][0].clone();
    assert_eq!(
        (&crash(0)["name"], &crash(0)["broken"]),
        (&Value::from("Crash"), &Value::from(true))
    );
    assert_eq!(
        (&crash(1)["broken"], &crash(1)["before"]),
        (&Value::from(false), &Value::Null)
    );
    assert_eq!(crash(0)["limit"], Value::from(0.15));
    // Another portfolio has none of them.
    assert!(rows(&desk.json(&["limits", "--portfolio", "Balanced"])).is_empty());
    let text = apex(&["scenario", "run", "Shares -20%"]).good().out;
    assert!(text.contains("limit broken: Crash"), "{text}");
    apex(&["limits", "remove", "Crash"]).good();
    apex(&["limits", "remove", "Crash"]).refused("no limit Crash");
    assert_eq!(rows(&desk.json(&[&["limits"][..], &core].concat())).len(), 2);
}

#[test]
fn crises_before_the_books_prices_are_followed_by_beta_and_said_so() {
    let desk = demo();
    let ran = desk.json(&[
        "scenario",
        "run",
        "Credit crisis 2008",
        "October 1987",
        "--portfolio",
        "US Core",
    ]);
    let crisis = &ran["runs"][0];
    let share = crisis["share"].as_f64().unwrap();
    // The index fell from 1251.70 to 752.44, by 39.9%; large shares follow it closely.
    assert!((-0.5..-0.3).contains(&share), "{share}");
    let notes = crisis["notes"].to_string();
    assert!(notes.contains("SP500 stands in"), "{notes}");
    // 1987 lies before the index too: nothing is made up.
    let black_monday = &ran["runs"][1];
    assert_eq!(black_monday["profit"], Value::Null);
    assert!(
        black_monday["left_out"]
            .to_string()
            .contains("SP500 begins on 1990-01-02"),
        "{black_monday}"
    );
    assert!(
        black_monday["notes"]
            .to_string()
            .contains("import prices and rates back to 1987-10-13")
    );
}
