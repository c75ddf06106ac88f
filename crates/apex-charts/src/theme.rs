//! The tokens of `ui/tokens.json` as egui colors and styles.
//!
//! The file is compiled in, so a canvas and the stylesheet beside it can not disagree. A color anywhere else in this
//! crate is a defect.

use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Visuals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The token file as it is compiled in.
pub const TOKENS_JSON: &str = include_str!("../../../ui/tokens.json");

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ThemeName {
    /// Dark text on light surfaces.
    #[default]
    Light,
    /// Light text on dark surfaces.
    Dark,
}

/// The colors of one theme.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    missing_docs,
    reason = "the fields are the names of the token file, which describes them"
)]
pub struct Theme {
    pub page: Token,
    pub surface: Token,
    pub raised: Token,
    pub sunken: Token,
    pub hover: Token,
    pub selected: Token,
    pub text: Token,
    pub text_muted: Token,
    pub text_faint: Token,
    pub border: Token,
    pub border_strong: Token,
    pub grid: Token,
    pub zero: Token,
    pub accent: Token,
    pub accent_hover: Token,
    pub accent_soft: Token,
    pub on_accent: Token,
    pub gain: Token,
    pub gain_soft: Token,
    pub loss: Token,
    pub loss_soft: Token,
    pub warning: Token,
    pub warning_soft: Token,
    pub ink_dark: Token,
    pub ink_light: Token,
    pub shadow: Token,
    pub sequential: Vec<Token>,
    pub diverging: Vec<Token>,
    pub categorical: Vec<Token>,
}

/// One color of the token file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Token(Color32);

impl Token {
    /// Returns the color for egui.
    pub fn color(self) -> Color32 {
        self.0
    }
}

impl TryFrom<String> for Token {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Color32::from_hex(&text)
            .map(Self)
            .map_err(|_| format!("not a color: {text}"))
    }
}

/// Type sizes in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Table cells and axis labels.
    pub table: f32,
    /// Running text.
    pub body: f32,
    /// Titles of panels.
    pub title: f32,
}

#[derive(Deserialize)]
struct TokenFile {
    themes: Themes,
    #[serde(rename = "type")]
    sizes: BTreeMap<String, TypeSize>,
    radius: BTreeMap<String, u8>,
}

#[derive(Deserialize)]
struct Themes {
    light: Theme,
    dark: Theme,
}

#[derive(Deserialize)]
struct TypeSize {
    size: f32,
}

static TOKENS: LazyLock<TokenFile> =
    LazyLock::new(|| serde_json::from_str(TOKENS_JSON).expect("a test reads the compiled-in token file"));

impl Theme {
    /// Returns the colors of a theme.
    ///
    /// ```
    /// use apex_charts::{Theme, ThemeName};
    ///
    /// assert_ne!(Theme::of(ThemeName::Light).surface, Theme::of(ThemeName::Dark).surface);
    /// ```
    pub fn of(name: ThemeName) -> &'static Self {
        match name {
            ThemeName::Light => &TOKENS.themes.light,
            ThemeName::Dark => &TOKENS.themes.dark,
        }
    }

    /// Returns the colors of the theme that `ui` is drawn in.
    pub(crate) fn current(ui: &egui::Ui) -> &'static Self {
        Self::of(if ui.visuals().dark_mode {
            ThemeName::Dark
        } else {
            ThemeName::Light
        })
    }

    /// Returns a categorical color; after eight hues they repeat.
    pub fn category(&self, index: usize) -> Color32 {
        self.categorical[index % self.categorical.len()].0
    }

    /// Returns the color of a place on the single-hue ramp, 0 the least and 1 the most.
    pub fn sequential(&self, place: f64) -> Color32 {
        ramp(&self.sequential, place)
    }

    /// Returns the color of a place on the diverging ramp, -1 blue, 0 grey, 1 orange.
    pub fn diverging(&self, place: f64) -> Color32 {
        ramp(&self.diverging, (place + 1.0) / 2.0)
    }

    /// Returns whichever of the two inks reads better on `background`.
    pub fn text_on(&self, background: Color32) -> Color32 {
        let (dark, light) = (self.ink_dark.0, self.ink_light.0);
        if contrast(dark, background) >= contrast(light, background) {
            dark
        } else {
            light
        }
    }
}

/// Returns the type sizes.
pub fn sizes() -> Sizes {
    let size = |name: &str, fallback: f32| TOKENS.sizes.get(name).map_or(fallback, |entry| entry.size);
    Sizes {
        table: size("table", 11.0),
        body: size("body", 12.0),
        title: size("title", 13.0),
    }
}

/// Sets both styles of a context from the tokens and shows `name`, whatever the system prefers.
pub fn apply(context: &egui::Context, name: ThemeName) {
    for (theme, its_name) in [
        (egui::Theme::Light, ThemeName::Light),
        (egui::Theme::Dark, ThemeName::Dark),
    ] {
        context.style_mut_of(theme, |style| {
            style.visuals = visuals(its_name);
            style.text_styles = text_styles();
        });
    }
    context.set_theme(match name {
        ThemeName::Light => egui::Theme::Light,
        ThemeName::Dark => egui::Theme::Dark,
    });
}

/// Returns the font of all text in charts: IBM Plex Sans, as on the page around them.
pub fn fonts() -> egui::FontDefinitions {
    const NAME: &str = "IBM Plex Sans";
    let mut fonts = egui::FontDefinitions::empty();
    let plex = egui::FontData::from_static(include_bytes!("../fonts/IBMPlexSans-Regular.ttf"));
    fonts.font_data.insert(NAME.to_owned(), plex.into());
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec![NAME.to_owned()]);
    }
    fonts
}

