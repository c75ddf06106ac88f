//! Points on two axes of numbers, such as risk and return; joined ones make a frontier. A click picks a point.

use crate::frame::{self, Layer, Marks, Reach};
use crate::state::{ChartState, Readout, ReadoutLine, Scale, Status};
use crate::theme::{self, Theme};
use crate::unit::unit_text;
use apex_wire::chart::{ScatterData, ScatterPoint, ScatterSeries};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::{PlotBounds, PlotTransform};

/// The radius of a point, and of one that stands alone in its series.
const RADIUS: f32 = 3.0;
const RADIUS_ALONE: f32 = 5.5;
/// How far from a point a pointer may be to mean it, and how much nearer another must be than one that is joined.
const REACH: f32 = 26.0;
const REACH_JOINED: f32 = 10.0;
/// The share of the extent left free on each side.
const MARGIN: f64 = 0.06;

/// Draws points.
pub fn scatter_ui(ui: &mut Ui, data: &ScatterData, state: &mut ChartState) {
    let theme = Theme::current(ui);
    let extents = extents(data, |_| true, (MARGIN, 2.0 * MARGIN));
    let empty = extents.is_none();
    let all = extents.unwrap_or(((0.0, 1.0), (0.0, 1.0)));
    let full = all.0;
    let (view, heights) = match state.view {
        Some(view) => (view, heights_within(data, view).unwrap_or(all.1)),
        None => focus(data, all),
    };
    let axis = |unit, (low, high): (f64, f64)| Marks::Values {
        unit,
        scale: Scale::Linear,
        magnitude_max: f64::max(low.abs(), high.abs()),
    };
    let ready = state.status == Status::Ready;
    let plot = frame::plot(ui, "scatter", axis(&data.x.unit, view), axis(&data.y.unit, heights));
    let shown = plot.show(ui, move |plot_ui| {
        plot_ui.set_plot_bounds(PlotBounds::from_min_max([view.0, heights.0], [view.1, heights.1]));
        plot_ui.add(Layer::new(
            "points",
            move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                frame::zero_line(theme, transform, shapes);
                if ready {
                    point_shapes(data, theme, transform, shapes);
                }
            },
        ));
    });
    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    let painter = ui.painter_at(plot_frame);
    frame::axis_titles(
        &painter,
        theme,
        plot_frame,
        Some((&data.x, Align2::RIGHT_BOTTOM)),
        Some(&data.y),
    );
    frame::words(&painter, theme, plot_frame, empty, state);
    if !ready || empty {
        state.readout = None;
        return;
    }
    names_ui(&painter, data, theme, &transform);
    let reach = Reach {
        full,
        span_min: (full.1 - full.0) / 50.0,
        view,
    };
    frame::hands(ui, &response, &transform, &reach, state);
    frame::drag_shade(ui, theme, plot_frame, state);
    let hit = response
        .hover_pos()
        .and_then(|pointer| nearest(data, &transform, pointer));
    if response.clicked()
        && let Some((series, point, _)) = hit
    {
        state.picked = Some((series, point));
    }
    state.cursor = hit.map(|(_, point, _)| point as f64);
    state.readout = hit.and_then(|(series, point, _)| readout(data, theme, series, point));
    if let (Some((series, _, at)), Some(readout)) = (hit, &state.readout) {
        painter.circle_stroke(at, RADIUS + 3.0, Stroke::new(1.5, color(data, theme, series)));
        crate::readout::readout_ui(&painter, theme, plot_frame, at, readout);
    }
}

fn known(series: &ScatterSeries) -> impl Iterator<Item = (usize, &ScatterPoint)> {
    let points = series.points.iter().enumerate();
    points.filter(|(_, point)| point.x.is_finite() && point.y.is_finite())
}

/// A stretch of an axis.
type Stretch = (f64, f64);

/// Returns the stretch of both axes that holds the points of some series, with shares of it left free at both ends.
fn extents(data: &ScatterData, of: impl Fn(&ScatterSeries) -> bool, free: (f64, f64)) -> Option<(Stretch, Stretch)> {
    let chosen = || data.series.iter().filter(|series| of(series));
    let points = || chosen().flat_map(|series| known(series).map(|(_, point)| point));
    Some((
        stretch(points().map(|point| point.x), free)?,
        stretch(points().map(|point| point.y), free)?,
    ))
}

fn stretch(values: impl Iterator<Item = f64>, free: (f64, f64)) -> Option<Stretch> {
    let ends = values.map(|value| (value, value));
    let (low, high) = ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))?;
    let span = match high - low {
        0.0 => low.abs().max(1e-3) * 0.1,
        span => span,
    };
    Some((low - span * free.0, high + span * free.1))
}

/// Returns the heights of the points in a stretch of the horizontal axis.
fn heights_within(data: &ScatterData, view: Stretch) -> Option<Stretch> {
    let points = || {
        data.series
            .iter()
            .flat_map(|series| known(series).map(|(_, point)| point))
    };
    let inside = points().filter(|point| (view.0..=view.1).contains(&point.x));
    stretch(inside.map(|point| point.y), (MARGIN, 2.0 * MARGIN))
}

