//! Addresses taken apart, and answers written: packed, broken or refused.

use std::io::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;

use super::{Answer, Asked, Fault};

pub(super) fn too_many(retry_after: Option<&'static str>) -> Response {
    let body =
        r#"{"status":"ERROR","error":"You've exceeded the maximum requests per minute, please wait or upgrade."}"#;
    let mut response = (StatusCode::TOO_MANY_REQUESTS, body).into_response();
    if let Some(text) = retry_after {
        let value = header::HeaderValue::from_static(text);
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// Writes an answer, packed if the client takes that, and broken if the fault wants that.
pub(super) fn write(answer: Answer, asked: &Asked<'_>) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let whole = Bytes::from(answer.body);
    let half = whole.slice(..whole.len() / 2);
    if asked.fault == Fault::Closed {
        let broken = std::io::Error::other("closed");
        // The pause lets what was written go out before the connection breaks.
        let ends = async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(broken)
        };
        let parts = futures::stream::iter([Ok(half)]).chain(futures::stream::once(ends));
        return (status, Body::from_stream(parts)).into_response();
    }
    let body = if asked.fault == Fault::Truncated { half } else { whole };
    let accepted = asked.headers.get(header::ACCEPT_ENCODING);
    let takes_gzip = accepted
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let mut response = match takes_gzip.then(|| gzip(&body)).flatten() {
        Some(packed) => ([(header::CONTENT_ENCODING, "gzip")], packed).into_response(),
        None => body.into_response(),
    };
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(cookie) = answer.cookie {
        let cookie = header::HeaderValue::from_static(cookie);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(body).ok()?;
    packer.finish().ok()
}

pub(super) fn pairs(uri: &Uri) -> Vec<(String, String)> {
    let query = uri.query().unwrap_or_default();
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (unescape(name), unescape(value))
        })
        .collect()
}

pub(super) fn decoded(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(unescape).collect()
}

/// Undoes the escapes of an address.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits =
                    [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
                if let [Some(high), Some(low)] = digits {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                }
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
