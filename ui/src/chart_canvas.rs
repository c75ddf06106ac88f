//! A chart on a canvas of the page: one component for every kind of chart.
//!
//! Each visible chart is an eframe runner on its own canvas. It starts when the canvas is on the page, ends with it,
//! and draws only when its data, the theme, a linked crosshair or the person's hand asks for it. The canvas carries
//! what the crosshair shows in `data-readout`, for tests and for screen readers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use apex_charts::{ChartState, Status, ThemeName, chart_ui, theme};
use apex_wire::chart::ChartData;
use dioxus::prelude::*;
use eframe::{WebOptions, WebRunner};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlCanvasElement;

/// What the page and the running chart share. The chart lives outside the page's reactivity, so this is its mail box.
#[derive(Default)]
struct Shared {
    data: RefCell<Option<Rc<ChartData>>>,
    status: RefCell<Status>,
    theme: Cell<ThemeName>,
    theme_applied: Cell<Option<ThemeName>>,
    linked: Cell<Option<f64>>,
    zoomed: Cell<bool>,
    picture_wanted: Cell<bool>,
    context: RefCell<Option<egui::Context>>,
    runner: RefCell<Option<WebRunner>>,
    canvas: RefCell<Option<HtmlCanvasElement>>,
    gone: Cell<bool>,
}

impl Shared {
    fn repaint(&self) {
        if let Some(context) = self.context.borrow().as_ref() {
            context.request_repaint();
        }
    }
}

/// A chart as wide as its parent and `height` pixels high.
#[component]
pub(crate) fn ChartCanvas(
    /// What tests find the canvas by.
    name: String,
    /// The data; none while it is on its way.
    data: ReadSignal<Option<Rc<ChartData>>>,
    /// `light` or `dark`, as the page is.
    theme: ReadSignal<String>,
    /// Pixels from top to bottom, the same in every state, so nothing jumps.
    #[props(default = 240)]
    height: u32,
    /// Why the data did not come.
    #[props(default)]
    failure: ReadSignal<Option<String>>,
    /// Where the crosshair of a group of charts stands; charts given the same signal are linked.
    cursor: Option<Signal<Option<f64>>>,
    /// Counts how often a picture was asked for; each time, `onpicture` gets one.
    #[props(default)]
    picture_asks: ReadSignal<u32>,
    /// Takes the chart as a PNG in a `data:` address.
    onpicture: Option<EventHandler<String>>,
) -> Element {
    let shared = use_hook(|| Rc::new(Shared::default()));

    let mail = shared.clone();
    use_effect(move || {
        let status = match (&*data.read(), &*failure.read()) {
            (_, Some(why)) => Status::Failed(why.clone()),
            (None, None) => Status::Loading,
            (Some(_), None) => Status::Ready,
        };
        // The old data stays as the frame of a loading or failed chart.
        if let Some(data) = data.read().clone() {
            mail.data.replace(Some(data));
        }
        mail.status.replace(status);
        mail.repaint();
    });
    let mail = shared.clone();
    use_effect(move || {
        mail.theme.set(if theme.read().as_str() == "dark" {
            ThemeName::Dark
        } else {
            ThemeName::Light
        });
        mail.repaint();
    });
    let mail = shared.clone();
    use_effect(move || {
        if let Some(cursor) = cursor {
            mail.linked.set(*cursor.read());
            mail.repaint();
        }
    });
    let mail = shared.clone();
    use_effect(move || {
        if *picture_asks.read() > 0 {
            mail.picture_wanted.set(true);
            mail.repaint();
        }
    });
    let mail = shared.clone();
    use_drop(move || {
        mail.gone.set(true);
        mail.context.replace(None);
        if let Some(runner) = mail.runner.take() {
            runner.destroy();
        }
        if let Some(canvas) = mail.canvas.take() {
            release(&canvas);
        }
    });

    let title = data
        .read()
        .as_ref()
        .map_or_else(|| "Chart".to_owned(), |data| data.title().to_owned());
    let mail = shared.clone();
    rsx! {
        canvas {
            class: "chart-canvas",
            style: "display:block;width:100%;height:{height}px",
            role: "img",
            "aria-label": "{title}",
            "data-testid": "{name}",
            onmounted: move |event| {
                if let Some(canvas) = canvas_of(&event) {
                    start(canvas, mail.clone(), cursor, onpicture);
                }
            },
        }
    }
}

