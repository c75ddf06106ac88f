//! The server as a program: reads its settings, listens, stops on SIGTERM or Ctrl-C.

use anyhow::{Context, Result, bail};
use apex_sync_server::{Config, LogFormat, serve};
use std::{env, path::PathBuf};
use tokio::net::TcpListener;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

#[tokio::main]
async fn main() -> Result<()> {
    let config = Config::load(config_file()?.as_deref(), |name| env::var(name).ok())?;
    start_log(&config)?;
    let stop = stop_signal()?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    tracing::info!(address = %listener.local_addr()?, version = env!("CARGO_PKG_VERSION"), "listening");
    serve(listener, config.drain(), stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Returns the file after `--config`, else that of `APEX_CONFIG`, else none.
fn config_file() -> Result<Option<PathBuf>> {
    let mut arguments = env::args_os().skip(1);
    match arguments.next() {
        None => Ok(env::var_os("APEX_CONFIG").map(PathBuf::from)),
        Some(flag) if flag == "--config" => Ok(Some(arguments.next().context("--config needs a file")?.into())),
        Some(other) => bail!(
            "unknown argument {}; usage: apex-sync-server [--config FILE.toml]",
            other.display()
        ),
    }
}

fn start_log(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).with_context(|| format!("log filter {:?}", config.log))?;
    let registry = tracing_subscriber::registry().with(filter);
    match config.log_format {
        LogFormat::Json => registry.with(fmt::layer().json()).init(),
        LogFormat::Text => registry.with(fmt::layer()).init(),
    }
    Ok(())
}

/// Returns a future that completes when the process is asked to end. The handlers stand from now on.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Returns a future that completes when the process is asked to end.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot listen for Ctrl-C");
            std::future::pending::<()>().await;
        }
    })
}
