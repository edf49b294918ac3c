import './page.css';
import { useEffect, useRef, type ReactNode } from 'react';
import { useLanguage } from '../i18n';
import { consumeArrival } from './arrival';

/** The page's one h1 with meta data and buttons. On a new route the focus comes here, so that a reader knows where they are. */
export function PageHead({
  title,
  meta,
  actions,
}: {
  title: string;
  /** Small and grey, beside the title. */
  meta?: ReactNode;
  actions?: ReactNode;
}) {
  const language = useLanguage();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (consumeArrival()) heading.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    document.title = language === 'zh' ? `${title}｜dingmirror` : `${title} | dingmirror`;
  }, [title, language]);

  return (
    <div className="page-head">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {meta && <span className="small t3">{meta}</span>}
      {actions && (
        <>
          <span className="grow" />
          <div className="row page-actions">{actions}</div>
        </>
      )}
    </div>
  );
}
