//! The parts that pages are made of. A component draws what it is given; it asks for nothing and decides nothing.

mod button;
mod chart;
mod dialog;
mod field;
mod figure;
mod figure_cell;
mod grid;
mod legend;
mod live_line;
mod menu;
mod panel;
mod part_bar;
mod split_lines;
mod states;
mod tabs;

pub(crate) use button::{Button, ButtonKind};
pub(crate) use chart::ChartPanel;
pub(crate) use dialog::Dialog;
pub(crate) use field::{Check, Choice, Field, Select};
pub(crate) use figure::Figure;
pub(crate) use figure_cell::FigureCell;
pub(crate) use grid::{Cell, Column, Grid, Line, LineKind, Lines, Typed, WindowAsk};
pub(crate) use legend::Legend;
pub(crate) use live_line::LiveLine;
pub(crate) use menu::{Menu, MenuItem};
pub(crate) use panel::Panel;
pub(crate) use part_bar::PartBar;
pub(crate) use split_lines::SplitLines;
pub(crate) use states::{EmptyState, FailedState, LoadingState};
pub(crate) use tabs::Tabs;
