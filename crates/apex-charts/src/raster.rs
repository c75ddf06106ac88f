//! Paints tessellated charts into pixels, without a graphics device.
//!
//! Triangles with colors and one font texture are all that egui emits, so each is filled row by row. The same code
//! paints the page's canvases and the pictures of the documentation: a chart looks the same with and without a
//! graphics card, costs no drawing buffers there, and needs no driver to start.

use egui::epaint::{Mesh, Primitive, Vertex};
use egui::{ClippedPrimitive, Color32, ColorImage, Pos2};

/// A chart as pixels, opaque, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels from left to right and from top to bottom.
    pub size: [usize; 2],
    pixels: Vec<[u8; 4]>,
}

impl Picture {
    /// Makes a picture of one color.
    pub(crate) fn filled(size: [usize; 2], color: Color32) -> Self {
        Self {
            size,
            pixels: vec![color.to_array(); size[0] * size[1]],
        }
    }

    /// Returns red, green, blue and alpha of every pixel, a byte each.
    pub fn rgba(&self) -> &[u8] {
        self.pixels.as_flattened()
    }
}

/// Paints tessellated shapes, whose text refers to `font`, over a plain background.
///
/// `image` keeps its size; shapes are in points, `scale` pixels each.
pub(crate) fn paint(
    image: &mut Picture,
    primitives: &[ClippedPrimitive],
    font: &ColorImage,
    scale: f32,
    background: Color32,
) {
    image.pixels.fill(background.to_array());
    for clipped in primitives {
        let Primitive::Mesh(mesh) = &clipped.primitive else {
            continue;
        };
        let clip = clipped.clip_rect * scale;
        let edge = |at: f32, size: usize| (at.round().max(0.0) as usize).min(size);
        let [width, height] = image.size;
        let clip = Clip {
            left: edge(clip.min.x, width),
            top: edge(clip.min.y, height),
            right: edge(clip.max.x, width),
            bottom: edge(clip.max.y, height),
        };
        fill_mesh(image, mesh, font, clip, scale);
    }
}

/// The pixels that may be painted, the far edges excluded.
#[derive(Clone, Copy)]
struct Clip {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

fn fill_mesh(image: &mut Picture, mesh: &Mesh, font: &ColorImage, clip: Clip, scale: f32) {
    for corners in mesh.indices.chunks_exact(3) {
        let [Some(a), Some(b), Some(c)] = [0, 1, 2].map(|corner| mesh.vertices.get(corners[corner] as usize)) else {
            continue;
        };
        fill_triangle(image, [a, b, c], font, clip, scale);
    }
}

fn fill_triangle(image: &mut Picture, corners: [&Vertex; 3], font: &ColorImage, clip: Clip, scale: f32) {
    let [a, b, c] = corners.map(|corner| (corner.pos.to_vec2() * scale).to_pos2());
    // Centers of rows that the triangle may hold; most triangles of a thin line hold few or none.
    let lowest = (a.y.min(b.y).min(c.y) - 0.5).ceil().max(clip.top as f32) as usize;
    let highest = ((a.y.max(b.y).max(c.y) + 0.5).floor().max(0.0) as usize).min(clip.bottom);
    let area = cross(a, b, c);
    if lowest >= highest || area == 0.0 || !area.is_finite() {
        return;
    }
    let edges = [Edge::new(b, c, area), Edge::new(c, a, area), Edge::new(a, b, area)];
    let reach = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
    let textured = corners.iter().any(|corner| corner.uv != egui::epaint::WHITE_UV);
    let plain = corners[1].color == corners[0].color && corners[2].color == corners[0].color && !textured;
    let mut mix = None;
    for y in lowest..highest {
        let (from, to) = row(&edges, y as f32 + 0.5, reach, clip);
        if from >= to {
            continue;
        }
        let start = y * image.size[0];
        let pixels = &mut image.pixels[start + from..start + to];
        let color = corners[0].color.to_array();
        if plain && color[3] == 255 {
            pixels.fill(color);
        } else if plain {
            for pixel in pixels {
                *pixel = over(color, *pixel);
            }
        } else {
            let mix = mix.get_or_insert_with(|| Mix::new(corners, &edges, textured.then_some(font)));
            let mut at = mix.start(from as f32 + 0.5, y as f32 + 0.5);
            for pixel in pixels {
                *pixel = over(mix.color(&at), *pixel);
                mix.step(&mut at);
            }
        }
    }
}

/// How far, in pixels, an estimated end may be from the true one, for rounding.
const SLACK: f32 = 0.01;

/// Returns the pixels of a row whose centers lie inside all edges.
///
/// A triangle has no dents, so they are one stretch; its ends are estimated and then moved to where [`Edge::holds`] is
/// true, which alone decides.
fn row(edges: &[Edge; 3], y: f32, reach: (f32, f32), clip: Clip) -> (usize, usize) {
    let (mut low, mut high) = reach;
    for edge in edges {
        let crossing = (edge.offset + edge.down * y) * edge.crossing;
        if edge.across > 0.0 {
            low = low.max(crossing);
        } else if edge.across < 0.0 {
            high = high.min(crossing);
        }
    }
    let inside = |x: usize| edges.iter().all(|edge| edge.holds(x as f32 + 0.5, y));
    let mut from = ((low - 0.5 - SLACK).ceil().max(0.0) as usize).max(clip.left);
    let mut to = ((high + 0.5 + SLACK).floor().max(0.0) as usize).min(clip.right);
    while from < to && !inside(from) {
        from += 1;
    }
    while from < to && !inside(to - 1) {
        to -= 1;
    }
    (from, to)
}

/// One side of a triangle as a weight: zero on the side, one at the corner across from it.
struct Edge {
    across: f32,
    down: f32,
    offset: f32,
    /// What the rest of the weight in a row is multiplied with to find where the side crosses it.
    crossing: f32,
    /// Whether pixels on the side itself belong to this triangle. On a shared side they belong to one of the two only,
    /// or translucent areas show seams.
    owns: bool,
}

impl Edge {
    fn new(from: Pos2, to: Pos2, area: f32) -> Self {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let share = 1.0 / area;
        Self {
            across: -dy * share,
            down: dx * share,
            offset: (dy * from.x - dx * from.y) * share,
            crossing: area / dy,
            owns: dy * area.signum() > 0.0 || (dy == 0.0 && dx * area.signum() < 0.0),
        }
    }

