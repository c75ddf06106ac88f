//! Servers on loopback that speak as Polygon, Alpha Vantage and Yahoo do, over a simulated market that follows from a seed.
//!
//! The shapes are the recorded ones; faults are switched on for the next requests. They are written from the providers'
//! documents and share no code with the client that is tested against them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub mod alpha_vantage;
pub mod market;
pub mod polygon;
pub mod socket;
mod wire;
pub mod yahoo;

pub use market::{Day, Market};
pub use socket::Play;

/// What goes wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429, with or without `Retry-After`.
    TooMany {
        /// The header: seconds, or a date such as `Sat, 14 Mar 2026 12:00:01 GMT`.
        retry_after: Option<&'static str>,
    },
    /// A failing status, such as 500.
    Status(u16),
    /// The answer comes, but not yet.
    Slow(Duration),
    /// The JSON ends in the middle, and the length says that this is all.
    Truncated,
    /// A page of HTML, with status 200.
    WrongType,
    /// The connection is closed in the middle of the body.
    Closed,
    /// A refusal that repeats the key.
    EchoedKey,
    /// Every row comes twice.
    Duplicated,
    /// The rows come in another order.
    Reordered,
    /// The newest row is missing: it comes later.
    Late,
    /// The next page is on another host.
    ForeignPage,
    /// None: the answer as it should be.
    None,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The path and query, the key among them where a provider wants it there.
    pub address: String,
    /// Whether the key came in a header.
    pub has_bearer: bool,
}

/// The server, until it is dropped.
#[derive(Debug)]
pub struct Replay {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// What the server's parts share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) market: Market,
    pub(crate) key: String,
    pub(crate) page_rows: usize,
    state: Mutex<Changing>,
}

#[derive(Debug, Default)]
pub(crate) struct Changing {
    faults: VecDeque<Fault>,
    seen: Vec<Seen>,
    pub(crate) plays: VecDeque<Play>,
    pub(crate) sockets: usize,
    pub(crate) heard: Vec<String>,
}

/// What a provider's part answers before faults.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) cookie: Option<&'static str>,
}

impl Answer {
    pub(crate) const fn new(status: u16, body: String) -> Self {
        Self {
            status,
            body,
            cookie: None,
        }
    }
}

/// A request, taken apart.
pub(crate) struct Asked<'a> {
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) host: String,
    pub(crate) fault: Fault,
}

impl Asked<'_> {
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Puts the rows of an answer into the order, and the number, that the fault wants.
    pub(crate) fn disturb<T: Clone>(&self, rows: &mut Vec<T>) {
        match self.fault {
            Fault::Duplicated => *rows = rows.iter().flat_map(|row| [row.clone(), row.clone()]).collect(),
            Fault::Reordered => rows.reverse(),
            Fault::Late => {
                rows.pop();
            }
            _ => {}
        }
    }
}

impl Replay {
    /// Starts a server on a free port. `page_rows` is how many rows a page of Polygon's has at most.
    ///
    /// # Errors
    ///
    /// Says why no port could be had.
    pub async fn start(market: Market, key: &str, page_rows: usize) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            market,
            key: key.to_owned(),
            page_rows: page_rows.max(1),
            state: Mutex::default(),
        });
        let router = Router::new()
            .route("/stocks", get(polygon_socket))
            .route("/yahoo", get(yahoo_socket))
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // Ends with the test, at the latest.
            axum::serve(listener, router).await.ok();
        });
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// Returns the address for requests.
    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address of Polygon's stream.
    pub fn polygon_stream(&self) -> String {
        format!("ws://{}/stocks", self.address)
    }

    /// Returns the address of Yahoo's stream.
    pub fn yahoo_stream(&self) -> String {
        format!("ws://{}/yahoo?version=2", self.address)
    }

    /// Lets the next requests, one for each fault, go wrong.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.state().faults.extend(faults);
    }

    /// Says what streams send from now on: each connection plays on where the one before ended.
    pub fn play(&self, plays: impl IntoIterator<Item = Play>) {
        self.shared.state().plays.extend(plays);
    }

    /// Returns the requests that came, and forgets them.
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.state().seen)
    }

    /// Returns what clients said on streams, and forgets it.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().heard)
    }

    /// Returns the market.
    pub fn market(&self) -> &Market {
        &self.shared.market
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, Changing> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn polygon_socket(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| socket::polygon(socket, shared))
}

async fn yahoo_socket(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| socket::yahoo(socket, shared))
}

/// Answers any request but those for streams.
async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let headers = request.headers();
    let uri = request.uri();
    let fault = {
        let mut state = shared.state();
        state.seen.push(Seen {
            address: uri.to_string(),
            has_bearer: headers.contains_key(header::AUTHORIZATION),
        });
        state.faults.pop_front().unwrap_or(Fault::None)
    };
    match &fault {
        Fault::TooMany { retry_after } => return wire::too_many(*retry_after),
        Fault::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, "<html><body>Something went wrong</body></html>").into_response();
        }
        Fault::Slow(delay) => tokio::time::sleep(*delay).await,
        Fault::WrongType => {
            let html = "<!DOCTYPE html><html><body>We will be back soon.</body></html>";
            return ([(header::CONTENT_TYPE, "text/html")], html).into_response();
        }
        _ => {}
    }
    let asked = Asked {
        path: wire::decoded(uri.path().trim_matches('/'), '/'),
        query: wire::pairs(uri),
        headers,
        host: headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        fault,
    };
    let first = asked.path.first().map(String::as_str).unwrap_or_default();
    let answer = match first {
        "query" => alpha_vantage::answer(&shared, &asked),
        "" | "v1" | "v8" => yahoo::answer(&shared, &asked),
        _ => polygon::answer(&shared, &asked),
    };
    wire::write(answer, &asked)
}
