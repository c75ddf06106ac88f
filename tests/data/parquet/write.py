"""Writes the Parquet tables beside this file: each CSV file again, and one table with a column of every type.

Needs pandas 3.1.1 and pyarrow 26.0.1. The tests compare what an import makes of a CSV file with what it makes of the
table, so the types below differ from column to column on purpose.
"""

import datetime as dt
import decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

here = Path(__file__).parent


def text(name):
    return pd.read_csv(here / f"{name}.csv", dtype=str, keep_default_na=False)


def column(values, make, kind):
    return pa.array([None if value == "" else make(value) for value in values], kind)


def date(value):
    return dt.date.fromisoformat(value)


def moment(value):
    return dt.datetime.fromisoformat(value)


def utc_from_new_york(value):
    return moment(value) + dt.timedelta(hours=5)


def table(name, row_group_size=2, **columns):
    source = text(name)
    arrays = {heading: column(source[heading], *columns.get(heading, (str, pa.string()))) for heading in source}
    pq.write_table(pa.table(arrays), here / f"{name}.parquet", row_group_size=row_group_size)


category = (str, pa.dictionary(pa.int8(), pa.string()))

table(
    "transactions",
    portfolio=category,
    date=(date, pa.date32()),
    settle=(utc_from_new_york, pa.timestamp("us", tz="America/New_York")),
    seq=(int, pa.int16()),
    kind=category,
    quantity=(decimal.Decimal, pa.decimal128(20, 4)),
    price=(float, pa.float64()),
    fees=(decimal.Decimal, pa.decimal128(9, 2)),
    note=(str, pa.large_string()),
)
table(
    "positions",
    date=(moment, pa.timestamp("ms")),
    quantity=(int, pa.int64()),
    cost=(float, pa.float32()),
    currency=category,
    opened=(date, pa.date64()),
)
prices = pd.read_csv(here / "prices.csv", parse_dates=["date"])
prices["symbol"] = prices["symbol"].astype("category")
# Rows that were chosen keep their numbers, in a column of their own.
prices.set_axis([7, 9, 12]).to_parquet(here / "prices.parquet")
# An index comes last in the file.
pd.read_csv(here / "wide_prices.csv", parse_dates=["date"], index_col="date").to_parquet(here / "wide_prices.parquet")
table("fx", date=(date, pa.date32()), rate=(decimal.Decimal, pa.decimal128(12, 6)))
table("wide_fx", day=(str, pa.string()), EURUSD=(float, pa.float64()), CHFUSD=(float, pa.float64()))
table("flows", date=(date, pa.date32()), amount=(decimal.Decimal, pa.decimal128(12, 2)))

new_york = pa.timestamp("ms", tz="America/New_York")
types = {
    "date": pa.array([dt.date(2026, 1, 5), None, dt.date(1969, 12, 31)]),
    "date64": pa.array([dt.date(2026, 1, 5), None, None], pa.date64()),
    "midnight": pa.array([dt.datetime(2026, 1, 5), dt.datetime(2026, 7, 5), None], pa.timestamp("ns")),
    "moment": pa.array([dt.datetime(2026, 1, 5, 9, 30), dt.datetime(2026, 1, 5, 9, 30, 1, 500), None]),
    "second": pa.array([dt.datetime(2026, 1, 5, 9, 30), None, None], pa.timestamp("s")),
    "zone": pa.array([dt.datetime(2026, 1, 5, 5), dt.datetime(2026, 7, 5, 4), dt.datetime(2026, 7, 5, 15)], new_york),
    "offset": pa.array([dt.datetime(2026, 1, 4, 22), None, None], pa.timestamp("us", tz="+02:00")),
    "int8": pa.array([-128, 127, None], pa.int8()),
    "uint8": pa.array([255, 0, None], pa.uint8()),
    "int16": pa.array([-32768, 0, None], pa.int16()),
    "uint16": pa.array([65535, 0, None], pa.uint16()),
    "int64": pa.array([9007199254740993, -1, None], pa.int64()),
    "uint64": pa.array([18446744073709551615, 0, None], pa.uint64()),
    "float32": pa.array([0.1, -2.5, None], pa.float32()),
    "float64": pa.array([0.1 + 0.2, 1e-7, float("nan")], pa.float64()),
    "decimal": pa.array([decimal.Decimal("1234.50"), decimal.Decimal("-0.07"), None], pa.decimal128(20, 2)),
    "long": pa.array([decimal.Decimal("12345678901234567890123456789"), None, None], pa.decimal128(38, 0)),
    "boolean": pa.array([True, False, None]),
    "text": pa.array(['a,"b"', "two\nlines", None]),
    "category": pa.array(["buy", "sell", "buy"]).dictionary_encode(),
    "codes": pa.array([7, 8, 7]).dictionary_encode(),
    "bytes": pa.array([b"old", b"text", None]),
    "nothing": pa.nulls(3),
    "list": pa.array([[1], [2, 3], None]),
    "record": pa.array([{"a": 1}, {"a": 2}, None]),
    "time": pa.array([dt.time(9, 30), None, None], pa.time64("us")),
    "length": pa.array([dt.timedelta(days=1), None, None]),
    "__index_level_0__": pa.array([3, 4, 5]),
}
pq.write_table(pa.table(types), here / "types.parquet", row_group_size=2)
