//! How often values fell into bins, with marks for thresholds such as a value at risk.

use crate::frame::{self, Layer, Marks, Reach};
use crate::lines::tone_color;
use crate::state::{ChartState, Readout, ReadoutLine, Scale, Status};
use crate::table::table;
use crate::theme::{self, Theme};
use apex_wire::chart::{Axis, ChartData, HistogramData, Unit};
use egui::{Align2, FontId, Pos2, Rect, Shape, Stroke, Ui, vec2};
use egui_plot::{PlotBounds, PlotTransform};

/// Draws a histogram.
pub fn histogram_ui(ui: &mut Ui, data: &HistogramData, state: &mut ChartState) {
    let theme = Theme::current(ui);
    let full = match (data.edges.first(), data.edges.last()) {
        (Some(first), Some(last)) if last > first => (*first, *last),
        _ => (0.0, 1.0),
    };
    let view = state.view.unwrap_or(full);
    let seen = bins(data).filter(|(from, until, _)| *until > view.0 && *from < view.1);
    let highest = seen.map(|(_, _, count)| count).max().unwrap_or(0).max(1) as f64 * 1.12;
    let values = Marks::Values {
        unit: &data.value.unit,
        scale: Scale::Linear,
        magnitude_max: view.0.abs().max(view.1.abs()),
    };
    let counts = Marks::Values {
        unit: &Unit::Count,
        scale: Scale::Linear,
        magnitude_max: highest,
    };
    let ready = state.status == Status::Ready;
    let shown = frame::plot(ui, "histogram", values, counts).show(ui, move |plot_ui| {
        plot_ui.set_plot_bounds(PlotBounds::from_min_max([view.0, highest * -0.05], [view.1, highest]));
        plot_ui.add(Layer::new(
            "bins",
            move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                if ready {
                    bin_shapes(data, theme, transform, shapes);
                }
                frame::zero_line(theme, transform, shapes);
            },
        ));
    });
    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    let painter = ui.painter_at(plot_frame);
    let empty = data.counts.iter().all(|count| *count == 0);
    let count_axis = Axis::new("Count", Unit::Count);
    frame::axis_titles(
        &painter,
        theme,
        plot_frame,
        Some((&data.value, Align2::RIGHT_TOP)),
        Some(&count_axis),
    );
    frame::words(&painter, theme, plot_frame, empty, state);
    if !ready || empty {
        state.readout = None;
        return;
    }
    if !state.marks_hidden {
        marks_ui(&painter, data, theme, &transform);
    }
    let width = (full.1 - full.0) / data.counts.len().max(1) as f64;
    frame::hands(
        ui,
        &response,
        &transform,
        &Reach {
            full,
            span_min: width * 3.0,
            view,
        },
        state,
    );
    frame::drag_shade(ui, theme, plot_frame, state);
    let at = response
        .hover_pos()
        .map(|pointer| transform.value_from_position(pointer).x);
    let bin = at.and_then(|at| bins(data).position(|(from, until, _)| (from..until).contains(&at)));
    state.cursor = bin
        .and_then(|bin| bins(data).nth(bin))
        .map(|(from, until, _)| (from + until) / 2.0);
    state.readout = bin.and_then(|bin| readout(data, theme, bin));
    if let (Some(readout), Some(pointer)) = (&state.readout, response.hover_pos()) {
        crate::readout::readout_ui(&painter, theme, plot_frame, pointer, readout);
    }
}

fn bins(data: &HistogramData) -> impl Iterator<Item = (f64, f64, u64)> {
    data.edges
        .windows(2)
        .zip(&data.counts)
        .map(|(edge, count)| (edge[0], edge[1], *count))
}

fn bin_shapes(data: &HistogramData, theme: &Theme, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
    for (from, until, count) in bins(data) {
        let corner = |x: f64, y: f64| Pos2::new(transform.position_from_point_x(x), transform.position_from_point_y(y));
        let mut bar = Rect::from_two_pos(corner(from, 0.0), corner(until, count as f64));
        // A hairline between bins, unless they are hairlines themselves.
        if bar.width() > 4.0 {
            bar.max.x -= 1.0;
        }
        shapes.push(Shape::rect_filled(bar, 0.0, theme.category(0).gamma_multiply(0.8)));
    }
}

fn marks_ui(painter: &egui::Painter, data: &HistogramData, theme: &Theme, transform: &PlotTransform) {
    let frame = transform.frame();
    let font = FontId::proportional(theme::sizes().table);
    for (row, mark) in data.marks.iter().enumerate() {
        if !transform.bounds().range_x().contains(&mark.x) {
            continue;
        }
        let x = transform.position_from_point_x(mark.x).round() + 0.5;
        let color = tone_color(theme, mark.tone);
        painter.vline(x, frame.y_range(), Stroke::new(1.0, color));
        let text = format!("{} {}", mark.label, crate::unit_text(&data.value.unit, Some(mark.x)));
        let top = frame.top() + 18.0 + row as f32 * (theme::sizes().table + 3.0);
        let (anchor, gap) = if x > frame.center().x {
            (Align2::RIGHT_TOP, vec2(-4.0, top))
        } else {
            (Align2::LEFT_TOP, vec2(4.0, top))
        };
        let galley = painter.layout_no_wrap(text, font.clone(), color);
        let place = anchor.anchor_size(Pos2::new(x + gap.x, gap.y), galley.size());
        painter.rect_filled(
            place.expand2(vec2(2.0, 0.0)),
            2.0,
            theme.surface.color().gamma_multiply(0.85),
        );
        painter.galley(place.min, galley, color);
    }
}

fn readout(data: &HistogramData, theme: &Theme, bin: usize) -> Option<Readout> {
    // Only a bin under the pointer is read, and a histogram's table is short.
    let table = table(&ChartData::Histogram(data.clone()));
    let row = table.rows.get(bin)?;
    let value = row.values.first().copied().flatten();
    let line = ReadoutLine {
        name: table.columns.first().cloned().unwrap_or_default(),
        value,
        text: table.text(0, value).into(),
        color: Some(theme.category(0)),
    };
    Some(Readout {
        key: row.key.clone(),
        lines: vec![line],
        notes: Vec::new(),
    })
}
