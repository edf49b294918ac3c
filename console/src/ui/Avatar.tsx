import './avatar.css';
import { useState } from 'react';
import { classes } from './classes';

/**
 * The last two characters of the name: DingTalk's pictures are on other hosts, which the page doesn't ask, unless
 * `src` is an address of this server.
 */
export function Avatar({ name, src, large }: { name: string; src?: string | null; large?: boolean }) {
  const [broken, setBroken] = useState(false);
  const shown = src && !broken && new URL(src, location.href).origin === location.origin;
  return (
    <span className={classes('avatar', large && 'large')} aria-hidden="true" translate="no">
      {shown ? <img src={src} alt="" onError={() => setBroken(true)} /> : initials(name)}
    </span>
  );
}

/** 王静雯: 静雯. Jane Doe: JD. Bob: Bo. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const latin = /^[\p{Script=Latin}]/u.test(name.trim());
  if (latin && words.length > 1) return words.slice(0, 2).map((word) => [...word][0]?.toUpperCase()).join('');
  return [...name.trim()].slice(...(latin ? [0, 2] : [-2])).join('');
}
