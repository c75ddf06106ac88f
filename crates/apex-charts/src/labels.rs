//! The names of lines, written where the lines end.

use crate::frame;
use crate::lines::series_color;
use crate::theme::{self, Theme};
use apex_wire::chart::LineSeries;
use egui::{Align2, Color32, FontId, Pos2, Rect, Ui, pos2, vec2};

/// Points between a line's end and its label, and around the label.
const LABEL_PADDING: f32 = 6.0;

/// The names at the ends of the lines, or in a row where they do not fit.
pub(crate) struct Labels {
    /// The part of the view's width that is added on the right.
    pub(crate) gutter_share: f64,
    pub(crate) gutter: f32,
}

impl Labels {
    /// Makes room for the names of at least `fewest` lines, or exactly `fixed` points where that is given.
    pub(crate) fn measure(
        ui: &Ui,
        series: &[LineSeries],
        fewest: usize,
        fixed: Option<f32>,
        frame_width: Option<f32>,
    ) -> Self {
        let frame = frame_width.unwrap_or(ui.available_width() - 44.0).max(1.0);
        let share = |gutter: f32| f64::from(gutter / (frame - gutter).max(1.0));
        if let Some(gutter) = fixed.filter(|gutter| *gutter < frame * 0.5) {
            return Self {
                gutter_share: share(gutter),
                gutter,
            };
        }
        if series.len() < fewest {
            return Self {
                gutter_share: 0.0,
                gutter: 0.0,
            };
        }
        let font = FontId::proportional(theme::sizes().table);
        let width = |name: &str| {
            let text = frame::shortened(name, 24);
            ui.painter()
                .layout_no_wrap(text, font.clone(), Color32::PLACEHOLDER)
                .size()
                .x
        };
        let widest = series.iter().map(|series| width(&series.name)).fold(0.0, f32::max);
        let gutter = widest + 2.0 * LABEL_PADDING;
        let crowded = gutter > frame * 0.3 || series.len() > 12;
        let gutter = if crowded { 0.0 } else { gutter };
        Self {
            gutter_share: share(gutter),
            gutter,
        }
    }

    /// Writes the names where the lines end.
    pub(crate) fn paint(&self, ui: &Ui, series: &[LineSeries], theme: &Theme, frame: Rect, ends: &[Option<Pos2>]) {
        if self.gutter == 0.0 && series.len() < 2 {
            return;
        }
        let painter = ui.painter_at(frame);
        let font = FontId::proportional(theme::sizes().table);
        let row = theme::sizes().table + 2.0;
        if self.gutter == 0.0 {
            let mut pen = frame.left_top() + vec2(6.0, 3.0 + row);
            for (index, line) in series.iter().enumerate() {
                let text = frame::shortened(&line.name, 24);
                let galley = painter.layout_no_wrap(text, font.clone(), series_color(theme, series, index));
                if pen.x + galley.size().x > frame.right() - 4.0 {
                    pen = pos2(frame.left() + 6.0, pen.y + row);
                }
                let width = galley.size().x;
                painter.galley(pen, galley, Color32::PLACEHOLDER);
                pen.x += width + 10.0;
            }
            return;
        }
        let mut labels: Vec<(f32, usize)> = ends
            .iter()
            .enumerate()
            .filter_map(|(index, end)| end.map(|end| (end.y, index)))
            .collect();
        labels.sort_by(|one, other| one.0.total_cmp(&other.0));
        // Pushed down past each other, then back up from the foot of the frame.
        let mut lowest = frame.top() + row * 0.5;
        for (y, _) in &mut labels {
            *y = y.max(lowest);
            lowest = *y + row;
        }
        let mut highest = frame.bottom() - row * 0.5;
        for (y, _) in labels.iter_mut().rev() {
            *y = y.min(highest);
            highest = *y - row;
        }
        let left = frame.right() - self.gutter + LABEL_PADDING;
        for (y, index) in labels {
            let text = frame::shortened(&series[index].name, 24);
            let galley = painter.layout_no_wrap(text, font.clone(), series_color(theme, series, index));
            let at = Align2::LEFT_CENTER.anchor_size(pos2(left, y), galley.size());
            // A grid or zero line behind the name would strike it out.
            painter.rect_filled(at.expand(1.0), 0.0, theme.surface.color());
            painter.galley(at.min, galley, Color32::PLACEHOLDER);
        }
    }
}
