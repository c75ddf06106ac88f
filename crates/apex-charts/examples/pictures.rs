//! Writes a picture of every gallery sample in both themes: `cargo run -p apex-charts --example pictures -- FOLDER`.

use apex_charts::{ThemeName, gallery, picture};
use egui::{pos2, vec2};
use std::fs::File;
use std::io::{BufWriter, Error};
use std::path::PathBuf;

fn main() -> Result<(), Error> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/pictures".into()));
    std::fs::create_dir_all(&folder)?;
    for sample in gallery::samples() {
        for (name, theme) in [("light", ThemeName::Light), ("dark", ThemeName::Dark)] {
            let pointer = (sample.name != "empty").then(|| pos2(260.0, 150.0));
            let image = picture(&sample.data, vec2(640.0, 280.0), 1.5, theme, pointer);
            let file = BufWriter::new(File::create(folder.join(format!("{}-{name}.png", sample.name)))?);
            let mut encoder = png::Encoder::new(file, image.size[0] as u32, image.size[1] as u32);
            encoder.set_color(png::ColorType::Rgba);
            encoder.write_header()?.write_image_data(image.rgba())?;
        }
    }
    Ok(())
}
