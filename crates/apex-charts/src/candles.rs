//! Candles: open, high, low and close over time, with volume below and lines over them.
//!
//! A candle that rose is hollow and one that fell is filled, so that the color says nothing alone. Volume stands in the
//! lowest fifth of the frame on a scale of its own. Candles too narrow to be told apart are drawn as one.

mod merge;

use self::merge::{Candle, merged, spacing};
use crate::decimate::decimate;
use crate::frame::{self, Layer, Marks, Reach};
use crate::labels::Labels;
use crate::lines::{AXIS_NAME_HEIGHT, LINE_WIDTH, mark_shapes, series_color};
use crate::state::{ChartState, Fingerprint, Geometry, GeometryKey, Readout, ReadoutLine, Scale, Status};
use crate::table::{self, CANDLE_COLUMNS};
use crate::theme::{self, Theme};
use crate::unit::unit_text;
use apex_wire::chart::{Axis, CandleData, Unit};
use egui::epaint::{Mesh, PathShape, PathStroke, Tessellator};
use egui::{Align2, Color32, FontId, Key, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
use egui_plot::{PlotBounds, PlotTransform};
use std::cell::RefCell;

/// The part of a candle's room that its body fills.
const BODY_SHARE: f32 = 0.68;
/// Points that a candle takes at least, so that a hollow one is seen to be hollow.
const ROOM_MIN: f64 = 4.5;
/// The part of the frame that volume takes, and the gap above it.
const VOLUME_SHARE: f64 = 0.2;
const VOLUME_GAP: f64 = 0.03;

/// Returns the stretch of the axis that all candles take, half a candle beyond the first and the last.
///
/// ```
/// use apex_wire::chart::{Axis, CandleData, Unit};
///
/// let column = |value| vec![Some(value); 2];
/// let data = CandleData {
///     title: "ACME".into(),
///     x: Axis::date(),
///     y: Axis::new("Price", Unit::Number { decimals: 2 }),
///     at: vec![10.0, 11.0],
///     open: column(1.0),
///     high: column(2.0),
///     low: column(1.0),
///     close: column(2.0),
///     volume: vec![],
///     lines: vec![],
///     marks: vec![],
/// };
/// assert_eq!(apex_charts::candle_extent(&data), (9.5, 11.5));
/// ```
pub fn candle_extent(data: &CandleData) -> (f64, f64) {
    let half = spacing(data) / 2.0;
    match (data.at.first(), data.at.last()) {
        (Some(first), Some(last)) if (last - first).is_finite() => (first - half, last + half),
        _ => (0.0, 1.0),
    }
}

/// Draws candles with their volume, lines and marks.
pub fn candle_chart_ui(ui: &mut Ui, data: &CandleData, state: &mut ChartState) {
    let theme = Theme::current(ui);
    refuse_what_cannot_be(data, state);
    let ready = state.status == Status::Ready;
    let lineless = data.lines.iter().all(|line| line.y.iter().all(Option::is_none));
    let empty = lineless && (0..data.at.len()).all(|index| data.candle(index).is_none());
    let full = state.extent.unwrap_or_else(|| candle_extent(data));
    let view = state.view.unwrap_or(full);
    let last_frame = state.cache.key.map(|key| key.frame);
    let frame_width = last_frame.map_or(ui.available_width() - 44.0, |frame| frame.width());
    let frame_height = last_frame.map_or(ui.available_height() - 24.0, |frame| frame.height());
    let labels = Labels::measure(ui, &data.lines, 1, state.gutter, last_frame.map(|frame| frame.width()));
    let spacing = spacing(data);
    let room = f64::from((frame_width - labels.gutter).max(1.0)) / (view.1 - view.0);
    let candles = merged(data, view, spacing, ROOM_MIN / room);
    let slot = match ROOM_MIN / room > spacing {
        true => (ROOM_MIN / room / spacing).ceil() * spacing,
        false => spacing,
    };
    let drawing = Drawing {
        data,
        theme,
        scale: state.scale,
        view,
        candles: &candles,
        slot,
        has_volume: data.volume.iter().any(Option::is_some),
        ready: ready && !empty,
    };
    let (y_low, y_high) = drawing.value_bounds(f64::from(frame_height.max(1.0)));
    let right = view.1 + labels.gutter_share * (view.1 - view.0);
    let bounds = PlotBounds::from_min_max([view.0, y_low], [right, y_high]);
    let x_marks = match empty {
        true => Marks::Categories {
            names: &[],
            room: 0.0,
            downwards: false,
        },
        false => Marks::Values {
            unit: &data.x.unit,
            scale: Scale::Linear,
            magnitude_max: view.0.abs().max(view.1.abs()),
        },
    };
    let y_marks = Marks::Values {
        unit: &data.y.unit,
        scale: state.scale,
        magnitude_max: if state.scale == Scale::Log {
            y_high
        } else {
            y_low.abs().max(y_high.abs())
        },
    };
    let key = (
        fingerprint(data),
        (ui.visuals().dark_mode, state.scale, false, state.marks_hidden),
    );
    let cache = RefCell::new(std::mem::take(&mut state.cache));
    let marks_hidden = state.marks_hidden || !ready;
    // Neither the labels' column nor the volume below belongs to the axes.
    let floor = drawing.price_floor(y_low, y_high);
    let plot = frame::plot(ui, "candles", x_marks, y_marks)
        .x_grid_spacer(move |mut input| {
            input.bounds.1 = view.1;
            x_marks.place(input, frame::LABEL_GAP_X, (0.0, 0.0))
        })
        .y_grid_spacer(move |input| {
            let mut marks = y_marks.place(input, frame::LABEL_GAP_Y, (4.0, 6.0));
            marks.retain(|mark| mark.value >= floor);
            marks
        });
    let (drawing_ref, cache_ref) = (&drawing, &cache);
    let shown = plot.show(ui, move |plot_ui| {
        plot_ui.set_plot_bounds(bounds);
        plot_ui.add(Layer::new(
            "candles",
            move |ui: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                let key = GeometryKey {
                    data: key.0,
                    frame: *transform.frame(),
                    bounds: (transform.bounds().min(), transform.bounds().max()),
                    pixels_per_point: ui.ctx().pixels_per_point(),
                    look: key.1,
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
                    mark_shapes(&drawing_ref.data.marks, view, drawing_ref.theme, transform, shapes);
                },
            ));
        }
    });
    state.cache = cache.into_inner();

    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    labels.paint(ui, &data.lines, theme, plot_frame, &state.cache.ends);
    let y_axis = match state.scale {
        Scale::Linear => data.y.clone(),
        Scale::Log => Axis::new(format!("{}, log", data.y.label), data.y.unit.clone()),
    };
    let painter = ui.painter_at(plot_frame);
    frame::axis_titles(
        &painter,
        theme,
        plot_frame,
        Some((&data.x, Align2::RIGHT_TOP)),
        Some(&y_axis),
    );
    if drawing.ready {
        drawing.volume_title(&painter, plot_frame);
    }
    frame::words(&painter, theme, plot_frame, empty, state);
    if !drawing.ready {
        state.readout = None;
        return;
    }
    let reach = Reach {
        full,
        span_min: spacing * 5.0,
        view,
    };
    frame::hands(ui, &response, &transform, &reach, state);
    keys(ui, &response, data, view, state);
    frame::drag_shade(ui, theme, plot_frame, state);
    crosshair_ui(ui, &response, &transform, &drawing, state);
}

