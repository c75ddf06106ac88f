//! Whole numbers in few bits, and the bytes of a chunk one after the other.

use rust_decimal::Decimal;

use super::{ChunkError, malformed};

/// Below this, whole numbers are exact in floating point.
const EXACT: i128 = 1 << 53;
/// Below and at this exponent, powers of ten are exact in floating point.
pub(super) const EXPONENT_MAX: i8 = 22;
/// The widest column: what is left of two numbers of 53 bits, folded.
const WIDTH_MAX: u32 = 56;
const FOLDED: u8 = 128;
const PLACE_BITS: u32 = 9;

/// Returns values as whole numbers of the largest power of ten that divides them all; `None` where they do not fit.
pub(super) fn ticks(values: &[Decimal]) -> Option<(i8, Vec<i64>)> {
    let scale = values.iter().map(|value| value.normalize().scale()).max().unwrap_or(0);
    if scale > u32::from(EXPONENT_MAX.unsigned_abs()) {
        return None;
    }
    let mut ticks = Vec::with_capacity(values.len());
    for value in values {
        let value = value.normalize();
        let mantissa = value
            .mantissa()
            .checked_mul(10_i128.checked_pow(scale - value.scale())?)?;
        if mantissa.abs() >= EXACT {
            return None;
        }
        ticks.push(i64::try_from(mantissa).ok()?);
    }
    let mut exponent = -i8::try_from(scale).ok()?;
    if scale == 0 && ticks.iter().any(|tick| *tick != 0) {
        while ticks.iter().all(|tick| tick % 10 == 0) {
            ticks.iter_mut().for_each(|tick| *tick /= 10);
            exponent += 1;
        }
    }
    Some((exponent, ticks))
}

const fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn unfold(code: u64) -> i64 {
    (code >> 1) as i64 ^ -((code & 1) as i64)
}

const fn width(code: u64) -> u32 {
    u64::BITS - code.leading_zeros()
}

/// Puts the bytes of a chunk together.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn mask(&mut self, bits: impl Iterator<Item = bool>) {
        let mut stream = Stream::default();
        bits.for_each(|bit| stream.put(u64::from(bit), 1));
        self.0.extend(stream.finish());
    }

    pub(super) fn plain(&mut self, value: Decimal) {
        let mantissa = value.mantissa();
        let mut folded = ((mantissa << 1) ^ (mantissa >> 127)) as u128;
        self.byte(value.scale() as u8);
        while folded >= 0x80 {
            self.byte(folded as u8 | 0x80);
            folded >>= 7;
        }
        self.byte(folded as u8);
    }

    pub(super) fn column(&mut self, values: impl Iterator<Item = i64>) {
        let values: Vec<i64> = values.collect();
        let folded = values.iter().any(|value| *value < 0);
        let codes: Vec<u64> = values
            .iter()
            .map(|value| if folded { fold(*value) } else { *value as u64 })
            .collect();
        let (bits, wide_bits) = choose(&codes);
        let wide: Vec<(usize, u64)> = codes
            .iter()
            .enumerate()
            .filter(|(_, code)| width(**code) > bits)
            .map(|(place, code)| (place, code >> bits))
            .collect();
        self.byte(bits as u8 | if folded { FOLDED } else { 0 });
        self.byte(wide.len() as u8);
        if !wide.is_empty() {
            self.byte(wide_bits as u8);
        }
        let mut stream = Stream::default();
        codes.iter().for_each(|code| stream.put(code & low(bits), bits));
        self.0.extend(stream.finish());
        let mut stream = Stream::default();
        for (place, high) in wide {
            stream.put(place as u64, PLACE_BITS);
            stream.put(high, wide_bits);
        }
        self.0.extend(stream.finish());
    }
}

/// How many bits each number gets, and how many more the widest needs: what takes the least room.
fn choose(codes: &[u64]) -> (u32, u32) {
    let mut counts = [0_usize; 65];
    for code in codes {
        counts[width(*code) as usize] += 1;
    }
    let widest = codes.iter().map(|code| width(*code)).max().unwrap_or(0);
    let room = |bits: u32| {
        let wide: usize = counts[bits as usize + 1..].iter().sum();
        let each = PLACE_BITS + widest - bits;
        (wide <= usize::from(u8::MAX)).then_some(codes.len() * bits as usize + wide * each as usize)
    };
    let bits = (0..=widest).filter_map(|bits| Some((room(bits)?, bits))).min();
    let bits = bits.map_or(widest, |(_, bits)| bits);
    (bits, widest - bits)
}

const fn low(bits: u32) -> u64 {
    (1 << bits) - 1
}

/// Bits on their way into bytes, the lowest first.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    held: u128,
    bits: u32,
}

impl Stream {
    fn put(&mut self, value: u64, bits: u32) {
        self.held |= u128::from(value) << self.bits;
        self.bits += bits;
        while self.bits >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.bits -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.bits > 0 {
            self.bytes.push(self.held as u8);
        }
        self.bytes
    }
}

