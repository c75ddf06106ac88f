//! A chart as pixels without a GPU, for tests and the pictures of the documentation.
//!
//! Triangles with colors and one font texture are all that egui emits, so a plain scan of each triangle's box does.

use crate::measure::FrameMeasure;
use crate::theme::{Theme, ThemeName};
use apex_wire::chart::ChartData;
use egui::epaint::{Mesh, Primitive, Vertex};
use egui::{ClippedPrimitive, Color32, ColorImage, Event, Pos2, Vec2};

/// Returns a chart as an image on the theme's surface, with the pointer at `pointer` if it has one.
///
/// ```
/// use apex_charts::{ThemeName, gallery, picture};
///
/// let chart = gallery::samples().remove(0).data;
/// let image = picture(chart, egui::vec2(300.0, 150.0), 2.0, ThemeName::Dark, None);
/// assert_eq!(image.size, [600, 300]);
/// ```
pub fn picture(
    data: ChartData,
    size: Vec2,
    pixels_per_point: f32,
    name: ThemeName,
    pointer: Option<Pos2>,
) -> ColorImage {
    let mut frames = FrameMeasure::new(data, size, name).with_pixels_per_point(pixels_per_point);
    // The first frame measures the axes, the second stands on that measure.
    frames.primitives(Vec::new());
    frames.primitives(Vec::new());
    let events: Vec<Event> = pointer.map(Event::PointerMoved).into_iter().collect();
    let primitives = frames.primitives(events);
    let pixels = [size.x, size.y].map(|length| (length * pixels_per_point).round() as usize);
    rasterize(
        &primitives,
        frames.font(),
        pixels,
        pixels_per_point,
        Theme::of(name).surface.color(),
    )
}

/// Returns an image of tessellated shapes, whose text refers to `font`, over a plain background.
pub fn rasterize(
    primitives: &[ClippedPrimitive],
    font: &ColorImage,
    size: [usize; 2],
    pixels_per_point: f32,
    background: Color32,
) -> ColorImage {
    let mut image = ColorImage::filled(size, background);
    for clipped in primitives {
        let Primitive::Mesh(mesh) = &clipped.primitive else {
            continue;
        };
        let clip = clipped.clip_rect * pixels_per_point;
        let clip = [
            clip.min.x.round().max(0.0) as usize,
            clip.min.y.round().max(0.0) as usize,
            (clip.max.x.round().max(0.0) as usize).min(size[0]),
            (clip.max.y.round().max(0.0) as usize).min(size[1]),
        ];
        fill_mesh(&mut image, mesh, font, clip, pixels_per_point);
    }
    image
}

fn fill_mesh(image: &mut ColorImage, mesh: &Mesh, font: &ColorImage, clip: [usize; 4], scale: f32) {
    for corners in mesh.indices.chunks_exact(3) {
        let [Some(a), Some(b), Some(c)] = [0, 1, 2].map(|corner| mesh.vertices.get(corners[corner] as usize)) else {
            continue;
        };
        fill_triangle(image, [a, b, c], font, clip, scale);
    }
}

fn fill_triangle(image: &mut ColorImage, corners: [&Vertex; 3], font: &ColorImage, clip: [usize; 4], scale: f32) {
    let [a, b, c] = corners.map(|corner| (corner.pos.to_vec2() * scale).to_pos2());
    let area = cross(a, b, c);
    if area == 0.0 || !area.is_finite() {
        return;
    }
    let range = |values: [f32; 3], low: usize, high: usize| {
        let smallest = values.into_iter().fold(f32::MAX, f32::min).floor().max(low as f32) as usize;
        let largest = values
            .into_iter()
            .fold(f32::MIN, f32::max)
            .ceil()
            .clamp(0.0, high as f32) as usize;
        smallest..largest
    };
    for y in range([a.y, b.y, c.y], clip[1], clip[3]) {
        for x in range([a.x, b.x, c.x], clip[0], clip[2]) {
            let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
            let weights = [cross(b, c, at) / area, cross(c, a, at) / area, cross(a, b, at) / area];
            // A pixel on a shared edge belongs to one triangle only, or translucent areas show seams.
            let inside = weights
                .iter()
                .zip([(b, c), (c, a), (a, b)])
                .all(|(weight, (from, to))| {
                    *weight > 0.0
                        || (*weight == 0.0
                            && ((to.y - from.y) * area.signum() > 0.0
                                || (to.y == from.y && (to.x - from.x) * area.signum() < 0.0)))
                });
            if inside {
                image[(x, y)] = over(shade(corners, weights, font), image[(x, y)]);
            }
        }
    }
}

fn cross(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// The color of a pixel: premultiplied channels from 0 to 255, as egui's shaders mix them.
fn shade(corners: [&Vertex; 3], weights: [f32; 3], font: &ColorImage) -> [f32; 4] {
    let mut color = [0.0; 4];
    let (mut u, mut v) = (0.0, 0.0);
    for (corner, weight) in corners.iter().zip(weights) {
        for (channel, value) in color.iter_mut().zip(corner.color.to_array()) {
            *channel += f32::from(value) * weight;
        }
        u += corner.uv.x * weight;
        v += corner.uv.y * weight;
    }
    let (x, y) = ((u * font.width() as f32) as usize, (v * font.height() as f32) as usize);
    let texel = font[(x.min(font.width() - 1), y.min(font.height() - 1))].to_array();
    for (channel, value) in color.iter_mut().zip(texel) {
        *channel *= f32::from(value) / 255.0;
    }
    color
}

fn over(front: [f32; 4], back: Color32) -> Color32 {
    let keep = 1.0 - front[3] / 255.0;
    let mut mixed = [0; 4];
    for ((out, front), back) in mixed.iter_mut().zip(front).zip(back.to_array()) {
        *out = (front + f32::from(back) * keep).round().clamp(0.0, 255.0) as u8;
    }
    Color32::from_rgba_premultiplied(mixed[0], mixed[1], mixed[2], mixed[3])
}
