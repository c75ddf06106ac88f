//! Choices of a menu, which files name: each type lists its values in `ALL` with their names in files and their words.

/// Gives types with such a list the ways from a value to its name and words, and back.
macro_rules! choices {
    ($($choice:ty),+) => {
        $(impl $choice {
            /// Returns the name in files.
            pub fn name(self) -> &'static str {
                Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |found| found.1)
            }

            /// Returns the name as people read it.
            pub fn words(self) -> &'static str {
                Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |found| found.2)
            }

            /// Returns the value of a name in files.
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, known, _)| *known == name).map(|found| found.0)
            }
        })+
    };
}
pub(crate) use choices;
