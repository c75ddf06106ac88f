//! What a chart remembers between frames: its view, its scale, its crosshair, and the geometry it drew last.

use egui::{EventFilter, Key, Pos2, Rect, Response, Shape, Ui};

/// Everything about a chart that is not its data.
///
/// The page owns it: two charts stay linked when the page copies `cursor` of one into `linked` of the other.
#[derive(Default)]
pub struct ChartState {
    /// The visible stretch of the horizontal axis, or `None` for all of it.
    pub view: Option<(f64, f64)>,
    /// The scale of the vertical axis.
    pub scale: Scale,
    /// Whether lines start at 100 together.
    pub comparing: bool,
    /// Whether marks and ribbons are left out.
    pub marks_hidden: bool,
    /// Where this chart's own crosshair stands, snapped to a data point; an index for categories.
    pub cursor: Option<f64>,
    /// The point that was clicked last: its series and its place in it. Whoever acts on it takes it.
    pub picked: Option<(usize, usize)>,
    /// Where a linked chart's crosshair stands.
    pub linked: Option<f64>,
    /// All of the horizontal axis, where linked charts must agree about it; the data's own extent where absent.
    pub extent: Option<(f64, f64)>,
    /// Points kept at the right for the names of lines, where linked charts must agree about it.
    pub gutter: Option<f32>,
    /// Whether there is data to draw.
    pub status: Status,
    /// Why the last key did nothing, shown in the chart.
    pub notice: Option<String>,
    /// What the crosshair shows, for the page and for tests.
    pub readout: Option<Readout>,
    pub(crate) drag_from: Option<f32>,
    /// The cell of a heat map under the pointer: row and column.
    pub(crate) cell: Option<(usize, usize)>,
    pub(crate) cache: Geometry,
}

/// The scale of the vertical axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal ratios.
    Log,
}

/// Whether there is data to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// The data is what should be shown.
    #[default]
    Ready,
    /// The data is on its way; the frame stands already.
    Loading,
    /// The data did not come, because of this.
    Failed(String),
}

/// What the crosshair shows: the table's values at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// The key of the row: a date, a number or a category.
    pub key: String,
    /// One line for each column.
    pub lines: Vec<ReadoutLine>,
    /// Words of the marks and ribbons here.
    pub notes: Vec<String>,
}

/// One line of a readout.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadoutLine {
    /// The column of the table.
    pub name: String,
    /// The table's value.
    pub value: Option<f64>,
    /// The value as text, and in brackets its index when lines are compared at 100.
    pub text: String,
    pub(crate) color: Option<egui::Color32>,
}

/// The shapes of the last frame, kept while nothing that shapes them changes.
#[derive(Default)]
pub(crate) struct Geometry {
    pub(crate) key: Option<GeometryKey>,
    pub(crate) shapes: Vec<Shape>,
    /// Where each series ends on the screen, for its label.
    pub(crate) ends: Vec<Option<Pos2>>,
    /// How often the shapes were made anew.
    pub(crate) builds: u64,
}

/// All that shapes depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GeometryKey {
    pub(crate) data: u64,
    pub(crate) frame: Rect,
    pub(crate) bounds: ([f64; 2], [f64; 2]),
    pub(crate) pixels_per_point: f32,
    pub(crate) look: (bool, Scale, bool, bool),
}

impl ChartState {
    /// Returns to the whole data on a linear scale; the crosshair and the links stay.
    pub fn reset(&mut self) {
        self.view = None;
        self.scale = Scale::Linear;
        self.comparing = false;
        self.notice = None;
    }

    /// Holds the arrow keys and Escape while the chart has the focus, and does what `L` and `C` mean in every chart of
    /// values: the other scale, and lines that start at 100 together.
    pub(crate) fn take_keys(&mut self, ui: &Ui, response: &Response) {
        if response.has_focus() {
            let filter = EventFilter {
                horizontal_arrows: true,
                escape: true,
                ..Default::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        }
        let (scale, compare) = ui.input(|input| (input.key_pressed(Key::L), input.key_pressed(Key::C)));
        if scale {
            self.scale = match self.scale {
                Scale::Linear => Scale::Log,
                Scale::Log => Scale::Linear,
            };
        }
        if compare {
            self.comparing = !self.comparing;
        }
        if scale || compare {
            self.notice = None;
            ui.ctx().request_repaint();
        }
    }

    /// Returns how often the geometry was built since the state was made; a still chart does not raise it.
    pub fn geometry_builds(&self) -> u64 {
        self.cache.builds
    }
}

/// A quick hash of columns, so that changed data is noticed whoever changed it.
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn value(&mut self, value: f64) {
        self.0 = (self.0.rotate_left(5) ^ value.to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    pub(crate) fn option(&mut self, value: Option<f64>) {
        self.value(value.unwrap_or(f64::NAN));
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0
    }
}
