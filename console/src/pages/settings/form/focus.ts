/** Where the cursor goes in a row: rather to what is wrong, or to what is chosen. */
const CONTROLS = ['[aria-invalid]', 'input:checked', '.input', 'input', 'button'];

/** Brings a row into sight and the cursor into it; a fold that it lies in opens. */
export function focusRow(name: string): boolean {
  const row = document.getElementById(name);
  if (row === null) return false;
  const fold = row.closest('details');
  if (fold) fold.open = true;
  const control = CONTROLS.map((which) => row.querySelector<HTMLElement>(which)).find((found) => found !== null);
  row.scrollIntoView({ block: 'center' });
  control?.focus({ preventScroll: true });
  return true;
}
