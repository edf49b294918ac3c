let pressed = false;
addEventListener('pointerdown', () => (pressed = true), { capture: true, passive: true });
for (const end of ['pointerup', 'pointercancel']) {
  addEventListener(end, () => (pressed = false), { capture: true, passive: true });
}

/**
 * Runs it, and if a pointer is down, after the click that it makes. A field is left when the pointer goes down on something
 * else; what appears then would push that away from under the pointer, and the click would go astray.
 */
export function afterPointer(run: () => void): void {
  if (!pressed) return run();
  const options = { capture: true, once: true };
  const later = () => {
    removeEventListener('pointerup', later, options);
    removeEventListener('pointercancel', later, options);
    setTimeout(run, 0);
  };
  addEventListener('pointerup', later, options);
  addEventListener('pointercancel', later, options);
  return undefined;
}
