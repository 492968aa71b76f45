// @ts-check
/** Resolves at the first request to stop. A terminal's Ctrl-C reaches npm and us, and npm passes it on: later ones are swallowed. */
export function stopRequested() {
  return new Promise((resolve) => {
    for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => resolve(signal));
    }
    // Signals alone do not keep Node running.
    setInterval(() => {}, 2 ** 30);
  });
}
