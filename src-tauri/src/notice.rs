//! Tells the person at the desk what has fired, by the desktop's own notifications. Where there are none, as in a session
//! without a notification service, that is logged, and the list of the pages has it all the same.

use apex_wire::alert::FiredAlert;
use notify_rust::Notification;

/// Shows an alert that has fired. It may take a while, so it happens on a thread of its own.
pub(crate) fn tell(fired: &FiredAlert) {
    let mut notification = Notification::new();
    notification
        .appname("Apex")
        .summary(&format!("{}: {}", fired.symbol, fired.name))
        .body(&fired.sentence);
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(err) = notification.show() {
            tracing::info!("the desktop shows no notifications: {err}");
        }
    });
}
