//! Charts drawn by egui_plot from wire types, and the theme tokens they share with the stylesheet.
//!
//! Every chart is a function of its data and a [`ChartState`]; it knows nothing of the page around it, fetches nothing
//! and computes no figure. What the crosshair shows is the table's value, unit and rounding included, because
//! both come from [`table`](table::table). A chart asks for a repaint only when its own state changed.
//!
//! | gesture | effect |
//! |---|---|
//! | drag | zooms to the dragged stretch |
//! | drag with shift, or with the middle button | pans |
//! | wheel, wheel with ctrl | scrolls through time, zooms at the pointer |
//! | double click, `0` | shows everything |
//! | `+`, `-` | zooms in and out |
//! | `l`, `c`, `m` | log scale, compare at 100, marks and ribbons |
//! | left and right arrow, Esc | move and hide the crosshair |

pub mod gallery;
pub mod table;
pub mod theme;

mod bars;
mod candles;
mod decimate;
mod fan;
mod frame;
mod heat_map;
mod histogram;
mod labels;
mod lines;
mod raster;
mod readout;
mod scatter;
mod state;
mod ticks;
mod unit;
mod view;
mod waterfall;

pub use bars::bar_chart_ui;
pub use candles::{candle_chart_ui, candle_extent};
pub use decimate::{Run, decimate};
pub use heat_map::heat_map_ui;
pub use histogram::histogram_ui;
pub use lines::{area_chart_ui, fan_chart_ui, line_chart_ui};
pub use raster::Picture;
pub use scatter::scatter_ui;
pub use state::{ChartState, Scale, Status};
pub use table::csv;
pub use theme::{Theme, ThemeName};
pub use unit::{axis_title, unit_text};
pub use view::{ChartView, Frame, picture};
pub use waterfall::waterfall_ui;

use apex_wire::chart::ChartData;

/// Draws a chart of any kind into the space that `ui` has left.
pub fn chart_ui(ui: &mut egui::Ui, data: &ChartData, state: &mut ChartState) {
    match data {
        ChartData::Line(lines) => line_chart_ui(ui, lines, state),
        ChartData::Area(lines) => area_chart_ui(ui, lines, state),
        ChartData::Fan(lines) => fan_chart_ui(ui, lines, state),
        ChartData::Bar(bars) => bar_chart_ui(ui, bars, state),
        ChartData::Waterfall(steps) => waterfall_ui(ui, steps, state),
        ChartData::HeatMap(map) => heat_map_ui(ui, map, state),
        ChartData::Histogram(histogram) => histogram_ui(ui, histogram, state),
        ChartData::Scatter(points) => scatter_ui(ui, points, state),
        ChartData::Candles(candles) => candle_chart_ui(ui, candles, state),
    }
}
