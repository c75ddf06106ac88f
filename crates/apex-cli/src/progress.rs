//! Progress of long work on standard error, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line that says how far the work is, gone when the work is done.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Returns a line that is drawn on terminals and nowhere else.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// Shows a step.
    pub(crate) fn show(&self, step: &apex_wire::job::Progress) {
        if let (Some(total), None) = (step.total, self.bar.length()) {
            self.bar.set_length(total);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {human_pos}/{human_len}") {
                self.bar.set_style(style);
            }
        }
        if let Some(total) = step.total {
            self.bar.set_length(total);
        }
        self.bar.set_position(step.done);
        self.bar.set_message(step.step.clone());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
