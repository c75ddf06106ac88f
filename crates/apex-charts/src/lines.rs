//! Lines over time: net asset values, returns, drawdowns; filled to zero where an area says more.

use crate::decimate::{Run, decimate};
use crate::fan;
use crate::frame::{self, Layer, Marks, Reach};
use crate::labels::Labels;
use crate::state::{ChartState, Fingerprint, Geometry, GeometryKey, Readout, ReadoutLine, Scale, Status};
use crate::table;
use crate::theme::Theme;
use crate::unit::unit_text;
use apex_wire::chart::{Axis, LineData, LineSeries, Mark, Tone, Unit};
use egui::epaint::{Mesh, PathShape, PathStroke, Tessellator};
use egui::{Align2, Color32, Key, Pos2, Rect, Shape, Stroke, Ui, pos2};
use egui_plot::{PlotBounds, PlotTransform};
use std::cell::RefCell;

pub(crate) const LINE_WIDTH: f32 = 1.5;
/// Points that the name of the vertical axis takes at the top.
pub(crate) const AXIS_NAME_HEIGHT: f64 = 22.0;
/// What lines start at when they are compared.
const COMPARE_AT: f64 = 100.0;

#[derive(Clone, Copy, PartialEq)]
enum Fill {
    None,
    ToZero,
    Bands,
}

/// Draws lines.
pub fn line_chart_ui(ui: &mut Ui, data: &LineData, state: &mut ChartState) {
    lines_ui(ui, data, state, Fill::None);
}

/// Draws lines filled to zero.
pub fn area_chart_ui(ui: &mut Ui, data: &LineData, state: &mut ChartState) {
    lines_ui(ui, data, state, Fill::ToZero);
}

/// Draws quantiles as bands around their middle.
pub fn fan_chart_ui(ui: &mut Ui, data: &LineData, state: &mut ChartState) {
    lines_ui(ui, data, state, Fill::Bands);
}

fn lines_ui(ui: &mut Ui, data: &LineData, state: &mut ChartState, fill: Fill) {
    let theme = Theme::current(ui);
    let mut survey = Survey::of(data);
    survey.extent = state.extent.unwrap_or(survey.extent);
    refuse_what_cannot_be(data, &survey, state);
    let ready = state.status == Status::Ready;
    let view = state.view.unwrap_or(survey.extent);
    let factors = if state.comparing {
        compare_factors(data, view).unwrap_or_default()
    } else {
        Vec::new()
    };
    let drawing = Drawing {
        data,
        theme,
        fill,
        scale: state.scale,
        factors: &factors,
        view,
        ready,
    };
    let last_frame = state.cache.key.map(|key| key.frame);
    let height = last_frame.map_or(ui.available_height() - 24.0, |frame| frame.height());
    let (y_low, y_high) = drawing.value_bounds(f64::from(height.max(1.0)));
    let labels = Labels::measure(ui, &data.series, 2, state.gutter, last_frame.map(|frame| frame.width()));
    let right = view.1 + labels.gutter_share * (view.1 - view.0);
    let bounds = PlotBounds::from_min_max([view.0, y_low], [right, y_high]);

    let compared = Unit::Number { decimals: 0 };
    let y_unit = if state.comparing { &compared } else { &data.y.unit };
    let magnitude_max = view.0.abs().max(view.1.abs());
    let x_marks = match survey.empty {
        true => Marks::Categories {
            names: &[],
            room: 0.0,
            downwards: false,
        },
        false => Marks::Values {
            unit: &data.x.unit,
            scale: Scale::Linear,
            magnitude_max,
        },
    };
    let y_marks = Marks::Values {
        unit: y_unit,
        scale: state.scale,
        magnitude_max: y_low.abs().max(y_high.abs()),
    };
    let look = (ui.visuals().dark_mode, state.scale, state.comparing, state.marks_hidden);
    let cache = RefCell::new(std::mem::take(&mut state.cache));
    let marks_hidden = state.marks_hidden || !ready;
    let mut plot = frame::plot(ui, "lines", x_marks, y_marks);
    if labels.gutter > 0.0 && !survey.empty {
        // The labels' column is no stretch of time, so it has neither grid nor dates.
        plot = plot.x_grid_spacer(move |mut input| {
            input.bounds.1 = view.1;
            x_marks.place(input, frame::LABEL_GAP_X, (0.0, 0.0))
        });
    }
    let (drawing_ref, cache_ref) = (&drawing, &cache);
    let shown = plot.show(ui, move |plot_ui| {
        plot_ui.set_plot_bounds(bounds);
        if !marks_hidden {
            plot_ui.add(Layer::new(
                "ribbons",
                move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                    drawing_ref.ribbons(transform, shapes);
                },
            ));
        }
        plot_ui.add(Layer::new(
            "lines",
            move |ui: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                if drawing_ref.scale == Scale::Linear {
                    frame::zero_line(drawing_ref.theme, transform, shapes);
                }
                let (min, max) = (transform.bounds().min(), transform.bounds().max());
                let key = GeometryKey {
                    data: survey.fingerprint,
                    frame: *transform.frame(),
                    bounds: (min, max),
                    pixels_per_point: ui.ctx().pixels_per_point(),
                    look,
                };
                let mut cache = cache_ref.borrow_mut();
                if cache.key != Some(key) {
                    drawing_ref.build(ui, transform, &mut cache);
                    cache.key = Some(key);
                }
                shapes.extend_from_slice(&cache.shapes);
            },
        ));
        if !marks_hidden {
            plot_ui.add(Layer::new(
                "marks",
                move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                    drawing_ref.marks(transform, shapes);
                },
            ));
        }
    });
    state.cache = cache.into_inner();

    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    labels.paint(ui, &data.series, theme, plot_frame, &state.cache.ends);
    let y_axis = Axis::new(drawing.axis_label(), y_unit.clone());
    frame::axis_titles(
        &ui.painter_at(plot_frame),
        theme,
        plot_frame,
        // The crosshair says in which zone times are.
        (!matches!(data.x.unit, Unit::Instants { .. })).then_some((&data.x, Align2::RIGHT_BOTTOM)),
        Some(&y_axis),
    );
    frame::words(&ui.painter_at(plot_frame), theme, plot_frame, survey.empty, state);
    if !ready || survey.empty {
        state.readout = None;
        return;
    }
    let reach = Reach {
        full: survey.extent,
        span_min: survey.span_min,
        view,
    };
    frame::hands(ui, &response, &transform, &reach, state);
    keys(ui, &response, data, view, state);
    frame::drag_shade(ui, theme, plot_frame, state);
    crosshair_ui(ui, &response, &transform, &drawing, state);
}

