//! What must be on the machine: system packages and the wasm target.

use crate::{shell, steps::Outcome};
use anyhow::{Context, Result, bail};
use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    process::Command,
};

/// One line of `debian-packages.txt`.
#[derive(Debug, PartialEq, Eq)]
struct Package<'a> {
    name: &'a str,
    test_only: bool,
    /// A program that makes the package needless, when it is there by other means.
    unless: Option<&'a str>,
}

const PACKAGES: &str = include_str!("../debian-packages.txt");

fn parse(list: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    for line in list.lines() {
        let mut words = line.split('#').next().unwrap_or("").split_whitespace();
        let (Some(when), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let unless = words.next().and_then(|_| words.next());
        packages.push(Package {
            name,
            test_only: when == "test",
            unless,
        });
    }
    packages
}

/// Installs the system packages that are missing.
pub(crate) fn packages(for_tests: bool) -> Result<Outcome> {
    let list = parse(PACKAGES);
    let wanted: Vec<&str> = list
        .iter()
        .filter(|package| for_tests || !package.test_only)
        .filter(|package| !package.unless.is_some_and(shell::on_path))
        .map(|package| package.name)
        .collect();
    if !shell::on_path("apt-get") || !shell::on_path("dpkg-query") {
        return without_apt();
    }
    let installed = installed(&wanted)?;
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|name| !installed.iter().any(|have| have == name))
        .collect();
    if missing.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    println!("missing system packages: {}", missing.join(" "));
    let root = shell::output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root && !shell::unattended() {
        ask(&missing)?;
    }
    let apt = |words: &[&str]| -> Command {
        let mut command = if root {
            Command::new("apt-get")
        } else {
            Command::new("sudo")
        };
        if !root {
            // On a build server there is nobody to type a password.
            command.args(if shell::unattended() {
                &["-n", "apt-get"][..]
            } else {
                &["apt-get"][..]
            });
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").args(words);
        command
    };
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    // An installation can die half way on a busy mirror, and running the same again mends it.
    let attempt = || shell::run(&mut apt(&["update"])).and_then(|()| shell::run(&mut apt(&install)));
    attempt().or_else(|error| {
        eprintln!("{error:#}; trying once more");
        attempt()
    })?;
    Ok(Outcome::Done)
}

fn installed(names: &[&str]) -> Result<Vec<String>> {
    // dpkg-query ends with an error when it does not know one of them, so its status says nothing.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Abbrev} ${Package}\n"])
        .args(names)
        .output()
        .context("cannot start dpkg-query")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| line.strip_prefix("ii  "))
        .map(|name| name.trim().to_owned())
        .collect())
}

fn ask(missing: &[&str]) -> Result<()> {
    let by_hand = format!("sudo apt-get install {}", missing.join(" "));
    if !io::stdin().is_terminal() {
        bail!("system packages are missing and nobody can be asked; run: {by_hand}");
    }
    print!("Install them now with sudo? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("system packages are missing; run: {by_hand}");
    }
    Ok(())
}

fn without_apt() -> Result<Outcome> {
    let advice = if cfg!(target_os = "macos") {
        "needed: the Xcode command line tools (xcode-select --install) and Node.js 18 or newer"
    } else if cfg!(windows) {
        "needed: the Visual Studio C++ build tools, WebView2 (part of Windows 11), Perl (Strawberry Perl) and Node.js 18 or newer"
    } else {
        "needed: a C compiler, pkg-config, Perl, Node.js 18 or newer with npm, and the development files of WebKitGTK 4.1, GTK 3, librsvg and D-Bus; for the tests also Xvfb, a D-Bus daemon and WebKitWebDriver"
    };
    println!("This system has no apt; {advice}.");
    if !shell::on_path("npm") {
        bail!("npm is missing; {advice}");
    }
    Ok(Outcome::Unchanged)
}

/// Adds the compiler's wasm target.
pub(crate) fn wasm_target() -> Result<Outcome> {
    let sysroot = shell::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib/wasm32-unknown-unknown/lib")
        .is_dir()
    {
        return Ok(Outcome::Unchanged);
    }
    shell::run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]))?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_list_tells_builds_from_tests_and_knows_other_sources() {
        let list = "# prose\n\nbuild perl # why\ntest xvfb\nbuild npm unless npm\n";
        assert_eq!(
            parse(list),
            [
                Package {
                    name: "perl",
                    test_only: false,
                    unless: None
                },
                Package {
                    name: "xvfb",
                    test_only: true,
                    unless: None
                },
                Package {
                    name: "npm",
                    test_only: false,
                    unless: Some("npm")
                },
            ]
        );
    }

    #[test]
    fn every_line_of_the_package_list_is_understood() {
        let lines = PACKAGES
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        for line in lines.clone() {
            assert!(line.starts_with("build ") || line.starts_with("test "), "{line}");
        }
        assert_eq!(parse(PACKAGES).len(), lines.count());
    }
}
