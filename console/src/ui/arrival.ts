let arrived = false;

/** Somebody went to another page; its heading takes the focus when it is there. */
export function announceArrival(): void {
  arrived = true;
}

/** Whether the heading has to take the focus: once for each arrival, and not for the page that was opened first. */
export function consumeArrival(): boolean {
  const was = arrived;
  arrived = false;
  return was;
}
