//! Trying a source: one small question, answered while a person looks on.

use std::time::Duration;

use apex_domain::Timestamp;
use apex_market_data::client::FetchError;
use apex_market_data::request::Ask;
use apex_market_data::{ProviderError, record};
use apex_wire::Failure;
use apex_wire::feeds::{Provider, SourceTried, TrySource};

use super::{keys, provider_of, settings, status};
use crate::App;
use crate::error::AppError;

/// How long a person who looks on waits, for a provider's budget and for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked to see whether a provider answers.
const TRIED_SYMBOL: &str = "AAPL";

impl App {
    /// Asks a provider one small question to see whether it answers.
    ///
    /// # Errors
    /// When no book is open; that it does not answer is no failure of the call.
    pub async fn try_source(&self, ask: TrySource) -> Result<SourceTried, Failure> {
        let book = self.book()?;
        let settings = settings::load(book.store.market().await.map_err(AppError::from)?).await?;
        let settings = settings.into_iter().find(|known| known.provider == ask.provider);
        let provider = ask.provider.words();
        let Some(mut settings) = settings else {
            return Err(AppError::not_found("source", provider).into());
        };
        settings.enabled = true;
        let key = keys::key(self, &book, ask.provider).await?;
        if let Provider::Files = ask.provider {
            return Ok(settings::folder(&settings));
        }
        if key.is_none() && settings::needs_key(ask.provider) {
            return Ok(SourceTried {
                ok: false,
                sentence: format!("{provider} answers nobody without a key, and none is kept"),
            });
        }
        let client = self.client_of(&book, &[(settings, key)])?;
        let today = self.today();
        let asked = Ask::Bars {
            symbol: TRIED_SYMBOL.to_owned(),
            interval: record::Interval::Day,
            from: today.saturating_sub(jiff::Span::new().days(10)),
            to: today,
        };
        // Each attempt may take half a minute, and a person looks on.
        let fetched = tokio::time::timeout(PATIENCE, client.fetch(|_| Some(asked.clone()), PATIENCE)).await;
        let fetched = fetched.unwrap_or_else(|_| Err(silent(provider_of(ask.provider), asked.what())));
        status::note(&book, self.now(), &fetched).await?;
        let again = client
            .budgets()
            .await
            .into_iter()
            .flatten()
            .map(|budget| budget.next)
            .max();
        let again = again.filter(|again| *again > self.now());
        let tried = match fetched {
            Ok(fetched) => SourceTried {
                ok: true,
                sentence: format!(
                    "{provider} answers: {} bars of {TRIED_SYMBOL}",
                    fetched.records.bars.len()
                ),
            },
            Err(err) => SourceTried {
                ok: false,
                sentence: refusal(&err, again),
            },
        };
        Ok(tried)
    }
}

/// Says that a provider was silent for as long as a person waits.
fn silent(provider: record::Provider, what: &'static str) -> FetchError {
    let message = format!("it has not answered within {} seconds", PATIENCE.as_secs());
    FetchError {
        what,
        tried: vec![ProviderError::Transport { provider, message }],
    }
}

/// Says why a provider gave nothing, and when it may be asked again where that is not at once.
fn refusal(err: &FetchError, again: Option<Timestamp>) -> String {
    let last = err.tried.last();
    let sentence = last.map_or_else(|| err.to_string(), ToString::to_string);
    match (last, again) {
        // It names the instant itself.
        (Some(ProviderError::OverBudget { .. }), _) | (_, None) => sentence,
        (_, Some(again)) => format!("{sentence}; it may be asked again at {}", apex_format::instant(again)),
    }
}
