import './card.css';
import { useId, type ReactNode } from 'react';
import { classes } from './classes';

/** A group of things that belong together, with a heading that names it, meta data and what can be done. */
export function Card({
  title,
  count,
  meta,
  actions,
  pad,
  level = 2,
  tone,
  id,
  children,
}: {
  title?: ReactNode;
  /** How many things are in it. */
  count?: ReactNode;
  meta?: ReactNode;
  actions?: ReactNode;
  /** Space around the content; lists and tables go to the edge. */
  pad?: boolean;
  level?: 2 | 3;
  tone?: 'warn' | 'bad';
  id?: string;
  children?: ReactNode;
}) {
  const heading = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section className={classes('card', tone && `edge-${tone}`)} id={id} aria-labelledby={title ? heading : undefined}>
      {title && (
        <header>
          <Heading id={heading}>{title}</Heading>
          {count !== undefined && <span className="pill idle bare num">{count}</span>}
          {(meta || actions) && <span className="grow" />}
          {meta && <span className="small t3">{meta}</span>}
          {actions}
        </header>
      )}
      {pad ? <div className="pad">{children}</div> : children}
    </section>
  );
}
