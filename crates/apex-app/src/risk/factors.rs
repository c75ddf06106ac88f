//! The risk of the current book by factors, found in the returns or read from what the holdings are, and its distance
//! from the benchmark.

use apex_analytics::factor::FactorModel;
use apex_analytics::factor::fundamental::{Scheme, Weighting, fundamental_factors};
use apex_analytics::factor::pca::statistical_model;
use apex_analytics::factor::risk::factor_risk;
use apex_analytics::measure::OBSERVATIONS_A_YEAR;
use apex_analytics::measure::relative::{beta, correlation, tracking_error};
use apex_analytics::returns::weighted_daily;
use apex_domain::Instrument;
use apex_wire::risk::{FactorExposure, FactorModelRisk, GetRiskFactors, RiskFactors};
use apex_wire::{Failure, Figure, Statistic};

use super::{Part, RiskBook, price_column, rate_column};
use crate::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::track::splits;

/// Principal components that are taken for factors.
const COMPONENTS: usize = 5;
/// Days of the window: fewer say nothing about a covariance.
const WINDOW_MIN: usize = 20;

impl App {
    /// Returns the risk of the current book by factors, and its distance from the benchmark.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, or the window is too short.
    pub fn get_risk_factors(&self, ask: GetRiskFactors) -> Result<RiskFactors, Failure> {
        if ask.window < WINDOW_MIN {
            let window = ask.window;
            let sentence = format!("a window of {window} is too short; {WINDOW_MIN} returns are the fewest");
            return Err(AppError::field("window", sentence).into());
        }
        let fold = self.fold(ask.view)?;
        let book = RiskBook::of(&fold, ask.window);
        let because = book.because();
        let about_statistical = format!(
            "the first {} principal components of the covariance of {} daily returns",
            COMPONENTS.min(book.positions.len()),
            book.days.len()
        );
        let about_fundamental = format!(
            "each day's returns of the holdings explained by market, sector and country, weighted by the root of their \
             size, {} days; currencies held as cash are sectors of their own",
            book.days.len()
        );
        let of = |model: Result<(FactorModel, Vec<String>), String>, about: String| match (&because, model) {
            (Some(because), _) => unknown(about, because),
            (None, Ok((model, names))) => by_model(&book, &model, &names, about),
            (None, Err(because)) => unknown(about, &because),
        };
        let against = against_benchmark(&fold, &book, because.as_deref());
        Ok(RiskFactors {
            statistical: of(statistical(&book), about_statistical),
            fundamental: of(fundamental(&fold, &book), about_fundamental),
            benchmark: fold
                .portfolio()
                .benchmark
                .and_then(|id| fold.instrument(id))
                .map(|one| one.name.clone()),
            tracking_error: against.tracking_error,
            beta: against.beta,
            correlation: against.correlation,
            active_share: Figure::Unavailable(
                "the benchmark is one instrument whose weights the book does not know; compare with a blend in \
                 Attribution"
                    .to_owned(),
            ),
        })
    }
}

fn statistical(book: &RiskBook) -> Result<(FactorModel, Vec<String>), String> {
    let count = COMPONENTS.min(book.positions.len());
    let model = statistical_model(&book.columns(), count).map_err(|err| err.to_string())?;
    let names = (1..=count).map(|number| format!("Component {number}")).collect();
    Ok((model, names))
}

