//! What a person's hands do to a chart, driven without a window.

use apex_charts::table::table;
use apex_charts::{ChartView, Scale, Status, ThemeName, gallery};
use apex_wire::chart::{Axis, ChartData, LineData, LineSeries, Unit};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, RawInput, Vec2, pos2, vec2};
use std::time::Duration;

/// A chart and the hands on it, sixty frames a second.
struct Desk {
    data: ChartData,
    view: ChartView,
    events: Vec<Event>,
    time: f64,
}

impl Desk {
    fn new(data: ChartData, size: Vec2) -> Self {
        Self {
            data,
            view: ChartView::new(size, 1.0, ThemeName::Light),
            events: Vec::new(),
            time: 0.0,
        }
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn key_press(&mut self, key: Key) {
        for pressed in [true, false] {
            self.event(Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers: Modifiers::NONE,
            });
        }
    }

    /// Draws one frame and returns whether the chart wants another at once.
    fn step(&mut self) -> bool {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            events: std::mem::take(&mut self.events),
            time: Some(self.time),
            ..Default::default()
        };
        self.view.frame(&self.data, input).repaint_after == Duration::ZERO
    }

    fn run_steps(&mut self, count: usize) {
        for _ in 0..count {
            self.step();
        }
    }

    /// Draws until the chart rests.
    fn run(&mut self) {
        let rested = (0..20).any(|_| !self.step());
        assert!(rested, "the chart keeps asking for frames");
    }
}

fn open(data: ChartData) -> Desk {
    let mut desk = Desk::new(data, vec2(640.0, 300.0));
    desk.run();
    desk
}

fn sample(name: &str) -> ChartData {
    gallery::samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .expect("the gallery has it")
        .data
}

