//! The desktop window of Apex: opens the book, shows the pages and carries their calls to the use cases. It owns the
//! wall clock, the random numbers and the choice of the data folder, and decides nothing.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod browser;
mod calls;
mod carry;
mod desk;
mod measure;
mod notice;
mod place;
mod window;

use std::{io::Write, process::ExitCode, sync::Arc};

use crate::{
    arguments::{Arguments, Wish},
    desk::Desk,
    measure::Startup,
};

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    prepare_process();
    let arguments = match arguments::read(std::env::args_os().skip(1)) {
        Ok(Wish::Open(arguments)) => arguments,
        Ok(Wish::Say(text)) => {
            say(&text);
            return ExitCode::SUCCESS;
        }
        Err(sentence) => {
            complain(&sentence);
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("APEX_LOG"))
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            complain(&format!("{err:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Sets what has to be set before there is a second thread, for this process and for the web process it will start.
///
/// - All threads take memory from one arena. With one for each thread, what the threads that opened the book gave back
///   would stay theirs, a quarter of the program's heap.
/// - In a debug build the web process compiles WebAssembly in one step. The quick compiler of WebKitGTK 2.50 (BBQ)
///   seems to spoil values now and then: with the large pages of a debug build, one window in twenty stopped within
///   seconds with reads outside its memory. Without it pages take three times as long, so a release build, where it
///   was seen in one window of two hundred, keeps it and starts its pages anew.
#[cfg(target_os = "linux")]
#[allow(
    unsafe_code,
    clippy::disallowed_methods,
    reason = "settings of the C library and of the environment have no safe names"
)]
fn prepare_process() {
    const QUICK_COMPILER: &str = "JSC_useBBQJIT";
    // SAFETY: no other thread exists yet, and both numbers are documented for glibc.
    unsafe {
        #[cfg(target_env = "gnu")]
        libc::mallopt(libc::M_ARENA_MAX, 1);
        if cfg!(debug_assertions) && std::env::var_os(QUICK_COMPILER).is_none() {
            std::env::set_var(QUICK_COMPILER, "0");
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    anyhow::ensure!(
        gtk::init().is_ok(),
        "no display can be opened to show the window on; set DISPLAY or WAYLAND_DISPLAY, or use the same book from a \
         terminal with apex"
    );
    let startup = Arc::new(Startup::new(arguments.measure_startup));
    let desk = Arc::new(Desk::new(arguments, startup.clone())?);
    // The book opens while the web view starts; the page's first call finds it open.
    let opening = desk.clone();
    tauri::async_runtime::spawn_blocking(move || opening.open_ahead());
    let watching = desk.clone();
    tauri::async_runtime::spawn(async move { watching.app.watch_alerts(notice::tell).await });
    let carried = desk.clone();
    let app = tauri::Builder::default()
        .invoke_handler(move |invoke| carry::carry(&carried, invoke))
        .setup({
            let desk = desk.clone();
            move |app| Ok(window::open(app, &desk)?)
        })
        .build(tauri::generate_context!())?;
    app.run(move |_, event| {
        if let tauri::RunEvent::Exit = event {
            desk.close();
        }
    });
    Ok(())
}

fn say(text: &str) {
    // A reader that closed the pipe has read enough.
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[allow(
    clippy::print_stderr,
    reason = "a program that cannot start says so where it was started"
)]
fn complain(sentence: &str) {
    eprintln!("apex-desktop: {sentence}");
}
