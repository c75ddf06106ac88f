//! The server on a loopback port of its own.

use apex_sync_server::{Config, ConfigError, LogFormat, serve};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};
use tokio::{net::TcpListener, sync::oneshot};

/// Asks for a path and returns the status and the JSON of the answer.
fn get(address: SocketAddr, path: &str) -> (u16, serde_json::Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: apex\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_for_its_health_and_stops_when_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Duration::from_secs(5), async {
        stopped.await.ok();
    }));
    for (path, status) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let (code, body) = tokio::task::spawn_blocking(move || get(address, path)).await.unwrap();
        assert_eq!((code, body["status"].as_str()), (200, Some(status)), "{path}");
    }
    let (code, _) = tokio::task::spawn_blocking(move || get(address, "/nothing"))
        .await
        .unwrap();
    assert_eq!(code, 404);
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err(), "nobody listens after the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_never_ends_does_not_hold_the_server_forever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Duration::from_millis(50), async {
        stopped.await.ok();
    }));
    // Half a request: the server waits for the rest of it.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(20), server)
        .await
        .expect("the drain ends")
        .unwrap()
        .unwrap();
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    fs::write(&file, "listen = \"0.0.0.0:9000\"\ndrain_seconds = 3\n").unwrap();
    let variable = |name: &str| match name {
        "APEX_DRAIN_SECONDS" => Some("7".to_owned()),
        "APEX_LOG_FORMAT" => Some("text".to_owned()),
        _ => None,
    };
    let config = Config::load(Some(&file), variable).unwrap();
    assert_eq!(config.listen, "0.0.0.0:9000".parse().unwrap());
    assert_eq!(config.drain(), Duration::from_secs(7));
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(config.log, "info");
    assert_eq!(Config::load(None, |_| None).unwrap(), Config::default());
}

#[test]
fn a_setting_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.toml");
    fs::write(&file, "listn = \"0.0.0.0:9000\"\n").unwrap();
    let error = Config::load(Some(&file), |_| None).unwrap_err();
    assert!(error.to_string().contains("unknown field `listn`"), "{error}");

    let missing = folder.path().join("missing.toml");
    assert!(
        matches!(Config::load(Some(&missing), |_| None), Err(ConfigError::Unreadable { path, .. }) if path == missing)
    );

    let variable = |name: &str| (name == "APEX_LISTEN").then(|| "here".to_owned());
    let error = Config::load(None, variable).unwrap_err();
    assert_eq!(
        error.to_string(),
        "APEX_LISTEN is \"here\", expected an address such as 0.0.0.0:8080"
    );
}
