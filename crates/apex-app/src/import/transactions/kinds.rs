//! The words for kinds that exports use beside our own.

use apex_domain::TransactionKind;

/// Reads a kind, in our own word or in one of an export.
pub(crate) fn read_kind(word: &str) -> Option<TransactionKind> {
    use TransactionKind as Kind;

    if let Ok(kind) = word.parse() {
        return Some(kind);
    }
    let word = word.trim().to_lowercase();
    let kind = match word.as_str() {
        "b" | "bot" | "kauf" | "wertpapierkauf" | "achat" | "reinvest shares" | "reinvestment" => Kind::Buy,
        "s" | "sld" | "verkauf" | "wertpapierverkauf" | "vente" => Kind::Sell,
        "dividende" | "dividends" | "qualified dividend" | "cdiv" | "div received" | "ausschüttung" => Kind::Dividend,
        "zinsen" | "int" | "bank interest" | "credit interest" | "interest income" | "broker interest received" => {
            Kind::Interest
        }
        "einzahlung" | "gutschrift" | "ach deposit" | "wire in" | "deposits" | "funds received" => Kind::Deposit,
        "auszahlung" | "ach withdrawal" | "wire out" | "withdrawals" | "funds sent" => Kind::Withdrawal,
        "gebühr" | "gebühren" | "service fee" | "management fee" | "adr fee" => Kind::Fee,
        "steuer" | "steuern" | "quellensteuer" | "nra tax" | "foreign tax" | "foreign tax paid" => Kind::Tax,
        "einlieferung" | "einbuchung" | "shares in" | "journaled shares in" => Kind::TransferIn,
        "auslieferung" | "ausbuchung" | "shares out" | "journaled shares out" => Kind::TransferOut,
        "aktiensplit" | "forward split" | "reverse split" | "spl" => Kind::Split,
        "kupon" | "bond interest" => Kind::BondCoupon,
        "tilgung" | "full redemption" => Kind::BondRedemption,
        _ if word.starts_with("you bought") => Kind::Buy,
        _ if word.starts_with("you sold") => Kind::Sell,
        _ if word.starts_with("dividend received") => Kind::Dividend,
        _ => return None,
    };
    Some(kind)
}
