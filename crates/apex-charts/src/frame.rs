//! The frame all plots share: grid, axes, zero line, hands (zoom, pan, keys) and the words for no data.

use crate::state::{ChartState, Scale, Status};
use crate::theme::{self, Theme};
use crate::ticks;
use crate::unit;
use apex_wire::chart::{Axis, Unit};
use egui::{
    Align2, Color32, Event, FontId, Key, Painter, PointerButton, Pos2, Rangef, Rect, Sense, Shape, Stroke, Ui, vec2,
};
use egui_plot::{
    AxisHints, GridInput, GridMark, Plot, PlotBounds, PlotGeometry, PlotItem, PlotItemBase, PlotTransform,
};
use std::ops::RangeInclusive;

/// The grid spacer is asked with this many points as the smallest distance; marks keep more.
const GRID_STEP: f32 = 8.0;
/// Labels of the horizontal axis keep this distance in points.
pub(crate) const LABEL_GAP_X: f64 = 84.0;
/// Labels of the vertical axis keep this distance in points.
pub(crate) const LABEL_GAP_Y: f64 = 34.0;

/// About the width of a character at the table's size, in points.
const CHARACTER_WIDTH: f32 = 6.2;

/// How the marks of one axis are placed and written.
#[derive(Clone, Copy)]
pub(crate) enum Marks<'a> {
    /// Round values of a unit.
    Values {
        /// The unit of the values.
        unit: &'a Unit,
        /// Whether positions are logarithms to base ten.
        scale: Scale,
        /// The largest magnitude shown, which decides the suffix.
        magnitude_max: f64,
    },
    /// One mark in the middle of each category.
    Categories {
        /// The names, the first at 0.
        names: &'a [String],
        /// Points for one category, to shorten long names.
        room: f32,
        /// Whether the axis runs downwards, its first category at the top.
        downwards: bool,
    },
}

/// Which way the hands work along the horizontal axis.
pub(crate) struct Reach {
    /// The extent of all data.
    pub(crate) full: (f64, f64),
    /// The smallest stretch that can be zoomed to.
    pub(crate) span_min: f64,
    /// The stretch shown now.
    pub(crate) view: (f64, f64),
}

/// Makes a plot without egui_plot's own hands, since its zoom box, wheel and keys differ from ours.
pub(crate) fn plot<'a>(ui: &Ui, id: &str, x: Marks<'a>, y: Marks<'a>) -> Plot<'a> {
    let theme = Theme::current(ui);
    let font = FontId::proportional(theme::sizes().table);
    let hints = |hints: AxisHints<'a>| {
        hints
            .tick_label_color(theme.text_muted.color())
            .tick_label_font(font.clone())
            .label_spacing(Rangef::new(GRID_STEP, GRID_STEP * 1.5))
    };
    let x_marks = std::rc::Rc::new(x);
    let y_marks = std::rc::Rc::new(y);
    let (x_text, y_text) = (x_marks.clone(), y_marks.clone());
    let y_width = match &*y_marks {
        Marks::Values { .. } => 44.0,
        Marks::Categories { names, .. } => widest(ui, names, &font).min(160.0) + 8.0,
    };
    Plot::new(id)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .sense(Sense::click_and_drag())
        .show_x(false)
        .show_y(false)
        .show_background(false)
        .auto_bounds(false)
        .grid_spacing(Rangef::new(GRID_STEP, GRID_STEP * 1.5))
        .grid_color(theme.grid.color())
        .grid_fade(0.0)
        .show_grid([
            matches!(*x_marks, Marks::Values { .. }),
            matches!(*y_marks, Marks::Values { .. }),
        ])
        .x_grid_spacer(move |input| x_marks.place(input, LABEL_GAP_X, (0.0, 22.0)))
        .y_grid_spacer(move |input| y_marks.place(input, LABEL_GAP_Y, (4.0, 6.0)))
        .custom_x_axes(vec![
            hints(AxisHints::new_x()).formatter(move |mark, range| x_text.text(mark, range)),
        ])
        .custom_y_axes(vec![
            hints(AxisHints::new_y())
                .min_thickness(y_width)
                .formatter(move |mark, range| y_text.text(mark, range)),
        ])
        .set_margin_fraction(vec2(0.0, 0.0))
}