/// Returns what is shown at first: what is joined or stands alone, and the surroundings, as far as there are points. The
/// rest is seen by zooming out.
fn focus(data: &ScatterData, all: (Stretch, Stretch)) -> (Stretch, Stretch) {
    let matters = |series: &ScatterSeries| series.joined || series.points.len() == 1;
    let cut = |inner: Stretch, outer: Stretch| (inner.0.max(outer.0), inner.1.min(outer.1));
    let joined = data
        .series
        .iter()
        .any(|series| series.joined && series.points.len() > 1);
    match extents(data, matters, (0.35, 0.8)).filter(|_| joined) {
        Some((x, y)) => (cut(x, all.0), cut(y, all.1)),
        None => all,
    }
}

fn place(transform: &PlotTransform, point: &ScatterPoint) -> Pos2 {
    pos2(
        transform.position_from_point_x(point.x),
        transform.position_from_point_y(point.y),
    )
}

fn color(data: &ScatterData, theme: &Theme, series: usize) -> Color32 {
    let hue = data
        .series
        .get(series)
        .and_then(|one| one.hue)
        .map_or(series, usize::from);
    theme.category(hue)
}

fn point_shapes(data: &ScatterData, theme: &Theme, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
    for (index, series) in data.series.iter().enumerate() {
        let color = color(data, theme, index);
        let places: Vec<Pos2> = known(series).map(|(_, point)| place(transform, point)).collect();
        let radius = if places.len() == 1 { RADIUS_ALONE } else { RADIUS };
        if series.joined && places.len() > 1 {
            shapes.push(Shape::line(places.clone(), Stroke::new(1.5, color)));
        }
        for at in places {
            if !transform.frame().expand(radius).contains(at) {
                continue;
            }
            if series.joined {
                shapes.push(Shape::circle_filled(at, radius - 0.5, color));
                continue;
            }
            // A rim of the surface keeps points apart that lie over one another.
            shapes.push(Shape::circle_filled(at, radius + 1.0, theme.surface.color()));
            let alone = radius == RADIUS_ALONE;
            let fill = if alone { color } else { color.gamma_multiply(0.75) };
            shapes.push(Shape::circle_filled(at, radius, fill));
        }
    }
}

/// Writes labels beside the points where no other label stands.
fn names_ui(painter: &Painter, data: &ScatterData, theme: &Theme, transform: &PlotTransform) {
    let font = FontId::proportional(theme::sizes().table);
    let frame = *transform.frame();
    let mut taken: Vec<Rect> = Vec::new();
    // What is drawn last matters most, so its labels are placed first.
    for (index, series) in data.series.iter().enumerate().rev().filter(|(_, series)| series.named) {
        let alone = series.points.len() == 1;
        for (_, point) in known(series) {
            let ink = if alone {
                theme.text.color()
            } else {
                theme.text_muted.color()
            };
            let galley = painter.layout_no_wrap(frame::shortened(&point.label, 18), font.clone(), ink);
            let at = place(transform, point);
            let gap = if alone { RADIUS_ALONE } else { RADIUS } + 4.0;
            let right = Align2::LEFT_CENTER.anchor_size(at + vec2(gap, 0.0), galley.size());
            let left = Align2::RIGHT_CENTER.anchor_size(at - vec2(gap, 0.0), galley.size());
            let free = |area: &Rect| frame.contains_rect(*area) && taken.iter().all(|one| !one.intersects(*area));
            let Some(area) = [right, left].into_iter().find(free) else {
                continue;
            };
            taken.push(area);
            painter.galley(area.min, galley, color(data, theme, index));
        }
    }
}

/// Returns the point that a pointer means: its series, its place in it, and where it stands. One that is joined counts
/// before others, as it is what one chooses from.
fn nearest(data: &ScatterData, transform: &PlotTransform, pointer: Pos2) -> Option<(usize, usize, Pos2)> {
    let near = |joined: bool, reach: f32| {
        let all = data
            .series
            .iter()
            .enumerate()
            .filter(move |(_, series)| series.joined == joined);
        all.flat_map(|(index, series)| known(series).map(move |(at, point)| (index, at, point)))
            .map(|(index, at, point)| (index, at, place(transform, point)))
            .filter(|(.., at)| at.distance(pointer) <= reach)
            .min_by(|one, other| one.2.distance(pointer).total_cmp(&other.2.distance(pointer)))
    };
    near(true, REACH_JOINED)
        .or_else(|| near(false, REACH_JOINED))
        .or_else(|| near(true, REACH))
        .or_else(|| near(false, REACH))
}

fn readout(data: &ScatterData, theme: &Theme, series: usize, point: usize) -> Option<Readout> {
    let found = data.series.get(series)?;
    let point = found.points.get(point)?;
    let line = |axis: &apex_wire::chart::Axis, value: f64, color: Option<Color32>| ReadoutLine {
        name: axis.label.clone(),
        value: Some(value),
        text: unit_text(&axis.unit, Some(value)).into(),
        color,
    };
    Some(Readout {
        key: point.label.clone(),
        lines: vec![
            line(&data.x, point.x, Some(color(data, theme, series))),
            line(&data.y, point.y, None),
        ],
        notes: Vec::new(),
    })
}