/// What one pass over all values finds out.
#[derive(Clone, Copy)]
struct Survey {
    fingerprint: u64,
    extent: (f64, f64),
    /// A few times the smallest usual distance of two points.
    span_min: f64,
    empty: bool,
}

impl Survey {
    fn of(data: &LineData) -> Self {
        let mut fingerprint = Fingerprint::new();
        let (mut low, mut high, mut longest, mut empty) = (f64::MAX, f64::MIN, 1, true);
        for series in &data.series {
            fingerprint.value(series.x.len() as f64);
            fingerprint.value(series.hue.map_or(-1.0, f64::from));
            for (x, y) in series.x.iter().zip(&series.y) {
                fingerprint.value(*x);
                fingerprint.option(*y);
                empty &= y.is_none();
            }
            longest = longest.max(series.x.len());
            if let (Some(first), Some(last)) = (series.x.first(), series.x.last()) {
                low = low.min(*first);
                high = high.max(*last);
            }
        }
        // A frame needs some extent even around a single point, or around none.
        let extent = match () {
            () if low > high || !(high - low).is_finite() => (0.0, 1.0),
            () if low == high => (low - 1.0, high + 1.0),
            () => (low, high),
        };
        let span_min = (extent.1 - extent.0) / longest as f64 * 4.0;
        Self {
            fingerprint: fingerprint.finish(),
            extent,
            span_min,
            empty,
        }
    }
}

/// Takes back a log scale or a comparison that the values do not allow, and says why.
fn refuse_what_cannot_be(data: &LineData, survey: &Survey, state: &mut ChartState) {
    if state.scale == Scale::Log
        && let Some((series, at, value)) = first_not_positive(data, survey.extent)
    {
        state.scale = Scale::Linear;
        state.notice = Some(format!(
            "A log scale needs values above zero; {} is {} on {}",
            series.name,
            unit_text(&data.y.unit, Some(value)),
            unit_text(&data.x.unit, Some(at)),
        ));
    }
    if state.comparing
        && let Err(why) = compare_factors(data, state.view.unwrap_or(survey.extent))
    {
        state.comparing = false;
        state.notice = Some(why);
    }
}

