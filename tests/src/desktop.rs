//! The built window, driven as a person would: on a display, a session bus and a data folder of its own.
//!
//! A scenario asks [`Desktop::open`] for a window and gets none where no program was named, so that a quick `cargo test`
//! needs no display. `cargo xtask test` names it in `APEX_E2E_BINARY`, and then everything missing is a failure. By hand:
//!
//! ```text
//! cargo xtask ui && cargo build --package apex-desktop
//! APEX_E2E_BINARY=target/debug/apex-desktop cargo test --package apex-tests desktop
//! ```
//!
//! Pictures go to `APEX_E2E_SCREENSHOTS`, else to `screenshots` in the target folder.

mod machine;

pub use machine::Machine;

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    key::Key,
};
use hyper_util::client::legacy::connect::HttpConnector;
use machine::PASSPHRASE;
use serde_json::{Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a step may take before the scenario fails. Generous: debug builds on a busy build server.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(50);

/// An open window.
pub struct Desktop {
    client: Client,
    scenario: &'static str,
    /// How the window is started.
    options: Value,
    /// Dropped last: it ends the window's processes and removes its files.
    machine: Machine,
}

impl Desktop {
    /// Opens the window on a new demo firm, or returns `None` where no program is named.
    pub async fn open(scenario: &'static str) -> Option<Self> {
        Self::start(scenario, &["--demo"]).await
    }

    /// Opens the window on an empty data folder, as somebody with a book of their own does.
    pub async fn open_empty(scenario: &'static str) -> Option<Self> {
        Self::start(scenario, &[]).await
    }

    async fn start(scenario: &'static str, arguments: &[&str]) -> Option<Self> {
        let binary = binary()?;
        Some(Self::on(Machine::start().await, scenario, &binary, arguments).await)
    }

    /// Opens the window on a machine, with the data that is there.
    pub async fn on(machine: Machine, scenario: &'static str, binary: &Path, arguments: &[&str]) -> Self {
        let options = json!({ "binary": binary, "args": arguments });
        let client = connect(&machine, &options).await;
        Self {
            client,
            scenario,
            options,
            machine,
        }
    }

    /// Makes an empty book at the first run, and puts its recovery key off.
    pub async fn begin_book(&self, name: &str) {
        self.fill("field-passphrase", PASSPHRASE).await;
        self.fill("field-passphrase-again", PASSPHRASE).await;
        self.fill("field-book-name", name).await;
        self.click("create-empty").await;
        self.click("recovery-later").await;
        self.wait_until_gone("recovery-later").await;
    }

    /// Closes the window and opens it again on the same data.
    pub async fn reopen(self) -> Self {
        let Self {
            client,
            scenario,
            options,
            machine,
        } = self;
        client.close().await.expect("the window closes");
        let client = connect(&machine, &options).await;
        Self {
            client,
            scenario,
            options,
            machine,
        }
    }

    /// Closes the window. A scenario ends with it, and one that fails before is cleaned up all the same.
    pub async fn close(self) {
        self.client.close().await.expect("the window closes");
    }

    /// Returns the folder of the window's data.
    pub fn data(&self) -> PathBuf {
        self.machine.data()
    }

    /// Returns what the window and the programs around it said.
    pub fn log(&self) -> String {
        self.machine.log()
    }

    /// Waits until the web browser was told to open a page, and returns the address.
    pub async fn opened_page(&self) -> String {
        let opened = async {
            loop {
                if let Some((address, _)) = self.machine.opened_pages().split_once('\n') {
                    return address.to_owned();
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        match tokio::time::timeout(PATIENCE, opened).await {
            Ok(address) => address,
            Err(_) => self.fail("no page was opened in the web browser").await,
        }
    }

    /// Waits until the element is there and returns it.
    pub async fn wait_for(&self, test_id: &str) -> Element {
        let css = by_test_id(test_id);
        match self
            .client
            .wait()
            .at_most(PATIENCE)
            .every(GLANCE)
            .for_element(Locator::Css(&css))
            .await
        {
            Ok(element) => element,
            Err(error) => self.fail(&format!("{test_id} did not appear: {error}")).await,
        }
    }

    /// Waits until the element is gone.
    pub async fn wait_until_gone(&self, test_id: &str) {
        let script = "return document.querySelector(arguments[0]) === null";
        self.wait_until(&format!("{test_id} stayed"), script, vec![json!(by_test_id(test_id))])
            .await;
    }

    /// Waits until the element's text contains `text`.
    pub async fn wait_for_text(&self, test_id: &str, text: &str) {
        let script = "const found = document.querySelector(arguments[0]); \
                      return found !== null && found.innerText.includes(arguments[1])";
        let what = format!("{test_id} did not come to show {text:?}");
        self.wait_until(&what, script, vec![json!(by_test_id(test_id)), json!(text)])
            .await;
    }

    /// Waits until a script returns true.
    pub async fn wait_until(&self, what: &str, script: &str, arguments: Vec<Value>) {
        let until = async {
            while self.execute(script, arguments.clone()).await != Value::Bool(true) {
                tokio::time::sleep(GLANCE).await;
            }
        };
        if tokio::time::timeout(PATIENCE, until).await.is_err() {
            self.fail(what).await;
        }
    }

    /// Clicks the element, once it is there.
    pub async fn click(&self, test_id: &str) {
        let element = self.wait_for(test_id).await;
        if let Err(error) = element.click().await {
            self.fail(&format!("{test_id} cannot be clicked: {error}")).await;
        }
    }

    /// Types into the element after what it holds.
    pub async fn type_into(&self, test_id: &str, text: &str) {
        let element = self.wait_for(test_id).await;
        if let Err(error) = element.send_keys(text).await {
            self.fail(&format!("{test_id} takes no text: {error}")).await;
        }
    }

    /// Replaces what the field holds, as hands do: everything is marked, and typing goes over it.
    ///
    /// WebDriver's own clearing sends no input event, so a page would put the old text back.
    pub async fn fill(&self, test_id: &str, text: &str) {
        let mark_all: String = [Key::Control.into(), 'a', Key::Null.into()].into_iter().collect();
        self.type_into(test_id, &mark_all).await;
        self.type_into(test_id, text).await;
    }

    /// Chooses the option of a list by its value.
    pub async fn choose(&self, test_id: &str, value: &str) {
        let element = self.wait_for(test_id).await;
        if let Err(error) = element.select_by_value(value).await {
            self.fail(&format!("{test_id} has no option {value:?}: {error}")).await;
        }
    }

    /// Gives a file to a file field, as its dialog would.
    pub async fn choose_file(&self, test_id: &str, path: &Path) {
        self.type_into(test_id, path.to_str().expect("test files are named in UTF-8"))
            .await;
    }

    /// Presses keys together, such as `[Key::Control.into(), 'k']`, where the focus is.
    pub async fn press(&self, keys: &[char]) {
        let down = keys.iter().map(|key| KeyAction::Down { value: *key });
        let up = keys.iter().rev().map(|key| KeyAction::Up { value: *key });
        let actions = down
            .chain(up)
            .fold(KeyActions::new("keyboard".to_owned()), |actions, action| {
                actions.then(action)
            });
        if let Err(error) = self.client.perform_actions(actions).await {
            self.fail(&format!("the keys {keys:?} cannot be pressed: {error}"))
                .await;
        }
    }

    /// Presses a key with the modifier of the palette and other shortcuts.
    pub async fn shortcut(&self, key: char) {
        self.press(&[Key::Control.into(), key]).await;
    }

    /// Returns the element's text, once it is there.
    pub async fn text(&self, test_id: &str) -> String {
        let element = self.wait_for(test_id).await;
        element.text().await.expect("an element has a text")
    }

    /// Returns the texts of all elements with this test id, from top to bottom.
    pub async fn texts(&self, test_id: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText)";
        let texts = self.execute(script, vec![json!(by_test_id(test_id))]).await;
        serde_json::from_value(texts).expect("texts are texts")
    }

    /// Returns what a field holds.
    pub async fn value(&self, test_id: &str) -> String {
        let element = self.wait_for(test_id).await;
        element
            .prop("value")
            .await
            .expect("a field has a value")
            .unwrap_or_default()
    }

    /// Runs a script in the page and returns what it returns.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Value {
        match self.client.execute(script, arguments).await {
            Ok(value) => value,
            Err(error) => panic!("{}: the script {script:?} failed: {error}", self.scenario),
        }
    }

    /// Runs a script that takes its time: it gets a function after its arguments and calls it with what it returns.
    pub async fn execute_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        match self.client.execute_async(script, arguments).await {
            Ok(value) => value,
            Err(error) => panic!("{}: the script {script:?} failed: {error}", self.scenario),
        }
    }

    /// Gives the window another size.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client
            .set_window_size(width, height)
            .await
            .expect("the window can be resized");
    }

    /// Writes a picture of the window, and returns where.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        // What the page holds is on the glass two frames later. Where no graphics device puts layers together, WebKit
        // takes a picture only when it next paints, so a dot nobody can see is painted for a while.
        let painted = "const done = arguments[0]; \
                       const dot = document.body.appendChild(document.createElement('i')); \
                       const paint = left => { \
                           dot.style = `position: fixed; width: 1px; height: 1px; background: rgb(0 0 0 / ${left % 2}%)`; \
                           left > 0 ? setTimeout(paint, 50, left - 1) : dot.remove(); \
                       }; \
                       paint(40); \
                       requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.client
            .execute_async(painted, Vec::new())
            .await
            .expect("the window paints");
        let folder = screenshots();
        fs::create_dir_all(&folder).expect("the folder of the screenshots can be made");
        let path = folder.join(format!("{name}.png"));
        let picture = self.client.screenshot().await.expect("the window can be pictured");
        fs::write(&path, picture).expect("the screenshot can be written");
        path
    }

    /// Ends the scenario with what was seen instead of what was expected.
    pub async fn fail(&self, what: &str) -> ! {
        let picture = self.screenshot(&format!("failed-{}", self.scenario)).await;
        let script = "return (window.apexErrors || []).join('\\n') + '\\n' + document.body.innerText";
        let seen = self.client.execute(script, Vec::new()).await.unwrap_or_default();
        let seen = seen.as_str().unwrap_or_default();
        panic!(
            "{}: {what}\npicture: {}\nthe page shows:\n{seen}\nthe programs said:\n{}",
            self.scenario,
            picture.display(),
            self.log()
        );
    }
}

