//! Answers of the engine, kept in memory: a page that was seen before is shown at once, and asked for again where the
//! book changed since. The old content stays until the new one is there.

use std::{any::Any, collections::BTreeMap, rc::Rc};

use apex_wire::{Call, Code, Failure, session::Session};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    desk::{Desk, use_desk},
    invoke,
};

/// The most answers kept; the longest unused is dropped first.
const KEPT_MAX: usize = 160;

/// The answers kept, by call name and the JSON of the call.
#[derive(Default)]
pub(crate) struct Answers {
    kept: BTreeMap<(&'static str, String), Kept>,
    clock: u64,
}

struct Kept {
    version: u64,
    used: u64,
    reply: Rc<dyn Any>,
}

impl Answers {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }

    fn get<C: Call>(&mut self, ask: &str) -> Option<(u64, Rc<C::Reply>)> {
        self.clock += 1;
        let kept = self.kept.get_mut(&(C::NAME, ask.to_owned()))?;
        kept.used = self.clock;
        Some((kept.version, kept.reply.clone().downcast().ok()?))
    }

    fn put<C: Call>(&mut self, ask: String, version: u64, reply: Rc<C::Reply>) {
        self.clock += 1;
        self.kept.insert(
            (C::NAME, ask),
            Kept {
                version,
                used: self.clock,
                reply,
            },
        );
        if self.kept.len() > KEPT_MAX {
            let oldest = self
                .kept
                .iter()
                .min_by_key(|(_, kept)| kept.used)
                .map(|(key, _)| key.clone());
            if let Some(key) = oldest {
                self.kept.remove(&key);
            }
        }
    }
}

/// The answer to a question that may change.
pub(crate) struct Answer<R: 'static> {
    /// The latest reply; that of an earlier question while a new one is on its way.
    pub(crate) latest: Signal<Option<Rc<R>>>,
    /// Why the latest question failed, where it did.
    pub(crate) failure: Signal<Option<Failure>>,
    /// Whether the reply shown belongs to the question asked now.
    pub(crate) current: Signal<bool>,
}

impl<R> Clone for Answer<R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R> Copy for Answer<R> {}

impl<R> PartialEq for Answer<R> {
    fn eq(&self, other: &Self) -> bool {
        self.latest == other.latest
    }
}

impl<R> Answer<R> {
    /// Returns the latest reply, and listens to it.
    pub(crate) fn get(&self) -> Option<Rc<R>> {
        self.latest.read().clone()
    }
}

/// Asks the engine whenever `ask` changes or the book was written to. `ask` reads signals; none asks nothing.
pub(crate) fn use_answer<C: Call>(mut ask: impl FnMut() -> Option<C> + 'static) -> Answer<C::Reply> {
    let desk = use_desk();
    let asked = use_memo(move || ask().and_then(|call| invoke::text_of(&call).ok()));
    let mut answer = use_hook(|| {
        let text = asked.peek().clone();
        let mut answers = desk.answers;
        let hit = text.and_then(|text| answers.write().get::<C>(&text));
        let current = hit
            .as_ref()
            .is_some_and(|(version, _)| *version == *desk.version.peek());
        Answer {
            latest: Signal::new(hit.map(|(_, reply)| reply)),
            failure: Signal::new(None),
            current: Signal::new(current),
        }
    });
    let mut turn = use_hook(|| CopyValue::new(0_u64));
    use_effect(move || {
        let version = (desk.version)();
        let Some(text) = asked() else { return };
        let mine = *turn.peek() + 1;
        turn.set(mine);
        let mut answers = desk.answers;
        let hit = answers.write().get::<C>(&text);
        if let Some((kept_version, reply)) = hit {
            let same = answer
                .latest
                .peek()
                .as_ref()
                .is_some_and(|shown| Rc::ptr_eq(shown, &reply));
            if !same {
                answer.latest.set(Some(reply));
            }
            if kept_version == version {
                set_if_other(answer.failure, None);
                set_if_other(answer.current, true);
                return;
            }
        }
        set_if_other(answer.current, false);
        spawn_forever(async move {
            let sent = desk.timed(invoke::send_text::<C>(&text)).await;
            let wanted = turn.try_read().is_ok_and(|turn| *turn == mine);
            let reply = match sent {
                Ok(unread) if wanted => unread.read(),
                // Nobody looks at the reply to a question that was changed meanwhile, as every frame does while a grid
                // is scrolled: it is not even read.
                Ok(_) => return,
                Err(failure) => Err(failure),
            };
            match reply {
                Ok(reply) => {
                    let reply = Rc::new(reply);
                    answers.write().put::<C>(text, version, reply.clone());
                    answer.latest.set(Some(reply));
                    set_if_other(answer.failure, None);
                    set_if_other(answer.current, true);
                }
                Err(failure) if failure.code == Code::Locked => desk.take_session(Ok(Session::Locked)),
                Err(failure) if wanted => set_if_other(answer.failure, Some(failure)),
                Err(_) => {}
            }
        });
    });
    answer
}

/// Asks the engine ahead of time, so that a page likely to be opened next is there at once.
pub(crate) async fn prefetch<C: Call>(desk: Desk, call: &C) {
    let Ok(text) = invoke::text_of(call) else { return };
    let version = *desk.version.peek();
    let mut answers = desk.answers;
    let fresh = answers.write().get::<C>(&text).is_some_and(|(kept, _)| kept == version);
    if fresh {
        return;
    }
    // A failure is heard when the page itself asks.
    if let Ok(reply) = invoke::send_text::<C>(&text).await.and_then(invoke::Unread::read) {
        answers.write().put::<C>(text, version, Rc::new(reply));
    }
}

fn set_if_other<T: PartialEq + 'static>(mut signal: Signal<T>, value: T) {
    // The page that asked may be gone by now.
    if signal.try_peek().is_ok_and(|shown| *shown != value) {
        signal.set(value);
    }
}
