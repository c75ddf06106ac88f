//! A chart on a canvas of the page: one component for every kind of chart.
//!
//! egui lays the chart out and apex-charts paints it into pixels, which the canvas shows. It draws only when its data,
//! the theme, a linked crosshair or the person's hand asks for it, on the next frame of the page. The canvas carries
//! what the crosshair shows in `data-readout`, for tests and for screen readers.

mod hands;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use apex_charts::{ChartView, Status, ThemeName};
use apex_wire::chart::ChartData;
use dioxus::{prelude::*, web::WebEventExt};
use egui::{Event, RawInput, Vec2, vec2};
use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use wasm_bindgen::{Clamped, JsCast, JsValue, closure::Closure};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::browser;

/// Finds charts that have not shown their data yet.
pub(crate) const NOT_DRAWN: &str = ".chart-canvas:not([data-drawn])";

/// What charts over the same stretch of time share beside their crosshair.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct ChartLink {
    /// The stretch that hands chose; all of it where none.
    pub(crate) view: Signal<Option<(f64, f64)>>,
    /// All of the stretch.
    pub(crate) extent: ReadSignal<Option<(f64, f64)>>,
    /// Points kept for names at the right.
    pub(crate) gutter: f32,
}

/// A chart between its frames: what hands did since the last one, and where the next one goes.
struct Chart {
    view: RefCell<ChartView>,
    size: Cell<Vec2>,
    events: RefCell<Vec<Event>>,
    canvas: RefCell<Option<(HtmlCanvasElement, CanvasRenderingContext2d)>>,
    asks: RefCell<mpsc::Sender<()>>,
    asked: RefCell<Option<mpsc::Receiver<()>>>,
}

impl Chart {
    fn new(theme: ThemeName) -> Rc<Self> {
        // One ask waits at most: a frame answers all that came before it.
        let (asks, asked) = mpsc::channel(0);
        Rc::new(Self {
            view: RefCell::new(ChartView::new(vec2(1.0, 1.0), 1.0, theme)),
            size: Cell::default(),
            events: RefCell::default(),
            canvas: RefCell::default(),
            asks: RefCell::new(asks),
            asked: RefCell::new(Some(asked)),
        })
    }

    /// Asks for a frame.
    fn ask(&self) {
        // A full channel holds an ask already.
        let _ = self.asks.borrow_mut().try_send(());
    }

    fn hear(&self, events: impl IntoIterator<Item = Event>) {
        self.events.borrow_mut().extend(events);
        self.ask();
    }

    /// Takes the canvas, whose pixels are painted here and not by a graphics device.
    fn hang(&self, canvas: HtmlCanvasElement) {
        let options = js_sys::Object::new();
        // Setting a key of an object of our own cannot fail.
        let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
        let context = canvas.get_context_with_context_options("2d", &options).ok().flatten();
        let context = context.and_then(|context| context.dyn_into().ok());
        *self.canvas.borrow_mut() = context.map(|context| (canvas, context));
        self.ask();
    }

    /// Lays out a frame, paints it and shows it on the canvas. Returns when the chart wants the next one by itself.
    fn draw(&self, data: &ChartData) -> Option<Duration> {
        let canvas = self.canvas.borrow();
        let (canvas, context) = canvas.as_ref()?;
        let size = self.size.get();
        if size.x < 2.0 || size.y < 2.0 {
            return None;
        }
        let scale = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()) as f32;
        let mut view = self.view.borrow_mut();
        let input = RawInput {
            events: self.events.take(),
            time: Some(browser::now_ms() / 1e3),
            ..Default::default()
        };
        if view.set_size(size, scale) {
            // The axes are measured in one frame and stand on that measure in the next.
            view.frame(data, RawInput::default());
        }
        let frame = view.frame(data, input);
        let image = view.paint(&frame);
        let [width, height] = image.size.map(|length| length as u32);
        if (canvas.width(), canvas.height()) != (width, height) {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        let pixels = Clamped(image.rgba());
        if let Ok(pixels) = ImageData::new_with_u8_clamped_array_and_sh(pixels, width, height) {
            // Fails only for a canvas without pixels, which was left above.
            let _ = context.put_image_data(&pixels, 0.0, 0.0);
        }
        if view.state.status != Status::Loading {
            let _ = canvas.set_attribute("data-drawn", "true");
        }
        let readout = view.state.readout.as_ref().map_or_else(String::new, |readout| {
            let lines = readout.lines.iter().map(|line| format!("{} {}", line.name, line.text));
            std::iter::once(readout.key.clone())
                .chain(lines)
                .collect::<Vec<_>>()
                .join(" | ")
        });
        if canvas.get_attribute("data-readout").unwrap_or_default() != readout {
            let _ = canvas.set_attribute("data-readout", &readout);
        }
        Some(frame.repaint_after)
    }

    /// Returns the canvas as a PNG in a `data:` address.
    fn picture(&self) -> Option<String> {
        let canvas = self.canvas.borrow();
        canvas.as_ref()?.0.to_data_url_with_type("image/png").ok()
    }
}

