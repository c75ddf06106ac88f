//! Waterfalls: a total, what is added to it and taken from it, and the total that this makes.
//!
//! Steps read from top to bottom, as their names are long. The axis begins at zero only where the totals would not
//! dwarf the steps; the ends of totals that are cut off fade.

use crate::frame::{self, Layer, Marks};
use crate::state::{ChartState, Readout, ReadoutLine, Scale, Status};
use crate::theme::{self, Theme};
use crate::unit::unit_text;
use apex_wire::chart::{WaterfallData, WaterfallStep};
use egui::{Align2, Color32, FontId, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::{PlotBounds, PlotTransform};

/// The part of a step's room that its bar fills.
const BAR_SHARE: f64 = 0.68;
/// Totals that are this many times what the steps span are cut off.
const CUT_FROM: f64 = 2.5;

/// Draws a waterfall; a step that is not known has no bar.
pub fn waterfall_ui(ui: &mut Ui, data: &WaterfallData, state: &mut ChartState) {
    let theme = Theme::current(ui);
    let count = data.steps.len().max(1) as f64;
    let (low, high) = bounds(data);
    let categories: Vec<String> = data.steps.iter().map(|step| step.name.clone()).collect();
    let names = Marks::Categories {
        names: &categories,
        room: ui.available_height() / count as f32,
        downwards: true,
    };
    let values = Marks::Values {
        unit: &data.value.unit,
        scale: Scale::Linear,
        magnitude_max: low.abs().max(high.abs()),
    };
    let ready = state.status == Status::Ready;
    let shown = frame::plot(ui, "waterfall", values, names).show(ui, move |plot_ui| {
        plot_ui.set_plot_bounds(PlotBounds::from_min_max([low, -(count - 0.5)], [high, 0.5]));
        plot_ui.add(Layer::new(
            "steps",
            move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                if ready {
                    step_shapes(data, theme, transform, shapes);
                }
            },
        ));
    });
    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    let painter = ui.painter_at(plot_frame);
    let empty = data.steps.iter().all(|step| step.level.is_none());
    frame::axis_titles(
        &painter,
        theme,
        plot_frame,
        Some((&data.value, Align2::RIGHT_BOTTOM)),
        None,
    );
    frame::words(&painter, theme, plot_frame, empty, state);
    if !ready || empty {
        state.readout = None;
        return;
    }
    labels(&painter, data, theme, &transform);
    let at = response
        .hover_pos()
        .map(|pointer| (-transform.value_from_position(pointer).y).round());
    state.cursor = at.filter(|at| (0.0..count).contains(at));
    state.readout = state
        .cursor
        .and_then(|at| data.steps.get(at as usize))
        .map(|step| readout(data, theme, step));
    if let (Some(at), Some(readout), Some(pointer)) = (state.cursor, &state.readout, response.hover_pos()) {
        let row = |at: f64| transform.position_from_point_y(-at);
        let band = Rect::from_x_y_ranges(plot_frame.x_range(), row(at - 0.5)..=row(at + 0.5));
        painter.rect_filled(band, 0.0, theme.accent.color().gamma_multiply(0.08));
        crate::readout::readout_ui(&painter, theme, plot_frame, pointer, readout);
    }
}

/// Where the bar of a step begins and ends; a total begins at zero.
fn ends(step: &WaterfallStep) -> Option<(f64, f64)> {
    let level = step.level.filter(|level| level.is_finite())?;
    match step.change {
        Some(change) if change.is_finite() => Some((level - change, level)),
        Some(_) => None,
        None => Some((0.0, level)),
    }
}

fn bounds(data: &WaterfallData) -> (f64, f64) {
    let (mut low, mut high) = (f64::MAX, f64::MIN);
    for step in &data.steps {
        if let Some((from, until)) = ends(step) {
            let from = if step.change.is_none() { until } else { from };
            low = low.min(from).min(until);
            high = high.max(from).max(until);
        }
    }
    if low > high {
        return (0.0, 1.0);
    }
    let size = low.abs().max(high.abs());
    let cut = high - low > 0.0 && size > CUT_FROM * (high - low) && (low > 0.0 || high < 0.0);
    if !cut {
        low = low.min(0.0);
        high = high.max(0.0);
    }
    let span = if high > low { high - low } else { size.max(1.0) };
    (low - span * if cut { 0.25 } else { 0.04 }, high + span * 0.22)
}

