//! The two books of a data folder: the demo firm and the person's own. The one that was made first lies in the folder
//! itself, the other in a folder inside. Switching never loses the way back: the book that is left stays ready until
//! the other one is open.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use apex_store::{KeyFile, Mode, Store, StoreError, Unlock};
use apex_wire::Failure;
use apex_wire::preferences::GetPreferences;
use apex_wire::session::{BookKind, GetOtherBook, NewBook, Session, SwitchBook};

use crate::App;
use crate::app::{Opened, OpenedBook};
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::preferences;
use crate::state::State;

/// A book that was open when the other one was asked for.
#[derive(Debug)]
pub(crate) struct LeftBook {
    folder: PathBuf,
    book: Arc<OpenedBook>,
}

/// Where a book lies, or would lie.
struct Place {
    folder: PathBuf,
    kind: BookKind,
}

impl Place {
    fn inside(folder: &Path, kind: BookKind) -> Self {
        Self {
            folder: folder.join(folder_name(kind)),
            kind,
        }
    }

    /// Tells whether there is a book, be it one that does not open.
    fn has_book(&self) -> bool {
        !matches!(KeyFile::read(&self.folder), Err(StoreError::NoBook { .. }))
    }
}

/// The folder inside the data folder that the book has which was made second.
fn folder_name(kind: BookKind) -> &'static str {
    match kind {
        BookKind::Demo => "demo",
        BookKind::Own => "book",
    }
}

fn kind_of(state: &State) -> BookKind {
    if state.standing_clock().is_some() {
        BookKind::Demo
    } else {
        BookKind::Own
    }
}

impl App {
    /// Opens the other book: the demo, or the desktop's own. Where there is none yet, it can be made then.
    ///
    /// # Errors
    /// When there is a book that cannot be opened; the one that was open stays open.
    pub async fn switch_book(&self, ask: SwitchBook, moment: &Moment) -> Result<Session, Failure> {
        let _writing = self.writer.lock().await;
        let wanted = if ask.demo { BookKind::Demo } else { BookKind::Own };
        if let Some(left) = self.take_left(|left| kind_of(&left.book.state()) == wanted) {
            self.set_book_folder(left.folder);
            self.set_opened(Opened::Book(left.book));
            self.remember_folder()?;
            return Ok(self.session()?);
        }
        let is_open = matches!(self.opened(), Opened::Book(_));
        match self.other_place() {
            Some(place) if place.kind == wanted && (is_open || place.has_book()) => {
                Ok(self.open_in(place.folder, moment).await?)
            }
            _ => Ok(self.open_current(moment).await?),
        }
    }

    /// Says which book there is beside the one that is open, or is to be opened or made here.
    ///
    /// # Errors
    /// Never; the signature is that of every call.
    pub fn get_other_book(&self, _ask: GetOtherBook) -> Result<Option<BookKind>, Failure> {
        Ok(self.other_place().filter(Place::has_book).map(|place| place.kind))
    }

    /// Opens the book of the data folder itself, whichever was open last.
    ///
    /// # Errors
    /// When there is a book that cannot be opened.
    pub async fn open_folder(&self, moment: &Moment) -> Result<Session, Failure> {
        Ok(self.open_current(moment).await?)
    }

    /// Goes to the book that was open when the program ended, where it still is.
    pub(crate) fn go_where_last(&self) -> Result<(), Failure> {
        let last = self.get_preferences(GetPreferences {})?.book;
        let kinds = [BookKind::Demo, BookKind::Own].into_iter();
        let place = kinds
            .map(|kind| Place::inside(self.folder(), kind))
            .find(|place| folder_name(place.kind) == last && place.has_book());
        if let Some(place) = place {
            self.set_book_folder(place.folder);
        }
        Ok(())
    }

    pub(crate) async fn open_current(&self, moment: &Moment) -> Result<Session> {
        if let Opened::Book(_) = self.opened() {
            return self.session();
        }
        self.open_in(self.book_folder(), moment).await
    }