fn hover(desk: &mut Desk, pos: Pos2) {
    desk.event(Event::PointerMoved(pos));
    desk.run();
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

fn drag(desk: &mut Desk, from: Pos2, to: Pos2) {
    for event in [Event::PointerMoved(from), button(from, true)] {
        desk.event(event);
        desk.step();
    }
    for share in [0.3, 0.7, 1.0] {
        desk.event(Event::PointerMoved(from + (to - from) * share));
        desk.step();
    }
    desk.event(button(to, false));
    desk.run();
}

#[test]
fn the_crosshair_shows_exactly_the_values_of_the_table() {
    for name in [
        "line",
        "lines-dense",
        "drawdown",
        "fan",
        "bar",
        "bar-grouped",
        "bar-horizontal",
        "waterfall",
        "histogram",
        "candles",
        "candles-dense",
        "candles-minutes",
    ] {
        let data = sample(name);
        let table = table(&data);
        let mut desk = open(data);
        for x in (80..620).step_by(83) {
            hover(&mut desk, pos2(x as f32, 150.0));
            let state = &desk.view.state;
            let Some(readout) = &state.readout else { continue };
            let row = table
                .rows
                .iter()
                .find(|row| row.key == readout.key)
                .expect("the key is a row of the table");
            let shown: Vec<_> = readout.lines.iter().map(|line| line.value).collect();
            assert_eq!(shown, row.values, "{name} at {}", readout.key);
            for (column, line) in readout.lines.iter().enumerate() {
                assert_eq!(line.text, table.text(column, line.value).as_str(), "{name}");
            }
        }
        assert!(desk.view.state.readout.is_some(), "{name} has no crosshair");
    }
}

#[test]
fn a_heat_map_reads_the_cell_under_the_pointer() {
    let data = sample("heat-correlation");
    let table = table(&data);
    let mut desk = open(data);
    for (x, y) in [(70.0, 20.0), (300.0, 100.0), (600.0, 250.0)] {
        hover(&mut desk, pos2(x, y));
        let readout = desk.view.state.readout.clone().expect("the pointer is on a cell");
        let row = table.rows.iter().find(|row| row.key == readout.key).expect("a row");
        let column = table
            .columns
            .iter()
            .position(|column| *column == readout.lines[0].name)
            .expect("a column");
        assert_eq!(readout.lines[0].value, row.values[column]);
    }
}

#[test]
fn a_missing_day_reads_as_unknown_and_is_not_bridged() {
    let data = ChartData::Line(LineData {
        title: "NAV".into(),
        x: Axis::new("Day", Unit::Number { decimals: 0 }),
        y: Axis::new("NAV", Unit::Number { decimals: 2 }),
        series: vec![LineSeries {
            name: "US Core".into(),
            hue: None,
            x: vec![0.0, 1.0, 2.0],
            y: vec![Some(1.0), None, Some(3.0)],
        }],
        marks: vec![],
        ribbons: vec![],
    });
    let mut desk = open(data);
    hover(&mut desk, pos2(340.0, 150.0));
    let readout = desk
        .view
        .state
        .readout
        .clone()
        .expect("the middle of the frame is day 1");
    assert_eq!(
        (
            readout.key.as_str(),
            readout.lines[0].value,
            readout.lines[0].text.as_str()
        ),
        ("1", None, "--")
    );
}

#[test]
fn candles_zoom_step_and_stay_on_a_log_scale() {
    let data = sample("candles-dense");
    let rows = table(&data).rows;
    let mut desk = open(data);
    let whole = desk.view.state.geometry_builds();
    drag(&mut desk, pos2(300.0, 100.0), pos2(330.0, 180.0));
    assert!(desk.view.state.view.is_some());
    assert!(desk.view.state.geometry_builds() > whole);
    // The crosshair stands on a day of the table, however many days one candle is drawn for.
    hover(&mut desk, pos2(300.0, 120.0));
    let at = desk.view.state.cursor.expect("the pointer is on the chart");
    let index = rows.iter().position(|row| row.at == at).expect("a row");
    desk.event(button(pos2(300.0, 120.0), true));
    desk.event(button(pos2(300.0, 120.0), false));
    desk.run();
    desk.key_press(Key::ArrowRight);
    desk.run();
    assert_eq!(desk.view.state.cursor, Some(rows[index + 1].at));
    desk.key_press(Key::L);
    desk.run();
    assert_eq!((desk.view.state.scale, &desk.view.state.notice), (Scale::Log, &None));
    desk.key_press(Key::C);
    desk.run();
    assert!(!desk.view.state.comparing && desk.view.state.notice.is_some());
}

#[test]
fn closes_without_candles_are_drawn_as_a_line_and_read() {
    let ChartData::Candles(mut candles) = sample("candles") else {
        panic!("the sample has candles");
    };
    candles.lines = vec![LineSeries {
        name: "Close".into(),
        hue: None,
        x: candles.at.clone(),
        y: candles.close.clone(),
    }];
    for column in [&mut candles.open, &mut candles.high, &mut candles.low] {
        column.fill(None);
    }
    let data = ChartData::Candles(candles);
    assert!(!data.is_empty());
    let mut desk = open(data);
    hover(&mut desk, pos2(300.0, 120.0));
    let readout = desk.view.state.readout.clone().expect("a day");
    assert!(readout.lines[0].value.is_none() && readout.lines[3].value.is_some());
    assert_eq!(readout.lines[3].value, readout.lines[5].value);
}

#[test]
fn a_pane_below_candles_shows_the_same_stretch_and_the_same_day() {
    let ChartData::Candles(candles) = sample("candles") else {
        panic!("the sample has candles");
    };
    let pane = ChartData::Line(LineData {
        title: "RSI 14".into(),
        x: Axis::date(),
        y: Axis::new("RSI 14", Unit::Number { decimals: 1 }),
        series: vec![LineSeries {
            name: "RSI 14".into(),
            hue: None,
            x: candles.at.clone(),
            y: candles.close.clone(),
        }],
        marks: vec![],
        ribbons: vec![],
    });
    let mut charts = [ChartData::Candles(candles.clone()), pane].map(|data| {
        let mut desk = Desk::new(data, vec2(640.0, 200.0));
        desk.view.state.extent = Some(apex_charts::candle_extent(&candles));
        desk.view.state.gutter = Some(80.0);
        desk.run();
        desk
    });
    // The same point of both frames is the same day, since axes and labels take the same room.
    let days = charts.each_mut().map(|desk| {
        hover(desk, pos2(400.0, 60.0));
        desk.view.state.readout.clone().expect("a day").key
    });
    assert_eq!(days[0], days[1]);
}

#[test]
fn a_drag_zooms_and_a_double_click_shows_everything() {
    let mut desk = open(sample("line"));
    drag(&mut desk, pos2(200.0, 100.0), pos2(300.0, 180.0));
    let (from, until) = desk.view.state.view.expect("the drag zoomed in");
    assert!(until - from < 500.0, "{from} to {until}");
    let key = |desk: &mut Desk, key: Key| {
        desk.key_press(key);
        desk.run();
        desk.view.state.view
    };
    let (wider_from, wider_until) = key(&mut desk, Key::Minus).expect("still zoomed in");
    assert!(wider_from < from && wider_until > until);
    let (narrow_from, narrow_until) = key(&mut desk, Key::Plus).expect("zoomed in");
    assert!(narrow_until - narrow_from < wider_until - wider_from);
    assert_eq!(key(&mut desk, Key::Num0), None);

    drag(&mut desk, pos2(200.0, 100.0), pos2(300.0, 180.0));
    assert!(desk.view.state.view.is_some());
    for pressed in [true, false, true, false] {
        desk.event(button(pos2(250.0, 150.0), pressed));
        desk.step();
    }
    desk.run();
    assert_eq!(desk.view.state.view, None);
}

#[test]
fn the_wheel_scrolls_through_time_and_stops_at_the_end() {
    let mut desk = open(sample("line"));
    drag(&mut desk, pos2(200.0, 100.0), pos2(300.0, 180.0));
    let before = desk.view.state.view.expect("zoomed in");
    let mut scroll = |y: f32| {
        hover(&mut desk, pos2(300.0, 150.0));
        desk.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, y),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        desk.run_steps(40);
        desk.view.state.view.expect("still zoomed in")
    };
    let later = scroll(-60.0);
    assert!(later.0 > before.0, "{later:?} after {before:?}");
    assert!(((later.1 - later.0) - (before.1 - before.0)).abs() < 1e-6);
    let first = scroll(1e6);
    assert_eq!(first.0, apex_wire::chart::day_number(jiff::civil::date(2002, 12, 30)));
}

