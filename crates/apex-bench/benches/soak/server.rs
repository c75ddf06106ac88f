//! The server: trades of all symbols in turn, a hundred in a frame, at a steady rate, on a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use apex_domain::Decimal;
use cpu_time::ThreadTime;
use futures::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// As many stocks.
pub(crate) const SYMBOLS: usize = 5_000;
/// As many trades a second.
pub(crate) const RATE: usize = 20_000;
/// As many trades in a frame.
const FRAME: usize = 100;

/// The server, until the program ends.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    began: Instant,
    /// When each trade was handed to the socket, in microseconds since the beginning; 0 before.
    sent: Vec<AtomicU64>,
    count: AtomicU64,
    /// Microseconds of processor time.
    cpu: AtomicU64,
}

/// Returns the symbol of a number.
pub(crate) fn symbol(number: usize) -> String {
    format!("S{number:04}")
}

/// Returns the number of a symbol, and that of the trade that had a price: each has its own.
pub(crate) fn trade_of(symbol: &str, price: Decimal) -> (usize, u64) {
    let number = symbol.trim_start_matches('S').parse().expect("a symbol of the soak");
    let mut cents = price;
    cents.rescale(2);
    let cents = u64::try_from(cents.mantissa()).expect("a price above zero");
    (number, cents - 100)
}

impl Server {
    /// Starts on a free port, with room for the trades of so long.
    pub(crate) fn start(span: Duration) -> Self {
        let room = usize::try_from(span.as_secs() + 30).expect("in range") * RATE;
        let shared = Arc::new(Shared {
            began: Instant::now(),
            sent: (0..room).map(|_| AtomicU64::new(0)).collect(),
            count: AtomicU64::new(0),
            cpu: AtomicU64::new(0),
        });
        let (told, address) = mpsc::channel();
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                told.send(listener.local_addr().expect("an address"))
                    .expect("somebody listens");
                loop {
                    let (socket, _) = listener.accept().await.expect("a client");
                    serve(socket, &serving).await;
                }
            });
        });
        Self {
            address: address.recv().expect("it has started"),
            shared,
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("ws://{}/stocks", self.address)
    }

    /// Returns how many trades were sent.
    pub(crate) fn count(&self) -> u64 {
        self.shared.count.load(Ordering::Relaxed)
    }

    /// Returns the processor time of the server.
    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_micros(self.shared.cpu.load(Ordering::Relaxed))
    }

    /// Returns when a trade was handed to the socket.
    pub(crate) fn sent_at(&self, trade: u64) -> Option<Instant> {
        let micros = self
            .shared
            .sent
            .get(usize::try_from(trade).ok()?)?
            .load(Ordering::Acquire);
        (micros > 0).then(|| self.shared.began + Duration::from_micros(micros))
    }
}

/// Speaks as Polygon does, as long as the client listens.
async fn serve(socket: TcpStream, shared: &Shared) -> Option<()> {
    socket.set_nodelay(true).ok()?;
    let mut socket = accept_async(socket).await.ok()?;
    let status = |status: &str| {
        Message::text(format!(
            r#"[{{"ev":"status","status":"{status}","message":"{status}"}}]"#
        ))
    };
    socket.send(status("connected")).await.ok()?;
    socket.next().await?.ok()?;
    socket.send(status("auth_success")).await.ok()?;
    socket.next().await?.ok()?;
    socket.send(status("success")).await.ok()?;
    let began = Instant::now();
    let processor = ThreadTime::now();
    let spent = shared.cpu.load(Ordering::Relaxed);
    let every = Duration::from_secs_f64(FRAME as f64 / RATE as f64);
    let mut frames = 0_u32;
    loop {
        let number = shared.count.load(Ordering::Relaxed);
        let at = Timestamp::now().as_millisecond();
        let trades: Vec<String> = (number..number + FRAME as u64).map(|trade| text(trade, at)).collect();
        let frame = Message::text(format!("[{}]", trades.join(",")));
        let micros = u64::try_from(shared.began.elapsed().as_micros()).ok()?.max(1);
        for trade in number..number + FRAME as u64 {
            shared
                .sent
                .get(usize::try_from(trade).ok()?)?
                .store(micros, Ordering::Release);
        }
        shared.count.store(number + FRAME as u64, Ordering::Relaxed);
        socket.send(frame).await.ok()?;
        let used = u64::try_from(processor.elapsed().as_micros()).ok()?;
        shared.cpu.store(spent + used, Ordering::Relaxed);
        frames += 1;
        // A frame that is late does not make the next ones late.
        tokio::time::sleep_until((began + every * frames).into()).await;
    }
}

/// One trade. Its price names it: a dollar, and a cent for each trade before.
fn text(trade: u64, at: i64) -> String {
    let number = usize::try_from(trade).unwrap_or(0) % SYMBOLS;
    let cents = trade + 100;
    format!(
        r#"{{"ev":"T","sym":"{}","x":4,"i":"{trade}","z":3,"p":{}.{:02},"s":100,"c":[0],"t":{at},"q":{trade}}}"#,
        symbol(number),
        cents / 100,
        cents % 100
    )
}
