//! A chart on a canvas of the page: one component for every kind of chart.
//!
//! Each visible chart is an eframe runner on its own canvas. It starts when the chart is on the page and draws only when
//! its data, the theme, a linked crosshair or the person's hand asks for it. A canvas whose chart left the page waits for
//! the next one: drawing buffers are dear, a window may hold few of them, and a page with charts opens at once. The
//! canvas carries what the crosshair shows in `data-readout`, for tests and for screen readers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use apex_charts::{ChartState, Status, ThemeName, chart_ui, theme};
use apex_wire::chart::ChartData;
use dioxus::prelude::*;
use eframe::{WebOptions, WebRunner};
use futures::channel::mpsc::UnboundedSender;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlCanvasElement;

/// The most canvases that wait for a chart: as many as the page with the most charts shows.
const IDLE_MAX: usize = 4;

thread_local! {
    /// Canvases with a running chart that are on no page now.
    static IDLE: RefCell<Vec<Rc<Shared>>> = const { RefCell::new(Vec::new()) };
}

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
    /// Takes the news of the chart to the component it belongs to now.
    news: RefCell<Option<UnboundedSender<News>>>,
    /// Whether the runner has started; one whose chart left the page while it was starting never will.
    started: Cell<bool>,
    /// Whether the chart belongs to another component than at its last frame.
    fresh: Cell<bool>,
    gone: Cell<bool>,
}

impl Shared {
    fn repaint(&self) {
        if let Some(context) = self.context.borrow().as_ref() {
            context.request_repaint();
        }
    }

    /// Returns a canvas that waits, with nothing left of the chart it showed, or a new one.
    fn take() -> Rc<Self> {
        let Some(idle) = IDLE.with_borrow_mut(Vec::pop) else {
            return Rc::default();
        };
        idle.data.replace(None);
        idle.status.replace(Status::Loading);
        idle.linked.set(None);
        idle.zoomed.set(false);
        idle.picture_wanted.set(false);
        idle.fresh.set(true);
        idle.gone.set(false);
        idle
    }

    /// Takes the canvas off the page and lets it wait, or ends its chart where enough of them wait.
    fn put(shared: Rc<Self>) {
        shared.gone.set(true);
        shared.news.replace(None);
        let canvas = shared.canvas.borrow().clone();
        if let Some(canvas) = &canvas {
            canvas.remove();
        }
        if shared.started.get() && IDLE.with_borrow(Vec::len) < IDLE_MAX {
            shared.data.replace(None);
            IDLE.with_borrow_mut(|idle| idle.push(shared));
            return;
        }
        shared.context.replace(None);
        if let Some(runner) = shared.runner.take() {
            runner.destroy();
        }
        if let Some(canvas) = canvas {
            release(&canvas);
        }
    }

    fn describe(&self, attribute: &str, words: &str) {
        if let Some(canvas) = &*self.canvas.borrow() {
            // The names are literals of ours, so they are accepted.
            let _ = canvas.set_attribute(attribute, words);
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
    let shared = use_hook(Shared::take);

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
    use_drop(move || Shared::put(mail));

    let title = data
        .read()
        .as_ref()
        .map_or_else(|| "Chart".to_owned(), |data| data.title().to_owned());
    shared.describe("aria-label", &title);
    let mail = shared.clone();
    rsx! {
        div {
            class: "chart-canvas",
            style: "height:{height}px",
            onmounted: move |event| {
                let host = event.data().downcast::<web_sys::Element>().cloned();
                if let Some(canvas) = host.and_then(|host| hang(&host, &mail)) {
                    let _ = canvas.set_attribute("data-testid", &name);
                    let _ = canvas.set_attribute("aria-label", &title);
                    start(canvas, mail.clone(), cursor, onpicture);
                }
            },
        }
    }
}

/// Puts the canvas into its place on the page, a new one where there is none.
fn hang(host: &web_sys::Element, shared: &Shared) -> Option<HtmlCanvasElement> {
    let waiting = shared.canvas.borrow().clone();
    let canvas = match waiting {
        Some(canvas) => canvas,
        None => {
            let made: HtmlCanvasElement = host.owner_document()?.create_element("canvas").ok()?.dyn_into().ok()?;
            made.set_attribute("style", "display:block;width:100%;height:100%")
                .ok()?;
            made.set_attribute("role", "img").ok()?;
            shared.canvas.replace(Some(made.clone()));
            made
        }
    };
    host.append_child(&canvas).ok()?;
    Some(canvas)
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
        if shared.gone.get() {
            return;
        }
        let (sender, mut receiver) = futures::channel::mpsc::unbounded();
        shared.news.replace(Some(sender));
        if shared.started.get() {
            shared.repaint();
        } else if !run(&canvas, &shared).await {
            // Without WebGL the table of the page remains; the canvas says so where its crosshair would.
            let _ = canvas.set_attribute("data-failure", "the browser offers no WebGL canvas");
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

/// Starts a chart on a canvas, and says whether it runs.
async fn run(canvas: &HtmlCanvasElement, shared: &Rc<Shared>) -> bool {
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
        }))
    });
    runner
        .start(canvas.clone(), options(shared.clone(), canvas.clone()), create)
        .await
        .inspect(|()| shared.started.set(true))
        .is_ok()
}

/// What a chart tells the page.
enum News {
    Cursor(Option<f64>),
    Picture(String),
}

/// Keeps the keys and the wheel turns that a chart has a use for, and leaves all others to the page.
fn options(shared: Rc<Shared>, canvas: HtmlCanvasElement) -> WebOptions {
    let ours = Rc::new(move |event: &egui::Event| match event {
        // A chart hears the keys of the whole page; only those typed into it are its own.
        egui::Event::Key { .. } if !has_keyboard(&canvas) => false,
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

fn has_keyboard(canvas: &HtmlCanvasElement) -> bool {
    let active = web_sys::window().and_then(|window| window.document()?.active_element());
    active.is_some_and(|active| &active == canvas.as_ref() as &web_sys::Element)
}

/// The chart as eframe runs it.
struct ChartApp {
    canvas: HtmlCanvasElement,
    shared: Rc<Shared>,
    state: ChartState,
    readout: String,
    told: Option<f64>,
}

impl eframe::App for ChartApp {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        // A canvas that waits has no size, and nothing can be laid out in it.
        if ui.available_width() < 2.0 || ui.available_height() < 2.0 {
            return;
        }
        if self.shared.fresh.replace(false) {
            self.state = ChartState::default();
            self.told = None;
        }
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
    fn send(&self, news: News) {
        if let Some(sender) = &*self.shared.news.borrow() {
            // A page that is gone listens no more.
            let _ = sender.unbounded_send(news);
        }
    }

    /// Tells the page what changed: the crosshair, its words, and the picture that was asked for.
    fn tell(&mut self) {
        if self.told != self.state.cursor {
            self.told = self.state.cursor;
            self.send(News::Cursor(self.told));
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
            let (canvas, sender) = (self.canvas.clone(), self.shared.news.borrow().clone());
            // Runs right after this frame is painted and before the browser takes the drawing buffer away.
            wasm_bindgen_futures::spawn_local(async move {
                if let (Ok(address), Some(sender)) = (canvas.to_data_url_with_type("image/png"), sender) {
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