    fn weight(&self, x: f32, y: f32) -> f32 {
        self.across * x + self.down * y + self.offset
    }

    fn holds(&self, x: f32, y: f32) -> bool {
        let weight = self.weight(x, y);
        weight > 0.0 || (weight == 0.0 && self.owns)
    }
}

fn cross(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Red, green, blue, alpha, and where in the font texture, all of which change evenly over a triangle.
type Blend = [f32; 6];

/// The colors of a triangle, mixed from its corners as egui's shaders do.
struct Mix<'a> {
    across: Blend,
    down: Blend,
    offset: Blend,
    /// The texture of a triangle that has one.
    font: Option<&'a ColorImage>,
}

impl<'a> Mix<'a> {
    fn new(corners: [&Vertex; 3], edges: &[Edge; 3], font: Option<&'a ColorImage>) -> Self {
        let mut mix = Self {
            across: [0.0; 6],
            down: [0.0; 6],
            offset: [0.0; 6],
            font,
        };
        let [width, height] = font.map_or([1.0, 1.0], |font| font.size.map(|size| size as f32));
        for (corner, edge) in corners.iter().zip(edges) {
            let [red, green, blue, alpha] = corner.color.to_array().map(f32::from);
            let values = [red, green, blue, alpha, corner.uv.x * width, corner.uv.y * height];
            for (at, value) in values.into_iter().enumerate() {
                mix.across[at] += value * edge.across;
                mix.down[at] += value * edge.down;
                mix.offset[at] += value * edge.offset;
            }
        }
        mix
    }

    fn start(&self, x: f32, y: f32) -> Blend {
        std::array::from_fn(|at| self.across[at] * x + self.down[at] * y + self.offset[at])
    }

    fn step(&self, at: &mut Blend) {
        for (value, across) in at.iter_mut().zip(self.across) {
            *value += across;
        }
    }

