/** Puts a popover below its anchor, or above where there is no room, within the window. Style by the DOM: the policy allows it. */
export function place(popover: HTMLElement, anchor: HTMLElement, align: 'start' | 'end' = 'start', stretch = false): void {
  const at = anchor.getBoundingClientRect();
  const gap = 4;
  if (stretch) popover.style.minWidth = `${at.width}px`;
  const { width, height } = popover.getBoundingClientRect();

  const wished = align === 'start' ? at.left : at.right - width;
  const left = Math.min(Math.max(wished, 8), innerWidth - width - 8);
  const below = innerHeight - at.bottom - gap;
  const above = height > below && at.top > below;
  popover.style.left = `${Math.max(left, 8)}px`;
  popover.style.top = above ? `${Math.max(8, at.top - gap - height)}px` : `${at.bottom + gap}px`;
  popover.style.maxHeight = `${(above ? at.top : below) - gap - 8}px`;
}
