// Watches the page from inside, so that nothing of WebDriver's own way is in a time. Loaded once into each window.
//
// The DOM counts as updated when the page shows what was asked for, nothing on it loads, is out of date or is being
// asked for, and its elements and text change no more. Charts paint later; their time is told apart.
(() => {
  // How long nothing may change before a switch counts as over.
  const QUIET_MS = 150;
  const PATIENCE_MS = 20000;
  // Timers come every 4 ms: a gap this long between two of them means that the page was at work.
  const WORK_MS = 12;

  const find = id => document.querySelector(`[data-testid="${id}"]`);
  const quiet = () =>
    document.querySelector('main .state.loading, main [data-stale="true"]') === null &&
    !find('status-bar').textContent.includes('asking');

  // Calls `heard` with each gap between two timers, until it is told to stop.
  const watchLoop = heard => {
    let last = performance.now();
    let goes = true;
    const turn = () => {
      const now = performance.now();
      heard(last, now);
      last = now;
      if (goes) setTimeout(turn, 0);
    };
    setTimeout(turn, 0);
    return () => { goes = false; };
  };

  // Clicks `button` and tells when `place` shows `words` (any, where null) with all its figures settled.
  const switchTo = (button, place, words, done) => {
    const there = () => {
      const found = find(place);
      return found !== null && (words === null || found.textContent === words) && quiet();
    };
    const within = (record, places) => {
      const element = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      return record.type !== 'attributes' && element !== null && element.closest(places) !== null;
    };
    const inMain = record => within(record, 'main');
    const ofPage = record => within(record, 'main, .title-bar') && !within(record, '.chart-fill');
    // Whether anything on the page changed at all; the name of a portfolio may be there before its figures.
    let changed = false;
    let updated = null;
    let worked = 0;
    let longest = 0;
    const frames = [];
    const observer = new MutationObserver(records => {
      // A chart says when its picture is drawn.
      if (records.some(record => record.attributeName === 'data-drawn')) worked = performance.now();
      const news = records.some(ofPage);
      changed ||= news && records.some(inMain);
      if (!changed || !there()) updated = null;
      else if (updated === null || news) updated = performance.now();
    });
    observer.observe(document.body, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['data-stale', 'data-drawn'],
    });
    let began = Infinity;
    let goes = true;
    const frame = () => {
      frames.push(performance.now());
      if (goes) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const stop = watchLoop((from, to) => {
      if (to < began) return;
      longest = Math.max(longest, to - Math.max(from, began));
      if (to - from >= WORK_MS) worked = to;
      const late = to - began > PATIENCE_MS;
      // What is drawn at the second frame after the change is on the glass.
      const [, second] = updated === null ? [] : frames.filter(at => at > updated);
      if (!late && (second === undefined || to - Math.max(second, worked) < QUIET_MS)) return;
      stop();
      goes = false;
      observer.disconnect();
      if (late) {
        const state = changed ? `${find(place)?.textContent.slice(0, 80)}, ${quiet() ? 'quiet' : 'not quiet'}` : 'nothing';
        done({ late: `${button} does not bring ${words || place}: ${state}` });
        return;
      }
      done({ updated: updated - began, painting: Math.max(second, worked) - updated, longest });
    });
    // In a task of its own, as a person's click comes.
    setTimeout(() => {
      began = performance.now();
      find(button).click();
    }, 20);
  };

  // Scrolls a grid from its top over a distance at an even pace, and tells every gap of the event loop and between
  // frames, and in how many frames a row in view had not come yet.
  const scroll = (grid, distance, duration, done) => {
    const element = find(grid);
    const body = element.querySelector('.grid-body');
    const height = element.clientHeight;
    const bottom = Math.min(distance, element.scrollHeight - height);
    const lineHeight = body.querySelector('.grid-row').offsetHeight;
    const gaps = [];
    const frames = [];
    let blank = 0;
    // Read without a layout of its own, which would be measured too.
    const isBlank = top => {
      const there = new Set();
      for (const row of body.children) if (!row.classList.contains('waiting')) there.add(Number(row.dataset.row));
      for (let row = Math.ceil(top / lineHeight); row < (top + height) / lineHeight - 3; row += 1) {
        if (!there.has(row)) return true;
      }
      return false;
    };
    const finish = () => {
      const ended = performance.now();
      const late = () => performance.now() - ended > PATIENCE_MS;
      const look = () => {
        const waits = body.querySelector('.waiting') !== null || !quiet();
        if (waits && !late()) setTimeout(look, 20);
        else setTimeout(() => done({ gaps, frames, blank, rows: rowsInView(element) }), QUIET_MS);
      };
      // The page hears of the last step with the next frame.
      requestAnimationFrame(() => requestAnimationFrame(look));
    };
    element.scrollTop = 0;
    // A moment of rest first, so that what came before is not counted.
    setTimeout(() => {
      const began = performance.now();
      let last = began;
      let top = 0;
      const stop = watchLoop((from, to) => gaps.push(to - from));
      const frame = () => {
        const now = performance.now();
        frames.push(now - last);
        last = now;
        if (isBlank(top)) blank += 1;
        const part = Math.min(1, (now - began) / duration);
        top = bottom * part;
        element.scrollTop = top;
        if (part < 1) requestAnimationFrame(frame);
        else {
          stop();
          finish();
        }
      };
      requestAnimationFrame(frame);
    }, 1000);
  };

  // The rows that a person sees: index, test id and the text of each cell.
  const rowsInView = element => {
    const box = element.getBoundingClientRect();
    const rows = [];
    for (const row of element.querySelectorAll('.grid-body > .grid-row:not(.waiting)')) {
      const at = row.getBoundingClientRect();
      if (at.bottom > box.top && at.top < box.bottom) {
        rows.push([Number(row.dataset.row), row.dataset.testid, [...row.children].map(cell => cell.textContent)]);
      }
    }
    return rows.sort((one, other) => one[0] - other[0]);
  };

  window.apexWatch = { switchTo, scroll };
})();
