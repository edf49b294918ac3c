/** Brings a row into sight and the cursor into it; a fold that it lies in opens. */
export function focusRow(name: string): boolean {
  const row = document.getElementById(name);
  if (row === null) return false;
  const fold = row.closest('details');
  if (fold) fold.open = true;
  const control = row.querySelector<HTMLElement>('[aria-invalid], .input, input:checked, input, button');
  row.scrollIntoView({ block: 'center' });
  control?.focus({ preventScroll: true });
  return true;
}
