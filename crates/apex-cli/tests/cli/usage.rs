//! Usage, help, completions and the self-check: what works without a book.

use crate::desk::{apex, command};

#[test]
fn wrong_usage_exits_with_two() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["positions", "--as-of", "31.03.2026"],
        &["positions", "--known-at", "2026-03-31"],
        &["risk", "--level", "99"],
        &[
            "var",
            "--prices",
            "x.csv",
            "--weights",
            "equal",
            "--method",
            "astrology",
        ],
        &["init", "--seed", "7"],
    ] {
        let answer = apex(arguments);
        assert_eq!(
            (answer.status, answer.out.as_str()),
            (2, ""),
            "{arguments:?}: {answer:?}"
        );
        assert!(!answer.err.is_empty());
    }
}

#[test]
fn help_reads_like_a_manual() {
    let main = apex(&["--help"]).good().out;
    for words in ["APEX_PASSPHRASE", "Exit status", "apex init --demo", "--known-at"] {
        assert!(main.contains(words), "{words}");
    }
    for command in [
        "init",
        "portfolios",
        "accounts",
        "instruments",
        "transactions",
        "import",
        "positions",
        "whatif",
        "proposals",
        "lots",
        "cash",
        "performance",
        "risk",
        "explain",
        "check",
        "backup",
        "restore",
        "stats",
        "xirr",
        "twr",
        "var",
        "price",
        "data",
        "var-backtest",
        "factors",
        "pca",
        "garch",
        "covariance",
        "optimize",
        "backtest",
        "scenario",
        "limits",
        "attribution",
        "indicators",
        "completions",
        "quotes",
        "watchlists",
        "alerts",
        "news",
    ] {
        let help = apex(&[command, "--help"]).good().out;
        assert!(help.contains(&format!("apex {command}")), "{command}");
        assert!(command == "check" || help.contains("Examples:"), "{command}");
    }
    let import = apex(&["import", "--help"]).good().out;
    assert!(import.contains("spin_off") && import.contains("--skip-bad"), "{import}");
}

#[test]
fn help_is_set_once_and_fits_every_terminal() {
    let asked = |command_name: &str, columns: &str| {
        let answer = command(&[command_name, "--help"])
            .env("COLUMNS", columns)
            .output()
            .unwrap();
        String::from_utf8(answer.stdout).unwrap()
    };
    // What comes before and after the options is ours to set; the options follow the width.
    let ours = |help: &str| {
        let about = help.split("Usage:").next().unwrap_or_default().to_owned();
        let examples = help.split("Examples:").nth(1).unwrap_or_default().to_owned();
        (about, examples)
    };
    for name in [
        "import",
        "positions",
        "performance",
        "explain",
        "instruments",
        "restore",
        "var",
    ] {
        let narrow = asked(name, "80");
        for line in narrow.lines() {
            let fits = line.chars().count() <= 80 || line.starts_with("Usage:");
            assert!(fits, "{name}: {line}");
        }
        for columns in ["100", "110", "200"] {
            assert_eq!(ours(&narrow), ours(&asked(name, columns)), "{name} at {columns}");
        }
    }
    let import = asked("import", "80");
    let hanging = "                        withdrawal transfer_in";
    assert!(import.lines().any(|line| line.starts_with(hanging)), "{import}");
}

#[test]
fn help_without_a_terminal_fits_eighty_columns_too() {
    for asked in [
        &["--help"][..],
        &["-h"],
        &["data", "--help"],
        &["data", "providers", "--help"],
        &["data", "providers", "set", "--help"],
        &["data", "fetch", "--help"],
        &["data", "quarantine", "--help"],
        &["data", "repair", "--help"],
        &["alerts", "add", "--help"],
        &["quotes", "--help"],
        &["import", "--help"],
        &["optimize", "--help"],
        &["optimize", "-h"],
    ] {
        let help = apex(asked).good().out;
        for line in help.lines().filter(|line| !line.starts_with("Usage:")) {
            assert!(line.chars().count() <= 79, "{asked:?}: {line}");
        }
    }
}

#[test]
fn help_says_all_that_market_data_is() {
    let main = apex(&["--help"]).good().out;
    assert!(main.contains("Market data: providers and keys, history"), "{main}");
    let data = apex(&["data", "--help"]).good().out;
    for act in ["providers", "fetch", "status", "quarantine", "export", "repair"] {
        let about = data.split("Usage:").next().unwrap_or_default();
        assert!(about.contains(act), "{act}: {about}");
    }
}

#[test]
fn shells_get_their_completions_and_manuals_their_pages() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            apex(&["completions", shell]).good().out.contains("positions"),
            "{shell}"
        );
    }
    assert!(apex(&["manual"]).good().out.contains(".TH apex 1"));
    let folder = tempfile::tempdir().unwrap();
    apex(&["manual", "--out", &folder.path().display().to_string()]).good();
    assert!(folder.path().join("apex-import.1").is_file());
}

#[test]
fn the_self_check_passes_without_a_book() {
    let report = apex(&["check", "--json", "--data", "/nonexistent/apex"]).good().json();
    assert_eq!(report["failed"], 0, "{report}");
    let cases = report["cases"].as_array().unwrap();
    assert!(cases.len() >= 40 && cases.iter().all(|case| case["ok"] == true));
    assert_eq!(report["passed"].as_u64().unwrap() as usize, cases.len());
}