/// Returns the WCAG contrast of two opaque colors, from 1 to 21.
///
/// `(lighter + 0.05) / (darker + 0.05)` of the relative luminances, after WCAG 2.2.
///
/// ```
/// use apex_charts::theme::contrast;
/// use egui::Color32;
///
/// assert_eq!(contrast(Color32::BLACK, Color32::WHITE).round(), 21.0);
/// ```
pub fn contrast(one: Color32, other: Color32) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(color: Color32) -> f32 {
    let channel = |value: u8| {
        let value = f32::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
}

/// Blends the two stops around a place from 0 to 1; a place that is not a number reads as the start.
fn ramp(stops: &[Token], place: f64) -> Color32 {
    let last = stops.len() - 1;
    let position = place.clamp(0.0, 1.0) * last as f64;
    let below = (position as usize).min(last);
    let above = (below + 1).min(last);
    let share = (position - below as f64) as f32;
    let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
    let (a, b) = (stops[below].0, stops[above].0);
    Color32::from_rgb(mix(a.r(), b.r()), mix(a.g(), b.g()), mix(a.b(), b.b()))
}

fn visuals(name: ThemeName) -> Visuals {
    let theme = Theme::of(name);
    let mut visuals = match name {
        ThemeName::Light => Visuals::light(),
        ThemeName::Dark => Visuals::dark(),
    };
    let radius = CornerRadius::same(TOKENS.radius.get("sm").copied().unwrap_or(3));
    visuals.override_text_color = Some(theme.text.0);
    visuals.weak_text_color = Some(theme.text_muted.0);
    visuals.panel_fill = theme.surface.0;
    visuals.window_fill = theme.raised.0;
    visuals.window_stroke = Stroke::new(1.0, theme.border.0);
    visuals.window_corner_radius = radius;
    visuals.extreme_bg_color = theme.surface.0;
    visuals.faint_bg_color = theme.sunken.0;
    visuals.hyperlink_color = theme.accent.0;
    visuals.warn_fg_color = theme.warning.0;
    visuals.error_fg_color = theme.loss.0;
    visuals.selection.bg_fill = theme.selected.0;
    visuals.selection.stroke = Stroke::new(1.0, theme.accent.0);
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.bg_fill = theme.raised.0;
        widget.weak_bg_fill = theme.raised.0;
        widget.bg_stroke = Stroke::new(1.0, theme.border.0);
        widget.fg_stroke = Stroke::new(1.0, theme.text.0);
        widget.corner_radius = radius;
    }
    widgets.hovered.bg_fill = theme.hover.0;
    widgets.hovered.bg_stroke = Stroke::new(1.0, theme.border_strong.0);
    widgets.active.bg_fill = theme.selected.0;
    visuals
}

fn text_styles() -> BTreeMap<TextStyle, FontId> {
    let sizes = sizes();
    BTreeMap::from([
        (TextStyle::Small, FontId::proportional(sizes.table)),
        (TextStyle::Body, FontId::proportional(sizes.body)),
        (TextStyle::Button, FontId::proportional(sizes.body)),
        (TextStyle::Heading, FontId::proportional(sizes.title)),
        (TextStyle::Monospace, FontId::monospace(sizes.table)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG AA asks for 4.5 for text and 3 for graphics.
    #[test]
    fn text_and_signs_are_readable_on_every_surface_of_both_themes() {
        for name in [ThemeName::Light, ThemeName::Dark] {
            let theme = Theme::of(name);
            let surfaces = [
                theme.page,
                theme.surface,
                theme.raised,
                theme.sunken,
                theme.hover,
                theme.selected,
            ];
            let inks = [
                theme.text,
                theme.text_muted,
                theme.text_faint,
                theme.accent,
                theme.gain,
                theme.loss,
                theme.warning,
            ];
            for surface in surfaces {
                for ink in inks {
                    let ratio = contrast(ink.color(), surface.color());
                    assert!(ratio >= 4.5, "{name:?}: {ink:?} on {surface:?} is {ratio:.2}");
                }
            }
            for (ink, soft) in [
                (theme.gain, theme.gain_soft),
                (theme.loss, theme.loss_soft),
                (theme.warning, theme.warning_soft),
                (theme.accent, theme.accent_soft),
                (theme.on_accent, theme.accent),
                (theme.on_accent, theme.accent_hover),
            ] {
                let ratio = contrast(ink.color(), soft.color());
                assert!(ratio >= 4.5, "{name:?}: {ink:?} on {soft:?} is {ratio:.2}");
            }
            assert_eq!(theme.categorical.len(), 8);
            for line in &theme.categorical {
                let ratio = contrast(line.color(), theme.surface.color());
                assert!(ratio >= 3.0, "{name:?}: line {line:?} is {ratio:.2}");
            }
        }
    }

    #[test]
    fn a_figure_is_readable_in_every_cell_of_a_heat_map() {
        for name in [ThemeName::Light, ThemeName::Dark] {
            let theme = Theme::of(name);
            for step in 0..=100 {
                let place = f64::from(step) / 100.0;
                for fill in [theme.sequential(place), theme.diverging(place * 2.0 - 1.0)] {
                    let ratio = contrast(theme.text_on(fill), fill);
                    assert!(ratio >= 4.5, "{name:?} at {place}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn the_diverging_ramp_is_grey_at_zero() {
        for name in [ThemeName::Light, ThemeName::Dark] {
            let zero = Theme::of(name).diverging(0.0);
            let spread = zero.r().max(zero.g()).max(zero.b()) - zero.r().min(zero.g()).min(zero.b());
            assert!(spread <= 16, "{name:?}: {zero:?}");
        }
    }
}
