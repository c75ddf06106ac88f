//! One frame of a chart: layout and tessellation of four lines of 5,000 days, and its pixels.

use apex_charts::{ChartView, ThemeName, gallery};
use apex_wire::chart::ChartData;
use criterion::Criterion;

use crate::cpu_time::CpuTime;

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>) {
    let chart = ChartData::Line(gallery::lines(4, 5_000));
    let mut view = ChartView::new([900.0, 420.0].into(), 1.0, ThemeName::Light);
    view.frame(&chart, Default::default());
    let mut group = criterion.benchmark_group("charts");
    // As after a zoom: the lines are decimated and tessellated again.
    group.bench_function("frame_4x5000", |bencher| bencher.iter(|| view.cold_frame(&chart)));
    // As when the pointer moves: the lines are kept.
    group.bench_function("frame_4x5000_kept", |bencher| {
        bencher.iter(|| view.frame(&chart, Default::default()));
    });
    let frame = view.frame(&chart, Default::default());
    group.bench_function("paint_4x5000", |bencher| bencher.iter(|| view.paint(&frame).size));
    group.finish();
}
