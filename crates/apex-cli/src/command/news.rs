//! `apex news`: what was published about some instruments.

use apex_wire::job::JobId;
use apex_wire::news::{FetchNews, GetNews, NewsItem};

use super::Done;
use crate::arguments::NewsArguments;
use crate::desk::{Desk, instruments, refused};
use crate::output;

/// Does what was typed after `apex news`.
pub(super) async fn news(desk: &Desk, ask: NewsArguments) -> anyhow::Result<Done> {
    desk.open().await?;
    let wanted = instruments(desk, &ask.symbols)?;
    let mut fetched = None;
    if ask.fetch {
        let fetch = FetchNews {
            job: JobId("apex news".to_owned()),
            instruments: wanted.clone(),
        };
        let done = desk.app.fetch_news(fetch, &desk.job()).await.map_err(refused)?;
        if !desk.common.json {
            let items = apex_format::counted(done.added as u64, "new item");
            output::say(&format!("apex: {items}, {} known already", done.known));
            done.failures
                .iter()
                .for_each(|failure| output::say(&format!("apex: {failure}")));
        }
        fetched = Some(done);
    }
    let question = GetNews {
        instruments: wanted,
        since: None,
        limit: usize::from(ask.limit),
    };
    let items = desk.app.get_news(question).await.map_err(refused)?;
    if desk.common.json {
        output::json(&serde_json::json!({ "rows": items, "fetched": fetched }))?;
    } else {
        output::text(&list(&items, ask.fetch))?;
    }
    Ok(Done::Well)
}

fn list(items: &[NewsItem], is_fetched: bool) -> String {
    if items.is_empty() {
        let hint = if is_fetched {
            ""
        } else {
            "; ask the providers with --fetch"
        };
        return format!("no news{hint}\n");
    }
    let mut text = String::new();
    for item in items {
        let source = item.source.as_deref().unwrap_or(item.provider.words());
        let when = item.published.strftime("%F %H:%M UTC");
        text.push_str(&format!(
            "{when}  {}  {source}\n  {}\n",
            item.symbols.join(" "),
            item.title
        ));
        if let Some(url) = &item.url {
            text.push_str(&format!("  {url}\n"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len() + 1);
    text
}
