//! The command line of the window.

use std::{ffi::OsString, path::PathBuf};

const HELP: &str = "\
apex-desktop: the Apex workstation

Usage: apex-desktop [--data DIR] [--demo] [--measure-startup]

  --data DIR          the folder of the book (default: APEX_DATA, else the system's data folder)
  --demo              make the demo firm where the folder is empty, and open it
  --measure-startup   print the phases of the start and the memory, and exit
  --help, --version

Environment: APEX_DATA, APEX_PASSPHRASE (opens a locked book without asking), APEX_LOG (such as debug)";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The window.
    Open(Arguments),
    /// Some text.
    Say(String),
}

/// How to open the window.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The data folder, where named.
    pub(crate) data: Option<PathBuf>,
    /// Whether the demo firm is wanted.
    pub(crate) demo: bool,
    /// Whether to measure the start and exit.
    pub(crate) measure_startup: bool,
}

/// Reads the arguments after the program's name.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Wish, String> {
    let mut wanted = Arguments::default();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match text.as_ref() {
            "--data" => {
                let folder = arguments.next().ok_or("--data needs a folder")?;
                wanted.data = Some(folder.into());
            }
            "--demo" => wanted.demo = true,
            "--measure-startup" => wanted.measure_startup = true,
            "--help" | "-h" => return Ok(Wish::Say(HELP.to_owned())),
            "--version" | "-V" => return Ok(Wish::Say(format!("apex-desktop {}", env!("CARGO_PKG_VERSION")))),
            other => match other.strip_prefix("--data=") {
                Some(folder) => wanted.data = Some(folder.into()),
                None => return Err(format!("{other} is not an option; see --help")),
            },
        }
    }
    Ok(Wish::Open(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expected: Result<Arguments, &str>) {
        let read = read(arguments.iter().map(OsString::from));
        assert_eq!(read, expected.map(Wish::Open).map_err(str::to_owned), "{arguments:?}");
    }

    #[test]
    fn options_are_read_in_any_order_and_a_wrong_one_is_named() {
        let data = Some(PathBuf::from("book"));
        check(&[], Ok(Arguments::default()));
        check(
            &["--demo", "--data", "book"],
            Ok(Arguments {
                data: data.clone(),
                demo: true,
                measure_startup: false,
            }),
        );
        check(
            &["--data=book", "--measure-startup"],
            Ok(Arguments {
                data,
                demo: false,
                measure_startup: true,
            }),
        );
        check(&["--data"], Err("--data needs a folder"));
        check(&["--dmeo"], Err("--dmeo is not an option; see --help"));
    }
}
