// How long a page makes somebody wait, with the processor slowed down as on an old laptop.

/** Slows the page's processor down by a factor. */
export async function throttle(page, rate = 4) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}

/**
 * The longest time from a key or a press to the next paint during some work, in ms: what Chromium reports of interactions, 0
 * where all took less than 16. Beside it the longest frame, for scrolling is no interaction.
 */
export async function waited(page, work) {
  await page.evaluate(() => {
    const state = { interaction: 0, frame: 0, ended: false };
    globalThis.speed = state;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.interactionId > 0) state.interaction = Math.max(state.interaction, entry.duration);
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: false });

    let last = performance.now();
    const look = (now) => {
      state.frame = Math.max(state.frame, now - last);
      last = now;
      if (!state.ended) requestAnimationFrame(look);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(look);
    });
  });
  await work();
  // Entries come after the paint they tell of.
  await page.waitForTimeout(500);
  return page.evaluate(() => {
    const { interaction, frame } = globalThis.speed;
    globalThis.speed.ended = true;
    return { interaction: Math.round(interaction), frame: Math.round(frame) };
  });
}
