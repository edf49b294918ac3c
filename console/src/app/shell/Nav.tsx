import { Link, useLocation } from 'wouter';
import { useSession } from '../../data';
import { useFormats, useText } from '../../i18n';
import { Icon } from '../../ui/Icon';
import { RelativeTime } from '../../ui/RelativeTime';
import { messages } from '../messages';
import { PAGES, type PageName } from '../pages';
import { useShell } from './ShellContext';

/** The pages at the side; a rail of icons where there is less room. */
export function Nav() {
  const t = useText(messages);
  const current = useCurrentPage();
  const { shell } = useShell();
  const { expiresAt } = useSession();
  return (
    <nav className="nav" aria-label={t('nav')}>
      {PAGES.map(({ name, icon, load }) => (
        <Link
          key={name}
          href={`/${name}`}
          title={t(`nav.${name}`)}
          aria-current={current === name ? 'page' : undefined}
          onPointerEnter={() => void load()}
        >
          <Icon name={icon} />
          <span className="nav-name">{t(`nav.${name}`)}</span>
          <Badge page={name} />
        </Link>
      ))}
      <a href="/graphiql" title={t('nav.graphiql')}>
        <Icon name="code" />
        <span className="nav-name">{t('nav.graphiql')}</span>
      </a>
      <div className="nav-foot small t3">
        <p>{shell && t('version', { version: shell.version })}</p>
        {expiresAt && <p>{t.rich('token.ends', { when: <RelativeTime at={expiresAt} /> })}</p>}
      </div>
    </nav>
  );
}

/** The page that the address names. */
export function useCurrentPage(): string {
  const [location] = useLocation();
  return location.split('/')[1] ?? '';
}

/** What waits for a person there: never activity. */
export function Badge({ page }: { page: PageName }) {
  const t = useText(messages);
  const formats = useFormats();
  const { badges } = useShell();
  const count = {
    sync: badges?.heldRemovals?.totalCount ?? 0,
    matching: badges?.matchingCensus?.ambiguous ?? 0,
  }[page as 'sync' | 'matching'];
  if (!count) return null;
  return (
    <span className="badge num">
      <span aria-hidden="true">{formats.number(count)}</span>
      <span className="unseen">{t(`nav.badge.${page as 'sync' | 'matching'}`, { count })}</span>
    </span>
  );
}
