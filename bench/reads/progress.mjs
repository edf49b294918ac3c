// What the run is doing, on standard error: standard output is the report.
const began = performance.now();

export function progress(text) {
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.error(`${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${text}`);
}
