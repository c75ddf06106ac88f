//! How long help is set: every paragraph, definition and command within the width that all terminals have, so that
//! nothing breaks it again. The words are those of the texts; only their lines change.

/// The columns of a line. One of 80 is broken again by what prints it.
const WIDTH: usize = 79;

/// What is being gathered from lines that belong together.
enum Block {
    /// Running text.
    Paragraph(Vec<String>),
    /// A term and what it means; the meaning hangs at a column.
    Definition { head: String, words: Vec<String> },
}

impl Block {
    fn set(self) -> String {
        match self {
            Self::Paragraph(words) => filled("", 0, &words),
            Self::Definition { head, words } => {
                let hang = head.chars().count();
                filled(&head, hang, &words)
            }
        }
    }
}

/// Sets a text of paragraphs, definitions and commands.
///
/// A line that is not indented is part of a paragraph. One with a gap of two spaces inside is a definition, and lines
/// indented as deep as its meaning go on with it. Any other indented line stands for itself, as commands do.
pub(crate) fn laid_out(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        let indent = line.chars().take_while(|sign| *sign == ' ').count();
        let words = || line.split_whitespace().map(str::to_owned);
        match &mut open {
            Some(Block::Definition { head, words: known }) if indent > 0 && indent == head.chars().count() => {
                known.extend(words());
                continue;
            }
            Some(Block::Paragraph(known)) if indent == 0 && !line.is_empty() && gap(line).is_none() => {
                known.extend(words());
                continue;
            }
            _ => {}
        }
        lines.extend(open.take().map(Block::set));
        if line.is_empty() {
            lines.push(String::new());
        } else if let Some((head, meaning)) = gap(line) {
            open = Some(Block::Definition {
                head: head.to_owned(),
                words: meaning.split_whitespace().map(str::to_owned).collect(),
            });
        } else if indent == 0 {
            open = Some(Block::Paragraph(words().collect()));
        } else {
            lines.push(command(line, indent));
        }
    }
    lines.extend(open.take().map(Block::set));
    lines.join("\n")
}

/// Cuts a line after the first gap of two spaces behind its first word: the term with its gap, and the meaning.
fn gap(line: &str) -> Option<(&str, &str)> {
    let start = line.len() - line.trim_start().len();
    let at = start + line.get(start..)?.find("  ")?;
    let meaning = line.get(at..)?.trim_start();
    (!meaning.is_empty()).then(|| line.split_at(line.len() - meaning.len()))
}

/// Fills lines with words, the first one after `head`, the others at the column `hang`.
fn filled(head: &str, hang: usize, words: &[String]) -> String {
    let mut text = head.to_owned();
    let mut column = head.chars().count();
    let mut is_first = true;
    for word in words {
        let length = word.chars().count();
        if !is_first && column + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(hang));
            column = hang;
        } else if !is_first {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
        is_first = false;
    }
    text
}

/// Sets a command; one that is too long goes on in the next line, as a shell takes it.
fn command(line: &str, indent: usize) -> String {
    let mut text = String::new();
    let mut rest = line;
    let mut margin = 0;
    while margin + rest.chars().count() > WIDTH {
        let mut quote = None;
        // A line ends before an option or the next command of a pipe, so that an option keeps its value.
        let (mut part, mut word) = (None, None);
        for (column, (at, sign)) in rest.char_indices().enumerate() {
            match quote {
                None if matches!(sign, '"' | '\'') => quote = Some(sign),
                Some(open) if open == sign => quote = None,
                _ => {}
            }
            // Two columns are for the mark that the command goes on.
            if sign == ' ' && quote.is_none() && column > indent && margin + column + 2 <= WIDTH {
                let next = rest.get(at + 1..).unwrap_or_default();
                let starts = next.starts_with("--") || next.starts_with("| ");
                let before = if starts { &mut part } else { &mut word };
                *before = Some(at);
            }
        }
        let Some((line, more)) = part.or(word).map(|at| rest.split_at(at)) else {
            break;
        };
        text.push_str(&format!("{}{line} \\\n", " ".repeat(margin)));
        margin = indent + 4;
        rest = more.trim_start();
    }
    text.push_str(&" ".repeat(margin));
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_definitions_hang_and_commands_go_on() {
        let text = "\
A paragraph that is written in lines of a hundred and twenty columns, as code is, and that has to be read in eighty of them,
which most terminals have.

First steps:
  apex instruments add ACME --name \"Acme Corp\" --kind equity --currency USD --sector Industrials --country US
  echo '[{\"instrument\": \"american\", \"S\": 100, \"K\": 110, \"T\": 1}]' | apex price - --json --threads 4
  symbol, price         what it is called, and what was paid for one of it in the currency of the transaction,
                        without charges
Prices       symbol, date
FX           date, from, to, rate";
        let expected = "\
A paragraph that is written in lines of a hundred and twenty columns, as code
is, and that has to be read in eighty of them, which most terminals have.

First steps:
  apex instruments add ACME --name \"Acme Corp\" --kind equity --currency USD \\
      --sector Industrials --country US
  echo '[{\"instrument\": \"american\", \"S\": 100, \"K\": 110, \"T\": 1}]' \\
      | apex price - --json --threads 4
  symbol, price         what it is called, and what was paid for one of it in
                        the currency of the transaction, without charges
Prices       symbol, date
FX           date, from, to, rate";
        assert_eq!(laid_out(text), expected);
        assert_eq!(laid_out(expected), expected, "what is set stays as it is");
    }
}
