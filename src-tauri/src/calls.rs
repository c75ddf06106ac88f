//! Every call of the pages and the use case that answers it. The name of a call is fixed by its type.

use apex_wire::{
    Call, Failure,
    alert::{AlertsSeen, GetAlerts, RemoveAlert, SaveAlert},
    attribution::GetAttribution,
    backtest::RunBacktests,
    cash::GetCash,
    check::RunCheck,
    explain::Explain,
    feeds::{
        DecideFinding, ExportPrices, FetchHistory, GetCoverage, GetFreshness, GetQuarantine, GetSources,
        SaveFeedSymbol, SaveKey, SaveSource, TrySource,
    },
    holdings::{ExportHoldings, GetHoldings, GetLots},
    import::{CommitImport, PreviewImport},
    job::CancelJob,
    limit::{GetLimits, RemoveLimit, SaveLimit},
    news::{FetchNews, GetNews, OpenNews},
    optimizer::{ReadConstraints, RunOptimizer},
    overview::GetOverview,
    performance::GetPerformance,
    preferences::{GetPreferences, SavePreferences},
    quotes::{
        EndLive, EndQuotes, FetchMinutes, GetCandles, GetWatchlists, NextLive, NextQuotes, RemoveWatchlist,
        SaveWatchlist, WatchSymbol,
    },
    risk::{GetRisk, GetRiskBacktest, GetRiskComponents, GetRiskExposures, GetRiskFactors, GetRiskMethods},
    scenario::{GetReverseStress, GetScenarios, RemoveScenario, RunScenarios, SaveScenario, horizon::RunHorizon},
    session::{CatchUp, CreateBook, GetOtherBook, OpenSession, RecoveryKeyKept, SwitchBook, Unlock},
    setup::{
        BackUp, EnterFx, EnterPrice, GetInstruments, GetPrices, GetRatePairs, GetRates, SaveAccount, SaveInstrument,
        SavePortfolio,
    },
    split::{GetMissingSplits, RecordSplits},
    startup::{ReportDefect, ReportPhase},
    transactions::{AddTransaction, GetTransactions, ReverseTransactions, SuggestSymbols},
    what_if::{GetProposals, GetWhatIf, KeepProposal, RemoveProposal},
};

use crate::{browser, carry::Carried, desk::Desk};

macro_rules! calls {
    (
        $desk:ident;
        calls { $($call:ty => |$ask:ident| $answer:expr;)* }
        jobs { $($job_call:ty => |$job_ask:ident, $job:ident| $job_answer:expr;)* }
    ) => {
        /// Answers a call.
        pub(crate) fn answer($desk: &Desk, carried: Carried) -> Result<Vec<u8>, Failure> {
            match carried.name.as_str() {
                $(<$call as Call>::NAME => carried.answer(|$ask: $call| $answer),)*
                $(<$job_call as Call>::NAME => {
                    carried.answer_job($desk, |ask: &$job_call| &ask.job, |$job_ask, $job| $job_answer)
                })*
                _ => Err(carried.unknown()),
            }
        }
    };
}

