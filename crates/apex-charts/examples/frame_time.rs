//! Times one frame of four lines of 5,000 days: layout and tessellation, in CPU time of the thread.
#![allow(clippy::print_stdout, reason = "a terminal tool talks on the terminal")]

use apex_charts::{ChartView, Frame, ThemeName, gallery};
use apex_wire::chart::ChartData;
use cpu_time::ThreadTime;
use egui::{Event, RawInput, pos2, vec2};

fn main() {
    let chart = ChartData::Line(gallery::lines(4, 5_000));
    let mut view = ChartView::new(vec2(900.0, 420.0), 1.0, ThemeName::Light);
    let vertices = view.frame(&chart, RawInput::default()).vertices();
    println!("4 series x 5,000 points at 900 x 420, {vertices} vertices, median of 201 frames");
    report("geometry made anew", |_| view.cold_frame(&chart));
    report("geometry kept", |_| view.frame(&chart, RawInput::default()));
    report("crosshair moves", |step| {
        let input = RawInput {
            events: vec![Event::PointerMoved(pos2(60.0 + step as f32 * 3.0, 200.0))],
            ..Default::default()
        };
        view.frame(&chart, input)
    });
    let frame = view.frame(&chart, RawInput::default());
    report_of("painted into pixels", |_| view.paint(&frame).size);
}

fn report(name: &str, mut frame: impl FnMut(usize) -> Frame) {
    report_of(name, |step| frame(step).vertices());
}

fn report_of<T>(name: &str, mut act: impl FnMut(usize) -> T) {
    let mut micros: Vec<f64> = (0..201)
        .map(|step| {
            let start = ThreadTime::now();
            std::hint::black_box(act(step));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    println!(
        "{name:<20} {:>7.0} µs median, {:>7.0} µs at the 95th percentile",
        micros[100], micros[190]
    );
}
