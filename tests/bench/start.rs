//! The start of the program on the demo firm, as it measures itself: `apex-desktop --demo --measure-startup`.

use std::{path::Path, time::Duration};

use apex_tests::desktop::Machine;

use crate::{SAMPLES, figures::Figures};

/// How long a start may take before there is something wrong.
const PATIENCE: Duration = Duration::from_secs(120);

/// Linux keeps this much of a process's name.
const NAME_MAX: usize = 15;

/// Starts the program once: it makes the demo firm, and then it and its data are in the disk cache.
pub(crate) async fn prepare(machine: &Machine, binary: &Path) {
    start(machine, binary).await;
}

/// Starts the program again and again on one data folder.
pub(crate) async fn measure(machine: &Machine, binary: &Path, figures: &mut Figures) {
    let mut starts = Vec::new();
    for _ in 0..SAMPLES {
        starts.push(start(machine, binary).await);
    }
    let phases: Vec<&str> = starts[0].phases.iter().map(|(name, _)| name.as_str()).collect();
    for phase in phases {
        let name = format!("start_{}", phase.replace(' ', "_"));
        figures.times(&name, starts.iter().map(|start| start.phase(phase)).collect());
    }
    let program = binary.file_name().and_then(|name| name.to_str()).unwrap();
    let program = program.get(..NAME_MAX).unwrap_or(program);
    let app_and_web = |start: &Start| start.memory(program) + start.memory("WebKitWebProces");
    figures.sizes("start_memory", starts.iter().map(app_and_web).collect());
    for (name, process) in [
        ("app", program),
        ("web", "WebKitWebProces"),
        ("network", "WebKitNetworkPr"),
    ] {
        let sizes = starts.iter().map(|start| start.memory(process)).collect();
        figures.sizes(&format!("start_memory_{name}"), sizes);
    }
}

/// What one start printed.
struct Start {
    /// Milliseconds since the process began.
    phases: Vec<(String, f64)>,
    /// Proportional memory in megabytes, by the name of the process as Linux cuts it.
    memory: Vec<(String, f64)>,
}

impl Start {
    /// Reads the table: a name, a number, and `MB PSS` behind it where it is a size.
    fn read(table: &str) -> Self {
        let mut start = Self {
            phases: Vec::new(),
            memory: Vec::new(),
        };
        for line in table.lines().skip(1) {
            let (line, rows) = match line.strip_suffix(" MB PSS") {
                Some(line) => (line, &mut start.memory),
                None => (line, &mut start.phases),
            };
            let (name, number) = line.rsplit_once(' ').unwrap();
            rows.push((name.trim().to_owned(), number.parse().unwrap()));
        }
        start
    }

    fn phase(&self, name: &str) -> f64 {
        find(&self.phases, name)
    }

    fn memory(&self, name: &str) -> f64 {
        find(&self.memory, name)
    }
}

fn find(rows: &[(String, f64)], name: &str) -> f64 {
    match rows.iter().find(|(known, _)| known == name) {
        Some((_, number)) => *number,
        None => panic!("the start printed no {name}, only {rows:?}"),
    }
}

async fn start(machine: &Machine, binary: &Path) -> Start {
    let mut command = tokio::process::Command::from(machine.command(binary));
    command.args(["--demo", "--measure-startup"]).kill_on_drop(true);
    let Ok(output) = tokio::time::timeout(PATIENCE, command.output()).await else {
        panic!("the window did not settle within {} s", PATIENCE.as_secs());
    };
    let output = output.unwrap();
    let [told, complaint] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{told}\n{complaint}");
    Start::read(&told)
}