#[test]
fn a_log_scale_is_refused_in_a_sentence_where_values_are_not_positive() {
    let mut desk = open(sample("drawdown"));
    hover(&mut desk, pos2(300.0, 150.0));
    desk.key_press(Key::L);
    desk.run();
    let state = &desk.view.state;
    assert_eq!(state.scale, Scale::Linear);
    assert_eq!(
        state.notice.as_deref(),
        Some("A log scale needs values above zero; US Core is 0.00% on 2002-12-30")
    );

    let mut desk = open(sample("line"));
    hover(&mut desk, pos2(300.0, 150.0));
    desk.key_press(Key::L);
    desk.run();
    assert_eq!((desk.view.state.scale, &desk.view.state.notice), (Scale::Log, &None));
}

#[test]
fn compared_lines_start_at_100_and_still_read_their_own_values() {
    let data = sample("line");
    let first = table(&data).rows.remove(0);
    let mut desk = open(data);
    hover(&mut desk, pos2(300.0, 150.0));
    desk.key_press(Key::C);
    desk.run();
    assert!(desk.view.state.comparing);
    // The frame begins right of the labels.
    let readout = (40..90).find_map(|x| {
        hover(&mut desk, pos2(x as f32, 150.0));
        desk.view.state.readout.clone()
    });
    let readout = readout.expect("the first day");
    assert_eq!(readout.key, first.key);
    for (line, value) in readout.lines.iter().zip(first.values) {
        assert_eq!(line.value, value);
        assert!(line.text.ends_with(" (100.0)"), "{}", line.text);
    }
}