/// Returns the program under test, or `None` where none is named.
pub fn binary() -> Option<PathBuf> {
    let binary = PathBuf::from(env::var_os("APEX_E2E_BINARY")?);
    let binary = std::path::absolute(binary).expect("the program has an absolute path");
    assert!(
        binary.is_file(),
        "APEX_E2E_BINARY names {}, which is not there",
        binary.display()
    );
    Some(binary)
}

async fn connect(machine: &Machine, options: &Value) -> Client {
    let capabilities = serde_json::Map::from_iter([("webkitgtk:browserOptions".to_owned(), options.clone())]);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let connecting = builder.capabilities(capabilities);
    let url = machine.driver();
    match tokio::time::timeout(PATIENCE, connecting.connect(&url)).await {
        Ok(Ok(client)) => {
            // What the page reports as an error stands in the failure of a scenario.
            let listen = "window.apexErrors = []; const before = console.error; \
                          console.error = (...words) => { window.apexErrors.push(words.join(' ')); before(...words); }; \
                          window.addEventListener('error', event => \
                          window.apexErrors.push(event.message, event.error?.stack ?? ''))";
            client.execute(listen, Vec::new()).await.expect("the page listens");
            client
        }
        Ok(Err(error)) => panic!("the window did not open: {error}\n{}", machine.log()),
        Err(_) => panic!(
            "the window did not open within {} s\n{}",
            PATIENCE.as_secs(),
            machine.log()
        ),
    }
}

fn by_test_id(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}

fn screenshots() -> PathBuf {
    match env::var_os("APEX_E2E_SCREENSHOTS") {
        Some(folder) => folder.into(),
        // Test programs lie in target/debug/deps.
        None => {
            let program = env::current_exe().expect("a program knows where it is");
            program
                .ancestors()
                .nth(3)
                .expect("the target folder holds it")
                .join("screenshots")
        }
    }
}