/// Takes the bytes of a chunk apart.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn slice(&mut self, len: usize) -> Result<&'a [u8], ChunkError> {
        let (slice, rest) = self.0.split_at_checked(len).ok_or(malformed("it ends too soon"))?;
        self.0 = rest;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ChunkError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(malformed("it ends too soon"))?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn byte(&mut self) -> Result<u8, ChunkError> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, ChunkError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn i64(&mut self) -> Result<i64, ChunkError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(super) fn exponent(&mut self) -> Result<i8, ChunkError> {
        let exponent = self.byte()? as i8;
        if exponent.unsigned_abs() > EXPONENT_MAX.unsigned_abs() {
            return Err(malformed("an exponent is out of range"));
        }
        Ok(exponent)
    }

    /// Reads one bit a row, and returns the rows whose bit is set.
    pub(super) fn mask(&mut self, count: usize, rows: &mut Vec<u16>) -> Result<(), ChunkError> {
        let bits = self.slice(count.div_ceil(8))?;
        rows.extend(
            (0..count)
                .filter(|row| bits[row / 8] >> (row % 8) & 1 == 1)
                .map(|row| row as u16),
        );
        Ok(())
    }

    pub(super) fn plain(&mut self) -> Result<Decimal, ChunkError> {
        let scale = self.byte()?;
        let (mut folded, mut shift) = (0_u128, 0);
        loop {
            let byte = self.byte()?;
            folded |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift += 7;
            if shift > 98 {
                return Err(malformed("a number is too long"));
            }
        }
        let mantissa = (folded >> 1) as i128 ^ -((folded & 1) as i128);
        Decimal::try_from_i128_with_scale(mantissa, scale.into()).map_err(|_| malformed("a number is too large"))
    }

    /// Reads a column of so many numbers.
    pub(super) fn column(&mut self, count: usize, out: &mut Vec<i64>) -> Result<(), ChunkError> {
        let Column {
            bits,
            folded,
            wide_bits,
            low_bytes,
            wide,
            wide_bytes,
        } = self.column_bytes(count)?;
        out.clear();
        out.resize(count, 0);
        unpack(low_bytes, bits, out);
        let each = PLACE_BITS + wide_bits;
        for at in 0..wide {
            let from = at * each as usize;
            let place = bits_at(wide_bytes, from, PLACE_BITS) as usize;
            let high = bits_at(wide_bytes, from + PLACE_BITS as usize, wide_bits) as i64;
            *out.get_mut(place).ok_or(malformed("a place is out of range"))? |= high << bits;
        }
        if folded {
            for value in out {
                *value = unfold(*value as u64);
            }
        }
        Ok(())
    }

    /// Passes over a column of so many numbers.
    pub(super) fn skip_column(&mut self, count: usize) -> Result<(), ChunkError> {
        self.column_bytes(count)?;
        Ok(())
    }

    fn column_bytes(&mut self, count: usize) -> Result<Column<'a>, ChunkError> {
        let kind = self.byte()?;
        let (bits, folded) = (u32::from(kind & !FOLDED), kind & FOLDED != 0);
        let wide = usize::from(self.byte()?);
        let wide_bits = if wide > 0 { u32::from(self.byte()?) } else { 0 };
        if bits + wide_bits > WIDTH_MAX {
            return Err(malformed("a number is too wide"));
        }
        Ok(Column {
            bits,
            folded,
            wide_bits,
            low_bytes: self.slice((count * bits as usize).div_ceil(8))?,
            wide,
            wide_bytes: self.slice((wide * (PLACE_BITS + wide_bits) as usize).div_ceil(8))?,
        })
    }
}

/// A column before it is unpacked.
struct Column<'a> {
    bits: u32,
    folded: bool,
    wide_bits: u32,
    low_bytes: &'a [u8],
    wide: usize,
    wide_bytes: &'a [u8],
}

/// Reads numbers of up to 56 bits each; there are bytes for all of them.
fn unpack(bytes: &[u8], bits: u32, out: &mut [i64]) {
    let done = unpack_groups(bytes, bits, out);
    for (at, value) in out.iter_mut().enumerate().skip(done) {
        *value = bits_at(bytes, at * bits as usize, bits) as i64;
    }
}

/// Reads as many numbers as whole groups reach without looking beyond the bytes, and returns how many.
fn unpack_groups(bytes: &[u8], bits: u32, out: &mut [i64]) -> usize {
    macro_rules! by_width {
        ($($bits:literal)*) => {
            match bits {
                $($bits => unpack_groups_of::<$bits>(bytes, out),)*
                _ => 0,
            }
        };
    }
    // Widths that prices and volumes have; the loop of each has its shifts worked out beforehand.
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36)
}

fn unpack_groups_of<const BITS: usize>(bytes: &[u8], out: &mut [i64]) -> usize {
    let (groups, _) = out.as_chunks_mut::<8>();
    let mut done = 0;
    for (at, group) in groups.iter_mut().enumerate() {
        // Eight numbers take as many bytes as each takes bits, and are read as words that reach beyond.
        let Some(window) = bytes.get(at * BITS..).and_then(|bytes| bytes.first_chunk::<40>()) else {
            break;
        };
        for (at, value) in group.iter_mut().enumerate() {
            let (byte, shift) = (at * BITS / 8, at * BITS % 8);
            let word: [u8; 8] = std::array::from_fn(|at| window[byte + at]);
            *value = (u64::from_le_bytes(word) >> shift & low(BITS as u32)) as i64;
        }
        done += 8;
    }
    done
}

/// Reads up to 56 bits that start anywhere; those behind the end are zero.
fn bits_at(bytes: &[u8], bit: usize, bits: u32) -> u64 {
    let from = bytes.get(bit / 8..).unwrap_or_default();
    let word = match from.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => {
            let mut word = [0; 8];
            word[..from.len()].copy_from_slice(from);
            u64::from_le_bytes(word)
        }
    };
    word >> (bit % 8) & low(bits)
}
