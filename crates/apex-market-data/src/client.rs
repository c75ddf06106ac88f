//! The one client for all providers: it sends, counts, waits, keeps what came, and asks the next provider when one fails.
//!
//! What it does not do: it reads no clock but the one it is given, draws no randomness but from its seed, and knows no
//! provider's formats. Addresses and errors never hold a key; it joins a request when that is sent.

use std::sync::Arc;
use std::time::Duration;

use apex_domain::Timestamp;
use reqwest::Url;

use crate::budget::{Caps, Left, Spent};
use crate::error::ProviderError;
use crate::record::{Provider, Records};
use crate::request::{Adapter, Ask, Target};

mod gate;
mod transport;

use gate::Gate;
use transport::Transport;
pub(crate) use transport::is_private;
pub use transport::trust;

/// The most pages one question may have.
const PAGES_MAX: usize = 1_000;

/// What the shell lends the client: its clock, and places to write down what must last.
#[derive(Clone)]
pub struct Shell {
    /// Tells the time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Keeps an answer as it came, before it is read. Where it fails, the answer is not used.
    pub keep_reply: Arc<dyn Fn(&RawReply<'_>) -> Result<(), String> + Send + Sync>,
    /// Keeps what a budget has spent, before the request goes out. Where it fails, nothing is sent.
    pub keep_spent: Arc<dyn Fn(&BudgetName, &Spent) -> Result<(), String> + Send + Sync>,
}

/// An answer as it came, but for an echoed key.
#[derive(Debug, Clone, Copy)]
pub struct RawReply<'a> {
    /// From whom.
    pub provider: Provider,
    /// The address or file, without key and crumb.
    pub source: &'a str,
    /// When it had come.
    pub at: Timestamp,
    /// The HTTP status; 200 for a file.
    pub status: u16,
    /// The BLAKE3 hash of the body, in 64 hexadecimal digits: its name.
    pub hash: &'a str,
    /// The body, unpacked.
    pub body: &'a [u8],
}

/// Whose budget: all callers with the same provider and key share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetName {
    /// The provider.
    pub provider: Provider,
    /// Tells keys apart without giving them away; `None` where there is no key.
    pub key: Option<String>,
}

/// How the client behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a question may wait for its budget in all, before the next provider is asked.
    pub patience: Duration,
    /// How often one request is sent at most.
    pub attempts: u32,
    /// The longest answer that is read, in bytes, unpacked.
    pub body_max: usize,
    /// Where jitter comes from.
    pub seed: u64,
}

/// A provider and what it allows.
pub struct Source {
    /// How it is asked.
    pub adapter: Box<dyn Adapter>,
    /// What it allows.
    pub caps: Caps,
    /// What was spent when it was last used.
    pub spent: Spent,
}

/// What a question brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Who answered.
    pub provider: Provider,
    /// What it says.
    pub records: Records,
    /// The hashes of the answers it was read from, in order.
    pub hashes: Vec<String>,
    /// Those asked before, and why they gave nothing.
    pub passed: Vec<ProviderError>,
}

/// No provider gave an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no provider has {what}: {}", sentences(.tried))]
pub struct FetchError {
    /// What was asked for.
    pub what: &'static str,
    /// Who was asked, and why they gave nothing.
    pub tried: Vec<ProviderError>,
}

fn sentences(tried: &[ProviderError]) -> String {
    if tried.is_empty() {
        return "none is set up".to_owned();
    }
    let sentences: Vec<String> = tried.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

/// What is left of a provider's budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetState {
    /// Whose.
    pub name: BudgetName,
    /// What is left of each cap.
    pub left: Vec<Left>,
    /// When the next request may go out.
    pub next: Timestamp,
}

/// The client.
pub struct Client {
    sources: Vec<(Box<dyn Adapter>, Gate)>,
    transport: Transport,
    settings: Settings,
    shell: Shell,
}

impl Default for Settings {
    /// Half a minute for a request and for its budget, three attempts, 64 MiB.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            patience: Duration::from_secs(30),
            attempts: 3,
            body_max: 64 << 20,
            seed: 0,
        }
    }
}

impl Client {
    /// Takes the providers in the order in which they are to be asked.
    ///
    /// # Errors
    ///
    /// Refuses where the system's certificates cannot be read.
    pub fn new(sources: Vec<Source>, settings: Settings, shell: Shell) -> Result<Self, ProviderError> {
        let now = (shell.now)();
        let gates = sources.into_iter().enumerate().map(|(place, source)| {
            let name = BudgetName {
                provider: source.adapter.provider(),
                key: source.adapter.key().map(|key| key.fingerprint()),
            };
            let seed = (settings.seed, u64::try_from(place).unwrap_or(0));
            let gate = Gate::new(name, source.caps, source.spent, seed, now);
            (source.adapter, gate)
        });
        Ok(Self {
            sources: gates.collect(),
            transport: Transport::new(&settings)?,
            settings,
            shell,
        })
    }

