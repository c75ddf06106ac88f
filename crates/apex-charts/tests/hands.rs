//! What a person's hands do to a chart, driven without a window.

use apex_charts::table::table;
use apex_charts::{ChartState, Scale, Status, ThemeName, chart_ui, gallery, theme, unit_text};
use apex_wire::chart::{Axis, ChartData, LineData, LineSeries, Unit};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2, vec2};
use egui_kittest::Harness;

struct Page {
    data: ChartData,
    state: ChartState,
}

fn open<'a>(data: ChartData) -> Harness<'a, Page> {
    let page = Page {
        data,
        state: ChartState::default(),
    };
    let mut harness = Harness::builder()
        .with_size(vec2(640.0, 300.0))
        .with_step_dt(1.0 / 60.0)
        .build_ui_state(
            |ui, page: &mut Page| {
                theme::apply(ui.ctx(), ThemeName::Light);
                chart_ui(ui, &page.data, &mut page.state);
            },
            page,
        );
    harness.run();
    harness
}

fn sample(name: &str) -> ChartData {
    gallery::samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .expect("the gallery has it")
        .data
}

fn hover(harness: &mut Harness<'_, Page>, pos: Pos2) {
    harness.hover_at(pos);
    harness.run();
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    }
}

fn drag(harness: &mut Harness<'_, Page>, from: Pos2, to: Pos2) {
    for event in [Event::PointerMoved(from), button(from, true)] {
        harness.event(event);
        harness.step();
    }
    for share in [0.3, 0.7, 1.0] {
        harness.event(Event::PointerMoved(from + (to - from) * share));
        harness.step();
    }
    harness.event(button(to, false));
    harness.run();
}

#[test]
fn the_crosshair_shows_exactly_the_values_of_the_table() {
    for name in [
        "line",
        "lines-dense",
        "drawdown",
        "bar",
        "bar-grouped",
        "bar-horizontal",
        "histogram",
    ] {
        let data = sample(name);
        let table = table(&data);
        let mut harness = open(data);
        for x in (80..620).step_by(83) {
            hover(&mut harness, pos2(x as f32, 150.0));
            let state = &harness.state().state;
            let Some(readout) = &state.readout else { continue };
            let row = table
                .rows
                .iter()
                .find(|row| row.key == readout.key)
                .expect("the key is a row of the table");
            let shown: Vec<_> = readout.lines.iter().map(|line| line.value).collect();
            assert_eq!(shown, row.values, "{name} at {}", readout.key);
            for line in &readout.lines {
                assert_eq!(line.text, unit_text(&table.unit, line.value).as_str(), "{name}");
            }
        }
        assert!(harness.state().state.readout.is_some(), "{name} has no crosshair");
    }
}

#[test]
fn a_heat_map_reads_the_cell_under_the_pointer() {
    let data = sample("heat-correlation");
    let table = table(&data);
    let mut harness = open(data);
    for (x, y) in [(70.0, 20.0), (300.0, 100.0), (600.0, 250.0)] {
        hover(&mut harness, pos2(x, y));
        let readout = harness.state().state.readout.clone().expect("the pointer is on a cell");
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
    let mut harness = open(data);
    hover(&mut harness, pos2(340.0, 150.0));
    let readout = harness
        .state()
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
fn a_drag_zooms_and_a_double_click_shows_everything() {
    let mut harness = open(sample("line"));
    drag(&mut harness, pos2(200.0, 100.0), pos2(300.0, 180.0));
    let (from, until) = harness.state().state.view.expect("the drag zoomed in");
    assert!(until - from < 500.0, "{from} to {until}");
    let key = |harness: &mut Harness<'_, Page>, key: Key| {
        harness.key_press(key);
        harness.run();
        harness.state().state.view
    };
    let (wider_from, wider_until) = key(&mut harness, Key::Minus).expect("still zoomed in");
    assert!(wider_from < from && wider_until > until);
    let (narrow_from, narrow_until) = key(&mut harness, Key::Plus).expect("zoomed in");
    assert!(narrow_until - narrow_from < wider_until - wider_from);
    assert_eq!(key(&mut harness, Key::Num0), None);

    drag(&mut harness, pos2(200.0, 100.0), pos2(300.0, 180.0));
    assert!(harness.state().state.view.is_some());
    for pressed in [true, false, true, false] {
        harness.event(button(pos2(250.0, 150.0), pressed));
        harness.step();
    }
    harness.run();
    assert_eq!(harness.state().state.view, None);
}

#[test]
fn the_wheel_scrolls_through_time_and_stops_at_the_end() {
    let mut harness = open(sample("line"));
    drag(&mut harness, pos2(200.0, 100.0), pos2(300.0, 180.0));
    let before = harness.state().state.view.expect("zoomed in");
    let mut scroll = |y: f32| {
        hover(&mut harness, pos2(300.0, 150.0));
        harness.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, y),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(40);
        harness.state().state.view.expect("still zoomed in")
    };
    let later = scroll(-60.0);
    assert!(later.0 > before.0, "{later:?} after {before:?}");
    assert!(((later.1 - later.0) - (before.1 - before.0)).abs() < 1e-6);
    let first = scroll(1e6);
    assert_eq!(first.0, apex_wire::chart::day_number(jiff::civil::date(2002, 12, 30)));
}