fn fingerprint(data: &CandleData) -> u64 {
    let mut fingerprint = Fingerprint::new();
    for at in &data.at {
        fingerprint.value(*at);
    }
    for column in [&data.open, &data.high, &data.low, &data.close, &data.volume] {
        for value in column {
            fingerprint.option(*value);
        }
    }
    for line in &data.lines {
        fingerprint.value(line.hue.map_or(-1.0, f64::from));
        for (at, value) in line.x.iter().zip(&line.y) {
            fingerprint.value(*at);
            fingerprint.option(*value);
        }
    }
    fingerprint.finish()
}

/// Takes back what candles cannot do, and says why.
fn refuse_what_cannot_be(data: &CandleData, state: &mut ChartState) {
    if state.comparing {
        state.comparing = false;
        state.notice = Some("Candles are of one instrument; only lines are compared at 100".to_owned());
    }
    if state.scale == Scale::Log {
        let lows = (0..data.at.len()).filter_map(|index| Some((index, data.candle(index)?[2])));
        if let Some((index, low)) = lows.into_iter().find(|(_, low)| *low <= 0.0) {
            state.scale = Scale::Linear;
            state.notice = Some(format!(
                "A log scale needs values above zero; the low is {} on {}",
                unit_text(&data.y.unit, Some(low)),
                unit_text(&data.x.unit, data.at.get(index).copied()),
            ));
        }
    }
}

/// All that drawing one frame needs.
struct Drawing<'a> {
    data: &'a CandleData,
    theme: &'static Theme,
    scale: Scale,
    view: (f64, f64),
    candles: &'a [Candle],
    /// The stretch of the axis that one drawn candle takes.
    slot: f64,
    has_volume: bool,
    ready: bool,
}

