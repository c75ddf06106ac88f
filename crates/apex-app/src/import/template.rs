//! How files of one source are read, kept under a name or in a map file.

use std::collections::BTreeMap;

use apex_wire::import::{ColumnMapping, Format, ImportKind};
use serde::{Deserialize, Serialize};

use super::ImportError;
use super::columns::known;

/// How a file of one source is read: a document of the book, and the content of the file given to `--map`.
///
/// Its TOML is a contract: keys are added, never renamed.
///
/// ```toml
/// kind = "transactions"
///
/// [format]
/// encoding = "windows-1252"
/// delimiter = ";"
/// decimal = ","
/// date = "DD.MM.YYYY"
///
/// [columns]              # canonical column = heading in the file
/// quantity = "Stück"
///
/// [fixed]                # canonical column = value of every row
/// currency = "EUR"
///
/// [kinds]                # word in the file = kind
/// Kauf = "buy"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What the file holds.
    pub kind: ImportKind,
    /// How it is read; detected where absent.
    #[serde(default)]
    pub format: Format,
    /// Headings by canonical column.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Values of every row by canonical column.
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
    /// Kinds by the words of the file, beyond those that are known anyway.
    #[serde(default)]
    pub kinds: BTreeMap<String, String>,
}

impl Template {
    /// Keeps how a file was read.
    pub fn new(kind: ImportKind, format: Format, mapping: &[ColumnMapping]) -> Self {
        let used = mapping.iter().filter(|one| !one.target.is_empty());
        let (fixed, columns): (Vec<_>, Vec<_>) = used.partition(|one| one.fixed.is_some());
        Self {
            kind,
            format,
            columns: columns
                .into_iter()
                .map(|one| (one.target.clone(), one.source.clone()))
                .collect(),
            fixed: fixed
                .into_iter()
                .map(|one| (one.target.clone(), one.fixed.clone().unwrap_or_default()))
                .collect(),
            kinds: BTreeMap::new(),
        }
    }

    /// Reads the file given to `--map`.
    ///
    /// # Errors
    /// When it is not TOML of this form, or names a column that the kind does not have.
    pub fn from_toml(text: &str) -> Result<Self, ImportError> {
        let template: Self = toml::from_str(text).map_err(|err| ImportError::Template {
            reason: err.message().to_owned(),
        })?;
        for name in template.columns.keys().chain(template.fixed.keys()) {
            known(template.kind, name)?;
        }
        Ok(template)
    }

    /// Returns the text of a file for `--map`.
    ///
    /// # Errors
    /// Never for templates that were read or made here.
    pub fn to_toml(&self) -> Result<String, ImportError> {
        toml::to_string(self).map_err(|err| ImportError::Template {
            reason: err.to_string(),
        })
    }

    /// Tells whether a file has every heading the template names.
    pub fn fits(&self, kind: ImportKind, headings: &[String]) -> bool {
        self.kind == kind && !self.columns.is_empty() && self.columns.values().all(|heading| headings.contains(heading))
    }

    /// Returns the mapping of a file's headings.
    ///
    /// # Errors
    /// When the file lacks a heading that the template names.
    pub fn mapping(&self, headings: &[String]) -> Result<Vec<ColumnMapping>, ImportError> {
        let missing = self.columns.values().find(|heading| !headings.contains(heading));
        if let Some(heading) = missing {
            return Err(ImportError::NoHeading {
                heading: heading.clone(),
                headings: headings.join(", "),
            });
        }
        let target = |heading: &String| {
            self.columns
                .iter()
                .find(|(_, source)| *source == heading)
                .map(|(name, _)| name)
        };
        let mut mapping: Vec<ColumnMapping> = headings
            .iter()
            .map(|heading| ColumnMapping {
                source: heading.clone(),
                target: target(heading).cloned().unwrap_or_default(),
                fixed: None,
            })
            .collect();
        mapping.extend(self.fixed.iter().map(|(name, value)| ColumnMapping {
            source: String::new(),
            target: name.clone(),
            fixed: Some(value.clone()),
        }));
        Ok(mapping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_survives_its_file_and_names_what_it_does_not_know() {
        let text = "kind = \"transactions\"\n[format]\ndecimal = \",\"\n[columns]\nquantity = \"Stück\"\n[fixed]\n\
                    currency = \"EUR\"\n[kinds]\nKauf = \"buy\"\n";
        let template = Template::from_toml(text).unwrap();
        assert_eq!(Template::from_toml(&template.to_toml().unwrap()).unwrap(), template);
        let headings = ["Tag".to_owned(), "Stück".to_owned()];
        assert!(template.fits(ImportKind::Transactions, &headings));
        let mapping = template.mapping(&headings).unwrap();
        assert_eq!(
            mapping.iter().map(|one| one.target.as_str()).collect::<Vec<_>>(),
            ["", "quantity", "currency"]
        );
        let err = Template::from_toml("kind = \"fx\"\n[columns]\nquantity = \"x\"\n").unwrap_err();
        assert_eq!(
            err.to_string(),
            "there is no column quantity; columns are date, from, to, pair, rate"
        );
    }
}
