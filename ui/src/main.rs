//! The pages of Apex: what a portfolio manager sees and types. They ask the engine and arrange its answers; they decide
//! nothing and do no arithmetic on money.

mod answers;
mod browser;
mod chart_canvas;
mod components;
mod desk;
mod first_run;
mod frame;
mod invoke;
mod keys;
mod pages;
mod reading;
mod startup;
mod workstation;

fn main() {
    console_error_panic_hook::set_once();
    dioxus::launch(workstation::Workstation);
}
