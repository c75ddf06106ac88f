//! The small box beside the crosshair: the table's values, aligned on the right.

use crate::state::Readout;
use crate::theme::{self, Theme};
use egui::{Color32, CornerRadius, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, Vec2, vec2};

const PADDING: f32 = 6.0;
const SWATCH: f32 = 8.0;

/// Draws the readout on the side of the frame where the crosshair is not.
pub(crate) fn readout_ui(painter: &Painter, theme: &Theme, frame: Rect, at: Pos2, readout: &Readout) {
    let sizes = theme::sizes();
    let (sans, mono) = (FontId::proportional(sizes.table), FontId::monospace(sizes.table));
    let (ink, muted) = (theme.text.color(), theme.text_muted.color());
    let layout =
        |text: &str, font: &FontId, color: Color32| painter.layout_no_wrap(text.to_owned(), font.clone(), color);
    let head = layout(&readout.key, &sans, muted);
    let lines: Vec<_> = readout
        .lines
        .iter()
        .map(|line| {
            let name = crate::frame::shortened(&line.name, 28);
            (line.color, layout(&name, &sans, ink), layout(&line.text, &mono, ink))
        })
        .collect();
    let notes: Vec<_> = readout.notes.iter().map(|note| layout(note, &sans, muted)).collect();
    let name_width = lines.iter().map(|line| line.1.size().x).fold(0.0, f32::max);
    let value_width = lines.iter().map(|line| line.2.size().x).fold(0.0, f32::max);
    let row = sizes.table + 4.0;
    let width = (SWATCH + 4.0 + name_width + 12.0 + value_width)
        .max(head.size().x)
        .max(notes.iter().map(|note| note.size().x).fold(0.0, f32::max));
    let size = vec2(width, row * (1 + lines.len() + notes.len()) as f32) + Vec2::splat(PADDING * 2.0);
    let left = if at.x + 12.0 + size.x <= frame.right() {
        at.x + 12.0
    } else {
        at.x - 12.0 - size.x
    };
    let top = (at.y - size.y / 2.0)
        .min(frame.bottom() - size.y - 4.0)
        .max(frame.top() + 4.0);
    let area = Rect::from_min_size(Pos2::new(left.max(frame.left() + 2.0), top), size);
    painter.rect(
        area,
        CornerRadius::same(3),
        theme.raised.color().gamma_multiply(0.96),
        Stroke::new(1.0, theme.border_strong.color()),
        StrokeKind::Inside,
    );
    let mut pen = area.min + Vec2::splat(PADDING);
    painter.galley(pen, head, muted);
    for (color, name, value) in lines {
        pen.y += row;
        if let Some(color) = color {
            let swatch = Rect::from_center_size(pen + vec2(SWATCH / 2.0, row / 2.0), vec2(SWATCH, SWATCH * 0.5));
            painter.rect_filled(swatch, 1.0, color);
        }
        painter.galley(pen + vec2(SWATCH + 4.0, 0.0), name, ink);
        painter.galley(Pos2::new(area.right() - PADDING - value.size().x, pen.y), value, ink);
    }
    for note in notes {
        pen.y += row;
        painter.galley(pen, note, muted);
    }
}