impl Marks<'_> {
    pub(crate) fn place(&self, input: GridInput, gap: f64, edges: (f64, f64)) -> Vec<GridMark> {
        let per_point = input.base_step_size / f64::from(GRID_STEP);
        let step_min = per_point * gap;
        let mut marks = match self {
            Self::Values { scale: Scale::Log, .. } => ticks::log_marks(input.bounds, step_min),
            Self::Values { unit: Unit::Date, .. } => ticks::date_marks(input.bounds, step_min),
            Self::Values {
                unit: Unit::Dates { days },
                ..
            } => ticks::day_places(days, input.bounds, step_min),
            Self::Values {
                unit: Unit::Instants { minutes },
                ..
            } => ticks::minute_places(minutes, input.bounds, step_min),
            Self::Values { unit: Unit::Count, .. } => ticks::whole_marks(input.bounds, step_min),
            Self::Values { .. } => ticks::number_marks(input.bounds, step_min),
            Self::Categories { names, room, downwards } => {
                let every = every_name(names, *room, *downwards);
                let mark = |index| GridMark {
                    value: self.position(index),
                    step_size: every as f64,
                };
                return (0..names.len()).step_by(every).map(mark).collect();
            }
        };
        // A label at the very edge would be cut, or would touch the other axis.
        let inside = input.bounds.0 + edges.0 * per_point..=input.bounds.1 - edges.1 * per_point;
        marks.retain(|mark| inside.contains(&mark.value));
        marks
    }

    fn position(&self, index: usize) -> f64 {
        match self {
            Self::Categories { downwards: true, .. } => -(index as f64),
            _ => index as f64,
        }
    }

    fn text(&self, mark: GridMark, range: &RangeInclusive<f64>) -> String {
        if !range.contains(&mark.value) {
            return String::new();
        }
        match self {
            Self::Values {
                unit,
                scale: Scale::Log,
                ..
            } => unit::log_tick_text(unit, 10f64.powf(mark.value)),
            Self::Values { unit: Unit::Date, .. } => ticks::date_tick(mark),
            Self::Values {
                unit: Unit::Dates { days },
                ..
            } => ticks::day_place_tick(days, mark),
            Self::Values {
                unit: Unit::Instants { minutes },
                ..
            } => ticks::minute_place_tick(minutes, mark),
            Self::Values {
                unit, magnitude_max, ..
            } => unit::tick_text(unit, mark.value, mark.step_size, *magnitude_max),
            Self::Categories { names, room, downwards } => {
                let name = names.get(mark.value.abs().round() as usize).map_or("", String::as_str);
                let fit = if *downwards {
                    26
                } else {
                    ((room * mark.step_size as f32) / CHARACTER_WIDTH) as usize
                };
                shortened(name, fit)
            }
        }
    }
}

/// Returns which names are written: short ones side by side are thinned out rather than cut.
fn every_name(names: &[String], room: f32, downwards: bool) -> usize {
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let needed = match (downwards, longest) {
        (true, _) => 11.0,
        (false, short) if short <= 10 => short as f32 * CHARACTER_WIDTH + 6.0,
        (false, _) => 9.0 * CHARACTER_WIDTH,
    };
    (needed / room.max(0.1)).ceil().clamp(1.0, names.len().max(1) as f32) as usize
}

