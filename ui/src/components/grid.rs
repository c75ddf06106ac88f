//! A table that holds only the rows on screen, whatever their number. Rows have one fixed height; the engine sorts,
//! groups and cuts the window, the grid draws it and moves the focus.

use std::{ops::Range, rc::Rc};

use dioxus::{prelude::*, web::WebEventExt};

use crate::{
    browser,
    reading::{Pulse, Reading, Tone},
};

/// Rows drawn beyond the visible ones, so that a turn of the wheel shows no gap.
const OVERSCAN: usize = 8;
/// The first row drawn moves by this many, so that most scroll events change nothing at all.
const STEP: usize = 8;
/// Rows asked for beyond the visible ones, in the direction of the scrolling.
const AHEAD: usize = 160;
/// Rows asked for beyond the visible ones, at the other end.
const BEHIND: usize = 32;
/// A new window is asked for when fewer rows than this are left in the direction of the scrolling.
const NEAR: usize = 96;
/// What a cell has beside its text: the padding of both sides, and the sign of a header that is sorted by.
const CELL_PADDING: u32 = 18;

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Name in test ids, preferences and sort orders.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// Unit, small in the header.
    pub(crate) unit: String,
    /// Pixels, the least where the column grows. A column of figures is wider where its longest figure is.
    pub(crate) width: u32,
    /// Whether it takes the room that is left.
    pub(crate) grows: bool,
    pub(crate) numeric: bool,
    pub(crate) sortable: bool,
    /// Whether its cells are typed into. A cell takes typing where it has a hint, which stands in it while it is empty.
    pub(crate) input: bool,
}

impl Column {
    /// Makes a column of words.
    pub(crate) fn words(id: &'static str, title: &'static str, width: u32) -> Self {
        Self {
            id,
            title,
            unit: String::new(),
            width,
            grows: false,
            numeric: false,
            sortable: true,
            input: false,
        }
    }

    /// Makes a column of figures, right aligned.
    pub(crate) fn figures(id: &'static str, title: &'static str, width: u32) -> Self {
        Self {
            id,
            title,
            unit: String::new(),
            width,
            grows: false,
            numeric: true,
            sortable: true,
            input: false,
        }
    }

    /// Makes a column of figures that are typed.
    pub(crate) fn inputs(id: &'static str, title: &'static str, width: u32) -> Self {
        Self {
            input: true,
            ..Self::figures(id, title, width).unsorted()
        }
    }

    /// Returns the column with its unit in the header.
    pub(crate) fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Returns the column taking the room that is left.
    pub(crate) fn growing(mut self) -> Self {
        self.grows = true;
        self
    }

    /// Returns the column without a sort order.
    pub(crate) fn unsorted(mut self) -> Self {
        self.sortable = false;
        self
    }
}

/// A cell is a reading.
pub(crate) type Cell = Reading;

/// What a line is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LineKind {
    Plain,
    /// A group with its subtotal.
    Group {
        level: u8,
        collapsed: bool,
    },
    /// Beside the point, such as a reversed row.
    Struck,
    /// Older than it should be.
    Old,
    /// Not there yet.
    Waiting,
}

/// What stands in a cell after a key was pressed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) row: usize,
    pub(crate) column: &'static str,
    pub(crate) text: String,
}

/// A line of the grid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// Test id, such as `row-AAPL`.
    pub(crate) testid: String,
    pub(crate) kind: LineKind,
    pub(crate) cells: Vec<Cell>,
}

/// The lines of the window that the engine gave. Each is made when it comes into view.
#[derive(Clone)]
pub(crate) struct Lines {
    offset: usize,
    count: usize,
    line: Rc<dyn Fn(usize) -> Line>,
    /// The lines themselves, where they change one by one.
    made: Option<Rc<Vec<Rc<Line>>>>,
}

impl Lines {
    /// Makes the lines of a window whose first row has the index `offset`; `line` gets indices inside the window.
    pub(crate) fn new(offset: usize, count: usize, line: impl Fn(usize) -> Line + 'static) -> Self {
        Self {
            offset,
            count,
            line: Rc::new(line),
            made: None,
        }
    }

    /// Takes lines that change one by one: only those that differ are drawn again.
    pub(crate) fn made(lines: Vec<Rc<Line>>) -> Self {
        let made = Rc::new(lines);
        let lines = made.clone();
        Self {
            offset: 0,
            count: made.len(),
            line: Rc::new(move |at| (*lines[at]).clone()),
            made: Some(made),
        }
    }