impl Drawing<'_> {
    fn height(&self, value: f64) -> Option<f64> {
        match self.scale {
            Scale::Linear => Some(value),
            Scale::Log => (value > 0.0).then(|| value.log10()),
        }
    }

    fn share_below(&self) -> f64 {
        if self.has_volume {
            VOLUME_SHARE + VOLUME_GAP
        } else {
            0.0
        }
    }

    /// Where prices begin above the volume.
    fn price_floor(&self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share_below()
    }

    /// The stretch of values shown in a frame of `height` points: candles, and lines where they are near them.
    fn value_bounds(&self, height: f64) -> (f64, f64) {
        let (mut low, mut high) = (f64::MAX, f64::MIN);
        for candle in self.candles {
            low = low.min(self.height(candle.low).unwrap_or(low));
            high = high.max(self.height(candle.high).unwrap_or(high));
        }
        // A line far away must not flatten the candles.
        let (least, most) = match low > high {
            true => (f64::MIN, f64::MAX),
            false => (low - (high - low) * 0.5, high + (high - low) * 0.5),
        };
        for line in &self.data.lines {
            let inside = line
                .x
                .iter()
                .zip(&line.y)
                .filter(|(at, _)| (self.view.0..=self.view.1).contains(*at));
            for value in inside.filter_map(|(_, value)| self.height((*value)?)) {
                low = low.min(value.max(least));
                high = high.max(value.min(most));
            }
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let span = match high - low {
            0.0 if high == 0.0 => 1.0,
            0.0 => high.abs() * 0.1,
            span => span,
        };
        let head = (AXIS_NAME_HEIGHT / height).clamp(0.06, 0.3);
        let foot = self.share_below().max(0.06);
        let whole = span / (1.0 - head - foot);
        (low - whole * foot, high + whole * head)
    }

    fn build(&self, ui: &Ui, transform: &PlotTransform, cache: &mut Geometry) {
        cache.builds += 1;
        cache.shapes.clear();
        cache.ends.clear();
        if !self.ready {
            return;
        }
        self.volume_shapes(transform, &mut cache.shapes);
        self.candle_shapes(transform, &mut cache.shapes);
        self.line_shapes(ui, transform, cache);
    }

    /// The left and the right edge of a candle's body, on whole points where it is narrow.
    fn body_edges(&self, candle: &Candle, transform: &PlotTransform) -> (f32, f32) {
        let room = (self.slot / transform.dvalue_dpos()[0].abs()) as f32;
        let x = transform.position_from_point_x(candle.at);
        let half = (room * BODY_SHARE / 2.0).clamp(0.75, 9.0);
        if half < 1.5 {
            return (x - half, x + half);
        }
        let middle = x.floor() + 0.5;
        let half = (half - 0.5).round() + 0.5;
        (middle - half, middle + half)
    }

    fn candle_shapes(&self, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
        let frame = *transform.frame();
        for candle in self.candles {
            let prices = [candle.open, candle.high, candle.low, candle.close].map(|price| self.height(price));
            let [Some(open), Some(high), Some(low), Some(close)] = prices else {
                continue;
            };
            let (left, right) = self.body_edges(candle, transform);
            if right < frame.left() || left > frame.right() {
                continue;
            }
            let y = |value| transform.position_from_point_y(value);
            let color = self.color(candle);
            let (top, foot) = (y(open.max(close)), y(open.min(close)));
            let middle = (left + right) / 2.0;
            let stroke = Stroke::new(1.0, color);
            for (from, to) in [(y(high), top), (foot, y(low))] {
                if to - from > 0.2 {
                    shapes.push(Shape::line_segment([pos2(middle, from), pos2(middle, to)], stroke));
                }
            }
            let body = Rect::from_min_max(pos2(left, top), pos2(right, foot.max(top + 1.0)));
            if candle.rose() && body.height() > 2.0 {
                shapes.push(Shape::rect_filled(body, 0.0, self.theme.surface.color()));
                shapes.push(Shape::rect_stroke(body, 0.0, stroke, StrokeKind::Inside));
            } else {
                shapes.push(Shape::rect_filled(body, 0.0, color));
            }
        }
    }

    fn color(&self, candle: &Candle) -> Color32 {
        if candle.rose() {
            self.theme.gain.color()
        } else {
            self.theme.loss.color()
        }
    }

    fn volume_max(&self) -> f64 {
        let inside = self
            .candles
            .iter()
            .filter(|candle| candle.at >= self.view.0 - self.slot / 2.0 && candle.at <= self.view.1 + self.slot / 2.0);
        inside.filter_map(|candle| candle.volume).fold(0.0, f64::max)
    }

    fn volume_shapes(&self, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
        let most = self.volume_max();
        if most <= 0.0 {
            return;
        }
        let frame = *transform.frame();
        let tallest = frame.height() * VOLUME_SHARE as f32;
        for candle in self.candles {
            let Some(volume) = candle.volume.filter(|volume| *volume > 0.0) else {
                continue;
            };
            let (left, right) = self.body_edges(candle, transform);
            let height = tallest * ((volume / most).min(1.0) as f32);
            let bar = Rect::from_min_max(pos2(left, frame.bottom() - height), pos2(right, frame.bottom()));
            if bar.intersects(frame) {
                shapes.push(Shape::rect_filled(bar, 0.0, self.color(candle).gamma_multiply(0.35)));
            }
        }
    }

    /// Says what the tallest bar stands for: the one mark of the scale of the volume.
    fn volume_title(&self, painter: &egui::Painter, frame: Rect) {
        let most = self.volume_max();
        if !self.has_volume || most <= 0.0 {
            return;
        }
        let top = frame.bottom() - frame.height() * VOLUME_SHARE as f32;
        painter.hline(
            frame.x_range(),
            top.round() - 2.5,
            Stroke::new(1.0, self.theme.grid.color()),
        );
        if frame.height() * (VOLUME_SHARE as f32) < 24.0 {
            return;
        }
        let text = format!("Volume, up to {}", apex_format::compact(most));
        let font = FontId::proportional(theme::sizes().table);
        let galley = painter.layout_no_wrap(text, font, self.theme.text_faint.color());
        let at = pos2(frame.left() + 6.0, top.round());
        let behind = Rect::from_min_size(at, galley.size()).expand(1.0);
        painter.rect_filled(behind, 0.0, self.theme.surface.color().gamma_multiply(0.8));
        painter.galley(at, galley, Color32::PLACEHOLDER);
    }

    fn line_shapes(&self, ui: &Ui, transform: &PlotTransform, cache: &mut Geometry) {
        let pixels_per_point = ui.ctx().pixels_per_point();
        let columns = (transform.frame().width() * pixels_per_point / LINE_WIDTH)
            .ceil()
            .max(1.0) as usize;
        let options = ui.ctx().tessellation_options(|options| *options);
        let mut tessellator = Tessellator::new(pixels_per_point, options, [1, 1], Vec::new());
        let frame = *transform.frame();
        for (index, line) in self.data.lines.iter().enumerate() {
            let color = series_color(self.theme, &self.data.lines, index);
            let mut mesh = Mesh::default();
            let mut end = None;
            for run in decimate(&line.x, &line.y, self.view, columns) {
                let points: Vec<_> = run
                    .iter()
                    .filter_map(|[at, value]| {
                        Some(pos2(
                            transform.position_from_point_x(*at),
                            transform.position_from_point_y(self.height(*value)?),
                        ))
                    })
                    .collect();
                end = points.last().copied().or(end);
                match points[..] {
                    [] => {}
                    [only] => tessellator.tessellate_shape(Shape::circle_filled(only, LINE_WIDTH, color), &mut mesh),
                    _ => tessellator
                        .tessellate_path(&PathShape::line(points, PathStroke::new(LINE_WIDTH, color)), &mut mesh),
                }
            }
            // A line that left the frame has its name at the edge.
            cache
                .ends
                .push(end.map(|end| pos2(end.x, end.y.clamp(frame.top(), frame.bottom()))));
            if !mesh.is_empty() {
                cache.shapes.push(Shape::mesh(mesh));
            }
        }
    }

    /// Returns the table's row of a candle, with the words of the marks there.
    fn readout(&self, index: usize, state: &ChartState) -> Readout {
        let at = self.data.at.get(index).copied().unwrap_or_default();
        let names = CANDLE_COLUMNS
            .into_iter()
            .chain(self.data.lines.iter().map(|line| line.name.as_str()));
        let values = table::candle_values(self.data, index);
        let lines = names
            .zip(values)
            .enumerate()
            .map(|(column, (name, value))| ReadoutLine {
                name: name.to_owned(),
                value,
                text: String::from(match column {
                    4 => unit_text(&Unit::Count, value),
                    _ => unit_text(&self.data.y.unit, value),
                }),
                color: column
                    .checked_sub(CANDLE_COLUMNS.len())
                    .map(|line| series_color(self.theme, &self.data.lines, line)),
            });
        let mut notes = Vec::new();
        if !state.marks_hidden {
            let half = self.slot / 2.0;
            let near = self.data.marks.iter().filter(|mark| (mark.x - at).abs() <= half);
            notes.extend(near.take(4).map(|mark| mark.label.clone()));
        }
        Readout {
            key: unit_text(&self.data.x.unit, Some(at)).into(),
            lines: lines.collect(),
            notes,
        }
    }
}