#[test]
fn arrows_step_from_day_to_day() {
    let data = sample("line");
    let rows = table(&data).rows;
    let mut desk = open(data);
    for pressed in [true, false] {
        hover(&mut desk, pos2(300.0, 150.0));
        desk.event(button(pos2(300.0, 150.0), pressed));
        desk.run();
    }
    let at = desk.view.state.cursor.expect("the pointer is on the chart");
    let index = rows.iter().position(|row| row.at == at).expect("a row");
    desk.key_press(Key::ArrowRight);
    desk.run();
    assert_eq!(desk.view.state.cursor, Some(rows[index + 1].at));
    desk.key_press(Key::ArrowLeft);
    desk.run();
    assert_eq!(desk.view.state.cursor, Some(at));
}

#[test]
fn a_linked_chart_shows_the_same_day() {
    let mut desk = open(sample("drawdown"));
    let day = apex_wire::chart::day_number(jiff::civil::date(2004, 6, 1));
    desk.view.state.linked = Some(day + 0.2);
    desk.run();
    assert_eq!(
        desk.view.state.readout.as_ref().map(|readout| readout.key.as_str()),
        Some("2004-06-01")
    );
    assert_eq!(desk.view.state.cursor, None);
}

#[test]
fn a_still_chart_asks_for_no_repaint_and_keeps_its_geometry() {
    let mut desk = open(sample("lines-dense"));
    let built = desk.view.state.geometry_builds();
    // `run` panics when frames keep being asked for.
    desk.run();
    hover(&mut desk, pos2(300.0, 150.0));
    hover(&mut desk, pos2(400.0, 150.0));
    assert_eq!(desk.view.state.geometry_builds(), built);
    if let ChartData::Line(data) = &mut desk.data {
        data.series[0].y[10] = Some(1.0);
    }
    desk.step();
    assert_eq!(desk.view.state.geometry_builds(), built + 1);
}

#[test]
fn every_chart_stands_in_every_state_and_at_awkward_sizes() {
    for sample in gallery::samples() {
        for status in [
            Status::Ready,
            Status::Loading,
            Status::Failed("no prices for ACME".into()),
        ] {
            for size in [vec2(640.0, 300.0), vec2(90.0, 50.0), vec2(4.0, 4.0)] {
                let mut desk = Desk::new(sample.data.clone(), size);
                desk.view.state.status = status.clone();
                hover(&mut desk, pos2(size.x * 0.6, size.y * 0.5));
                desk.event(Event::PointerGone);
                desk.run();
                let frame = desk.view.frame(&desk.data, RawInput::default());
                assert_eq!(desk.view.paint(&frame).size, [size.x as usize, size.y as usize]);
            }
        }
    }
}

#[test]
fn a_click_picks_the_point_under_it_and_the_crosshair_reads_its_row() {
    let data = sample("scatter");
    let rows = table(&data).rows;
    let mut desk = open(data);
    // Across the whole chart: whatever is read is a row of the table, and what is clicked is what is read.
    let mut picked = std::collections::BTreeSet::new();
    for x in (40..640).step_by(12) {
        for y in (10..280).step_by(12) {
            let at = pos2(x as f32, y as f32);
            hover(&mut desk, at);
            let Some(readout) = desk.view.state.readout.clone() else {
                continue;
            };
            let values: Vec<_> = readout.lines.iter().map(|line| line.value).collect();
            let row = rows
                .iter()
                .find(|row| row.key.ends_with(&readout.key) && row.values == values);
            assert!(row.is_some(), "{readout:?} is no row");
            for pressed in [true, false] {
                desk.event(button(at, pressed));
                desk.step();
            }
            desk.run();
            picked.extend(desk.view.state.picked.take());
            // Clicks in quick succession at one place would be double clicks.
            desk.time += 1.0;
        }
    }
    let frontier = picked.iter().filter(|(series, _)| *series == 0).count();
    assert!(frontier >= 15, "{frontier} of 20 portfolios can be picked");
    assert!(
        picked.contains(&(2, 0)) && picked.iter().any(|(series, _)| *series == 1),
        "{picked:?}"
    );
}