    /// Returns whether the same line stands at a row of both.
    fn same_at(&self, other: &Self, row: usize) -> bool {
        match (&self.made, &other.made) {
            (Some(these), Some(those)) => match (these.get(row), those.get(row)) {
                (Some(this), Some(that)) => Rc::ptr_eq(this, that) || this == that,
                (this, that) => this.is_none() && that.is_none(),
            },
            _ => self == other,
        }
    }

    /// Returns how many lines the window has.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    fn at(&self, row: usize) -> Option<Line> {
        let at = row.checked_sub(self.offset).filter(|at| *at < self.count)?;
        Some((self.line)(at))
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new(0, 0, |_| unreachable!("there is no line in an empty window"))
    }
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.line, &other.line)
    }
}

/// The line of one row: equal to another as long as the row says the same.
#[derive(Clone)]
struct LineAt {
    lines: Lines,
    row: usize,
}

impl PartialEq for LineAt {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && self.lines.same_at(&other.lines, self.row)
    }
}

/// The longest figure of each column in the rows drawn so far. It is found once for each row of a window, from the texts
/// and never from the page; it only grows while the grid shows the same thing, so that nothing narrows under the eye.
#[derive(Default)]
struct Longest {
    lines: Lines,
    /// The rows of these lines that were taken in.
    taken: Range<usize>,
    columns: Vec<&'static str>,
    /// In tenths of a digit; 0 for columns of words.
    tenths: Vec<u32>,
}

impl Longest {
    /// Takes in the lines of some rows. Another set of columns begins anew.
    fn take(&mut self, columns: &[Column], lines: &Lines, rows: Range<usize>, footer: Option<&Line>) {
        let same_columns = self.columns.iter().copied().eq(columns.iter().map(|column| column.id));
        if !same_columns {
            self.columns = columns.iter().map(|column| column.id).collect();
            self.tenths = vec![0; columns.len()];
        }
        if let Some(footer) = footer {
            self.take_line(columns, footer);
        }
        if !same_columns || self.lines != *lines {
            self.lines = lines.clone();
            self.taken = 0..0;
        }
        let taken = self.taken.clone();
        for row in rows.clone().filter(|row| !taken.contains(row)) {
            if let Some(line) = lines.at(row) {
                self.take_line(columns, &line);
            }
        }
        self.taken = rows;
    }

    fn take_line(&mut self, columns: &[Column], line: &Line) {
        for ((longest, column), cell) in self.tenths.iter_mut().zip(columns).zip(&line.cells) {
            if column.numeric {
                *longest = (*longest).max(tenths_of(&cell.text));
            }
        }
    }
}

/// Returns the width of a figure in tenths of a digit: digits and signs have one width, marks take half of it.
fn tenths_of(figure: &str) -> u32 {
    let width = |letter| if matches!(letter, ',' | '.' | ' ') { 5 } else { 10 };
    figure.chars().map(width).sum()
}

/// Returns the width of a column in the style sheet's words; `1ch` is a digit of the grid's own type.
fn width_css(column: &Column, tenths: u32) -> String {
    match tenths {
        0 => format!("{}px", column.width),
        _ => format!(
            "max({}px, calc({}.{}ch + {CELL_PADDING}px))",
            column.width,
            tenths / 10,
            tenths % 10
        ),
    }
}

/// The rows that a grid wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WindowAsk {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl WindowAsk {
    /// The window of a grid that was not scrolled yet.
    pub(crate) const FIRST: Self = Self {
        offset: 0,
        limit: AHEAD + 2 * BEHIND,
    };

    /// Returns whether the window holds the rows `from..to`.
    fn holds(self, from: usize, to: usize) -> bool {
        self.offset <= from && to <= self.offset + self.limit
    }
}

