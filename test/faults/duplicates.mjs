// @ts-check
/** Counts what the inboxes dropped. A killed worker takes its counters with it, so they are read all the time. */

const METRIC = /^inbox_duplicates_total\{[^}]*\} (\d+)/gm;

export class Duplicates {
  total = 0;
  /** @type {Map<string, number>} */
  #last = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {string[]} apiUrls */
  constructor(apiUrls) {
    this.apiUrls = apiUrls;
  }

  /** What was counted before is not of this seed. */
  async start() {
    await this.read();
    this.total = 0;
    this.#timer = setInterval(() => void this.read(), 1_500);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async read() {
    await Promise.all(
      this.apiUrls.map(async (url) => {
        const text = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(3_000) }).then(
          (response) => response.text(),
          () => null,
        );
        if (text === null) return;
        const now = [...text.matchAll(METRIC)].reduce((sum, [, count]) => sum + Number(count), 0);
        const last = this.#last.get(url) ?? 0;
        // Less than before: a worker died, and another counts from zero.
        this.total += now >= last ? now - last : now;
        this.#last.set(url, now);
      }),
    );
  }
}
