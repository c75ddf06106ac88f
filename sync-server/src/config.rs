//! What the server must be told: a TOML file, and environment variables that win over it.

use serde::Deserialize;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use thiserror::Error;

/// The settings of one server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens; port 0 takes a free one and says which.
    pub listen: SocketAddr,
    /// How long requests under way may take after a stop was asked for.
    pub drain_seconds: u64,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written, as `RUST_LOG` has it.
    pub log: String,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Text,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            drain_seconds: 20,
            log_format: LogFormat::Json,
            log: "info".to_owned(),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the configuration {path} is not valid: {source}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Why, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A variable does not hold what it should.
    #[error("{name} is {value:?}, expected {expected}")]
    Variable {
        /// Which variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
}

impl Config {
    /// Returns the settings of a file, if there is one, with what the environment says instead.
    ///
    /// `variable` looks up an environment variable: `APEX_LISTEN`, `APEX_DRAIN_SECONDS`, `APEX_LOG_FORMAT`, `APEX_LOG`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or names a setting that does not exist, or a value is not what it should be.
    pub fn load(file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = match file {
            Some(path) => Self::from_file(path)?,
            None => Self::default(),
        };
        set(
            &variable,
            "APEX_LISTEN",
            "an address such as 0.0.0.0:8080",
            &mut config.listen,
            |text| text.parse().ok(),
        )?;
        set(
            &variable,
            "APEX_DRAIN_SECONDS",
            "whole seconds",
            &mut config.drain_seconds,
            |text| text.parse().ok(),
        )?;
        set(
            &variable,
            "APEX_LOG_FORMAT",
            "json or text",
            &mut config.log_format,
            |text| match text {
                "json" => Some(LogFormat::Json),
                "text" => Some(LogFormat::Text),
                _ => None,
            },
        )?;
        set(
            &variable,
            "APEX_LOG",
            "a filter such as info",
            &mut config.log,
            |text| Some(text.to_owned()),
        )?;
        Ok(config)
    }

    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| ConfigError::Invalid {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Returns how long requests under way may take after a stop was asked for.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

fn set<T>(
    variable: impl Fn(&str) -> Option<String>,
    name: &'static str,
    expected: &'static str,
    target: &mut T,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<(), ConfigError> {
    if let Some(value) = variable(name) {
        match parse(&value) {
            Some(parsed) => *target = parsed,
            None => return Err(ConfigError::Variable { name, value, expected }),
        }
    }
    Ok(())
}
