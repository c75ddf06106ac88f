//! A colored table: correlations, or the returns of every month.

use crate::frame::{self, Layer, Marks};
use crate::state::{ChartState, Readout, ReadoutLine, Status};
use crate::theme::{self, Theme};
use crate::unit::unit_text;
use apex_wire::chart::{HeatMapData, Ramp};
use egui::epaint::Mesh;
use egui::{Align2, Color32, FontId, Rect, Shape, Stroke, StrokeKind, Ui, pos2};
use egui_plot::{PlotBounds, PlotTransform};

/// Draws a heat map; a cell's figure stands in it where it fits, and an unknown cell stays empty.
pub fn heat_map_ui(ui: &mut Ui, data: &HeatMapData, state: &mut ChartState) {
    let theme = Theme::current(ui);
    let (rows, columns) = (data.rows.len().max(1), data.columns.len().max(1));
    let across = Marks::Categories {
        names: &data.columns,
        room: (ui.available_width() - 80.0) / columns as f32,
        downwards: false,
    };
    let down = Marks::Categories {
        names: &data.rows,
        room: ui.available_height() / rows as f32,
        downwards: true,
    };
    let ready = state.status == Status::Ready;
    let shown = frame::plot(ui, "heat map", across, down).show(ui, move |plot_ui| {
        let bounds = PlotBounds::from_min_max([-0.5, 0.5 - rows as f64], [columns as f64 - 0.5, 0.5]);
        plot_ui.set_plot_bounds(bounds);
        plot_ui.add(Layer::new(
            "cells",
            move |_: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>| {
                if ready {
                    shapes.push(Shape::mesh(cells(data, theme, transform)));
                }
            },
        ));
    });
    let (response, transform) = (shown.response, shown.transform);
    let plot_frame = *transform.frame();
    let painter = ui.painter_at(plot_frame.expand(1.0));
    let empty = data.values.iter().all(Option::is_none);
    frame::words(&painter, theme, plot_frame, empty, state);
    if !ready || empty {
        state.readout = None;
        return;
    }
    figures_ui(&painter, data, theme, &transform);
    state.cell = response.hover_pos().and_then(|pointer| {
        let at = transform.value_from_position(pointer);
        let (row, column) = ((-at.y).round(), at.x.round());
        let inside = (0.0..rows as f64).contains(&row) && (0.0..columns as f64).contains(&column);
        inside.then_some((row as usize, column as usize))
    });
    state.cursor = state.cell.map(|(row, _)| row as f64);
    state.readout = state.cell.and_then(|(row, column)| readout(data, theme, row, column));
    if let (Some((row, column)), Some(readout), Some(pointer)) = (state.cell, &state.readout, response.hover_pos()) {
        let cell = cell_rect(&transform, row, column);
        painter.rect_stroke(cell, 0.0, Stroke::new(1.5, theme.text.color()), StrokeKind::Inside);
        crate::readout::readout_ui(&painter, theme, plot_frame, pointer, readout);
    }
}

fn cell_rect(transform: &PlotTransform, row: usize, column: usize) -> Rect {
    let (x, y) = (column as f64, -(row as f64));
    Rect::from_two_pos(
        pos2(
            transform.position_from_point_x(x - 0.5),
            transform.position_from_point_y(y + 0.5),
        ),
        pos2(
            transform.position_from_point_x(x + 0.5),
            transform.position_from_point_y(y - 0.5),
        ),
    )
}

fn value(data: &HeatMapData, row: usize, column: usize) -> Option<f64> {
    data.values
        .get(row * data.columns.len() + column)
        .copied()
        .flatten()
        .filter(|value| value.is_finite())
}

/// Returns the color of a value on the map's ramp.
fn color(data: &HeatMapData, theme: &Theme, limits: (f64, f64), value: f64) -> Color32 {
    match data.ramp {
        Ramp::Sequential => theme.sequential((value - limits.0) / (limits.1 - limits.0).max(f64::MIN_POSITIVE)),
        Ramp::Diverging { .. } => theme.diverging((value / limits.1.max(f64::MIN_POSITIVE)).clamp(-1.0, 1.0)),
    }
}

/// Returns the values at the two ends of the ramp.
fn limits(data: &HeatMapData) -> (f64, f64) {
    let values = data.values.iter().flatten().copied().filter(|value| value.is_finite());
    match data.ramp {
        Ramp::Diverging { limit: Some(limit) } => (-limit, limit),
        Ramp::Diverging { limit: None } => {
            let largest = values.fold(0.0, |largest: f64, value| largest.max(value.abs()));
            (-largest, largest)
        }
        Ramp::Sequential => values.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        }),
    }
}

fn cells(data: &HeatMapData, theme: &Theme, transform: &PlotTransform) -> Mesh {
    let limits = limits(data);
    let mut mesh = Mesh::default();
    for row in 0..data.rows.len() {
        for column in 0..data.columns.len() {
            if let Some(value) = value(data, row, column) {
                let cell = cell_rect(transform, row, column);
                let gap = if cell.width().min(cell.height()) > 8.0 {
                    0.5
                } else {
                    0.0
                };
                mesh.add_colored_rect(cell.shrink(gap), color(data, theme, limits, value));
            }
        }
    }
    mesh
}

fn figures_ui(painter: &egui::Painter, data: &HeatMapData, theme: &Theme, transform: &PlotTransform) {
    let size = theme::sizes().table;
    let room = cell_rect(transform, 0, 0).size();
    let longest = data
        .values
        .iter()
        .flatten()
        .map(|value| unit_text(&data.value.unit, Some(*value)).len())
        .max();
    // Figures of the mono font are six tenths as wide as high.
    if room.y < size + 2.0 || room.x < longest.unwrap_or(0) as f32 * size * 0.62 + 4.0 {
        return;
    }
    let font = FontId::monospace(size);
    let limits = limits(data);
    for row in 0..data.rows.len() {
        for column in 0..data.columns.len() {
            let cell = cell_rect(transform, row, column);
            let (text, ink) = match value(data, row, column) {
                Some(value) => {
                    let ink = theme.text_on(color(data, theme, limits, value));
                    (unit_text(&data.value.unit, Some(value)), ink)
                }
                None => (unit_text(&data.value.unit, None), theme.text_faint.color()),
            };
            painter.text(cell.center(), Align2::CENTER_CENTER, text.as_str(), font.clone(), ink);
        }
    }
}

fn readout(data: &HeatMapData, theme: &Theme, row: usize, column: usize) -> Option<Readout> {
    let found = value(data, row, column);
    let line = ReadoutLine {
        name: data.columns.get(column)?.clone(),
        value: found,
        text: unit_text(&data.value.unit, found).into(),
        color: found.map(|value| color(data, theme, limits(data), value)),
    };
    Some(Readout {
        key: data.rows.get(row)?.clone(),
        lines: vec![line],
        notes: Vec::new(),
    })
}