fn first_not_positive(data: &LineData, view: (f64, f64)) -> Option<(&LineSeries, f64, f64)> {
    data.series.iter().find_map(|series| {
        known(series, view)
            .find(|(_, value)| *value <= 0.0)
            .map(|(at, value)| (series, at, value))
    })
}

/// Returns the known points of a series within a view.
fn known(series: &LineSeries, view: (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
    let start = series.x.partition_point(|at| *at < view.0);
    let end = series.x.partition_point(|at| *at <= view.1);
    let points = series
        .x
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .zip(series.y.get(start..end).unwrap_or_default());
    points.filter_map(|(at, value)| Some((*at, value.filter(|value| value.is_finite())?)))
}

/// Returns what to multiply each line with, so that all read 100 at the first position where all are known.
fn compare_factors(data: &LineData, view: (f64, f64)) -> Result<Vec<f64>, String> {
    let mut base = view.0;
    for series in &data.series {
        if let Some((first, _)) = known(series, view).next() {
            base = base.max(first);
        }
    }
    data.series
        .iter()
        .map(|series| match known(series, (base, view.1)).next() {
            None => Ok(1.0),
            Some((_, value)) if value > 0.0 => Ok(COMPARE_AT / value),
            Some((at, value)) => Err(format!(
                "Comparing at 100 needs a start above zero; {} is {} on {}",
                series.name,
                unit_text(&data.y.unit, Some(value)),
                unit_text(&data.x.unit, Some(at)),
            )),
        })
        .collect()
}

/// All that drawing one frame needs.
struct Drawing<'a> {
    data: &'a LineData,
    theme: &'static Theme,
    fill: Fill,
    scale: Scale,
    factors: &'a [f64],
    view: (f64, f64),
    ready: bool,
}