/// Cuts a name to `fit` characters, the last of them an ellipsis.
pub(crate) fn shortened(name: &str, fit: usize) -> String {
    if name.chars().count() <= fit {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(fit.saturating_sub(1)).collect();
    if fit > 0 {
        short.push('…');
    }
    short
}

fn widest(ui: &Ui, names: &[String], font: &FontId) -> f32 {
    let longest = names
        .iter()
        .map(|name| shortened(name, 26))
        .max_by_key(|name| name.chars().count());
    longest.map_or(0.0, |name| {
        ui.painter()
            .layout_no_wrap(name, font.clone(), Color32::PLACEHOLDER)
            .size()
            .x
    })
}

/// A plot item that is a function of the transform; hovering is ours, so it has no geometry of its own.
pub(crate) struct Layer<F> {
    base: PlotItemBase,
    paint: F,
}

impl<F: Fn(&Ui, &PlotTransform, &mut Vec<Shape>)> Layer<F> {
    pub(crate) fn new(name: &str, paint: F) -> Self {
        Self {
            base: PlotItemBase::new(name.to_owned()),
            paint,
        }
    }
}

impl<F: Fn(&Ui, &PlotTransform, &mut Vec<Shape>)> PlotItem for Layer<F> {
    fn shapes(&self, ui: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
        (self.paint)(ui, transform, shapes);
    }

    fn initialize(&mut self, _: RangeInclusive<f64>) {}

    fn color(&self) -> Color32 {
        Color32::TRANSPARENT
    }

    fn geometry(&self) -> PlotGeometry<'_> {
        PlotGeometry::None
    }

    fn bounds(&self) -> PlotBounds {
        PlotBounds::NOTHING
    }

    fn base(&self) -> &PlotItemBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut PlotItemBase {
        &mut self.base
    }
}

/// Adds the line at zero of the vertical axis, if it is in sight.
pub(crate) fn zero_line(theme: &Theme, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
    if transform.bounds().range_y().contains(&0.0) {
        let y = transform.position_from_point_y(0.0).round() + 0.5;
        let frame = transform.frame();
        shapes.push(Shape::line_segment(
            [Pos2::new(frame.left(), y), Pos2::new(frame.right(), y)],
            Stroke::new(1.0, theme.zero.color()),
        ));
    }
}

/// Writes the names of the axes into the corners of the frame, where they cost no room.
///
/// The name of a horizontal axis stands at the top where bars grow from the foot, and at the foot elsewhere.
pub(crate) fn axis_titles(painter: &Painter, theme: &Theme, frame: Rect, x: Option<(&Axis, Align2)>, y: Option<&Axis>) {
    let font = FontId::proportional(theme::sizes().table);
    let color = theme.text_faint.color();
    if let Some(y) = y {
        painter.text(
            frame.left_top() + vec2(6.0, 3.0),
            Align2::LEFT_TOP,
            unit::axis_title(y),
            font.clone(),
            color,
        );
    }
    let is_dated = |axis: &Axis| matches!(axis.unit, Unit::Date | Unit::Dates { .. });
    if let Some((x, corner)) = x.filter(|(axis, _)| !is_dated(axis)) {
        let at = corner.pos_in_rect(&frame.shrink2(vec2(6.0, 3.0)));
        painter.text(at, corner, unit::axis_title(x), font, color);
    }
}

/// Writes one line into the middle of the frame, or a notice at its foot.
pub(crate) fn words(painter: &Painter, theme: &Theme, frame: Rect, empty: bool, state: &ChartState) {
    let font = FontId::proportional(theme::sizes().body);
    let middle = match &state.status {
        Status::Failed(why) => Some((why.as_str(), theme.loss.color())),
        Status::Loading => Some(("Loading…", theme.text_muted.color())),
        Status::Ready if empty => Some(("No data for this choice", theme.text_muted.color())),
        Status::Ready => None,
    };
    if let Some((text, color)) = middle {
        let galley = painter.layout(text.to_owned(), font.clone(), color, (frame.width() - 24.0).max(40.0));
        painter.galley(frame.center() - galley.size() / 2.0, galley, color);
    }
    if let Some(notice) = &state.notice {
        let color = theme.warning.color();
        let galley = painter.layout(notice.clone(), font, color, (frame.width() - 24.0).max(40.0));
        let at = frame.left_bottom() + vec2(8.0, -galley.size().y - 8.0);
        painter.rect_filled(
            Rect::from_min_size(at, galley.size()).expand(4.0),
            3.0,
            theme.warning_soft.color(),
        );
        painter.galley(at, galley, color);
    }
}