    /// Opens the book of a folder, or says what it takes to. Where it cannot be opened everything stays as it was.
    async fn open_in(&self, folder: PathBuf, moment: &Moment) -> Result<Session> {
        let keys = match KeyFile::read(&folder) {
            Ok(keys) => keys,
            Err(StoreError::NoBook { .. }) => {
                self.stand_before(folder, Opened::Nothing);
                return Ok(Session::FirstRun {
                    keyring: self.keyring().await.is_ok(),
                });
            }
            Err(err) => return Err(err.into()),
        };
        match keys.mode() {
            Mode::Passphrase => {
                self.stand_before(folder, Opened::Locked);
                Ok(Session::Locked)
            }
            Mode::Keyring => {
                let unlock = Unlock::Keyring(self.keyring().await?);
                let store = Store::open(&folder, &unlock, moment.entropy.clone()).await?;
                self.take(folder, store).await
            }
        }
    }

    /// Stands before a book that has to be unlocked or made. The one that is open stays ready.
    fn stand_before(&self, folder: PathBuf, opened: Opened) {
        if let Opened::Book(book) = self.opened() {
            let left = LeftBook {
                folder: self.book_folder(),
                book,
            };
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(left);
        }
        self.set_book_folder(folder);
        self.set_opened(opened);
    }

    /// Puts a book on the desk and closes what was open or left before it.
    pub(crate) async fn put_on_desk(&self, folder: PathBuf, book: OpenedBook) -> Result<()> {
        let left = self.take_left(|_| true).map(|left| left.book);
        let before = self.opened();
        self.set_book_folder(folder);
        self.set_opened(Opened::Book(Arc::new(book)));
        for book in left.into_iter().chain(before.into_book()) {
            // A book that does not close cleanly has lost nothing: its last pages are in the log beside it.
            let _ = book.close().await;
        }
        self.remember_folder()
    }

    /// Closes what is open and what was left.
    pub(crate) async fn close_all(&self) -> Result<()> {
        let left = self.take_left(|_| true).map(|left| left.book);
        let before = self.opened();
        self.set_opened(Opened::NotYet);
        for book in left.into_iter().chain(before.into_book()) {
            book.close().await?;
        }
        Ok(())
    }

    /// Refuses to make the same kind of book twice, and takes away what may stand in the way of a first one.
    pub(crate) fn make_room(&self, content: &NewBook) -> Result<()> {
        let kind = match content {
            NewBook::Demo => BookKind::Demo,
            NewBook::Empty(_) => BookKind::Own,
        };
        let other = self.other_place().filter(Place::has_book);
        if other.is_some_and(|other| other.kind == kind) {
            return Err(AppError::invalid(match kind {
                BookKind::Demo => "the demo firm is there already; go back to it",
                BookKind::Own => "your own book is there already; go back to it",
            }));
        }
        let folder = self.book_folder();
        if folder == self.folder() {
            // What is kept of the window is held in memory until there is a book to write it beside.
            self.hold_preferences();
            preferences::clear(&folder)?;
        }
        Ok(())
    }

    fn take_left(&self, wanted: impl Fn(&LeftBook) -> bool) -> Option<LeftBook> {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|left| wanted(left))
    }

    /// Returns where the book beside this one lies or would lie; none where that cannot be told yet.
    fn other_place(&self) -> Option<Place> {
        let (here, folder) = (self.book_folder(), self.folder());
        for kind in [BookKind::Demo, BookKind::Own] {
            if here == Place::inside(folder, kind).folder {
                return Some(Place {
                    folder: folder.to_owned(),
                    kind: kind.other(),
                });
            }
        }
        match self.opened() {
            Opened::Book(book) => Some(Place::inside(folder, kind_of(&book.state()).other())),
            // The book inside is what the one that is locked here is not.
            Opened::NotYet | Opened::Nothing | Opened::Locked => [BookKind::Demo, BookKind::Own]
                .into_iter()
                .map(|kind| Place::inside(folder, kind))
                .find(Place::has_book),
        }
    }

    /// Keeps which book is open, so that the next start opens it again.
    fn remember_folder(&self) -> Result<()> {
        let here = self.book_folder();
        let inside = [BookKind::Demo, BookKind::Own]
            .into_iter()
            .find(|kind| here == Place::inside(self.folder(), *kind).folder);
        self.keep_book(inside.map_or("", folder_name))
    }
}