    /// Returns what is left of each budget, in the order of the providers.
    pub fn budgets(&self) -> Vec<BudgetState> {
        let now = (self.shell.now)();
        self.sources.iter().map(|(_, gate)| gate.state(now)).collect()
    }

    /// Asks one provider after the other until one answers.
    ///
    /// # Errors
    ///
    /// Says of each why it gave nothing.
    pub async fn fetch(&self, ask: &Ask) -> Result<Fetched, FetchError> {
        let mut passed = Vec::new();
        for (adapter, gate) in &self.sources {
            match self.fetch_from(adapter.as_ref(), gate, ask).await {
                Ok((records, hashes)) => {
                    return Ok(Fetched {
                        provider: adapter.provider(),
                        records,
                        hashes,
                        passed,
                    });
                }
                Err(err) => passed.push(err),
            }
        }
        Err(FetchError {
            what: ask.what(),
            tried: passed,
        })
    }

    /// Asks one provider, page by page.
    async fn fetch_from(
        &self,
        adapter: &dyn Adapter,
        gate: &Gate,
        ask: &Ask,
    ) -> Result<(Records, Vec<String>), ProviderError> {
        let mut records = Records::default();
        let mut hashes = Vec::new();
        let mut next = Some(adapter.first(ask)?);
        let deadline = self.deadline();
        while let Some(request) = next {
            if hashes.len() >= PAGES_MAX {
                let at = "next_url".to_owned();
                let pages = format!("page {}", hashes.len() + 1);
                return Err(ProviderError::malformed(
                    adapter.provider(),
                    at,
                    &pages,
                    "an end of the pages",
                ));
            }
            let (answer, hash) = self.send_until(adapter, gate, ask, &request, deadline).await?;
            records.append(answer.records);
            hashes.push(hash);
            // Whoever names the page that was just read would go round for ever.
            if answer.next.as_ref() == Some(&request) {
                let at = "next_url".to_owned();
                return Err(ProviderError::malformed(
                    adapter.provider(),
                    at,
                    "the same page",
                    "another page",
                ));
            }
            next = answer.next;
        }
        Ok((records, hashes))
    }

    /// Sends a request, and again after a while where that may help.
    async fn send_until(
        &self,
        adapter: &dyn Adapter,
        gate: &Gate,
        ask: &Ask,
        request: &crate::request::Request,
        deadline: Timestamp,
    ) -> Result<(crate::request::Answer, String), ProviderError> {
        let mut attempt = 1;
        let mut before: Option<ProviderError> = None;
        loop {
            let permit = match gate.enter(&self.shell, deadline).await {
                Ok(permit) => permit,
                // What the provider said tells more than that the wait is too long.
                Err(late @ ProviderError::OverBudget { .. }) => return Err(before.unwrap_or(late)),
                Err(err) => return Err(err),
            };
            let result = self.send(adapter, ask, request).await;
            permit.end(&result, (self.shell.now)(), &self.shell)?;
            match result {
                Ok(answer) => return Ok(answer),
                // A broken answer may have been cut on its way: it is asked for once more.
                Err(err) if attempt < self.settings.attempts && (err.is_passing() || is_cut(&err, attempt)) => {
                    before = Some(err);
                    attempt += 1;
                }
                Err(err) => return Err(err),
            }
        }
    }

    async fn send(
        &self,
        adapter: &dyn Adapter,
        ask: &Ask,
        request: &crate::request::Request,
    ) -> Result<(crate::request::Answer, String), ProviderError> {
        let provider = adapter.provider();
        let now = (self.shell.now)();
        let reply = self.transport.send(provider, adapter.key(), request, now).await?;
        let hash = blake3::hash(&reply.body).to_hex().to_string();
        let raw = RawReply {
            provider,
            source: &shown(&request.target),
            at: (self.shell.now)(),
            status: reply.status,
            hash: &hash,
            body: &reply.body,
        };
        // A cookie or crumb is a secret of this machine and no data.
        if request.step == crate::request::Step::Data {
            (self.shell.keep_reply)(&raw).map_err(|message| ProviderError::NotKept {
                provider,
                what: "answer",
                message,
            })?;
        }
        Ok((adapter.read(ask, request, &reply)?, hash))
    }

    fn deadline(&self) -> Timestamp {
        let patience = jiff::SignedDuration::try_from(self.settings.patience).unwrap_or(jiff::SignedDuration::MAX);
        (self.shell.now)().saturating_add(patience).unwrap_or(Timestamp::MAX)
    }
}

const fn is_cut(err: &ProviderError, attempt: u32) -> bool {
    attempt == 1 && matches!(err, ProviderError::Malformed { .. })
}

/// Returns where a request goes, as it may be written down.
fn shown(target: &Target) -> String {
    match target {
        Target::File(path) => path.display().to_string(),
        Target::Http(url) => {
            let mut shown: Url = url.clone();
            let pairs: Vec<(String, String)> = url
                .query_pairs()
                .filter(|(name, _)| name != "crumb")
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            shown.set_query(None);
            if !pairs.is_empty() {
                shown.query_pairs_mut().extend_pairs(pairs);
            }
            shown.into()
        }
    }
}