/// Handles dragging, wheel and keys along the horizontal axis, and returns whether the view changed.
pub(crate) fn hands(
    ui: &Ui,
    response: &egui::Response,
    transform: &PlotTransform,
    reach: &Reach,
    state: &mut ChartState,
) -> bool {
    let before = state.view;
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    let panning = response.dragged_by(PointerButton::Middle)
        || (response.dragged_by(PointerButton::Primary) && ui.input(|input| input.modifiers.shift));
    let per_point = transform.dvalue_dpos()[0];
    if response.drag_started_by(PointerButton::Primary) && !panning {
        state.drag_from = ui.input(|input| input.pointer.press_origin()).map(|pos| pos.x);
    }
    if panning {
        state.drag_from = None;
        move_view(state, reach, -f64::from(response.drag_delta().x) * per_point);
    }
    if response.drag_stopped()
        && let Some(from) = state.drag_from.take()
        && let Some(to) = response
            .interact_pointer_pos()
            .or_else(|| ui.input(|input| input.pointer.latest_pos()))
        && (to.x - from).abs() > 4.0
    {
        let at = |x: f32| transform.value_from_position(Pos2::new(x, 0.0)).x;
        set_view(state, reach, (at(from.min(to.x)), at(from.max(to.x))));
    }
    if response.double_clicked() {
        state.view = None;
        state.notice = None;
    }
    if let Some(pointer) = response.hover_pos() {
        let (scroll, zoom) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        if zoom != 1.0 {
            zoom_view(state, reach, f64::from(zoom), transform.value_from_position(pointer).x);
        } else if scroll.x + scroll.y != 0.0 && state.view.is_some() {
            move_view(state, reach, -f64::from(scroll.x + scroll.y) * per_point);
        }
    }
    // A chart hears only the keys that are typed into it.
    if ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Key { .. }))) {
        response.request_focus();
    }
    let center = state.cursor.filter(|at| (reach.view.0..=reach.view.1).contains(at));
    let center = center.unwrap_or((reach.view.0 + reach.view.1) / 2.0);
    let pressed = |keys: &[Key]| ui.input(|input| keys.iter().any(|key| input.key_pressed(*key)));
    if pressed(&[Key::Plus, Key::Equals]) {
        zoom_view(state, reach, 1.5, center);
    }
    if pressed(&[Key::Minus]) {
        zoom_view(state, reach, 1.0 / 1.5, center);
    }
    if pressed(&[Key::Num0]) {
        state.view = None;
        state.notice = None;
    }
    if pressed(&[Key::Escape]) {
        state.cursor = None;
        state.notice = None;
    }
    if pressed(&[Key::M]) {
        state.marks_hidden = !state.marks_hidden;
        ui.ctx().request_repaint();
    }
    let changed = state.view != before;
    if changed {
        ui.ctx().request_repaint();
    }
    changed
}

/// Draws the stretch that is being dragged out.
pub(crate) fn drag_shade(ui: &Ui, theme: &Theme, frame: Rect, state: &ChartState) {
    let Some(from) = state.drag_from else { return };
    let Some(to) = ui.input(|input| input.pointer.latest_pos()) else {
        return;
    };
    let band = Rect::from_x_y_ranges(from.min(to.x)..=from.max(to.x), frame.y_range()).intersect(frame);
    ui.painter()
        .rect_filled(band, 0.0, theme.accent.color().gamma_multiply(0.14));
    let edge = Stroke::new(1.0, theme.accent.color());
    ui.painter().vline(band.left(), frame.y_range(), edge);
    ui.painter().vline(band.right(), frame.y_range(), edge);
}

fn set_view(state: &mut ChartState, reach: &Reach, view: (f64, f64)) {
    let whole = reach.full.1 - reach.full.0;
    let span = (view.1 - view.0).max(reach.span_min).min(whole);
    let middle = (view.0 + view.1) / 2.0;
    let start = (middle - span / 2.0).max(reach.full.0).min(reach.full.1 - span);
    state.view = (span < whole * (1.0 - 1e-9)).then_some((start, start + span));
}

fn move_view(state: &mut ChartState, reach: &Reach, by: f64) {
    if state.view.is_some() {
        set_view(state, reach, (reach.view.0 + by, reach.view.1 + by));
    }
}

fn zoom_view(state: &mut ChartState, reach: &Reach, factor: f64, center: f64) {
    let (left, right) = (center - reach.view.0, reach.view.1 - center);
    set_view(state, reach, (center - left / factor, center + right / factor));
}
