//! The person's own web browser, for addresses that came with news. The window itself never leaves its own pages.

use apex_wire::{Code, Failure};

/// Opens an address of the web.
pub(crate) fn open(address: &str) -> Result<(), Failure> {
    // What is no address of the web would be handed to some other program.
    if !(address.starts_with("https://") || address.starts_with("http://")) {
        let sentence = format!("{address} is no address of the web");
        return Err(Failure::new(Code::Invalid, sentence));
    }
    open::that_detached(address).map_err(|err| {
        let sentence = format!("no program of this machine opens {address}: {err}");
        Failure::new(Code::Unavailable, sentence)
    })
}
