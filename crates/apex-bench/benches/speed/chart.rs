//! One frame of a chart: layout and tessellation of four lines of 5,000 days.

use apex_charts::{FrameMeasure, ThemeName, gallery};
use apex_wire::chart::ChartData;
use criterion::Criterion;

use crate::cpu_time::CpuTime;

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>) {
    let chart = ChartData::Line(gallery::lines(4, 5_000));
    let mut frames = FrameMeasure::new(chart, [900.0, 420.0].into(), ThemeName::Light);
    frames.frame();
    let mut group = criterion.benchmark_group("charts");
    // As after a zoom: the lines are decimated and tessellated again.
    group.bench_function("frame_4x5000", |bencher| bencher.iter(|| frames.cold_frame()));
    // As when the pointer moves: the lines are kept.
    group.bench_function("frame_4x5000_kept", |bencher| bencher.iter(|| frames.frame()));
    group.finish();
}
