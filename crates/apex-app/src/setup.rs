//! The Setup page: a person builds their own book from nothing, field by field.

mod market;

use apex_domain::{Account, AccountId, Instrument, InstrumentId, LotMethod, Portfolio, PortfolioId};
use apex_store::{Changes, Edit};
use apex_wire::Failure;
use apex_wire::session::Session;
use apex_wire::setup::{GetInstruments, InstrumentRow, InstrumentsWindow, SaveAccount, SaveInstrument, SavePortfolio};
use uuid::Uuid;

use crate::App;
use crate::error::{AppError, Result};
use crate::grid::contains;
use crate::instrument;
use crate::moment::Moment;
use crate::read;
use crate::state::State;

/// No window of the instruments is larger.
const LIMIT_MAX: usize = 1000;

impl App {
    /// Makes or changes a portfolio.
    ///
    /// # Errors
    /// When a field cannot be accepted; the failure names it.
    pub async fn save_portfolio(&self, ask: SavePortfolio, moment: &Moment) -> Result<Session, Failure> {
        let state = self.fresh_state().await?;
        let edit = portfolio(&state, &ask, moment)?;
        self.apply(
            Changes {
                portfolios: vec![edit],
                ..Changes::default()
            },
            moment,
        )
        .await?;
        Ok(self.session()?)
    }

    /// Makes or changes an account.
    ///
    /// # Errors
    /// When a field cannot be accepted; the failure names it.
    pub async fn save_account(&self, ask: SaveAccount, moment: &Moment) -> Result<Session, Failure> {
        let state = self.fresh_state().await?;
        let edit = account(&state, &ask, moment)?;
        self.apply(
            Changes {
                accounts: vec![edit],
                ..Changes::default()
            },
            moment,
        )
        .await?;
        Ok(self.session()?)
    }

    /// Makes or changes an instrument.
    ///
    /// # Errors
    /// When a field cannot be accepted; the failure names it.
    pub async fn save_instrument(&self, ask: SaveInstrument, moment: &Moment) -> Result<InstrumentRow, Failure> {
        let state = self.fresh_state().await?;
        let old = match ask.id {
            Some(id) => Some(state.instrument(id)?),
            None => None,
        };
        let id = ask
            .id
            .unwrap_or_else(|| InstrumentId::from_parts(moment.now, moment.entropy.bytes()));
        let from = read::optional_date("symbol_from", &ask.symbol_from)?;
        let made = instrument::read_draft(id, old.map(AsRef::as_ref), &ask.draft, from, &state.instruments)?;
        if let Some(old) = old {
            refuse_new_nature(&state, old, &made)?;
        }
        // A symbol that is taken is refused here, before anything is written.
        state.instruments.with(made.clone())?;
        let edit = Edit {
            value: made,
            base_version: version(&state, id.as_uuid()),
        };
        self.apply(
            Changes {
                instruments: vec![edit],
                ..Changes::default()
            },
            moment,
        )
        .await?;
        let state = self.state()?;
        Ok(instrument_row(&state, state.instrument(id)?))
    }

    /// Returns the symbol that an instrument has now.
    ///
    /// # Errors
    /// When no book is open, or the instrument is not in it.
    pub fn symbol_of(&self, id: InstrumentId) -> Result<String, Failure> {
        let state = self.state()?;
        Ok(state.instrument(id)?.symbol().to_owned())
    }

    /// Returns a window of the instruments, by symbol.
    ///
    /// # Errors
    /// When no book is open.
    pub fn get_instruments(&self, ask: GetInstruments) -> Result<InstrumentsWindow, Failure> {
        let state = self.state()?;
        let words: Vec<String> = ask.search.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<&Instrument> = state
            .instruments
            .all()
            .map(AsRef::as_ref)
            .filter(|one| words.iter().all(|word| mentions(one, word)))
            .collect();
        found.sort_by_key(|one| (one.symbol().to_owned(), one.id));
        let shown = found.iter().skip(ask.offset).take(ask.limit.min(LIMIT_MAX));
        let rows = shown.map(|one| instrument_row(&state, one)).collect();
        Ok(InstrumentsWindow {
            total_rows: found.len(),
            offset: ask.offset,
            rows,
        })
    }
}

fn version(state: &State, id: Uuid) -> u64 {
    state.versions.get(&id).copied().unwrap_or(0)
}

