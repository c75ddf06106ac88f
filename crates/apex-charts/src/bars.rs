//! Bars by category: contributions, monthly returns, allocations.

use crate::frame::{self, Layer, Marks, Reach};
use crate::state::{ChartState, Readout, ReadoutLine, Scale, Status};
use crate::theme::Theme;
use crate::unit::unit_text;
use apex_wire::chart::{BarData, BarLayout, Unit};
use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Ui};
use egui_plot::{PlotBounds, PlotTransform};

/// The part of a category's room that its bars fill.
const BAR_SHARE: f64 = 0.72;

/// Draws bars, standing or lying; a category that is not known has none.
pub fn bar_chart_ui(ui: &mut Ui, data: &BarData, state: &mut ChartState) {
    let theme = Theme::current(ui);
    let count = data.categories.len().max(1) as f64;
    let full = (-0.5, count - 0.5);
    let lying = data.layout == BarLayout::Horizontal;
    // Only standing bars zoom: a lying chart's categories read from top to bottom, all at once.
    let view = if lying { full } else { state.view.unwrap_or(full) };
    let (low, high) = value_bounds(data, view);
    let bounds = if lying {
        PlotBounds::from_min_max([low, -(count - 0.5)], [high, 0.5])
    } else {
        PlotBounds::from_min_max([view.0, low], [view.1, high])
    };
    let extent = if lying {
        ui.available_height()
    } else {
        ui.available_width() - 44.0
    };
    let names = Marks::Categories {
        names: &data.categories,
        room: extent / (view.1 - view.0) as f32,
        downwards: lying,
    };
    let values = Marks::Values {
        unit: &data.value.unit,
        scale: Scale::Linear,
        magnitude_max: low.abs().max(high.abs()),
    };
    let ready = state.status == Status::Ready;
    let plot = if lying {
        frame::plot(ui, "bars", values, names)
    } else {
        frame::plot(ui, "bars", names, values)
    };
    let shown = plot.show(ui, move |plot_ui| {
        plot_ui.set_plot_bounds(bounds);
        plot_ui.add(Layer::new(
            "bars",
            move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                if ready {
                    bar_shapes(data, theme, transform, shapes);
                }
                base_line(data.layout, theme, transform, shapes);
            },
        ));
    });
    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    let painter = ui.painter_at(plot_frame);
    let empty = data
        .series
        .iter()
        .all(|series| series.values.iter().all(Option::is_none));
    if lying {
        frame::axis_titles(
            &painter,
            theme,
            plot_frame,
            Some((&data.value, Align2::RIGHT_BOTTOM)),
            None,
        );
    } else {
        frame::axis_titles(&painter, theme, plot_frame, None, Some(&data.value));
    }
    frame::words(&painter, theme, plot_frame, empty, state);
    if !ready || empty {
        state.readout = None;
        return;
    }
    let reach = Reach {
        full,
        span_min: 2.0,
        view,
    };
    if !lying {
        frame::hands(ui, &response, &transform, &reach, state);
        frame::drag_shade(ui, theme, plot_frame, state);
    }
    let at = response.hover_pos().map(|pointer| {
        let value = transform.value_from_position(pointer);
        if lying { -value.y } else { value.x }
    });
    state.cursor = at.map(f64::round).filter(|at| (0.0..count).contains(at));
    state.readout = state.cursor.map(|at| readout(data, theme, at as usize));
    if let (Some(at), Some(readout), Some(pointer)) = (state.cursor, &state.readout, response.hover_pos()) {
        let band = category_band(data.layout, at, &transform);
        painter.rect_filled(band, 0.0, theme.accent.color().gamma_multiply(0.08));
        crate::readout::readout_ui(&painter, theme, plot_frame, pointer, readout);
    }
}

