/** Round numbers around the values, evenly apart, for the lines of a chart: 4,780 4,820 4,860. */
export function scaleOf(values: readonly number[], lines: number): number[] {
  if (values.length === 0) return [0, 1];
  const least = Math.min(...values);
  const most = Math.max(...values);
  let step = roundUp((most - least) / (lines - 1) || 1);
  for (;;) {
    const start = Math.floor(least / step) * step;
    if (start + step * (lines - 1) >= most) return Array.from({ length: lines }, (_, index) => start + index * step);
    step = roundUp(step + 1);
  }
}

/** The next of 1, 2, 4, 5, 10, 20, 40, 50, … */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const found = [1, 2, 4, 5, 10].find((each) => each * unit >= value) ?? 10;
  return found * unit;
}