fn portfolio(state: &State, ask: &SavePortfolio, moment: &Moment) -> Result<Edit<Portfolio>> {
    let name = read::required("name", &ask.name, "a name")?;
    let currency = read::currency(
        "currency",
        read::required("currency", &ask.currency, "a base currency")?,
    )?;
    let taken = state
        .portfolios
        .values()
        .any(|one| one.portfolio.name.eq_ignore_ascii_case(name) && ask.id != Some(one.portfolio.id));
    if taken {
        return Err(AppError::field("name", format!("there is a portfolio {name} already")));
    }
    let benchmark = match ask.benchmark.trim() {
        "" => None,
        symbol => {
            let found = state.instruments.named(symbol);
            Some(
                found
                    .ok_or_else(|| AppError::field("benchmark", format!("there is no instrument {symbol}")))?
                    .id,
            )
        }
    };
    let id = match ask.id {
        Some(id) => {
            let old = state.portfolio(id)?;
            if old.portfolio.currency != currency && !old.ledger.is_empty() {
                let old = old.portfolio.currency;
                let sentence = format!("the base currency stays {old}: there are transactions already");
                return Err(AppError::field("currency", sentence));
            }
            id
        }
        None => PortfolioId::from_parts(moment.now, moment.entropy.bytes()),
    };
    let value = Portfolio {
        id,
        name: name.to_owned(),
        currency,
        benchmark,
    };
    Ok(Edit {
        value,
        base_version: version(state, id.as_uuid()),
    })
}

fn account(state: &State, ask: &SaveAccount, moment: &Moment) -> Result<Edit<Account>> {
    let portfolio = state.portfolio(ask.portfolio)?;
    let name = read::required("name", &ask.name, "a name")?;
    let lot_method: LotMethod = read::required("lot_method", &ask.lot_method, "a lot method")?
        .parse()
        .map_err(|err: apex_domain::portfolio::LotMethodError| AppError::field("lot_method", err.to_string()))?;
    if portfolio
        .accounts
        .values()
        .any(|one| one.name.eq_ignore_ascii_case(name) && ask.id != Some(one.id))
    {
        let sentence = format!("{} has an account {name} already", portfolio.portfolio.name);
        return Err(AppError::field("name", sentence));
    }
    let id = match ask.id {
        Some(id) => {
            let old = portfolio
                .accounts
                .get(&id)
                .ok_or_else(|| AppError::not_found("account", id))?;
            let used = portfolio.ledger.rows().any(|row| row.account == id);
            if old.lot_method != lot_method && used {
                let sentence = format!(
                    "the lot method stays {}: there are transactions already",
                    old.lot_method
                );
                return Err(AppError::field("lot_method", sentence));
            }
            id
        }
        None => AccountId::from_parts(moment.now, moment.entropy.bytes()),
    };
    let value = Account {
        id,
        portfolio: ask.portfolio,
        name: name.to_owned(),
        lot_method,
    };
    Ok(Edit {
        value,
        base_version: version(state, id.as_uuid()),
    })
}

/// What has been traded keeps its kind, currency and terms: past figures rest on them.
fn refuse_new_nature(state: &State, old: &Instrument, made: &Instrument) -> Result<()> {
    let field = if old.kind != made.kind {
        "kind"
    } else if old.currency != made.currency {
        "currency"
    } else {
        return Ok(());
    };
    let mut rows = state.portfolios.values().flat_map(|one| one.ledger.rows());
    if rows.any(|row| row.instrument == Some(old.id)) {
        let sentence = format!("the {field} of {} stays: there are transactions already", old.symbol());
        return Err(AppError::field(field, sentence));
    }
    Ok(())
}

fn mentions(one: &Instrument, word: &str) -> bool {
    let texts = [
        one.sector.as_deref(),
        one.country.as_deref(),
        one.isin.as_ref().map(|isin| isin.as_str()),
    ];
    contains(&one.name, word)
        || one.symbols.iter().any(|period| contains(&period.symbol, word))
        || texts.into_iter().flatten().any(|text| contains(text, word))
}

fn instrument_row(state: &State, one: &Instrument) -> InstrumentRow {
    let (dates, closes) = state.prices.columns(one.id);
    InstrumentRow {
        id: one.id,
        draft: instrument::draft(one, &state.instruments),
        symbol_history: instrument::symbol_history(one),
        last_price: dates.last().copied().zip(closes.last().copied()),
        simulated: one.simulated,
    }
}