    fn color(&self, at: &Blend) -> [u8; 4] {
        let [red, green, blue, alpha, u, v] = *at;
        let color = [red, green, blue, alpha];
        let Some(font) = self.font else {
            return color.map(|channel| (channel + 0.5) as u8);
        };
        let [width, height] = font.size;
        let texel = |place: f32, size: usize| (place.max(0.0) as usize).min(size - 1);
        let texel = font.pixels[texel(v, height) * width + texel(u, width)].to_array();
        std::array::from_fn(|channel| (color[channel] * f32::from(texel[channel]) / 255.0 + 0.5) as u8)
    }
}

/// Returns a premultiplied color over an opaque one.
fn over(front: [u8; 4], back: [u8; 4]) -> [u8; 4] {
    let keep = 255 - u32::from(front[3]);
    let mut mixed = [0; 4];
    for ((out, front), back) in mixed.iter_mut().zip(front).zip(back) {
        // Exact rounding of `back * keep / 255`, without a division.
        let share = u32::from(back) * keep + 128;
        *out = (u32::from(front) + ((share + (share >> 8)) >> 8)).min(255) as u8;
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Rect, TextureId, pos2};
    use proptest::prelude::*;

    const CLEAR: Color32 = Color32::BLACK;
    const WHITE: [u8; 4] = [255; 4];

    fn mesh(points: &[(f32, f32)], triangles: &[u32], color: Color32) -> Vec<ClippedPrimitive> {
        let mut mesh = Mesh::with_texture(TextureId::default());
        for (x, y) in points {
            mesh.colored_vertex(pos2(*x, *y), color);
        }
        mesh.indices = triangles.to_vec();
        vec![ClippedPrimitive {
            clip_rect: Rect::EVERYTHING,
            primitive: Primitive::Mesh(mesh),
        }]
    }

    fn painted(primitives: &[ClippedPrimitive], size: [usize; 2], scale: f32) -> Picture {
        let mut image = Picture::filled(size, Color32::RED);
        let font = ColorImage::filled([1, 1], Color32::WHITE);
        paint(&mut image, primitives, &font, scale, CLEAR);
        image
    }

    #[test]
    fn a_rectangle_fills_its_pixels_and_no_others() {
        let corners = [(1.0, 1.0), (4.0, 1.0), (4.0, 3.0), (1.0, 3.0)];
        let image = painted(&mesh(&corners, &[0, 1, 2, 0, 2, 3], Color32::WHITE), [12, 8], 2.0);
        for y in 0..8 {
            for x in 0..12 {
                let inside = (2..8).contains(&x) && (2..6).contains(&y);
                assert_eq!(image.pixels[y * 12 + x] == WHITE, inside, "{x}, {y}");
            }
        }
    }

    #[test]
    fn nothing_is_painted_outside_the_clip() {
        let mut shapes = mesh(
            &[(-50.0, -50.0), (60.0, -50.0), (0.0, 90.0)],
            &[0, 1, 2],
            Color32::WHITE,
        );
        shapes[0].clip_rect = Rect::from_min_max(pos2(2.0, 3.0), pos2(5.0, 6.0));
        let image = painted(&shapes, [8, 8], 1.0);
        let white = image.pixels.iter().filter(|pixel| **pixel == WHITE).count();
        assert_eq!(white, 9);
    }

    #[test]
    fn colors_mix_between_corners() {
        let mut shapes = mesh(&[(0.0, 0.0), (100.0, 0.0), (0.0, 4.0)], &[0, 1, 2], Color32::WHITE);
        if let Primitive::Mesh(mesh) = &mut shapes[0].primitive {
            mesh.vertices[1].color = Color32::TRANSPARENT;
        }
        let image = painted(&shapes, [100, 4], 1.0);
        // A quarter of the way, by hand: 1 - 0.255 of 255 over black.
        assert_eq!(image.pixels[25], [190, 190, 190, 255]);
    }

    proptest! {
        #[test]
        fn two_triangles_paint_each_pixel_of_their_square_once(
            x in 0.0_f32..8.0, y in 0.0_f32..8.0, width in 0.5_f32..12.0, height in 0.5_f32..12.0, flipped: bool,
        ) {
            let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
            let triangles = if flipped { [0, 1, 3, 1, 2, 3] } else { [0, 1, 2, 0, 2, 3] };
            let half = Color32::from_rgba_premultiplied(100, 100, 100, 128);
            let image = painted(&mesh(&corners, &triangles, half), [24, 24], 1.0);
            let once = over(half.to_array(), CLEAR.to_array());
            for (at, pixel) in image.pixels.iter().enumerate() {
                prop_assert!(*pixel == once || *pixel == CLEAR.to_array(), "{at} is {pixel:?}");
            }
            // As many pixels as centers lie inside.
            let centers = |from: f32, size: f32| (0..24).filter(|at| {
                let at = *at as f32 + 0.5;
                at > from && at < from + size
            }).count();
            let count = image.pixels.iter().filter(|pixel| **pixel == once).count();
            prop_assert_eq!(count, centers(x, width) * centers(y, height));
        }
    }
}
