//! One frame of a chart without a window: what the benchmark times and what a CPU-side picture is made from.

use crate::state::ChartState;
use crate::theme::{self, ThemeName};
use apex_wire::chart::ChartData;
use egui::epaint::ImageData;
use egui::{ClippedPrimitive, ColorImage, Context, Event, Pos2, RawInput, Rect, TexturesDelta, Vec2};

/// A chart in a context of its own, which lays out and tessellates frames.
///
/// ```
/// use apex_charts::{FrameMeasure, ThemeName, gallery};
/// use apex_wire::chart::ChartData;
///
/// let chart = ChartData::Line(gallery::lines(4, 5_000));
/// let mut frames = FrameMeasure::new(chart, egui::vec2(900.0, 420.0), ThemeName::Light);
/// assert!(frames.frame() > 1_000);
/// ```
pub struct FrameMeasure {
    context: Context,
    data: ChartData,
    size: Vec2,
    pixels_per_point: f32,
    state: ChartState,
    font: ColorImage,
}

impl FrameMeasure {
    /// Makes a chart of `size` points at one pixel a point.
    pub fn new(data: ChartData, size: Vec2, name: ThemeName) -> Self {
        let context = Context::default();
        theme::apply(&context, name);
        Self {
            context,
            data,
            size,
            pixels_per_point: 1.0,
            state: ChartState::default(),
            font: ColorImage::filled([1, 1], egui::Color32::WHITE),
        }
    }

    /// Makes the chart as a screen with this many pixels a point would.
    pub fn with_pixels_per_point(mut self, pixels_per_point: f32) -> Self {
        self.pixels_per_point = pixels_per_point;
        self
    }

    /// Returns the chart's state, to zoom or scale it between frames.
    pub fn state_mut(&mut self) -> &mut ChartState {
        &mut self.state
    }

    /// Lays out and tessellates one frame and returns how many vertices it has.
    pub fn frame(&mut self) -> usize {
        count(&self.primitives(Vec::new()))
    }

    /// As [`Self::frame`], with geometry that is made anew.
    pub fn cold_frame(&mut self) -> usize {
        self.state.cache.key = None;
        self.frame()
    }

    /// As [`Self::frame`], with the pointer at `pos` and so a crosshair.
    pub fn pointer_frame(&mut self, pos: Pos2) -> usize {
        count(&self.primitives(vec![Event::PointerMoved(pos)]))
    }

    /// Lays out and tessellates one frame after `events`.
    pub fn primitives(&mut self, events: Vec<Event>) -> Vec<ClippedPrimitive> {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
            events,
            ..Default::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
            viewport.native_pixels_per_point = Some(self.pixels_per_point);
        }
        let (data, state) = (&self.data, &mut self.state);
        let output = self.context.run_ui(input, |ui| crate::chart_ui(ui, data, state));
        update_font(&mut self.font, output.textures_delta);
        self.context.tessellate(output.shapes, output.pixels_per_point)
    }

    /// Returns the font texture that the primitives refer to.
    pub fn font(&self) -> &ColorImage {
        &self.font
    }
}

/// Brings the font texture up to date: a whole new image, or patches on the old one.
fn update_font(font: &mut ColorImage, mut textures: TexturesDelta) {
    for delta in textures.set.values().flatten() {
        let ImageData::Color(patch) = &delta.image;
        match delta.pos {
            None => *font = (**patch).clone(),
            Some([left, top]) => {
                for y in 0..patch.height().min(font.height().saturating_sub(top)) {
                    for x in 0..patch.width().min(font.width().saturating_sub(left)) {
                        font[(left + x, top + y)] = patch[(x, y)];
                    }
                }
            }
        }
    }
    textures.clear();
}

fn count(primitives: &[ClippedPrimitive]) -> usize {
    let vertices = |primitive: &ClippedPrimitive| match &primitive.primitive {
        egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
        egui::epaint::Primitive::Callback(_) => 0,
    };
    primitives.iter().map(vertices).sum()
}
