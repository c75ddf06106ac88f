//! Prepares what Tauri needs at compile time: the configuration, the icons and the pages of `ui/dist`.

fn main() {
    tauri_build::build();
}