fn value_bounds(data: &BarData, view: (f64, f64)) -> (f64, f64) {
    let shown = |index: usize| (view.0..=view.1).contains(&(index as f64));
    let values = data.series.iter().flat_map(|series| {
        series
            .values
            .iter()
            .enumerate()
            .filter(|(index, _)| shown(*index))
            .filter_map(|(_, value)| *value)
    });
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((0.0, 0.0), |(low, high): (f64, f64), value| {
            (low.min(value), high.max(value))
        });
    let span = if high - low > 0.0 { high - low } else { 1.0 };
    (low - span * 0.05, high + span * if high > 0.0 { 0.1 } else { 0.05 })
}

fn bar_color(data: &BarData, theme: &Theme, series: usize, value: f64) -> Color32 {
    match data.series[series].hue {
        Some(hue) => theme.category(usize::from(hue)),
        None if data.series.len() > 1 => theme.category(series),
        // A count has no good or bad side.
        None if data.value.unit == Unit::Count => theme.category(0),
        None if value == 0.0 => theme.text_muted.color(),
        None if value < 0.0 => theme.loss.color(),
        None => theme.gain.color(),
    }
}

fn bar_shapes(data: &BarData, theme: &Theme, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
    let share = BAR_SHARE / data.series.len().max(1) as f64;
    for (place, series) in data.series.iter().enumerate() {
        for (index, value) in series.values.iter().take(data.categories.len()).enumerate() {
            let Some(value) = value.filter(|value| value.is_finite()) else {
                continue;
            };
            let start = index as f64 - BAR_SHARE / 2.0 + share * place as f64;
            let bar = span(data.layout, (start, start + share), (0.0, value), transform);
            if bar.intersects(*transform.frame()) {
                let color = bar_color(data, theme, place, value);
                shapes.push(Shape::rect_filled(bar, 0.0, color.gamma_multiply(0.9)));
            }
        }
    }
}

/// The screen rectangle between two places along the categories and two values.
fn span(layout: BarLayout, along: (f64, f64), values: (f64, f64), transform: &PlotTransform) -> Rect {
    let point = |along: f64, value: f64| match layout {
        BarLayout::Vertical => Pos2::new(
            transform.position_from_point_x(along),
            transform.position_from_point_y(value),
        ),
        BarLayout::Horizontal => Pos2::new(
            transform.position_from_point_x(value),
            transform.position_from_point_y(-along),
        ),
    };
    Rect::from_two_pos(point(along.0, values.0), point(along.1, values.1))
}

fn category_band(layout: BarLayout, at: f64, transform: &PlotTransform) -> Rect {
    let frame = *transform.frame();
    let band = span(layout, (at - 0.5, at + 0.5), (0.0, 0.0), transform);
    match layout {
        BarLayout::Vertical => Rect::from_x_y_ranges(band.x_range(), frame.y_range()),
        BarLayout::Horizontal => Rect::from_x_y_ranges(frame.x_range(), band.y_range()),
    }
}

fn base_line(layout: BarLayout, theme: &Theme, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
    match layout {
        BarLayout::Vertical => frame::zero_line(theme, transform, shapes),
        BarLayout::Horizontal => {
            let x = transform.position_from_point_x(0.0).round() + 0.5;
            let y = transform.frame().y_range();
            let stroke = Stroke::new(1.0, theme.zero.color());
            shapes.push(Shape::line_segment([Pos2::new(x, y.min), Pos2::new(x, y.max)], stroke));
        }
    }
}

fn readout(data: &BarData, theme: &Theme, index: usize) -> Readout {
    let lines = data.series.iter().enumerate().map(|(place, series)| {
        let value = series.values.get(index).copied().flatten();
        let text = unit_text(&data.value.unit, value).into();
        let color = value.map(|value| bar_color(data, theme, place, value));
        ReadoutLine {
            name: series.name.clone(),
            value,
            text,
            color,
        }
    });
    let key = data.categories.get(index).cloned().unwrap_or_default();
    Readout {
        key,
        lines: lines.collect(),
        notes: Vec::new(),
    }
}