impl Drawing<'_> {
    fn color(&self, index: usize) -> Color32 {
        series_color(self.theme, &self.data.series, index)
    }

    fn factor(&self, index: usize) -> f64 {
        self.factors.get(index).copied().unwrap_or(1.0)
    }

    /// Where a value of a series stands on the vertical axis of the plot.
    fn height(&self, index: usize, value: f64) -> f64 {
        let value = value * self.factor(index);
        if self.scale == Scale::Log { value.log10() } else { value }
    }

    fn axis_label(&self) -> String {
        let label = if self.factors.is_empty() {
            self.data.y.label.as_str()
        } else {
            "Index, all start at 100"
        };
        if self.scale == Scale::Log {
            format!("{label}, log")
        } else {
            label.to_owned()
        }
    }

    /// The stretch of values shown in a frame of `height` points.
    fn value_bounds(&self, height: f64) -> (f64, f64) {
        let (mut low, mut high) = (f64::MAX, f64::MIN);
        for (index, series) in self.data.series.iter().enumerate() {
            for (_, value) in known(series, self.view) {
                let value = self.height(index, value);
                low = low.min(value);
                high = high.max(value);
            }
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if self.fill == Fill::ToZero && self.scale == Scale::Linear {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        let span = match high - low {
            0.0 if high == 0.0 => 1.0,
            0.0 => high.abs() * 0.1,
            span => span,
        };
        // Room above for the name of the axis, however low the frame; below for the marks.
        let head = (AXIS_NAME_HEIGHT / height).clamp(0.1, 0.3);
        (low - span * 0.06, high + span * head / (1.0 - head))
    }

    fn build(&self, ui: &Ui, transform: &PlotTransform, cache: &mut Geometry) {
        cache.builds += 1;
        cache.shapes.clear();
        cache.ends.clear();
        if !self.ready {
            return;
        }
        let pixels_per_point = ui.ctx().pixels_per_point();
        // Columns as wide as the line: finer ones would be painted over each other.
        let columns = (transform.frame().width() * pixels_per_point / LINE_WIDTH)
            .ceil()
            .max(1.0) as usize;
        let options = ui.ctx().tessellation_options(|options| *options);
        let mut tessellator = Tessellator::new(pixels_per_point, options, [1, 1], Vec::new());
        if self.fill == Fill::Bands {
            self.bands(transform, columns, &mut cache.shapes);
        }
        for (index, series) in self.data.series.iter().enumerate() {
            let color = self.color(index);
            let is_bound = self.fill == Fill::Bands && fan::is_bound(self.data, index);
            let mut mesh = Mesh::default();
            let mut end = None;
            // The view ends before the labels begin, so the columns of the labels hold no points.
            let runs: Vec<Vec<Pos2>> = decimate(&series.x, &series.y, self.view, columns)
                .iter()
                .map(|run| self.on_screen(index, run, transform))
                .collect();
            // Areas over areas would be mud: the first is filled, the others are lines over it.
            if self.fill == Fill::ToZero && index == 0 {
                for run in &runs {
                    self.fill_mesh(run, transform, color, &mut mesh);
                }
            }
            for run in runs {
                end = run.last().copied().or(end);
                match run[..] {
                    [] => {}
                    _ if is_bound => {}
                    // A point between two gaps is a dot, not nothing.
                    [only] => tessellator.tessellate_shape(Shape::circle_filled(only, LINE_WIDTH, color), &mut mesh),
                    _ => {
                        let path = PathShape::line(run, PathStroke::new(LINE_WIDTH, color));
                        tessellator.tessellate_path(&path, &mut mesh);
                    }
                }
            }
            cache.ends.push(end);
            if !mesh.is_empty() {
                cache.shapes.push(Shape::mesh(mesh));
            }
        }
    }

    /// Fills the bands of a fan, the outermost first.
    fn bands(&self, transform: &PlotTransform, columns: usize, shapes: &mut Vec<Shape>) {
        for (low, high) in fan::pairs(self.data) {
            let series = (&self.data.series[low], &self.data.series[high]);
            let points: Vec<(f32, f32, f32)> = fan::steps(series.0, series.1, self.view, columns)
                .into_iter()
                .map(|(at, below, above)| {
                    let y = |index, value| transform.position_from_point_y(self.height(index, value));
                    (transform.position_from_point_x(at), y(low, below), y(high, above))
                })
                .collect();
            shapes.push(Shape::mesh(fan::band(&points, self.color(low))));
        }
    }

    fn on_screen(&self, index: usize, run: &Run, transform: &PlotTransform) -> Vec<Pos2> {
        run.iter()
            .map(|[at, value]| {
                pos2(
                    transform.position_from_point_x(*at),
                    transform.position_from_point_y(self.height(index, *value)),
                )
            })
            .collect()
    }

    fn fill_mesh(&self, run: &[Pos2], transform: &PlotTransform, color: Color32, mesh: &mut Mesh) {
        let frame = transform.frame();
        let base = match self.scale {
            Scale::Log => frame.bottom(),
            Scale::Linear => transform.position_from_point_y(0.0).clamp(frame.top(), frame.bottom()),
        };
        let soft = color.gamma_multiply(0.16);
        let first = mesh.vertices.len() as u32;
        for (step, point) in (0u32..).zip(run) {
            mesh.colored_vertex(*point, soft);
            mesh.colored_vertex(pos2(point.x, base), soft);
            if step > 0 {
                let corner = first + step * 2;
                mesh.add_triangle(corner - 2, corner - 1, corner);
                mesh.add_triangle(corner - 1, corner, corner + 1);
            }
        }
    }

    fn ribbons(&self, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
        let frame = transform.frame();
        for ribbon in &self.data.ribbons {
            let (left, right) = (
                transform.position_from_point_x(ribbon.from),
                transform.position_from_point_x(ribbon.until),
            );
            let band = Rect::from_x_y_ranges(left..=right, frame.y_range()).intersect(*frame);
            if band.is_positive() {
                shapes.push(Shape::rect_filled(band, 0.0, tone_soft(self.theme, ribbon.tone)));
            }
        }
    }

    fn marks(&self, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
        mark_shapes(&self.data.marks, self.view, self.theme, transform, shapes);
    }

    /// Returns the table's row at a position, with the words of the marks and ribbons there.
    fn readout(&self, at: f64, state: &ChartState, reach: f64) -> Readout {
        let unit = &self.data.y.unit;
        let values = table::values_at(self.data, at);
        let lines = self
            .data
            .series
            .iter()
            .zip(values)
            .enumerate()
            .map(|(index, (series, value))| {
                let mut text = String::from(unit_text(unit, value));
                if let (true, Some(value)) = (state.comparing, value) {
                    text = format!("{text} ({})", apex_format::fixed(value * self.factor(index), 1));
                }
                ReadoutLine {
                    name: series.name.clone(),
                    value,
                    text,
                    color: Some(self.color(index)),
                }
            });
        let mut notes = Vec::new();
        if !state.marks_hidden {
            let near = self.data.marks.iter().filter(|mark| (mark.x - at).abs() <= reach);
            notes.extend(near.take(4).map(|mark| mark.label.clone()));
            let here = self
                .data
                .ribbons
                .iter()
                .filter(|ribbon| (ribbon.from..=ribbon.until).contains(&at));
            notes.extend(here.map(|ribbon| ribbon.label.clone()));
        }
        Readout {
            key: unit_text(&self.data.x.unit, Some(at)).into(),
            lines: lines.collect(),
            notes,
        }
    }
}

fn crosshair_ui(
    ui: &Ui,
    response: &egui::Response,
    transform: &PlotTransform,
    drawing: &Drawing<'_>,
    state: &mut ChartState,
) {
    let pointer = response.hover_pos();
    let moved = ui.input(|input| input.pointer.is_moving() || input.pointer.any_pressed());
    if let Some(pointer) = pointer.filter(|_| moved || state.cursor.is_none()) {
        let at = transform
            .value_from_position(pointer)
            .x
            .clamp(drawing.view.0, drawing.view.1);
        state.cursor = table::snap(drawing.data, at);
    } else if pointer.is_none() && !response.has_focus() {
        state.cursor = None;
    }
    let linked = || state.linked.and_then(|at| table::snap(drawing.data, at));
    let at = state
        .cursor
        .or_else(linked)
        .filter(|at| (drawing.view.0..=drawing.view.1).contains(at));
    let Some(at) = at else {
        state.readout = None;
        return;
    };
    let reach = transform.dvalue_dpos()[0].abs() * 4.0;
    let readout = drawing.readout(at, state, reach);
    let frame = *transform.frame();
    let painter = ui.painter_at(frame);
    let x = transform.position_from_point_x(at);
    painter.vline(
        x.round() + 0.5,
        frame.y_range(),
        Stroke::new(1.0, drawing.theme.text_faint.color()),
    );
    for (index, line) in readout.lines.iter().enumerate() {
        if let Some(value) = line.value {
            let y = transform.position_from_point_y(drawing.height(index, value));
            painter.circle(
                pos2(x, y),
                3.0,
                drawing.color(index),
                Stroke::new(1.0, drawing.theme.surface.color()),
            );
        }
    }
    if state.drag_from.is_none() {
        let y = pointer.map_or(frame.center().y, |pointer| pointer.y);
        crate::readout::readout_ui(&painter, drawing.theme, frame, pos2(x, y), &readout);
    }
    state.readout = Some(readout);
}

fn keys(ui: &Ui, response: &egui::Response, data: &LineData, view: (f64, f64), state: &mut ChartState) {
    state.take_keys(ui, response);
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    for (key, ahead, from) in [
        (Key::ArrowRight, true, view.0 - 1.0),
        (Key::ArrowLeft, false, view.1 + 1.0),
    ] {
        if pressed(key) {
            let next = table::step(data, state.cursor.unwrap_or(from), ahead);
            state.cursor = next.filter(|at| (view.0..=view.1).contains(at)).or(state.cursor);
            ui.ctx().request_repaint();
        }
    }
}

pub(crate) fn series_color(theme: &Theme, series: &[LineSeries], index: usize) -> Color32 {
    let hue = series
        .get(index)
        .and_then(|series| series.hue)
        .map_or(index, usize::from);
    theme.category(hue)
}

/// Adds a triangle at the foot for each mark in the view.
pub(crate) fn mark_shapes(
    marks: &[Mark],
    view: (f64, f64),
    theme: &Theme,
    transform: &PlotTransform,
    shapes: &mut Vec<Shape>,
) {
    let foot = transform.frame().bottom() - 1.0;
    for mark in marks {
        if (view.0..=view.1).contains(&mark.x) {
            let x = transform.position_from_point_x(mark.x);
            let corners = vec![pos2(x, foot - 7.0), pos2(x + 4.0, foot), pos2(x - 4.0, foot)];
            shapes.push(Shape::convex_polygon(
                corners,
                tone_color(theme, mark.tone),
                Stroke::NONE,
            ));
        }
    }
}

pub(crate) fn tone_color(theme: &Theme, tone: Tone) -> Color32 {
    match tone {
        Tone::Neutral => theme.text_muted.color(),
        Tone::Gain => theme.gain.color(),
        Tone::Loss => theme.loss.color(),
        Tone::Warning => theme.warning.color(),
    }
}

fn tone_soft(theme: &Theme, tone: Tone) -> Color32 {
    match tone {
        Tone::Neutral => theme.sunken.color(),
        Tone::Gain => theme.gain_soft.color(),
        Tone::Loss => theme.loss_soft.color(),
        Tone::Warning => theme.warning_soft.color(),
    }
}
