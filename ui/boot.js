// Starts the pages. A file of its own, because the content policy allows no inline script.
import init from "./apex_ui.js";

init({ module_or_path: new URL("./apex_ui_bg.wasm", import.meta.url) });
