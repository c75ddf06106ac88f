"""Writes exchanges.txt from the Python package exchange_calendars 4.13.2 (Apache-2.0, the Quantopian and later authors).

    pip install exchange_calendars==4.13.2 'pandas<3'    (with pandas 3 it loses Tel Aviv's weeks)
    python exchanges.py > exchanges.txt
"""

import datetime as dt

import exchange_calendars as calendars
import pandas as pd

EXCHANGES = (
    "XNYS XNAS XLON XETR XPAR XAMS XBRU XLIS XMIL XMAD XSWX XSTO XCSE XHEL XOSL XWBO XDUB XWAR "
    "XTSE BVMF XMEX XASX XNZE XTKS XHKG XSHG XKRX XTAI XSES XBOM XJSE XTAE"
).split()
# Days on which exchanges did not open although the package says so: typhoon Saola and the rainstorm after it in Hong Kong,
# municipal elections in Israel. Prices of those days do not exist.
CLOSED_BESIDES = {
    "XHKG": [dt.date(2023, 9, 1), dt.date(2023, 9, 8)],
    "XTAE": [dt.date(2024, 2, 27)],
}
STARTS = ["1990-01-01", "1991-01-01", "1997-01-01", "1998-01-01", "2000-01-01", "2005-01-01"]
ENDS = ["2027-12-31", "2026-12-31"]


def calendar(mic):
    """Returns the calendar over the longest stretch that the package knows."""
    # The package says itself that it checked Tel Aviv against the exchange for 2019 to 2026 only.
    for start in ["2019-01-01"] if mic == "XTAE" else STARTS:
        for end in ENDS:
            try:
                return calendars.get_calendar(mic, start=start, end=end), start, end
            except Exception:
                continue
    raise SystemExit(f"no calendar of {mic}")


def clock(stamp, zone):
    return stamp.tz_convert(zone).strftime("%H:%M")


def by_year(name, items):
    years = {}
    for day, text in items:
        years.setdefault(day.year, []).append(day.strftime("%m%d") + text)
    for year in sorted(years):
        print(name, year, *years[year])


def main():
    for mic in EXCHANGES:
        found, start, end = calendar(mic)
        schedule = found.schedule
        hours = {}
        for day, row in schedule.iterrows():
            if day.date() in CLOSED_BESIDES.get(mic, []):
                continue
            hours[day.date()] = clock(row["open"], found.tz) + "-" + clock(row["close"], found.tz)
        print("exchange", mic, found.tz, start, end)
        usual, last_hours, last_week = {}, None, None
        for year in range(int(start[:4]), int(end[:4]) + 1):
            of_year = [text for day, text in hours.items() if day.year == year]
            usual[year] = max(sorted(set(of_year)), key=of_year.count)
            if usual[year] != last_hours:
                last_hours = usual[year]
                print("hours", year, last_hours)
        # The days of the week on which the exchange is open as a rule, by year.
        week = {}
        for year in usual:
            counts = [0] * 7
            for day in hours:
                if day.year == year:
                    counts[day.weekday()] += 1
            week[year] = "".join("1" if count > 25 else "0" for count in counts)
            if week[year] != last_week:
                last_week = week[year]
                print("week", year, last_week)
        closed, extra = [], []
        day, stop = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
        while day <= stop:
            usually = week[day.year][day.weekday()] == "1"
            if usually and day not in hours:
                closed.append((day, ""))
            if not usually and day in hours:
                extra.append((day, ""))
            day += dt.timedelta(days=1)
        by_year("closed", closed)
        by_year("extra", extra)
        by_year("special", [(day, "=" + text) for day, text in hours.items() if text != usual[day.year]])


print("# Sessions of exchanges, written by exchanges.py from the Python package exchange_calendars", calendars.__version__)
print("# (Apache-2.0). Times are the exchange's own; lunch breaks and auctions are left out.")
main()