/// Returns the index of the candle nearest to `at`.
fn nearest(data: &CandleData, at: f64) -> Option<usize> {
    let after = data.at.partition_point(|position| *position < at);
    [after.checked_sub(1), Some(after)]
        .into_iter()
        .flatten()
        .filter_map(|index| Some((index, (data.at.get(index)? - at).abs())))
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(index, _)| index)
}

fn crosshair_ui(
    ui: &Ui,
    response: &egui::Response,
    transform: &PlotTransform,
    drawing: &Drawing<'_>,
    state: &mut ChartState,
) {
    let data = drawing.data;
    let position = |index: usize| data.at.get(index).copied();
    let pointer = response.hover_pos();
    let moved = ui.input(|input| input.pointer.is_moving() || input.pointer.any_pressed());
    if let Some(pointer) = pointer.filter(|_| moved || state.cursor.is_none()) {
        let at = transform
            .value_from_position(pointer)
            .x
            .clamp(drawing.view.0, drawing.view.1);
        state.cursor = nearest(data, at).and_then(position);
    } else if pointer.is_none() && !response.has_focus() {
        state.cursor = None;
    }
    let at = state.cursor.or(state.linked);
    let index = at
        .and_then(|at| nearest(data, at))
        .filter(|index| position(*index).is_some_and(|at| (drawing.view.0..=drawing.view.1).contains(&at)));
    let Some((index, at)) = index.and_then(|index| Some((index, position(index)?))) else {
        state.readout = None;
        return;
    };
    let readout = drawing.readout(index, state);
    let frame = *transform.frame();
    let painter = ui.painter_at(frame);
    let x = transform.position_from_point_x(at);
    let stroke = Stroke::new(1.0, drawing.theme.text_faint.color());
    painter.vline(x.round() + 0.5, frame.y_range(), stroke);
    // The price under the pointer, at the axis.
    if let Some(pointer) = pointer.filter(|_| state.drag_from.is_none()) {
        let value = transform.value_from_position(pointer).y;
        let price = if drawing.scale == Scale::Log {
            10f64.powf(value)
        } else {
            value
        };
        let floor = drawing.price_floor(transform.bounds().min()[1], transform.bounds().max()[1]);
        if value >= floor {
            painter.hline(frame.x_range(), pointer.y.round() + 0.5, stroke);
            let font = FontId::proportional(theme::sizes().table);
            let text = String::from(unit_text(&data.y.unit, Some(price)));
            let galley = painter.layout_no_wrap(text, font, drawing.theme.text_muted.color());
            let area = Rect::from_min_size(
                pos2(frame.left() + 2.0, (pointer.y - galley.size().y - 2.0).max(frame.top())),
                galley.size(),
            );
            painter.rect_filled(area.expand2(vec2(3.0, 1.0)), 2.0, drawing.theme.raised.color());
            painter.galley(area.min, galley, Color32::PLACEHOLDER);
        }
    }
    if state.drag_from.is_none() {
        let y = pointer.map_or(frame.top() + frame.height() * 0.35, |pointer| pointer.y);
        crate::readout::readout_ui(&painter, drawing.theme, frame, pos2(x, y), &readout);
    }
    state.readout = Some(readout);
}

fn keys(ui: &Ui, response: &egui::Response, data: &CandleData, view: (f64, f64), state: &mut ChartState) {
    state.take_keys(ui, response);
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    let step = [(Key::ArrowRight, 1_isize), (Key::ArrowLeft, -1)]
        .into_iter()
        .find(|(key, _)| pressed(*key));
    if let Some((_, step)) = step {
        let next = match state.cursor.and_then(|at| nearest(data, at)) {
            Some(index) => index.checked_add_signed(step),
            None if step > 0 => Some(data.at.partition_point(|at| *at < view.0)),
            None => data.at.partition_point(|at| *at <= view.1).checked_sub(1),
        };
        let next = next.and_then(|index| data.at.get(index).copied());
        state.cursor = next.filter(|at| (view.0..=view.1).contains(at)).or(state.cursor);
        ui.ctx().request_repaint();
    }
}
