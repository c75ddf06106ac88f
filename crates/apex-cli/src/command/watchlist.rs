//! `apex watchlists`: instruments to be seen together.

use apex_wire::quotes::{GetWatchlists, RemoveWatchlist, SaveWatchlist, WatchSymbol, Watchlist, WatchlistEntry};

use super::Done;
use crate::arguments::WatchlistsAct;
use crate::desk::{Desk, instruments, refused, symbols_of};
use crate::output::{self, Set, Table};

/// Does what was typed after `apex watchlists`.
pub(super) async fn watchlists(desk: &Desk, act: Option<WatchlistsAct>) -> anyhow::Result<Done> {
    desk.open().await?;
    match act {
        None => {
            let entries = desk.app.get_watchlists(GetWatchlists {}).await.map_err(refused)?;
            if desk.common.json {
                let rows: Vec<_> = entries
                    .iter()
                    .map(|entry| json(desk, entry))
                    .collect::<Result<_, _>>()?;
                output::json(&serde_json::json!({ "rows": rows }))?;
            } else {
                output::text(&list(desk, &entries)?)?;
            }
        }
        Some(WatchlistsAct::Add {
            name,
            symbols,
            currency,
        }) => {
            for symbol in symbols {
                let ask = WatchSymbol {
                    watchlist: name.clone(),
                    symbol,
                    currency,
                };
                desk.app.watch_symbol(ask, &desk.moment()).await.map_err(refused)?;
            }
            answer(desk, &name, "kept").await?;
        }
        Some(WatchlistsAct::Remove { name, symbols }) => {
            let Some(entry) = entry(desk, &name).await? else {
                anyhow::bail!("the book has no watchlist {name}");
            };
            if symbols.is_empty() {
                let ask = RemoveWatchlist {
                    name: entry.watchlist.name,
                    base_version: entry.version,
                };
                desk.app.remove_watchlist(ask, &desk.moment()).await.map_err(refused)?;
                answer(desk, &name, "removed").await?;
            } else {
                let gone = instruments(desk, &symbols)?;
                for (id, symbol) in gone.iter().zip(&symbols) {
                    anyhow::ensure!(entry.watchlist.instruments.contains(id), "{symbol} is not on {name}");
                }
                let kept = entry.watchlist.instruments.into_iter().filter(|id| !gone.contains(id));
                let ask = SaveWatchlist {
                    watchlist: Watchlist {
                        name: entry.watchlist.name,
                        instruments: kept.collect(),
                    },
                    base_version: entry.version,
                };
                desk.app.save_watchlist(ask, &desk.moment()).await.map_err(refused)?;
                answer(desk, &name, "kept").await?;
            }
        }
    }
    Ok(Done::Well)
}

async fn entry(desk: &Desk, name: &str) -> anyhow::Result<Option<WatchlistEntry>> {
    let entries = desk.app.get_watchlists(GetWatchlists {}).await.map_err(refused)?;
    Ok(entries.into_iter().find(|entry| entry.watchlist.name == name.trim()))
}

async fn answer(desk: &Desk, name: &str, done: &str) -> anyhow::Result<()> {
    if !desk.common.json {
        return output::text(&format!("{name} is {done}\n"));
    }
    match entry(desk, name).await? {
        Some(entry) => output::json(&json(desk, &entry)?),
        None => output::json(&serde_json::json!({ "name": name, "version": null, "symbols": [] })),
    }
}

fn json(desk: &Desk, entry: &WatchlistEntry) -> anyhow::Result<serde_json::Value> {
    let symbols = symbols_of(desk, &entry.watchlist.instruments)?;
    Ok(serde_json::json!({ "name": entry.watchlist.name, "version": entry.version, "symbols": symbols }))
}

fn list(desk: &Desk, entries: &[WatchlistEntry]) -> anyhow::Result<String> {
    if entries.is_empty() {
        return Ok("no watchlists; make one with `apex watchlists add NAME SYMBOL...`\n".to_owned());
    }
    let mut table = Table::new(&[("Watchlist", Set::Words), ("Symbols", Set::Words)]);
    for entry in entries {
        let symbols = symbols_of(desk, &entry.watchlist.instruments)?;
        table.row([entry.watchlist.name.clone(), symbols.join(" ")]);
    }
    Ok(table.layout())
}