fn canvas_of(event: &MountedEvent) -> Option<HtmlCanvasElement> {
    event.data().downcast::<web_sys::Element>()?.clone().dyn_into().ok()
}

/// Gives the drawing buffers back at once. A window may hold few of them, and the browser frees a canvas that left the
/// page only when it next collects garbage.
fn release(canvas: &HtmlCanvasElement) {
    let lost = ["webgl2", "webgl"].into_iter().any(|kind| {
        canvas.get_context(kind).ok().flatten().is_some_and(|context| {
            let call = |target: &JsValue, name: &str, argument: &JsValue| {
                let function: js_sys::Function = js_sys::Reflect::get(target, &name.into()).ok()?.dyn_into().ok()?;
                function.call1(target, argument).ok().filter(|value| !value.is_null())
            };
            call(&context, "getExtension", &"WEBGL_lose_context".into())
                .and_then(|extension| call(&extension, "loseContext", &JsValue::UNDEFINED))
                .is_some()
        })
    });
    if lost {
        canvas.set_width(1);
        canvas.set_height(1);
    }
}

/// Starts the runner after the page's own paint, so that figures are on screen before charts cost anything.
fn start(
    canvas: HtmlCanvasElement,
    shared: Rc<Shared>,
    cursor: Option<Signal<Option<f64>>>,
    onpicture: Option<EventHandler<String>>,
) {
    // Inside the component's scope, so that signals and handlers may be used and the start ends with the component.
    spawn(async move {
        gloo_timers::future::TimeoutFuture::new(0).await;
        if shared.gone.get() || shared.runner.borrow().is_some() {
            return;
        }
        let (sender, mut receiver) = futures::channel::mpsc::unbounded();
        let runner = WebRunner::new();
        shared.runner.replace(Some(runner.clone()));
        let app_shared = shared.clone();
        let element = canvas.clone();
        let create: eframe::AppCreator<'static> = Box::new(move |creation| {
            app_shared.context.replace(Some(creation.egui_ctx.clone()));
            // Before the first frame, which would else be drawn in the other theme.
            let first_theme = app_shared.theme.get();
            theme::apply(&creation.egui_ctx, first_theme);
            app_shared.theme_applied.set(Some(first_theme));
            Ok(Box::new(ChartApp {
                canvas: element,
                shared: app_shared,
                state: ChartState::default(),
                readout: String::new(),
                told: None,
                sender,
            }))
        });
        let options = options(shared.clone());
        shared.canvas.replace(Some(canvas.clone()));
        if runner.start(canvas.clone(), options, create).await.is_err() {
            // Without WebGL the table of the page remains; the canvas says so where its crosshair would.
            let _ = canvas.set_attribute("data-failure", "the browser offers no WebGL canvas");
            return;
        }
        if shared.gone.get() {
            runner.destroy();
            release(&canvas);
            return;
        }
        use futures::StreamExt;
        while let Some(news) = receiver.next().await {
            match news {
                News::Cursor(at) => {
                    if let Some(mut cursor) = cursor {
                        cursor.set(at);
                    }
                }
                News::Picture(address) => {
                    if let Some(onpicture) = onpicture {
                        onpicture.call(address);
                    }
                }
            }
        }
    });
}

/// What a chart tells the page.
enum News {
    Cursor(Option<f64>),
    Picture(String),
}

