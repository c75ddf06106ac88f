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
