//! The program itself: it says where it listens, and ends well when it is asked to.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

#[test]
fn sigterm_ends_the_program_gracefully() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_apex-sync-server"))
        .env("APEX_LISTEN", "127.0.0.1:0")
        .env_remove("APEX_CONFIG")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let first: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["fields"]["message"], "listening");

    let killed = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let messages: Vec<String> = lines
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .map(|line| line["fields"]["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(messages, ["stopping", "stopped"]);
    assert!(server.wait().unwrap().success());
}

#[test]
fn an_unknown_argument_is_refused_with_the_usage() {
    let output = Command::new(env!("CARGO_BIN_EXE_apex-sync-server"))
        .arg("--port")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("unknown argument --port; usage: apex-sync-server"),
        "{complaint}"
    );
}