/// Keeps the keys and the wheel turns that a chart has a use for, and leaves all others to the page.
fn options(shared: Rc<Shared>) -> WebOptions {
    let ours = Rc::new(move |event: &egui::Event| match event {
        egui::Event::Key { key, modifiers, .. } => {
            use egui::Key;
            let plain = !modifiers.ctrl && !modifiers.alt && !modifiers.command;
            let chart_keys = [Key::Plus, Key::Equals, Key::Minus, Key::Num0, Key::L, Key::C, Key::M];
            plain && (chart_keys.contains(key) || matches!(key, Key::ArrowLeft | Key::ArrowRight))
        }
        egui::Event::MouseWheel { modifiers, .. } => modifiers.ctrl || modifiers.command || shared.zoomed.get(),
        egui::Event::Text(_) | egui::Event::Copy | egui::Event::Cut | egui::Event::Paste(_) => false,
        _ => true,
    });
    let also_ours = ours.clone();
    WebOptions {
        should_stop_propagation: Box::new(move |event| ours(event)),
        should_prevent_default: Box::new(move |event| also_ours(event)),
        ..Default::default()
    }
}

/// The chart as eframe runs it.
struct ChartApp {
    canvas: HtmlCanvasElement,
    shared: Rc<Shared>,
    state: ChartState,
    readout: String,
    told: Option<f64>,
    sender: futures::channel::mpsc::UnboundedSender<News>,
}

impl eframe::App for ChartApp {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        let name = self.shared.theme.get();
        if self.shared.theme_applied.replace(Some(name)) != Some(name) {
            theme::apply(ui.ctx(), name);
            ui.ctx().request_repaint();
        }
        self.state.linked = self.shared.linked.get();
        self.state.status = self.shared.status.borrow().clone();
        let data = self.shared.data.borrow().clone();
        let data = data.unwrap_or_else(|| Rc::new(nothing()));
        egui::Frame::NONE
            .fill(theme::Theme::of(name).surface.color())
            .show(ui, |ui| chart_ui(ui, &data, &mut self.state));
        self.shared.zoomed.set(self.state.view.is_some());
        self.tell();
    }

    fn clear_color(&self, _: &egui::Visuals) -> [f32; 4] {
        theme::Theme::of(self.shared.theme.get())
            .surface
            .color()
            .to_normalized_gamma_f32()
    }
}

impl ChartApp {
    /// Tells the page what changed: the crosshair, its words, and the picture that was asked for.
    fn tell(&mut self) {
        if self.told != self.state.cursor {
            self.told = self.state.cursor;
            // A page that is gone listens no more.
            let _ = self.sender.unbounded_send(News::Cursor(self.told));
        }
        let readout = self.state.readout.as_ref().map_or_else(String::new, |readout| {
            let lines = readout.lines.iter().map(|line| format!("{} {}", line.name, line.text));
            std::iter::once(readout.key.clone())
                .chain(lines)
                .collect::<Vec<_>>()
                .join(" | ")
        });
        if readout != self.readout {
            let _ = self.canvas.set_attribute("data-readout", &readout);
            self.readout = readout;
        }
        if self.shared.picture_wanted.replace(false) {
            let (canvas, sender) = (self.canvas.clone(), self.sender.clone());
            // Runs right after this frame is painted and before the browser takes the drawing buffer away.
            wasm_bindgen_futures::spawn_local(async move {
                if let Ok(address) = canvas.to_data_url_with_type("image/png") {
                    let _ = sender.unbounded_send(News::Picture(address));
                }
            });
        }
    }
}

/// The frame of a chart whose data has not come yet.
fn nothing() -> ChartData {
    use apex_wire::chart::{Axis, LineData, Unit};
    ChartData::Line(LineData {
        title: String::new(),
        x: Axis::date(),
        y: Axis::new("", Unit::Number { decimals: 0 }),
        series: Vec::new(),
        marks: Vec::new(),
        ribbons: Vec::new(),
    })
}