#[test]
fn a_log_scale_is_refused_in_a_sentence_where_values_are_not_positive() {
    let mut harness = open(sample("drawdown"));
    hover(&mut harness, pos2(300.0, 150.0));
    harness.key_press(Key::L);
    harness.run();
    let state = &harness.state().state;
    assert_eq!(state.scale, Scale::Linear);
    assert_eq!(
        state.notice.as_deref(),
        Some("A log scale needs values above zero; US Core is 0.00% on 2002-12-30")
    );

    let mut harness = open(sample("line"));
    hover(&mut harness, pos2(300.0, 150.0));
    harness.key_press(Key::L);
    harness.run();
    assert_eq!(
        (harness.state().state.scale, &harness.state().state.notice),
        (Scale::Log, &None)
    );
}

#[test]
fn compared_lines_start_at_100_and_still_read_their_own_values() {
    let data = sample("line");
    let first = table(&data).rows.remove(0);
    let mut harness = open(data);
    hover(&mut harness, pos2(300.0, 150.0));
    harness.key_press(Key::C);
    harness.run();
    assert!(harness.state().state.comparing);
    // The frame begins right of the labels.
    let readout = (40..90).find_map(|x| {
        hover(&mut harness, pos2(x as f32, 150.0));
        harness.state().state.readout.clone()
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
    let mut harness = open(data);
    for pressed in [true, false] {
        hover(&mut harness, pos2(300.0, 150.0));
        harness.event(button(pos2(300.0, 150.0), pressed));
        harness.run();
    }
    let at = harness.state().state.cursor.expect("the pointer is on the chart");
    let index = rows.iter().position(|row| row.at == at).expect("a row");
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(harness.state().state.cursor, Some(rows[index + 1].at));
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert_eq!(harness.state().state.cursor, Some(at));
}

#[test]
fn a_linked_chart_shows_the_same_day() {
    let mut harness = open(sample("drawdown"));
    let day = apex_wire::chart::day_number(jiff::civil::date(2004, 6, 1));
    harness.state_mut().state.linked = Some(day + 0.2);
    harness.run();
    assert_eq!(
        harness
            .state()
            .state
            .readout
            .as_ref()
            .map(|readout| readout.key.as_str()),
        Some("2004-06-01")
    );
    assert_eq!(harness.state().state.cursor, None);
}

#[test]
fn a_still_chart_asks_for_no_repaint_and_keeps_its_geometry() {
    let mut harness = open(sample("lines-dense"));
    let built = harness.state().state.geometry_builds();
    // `run` panics when frames keep being asked for.
    harness.run();
    hover(&mut harness, pos2(300.0, 150.0));
    hover(&mut harness, pos2(400.0, 150.0));
    assert_eq!(harness.state().state.geometry_builds(), built);
    if let ChartData::Line(data) = &mut harness.state_mut().data {
        data.series[0].y[10] = Some(1.0);
    }
    harness.step();
    assert_eq!(harness.state().state.geometry_builds(), built + 1);
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
                let page = Page {
                    data: sample.data.clone(),
                    state: ChartState::default(),
                };
                let mut harness = Harness::builder()
                    .with_size(size)
                    .build_ui_state(|ui, page: &mut Page| chart_ui(ui, &page.data, &mut page.state), page);
                harness.state_mut().state.status = status.clone();
                hover(&mut harness, pos2(size.x * 0.6, size.y * 0.5));
                harness.remove_cursor();
                harness.run();
            }
        }
    }
}
