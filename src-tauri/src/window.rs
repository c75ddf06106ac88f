//! The window: in its last place, in its theme from the first pixel, with nothing to wait for.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::{
    App, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{DownloadEvent, PageLoadEvent},
    window::Color,
};

use crate::{
    desk::Desk,
    place::{self, Place, Screen},
};

/// The grounds of both themes, as `ui/tokens.json` has them under `page`: shown before the page can paint.
const TOKENS: &str = include_str!("../../ui/tokens.json");

/// Opens the window.
pub(crate) fn open(app: &mut App, desk: &Arc<Desk>) -> tauri::Result<()> {
    let place = place::read(desk.folder()).on(&screens(app));
    let theme = theme(&desk.preferences().theme);
    let mut builder = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Apex")
        .inner_size(place.width, place.height)
        .min_inner_size(960.0, 600.0)
        .maximized(place.maximized)
        .initialization_script(first_theme(theme))
        .on_page_load({
            let desk = desk.clone();
            move |_, load| {
                if load.event() == PageLoadEvent::Finished {
                    desk.startup.document_loaded();
                }
            }
        })
        .on_download(|_, event| {
            if let DownloadEvent::Requested { destination, .. } = event {
                let folders = directories::UserDirs::new();
                let downloads = folders
                    .as_ref()
                    .and_then(|folders| folders.download_dir().or(Some(folders.home_dir())));
                if let (Some(folder), Some(name)) = (downloads, destination.file_name()) {
                    *destination = folder.join(name);
                }
            }
            true
        });
    if let Some((x, y)) = place.position {
        builder = builder.position(x, y);
    }
    if let Some(ground) = theme.and_then(ground) {
        builder = builder.background_color(ground);
    }
    let window = builder.build()?;
    desk.startup.window_created();
    #[cfg(target_os = "linux")]
    draw_without_layers(&window)?;
    remember_place(&window, desk, place);
    desk.startup.watch(app.handle().clone());
    Ok(())
}

/// Returns the screens, the first one being where windows usually open; none where the system does not tell.
fn screens(app: &App) -> Vec<Screen> {
    let primary = app.primary_monitor().ok().flatten();
    let all = app.available_monitors().unwrap_or_default();
    let monitors = primary.into_iter().chain(all);
    monitors
        .map(|monitor| {
            let (area, scale) = (monitor.work_area(), monitor.scale_factor());
            let position = area.position.to_logical::<f64>(scale);
            let size = area.size.to_logical::<f64>(scale);
            Screen {
                position: (position.x, position.y),
                width: size.width,
                height: size.height,
            }
        })
        .filter(|screen| screen.width > 0.0 && screen.height > 0.0)
        .collect()
}

/// Lets the web view draw the page straight into the window where no graphics device would put its layers together.
///
/// The processor would else draw every layer, and then draw them again as a picture of a device that is not there: a
/// third of the time to the first content and 80 MB, for the same pixels.
#[cfg(target_os = "linux")]
fn draw_without_layers(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    if has_graphics_device() {
        return Ok(());
    }
    window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// Returns whether Linux has a device that can draw.
#[cfg(target_os = "linux")]
fn has_graphics_device() -> bool {
    let devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    devices
        .into_iter()
        .any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
}

/// Keeps the window's place when it closes. While it is maximized, the size before that is what is kept.
fn remember_place(window: &WebviewWindow, desk: &Arc<Desk>, place: Place) {
    let (seen, desk) = (Mutex::new(place), desk.clone());
    let looked_at = window.clone();
    window.on_window_event(move |event| {
        let mut place = seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            WindowEvent::Resized(_) | WindowEvent::Moved(_) => {
                if let Some(now) = look(&looked_at) {
                    *place = if now.maximized {
                        Place {
                            maximized: true,
                            ..*place
                        }
                    } else {
                        now
                    };
                }
            }
            WindowEvent::CloseRequested { .. } => place::keep(desk.folder(), &place),
            _ => {}
        }
    });
}

fn look(window: &WebviewWindow) -> Option<Place> {
    let scale = window.scale_factor().ok()?;
    let size = window.inner_size().ok()?.to_logical::<f64>(scale);
    let position = window
        .outer_position()
        .ok()
        .map(|position| position.to_logical::<f64>(scale));
    Some(Place {
        width: size.width,
        height: size.height,
        position: position.map(|position| (position.x, position.y)),
        maximized: window.is_maximized().unwrap_or(false),
    })
}

/// Returns the theme that the person chose; none where it follows the system.
fn theme(preference: &str) -> Option<&'static str> {
    match preference {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}

/// Returns the script that sets the theme before the first paint.
fn first_theme(theme: Option<&str>) -> String {
    let theme = match theme {
        Some(theme) => format!("{theme:?}"),
        None => "matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'".to_owned(),
    };
    format!(
        "(() => {{ const set = () => document.documentElement?.setAttribute('data-theme', {theme}); set(); \
         document.addEventListener('readystatechange', set, {{ once: true }}); }})()"
    )
}

fn ground(theme: &str) -> Option<Color> {
    let tokens: serde_json::Value = serde_json::from_str(TOKENS).ok()?;
    let text = tokens
        .pointer(&format!("/themes/{theme}/page"))?
        .as_str()?
        .strip_prefix('#')?;
    let part = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    Some(Color(part(0)?, part(2)?, part(4)?, 255))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_has_the_ground_of_its_theme() {
        for theme in ["light", "dark"] {
            assert!(ground(theme).is_some(), "{theme}");
        }
        assert_ne!(ground("light"), ground("dark"));
    }
}
