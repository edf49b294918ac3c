import './tabs.css';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useFormats } from '../i18n';

/** A tab: a route of the page. */
export interface Tab {
  href: string;
  text: ReactNode;
  /** How many things are in it. */
  count?: number | null;
}

/** Tabs that are routes: links, so that they open in other windows and Back goes back. The longest path that fits is the one. */
export function Tabs({ name, tabs }: { name: string; tabs: readonly Tab[] }) {
  const [location] = useLocation();
  const formats = useFormats();
  const fits = ({ href }: Tab) => {
    const path = href.split(/[?#]/)[0] as string;
    return location === path || location.startsWith(`${path}/`);
  };
  const current = tabs.filter(fits).sort((a, b) => b.href.length - a.href.length)[0];
  return (
    <nav className="tabs" aria-label={name}>
      {tabs.map((tab) => (
        <Link key={tab.href} href={tab.href} aria-current={tab === current ? 'page' : undefined}>
          {tab.text}
          {tab.count != null && <span className="tab-count num">{formats.number(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}
