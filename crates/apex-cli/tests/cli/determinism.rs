//! The same question and seed give the same bytes, whatever the number of threads.

use crate::desk::{Answer, Desk, apex, data};

/// The numbers of threads that are compared: one, and more than the engine has blocks of work in some questions.
const THREADS: [&str; 3] = ["1", "2", "7"];

/// Returns an answer without the time it took.
fn timeless(answer: Answer) -> String {
    let answer = answer.good();
    let mut json = answer.json();
    if let Some(object) = json.as_object_mut() {
        object.remove("elapsed_ms");
    }
    // A JSON number is printed in the fewest digits that read back as it, so that equal text is equal bits.
    json.to_string()
}

fn assert_same(question: &[&str], run: impl Fn(&[&str]) -> Answer) {
    let mut answers = THREADS.map(|threads| timeless(run(&[question, &["--json", "--threads", threads]].concat())));
    let first = answers[0].clone();
    for (threads, answer) in THREADS.iter().zip(&mut answers) {
        assert!(*answer == first, "{question:?} differs with {threads} threads");
    }
}

#[test]
fn answers_from_files_do_not_depend_on_the_number_of_threads() {
    let prices = data("prices/sp500_dataset.csv.gz");
    let index = data("prices/sp500_index.csv.gz");
    let factors = data("prices/factors_dataset.csv.gz");
    let desk = Desk::empty();
    let option = |kind: &str, strike: u32| {
        format!(
            r#"{{"instrument": "{kind}", "type": "put", "S": 100, "K": {strike}, "T": 0.5, "r": 0.03, "q": 0.01, "vol": 0.2}}"#
        )
    };
    let options: Vec<String> = (80..120)
        .flat_map(|strike| ["european", "american"].map(|kind| option(kind, strike)))
        .collect();
    let options = desk.file("options.json", &format!("[{}]", options.join(",")));
    let var = ["var", "--prices", &prices, "--weights", "equal", "--seed", "7"];
    let with = |more: &[&'static str]| [&var[..], more].concat();
    let paths = ["--method", "monte-carlo", "--paths", "20000"];
    let questions = [
        vec![
            "stats",
            "--prices",
            &prices,
            "--benchmark-prices",
            &index,
            "--equal-weight",
        ],
        with(&["--method", "historical", "--incremental"]),
        with(&["--method", "filtered"]),
        with(&[&paths[..], &["--distribution", "normal"]].concat()),
        with(&[&paths[..], &["--distribution", "t-copula"]].concat()),
        with(&[&paths[..], &["--distribution", "block-bootstrap", "--horizon", "10"]].concat()),
        vec!["var-backtest", "--prices", &prices, "--weights", "equal"],
        vec!["factors", "--prices", &prices, "--factors", &factors, "--risk-split"],
        vec!["pca", "--prices", &prices],
        vec!["price", &options],
        vec!["covariance", "--prices", &prices, "--estimator", "ledoit-wolf"],
        vec!["optimize", "--prices", &prices, "--objective", "min-cvar"],
        vec!["optimize", "--prices", &prices, "--objective", "hrp"],
        vec![
            "optimize",
            "--prices",
            &prices,
            "--objective",
            "min-variance",
            "--frontier",
            "10",
            "--resample",
            "25",
            "--seed",
            "3",
        ],
    ];
    for question in &questions {
        assert_same(question, apex);
    }
}

#[test]
fn figures_of_a_book_do_not_depend_on_the_number_of_threads() {
    let desk = Desk::empty();
    desk.apex(&["init", "--demo"]).good();
    for question in [
        &["positions"][..],
        &["performance"],
        &["risk"],
        &["scenario", "run", "Shares -20%"],
        &["scenario", "reverse", "--loss", "0.1"],
    ] {
        assert_same(question, |arguments| desk.apex(arguments));
    }
}