fn fundamental(fold: &PortfolioFold, book: &RiskBook) -> Result<(FactorModel, Vec<String>), String> {
    let labels = |of: fn(&Instrument) -> Option<&String>| -> Vec<String> {
        let label = |part: Part| match part {
            Part::Cash(currency) => format!("Cash {currency}"),
            Part::Instrument(id) => fold
                .instrument(id)
                .and_then(of)
                .map_or_else(|| "Unclassified".to_owned(), Clone::clone),
        };
        book.positions.iter().map(|position| label(position.part)).collect()
    };
    let scheme = |labels: &[String]| Scheme::new(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    let (sectors, countries) = (labels(|one| one.sector.as_ref()), labels(|one| one.country.as_ref()));
    let roots: Vec<f64> = book
        .positions
        .iter()
        .map(|position| position.weight.abs().max(f64::MIN_POSITIVE).sqrt())
        .collect();
    let columns = book.columns();
    let (sectors, countries) = (scheme(&sectors), scheme(&countries));
    // Where countries repeat what sectors say, or there is only one, sectors stand alone.
    let both = [sectors.clone(), countries];
    let weighting = Weighting::Constant(&roots);
    let (schemes, found) = match fundamental_factors(&columns, &both, &[], weighting) {
        Ok(found) if both[1].groups().len() > 1 => (both.to_vec(), found),
        _ => {
            let alone = vec![sectors];
            let found = fundamental_factors(&columns, &alone, &[], weighting).map_err(|err| err.to_string())?;
            (alone, found)
        }
    };
    let names = std::iter::once("Market".to_owned())
        .chain(schemes.iter().flat_map(|scheme| scheme.groups().to_vec()))
        .collect();
    Ok((found.model().map_err(|err| err.to_string())?, names))
}

fn unknown(about: String, because: &str) -> FactorModelRisk {
    let none = || Figure::Unavailable(because.to_owned());
    FactorModelRisk {
        about,
        volatility: none(),
        factor_share: none(),
        specific_share: none(),
        factors: Vec::new(),
    }
}

fn by_model(book: &RiskBook, model: &FactorModel, names: &[String], about: String) -> FactorModelRisk {
    let risk = match factor_risk(model, &book.weights()) {
        Ok(risk) => risk,
        Err(err) => return unknown(about, &err.to_string()),
    };
    let variance = risk.variance();
    if variance <= 0.0 {
        return unknown(about, "the book does not move in the window");
    }
    let mut factors: Vec<FactorExposure> = names
        .iter()
        .zip(risk.exposure.iter().zip(&risk.factor_contributions))
        .enumerate()
        .map(|(at, (name, (exposure, part)))| FactorExposure {
            name: name.clone(),
            exposure: *exposure,
            volatility: model
                .covariance()
                .get(at)
                .and_then(|row| row.get(at))
                .map_or(0.0, |variance| (variance.max(0.0) * OBSERVATIONS_A_YEAR).sqrt()),
            share: part / variance,
        })
        .collect();
    factors.sort_by(|left, right| {
        right
            .share
            .total_cmp(&left.share)
            .then_with(|| left.name.cmp(&right.name))
    });
    FactorModelRisk {
        about,
        volatility: Figure::Known(risk.volatility()),
        factor_share: Figure::Known(risk.factor_variance / variance),
        specific_share: Figure::Known(risk.specific_variance / variance),
        factors,
    }
}

struct Against {
    tracking_error: Statistic,
    beta: Statistic,
    correlation: Statistic,
}

/// The current book over the window against the benchmark, converted to the portfolio's currency.
fn against_benchmark(fold: &PortfolioFold, book: &RiskBook, because: Option<&str>) -> Against {
    let all = |because: &str| Against {
        tracking_error: Figure::Unavailable(because.to_owned()),
        beta: Figure::Unavailable(because.to_owned()),
        correlation: Figure::Unavailable(because.to_owned()),
    };
    if let Some(because) = because {
        return all(because);
    }
    match benchmark_returns(fold, book) {
        Ok((own, other)) => {
            let undefined = || "the benchmark never moves in the window".to_owned();
            Against {
                tracking_error: Figure::or_because(tracking_error(&own, &other), undefined),
                beta: Figure::or_because(beta(&own, &other), undefined),
                correlation: Figure::or_because(correlation(&own, &other), undefined),
            }
        }
        Err(because) => all(&because),
    }
}

fn benchmark_returns(fold: &PortfolioFold, book: &RiskBook) -> Result<(Vec<f64>, Vec<f64>), String> {
    let benchmark = fold.portfolio().benchmark.and_then(|id| fold.instrument(id));
    let benchmark = benchmark.ok_or("the portfolio has no benchmark; choose one in Setup")?;
    // The first day of the window gives a level and no return.
    let prices = price_column(fold, benchmark.id, splits(fold).get(&benchmark.id), &book.days)
        .map_err(|because| format!("{}: {because}", fold.symbol(benchmark.id)))?;
    let rates = rate_column(fold, benchmark.currency, &book.days)?;
    let levels: Vec<f64> = prices.iter().zip(&rates).map(|(price, rate)| price * rate).collect();
    let other: Vec<f64> = levels.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    let own = weighted_daily(&book.weights(), &book.columns()).map_err(|err| err.to_string())?;
    Ok((own.into_iter().skip(1).collect(), other))
}
