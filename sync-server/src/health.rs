//! What a load balancer asks.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether new requests are welcome.
#[derive(Clone)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    pub(crate) fn ready() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// From now on, requests should go elsewhere.
    pub(crate) fn stop(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The body of both answers. Its JSON is a contract.
#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
    version: &'static str,
}

fn health(status: &'static str) -> Json<Health> {
    Json(Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The process lives; restart it when this fails.
pub(crate) async fn alive() -> Json<Health> {
    health("ok")
}

/// The process takes requests; send none when this fails.
pub(crate) async fn ready(State(readiness): State<Readiness>) -> (StatusCode, Json<Health>) {
    if readiness.0.load(Ordering::Acquire) {
        (StatusCode::OK, health("ready"))
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, health("stopping"))
    }
}
