//! The worked examples that ship with the engine all pass, and are told apart.

use std::collections::BTreeSet;

use apex_analytics::example::worked_examples;

#[test]
fn every_worked_example_passes() {
    let wrong: Vec<String> = worked_examples()
        .iter()
        .filter(|example| !example.passes())
        .map(|example| format!("{}: {:?} instead of {}", example.name, example.actual, example.expected))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn worked_examples_have_names_of_their_own() {
    let examples = worked_examples();
    let names: BTreeSet<&str> = examples.iter().map(|example| example.name).collect();
    assert_eq!(names.len(), examples.len());
}
