// Alternating rounds: whatever else the machine does falls on everybody.

/** Runs `measure(contender)` in turn; gives the list of each contender's results by key. */
export async function alternate(contenders, rounds, measure) {
  const results = Object.fromEntries(contenders.map(({ key }) => [key, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Nobody always follows the same one.
    const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]);
    for (const contender of order) results[contender.key].push(await measure(contender));
  }
  return results;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of each figure of the rounds. */
export function medians(results) {
  return Object.fromEntries(Object.keys(results[0]).map((name) => [name, median(results.map((one) => one[name]))]));
}
