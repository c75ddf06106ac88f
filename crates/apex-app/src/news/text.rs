//! Plain text of what a stranger wrote: no tags, no entities, nothing that hides or turns other text around, and of a length
//! that a page can show. And links that are links.

use apex_market_data::live::Url;

/// The longest link.
const LINK_MAX: usize = 2_000;
/// Tags whose contents are not text.
const NOT_TEXT: [&str; 2] = ["script", "style"];

/// Returns the plain text of a headline or summary, at most `characters_max` long; none where nothing is left.
pub(super) fn plain(text: &str, characters_max: usize) -> Option<String> {
    // Some write entities of entities, so that tags appear once they are read.
    let text = without_tags(&decoded(&without_tags(text)));
    let mut clean = String::with_capacity(text.len());
    let mut needs_space = false;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            needs_space = !clean.is_empty();
        } else if !is_hidden(character) {
            if std::mem::take(&mut needs_space) {
                clean.push(' ');
            }
            clean.push(character);
        }
    }
    if clean.chars().count() > characters_max {
        clean = clean.chars().take(characters_max.saturating_sub(1)).collect();
        clean.truncate(clean.trim_end().len());
        clean.push('…');
    }
    (!clean.is_empty()).then_some(clean)
}

/// Returns a link to a page of the web; none for anything else, and for one that carries a name or password.
pub(super) fn link(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > LINK_MAX {
        return None;
    }
    let url: Url = text.parse().ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.username().is_empty() && url.password().is_none();
    (is_web && is_bare).then(|| url.to_string())
}

/// Returns whether a character shows nothing, or changes how others are shown: directions, joiners, tags, marks of order.
const fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Leaves out tags and comments, a space in the place of each, and what stands in scripts and styles. A `<` that begins no
/// tag stays: `5 < 6`.
fn without_tags(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        clean.push_str(&rest[..at]);
        let tag = &rest[at + 1..];
        let begins = tag.chars().next();
        if !begins.is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '/' | '!' | '?')) {
            clean.push('<');
            rest = tag;
            continue;
        }
        clean.push(' ');
        let end = if tag.starts_with("!--") { "-->" } else { ">" };
        let Some(length) = tag.find(end) else {
            // A tag that never ends takes all that follows.
            return clean;
        };
        let name: String = tag.chars().take_while(char::is_ascii_alphabetic).collect();
        rest = &tag[length + end.len()..];
        if NOT_TEXT.iter().any(|not_text| name.eq_ignore_ascii_case(not_text)) {
            rest = after_closing(rest, &name);
        }
    }
    clean.push_str(rest);
    clean
}

/// Returns what follows the tag that closes a script or style; nothing where none does.
fn after_closing<'a>(text: &'a str, name: &str) -> &'a str {
    let closing = format!("</{}", name.to_ascii_lowercase());
    // Lower case of ASCII letters keeps every byte in its place.
    let Some(at) = text.to_ascii_lowercase().find(&closing) else {
        return "";
    };
    text[at..].split_once('>').map_or("", |(_, rest)| rest)
}

/// Reads entities: those with numbers, and the names that news has. What is none stays as it is.
fn decoded(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        clean.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let name = tail
            .split_once(';')
            .map(|(name, _)| name)
            .filter(|name| name.len() <= 10);
        match name.and_then(|name| Some((name, entity(name)?))) {
            Some((name, character)) => {
                clean.push(character);
                rest = &tail[name.len() + 1..];
            }
            None => {
                clean.push('&');
                rest = tail;
            }
        }
    }
    clean.push_str(rest);
    clean
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "hellip" => '…',
        "bull" => '•',
        "middot" => '·',
        "euro" => '€',
        "pound" => '£',
        "yen" => '¥',
        "cent" => '¢',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "times" => '×',
        "frac12" => '½',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(raw: &str, clean: &str) {
        assert_eq!(plain(raw, 200).unwrap_or_default(), clean, "{raw}");
    }

    #[test]
    fn tags_entities_and_tricks_are_taken_out() {
        check("<p>Apple <b>beats</b>&nbsp;estimates</p>", "Apple beats estimates");
        check("AT&amp;T &#8212; up 5&#x25;", "AT&T — up 5%");
        check("&lt;script&gt;alert(1)&lt;/script&gt;Shares rise", "Shares rise");
        check("a<script>if (a < b) { steal() }</SCRIPT >b", "a b");
        check("P/E < 10 and R&D > 5%", "P/E < 10 and R&D > 5%");
        check("cut <img src=x onerror=", "cut");
        check("a <!-- > hidden --> b", "a b");
        // A right-to-left override turns `gpj.exe` around; zero-width spaces split words that are searched for.
        check("photo\u{202E}gpj.exe and pass\u{200B}word", "photogpj.exe and password");
        check("one\r\n\ttwo\u{0000}three\u{2028}four", "one two three four");
        check(" \u{FEFF}<br> ", "");
    }

    #[test]
    fn long_texts_end_with_an_ellipsis() {
        assert_eq!(plain("abcdef", 6).as_deref(), Some("abcdef"));
        assert_eq!(plain("abcd efg", 6).as_deref(), Some("abcd…"));
    }

    #[test]
    fn links_are_of_the_web_and_carry_no_name() {
        assert_eq!(
            link(" https://news.example/a?b=1 ").as_deref(),
            Some("https://news.example/a?b=1")
        );
        for refused in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://apple.com@evil.example/",
            "//evil.example",
            "https://",
            "news",
        ] {
            assert_eq!(link(refused), None, "{refused}");
        }
        // What a browser would read as a tag's end is written as what it is.
        assert_eq!(
            link("https://news.example/\"><script>").as_deref(),
            Some("https://news.example/%22%3E%3Cscript%3E")
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_plain_short_and_stays_as_it_is(raw in "(<|>|&|;|#|script|/|!|-|[a-z ]|\\PC|\u{202E}){0,80}") {
            if let Some(clean) = plain(&raw, 40) {
                prop_assert!(clean.chars().count() <= 40);
                prop_assert!(!clean.chars().any(|one| one.is_control() || is_hidden(one)));
                prop_assert!(!clean.starts_with(' ') && !clean.ends_with(' ') && !clean.contains("  "));
                prop_assert!(!clean.to_ascii_lowercase().contains("<script"));
            }
        }
    }
}
