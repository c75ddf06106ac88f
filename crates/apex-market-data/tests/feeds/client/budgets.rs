//! The client and its budgets.

use std::sync::Arc;
use std::time::Duration;

use apex_market_data::budget::Caps;
use apex_market_data::client::{Client, Source};
use apex_market_data::{Cap, ProviderError};
use apex_testkit::replay::Fault;

use super::{Book, Desk, client, days, polygon, replay, settings};

fn caps(requests: u32, cap: Cap, concurrent: u32) -> Option<Caps> {
    Some(Caps {
        requests: [(cap, requests)].into(),
        concurrent,
    })
}

#[tokio::test]
async fn nothing_goes_out_over_budget_and_what_was_spent_lasts() {
    let replay = replay(100).await;
    let source = || Source {
        adapter: polygon(&replay),
        caps: caps(2, Cap::Day, 4),
    };
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    let (mut first, book) = client(vec![source()], settings());
    first.patience = Duration::from_millis(1);
    first.fetch(&ask).await.unwrap();
    first.fetch(&ask).await.unwrap();
    let err = first.fetch(&ask).await.unwrap_err();
    assert!(matches!(err.tried[0], ProviderError::OverBudget { .. }), "{err}");
    let state = first.client.budgets().await.remove(0).unwrap();
    assert_eq!((state.left[0].requests, state.left[0].of), (0, 2));
    let key = state.name.key.as_deref().unwrap();
    assert_eq!((key.len(), key.contains(super::KEY)), (16, false));
    // After a restart, with what was written down.
    let again = Client::new(vec![source()], settings(), Arc::new(Desk::new(&book)));
    assert_eq!(again.budgets().await[0].as_ref().unwrap().left[0].requests, 0);
    let err = again.fetch(|_| Some(ask.clone()), first.patience).await.unwrap_err();
    assert!(matches!(err.tried[0], ProviderError::OverBudget { .. }), "{err}");
    assert_eq!(replay.seen().len(), 2);
}

#[tokio::test]
async fn two_programs_with_one_key_share_its_budget() {
    let replay = replay(100).await;
    let book = Book::default();
    let program = || {
        let source = Source {
            adapter: polygon(&replay),
            caps: caps(5, Cap::Day, 4),
        };
        Client::new(vec![source], settings(), Arc::new(Desk::new(&book)))
    };
    let programs = [program(), program()];
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    let questions = (0..12).map(|number| programs[number % 2].fetch(|_| Some(ask.clone()), Duration::from_secs(5)));
    let answers = futures::future::join_all(questions).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    assert_eq!(replay.seen().len(), 5);
    // Each knows what the other spent.
    for program in &programs {
        assert_eq!(program.budgets().await[0].as_ref().unwrap().left[0].requests, 0);
    }
}

#[tokio::test]
async fn whoever_waits_for_others_waits_no_longer_than_his_patience() {
    let replay = replay(100).await;
    let source = Source {
        adapter: polygon(&replay),
        caps: caps(1_000, Cap::Second, 1),
    };
    let (mut asking, _) = client(vec![source], settings());
    asking.patience = Duration::from_millis(50);
    replay.next([Fault::Slow(Duration::from_millis(400))]);
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    let (slow, late) = futures::join!(asking.fetch(&ask), asking.fetch(&ask));
    assert!(slow.is_ok());
    assert!(matches!(late.unwrap_err().tried[0], ProviderError::OverBudget { .. }));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    let replay = replay(100).await;
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    for (full, sentence, requests) in [
        ("budgets", "Polygon's budget could not be kept: the disk is full", 0),
        ("replies", "Polygon's answer could not be kept: the disk is full", 1),
    ] {
        let source = Source {
            adapter: polygon(&replay),
            caps: caps(9, Cap::Day, 1),
        };
        let desk = Desk {
            full: Some(full),
            ..Desk::new(&Book::default())
        };
        let client = Client::new(vec![source], settings(), Arc::new(desk));
        for _ in 0..2 {
            // Twice, as the first must not stay in the way of the second.
            let err = client
                .fetch(|_| Some(ask.clone()), Duration::from_secs(1))
                .await
                .unwrap_err();
            assert_eq!(err.tried[0].to_string(), sentence);
        }
        if full == "budgets" {
            let told = client.budgets().await.remove(0);
            assert_eq!(told.unwrap_err().to_string(), sentence);
        }
        assert_eq!(replay.seen().len(), 2 * requests);
    }
}

#[tokio::test]
async fn callers_share_one_budget_and_wait_for_each_other() {
    let replay = replay(100).await;
    let source = Source {
        adapter: polygon(&replay),
        caps: caps(1_000, Cap::Second, 1),
    };
    let (asking, _) = client(vec![source], settings());
    let asking = Arc::new(asking);
    let tasks = (0..8).map(|_| {
        let asking = Arc::clone(&asking);
        tokio::spawn(async move { asking.fetch(&days("AAPL", "2026-03-02", "2026-03-13")).await })
    });
    let all = futures::future::join_all(tasks).await;
    assert!(all.into_iter().all(|fetched| fetched.unwrap().is_ok()));
    assert_eq!(replay.seen().len(), 8);
}

#[tokio::test]
async fn a_question_that_is_dropped_leaves_its_place_to_others() {
    let replay = replay(100).await;
    let source = Source {
        adapter: polygon(&replay),
        caps: caps(1_000, Cap::Second, 1),
    };
    let (client, _) = client(vec![source], settings());
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    replay.next([Fault::Slow(Duration::from_secs(30))]);
    let slow = tokio::time::timeout(Duration::from_millis(100), client.fetch(&ask)).await;
    assert!(slow.is_err());
    client.fetch(&ask).await.unwrap();
}
