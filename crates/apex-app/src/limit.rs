//! Limits of a portfolio: documents of the book, and where the book stands to them now and after a scenario.
//!
//! They are read with the book, since every run of a scenario asks about them.

mod standing;

use std::collections::BTreeMap;
use std::sync::Arc;

use apex_store::{Named, Store};
use apex_wire::Failure;
use apex_wire::limit::{GetLimits, Limit, LimitEntry, LimitRule, RemoveLimit, SaveLimit};

pub(crate) use self::standing::{Moved, Standing};
use crate::App;
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::read;
use crate::state::State;

/// The widest limit, in percent: more than any book with debts holds.
const PERCENT_MAX: f64 = 10_000.0;

/// The limits of a book by name, each with its version.
pub(crate) type Limits = Arc<BTreeMap<String, (Limit, u64)>>;

/// Reads the limits of a book.
pub(crate) async fn load(store: &Store) -> Result<Limits> {
    let saved = store.list::<Limit>(Named::Limit).await?;
    let limits = saved
        .into_iter()
        .map(|(name, saved)| (name, (saved.value, saved.version)));
    Ok(Arc::new(limits.collect()))
}

impl App {
    /// Returns the limits of a portfolio by name, and how the book of a day stands to them.
    ///
    /// # Errors
    /// When no book is open, or the portfolio is not in it.
    pub fn get_limits(&self, ask: GetLimits) -> Result<Vec<LimitEntry>, Failure> {
        let fold = self.fold(ask.view)?;
        let limits = self.limits_of(&fold)?;
        let standing = Standing::of(&fold, limits.iter().map(|(limit, _)| limit));
        let entries = limits.iter().map(|(limit, version)| {
            let stand = standing.before(limit);
            LimitEntry {
                limit: limit.clone(),
                version: *version,
                words: words(&limit.rule),
                broken: stand.is_broken(limit),
                value: stand.value,
                whose: stand.whose,
            }
        });
        Ok(entries.collect())
    }

    /// Keeps a limit in the book and returns its version.
    ///
    /// # Errors
    /// When the portfolio, the scenario or the instrument is not in the book, a field is out of range, or the limit was
    /// changed since `base_version`.
    pub async fn save_limit(&self, ask: SaveLimit, moment: &Moment) -> Result<u64, Failure> {
        check(&ask.limit)?;
        let state = self.state()?;
        state.portfolio(ask.limit.portfolio)?;
        // A limit of a name that nothing has would never be broken.
        match &ask.limit.rule {
            LimitRule::ScenarioLoss { scenario: Some(name) } => {
                self.scenario_named(name).await?;
            }
            LimitRule::NameWeight { symbol: Some(symbol) } if !state.instruments.knows(symbol.trim()) => {
                return Err(AppError::field("rule", format!("there is no instrument {symbol}")).into());
            }
            _ => {}
        }
        let limit = Limit {
            name: ask.limit.name.trim().to_owned(),
            ..ask.limit
        };
        let _writing = self.writer.lock().await;
        let book = self.book()?;
        let put = book
            .store
            .put(Named::Limit, &limit.name, &limit, ask.base_version, moment.now);
        let version = put.await.map_err(AppError::from)?;
        self.put_limits(&book.state(), load(&book.store).await?)?;
        Ok(version)
    }

    /// Removes a limit of the book; its versions stay in the history.
    ///
    /// # Errors
    /// When there is none of that name, or it was changed since `base_version`.
    pub async fn remove_limit(&self, ask: RemoveLimit, moment: &Moment) -> Result<(), Failure> {
        let _writing = self.writer.lock().await;
        let book = self.book()?;
        if !book.state().limits.contains_key(&ask.name) {
            return Err(AppError::not_found("limit", &ask.name).into());
        }
        let removed = book.store.remove(Named::Limit, &ask.name, ask.base_version, moment.now);
        removed.await.map_err(AppError::from)?;
        self.put_limits(&book.state(), load(&book.store).await?)?;
        Ok(())
    }

    fn put_limits(&self, state: &State, limits: Limits) -> Result<()> {
        let changed = State {
            limits,
            ..state.clone()
        };
        self.put(self.book()?.as_ref(), changed);
        Ok(())
    }

    /// Returns the limits of the portfolio of a fold.
    pub(crate) fn limits_of(&self, fold: &crate::fold::PortfolioFold) -> Result<Vec<(Limit, u64)>> {
        let state = self.state()?;
        let own = state
            .limits
            .values()
            .filter(|(limit, _)| limit.portfolio == fold.portfolio().id);
        Ok(own.cloned().collect())
    }
}

/// Says what a rule limits.
pub(crate) fn words(rule: &LimitRule) -> String {
    match rule {
        LimitRule::ScenarioLoss { scenario: None } => "loss in any scenario, at most".to_owned(),
        LimitRule::ScenarioLoss { scenario: Some(name) } => format!("loss in {name}, at most"),
        LimitRule::Var { level } => format!("VaR {}%, one day, at most", level * 100.0),
        LimitRule::NameWeight { symbol: None } => "weight of any instrument, at most".to_owned(),
        LimitRule::NameWeight { symbol: Some(symbol) } => format!("weight of {symbol}, at most"),
        LimitRule::SectorWeight { sector: None } => "weight of any sector, at most".to_owned(),
        LimitRule::SectorWeight { sector: Some(sector) } => format!("weight of {sector}, at most"),
        LimitRule::MinCash => "cash, at least".to_owned(),
    }
}

/// Refuses limits that say nothing, naming the field.
fn check(limit: &Limit) -> Result<()> {
    read::name(&limit.name, "a limit")?;
    if !(0.0..=PERCENT_MAX).contains(&limit.percent) {
        return Err(AppError::field(
            "percent",
            format!(
                "{} is not a part of net asset value from 0 to {PERCENT_MAX} percent",
                limit.percent
            ),
        ));
    }
    match &limit.rule {
        LimitRule::Var { level } if !(*level > 0.5 && *level < 1.0) => Err(AppError::field(
            "level",
            format!("level {level} must lie between 0.5 and 1"),
        )),
        LimitRule::ScenarioLoss { scenario: Some(name) }
        | LimitRule::NameWeight { symbol: Some(name) }
        | LimitRule::SectorWeight { sector: Some(name) }
            if name.trim().is_empty() =>
        {
            Err(AppError::field("rule", "a limit of one name needs that name"))
        }
        _ => Ok(()),
    }
}
