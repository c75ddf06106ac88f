//! A small machine for one window: a display without a screen, a session bus, a driver, and files that go away.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// The passphrase of every test book: no keyring is asked on a build server.
pub(super) const PASSPHRASE: &str = "correct horse battery staple";

/// A machine of its own, which ends with all its programs when it is dropped.
pub struct Machine {
    port: u16,
    /// What a program needs to know of this machine.
    environment: Vec<(&'static str, OsString)>,
    // Ended in this order: the driver with its window, then what they stand on.
    _driver: Process,
    _bus: Process,
    _display: Process,
    files: TempDir,
}

impl Machine {
    /// Starts everything but the window.
    pub async fn start() -> Self {
        let files = tempfile::tempdir().expect("a temporary folder can be made");
        let log = files.path().join("log");
        // Without a reset the display stays as it is while one window has closed and the next one is not open yet.
        let screen = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1920x1080x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ];
        let (display, number) = Process::start_and_read(Command::new("Xvfb").args(screen), &log);
        let mut environment: Vec<(&str, OsString)> = vec![
            ("DISPLAY", format!(":{number}").into()),
            ("GDK_BACKEND", "x11".into()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".into()),
            ("NO_AT_BRIDGE", "1".into()),
            ("APEX_DATA", files.path().join("data").into()),
            ("APEX_PASSPHRASE", PASSPHRASE.into()),
        ];
        for (variable, folder) in [
            ("HOME", "home"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_RUNTIME_DIR", "home/run"),
        ] {
            let folder = files.path().join(folder);
            fs::create_dir_all(&folder).expect("a folder can be made in the temporary one");
            environment.push((variable, folder.into()));
        }
        environment.push(("PATH", path_with_browser(&files.path().join("home"))));
        // The services that the bus starts need the display too, and belong to this machine's home.
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .envs(environment.clone())
            .env_remove("WAYLAND_DISPLAY");
        let (bus, address) = Process::start_and_read(&mut bus, &log);
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));

        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        driver
            .arg(format!("--port={port}"))
            .envs(environment.clone())
            .env_remove("WAYLAND_DISPLAY")
            // Both names are asked for by different parts of the window.
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = Process::start(driver.stdout(log_file(&log)), &log);
        let machine = Self {
            port,
            environment,
            _driver: driver,
            _bus: bus,
            _display: display,
            files,
        };
        machine.wait_for_driver().await;
        machine
    }

    async fn wait_for_driver(&self) {
        let listening = async {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let patience = Duration::from_secs(30);
        assert!(
            tokio::time::timeout(patience, listening).await.is_ok(),
            "no WebKitWebDriver\n{}",
            self.log()
        );
    }

    /// Returns the address of the driver.
    pub fn driver(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the folder of the window's data.
    pub fn data(&self) -> PathBuf {
        self.files.path().join("data")
    }

    /// Returns a program that will run on this machine as a person starts it, without the driver.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .envs(self.environment.clone())
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null());
        command
    }

    /// Returns the addresses that the web browser was told to open, one a line.
    pub fn opened_pages(&self) -> String {
        fs::read_to_string(self.files.path().join("home/opened")).unwrap_or_default()
    }

    /// Returns what the programs said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.files.path().join("log")).unwrap_or_default()
    }
}

/// A program that ends, with all it started, when it is dropped.
struct Process(Child);

impl Process {
    fn start(command: &mut Command, log: &Path) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stderr(log_file(log))
            .process_group(0)
            .spawn();
        match child {
            Ok(child) => Self(child),
            Err(error) => panic!("cannot start {name} ({error}); `cargo xtask test` installs what is missing"),
        }
    }

    /// Starts a program that prints one line when it is ready, and returns the line.
    fn start_and_read(command: &mut Command, log: &Path) -> (Self, String) {
        let mut process = Self::start(command.stdout(Stdio::piped()), log);
        let output = process.0.stdout.take().expect("the output was asked for");
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the program says that it is ready");
        assert!(
            !line.trim().is_empty(),
            "{} ended early: {}",
            process.0.id(),
            fs::read_to_string(log).unwrap_or_default()
        );
        (process, line.trim().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The whole group: the driver's window does not end with the driver.
        let group = format!("-{}", self.0.id());
        Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status()
            .ok();
        self.0.wait().ok();
    }
}

/// Gives the machine a web browser that only writes down what it is to open, and returns where programs are looked for.
fn path_with_browser(home: &Path) -> OsString {
    let folder = home.join("bin");
    fs::create_dir_all(&folder).expect("a folder can be made in the home");
    let browser = folder.join("xdg-open");
    fs::write(&browser, "#!/bin/sh\necho \"$1\" >>\"$HOME/opened\"\n").expect("a script can be written");
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("a script can be made to run");
    let mut path = folder.into_os_string();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    path
}

fn log_file(path: &Path) -> File {
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .expect("the log can be written")
}

fn free_port() -> u16 {
    // Given back at once; the driver cannot choose one by itself.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}