/// A chart that fills its parent.
#[component]
pub(crate) fn ChartCanvas(
    /// What tests find the canvas by.
    name: String,
    /// The data; none while it is on its way.
    data: ReadSignal<Option<Rc<ChartData>>>,
    /// `light` or `dark`, as the page is.
    theme: ReadSignal<String>,
    /// Why the data did not come.
    #[props(default)]
    failure: ReadSignal<Option<String>>,
    /// Where the crosshair of a group of charts stands; charts given the same signal are linked.
    cursor: Option<Signal<Option<f64>>>,
    /// Charts given the same link show the same stretch of time.
    #[props(default)]
    link: Option<ChartLink>,
    /// Counts how often a picture was asked for; each time, `onpicture` gets one.
    #[props(default)]
    picture_asks: ReadSignal<u32>,
    /// Takes the point that was clicked: its series and its place in it.
    #[props(default)]
    onpick: Option<EventHandler<(usize, usize)>>,
    /// Takes the chart as a PNG in a `data:` address.
    onpicture: Option<EventHandler<String>>,
) -> Element {
    let theme_name = move || match theme.read().as_str() {
        "dark" => ThemeName::Dark,
        _ => ThemeName::Light,
    };
    let chart = use_hook(|| Chart::new(theme_name()));

    let changed = chart.clone();
    use_effect(move || {
        let status = match (&*data.read(), &*failure.read()) {
            (_, Some(why)) => Status::Failed(why.clone()),
            (None, None) => Status::Loading,
            (Some(_), None) => Status::Ready,
        };
        let mut view = changed.view.borrow_mut();
        view.set_theme(theme_name());
        view.state.status = status;
        view.state.linked = cursor.and_then(|cursor| *cursor.read());
        if let Some(link) = link {
            view.state.view = *link.view.read();
            view.state.extent = *link.extent.read();
            view.state.gutter = Some(link.gutter);
        }
        changed.ask();
    });
    let asked = chart.clone();
    use_effect(move || {
        if *picture_asks.read() > 0
            && let (Some(onpicture), Some(picture)) = (onpicture, asked.picture())
        {
            onpicture.call(picture);
        }
    });
    let drawn = chart.clone();
    use_future(move || draw_when_asked(drawn.clone(), data, cursor, link, onpick));

    let title = data
        .read()
        .as_ref()
        .map_or_else(|| "Chart".to_owned(), |data| data.title().to_owned());
    let hung = chart.clone();
    let resized = chart.clone();
    let hands = move |act: fn(&Chart, &web_sys::Event)| {
        let chart = chart.clone();
        move |event: &web_sys::Event| act(&chart, event)
    };
    let (moved, pressed, released) = (hands(hands::moved), hands(hands::pressed), hands(hands::released));
    let (left, cancelled, turned) = (hands(hands::left), hands(hands::left), hands(hands::turned));
    let (typed, blurred) = (hands(hands::typed), hands(hands::blurred));
    rsx! {
        canvas {
            class: "chart-canvas",
            "data-testid": "{name}",
            role: "img",
            aria_label: "{title}",
            tabindex: "0",
            onmounted: move |event| {
                if let Ok(canvas) = event.as_web_event().dyn_into() {
                    hung.hang(canvas);
                }
            },
            onresize: move |event| {
                if let Ok(size) = event.get_content_box_size() {
                    resized.size.set(vec2(size.width as f32, size.height as f32));
                    resized.ask();
                }
            },
            onpointermove: move |event| moved(&event.as_web_event()),
            onpointerdown: move |event| pressed(&event.as_web_event()),
            onpointerup: move |event| released(&event.as_web_event()),
            onpointerleave: move |event| left(&event.as_web_event()),
            onpointercancel: move |event| cancelled(&event.as_web_event()),
            oncontextmenu: move |event| event.prevent_default(),
            onwheel: move |event| turned(&event.as_web_event()),
            onkeydown: move |event| typed(&event.as_web_event()),
            onblur: move |event| blurred(&event.as_web_event()),
        }
    }
}

/// Draws a frame for every ask, and tells linked charts where the crosshair went.
async fn draw_when_asked(
    chart: Rc<Chart>,
    data: ReadSignal<Option<Rc<ChartData>>>,
    cursor: Option<Signal<Option<f64>>>,
    link: Option<ChartLink>,
    onpick: Option<EventHandler<(usize, usize)>>,
) {
    let Some(mut asked) = chart.asked.take() else { return };
    let waiting = Rc::new(nothing());
    let mut shown: Option<Rc<ChartData>> = None;
    let mut told = None;
    while asked.next().await.is_some() {
        next_frame().await;
        // The old data stays as the frame of a chart that loads or failed.
        if let Some(data) = data.peek().clone() {
            shown = Some(data);
        }
        let Some(repaint_after) = chart.draw(shown.as_ref().unwrap_or(&waiting)) else {
            continue;
        };
        let picked = chart.view.borrow_mut().state.picked.take();
        if let (Some(picked), Some(onpick)) = (picked, onpick) {
            onpick.call(picked);
        }
        let at = chart.view.borrow().state.cursor;
        if told != at {
            told = at;
            if let Some(mut cursor) = cursor {
                cursor.set(at);
            }
        }
        let shows = chart.view.borrow().state.view;
        if let Some(mut link) = link
            && *link.view.peek() != shows
        {
            link.view.set(shows);
        }
        if repaint_after.is_zero() {
            chart.ask();
        } else if let Ok(millis) = u32::try_from(repaint_after.as_millis()) {
            let chart = chart.clone();
            gloo_timers::callback::Timeout::new(millis, move || chart.ask()).forget();
        }
    }
}

/// Waits for the page's next frame.
async fn next_frame() {
    let (sender, frame) = oneshot::channel::<()>();
    let call = Closure::once_into_js(move || {
        // The chart may have left the page meanwhile.
        let _ = sender.send(());
    });
    if let Some(window) = web_sys::window()
        && window.request_animation_frame(call.unchecked_ref()).is_ok()
    {
        let _ = frame.await;
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
