//! The one client for all providers: it sends, counts, waits, keeps what came, and asks the next provider when one fails.
//!
//! What it does not do: it reads no clock but the one it is given, draws no randomness but from its seed, and knows no
//! provider's formats. Addresses and errors never hold a key; it joins a request when that is sent.

use std::sync::Arc;
use std::time::Duration;

use apex_domain::Timestamp;
use jiff::SignedDuration;

use crate::budget::{Caps, Left};
use crate::error::ProviderError;
use crate::record::{Provider, Records};
use crate::request::{Adapter, Answer, Ask, Request, Step, Target};

mod gate;
pub mod shell;
mod transport;

use gate::Gate;
pub use shell::{BudgetName, RawReply, Shell};
use transport::Transport;
pub use transport::is_private;
pub(crate) use transport::trust;

/// The most pages one question may have.
const PAGES_MAX: usize = 1_000;

/// How the client behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How long one request may take.
    pub timeout: Duration,
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
    /// What it allows; none where there is nobody to spare: a file of this machine is read without budget, back-off or
    /// circuit, since one that cannot be read stays so until somebody mends it.
    pub caps: Option<Caps>,
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
        return "none is set up that knows it".to_owned();
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
    /// Whether it has failed so often that it is left alone for a while.
    pub is_open: bool,
}

/// The client.
pub struct Client {
    sources: Vec<(Box<dyn Adapter>, Option<Gate>)>,
    transport: Transport,
    settings: Settings,
    shell: Arc<dyn Shell>,
}

impl Default for Settings {
    /// Half a minute for a request, three attempts, 64 MiB.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            attempts: 3,
            body_max: 64 << 20,
            seed: 0,
        }
    }
}

impl Client {
    /// Takes the providers in the order in which they are to be asked.
    pub fn new(sources: Vec<Source>, settings: Settings, shell: Arc<dyn Shell>) -> Self {
        let now = shell.now();
        let gates = sources.into_iter().enumerate().map(|(place, source)| {
            let name = BudgetName {
                provider: source.adapter.provider(),
                key: source.adapter.key().map(|key| key.fingerprint()),
            };
            let seed = (settings.seed, u64::try_from(place).unwrap_or(0));
            let gate = source.caps.map(|caps| Gate::new(name, caps, seed, now));
            (source.adapter, gate)
        });
        Self {
            sources: gates.collect(),
            transport: Transport::new(&settings),
            settings,
            shell,
        }
    }

    /// Returns the providers in the order in which they are asked.
    pub fn providers(&self) -> impl Iterator<Item = Provider> {
        self.sources.iter().map(|(adapter, _)| adapter.provider())
    }

    /// Returns what is left of each budget, in the order of the providers that have one; an error where what was spent
    /// cannot be read.
    pub async fn budgets(&self) -> Vec<Result<BudgetState, ProviderError>> {
        let mut states = Vec::with_capacity(self.sources.len());
        for gate in self.sources.iter().filter_map(|(_, gate)| gate.as_ref()) {
            states.push(gate.state(self.shell.as_ref()).await);
        }
        states
    }

    /// Asks one provider after the other until one answers. `ask` puts the question in a provider's own symbols, and passes
    /// over one that has none for the instrument. `patience` is how long a provider's budget may keep the question waiting
    /// in all before the next is asked: seconds where somebody looks on, hours where history is filled in the background.
    ///
    /// # Errors
    ///
    /// Says of each why it gave nothing.
    pub async fn fetch(
        &self,
        ask: impl Fn(Provider) -> Option<Ask>,
        patience: Duration,
    ) -> Result<Fetched, FetchError> {
        let asks: Vec<Option<Ask>> = self
            .sources
            .iter()
            .map(|(adapter, _)| ask(adapter.provider()))
            .collect();
        let mut what = "an answer";
        let mut passed = Vec::new();
        for ((adapter, gate), ask) in self.sources.iter().zip(asks) {
            let Some(ask) = ask else { continue };
            what = ask.what();
            match self.fetch_from(adapter.as_ref(), gate.as_ref(), &ask, patience).await {
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
        Err(FetchError { what, tried: passed })
    }

    /// Asks one provider, and nobody else.
    ///
    /// # Errors
    ///
    /// Says why it gave nothing.
    pub async fn fetch_only(&self, provider: Provider, ask: &Ask, patience: Duration) -> Result<Fetched, FetchError> {
        self.fetch(|asked| (asked == provider).then(|| ask.clone()), patience)
            .await
    }

    /// Asks a provider, page by page.
    async fn fetch_from(
        &self,
        adapter: &dyn Adapter,
        gate: Option<&Gate>,
        ask: &Ask,
        patience: Duration,
    ) -> Result<(Records, Vec<String>), ProviderError> {
        let malformed = |value: &str, wanted: &'static str| {
            ProviderError::malformed(adapter.provider(), "next_url".to_owned(), value, wanted)
        };
        let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
        let deadline = self.shell.now().saturating_add(patience).unwrap_or(Timestamp::MAX);
        let mut records = Records::default();
        let mut hashes = Vec::new();
        let mut next = Some(adapter.first(ask)?);
        let mut pages = 0;
        while let Some(request) = next {
            if pages >= PAGES_MAX {
                return Err(malformed(&format!("page {}", pages + 1), "an end of the pages"));
            }
            let (answer, hash) = match gate {
                Some(gate) => self.send_until(adapter, gate, ask, &request, deadline).await?,
                None => self.send(adapter, ask, &request).await?,
            };
            pages += 1;
            records.append(answer.records);
            hashes.extend(hash);
            // Whoever names the page that was just read would go round for ever.
            if answer.next.as_ref() == Some(&request) {
                return Err(malformed("the same page", "another page"));
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
        request: &Request,
        deadline: Timestamp,
    ) -> Result<(Answer, Option<String>), ProviderError> {
        let mut attempt = 1;
        let mut before: Option<ProviderError> = None;
        loop {
            let permit = match gate.enter(self.shell.as_ref(), deadline).await {
                Ok(permit) => permit,
                // What the provider said tells more than that the wait is too long.
                Err(late @ ProviderError::OverBudget { .. }) => return Err(before.unwrap_or(late)),
                Err(err) => return Err(err),
            };
            let result = self.send(adapter, ask, request).await;
            permit.end(&result, self.shell.as_ref()).await?;
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
        request: &Request,
    ) -> Result<(Answer, Option<String>), ProviderError> {
        let provider = adapter.provider();
        let now = self.shell.now();
        let reply = self.transport.send(provider, adapter.key(), request, now).await?;
        // A cookie or crumb is a secret of this machine and no data.
        if request.step != Step::Data || !ask.is_kept() {
            return Ok((adapter.read(ask, request, &reply)?, None));
        }
        let hash = blake3::hash(&reply.body).to_hex().to_string();
        let source = shown(&request.target);
        let raw = RawReply {
            provider,
            source: &source,
            at: self.shell.now(),
            status: reply.status,
            hash: &hash,
            body: &reply.body,
        };
        let kept = self.shell.keep_reply(raw).await;
        kept.map_err(|message| ProviderError::NotKept {
            provider,
            what: "answer",
            message,
        })?;
        Ok((adapter.read(ask, request, &reply)?, Some(hash)))
    }
}

const fn is_cut(err: &ProviderError, attempt: u32) -> bool {
    attempt == 1 && matches!(err, ProviderError::Malformed { .. })
}

/// Returns where a request goes.
fn shown(target: &Target) -> String {
    match target {
        Target::File(path) => path.display().to_string(),
        Target::Http(url) => url.to_string(),
    }
}
