// Starts the pages. A file of its own, because the content policy allows no inline script.
//
// A defect stops the program of the pages for good, while the book lives on in the shell. So the pages start anew, on
// the page that was open, and say what happened; where that does not help, a sentence stands in their place.
import init from "./apex_ui.js";

const DEFECT = "apex-defect";
const LATELY_MS = 20_000;
const root = document.documentElement;

const restarted = sessionStorage.getItem(DEFECT);
if (restarted !== null) {
  root.dataset.defect = restarted;
  sessionStorage.removeItem(DEFECT);
}

const stopped = what => {
  if (performance.now() < LATELY_MS && restarted !== null) {
    document.body.innerHTML =
      '<div class="cover"><div class="state failed" role="alert"><p class="state-title">The pages stopped again</p>' +
      '<p class="state-next">The book is unharmed. Close the window and start Apex anew.</p></div></div>';
    return;
  }
  // The program's own words, where it had any left.
  sessionStorage.setItem(DEFECT, root.dataset.panic ?? `${what}\n${what.stack}`);
  location.reload();
};
const isDefect = what => what instanceof WebAssembly.RuntimeError;
addEventListener("error", event => isDefect(event.error) && stopped(event.error));
addEventListener("unhandledrejection", event => isDefect(event.reason) && stopped(event.reason));

init({ module_or_path: new URL("./apex_ui_bg.wasm", import.meta.url) });
