//! Times one frame of four lines of 5,000 days: layout and tessellation, in CPU time of the thread.
#![allow(clippy::print_stdout, reason = "a terminal tool talks on the terminal")]

use apex_charts::{FrameMeasure, ThemeName, gallery};
use apex_wire::chart::ChartData;
use cpu_time::ThreadTime;
use egui::{pos2, vec2};

fn main() {
    let chart = ChartData::Line(gallery::lines(4, 5_000));
    let mut frames = FrameMeasure::new(chart, vec2(900.0, 420.0), ThemeName::Light);
    let vertices = frames.frame();
    println!("4 series x 5,000 points at 900 x 420, {vertices} vertices, median of 201 frames");
    report("geometry made anew", &mut frames, |frames, _| frames.cold_frame());
    report("geometry kept", &mut frames, |frames, _| frames.frame());
    report("crosshair moves", &mut frames, |frames, step| {
        frames.pointer_frame(pos2(60.0 + step as f32 * 3.0, 200.0))
    });
}

fn report(name: &str, frames: &mut FrameMeasure, frame: impl Fn(&mut FrameMeasure, usize) -> usize) {
    let mut micros: Vec<f64> = (0..201)
        .map(|step| {
            let start = ThreadTime::now();
            std::hint::black_box(frame(frames, step));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    println!(
        "{name:<20} {:>7.0} µs median, {:>7.0} µs at the 95th percentile",
        micros[100], micros[190]
    );
}
