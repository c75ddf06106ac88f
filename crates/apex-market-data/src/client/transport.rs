//! Sends one request and takes its answer: HTTP with the key joined to it, or a file.
//!
//! Redirects are not followed, since a key must not travel on; plain HTTP goes to this machine alone; an answer has a
//! longest length, counted after unpacking.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use apex_domain::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, RETRY_AFTER, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::Settings;
use crate::error::ProviderError;
use crate::record::Provider;
use crate::redact::{ApiKey, quotable};
use crate::request::{KeyPlace, Reply, Request, Target};

pub(super) struct Transport {
    /// The connections, or why there are none: a firm's own files are read without.
    http: Result<reqwest::Client, String>,
    body_max: usize,
    timeout: Duration,
}

/// Returns how TLS is spoken: with ring, and with the certificates that the system trusts, a firm's own among them.
///
/// # Errors
///
/// Says why the system's certificates cannot be read.
pub(crate) fn trust() -> Result<Arc<ClientConfig>, String> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map(|builder| Arc::new(builder.with_no_client_auth()))
        .map_err(|err| format!("the system's certificates could not be read: {err}"))
}

/// Returns whether what goes to an address can be read on its way by nobody else.
///
/// ```
/// use apex_market_data::client::is_private;
///
/// assert!(is_private(&"https://example.com".parse()?) && is_private(&"http://127.0.0.1:8080".parse()?));
/// assert!(!is_private(&"http://example.com".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn is_private(url: &Url) -> bool {
    let is_here = match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host
            .parse()
            .is_ok_and(|address: std::net::Ipv4Addr| address.is_loopback()),
        None => false,
    };
    matches!(url.scheme(), "https" | "wss") || is_here
}

impl Transport {
    pub(super) fn new(settings: &Settings) -> Self {
        let http = trust().and_then(|tls| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(ClientConfig::clone(&tls))
                .redirect(Policy::none())
                .timeout(settings.timeout)
                .user_agent(concat!("apex/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|err| quotable(&err.without_url().to_string()))
        });
        Self {
            http,
            body_max: settings.body_max,
            timeout: settings.timeout,
        }
    }

    pub(super) async fn send(
        &self,
        provider: Provider,
        key: Option<&ApiKey>,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, ProviderError> {
        match &request.target {
            Target::Http(url) => self.get(provider, key, url, request, now).await,
            Target::File(path) => match tokio::fs::read(path).await {
                Ok(body) => Ok(Reply {
                    status: 200,
                    body,
                    ..Reply::default()
                }),
                // A folder that is gone says nothing about the symbol.
                Err(err) if err.kind() == std::io::ErrorKind::NotFound && path.parent().is_some_and(Path::is_dir) => {
                    Ok(Reply {
                        status: 404,
                        ..Reply::default()
                    })
                }
                Err(err) => Err(ProviderError::Transport {
                    provider,
                    message: format!("{err}: {}", path.display()),
                }),
            },
        }
    }

    async fn get(
        &self,
        provider: Provider,
        key: Option<&ApiKey>,
        url: &Url,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, ProviderError> {
        let failed = |message: String| ProviderError::Transport { provider, message };
        if !is_private(url) {
            let host = url.host_str().unwrap_or_default();
            return Err(failed(format!("`{host}` is not asked without TLS")));
        }
        let (url, headers) = with_key(provider, key, url, request)?;
        let http = self.http.as_ref().map_err(|message| failed(message.clone()))?;
        let sent = http.get(url).headers(headers).send().await;
        let mut response = sent.map_err(|err| failed(self.reason(&err, key)))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|err| failed(self.reason(&err, key)))? {
            if body.len() + chunk.len() > self.body_max {
                return Err(failed(format!("its answer is longer than {} bytes", self.body_max)));
            }
            body.extend_from_slice(&chunk);
        }
        for secret in [key, request.cookie.as_ref(), request.crumb.as_ref()]
            .into_iter()
            .flatten()
        {
            body = secret.scrub(&body);
        }
        Ok(reply(&response, body, now))
    }

    /// Says what broke, without the address, since that may hold a key.
    fn reason(&self, err: &reqwest::Error, key: Option<&ApiKey>) -> String {
        if err.is_timeout() {
            return format!("it did not answer within {} seconds", self.timeout.as_secs_f64());
        }
        if err.is_connect() {
            return "there is no connection".to_owned();
        }
        if err.is_body() || err.is_decode() {
            return "its answer broke off".to_owned();
        }
        let mut deepest: &dyn std::error::Error = err;
        while let Some(source) = deepest.source() {
            deepest = source;
        }
        let text = deepest.to_string();
        let clean = key.map_or_else(|| text.clone().into_bytes(), |key| key.scrub(text.as_bytes()));
        quotable(&String::from_utf8_lossy(&clean))
    }
}

fn with_key(
    provider: Provider,
    key: Option<&ApiKey>,
    url: &Url,
    request: &Request,
) -> Result<(Url, HeaderMap), ProviderError> {
    let mut url = url.clone();
    let mut headers = HeaderMap::new();
    let secret = |text: &str| {
        let value = HeaderValue::from_str(text).map_err(|_| ProviderError::KeyRefused {
            provider,
            message: "it has characters that no key has".to_owned(),
        });
        value.map(|mut value| {
            value.set_sensitive(true);
            value
        })
    };
    match (request.key, key) {
        (KeyPlace::Nowhere, _) => {}
        (_, None) => {
            return Err(ProviderError::KeyRefused {
                provider,
                message: "none is set".to_owned(),
            });
        }
        (_, Some(key)) if key.is_empty() => {
            return Err(ProviderError::KeyRefused {
                provider,
                message: "none is set".to_owned(),
            });
        }
        (KeyPlace::Bearer, Some(key)) => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", key.expose()))?);
        }
        (KeyPlace::Query(name), Some(key)) => {
            url.query_pairs_mut().append_pair(name, key.expose());
        }
    }
    if let Some(cookie) = &request.cookie {
        headers.insert(COOKIE, secret(cookie.expose())?);
    }
    if let Some(crumb) = &request.crumb {
        url.query_pairs_mut().append_pair("crumb", crumb.expose());
    }
    Ok((url, headers))
}

fn reply(response: &Response, body: Vec<u8>, now: Timestamp) -> Reply {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = response.headers();
    Reply {
        status: response.status().as_u16(),
        retry_after_secs: headers
            .get(RETRY_AFTER)
            .and_then(text)
            .and_then(|value| retry_after(&value, now)),
        cookies: headers.get_all(SET_COOKIE).iter().filter_map(text).collect(),
        body,
    }
}

/// Reads `Retry-After`: seconds, or the date until which to wait.
fn retry_after(value: &str, now: Timestamp) -> Option<u64> {
    let value = value.trim();
    if let Ok(secs) = value.parse() {
        return Some(secs);
    }
    let until = DateTimeParser::new().parse_timestamp(value).ok()?;
    u64::try_from(until.duration_since(now).as_secs()).ok().or(Some(0))
}
