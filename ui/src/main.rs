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
mod live;
mod pages;
mod reading;
mod startup;
mod workstation;

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        // For the script that starts the pages anew.
        browser::set_root_attribute("data-panic", &panic.to_string());
    }));
    dioxus::launch(workstation::Workstation);
}
