//! A chart in a context of its own: takes what hands do, lays out frames and paints them into pixels.

use crate::raster::{self, Picture};
use crate::state::ChartState;
use crate::theme::{self, Theme, ThemeName};
use apex_wire::chart::ChartData;
use egui::epaint::{ImageData, Primitive};
use egui::{
    ClippedPrimitive, Color32, ColorImage, Context, Event, Pos2, RawInput, Rect, TexturesDelta, Vec2, ViewportId, vec2,
};
use std::time::Duration;

/// A chart on a screen of its own.
///
/// The page keeps one for each canvas, gives it the events of its canvas and copies the pixels of [`Self::paint`].
///
/// ```
/// use apex_charts::{ChartView, ThemeName, gallery};
///
/// let chart = gallery::samples().remove(0).data;
/// let mut view = ChartView::new(egui::vec2(300.0, 150.0), 2.0, ThemeName::Dark);
/// let frame = view.frame(&chart, Default::default());
/// assert!(frame.vertices() > 100);
/// assert_eq!(view.paint(&frame).size, [600, 300]);
/// ```
pub struct ChartView {
    /// What the chart remembers between frames.
    pub state: ChartState,
    context: Context,
    theme: ThemeName,
    size: Vec2,
    scale: f32,
    font: ColorImage,
    image: Picture,
}

/// A frame that was laid out and tessellated.
pub struct Frame {
    /// When the chart wants to be drawn again by itself; [`Duration::MAX`] means when something happens.
    pub repaint_after: Duration,
    primitives: Vec<ClippedPrimitive>,
}

impl Frame {
    /// Returns how many vertices the frame has.
    pub fn vertices(&self) -> usize {
        let count = |clipped: &ClippedPrimitive| match &clipped.primitive {
            Primitive::Mesh(mesh) => mesh.vertices.len(),
            Primitive::Callback(_) => 0,
        };
        self.primitives.iter().map(count).sum()
    }
}

impl ChartView {
    /// Makes a chart of `size` points, `scale` pixels each.
    pub fn new(size: Vec2, scale: f32, name: ThemeName) -> Self {
        let context = Context::default();
        context.set_fonts(theme::fonts());
        theme::apply(&context, name);
        Self {
            state: ChartState::default(),
            context,
            theme: name,
            size,
            scale,
            font: ColorImage::filled([1, 1], Color32::WHITE),
            image: Picture::filled(pixels(size, scale), Color32::TRANSPARENT),
        }
    }

    /// Shows another theme from the next frame on.
    pub fn set_theme(&mut self, name: ThemeName) {
        if self.theme != name {
            self.theme = name;
            theme::apply(&self.context, name);
        }
    }

    /// Gives the next frames another size in points, and other pixels a point. Returns whether anything changed.
    pub fn set_size(&mut self, size: Vec2, scale: f32) -> bool {
        let changed = (self.size, self.scale) != (size, scale);
        (self.size, self.scale) = (size, scale);
        changed
    }

    /// Gives up the keyboard, and the crosshair that it moved.
    pub fn lose_keyboard(&mut self) {
        self.context.memory_mut(|memory| {
            if let Some(focused) = memory.focused() {
                memory.surrender_focus(focused);
            }
        });
    }

    /// Lays out and tessellates one frame after what `input` says happened; its events, modifiers and time count.
    pub fn frame(&mut self, data: &ChartData, mut input: RawInput) -> Frame {
        input.screen_rect = Some(Rect::from_min_size(Pos2::ZERO, self.size));
        if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
            viewport.native_pixels_per_point = Some(self.scale);
        }
        let state = &mut self.state;
        let output = self.context.run_ui(input, |ui| crate::chart_ui(ui, data, state));
        update_font(&mut self.font, output.textures_delta);
        let root = output.viewport_output.get(&ViewportId::ROOT);
        Frame {
            repaint_after: root.map_or(Duration::MAX, |root| root.repaint_delay),
            primitives: self.context.tessellate(output.shapes, output.pixels_per_point),
        }
    }

    /// As [`Self::frame`] with nothing happening, but with all geometry made anew, as after a zoom.
    pub fn cold_frame(&mut self, data: &ChartData) -> Frame {
        self.state.cache.key = None;
        self.frame(data, RawInput::default())
    }

    /// Paints a frame on the theme's surface.
    pub fn paint(&mut self, frame: &Frame) -> &Picture {
        let size = pixels(self.size, self.scale);
        if self.image.size != size {
            self.image = Picture::filled(size, Color32::TRANSPARENT);
        }
        let surface = Theme::of(self.theme).surface.color();
        raster::paint(&mut self.image, &frame.primitives, &self.font, self.scale, surface);
        &self.image
    }
}

/// Returns a chart as an image on the theme's surface, with the pointer at `pointer` if it has one.
///
/// ```
/// use apex_charts::{ThemeName, gallery, picture};
///
/// let chart = gallery::samples().remove(0).data;
/// let image = picture(&chart, egui::vec2(300.0, 150.0), 2.0, ThemeName::Dark, None);
/// assert_eq!(image.size, [600, 300]);
/// ```
pub fn picture(data: &ChartData, size: Vec2, scale: f32, name: ThemeName, pointer: Option<Pos2>) -> Picture {
    let mut view = ChartView::new(size, scale, name);
    // The first frame measures the axes, the second stands on that measure.
    for _ in 0..2 {
        view.frame(data, RawInput::default());
    }
    let input = RawInput {
        events: pointer.map(Event::PointerMoved).into_iter().collect(),
        ..Default::default()
    };
    let frame = view.frame(data, input);
    view.paint(&frame).clone()
}

fn pixels(size: Vec2, scale: f32) -> [usize; 2] {
    let size = (size * scale).round().max(vec2(1.0, 1.0));
    [size.x as usize, size.y as usize]
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
