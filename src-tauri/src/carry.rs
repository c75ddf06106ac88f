//! Carries a call from the page to its use case and the reply back, as JSON bytes.
//!
//! Each call runs on a thread of its own from a pool, so a slow one holds up neither the window nor the others.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use apex_app::Job;
use apex_wire::{
    Call, Code, Failure,
    job::{JobId, Progress},
};
use serde_json::Value;
use tauri::ipc::{Channel, Invoke, InvokeBody, InvokeError, InvokeResponseBody, JavaScriptChannelId};

use crate::{calls, desk::Desk};

/// Progress is sent at most this often: more is not seen, and would keep the page from its work.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// A call as it came from the page.
pub(crate) struct Carried {
    /// Name of the call.
    pub(crate) name: String,
    ask: Value,
    progress: Option<Channel<Progress>>,
}

/// Takes an invocation. Names that are no call of ours are left to Tauri.
pub(crate) fn carry(desk: &Arc<Desk>, invoke: Invoke<tauri::Wry>) -> bool {
    let name = invoke.message.command().to_owned();
    let InvokeBody::Json(payload) = invoke.message.payload() else {
        return false;
    };
    let ask = payload.get("ask").cloned().unwrap_or(Value::Null);
    let progress = payload
        .get("progress")
        .and_then(Value::as_str)
        .and_then(|id| id.parse::<JavaScriptChannelId>().ok())
        .map(|id| id.channel_on(invoke.message.webview()));
    let carried = Carried { name, ask, progress };
    let desk = desk.clone();
    invoke.resolver.respond_async_serialized(async move {
        let answered = tauri::async_runtime::spawn_blocking(move || calls::answer(&desk, carried)).await;
        let answered = answered.unwrap_or_else(|err| Err(defect(format!("the call broke off: {err}"))));
        answered
            .map(InvokeResponseBody::Raw)
            .map_err(|failure| InvokeError(serde_json::to_value(&failure).unwrap_or(Value::String(failure.sentence))))
    });
    true
}

impl Carried {
    /// Answers a call of type `C`.
    pub(crate) fn answer<C: Call>(self, act: impl FnOnce(C) -> Result<C::Reply, Failure>) -> Result<Vec<u8>, Failure> {
        let reply = act(self.read()?)?;
        serde_json::to_vec(&reply).map_err(|err| defect(format!("the reply of {} cannot be sent: {err}", C::NAME)))
    }

    /// Answers a call that runs as a job: it reports to the page and can be cancelled by its id.
    pub(crate) fn answer_job<C: Call>(
        mut self,
        desk: &Desk,
        id: impl FnOnce(&C) -> &JobId,
        act: impl FnOnce(C, &Job) -> Result<C::Reply, Failure>,
    ) -> Result<Vec<u8>, Failure> {
        let progress = self.progress.take();
        self.answer(|ask: C| {
            let id = id(&ask).clone();
            let job = Job::new(reporter(progress));
            desk.app.start_job(id.clone(), job.clone());
            let reply = act(ask, &job);
            desk.app.end_job(&id, &job);
            reply
        })
    }

    /// Returns that there is no such call.
    pub(crate) fn unknown(self) -> Failure {
        Failure::new(Code::NotFound, format!("{} is no call of this version", self.name))
    }

    fn read<C: Call>(&self) -> Result<C, Failure> {
        C::deserialize(&self.ask)
            .map_err(|err| Failure::new(Code::Invalid, format!("{} cannot be read: {err}", C::NAME)))
    }
}

/// Sends progress at a bounded rate; the first of each step always goes out.
fn reporter(channel: Option<Channel<Progress>>) -> impl Fn(Progress) + Send + Sync + 'static {
    let last: Mutex<Option<(Instant, String)>> = Mutex::new(None);
    move |progress| {
        let Some(channel) = &channel else { return };
        let now = tick();
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last
            .as_ref()
            .is_none_or(|(sent, step)| *step != progress.step || now.duration_since(*sent) >= PROGRESS_EVERY);
        if due {
            *last = Some((now, progress.step.clone()));
            // A page that is gone needs no progress; the job itself goes on.
            let _ = channel.send(progress);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this shell owns the clock")]
fn tick() -> Instant {
    Instant::now()
}

fn defect(sentence: String) -> Failure {
    Failure::new(Code::Internal, sentence)
}