fn color(theme: &Theme, step: &WaterfallStep) -> Color32 {
    match step.change {
        None => theme.category(0),
        Some(change) if change < 0.0 => theme.loss.color(),
        Some(change) if change > 0.0 => theme.gain.color(),
        Some(_) => theme.text_muted.color(),
    }
}

/// The screen rectangle of a step.
fn bar(at: usize, (from, until): (f64, f64), transform: &PlotTransform) -> Rect {
    let point = |value: f64, along: f64| {
        pos2(
            transform.position_from_point_x(value),
            transform.position_from_point_y(-along),
        )
    };
    let at = at as f64;
    let bar = Rect::from_two_pos(point(from, at - BAR_SHARE / 2.0), point(until, at + BAR_SHARE / 2.0));
    // A step too small for the scale is still a hairline.
    if bar.width() < 1.0 {
        Rect::from_center_size(bar.center(), vec2(1.0, bar.height()))
    } else {
        bar
    }
}

fn step_shapes(data: &WaterfallData, theme: &Theme, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
    let frame = *transform.frame();
    let mut before: Option<Pos2> = None;
    for (at, step) in data.steps.iter().enumerate() {
        let Some(ends) = ends(step) else {
            before = None;
            continue;
        };
        let bar = bar(at, ends, transform);
        let shown = bar.intersect(frame);
        let color = color(theme, step);
        shapes.push(Shape::rect_filled(shown, 0.0, color.gamma_multiply(0.9)));
        if bar.left() < frame.left() - 0.5 {
            // The bar goes on beyond the frame: its end is hatched by the surface.
            for stripe in 0..3 {
                let x = frame.left() + 5.0 + 4.0 * stripe as f32;
                let stripe = [pos2(x, shown.top()), pos2(x - 3.0, shown.bottom())];
                shapes.push(Shape::line_segment(stripe, Stroke::new(1.5, theme.surface.color())));
            }
        }
        let x = transform.position_from_point_x(ends.1);
        if let Some(from) = before {
            let line = [pos2(from.x, from.y), pos2(from.x, bar.top())];
            shapes.push(Shape::line_segment(line, Stroke::new(1.0, theme.text_faint.color())));
        }
        before = Some(pos2(x, bar.bottom()));
    }
    let zero = transform.position_from_point_x(0.0).round() + 0.5;
    if frame.x_range().contains(zero) {
        let line = [pos2(zero, frame.top()), pos2(zero, frame.bottom())];
        shapes.push(Shape::line_segment(line, Stroke::new(1.0, theme.zero.color())));
    }
}

/// Writes each step's value beside its bar.
fn labels(painter: &egui::Painter, data: &WaterfallData, theme: &Theme, transform: &PlotTransform) {
    let frame = transform.frame();
    let font = FontId::monospace(theme::sizes().table);
    for (at, step) in data.steps.iter().enumerate() {
        let Some(ends) = ends(step) else { continue };
        let bar = bar(at, ends, transform);
        if bar.height() < theme::sizes().table * 0.8 {
            continue;
        }
        let text: String = unit_text(&data.value.unit, step.change.or(step.level)).into();
        // Beside the bar where there is room, else within it, as totals are wide.
        let width = painter
            .layout_no_wrap(text.clone(), font.clone(), theme.text.color())
            .size()
            .x;
        let (right, left) = (bar.right() + 4.0, bar.left() - 4.0 - width);
        let (at, color) = if right + width <= frame.right() {
            (right, theme.text.color())
        } else if left >= frame.left() {
            (left, theme.text.color())
        } else {
            (bar.right() - 4.0 - width, theme.surface.color())
        };
        let galley = painter.layout_no_wrap(text, font.clone(), color);
        let place = Align2::LEFT_CENTER.anchor_size(pos2(at, bar.center().y), galley.size());
        painter.galley(place.min, galley, color);
    }
}

fn readout(data: &WaterfallData, theme: &Theme, step: &WaterfallStep) -> Readout {
    let line = |name: &str, value: Option<f64>, color: Option<Color32>| ReadoutLine {
        name: name.to_owned(),
        value,
        text: unit_text(&data.value.unit, value).into(),
        color,
    };
    Readout {
        key: step.name.clone(),
        lines: vec![
            line("Change", step.change, Some(color(theme, step))),
            line("Level", step.level, None),
        ],
        notes: Vec::new(),
    }
}
