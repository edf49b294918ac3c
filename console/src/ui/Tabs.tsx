import './tabs.css';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useFormats } from '../i18n';

/** A tab: a route of the page. */
export interface Tab {
  href: string;
  text: ReactNode;
  /** How many things are in it. */
  count?: number | null;
}

/** So many pixels of the tab before the open one stay in sight: there are more. */
const LEFT_OVER = 40;

/** Tabs that are routes: links, so that they open in other windows and Back goes back. The longest path that fits is the one. */
export function Tabs({ name, tabs }: { name: string; tabs: readonly Tab[] }) {
  const [location] = useLocation();
  const formats = useFormats();
  const fits = ({ href }: Tab) => {
    const path = href.split(/[?#]/)[0] as string;
    return location === path || location.startsWith(`${path}/`);
  };
  const current = tabs.filter(fits).sort((a, b) => b.href.length - a.href.length)[0];

  // In a narrow window the tabs scroll sideways: the one that is open is in sight.
  const box = useRef<HTMLElement>(null);
  const open = current?.href;
  useEffect(() => {
    const tab = box.current?.querySelector('[aria-current]')?.getBoundingClientRect();
    const seen = box.current?.getBoundingClientRect();
    if (!tab || !seen || (tab.left >= seen.left && tab.right <= seen.right)) return;
    box.current?.scrollBy({ left: tab.left - seen.left - LEFT_OVER });
  }, [open]);
  return (
    <nav ref={box} className="tabs" aria-label={name}>
      {tabs.map((tab) => (
        <Link key={tab.href} href={tab.href} aria-current={tab === current ? 'page' : undefined}>
          {tab.text}
          {tab.count != null && <span className="tab-count num">{formats.number(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}
