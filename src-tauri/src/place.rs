//! Where the window stood when it was last closed: one small file beside the book.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Size and position in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Unknown on systems that do not tell, such as Wayland.
    pub(crate) position: Option<(f64, f64)>,
    pub(crate) maximized: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            width: 1440.0,
            height: 900.0,
            position: None,
            maximized: false,
        }
    }
}

/// The part of a screen that windows may cover, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Screen {
    pub(crate) position: (f64, f64),
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Screen {
    /// How much of a window at a position is on this screen.
    fn overlap(&self, place: &Place, (x, y): (f64, f64)) -> f64 {
        let (left, top) = self.position;
        let width = (x + place.width).min(left + self.width) - x.max(left);
        let height = (y + place.height).min(top + self.height) - y.max(top);
        width.max(0.0) * height.max(0.0)
    }
}

impl Place {
    /// Returns the place made to fit the screen it is on, so that nothing of the window is out of sight. A window whose
    /// screen is gone comes to the first one.
    pub(crate) fn on(self, screens: &[Screen]) -> Self {
        let known = self.position.and_then(|position| {
            let overlap = |screen: &Screen| screen.overlap(&self, position);
            let seen = screens.iter().filter(|screen| overlap(screen) > 0.0);
            seen.max_by(|left, right| overlap(left).total_cmp(&overlap(right)))
        });
        let Some(screen) = known.or(screens.first()) else {
            return self;
        };
        let (width, height) = (self.width.min(screen.width), self.height.min(screen.height));
        let position = self.position.filter(|_| known.is_some()).map(|(x, y)| {
            let (left, top) = screen.position;
            let (right, bottom) = (left + screen.width - width, top + screen.height - height);
            (x.clamp(left, right), y.clamp(top, bottom))
        });
        Self {
            width,
            height,
            position,
            ..self
        }
    }
}

/// Reads the place kept in a folder; the usual one where there is none that can be used.
pub(crate) fn read(folder: &Path) -> Place {
    std::fs::read_to_string(file(folder))
        .ok()
        .and_then(|text| serde_json::from_str::<Place>(&text).ok())
        .filter(|place| place.width >= 400.0 && place.height >= 300.0)
        .unwrap_or_default()
}

/// Keeps a place. Losing it is no harm, so a full disk is not worth a word.
pub(crate) fn keep(folder: &Path, place: &Place) {
    if let Ok(text) = serde_json::to_string_pretty(place) {
        let _ = std::fs::write(file(folder), text);
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("window.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_never_larger_than_its_screen_nor_beside_it() {
        let screen = |left: f64, width: f64, height: f64| Screen {
            position: (left, 0.0),
            width,
            height,
        };
        let screens = [screen(0.0, 1280.0, 800.0), screen(1280.0, 1920.0, 1080.0)];
        let place = |width: f64, height: f64, position| Place {
            width,
            height,
            position,
            maximized: false,
        };
        for (before, expected) in [
            (Place::default(), place(1280.0, 800.0, None)),
            (
                place(1440.0, 900.0, Some((2000.0, 100.0))),
                place(1440.0, 900.0, Some((1760.0, 100.0))),
            ),
            (
                place(1000.0, 700.0, Some((100.0, 50.0))),
                place(1000.0, 700.0, Some((100.0, 50.0))),
            ),
            (
                place(1000.0, 700.0, Some((900.0, 700.0))),
                place(1000.0, 700.0, Some((1280.0, 380.0))),
            ),
            (
                place(600.0, 700.0, Some((-7.0, -7.0))),
                place(600.0, 700.0, Some((0.0, 0.0))),
            ),
            (place(1000.0, 700.0, Some((-4000.0, 0.0))), place(1000.0, 700.0, None)),
        ] {
            assert_eq!(before.on(&screens), expected, "{before:?}");
        }
        assert_eq!(
            Place::default().on(&[]),
            Place::default(),
            "a system that does not tell"
        );
    }

    #[test]
    fn a_damaged_or_absurd_place_is_forgotten() {
        let folder = std::env::temp_dir().join(format!("apex-place-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let kept = Place {
            width: 1280.0,
            height: 800.0,
            position: Some((10.0, 20.0)),
            maximized: true,
        };
        for (text, expected) in [
            (serde_json::to_string(&kept).unwrap(), kept),
            ("{".to_owned(), Place::default()),
            (
                r#"{"width":3,"height":2,"position":null,"maximized":false}"#.to_owned(),
                Place::default(),
            ),
        ] {
            std::fs::write(file(&folder), text).unwrap();
            assert_eq!(read(&folder), expected);
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
