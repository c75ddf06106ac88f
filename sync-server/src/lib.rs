//! The thin server that a firm's desktops meet at.
//!
//! So far it is configured, answers for its health and stops gracefully; accounts, sync and market data are built on
//! this. It never interprets analytics.

mod config;
mod health;

pub use config::{Config, ConfigError, LogFormat};

use axum::{Router, routing::get};
use health::Readiness;
use std::{
    future::{Future, IntoFuture},
    io,
    time::Duration,
};
use tokio::net::TcpListener;

/// Answers requests on the listener until `stop` completes.
///
/// From then on `/readyz` says so, new connections are refused, and requests under way have `drain` to finish.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    drain: Duration,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let readiness = Readiness::ready();
    let router = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(readiness.clone());
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        readiness.stop();
        tracing::info!(drain_s = drain.as_secs(), "stopping");
        // The receiver is gone only when the server has ended by itself.
        let _ = stopping.send(());
    });
    let too_long = async {
        match stopped.await {
            Ok(()) => tokio::time::sleep(drain).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        result = server.into_future() => result,
        () = too_long => {
            tracing::warn!("requests under way were cut off");
            Ok(())
        }
    }
}
