//! The few things asked of the browser itself: focus, scrolling, the clipboard, the color scheme, time measured.

use apex_domain::Timestamp;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement};

/// Returns milliseconds since the page began to load.
pub(crate) fn now_ms() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

/// Returns the instant by the window's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(js_sys::Date::now() as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the time of an instant where the person is: `14:05:09`.
pub(crate) fn local_time(at: Timestamp) -> String {
    let local = js_sys::Date::new(&(at.as_millisecond() as f64).into());
    format!(
        "{:02}:{:02}:{:02}",
        local.get_hours(),
        local.get_minutes(),
        local.get_seconds()
    )
}

/// Returns the time of an instant where the person is, with its day where that is not today: `2026-03-13 14:05`.
pub(crate) fn local_moment(at: Timestamp) -> String {
    let local = js_sys::Date::new(&(at.as_millisecond() as f64).into());
    let today = js_sys::Date::new_0();
    let day = |date: &js_sys::Date| (date.get_full_year(), date.get_month(), date.get_date());
    if day(&local) == day(&today) {
        return local_time(at);
    }
    let (year, month, date) = day(&local);
    format!(
        "{year:04}-{:02}-{date:02} {:02}:{:02}",
        month + 1,
        local.get_hours(),
        local.get_minutes()
    )
}

/// Returns the first element that matches a selector.
pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    web_sys::window()?
        .document()?
        .query_selector(selector)
        .ok()??
        .dyn_into()
        .ok()
}

/// Gives the keyboard to the first element that matches a selector, and says whether there was one.
pub(crate) fn focus(selector: &str) -> bool {
    find(selector).is_some_and(|element| {
        let taken = element.focus().is_ok();
        if let Some(input) = element.dyn_ref::<web_sys::HtmlInputElement>() {
            input.select();
        }
        taken
    })
}

/// Scrolls the first element that matches a selector into view.
pub(crate) fn scroll_to(selector: &str) {
    if let Some(element) = find(selector) {
        // At the lower edge: the upper one is covered by the heads of tables.
        element.scroll_into_view_with_bool(false);
    }
}

/// Takes the keyboard from whatever has it.
pub(crate) fn blur() {
    if let Some(element) = active() {
        let _ = element.blur();
    }
}

/// Returns the element that has the keyboard.
pub(crate) fn active() -> Option<HtmlElement> {
    web_sys::window()?.document()?.active_element()?.dyn_into().ok()
}

/// Returns whether the person is typing into a field.
pub(crate) fn is_typing() -> bool {
    active().is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Returns the value of an attribute of the nearest ancestor that has it.
pub(crate) fn attribute_above(target: Option<web_sys::EventTarget>, name: &str) -> Option<String> {
    let element: Element = target?.dyn_into().ok()?;
    element.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}

/// Sets an attribute of the document's root, such as the theme.
pub(crate) fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = web_sys::window().and_then(|window| window.document()?.document_element()) {
        // The name is a literal of ours, so it is accepted.
        let _ = root.set_attribute(name, value);
    }
}

/// Returns an attribute of the document's root, and takes it away.
pub(crate) fn take_root_attribute(name: &str) -> Option<String> {
    let root = web_sys::window()?.document()?.document_element()?;
    let value = root.get_attribute(name)?;
    // The name is a literal of ours, so it is accepted.
    let _ = root.remove_attribute(name);
    Some(value)
}

/// Returns whether the system asks for a dark window.
pub(crate) fn system_is_dark() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?)
        .is_some_and(|query| query.matches())
}

/// Removes what the page showed before the program was loaded.
pub(crate) fn remove(selector: &str) {
    if let Some(element) = find(selector) {
        element.remove();
    }
}

/// Copies text to the clipboard.
pub(crate) async fn copy(text: &str) -> Result<(), ()> {
    let clipboard = web_sys::window().ok_or(())?.navigator().clipboard();
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text))
        .await
        .map(|_| ())
        .map_err(|_| ())
}

/// Runs `then` before the next frame but one is painted, when what is drawn now is on screen.
pub(crate) fn after_paint(then: impl FnOnce() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let second = Closure::once_into_js(then);
    let first = Closure::once_into_js(move || {
        if let Some(window) = web_sys::window() {
            let _ = window.request_animation_frame(second.unchecked_ref());
        }
    });
    let _ = window.request_animation_frame(first.unchecked_ref());
}

/// Returns the bytes of a chosen file in base64; none where it cannot be read.
pub(crate) async fn base64_of(file: &web_sys::File) -> Option<String> {
    let bytes = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await.ok()?;
    Some(base64(&js_sys::Uint8Array::new(&bytes).to_vec()))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Offers a file of text to be saved.
pub(crate) fn save_text(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/csv");
    let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options) else {
        return;
    };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    save_address(name, &address);
    // The download has its own hold on the blob, so the address may go.
    let _ = web_sys::Url::revoke_object_url(&address);
}

/// Offers what an address holds to be saved as a file.
pub(crate) fn save_address(name: &str, address: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let Ok(element) = document.create_element("a") else {
        return;
    };
    if let Ok(anchor) = element.dyn_into::<web_sys::HtmlAnchorElement>() {
        anchor.set_href(address);
        anchor.set_download(name);
        anchor.click();
    }
}