calls! {
    desk;
    calls {
        OpenSession => |ask| desk.open(ask);
        Unlock => |ask| desk.wait(desk.app.unlock(ask, &desk.moment()));
        SwitchBook => |ask| desk.wait(desk.app.switch_book(ask, &desk.moment()));
        GetOtherBook => |ask| desk.app.get_other_book(ask);
        CatchUp => |ask| desk.wait(desk.app.catch_up(ask));
        RecoveryKeyKept => |ask| desk.app.recovery_key_kept(ask);
        GetPreferences => |ask| desk.app.get_preferences(ask);
        SavePreferences => |ask| desk.app.save_preferences(ask);
        GetOverview => |ask| desk.app.get_overview(ask);
        GetHoldings => |ask| desk.app.get_holdings(ask);
        ExportHoldings => |ask| desk.app.export_holdings(ask);
        GetLots => |ask| desk.app.get_lots(ask);
        GetWhatIf => |ask| desk.app.get_what_if(ask);
        GetProposals => |ask| desk.wait(desk.app.get_proposals(ask));
        KeepProposal => |ask| desk.wait(desk.app.keep_proposal(ask, &desk.moment()));
        RemoveProposal => |ask| desk.wait(desk.app.remove_proposal(ask, &desk.moment()));
        GetTransactions => |ask| desk.app.get_transactions(ask);
        AddTransaction => |ask| desk.wait(desk.app.add_transaction(ask, &desk.moment()));
        ReverseTransactions => |ask| desk.wait(desk.app.reverse_transactions(ask, &desk.moment()));
        PreviewImport => |ask| desk.wait(desk.app.preview_import(ask, &desk.moment()));
        SuggestSymbols => |ask| desk.app.suggest_symbols(ask);
        GetPerformance => |ask| desk.app.get_performance(ask);
        GetAttribution => |ask| desk.app.get_attribution(ask);
        GetRisk => |ask| desk.app.get_risk(ask);
        GetRiskMethods => |ask| desk.app.get_risk_methods(ask);
        GetRiskComponents => |ask| desk.app.get_risk_components(ask);
        GetRiskFactors => |ask| desk.app.get_risk_factors(ask);
        GetRiskBacktest => |ask| desk.app.get_risk_backtest(ask);
        GetRiskExposures => |ask| desk.wait(desk.app.get_risk_exposures(ask));
        GetScenarios => |ask| desk.wait(desk.app.get_scenarios(ask));
        SaveScenario => |ask| desk.wait(desk.app.save_scenario(ask, &desk.moment()));
        RemoveScenario => |ask| desk.wait(desk.app.remove_scenario(ask, &desk.moment()));
        RunScenarios => |ask| desk.app.run_scenarios(ask);
        GetReverseStress => |ask| desk.app.get_reverse_stress(ask);
        GetLimits => |ask| desk.app.get_limits(ask);
        SaveLimit => |ask| desk.wait(desk.app.save_limit(ask, &desk.moment()));
        RemoveLimit => |ask| desk.wait(desk.app.remove_limit(ask, &desk.moment()));
        ReadConstraints => |ask| desk.app.read_constraints(ask);
        GetCash => |ask| desk.app.get_cash(ask);
        SavePortfolio => |ask| desk.wait(desk.app.save_portfolio(ask, &desk.moment()));
        SaveAccount => |ask| desk.wait(desk.app.save_account(ask, &desk.moment()));
        GetInstruments => |ask| desk.app.get_instruments(ask);
        SaveInstrument => |ask| desk.wait(desk.app.save_instrument(ask, &desk.moment()));
        EnterPrice => |ask| desk.wait(desk.app.enter_price(ask, &desk.moment()));
        EnterFx => |ask| desk.wait(desk.app.enter_fx(ask, &desk.moment()));
        GetPrices => |ask| desk.wait(desk.app.get_prices(ask));
        GetRatePairs => |ask| desk.wait(desk.app.get_rate_pairs(ask));
        GetRates => |ask| desk.wait(desk.app.get_rates(ask));
        GetWatchlists => |ask| desk.wait(desk.app.get_watchlists(ask));
        SaveWatchlist => |ask| desk.wait(desk.app.save_watchlist(ask, &desk.moment()));
        RemoveWatchlist => |ask| desk.wait(desk.app.remove_watchlist(ask, &desk.moment()));
        WatchSymbol => |ask| desk.wait(desk.app.watch_symbol(ask, &desk.moment()));
        NextQuotes => |ask| desk.wait(desk.app.next_quotes(ask));
        EndQuotes => |ask| desk.app.end_quotes(ask);
        NextLive => |ask| desk.wait(desk.app.next_live(ask));
        EndLive => |ask| desk.app.end_live(ask);
        GetAlerts => |ask| desk.wait(desk.app.get_alerts(ask));
        SaveAlert => |ask| desk.wait(desk.app.save_alert(ask, &desk.moment()));
        RemoveAlert => |ask| desk.wait(desk.app.remove_alert(ask, &desk.moment()));
        AlertsSeen => |ask| desk.wait(desk.app.alerts_seen(ask));
        GetNews => |ask| desk.wait(desk.app.get_news(ask));
        OpenNews => |ask| browser::open(&desk.wait(desk.app.news_link(ask))?);
        GetSources => |ask| desk.wait(desk.app.get_sources(ask));
        SaveSource => |ask| desk.wait(desk.app.save_source(ask));
        SaveKey => |ask| desk.wait(desk.app.save_key(ask));
        TrySource => |ask| desk.wait(desk.app.try_source(ask));
        SaveFeedSymbol => |ask| desk.wait(desk.app.save_feed_symbol(ask));
        GetFreshness => |ask| desk.wait(desk.app.get_freshness(ask));
        GetCoverage => |ask| desk.wait(desk.app.get_coverage(ask));
        GetQuarantine => |ask| desk.wait(desk.app.get_quarantine(ask));
        DecideFinding => |ask| desk.wait(desk.app.decide_finding(ask, &desk.moment()));
        GetMissingSplits => |ask| desk.wait(desk.app.get_missing_splits(ask));
        RecordSplits => |ask| desk.wait(desk.app.record_splits(ask, &desk.moment()));
        ExportPrices => |ask| desk.wait(desk.app.export_prices(ask));
        GetCandles => |ask| desk.wait(desk.app.get_candles(ask));
        FetchMinutes => |ask| desk.wait(desk.app.fetch_minutes(ask));
        BackUp => |ask| desk.wait(desk.app.back_up(ask));
        Explain => |ask| desk.app.explain(ask);
        RunCheck => |ask| desk.app.run_check(ask);
        CancelJob => |ask| desk.app.cancel_job(ask);
        ReportPhase => |ask| desk.startup.report(ask);
        ReportDefect => |ask| {
            tracing::error!(what = ask.what, "the pages stopped and were started anew");
            Ok(())
        };
    }
    jobs {
        RunHorizon => |ask, job| desk.app.run_horizon(ask, job);
        CommitImport => |ask, job| desk.wait(desk.app.commit_import(ask, &desk.moment(), job));
        FetchNews => |ask, job| desk.wait(desk.app.fetch_news(ask, job));
        RunBacktests => |ask, job| desk.app.run_backtests(ask, job);
        RunOptimizer => |ask, job| desk.app.run_optimizer(ask, job);
        FetchHistory => |ask, job| desk.wait(desk.app.fetch_history(ask, &desk.moment(), job));
        CreateBook => |ask, job| desk.wait(desk.app.create_book(ask, &desk.moment(), job));
    }
}
