//! What hands do on a canvas, as egui hears it. Keys and wheel turns that a chart has no use for stay with the page.

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, vec2};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

use super::Chart;

/// The keys that a chart takes for itself.
const KEYS: [Key; 9] = [
    Key::Plus,
    Key::Equals,
    Key::Minus,
    Key::Num0,
    Key::L,
    Key::C,
    Key::M,
    Key::ArrowLeft,
    Key::ArrowRight,
];

pub(super) fn moved(chart: &Chart, event: &web_sys::Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>() else {
        return;
    };
    chart.hear([
        Event::ModifiersChanged(modifiers(event)),
        Event::PointerMoved(position(event)),
    ]);
}

pub(super) fn pressed(chart: &Chart, event: &web_sys::Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>() else {
        return;
    };
    // A drag goes on where it leaves the canvas. A pointer that is gone already cannot be captured.
    if let Some(canvas) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
        let _ = canvas.set_pointer_capture(event.pointer_id());
    }
    button(chart, event, true);
}

pub(super) fn released(chart: &Chart, event: &web_sys::Event) {
    if let Some(event) = event.dyn_ref::<PointerEvent>() {
        button(chart, event, false);
    }
}

pub(super) fn left(chart: &Chart, _: &web_sys::Event) {
    chart.hear([Event::PointerGone]);
}

pub(super) fn turned(chart: &Chart, event: &web_sys::Event) {
    let Some(event) = event.dyn_ref::<WheelEvent>() else {
        return;
    };
    let zooms = event.ctrl_key() || event.meta_key();
    // A chart that shows everything has nowhere to scroll to, so the page scrolls.
    if !zooms && chart.view.borrow().state.view.is_none() {
        return;
    }
    event.prevent_default();
    chart.hear([Event::MouseWheel {
        unit: match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => MouseWheelUnit::Line,
            WheelEvent::DOM_DELTA_PAGE => MouseWheelUnit::Page,
            _ => MouseWheelUnit::Point,
        },
        delta: vec2(-event.delta_x() as f32, -event.delta_y() as f32),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: modifiers(event),
    }]);
}

pub(super) fn typed(chart: &Chart, event: &web_sys::Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
        return;
    };
    let Some(key) = Key::from_name(&event.key()) else {
        return;
    };
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    // Escape hides the crosshair and goes on to the page, which closes what is open.
    if KEYS.contains(&key) {
        event.prevent_default();
    } else if key != Key::Escape {
        return;
    }
    chart.hear([true, false].map(|pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    }));
}

pub(super) fn blurred(chart: &Chart, _: &web_sys::Event) {
    chart.view.borrow_mut().lose_keyboard();
    chart.ask();
}

fn button(chart: &Chart, event: &PointerEvent, pressed: bool) {
    let button = match event.button() {
        0 => PointerButton::Primary,
        1 => PointerButton::Middle,
        _ => return,
    };
    let (pos, modifiers) = (position(event), modifiers(event));
    chart.hear([
        Event::ModifiersChanged(modifiers),
        Event::PointerMoved(pos),
        Event::PointerButton {
            pos,
            button,
            pressed,
            modifiers,
        },
    ]);
}

fn position(event: &MouseEvent) -> Pos2 {
    Pos2::new(event.offset_x() as f32, event.offset_y() as f32)
}

fn modifiers(event: &MouseEvent) -> Modifiers {
    Modifiers {
        alt: event.alt_key(),
        ctrl: event.ctrl_key(),
        shift: event.shift_key(),
        mac_cmd: event.meta_key(),
        command: event.ctrl_key() || event.meta_key(),
    }
}