/// A virtualized table.
#[component]
pub(crate) fn Grid(
    /// Test id is `grid-<name>`.
    name: String,
    columns: Vec<Column>,
    /// Rows in all.
    total: usize,
    lines: Lines,
    /// A line that stays at the bottom, such as the total.
    #[props(default)]
    footer: Option<Line>,
    /// Column and whether largest first.
    #[props(default)]
    sort: Option<(String, bool)>,
    #[props(default = 24)] row_height: u32,
    /// A new key moves the grid back to its top.
    #[props(default)]
    reset: String,
    /// Whether the grid takes the keyboard when it appears.
    #[props(default)]
    autofocus: bool,
    /// The row that has the focus when the grid appears.
    #[props(default)]
    at: Option<usize>,
    #[props(default)] stale: bool,
    #[props(default)] onsort: Option<EventHandler<String>>,
    #[props(default)] onwindow: Option<EventHandler<WindowAsk>>,
    /// The focus came to a row, by arrow or click.
    #[props(default)]
    onfocusrow: Option<EventHandler<usize>>,
    /// Enter, right arrow or a double click on a row.
    #[props(default)]
    onopen: Option<EventHandler<usize>>,
    /// Something was typed into a cell: its row, its column, and all that stands in it now.
    #[props(default)]
    oninput: Option<EventHandler<Typed>>,
    /// What stands in place of rows when there are none.
    children: Element,
) -> Element {
    let mut element = use_signal(|| None::<web_sys::Element>);
    let mut first = use_signal(|| 0_usize);
    let mut shown = use_signal(|| 40_usize);
    let mut focused = use_signal(|| at);
    let mut asked = use_hook(|| CopyValue::new(WindowAsk::FIRST));
    let mut last_reset = use_hook(|| CopyValue::new(reset.clone()));
    let mut longest = use_hook(|| CopyValue::new(Longest::default()));
    let height = f64::from(row_height);

    let measure = move |scroll_top: f64, client_height: f64| {
        let top = (scroll_top.max(0.0) / height) as usize / STEP * STEP;
        let count = (client_height / height).ceil() as usize + STEP;
        let downwards = top >= *first.peek();
        if *first.peek() != top {
            first.set(top);
        }
        if count > STEP && *shown.peek() != count {
            shown.set(count);
        }
        let around = |before: usize, after: usize| (top.saturating_sub(before), top + count + after);
        let (from, to) = if downwards {
            around(OVERSCAN, NEAR)
        } else {
            around(NEAR, OVERSCAN)
        };
        if !asked.peek().holds(from, to.min(total)) {
            let (from, to) = if downwards {
                around(BEHIND, AHEAD)
            } else {
                around(AHEAD, BEHIND)
            };
            let ask = WindowAsk {
                offset: from,
                limit: to - from,
            };
            asked.set(ask);
            if let Some(onwindow) = onwindow {
                onwindow.call(ask);
            }
        }
    };
    let mut measure_element = {
        let mut measure = measure;
        move || {
            if let Some(element) = &*element.peek() {
                measure(f64::from(element.scroll_top()), f64::from(element.client_height()));
            }
        }
    };

    if *last_reset.peek() != reset {
        last_reset.set(reset);
        if let Some(element) = &*element.peek() {
            element.set_scroll_top(0);
        }
        focused.set(None);
        longest.set(Longest::default());
    }
    let slots = (shown() + 2 * OVERSCAN).min(total);
    let start = first().saturating_sub(OVERSCAN).min(total - slots);
    longest
        .write()
        .take(&columns, &lines, start..start + slots, footer.as_ref());

    let has_footer = footer.is_some();
    let move_to = use_callback(move |row: usize| {
        let row = row.min(total.saturating_sub(1));
        focused.set(Some(row));
        if let Some(element) = &*element.peek() {
            let at = f64::from(element.scroll_top());
            let top = row as f64 * height;
            // The header and the footer lie over the first and the last row.
            let room = f64::from(element.client_height()) - 2.0 * height - if has_footer { height } else { 0.0 };
            if top < at {
                element.set_scroll_top(top as i32);
            } else if top > at + room {
                element.set_scroll_top((top - room) as i32);
            }
        }
        if let Some(onfocusrow) = onfocusrow {
            onfocusrow.call(row);
        }
    });

    let onkeydown = move |event: KeyboardEvent| {
        if total == 0 || event.modifiers().ctrl() || event.modifiers().meta() || event.modifiers().alt() {
            return;
        }
        let page = shown.peek().saturating_sub(11).max(1);
        let at = *focused.peek();
        let target = match event.key() {
            Key::ArrowDown => at.map_or(0, |row| row + 1),
            Key::ArrowUp => at.map_or(0, |row| row.saturating_sub(1)),
            Key::PageDown => at.unwrap_or(0) + page,
            Key::PageUp => at.unwrap_or(0).saturating_sub(page),
            Key::Home => 0,
            Key::End => total - 1,
            Key::Enter | Key::ArrowRight => {
                if let (Some(row), Some(onopen)) = (at, onopen) {
                    event.prevent_default();
                    onopen.call(row);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        move_to.call(target);
    };
    let row_of = |event: &MouseEvent| -> Option<usize> {
        browser::attribute_above(event.try_as_web_event()?.target(), "data-row")?
            .parse()
            .ok()
    };

    let widths: Vec<String> = columns
        .iter()
        .zip(&longest.peek().tenths)
        .map(|(column, tenths)| width_css(column, *tenths))
        .collect();
    let width_min = widths.join(" + ");
    let tracks: Vec<String> = columns
        .iter()
        .zip(widths)
        .map(|(column, width)| {
            if column.grows {
                format!("minmax({width}, 1fr)")
            } else {
                width
            }
        })
        .collect();
    let columns_css = tracks.join(" ");
    // A row that leaves at one end is used again for the one that comes at the other: its elements stay, and only what
    // they say changes. So rows stand in the document by their place in that ring, not from top to bottom.
    let first_slot = start - start % slots.max(1);
    let row_in = move |slot: usize| {
        let row = first_slot + slot;
        if row < start { row + slots } else { row }
    };
    let numeric: Rc<Vec<bool>> = Rc::new(columns.iter().map(|column| column.numeric).collect());
    let inputs: Rc<Vec<Option<&'static str>>> =
        Rc::new(columns.iter().map(|column| column.input.then_some(column.id)).collect());
    let body_height = total as f64 * height;
    let empty = total == 0;

    rsx! {
        div {
            class: "grid-scroll",
            "data-testid": "grid-{name}",
            "data-grid": "true",
            "data-stale": if stale { "true" },
            role: "grid",
            "aria-rowcount": "{total}",
            tabindex: "0",
            style: "--columns: {columns_css}; --width: calc({width_min}); --row: {row_height}px",
            onmounted: move |event| {
                let web = event.as_web_event();
                if autofocus && let Ok(node) = web.clone().dyn_into_html() {
                    // A window without the keyboard refuses focus, which is fine.
                    let _ = node.focus();
                }
                element.set(Some(web));
                measure_element();
            },
            onresize: move |_| measure_element(),
            onscroll: {
                let mut measure = measure;
                move |event: ScrollEvent| measure(event.scroll_top(), f64::from(event.client_height()))
            },
            onkeydown,
            onclick: move |event| {
                if let Some(row) = row_of(&event) {
                    move_to.call(row);
                }
            },
            ondoubleclick: move |event| {
                if let (Some(row), Some(onopen)) = (row_of(&event), onopen) {
                    onopen.call(row);
                }
            },
            div { class: "grid-head", role: "row",
                for column in columns.iter().cloned() {
                    {header_cell(&name, &column, sort.as_ref(), onsort)}
                }
            }
            if empty {
                div { class: "grid-empty", {children} }
            } else {
                div { class: "grid-body", style: "height: {body_height}px",
                    for (slot, row) in (0..slots).map(|slot| (slot, row_in(slot))) {
                        GridRow {
                            key: "{slot}",
                            row,
                            top: row as f64 * height,
                            line: LineAt { lines: lines.clone(), row },
                            numeric: numeric.clone(),
                            inputs: inputs.clone(),
                            focused: focused() == Some(row),
                            oninput,
                        }
                    }
                }
            }
            if let Some(footer) = footer {
                div { class: "grid-row grid-foot", "data-testid": footer.testid.clone(),
                    {cells(&footer, &numeric, Vec::new())}
                }
            }
        }
    }
}

fn header_cell(
    name: &str,
    column: &Column,
    sort: Option<&(String, bool)>,
    onsort: Option<EventHandler<String>>,
) -> Element {
    let id = column.id;
    let class = if column.numeric { "cell numeric" } else { "cell" };
    let sorted = sort
        .filter(|(sorted, _)| sorted == id)
        .map(|(_, descending)| *descending);
    let direction = match sorted {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    let clickable = column.sortable && onsort.is_some();
    rsx! {
        button {
            key: "{id}",
            class,
            r#type: "button",
            role: "columnheader",
            tabindex: "-1",
            disabled: !clickable,
            "aria-sort": direction,
            "data-testid": "column-{name}-{id}",
            title: if clickable { "Sort by {column.title}" },
            onclick: move |_| {
                if let Some(onsort) = onsort {
                    onsort.call(id.to_owned());
                }
            },
            if sorted == Some(true) { span { class: "sort", "▾" } }
            if sorted == Some(false) { span { class: "sort", "▴" } }
            "{column.title}"
            if !column.unit.is_empty() { span { class: "unit", "{column.unit}" } }
        }
    }
}

/// One row; drawn again only when another line stands in it.
#[component]
fn GridRow(
    row: usize,
    top: f64,
    line: LineAt,
    numeric: Rc<Vec<bool>>,
    inputs: Rc<Vec<Option<&'static str>>>,
    focused: bool,
    oninput: Option<EventHandler<Typed>>,
) -> Element {
    let line = line.lines.at(row).unwrap_or_else(|| Line {
        testid: String::new(),
        kind: LineKind::Waiting,
        cells: vec![Cell::none(); numeric.len()],
    });
    let (class, level) = match &line.kind {
        LineKind::Plain => ("grid-row", 0),
        LineKind::Struck => ("grid-row struck", 0),
        LineKind::Old => ("grid-row old", 0),
        LineKind::Waiting => ("grid-row waiting", 0),
        LineKind::Group { level, .. } => ("grid-row group", *level),
    };
    let typed = inputs.iter().zip(&line.cells).map(|(column, cell)| {
        let (column, oninput) = (column.as_ref().copied()?, oninput?);
        cell.hint
            .is_some()
            .then(|| input_cell(&line.testid, row, column, cell, oninput))
    });
    let typed: Vec<Option<Element>> = typed.collect();
    rsx! {
        div {
            class,
            role: "row",
            style: "top: {top}px",
            "data-row": "{row}",
            "aria-rowindex": "{row + 1}",
            "data-level": "{level}",
            "data-testid": line.testid.clone(),
            "aria-selected": if focused { "true" } else { "false" },
            {cells(&line, &numeric, typed)}
        }
    }
}

/// A cell that is typed into. Up, down and Enter go to the same cell of another row.
fn input_cell(line: &str, row: usize, column: &'static str, cell: &Cell, oninput: EventHandler<Typed>) -> Element {
    let refused = (cell.tone == Tone::Loss).then_some("true");
    rsx! {
        // A field belongs to its line for good: when the element above it is used again for another one, a new field is
        // made, so that nobody goes on typing into what was scrolled or sorted under the hand.
        for line in [line] {
            input {
                key: "{line}",
                class: "cell-input numeric",
                "data-testid": "cell-{column}-{row}",
                "data-column": "{column}",
                r#type: "text",
                autocomplete: "off",
                spellcheck: "false",
                value: cell.text.clone(),
                placeholder: cell.hint.clone(),
                "aria-label": "{column}",
                "aria-invalid": refused,
                onclick: move |event| event.stop_propagation(),
                ondoubleclick: move |event| event.stop_propagation(),
                onkeydown: move |event| {
                    let target = match event.key() {
                        Key::ArrowDown | Key::Enter => row + 1,
                        Key::ArrowUp => row.saturating_sub(1),
                        Key::Escape => return,
                        _ => {
                            event.stop_propagation();
                            return;
                        }
                    };
                    event.stop_propagation();
                    event.prevent_default();
                    browser::focus(&format!("[data-row='{target}'] [data-column='{column}']"));
                },
                oninput: move |event| {
                    oninput.call(Typed {
                        row,
                        column,
                        text: event.value(),
                    });
                },
            }
        }
    }
}

fn cell_class(numeric: bool, cell: &Cell) -> String {
    let mut class = if numeric { "cell numeric" } else { "cell" }.to_owned();
    for word in [cell.tone.class(), cell.pulse.map_or("", Pulse::class)] {
        if !word.is_empty() {
            class.push(' ');
            class.push_str(word);
        }
    }
    class
}

fn cells(line: &Line, numeric: &[bool], typed: Vec<Option<Element>>) -> Element {
    let mark = match line.kind {
        LineKind::Group { collapsed: true, .. } => Some("▸"),
        LineKind::Group { collapsed: false, .. } => Some("▾"),
        _ => None,
    };
    rsx! {
        for (at, cell) in line.cells.iter().enumerate() {
            span {
                key: "{at}",
                class: cell_class(numeric.get(at).copied().unwrap_or_default(), cell),
                role: "gridcell",
                title: if typed.get(at).is_none_or(Option::is_none) { cell.hint.clone() },
                if at == 0 && let Some(mark) = mark { span { class: "fold", "{mark}" } }
                if let Some(Some(input)) = typed.get(at) { {input.clone()} } else { "{cell.text}" }
            }
        }
    }
}

/// Narrows a web element to one that can take the keyboard.
trait IntoHtml {
    fn dyn_into_html(self) -> Result<web_sys::HtmlElement, web_sys::Element>;
}

impl IntoHtml for web_sys::Element {
    fn dyn_into_html(self) -> Result<web_sys::HtmlElement, web_sys::Element> {
        wasm_bindgen::JsCast::dyn_into(self)
    }
}
