//! The one way from a page to the engine: a typed call goes out as JSON, its reply comes back as JSON bytes.
//!
//! Jobs are calls with a channel beside them, on which the shell reports progress.

use std::marker::PhantomData;

use apex_wire::{Call, Code, Failure, job::Progress};
use js_sys::{Array, ArrayBuffer, Function, JSON, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// Sends a call and waits for its reply.
pub(crate) async fn invoke<C: Call>(call: &C) -> Result<C::Reply, Failure> {
    reply::<C>(send(C::NAME, &text_of(call)?, None).await?)
}

/// A reply as it came, not read yet: reading a long one takes longer than its way here.
pub(crate) struct Unread<C>(JsValue, PhantomData<C>);

impl<C: Call> Unread<C> {
    /// Reads the reply.
    pub(crate) fn read(self) -> Result<C::Reply, Failure> {
        reply::<C>(self.0)
    }
}

/// Sends a call that is already JSON text, which the caller used as the key of its reply.
pub(crate) async fn send_text<C: Call>(text: &str) -> Result<Unread<C>, Failure> {
    Ok(Unread(send(C::NAME, text, None).await?, PhantomData))
}

/// Sends a call that runs as a job, and hands every progress to `on_progress` until it ends.
pub(crate) async fn invoke_job<C: Call>(
    call: &C,
    mut on_progress: impl FnMut(Progress) + 'static,
) -> Result<C::Reply, Failure> {
    let heard = Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
        if let Some(progress) = json_text(&message).and_then(|text| serde_json::from_str(&text).ok()) {
            on_progress(progress);
        }
    });
    let channel = core("Channel")
        .and_then(|channel| Reflect::construct(&channel, &Array::of1(heard.as_ref())).ok())
        .ok_or_else(no_shell)?;
    let answer = send(C::NAME, &text_of(call)?, Some(channel)).await;
    drop(heard);
    reply::<C>(answer?)
}

/// Returns the JSON text of a call.
pub(crate) fn text_of<C: Call>(call: &C) -> Result<String, Failure> {
    serde_json::to_string(call).map_err(|err| defect(format!("{} cannot be sent: {err}", C::NAME)))
}

async fn send(name: &str, ask: &str, channel: Option<JsValue>) -> Result<JsValue, Failure> {
    let invoke = core("invoke").ok_or_else(no_shell)?;
    let arguments = Object::new();
    let ask = JSON::parse(ask).map_err(|_| defect(format!("{name} is not JSON")))?;
    set(&arguments, "ask", &ask);
    if let Some(channel) = channel {
        set(&arguments, "progress", &channel);
    }
    let promise: Promise = invoke
        .call2(&JsValue::NULL, &JsValue::from_str(name), &arguments)
        .map_err(|err| failure_of(&err))?
        .unchecked_into();
    JsFuture::from(promise).await.map_err(|err| failure_of(&err))
}

fn reply<C: Call>(answer: JsValue) -> Result<C::Reply, Failure> {
    let read = if answer.is_instance_of::<ArrayBuffer>() {
        serde_json::from_slice(&Uint8Array::new(&answer).to_vec())
    } else {
        serde_json::from_str(&json_text(&answer).unwrap_or_default())
    };
    read.map_err(|err| defect(format!("the reply of {} cannot be read: {err}", C::NAME)))
}

fn core(member: &str) -> Option<Function> {
    let window = web_sys::window()?;
    let tauri = Reflect::get(&window, &"__TAURI__".into())
        .ok()
        .filter(|value| value.is_object())?;
    let core = Reflect::get(&tauri, &"core".into())
        .ok()
        .filter(|value| value.is_object())?;
    Reflect::get(&core, &member.into()).ok()?.dyn_into().ok()
}

fn set(object: &Object, key: &str, value: &JsValue) {
    // A plain object takes every property, so there is nothing to hear from this.
    let _ = Reflect::set(object, &key.into(), value);
}

fn json_text(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.as_string()
}

fn failure_of(err: &JsValue) -> Failure {
    json_text(err)
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| {
            let words = err
                .as_string()
                .or_else(|| json_text(err))
                .unwrap_or_else(|| "no reason was given".to_owned());
            defect(words)
        })
}

fn no_shell() -> Failure {
    Failure::new(
        Code::Unavailable,
        "these pages need the Apex window; start the desktop program",
    )
}

fn defect(sentence: String) -> Failure {
    Failure::new(Code::Internal, sentence)
}
